//! A page of the list and a calendar feed by the number of events and of shards, and the Scan of the
//! article.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use api::EventStore;
use api::list_query::ListQuery;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::SortKey;
use serde_json::json;
use template_runner::table::Engine;

use crate::events::event;
use crate::feed::{self, Feed};
use crate::report::{Cell, Table};
use crate::stack;
use crate::statistics::{Samples, ms};

/// Different pages of each kind: whether a page needs a second query of a shard depends on chance.
const PAGES: usize = 20;
/// How often each is read. The first time is not counted: it opens connections and fills caches.
const ROUNDS: usize = 16;
/// Items of one import.
const BATCH: usize = 10_000;

/// A number of events on a number of shards, and its measurements.
struct Collection {
    engine: Engine,
    table: stack::StackTable,
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

pub async fn run(assembly: &Path, sizes: &[usize], all_shards: &[u32]) -> Result<Vec<Table>> {
    let mut pages = Table::new(
        "A page of the list",
        "100 of all events, on 1 to 8 shards; the last two columns are the Scan of the article, \
         which stops at 1 MB. Median (5 %–95 %), and the number of items read.",
        &[
            "events",
            "shards",
            "first page ms",
            "read",
            "middle ms",
            "read in the middle",
            "last ms",
            "read at the end",
            "Scan ms",
            "read by the Scan",
        ],
    );
    let mut ratios = Table::new(
        "A page of the list, time with the most events divided by that with the fewest",
        "Of the medians. Reads of the local engine get slower with the size of its file.",
        &["shards", "first page", "middle", "last"],
    );
    let mut feeds = feed::table();
    for &shards in all_shards {
        let mut collections = sizes
            .iter()
            .map(|&size| Collection::load(assembly, size, shards))
            .collect::<Result<Vec<_>>>()?;
        // The sizes take turns, so that other work of the machine affects all of them.
        for round in 0..ROUNDS {
            for page in 0..PAGES {
                for collection in &mut collections {
                    collection.read(page, round > 0).await?;
                }
            }
        }
        let mut measured = Vec::new();
        for collection in &collections {
            let Collection { engine, store, .. } = collection;
            measured.push(Feed::start(assembly, engine, store, shards).await?);
        }
        for _ in 0..feed::ROUNDS {
            for feed in &mut measured {
                feed.read().await?;
            }
        }
        for (collection, feed) in collections.iter().zip(&measured) {
            feeds.row(feed.row(collection.size, shards));
        }
        for collection in &collections {
            let mut row = vec![Cell::count(collection.size), Cell::number(shards.into(), 0)];
            row.extend(collection.pages.iter().flat_map(Measured::cells));
            // A Scan reads the table, not the index with its shards.
            row.extend(if Some(&shards) == all_shards.first() {
                scan(&collection.table).await?
            } else {
                [Cell::empty(), Cell::empty()]
            });
            pages.row(row);
        }
        if let (Some(smallest), Some(largest)) = (collections.first(), collections.last()) {
            let ratio = |kind: usize| {
                let [small, large] =
                    [smallest, largest].map(|collection| collection.pages[kind].samples.median());
                Cell::number(large / small, 2)
            };
            ratios.row([Cell::number(shards.into(), 0)].into_iter().chain([0, 1, 2].map(ratio)));
        }
    }
    ratios.row(["wanted", "≤ 1.3", "≤ 1.3", "≤ 1.3"].map(Cell::wanted));
    feeds.row(feed::wanted());
    Ok(vec![pages, ratios, feeds])
}

impl Collection {
    fn load(assembly: &Path, size: usize, shards: u32) -> Result<Self> {
        let (engine, table) = stack::StackTable::start(assembly)?;
        let started = Instant::now();
        let keys = load(&engine, &table.name, size, shards)?;
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
            // The last page has from 81 to 100 events.
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
        Ok(Self { store: table.store_with(shards), engine, table, size, pages })
    }

    async fn read(&mut self, page: usize, counts: bool) -> Result<()> {
        for kind in &mut self.pages {
            let start = Instant::now();
            let page = self.store.list(&kind.queries[page]).await?;
            if counts {
                kind.samples.push(ms(start.elapsed()));
                kind.items_read += page.items_read;
            }
        }
        Ok(())
    }
}

impl Measured {
    /// The times, and the mean number of items read.
    fn cells(&self) -> [Cell; 2] {
        let reads = PAGES * (ROUNDS - 1);
        [Cell::spread(&self.samples, 2), Cell::count((self.items_read + reads / 2) / reads)]
    }
}

/// Fills the table. Returns the keys in the order of the list.
fn load(engine: &Engine, table: &str, size: usize, shards: u32) -> Result<Vec<SortKey>> {
    let database = engine.database();
    database.enable_bulk_loading()?;
    let mut keys = Vec::with_capacity(size);
    let mut batch = Vec::with_capacity(BATCH);
    for n in 0..size {
        let event = event(n)?;
        keys.push(SortKey::of(&event));
        batch.push(engine_item(api::store::item_of(&event, shards))?);
        if batch.len() == BATCH || n + 1 == size {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            database.import_items(table, full, dynoxide::ImportOptions::default())?;
        }
    }
    database.disable_bulk_loading()?;
    keys.sort_unstable();
    Ok(keys)
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

/// The Scan of the article, which stops at 1 MB: its time and its number of items.
async fn scan(table: &stack::StackTable) -> Result<[Cell; 2]> {
    let start = Instant::now();
    let output = table.client.scan().table_name(&table.name).send().await?;
    let time = ms(start.elapsed());
    Ok([Cell::number(time, 2), Cell::count(output.items.unwrap_or_default().len())])
}
