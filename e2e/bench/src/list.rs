//! A page of the list at many sizes of the collection, and the Scan of the article beside it.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use api::list_query::ListQuery;
use api::store::SortKey;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Date, Event, EventContent, EventId, Timestamp, When};
use serde_json::json;
use uuid::Uuid;

use crate::stack::Table;
use crate::statistics::{Samples, ms};

const REPEATS: usize = 50;
/// Items handed to the engine at once.
const BATCH: usize = 10_000;

pub async fn run(assembly: &Path, sizes: &[usize], all_shards: &[u32]) -> Result<()> {
    println!(
        "| events | shards | first page ms | read | middle ms | read | last ms | read | Scan ms | read |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    // By shards, then for each size the medians of the three pages.
    let mut medians: BTreeMap<u32, Vec<[Duration; 3]>> = BTreeMap::new();
    for &shards in all_shards {
        for &size in sizes {
            let table = Table::start(assembly)?;
            let store = table.store(shards);
            let started = Instant::now();
            let keys = load(&table, size, shards)?;
            eprintln!("{size} events, {shards} shards: loaded in {:.1?}", started.elapsed());
            let all = ListQuery::parse("")
                .map_err(|error| anyhow::anyhow!("the list of all: {error}"))?;
            let after = |at: usize| keys.get(at).map_or(all.clone(), |key| all.after(*key));
            let mut row = format!("| {size} | {shards} |");
            let mut pages = [Duration::ZERO; 3];
            let queries = [all.clone(), after(size / 2), after(size.saturating_sub(101))];
            for (query, median) in queries.iter().zip(&mut pages) {
                let (mut samples, mut read) = (Samples::default(), 0);
                for _ in 0..REPEATS {
                    let start = Instant::now();
                    let page = store.list(query).await?;
                    samples.push(start.elapsed());
                    read = page.items_read;
                }
                row.push_str(&format_args!(" {} | {read} |", ms(samples.median())).to_string());
                *median = samples.median();
            }
            medians.entry(shards).or_default().push(pages);
            // A Scan reads the table itself, which has no shards.
            if Some(&shards) == all_shards.first() {
                let (time, items) = scan(&table).await?;
                println!("{row} {} | {items} |", ms(time));
            } else {
                println!("{row} | |");
            }
        }
    }
    for (shards, pages) in medians {
        let (Some(smallest), Some(largest)) = (pages.first(), pages.last()) else { continue };
        let ratios: Vec<String> = largest
            .iter()
            .zip(smallest)
            .map(|(large, small)| format!("{:.2}", large.as_secs_f64() / small.as_secs_f64()))
            .collect();
        let ratios = ratios.join(", ");
        println!(
            "\n{shards} shards, largest to smallest collection: {ratios} (first, middle, last page)"
        );
    }
    Ok(())
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
