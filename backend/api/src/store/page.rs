//! Reading one page of the list: all shards side by side, merged by the sort key.
//!
//! Each shard is asked for its share of the page and a little more. Ids spread events evenly, so nearly all
//! pages need one round; when a shard's answer is used up before the page is full, only such shards are
//! asked again. What a page costs depends on its size and not on how many events there are.

use std::collections::{HashMap, VecDeque};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Event;
use futures_util::future::try_join_all;

use super::item::{self, SHARD, SORT};
use super::{EventStore, SortKey, failed};
use crate::ApiError;
use crate::list_query::{ListQuery, Order, Range};

/// The index.
const INDEX: &str = "byDate";

/// A page of the list.
#[derive(Debug)]
pub struct Page {
    pub events: Vec<Event>,
    /// The last event's place if there are more after it.
    pub continues_after: Option<SortKey>,
    /// Items that the index gave for it: what DynamoDB bills.
    pub items_read: usize,
}

pub(super) async fn read(store: &EventStore, query: &ListQuery) -> Result<Page, ApiError> {
    // One event more than the page holds tells whether there is a next page.
    let wanted = query.limit() + 1;
    let Some(bounds) = Bounds::of(query) else {
        return Ok(Page { events: Vec::new(), continues_after: None, items_read: 0 });
    };
    let mut shards: Vec<Shard> = (0..store.shards).map(|_| Shard::default()).collect();
    let mut events = Vec::with_capacity(wanted);
    while events.len() < wanted {
        // Which event comes next is known only while every shard that may have more shows one.
        if shards.iter().any(Shard::ran_dry) {
            let share = share(wanted - events.len(), shards.len());
            try_join_all(
                (0..)
                    .zip(&mut shards)
                    .filter(|(_, shard)| shard.ran_dry())
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
        match next {
            Some((_, event)) => events.push(event),
            None => break,
        }
    }
    let more = events.len() == wanted;
    events.truncate(query.limit());
    let continues_after = events.last().filter(|_| more).map(SortKey::of);
    let items_read = shards.iter().map(|shard| shard.items_read).sum();
    Ok(Page { events, continues_after, items_read })
}

/// How many events to ask one of `shards` for when `wanted` are missing: the mean, and two standard deviations
/// of how unevenly random ids fall (binomially), so that few pages need a second round.
fn share(wanted: usize, shards: usize) -> usize {
    let mean = wanted.div_ceil(shards);
    let variance = mean * (shards - 1) / shards;
    mean + 2 * variance.isqrt()
}

/// The inclusive bounds of the sort keys that a query still wants.
struct Bounds {
    low: String,
    high: String,
}

impl Bounds {
    /// `None` when nothing can be left, for which DynamoDB has no bounds.
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

/// What is known of one shard.
#[derive(Default)]
struct Shard {
    /// Read and not yet on the page, in the order of the query.
    events: VecDeque<(String, Event)>,
    rest: Rest,
    items_read: usize,
}

/// What of a shard was not read yet.
#[derive(Default)]
enum Rest {
    #[default]
    All,
    /// What comes after this key of the index.
    After(HashMap<String, AttributeValue>),
    Nothing,
}

impl Shard {
    fn ran_dry(&self) -> bool {
        self.events.is_empty() && !matches!(self.rest, Rest::Nothing)
    }

    fn head(&self) -> Option<&str> {
        self.events.front().map(|(key, _)| key.as_str())
    }

    async fn fill(
        &mut self,
        store: &EventStore,
        number: u32,
        bounds: &Bounds,
        order: Order,
        limit: usize,
    ) -> Result<(), ApiError> {
        let start = match std::mem::take(&mut self.rest) {
            Rest::After(key) => Some(key),
            Rest::All | Rest::Nothing => None,
        };
        let answer = store
            .client
            .query()
            .table_name(&store.table)
            .index_name(INDEX)
            .key_condition_expression("#shard = :shard AND #sort BETWEEN :low AND :high")
            .expression_attribute_names("#shard", SHARD)
            .expression_attribute_names("#sort", SORT)
            .expression_attribute_values(":shard", AttributeValue::N(number.to_string()))
            .expression_attribute_values(":low", AttributeValue::S(bounds.low.clone()))
            .expression_attribute_values(":high", AttributeValue::S(bounds.high.clone()))
            .scan_index_forward(order == Order::Asc)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(failed)?;
        self.rest = answer.last_evaluated_key.map_or(Rest::Nothing, Rest::After);
        let items = answer.items.unwrap_or_default();
        self.items_read += items.len();
        for item in items {
            let event = item::to_event(&item)?;
            self.events.push_back((SortKey::of(&event).to_string(), event));
        }
        Ok(())
    }
}
