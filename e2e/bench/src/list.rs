//! A page of the list at many sizes of the collection, and the Scan of the article beside it.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use api::EventStore;
use api::list_query::ListQuery;
use api::store::SortKey;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Date, Event, EventContent, EventId, Timestamp, When};
use serde_json::json;
use uuid::Uuid;

use crate::stack::Table;
use crate::statistics::{Samples, ms};

/// Different pages of each kind: whether a shard must be asked a second time is luck, and not one page's.
const PAGES: usize = 20;
/// How often each is read. The first time is not counted: it opens connections and fills caches.
const ROUNDS: usize = 16;
/// Items handed to the engine at once.
const BATCH: usize = 10_000;
const KINDS: [&str; 3] = ["first", "middle", "last"];

/// A collection of one size, and what was measured of it.
struct Collection {
    table: Table,
    store: EventStore,
    size: usize,
    /// By kind of page.
    pages: [Measured; 3],
}

struct Measured {
    queries: Vec<ListQuery>,
    samples: Samples,
    items_read: usize,
}

pub async fn run(assembly: &Path, sizes: &[usize], all_shards: &[u32]) -> Result<()> {
    println!(
        "| events | shards | first page ms | read | middle ms | read | last ms | read | Scan ms | read |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    let mut ratios = Vec::new();
    for &shards in all_shards {
        let mut collections = sizes
            .iter()
            .map(|&size| Collection::load(assembly, size, shards))
            .collect::<Result<Vec<_>>>()?;
        // All sizes side by side: what else the machine does meanwhile hits each alike.
        for round in 0..ROUNDS {
            for page in 0..PAGES {
                for collection in &mut collections {
                    collection.read(page, round > 0).await?;
                }
            }
        }
        for collection in &collections {
            // A Scan reads the table itself, which has no shards.
            let scan = if Some(&shards) == all_shards.first() {
                let (time, items) = scan(&collection.table).await?;
                format!("{} | {items}", ms(time))
            } else {
                "|".to_owned()
            };
            let pages = collection.pages.each_ref().map(Measured::columns).join(" | ");
            println!("| {} | {shards} | {pages} | {scan} |", collection.size);
        }
        if let (Some(smallest), Some(largest)) = (collections.first(), collections.last()) {
            let ratio = |kind: usize| {
                let [small, large] = [smallest, largest]
                    .map(|collection| collection.pages[kind].samples.median().as_secs_f64());
                format!("{} page {:.2}", KINDS[kind], large / small)
            };
            ratios.push(format!("{shards} shards: {}", [0, 1, 2].map(ratio).join(", ")));
        }
    }
    println!("\nMedian time, largest to smallest collection:\n");
    for ratio in ratios {
        println!("- {ratio}");
    }
    Ok(())
}

impl Collection {
    fn load(assembly: &Path, size: usize, shards: u32) -> Result<Self> {
        let table = Table::start(assembly)?;
        let started = Instant::now();
        let keys = load(&table, size, shards)?;
        eprintln!("{size} events, {shards} shards: loaded in {:.1?}", started.elapsed());
        let query = |text: &str| {
            ListQuery::parse(text).map_err(|error| anyhow!("the list of {text:?}: {error}"))
        };
        let after = |at: usize| {
            let key = keys.get(at).context("too few events for a page in the middle")?;
            Ok(query("")?.after(*key))
        };
        let kinds: [&dyn Fn(usize) -> Result<ListQuery>; 3] = [
            &|page| query(&format!("from=2020-01-{:02}", page + 1)),
            &|page| after(size / 2 + page * 10),
            // From 81 to 100 events are left.
            &|page| after(size.saturating_sub(101 - page)),
        ];
        let mut pages = Vec::new();
        for kind in kinds {
            pages.push(Measured {
                queries: (0..PAGES).map(kind).collect::<Result<_>>()?,
                samples: Samples::default(),
                items_read: 0,
            });
        }
        let pages = pages.try_into().map_err(|_| anyhow!("there are three kinds of pages"))?;
        Ok(Self { store: table.store(shards), table, size, pages })
    }

    async fn read(&mut self, page: usize, counts: bool) -> Result<()> {
        for kind in &mut self.pages {
            let start = Instant::now();
            let answer = self.store.list(&kind.queries[page]).await?;
            if counts {
                kind.samples.push(start.elapsed());
                kind.items_read += answer.items_read;
            }
        }
        Ok(())
    }
}

impl Measured {
    /// The median time and the mean of the items read.
    fn columns(&self) -> String {
        let reads = PAGES * (ROUNDS - 1);
        format!("{} | {}", ms(self.samples.median()), (self.items_read + reads / 2) / reads)
    }
}

/// Fills the table; gives the keys in the order of the list.
fn load(table: &Table, size: usize, shards: u32) -> Result<Vec<SortKey>> {
    let database = table.engine.database();
    database.enable_bulk_loading()?;
    let mut keys = Vec::with_capacity(size);
    let mut batch = Vec::with_capacity(BATCH);
    for n in 0..size {
        let event = event(n)?;
        keys.push(SortKey::of(&event));
        batch.push(engine_item(api::store::item_of(&event, shards))?);
        if batch.len() == BATCH || n + 1 == size {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            database.import_items(&table.name, full, dynoxide::ImportOptions::default())?;
        }
    }
    database.disable_bulk_loading()?;
    keys.sort_by_cached_key(SortKey::to_string);
    Ok(keys)
}

/// Event number `n`: 28 days of 120 months, every fifth without a time, every hundredth without a date.
fn event(n: usize) -> Result<Event> {
    let part = |divisor: usize, modulus: usize| u8::try_from(n / divisor % modulus).unwrap_or(0);
    let year = 2020 + i32::from(part(336, 10));
    let date = Date::from_ymd(year, part(28, 12) + 1, part(1, 28) + 1).context("no such day")?;
    let time = format!("{:02}:{:02}", part(7, 24), part(3, 60)).parse()?;
    Ok(Event {
        id: EventId::from(Uuid::new_v5(&Uuid::NAMESPACE_OID, &n.to_be_bytes())),
        content: EventContent {
            name: format!("Benchmark event number {n}").parse()?,
            when: (!n.is_multiple_of(100))
                .then_some(When { date, time: (!n.is_multiple_of(5)).then_some(time) }),
            location: Some("Hall 3, Convention Centre".parse()?),
            description: Some(
                "A description of the length that people write, more or less.".parse()?,
            ),
        },
        created_at: Timestamp::from_unix_millis(1_767_225_600_000).context("no such time")?,
    })
}

/// The engine's form of an item.
fn engine_item(item: HashMap<String, AttributeValue>) -> Result<dynoxide::Item> {
    item.into_iter()
        .map(|(name, value)| {
            let value = match value {
                AttributeValue::S(text) => json!({ "S": text }),
                AttributeValue::N(number) => json!({ "N": number }),
                other => anyhow::bail!("{name} is neither text nor number: {other:?}"),
            };
            Ok((name, serde_json::from_value(value)?))
        })
        .collect()
}

/// What the article does: one Scan, which stops at 1 MB. Gives its time and its items.
async fn scan(table: &Table) -> Result<(Duration, usize)> {
    let start = Instant::now();
    let answer = table.client.scan().table_name(&table.name).send().await?;
    Ok((start.elapsed(), answer.items.unwrap_or_default().len()))
}
