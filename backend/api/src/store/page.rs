//! Reading the list: parallel queries of all shards, merged by the sort key.
//!
//! Each query asks for the shard's share of what is wanted and a little more. Ids distribute events
//! evenly, so nearly every page needs one query a shard. If all events of a shard are taken before
//! the page is full, only this shard is queried again. The cost of a page depends on its size, and
//! not on the number of events in the table.

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Event, SortKey};
use futures_util::future::try_join_all;

use super::item::{PROJECTION, RESERVED, SHARD, SORT, Stored};
use super::query_response::{self, QueryResponse};
use super::{EventStore, failed};
use crate::ApiError;
use crate::list_query::{ListQuery, Order, Range};

/// The name of the index.
const INDEX: &str = "byDate";

/// A page of the list.
#[derive(Debug)]
pub struct Page {
    pub events: Vec<Event>,
    /// The key of the last event, if more events follow it.
    pub continues_after: Option<SortKey>,
    /// See [`EventStore::read`].
    pub items_read: usize,
}

pub(super) async fn page(store: &EventStore, query: &ListQuery) -> Result<Page, ApiError> {
    let limit = query.limit();
    let mut events = Vec::with_capacity(limit);
    let mut more = false;
    // One more event than the page has shows that there is a next page.
    let take = |event| {
        more = events.len() == limit;
        if !more {
            events.push(event);
        }
        ControlFlow::Continue(())
    };
    let items_read = store.read(query, limit + 1, take).await?;
    let continues_after = events.last().filter(|_| more).map(SortKey::of);
    Ok(Page { events, continues_after, items_read })
}

/// See [`EventStore::read`].
pub(super) async fn read(
    store: &EventStore,
    query: &ListQuery,
    most: usize,
    mut take: impl FnMut(Event) -> ControlFlow<()>,
) -> Result<usize, ApiError> {
    let Some(bounds) = Bounds::of(query) else { return Ok(0) };
    let mut shards: Vec<Shard> = (0..store.shards).map(|_| Shard::default()).collect();
    let mut wanted = most;
    while wanted > 0 {
        // The next event is known only if every shard either shows its next one or has no more.
        if shards.iter().any(Shard::needs_query) {
            let share = share(wanted, shards.len());
            try_join_all(
                (0..)
                    .zip(&mut shards)
                    .filter(|(_, shard)| shard.needs_query())
                    .map(|(number, shard)| shard.fill(store, number, &bounds, query.order, share)),
            )
            .await?;
            continue;
        }
        let next = shards
            .iter_mut()
            .filter(|shard| !shard.events.is_empty())
            .min_by(|a, b| match query.order {
                Order::Asc => a.head().cmp(&b.head()),
                Order::Desc => b.head().cmp(&a.head()),
            })
            .and_then(|shard| shard.events.pop_front());
        let Some(Stored(event)) = next else { break };
        wanted -= 1;
        if take(event).is_break() {
            break;
        }
    }
    Ok(shards.iter().map(|shard| shard.items_read).sum())
}

/// The number of events to query from each of `shards` if `wanted` are lacking: the mean and two
/// standard deviations of the binomial distribution, so that few pages need a second query.
fn share(wanted: usize, shards: usize) -> usize {
    let mean = wanted.div_ceil(shards);
    let variance = mean * (shards - 1) / shards;
    mean + 2 * variance.isqrt()
}

/// The inclusive bounds of the sort keys of a query, for `BETWEEN`.
struct Bounds {
    low: String,
    high: String,
}

impl Bounds {
    /// `None` if no key is within the bounds: DynamoDB rejects a `BETWEEN` with `low` above `high`.
    fn of(query: &ListQuery) -> Option<Self> {
        let (mut low, mut high) = match query.range {
            Range::All => (SortKey::FIRST.to_owned(), SortKey::END.to_owned()),
            Range::Undated => (SortKey::UNDATED.to_owned(), SortKey::END.to_owned()),
            Range::Dates { from, to } => (
                from.map_or_else(|| SortKey::FIRST.to_owned(), SortKey::day_start),
                to.map_or_else(|| SortKey::UNDATED.to_owned(), SortKey::day_end),
            ),
        };
        match (query.after, query.order) {
            (None, _) => {}
            (Some(after), Order::Asc) => low = after.just_after(),
            (Some(after), Order::Desc) => high = after.just_before(),
        }
        (low <= high).then_some(Self { low, high })
    }
}

/// The state of reading one shard.
#[derive(Default)]
struct Shard {
    /// The events that are read but not yet on the page, in the order of the list.
    events: VecDeque<Stored>,
    remaining: Remaining,
    items_read: usize,
}

/// The part of a shard that is not read yet.
#[derive(Default)]
enum Remaining {
    #[default]
    All,
    /// The events after this key of the index.
    After(HashMap<String, AttributeValue>),
    Nothing,
}

impl Shard {
    fn needs_query(&self) -> bool {
        self.events.is_empty() && !matches!(self.remaining, Remaining::Nothing)
    }

    fn head(&self) -> Option<SortKey> {
        self.events.front().map(|Stored(event)| SortKey::of(event))
    }

    async fn fill(
        &mut self,
        store: &EventStore,
        number: u32,
        bounds: &Bounds,
        order: Order,
        limit: usize,
    ) -> Result<(), ApiError> {
        let start = match std::mem::take(&mut self.remaining) {
            Remaining::After(key) => Some(key),
            Remaining::All | Remaining::Nothing => None,
        };
        let names = [("#shard", SHARD), ("#sort", SORT)].into_iter().chain(RESERVED);
        let names = names.map(|(placeholder, name)| (placeholder.to_owned(), name.to_owned()));
        let output = store
            .client
            .query()
            .table_name(&store.table)
            .index_name(INDEX)
            .key_condition_expression("#shard = :shard AND #sort BETWEEN :low AND :high")
            .projection_expression(PROJECTION)
            .set_expression_attribute_names(Some(names.collect()))
            .expression_attribute_values(":shard", AttributeValue::N(number.to_string()))
            .expression_attribute_values(":low", AttributeValue::S(bounds.low.clone()))
            .expression_attribute_values(":high", AttributeValue::S(bounds.high.clone()))
            .scan_index_forward(order == Order::Asc)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(failed)?;
        let body = query_response::body(output);
        let response = QueryResponse::parse(&body)?;
        self.remaining = match response.last_evaluated_key {
            Some(key) => {
                Remaining::After(key.into_iter().map(|(name, key)| (name, key.into())).collect())
            }
            None => Remaining::Nothing,
        };
        self.items_read += response.items.len();
        self.events = response.items.into();
        Ok(())
    }
}
