//! Throughput and latency of running functions behind the gateway, and of the gateway and the table
//! alone.

mod call;
mod load;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use serde_json::Value;

use crate::events::event;
use crate::function::{self, GET, LIST, MAKES, Make, WANTED};
use crate::report::{Cell, Table};
use crate::stack::{Running, fill};
use crate::statistics::Samples;
use call::Call;
use load::Load;

/// Events in each table before the first request: ten pages.
const EVENTS: usize = 1_000;
const CLIENTS: [usize; 3] = [1, 8, 64];
/// The length of one measurement.
const DURATION: Duration = Duration::from_millis(600);
/// The length of one warm-up, for each number of clients up to [`PROCESSES`].
const WARM_UP: Duration = Duration::from_millis(100);
/// Most processes of a function.
const PROCESSES: usize = 8;

/// A call and its measurements.
struct Subject {
    title: String,
    call: Call,
    /// The code of the function that it invokes.
    code: Option<PathBuf>,
    /// By number of clients.
    measured: [Measured; CLIENTS.len()],
}

#[derive(Default)]
struct Measured {
    /// Requests a second, round by round.
    throughput: Samples,
    /// Microseconds of CPU a request, round by round.
    cpu: Samples,
    /// Milliseconds of each request.
    latency: Samples,
}

pub async fn run(assembly: &Path, peers: &Path, rounds: usize) -> Result<Vec<Table>> {
    function::provide_empty(peers)?;
    let mut stacks = HashMap::new();
    let mut subjects = Vec::new();
    for make in MAKES {
        let assembly = function::assembly(assembly, make, peers)?;
        let running = Running::start(&assembly).await?;
        fill(&running.table.store, EVENTS).await?;
        subjects.extend(subjects_of(make, &running, &assembly)?);
        stacks.insert(make, running);
    }
    compare(&stacks).await?;

    // One client more at a time, so that one process starts at a time: several would slow each
    // other down.
    for subject in &subjects {
        eprintln!("warm: starting {}", subject.title);
        for clients in 1..=PROCESSES {
            subject.load(clients, WARM_UP).await?;
        }
    }
    // The subjects take turns, so that other work of the machine affects all of them.
    for round in 1..=rounds {
        for (at, clients) in CLIENTS.into_iter().enumerate() {
            eprintln!("warm: round {round} of {rounds}, {clients} clients");
            for subject in &mut subjects {
                let load = subject.load(clients, DURATION).await?;
                subject.measured[at].add(load);
            }
        }
    }
    for running in stacks.into_values() {
        running.run.stop().await;
    }
    let mut tables: Vec<_> = CLIENTS
        .into_iter()
        .enumerate()
        .map(|(at, clients)| table(&subjects, at, clients))
        .collect();
    tables.push(ratios(&subjects)?);
    Ok(tables)
}

fn subjects_of(make: Make, running: &Running, assembly: &Path) -> Result<Vec<Subject>> {
    let functions = function::read(assembly)?;
    let subject = |title: String, call, code| Subject {
        title,
        call,
        code,
        measured: CLIENTS.map(|_| Measured::default()),
    };
    let ids = (0..EVENTS).map(|n| Ok(event(n)?.id)).collect::<Result<Arc<[_]>>>()?;
    let mut subjects = Vec::new();
    if make == Make::Ours {
        let store = &running.table.store;
        let (get, list) = (Call::store_get(store, &ids), Call::store_list(store));
        subjects.push(subject(
            "the gateway alone: a preflight".into(),
            Call::preflight(&running.run.addresses.api),
            None,
        ));
        subjects.push(subject("the table alone: GetItem".into(), get, None));
        subjects.push(subject("the table alone: a page".into(), list, None));
    }
    let created = call::Created::default();
    for &route in make.routes() {
        let code =
            functions.get(route).with_context(|| format!("no function {route}"))?.code.clone();
        let call = Call::route(route, &running.run.addresses.api, &ids, &created);
        subjects.push(subject(make.title(route), call, Some(code)));
    }
    Ok(subjects)
}

/// Checks that the peers return the same as our functions.
async fn compare(stacks: &HashMap<Make, Running>) -> Result<()> {
    let id = event(1)?.id;
    for path in ["/events".to_owned(), format!("/events/{id}")] {
        let mut bodies = HashMap::new();
        for make in [Make::Ours, Make::Python, Make::Node] {
            let api = &stacks.get(&make).context("not started")?.run.addresses.api;
            let response = Client::new().get(format!("{api}{path}")).send().await?;
            let body = response.error_for_status()?.bytes().await?;
            bodies.insert(make, serde_json::from_slice::<Value>(&body)?);
        }
        for make in [Make::Python, Make::Node] {
            let is_same = bodies[&make] == bodies[&Make::Ours];
            ensure!(is_same, "{path} of {make:?} differs from ours");
        }
    }
    Ok(())
}

impl Subject {
    async fn load(&self, clients: usize, duration: Duration) -> Result<Load> {
        Load::run(&self.call, clients, duration, self.code.as_deref())
            .await
            .with_context(|| self.title.clone())
    }
}

impl Measured {
    fn add(&mut self, load: Load) {
        self.throughput.push(load.throughput());
        self.cpu.extend(load.cpu_a_request());
        self.latency.extend(load.latency);
    }
}

fn table(subjects: &[Subject], at: usize, clients: usize) -> Table {
    let clients = if clients == 1 { "1 client".to_owned() } else { format!("{clients} clients") };
    let mut table = Table::new(
        format!("Warm, {clients}"),
        "Each client sends its next request after a response; clients, gateway, table and \
         functions share this machine. CPU time is that of the function's processes alone. Median \
         (5 %–95 %) of the rounds.",
        &["what", "requests/s", "p50 ms", "p99 ms", "CPU µs a request"],
    );
    for subject in subjects {
        let measured = &subject.measured[at];
        table.row([
            Cell::text(subject.title.clone()),
            Cell::spread(&measured.throughput, 0),
            Cell::number(measured.latency.quantile(50), 2),
            Cell::number(measured.latency.quantile(99), 2),
            Cell::spread(&measured.cpu, 0),
        ]);
    }
    table
}

fn ratios(subjects: &[Subject]) -> Result<Table> {
    let mut table = Table::new(
        "Warm, theirs divided by ours: CPU time a request",
        "Ratios within each round. Median (5 %–95 %).",
        &["function", "1 client", "8 clients", "64 clients"],
    );
    let find = |title: &str| {
        subjects.iter().find(|subject| subject.title == title).context("it was not measured")
    };
    for make in [Make::Python, Make::Node] {
        for route in [GET, LIST] {
            let (ours, theirs) = (find(route)?, find(&make.title(route))?);
            let ratio = |at: usize| {
                Cell::spread(&ours.measured[at].cpu.ratios(&theirs.measured[at].cpu), 1)
            };
            table.row([Cell::text(make.title(route)), ratio(0), ratio(1), ratio(2)]);
        }
    }
    table.row([WANTED, "≥ 8", "≥ 8", "≥ 8"].map(Cell::wanted));
    Ok(table)
}
