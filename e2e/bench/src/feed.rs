//! The calendar feed of a collection, by a process of its function.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use api::EventStore;
use api::list_query::ListQuery;
use domain::limits::FEED_MAX;
use serde_json::Value;
use template_runner::lambda::{Pool, RuntimeEnv};
use template_runner::table::Engine;

use crate::function::{self, LIST};
use crate::report::{Cell, Table};
use crate::statistics::{Samples, ms};
use crate::{cold, process};

/// How often each feed is read.
pub const ROUNDS: usize = 100;
/// Reads that are not counted: they open connections and fill caches.
const WARM_UP: usize = 5;
/// All events with a date: those of `events.rs`.
const QUERY: &str = "from=2020-01-01&format=ics";

/// A function on a collection, and its measurements.
pub struct Feed {
    pool: Pool,
    process: u32,
    request: String,
    time: Samples,
    /// Milliseconds.
    cpu: Samples,
    items_read: usize,
    events: usize,
    bytes: usize,
}

impl Feed {
    pub async fn start(
        assembly: &Path,
        engine: &Engine,
        store: &EventStore,
        shards: u32,
    ) -> Result<Self> {
        let mut functions = function::read(assembly)?;
        let mut function = functions.remove(LIST).context("no function lists events")?;
        for (name, value) in &mut function.environment {
            if name == "SHARDS" {
                *value = shards.to_string();
            }
        }
        let query = ListQuery::parse(QUERY).map_err(|error| anyhow!("{QUERY}: {error}"))?;
        let items_read = store.read(&query, FEED_MAX + 1, |_| ControlFlow::Continue(())).await?;

        let (mut request, _) = cold::request(LIST, "");
        request["rawQueryString"] = QUERY.into();
        let (code, keys) = (function.code.clone(), Arc::clone(&engine.function_keys));
        let others = process::of(&code);
        let env = Arc::new(RuntimeEnv { table_url: engine.url.clone(), keys });
        let pool = Pool::start(function, env).await?;
        let is_new = |process: &u32| !others.contains(process);
        let process = process::of(&code).into_iter().find(is_new).unwrap_or_default();
        let mut feed = Self {
            pool,
            process,
            request: request.to_string(),
            time: Samples::default(),
            cpu: Samples::default(),
            items_read,
            events: 0,
            bytes: 0,
        };
        for _ in 0..WARM_UP {
            feed.read().await?;
        }
        (feed.time, feed.cpu) = (Samples::default(), Samples::default());
        Ok(feed)
    }

    pub async fn read(&mut self) -> Result<()> {
        let cpu = || process::cpu_time(&[self.process]);
        let (before, start) = (cpu(), Instant::now());
        let invoked = self.pool.invoke(self.request.clone().into()).await?;
        let time = start.elapsed();
        let used = cpu().zip(before).map(|(after, before)| (after - before) / 1e3);
        self.time.push(ms(time));
        self.cpu.extend(used);
        let response: Value = serde_json::from_slice(&invoked.payload)?;
        let body = response["body"].as_str().unwrap_or_default();
        self.events = body.matches("BEGIN:VEVENT").count();
        self.bytes = body.len();
        ensure!(response["statusCode"] == 200 && self.events > 0, "a feed: {response}");
        Ok(())
    }

    pub fn row(&self, stored: usize, shards: u32) -> Vec<Cell> {
        vec![
            Cell::count(stored),
            Cell::number(shards.into(), 0),
            Cell::count(self.events),
            Cell::count(self.bytes),
            Cell::count(self.items_read),
            Cell::spread(&self.time, 2),
            Cell::spread(&self.cpu, 2),
        ]
    }
}

pub fn table() -> Table {
    Table::new(
        "A calendar feed",
        "The first events of all, as many as a feed has at most; the time from the request to the \
         function's process until its response, and the CPU time of the process. Median (5 %–95 %).",
        &["events", "shards", "in the feed", "bytes", "read", "ms", "CPU ms"],
    )
}

pub fn wanted() -> Vec<Cell> {
    let [none, few] = ["", "≤ ten pages"].map(Cell::wanted);
    vec![
        Cell::wanted("wanted"),
        none,
        Cell::empty(),
        Cell::empty(),
        few,
        Cell::empty(),
        Cell::wanted("≤ 3"),
    ]
}
