//! The time from the start of a function's process to its first response, which needs the table;
//! memory; size.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use process_memory::Memory;
use serde_json::{Value, json};
use template_runner::lambda::{Function, Pool, RuntimeEnv};

use crate::events::event;
use crate::function::{self, CREATE, DELETE, GET, LIST, MAKES, Make, WANTED};
use crate::process;
use crate::report::{Cell, Table};
use crate::size;
use crate::stack::{self, fill};
use crate::statistics::{Samples, ms};

/// Events in the table before the first start: ten pages.
const EVENTS: usize = 1_000;

/// A function and its measurements, one for each start.
struct Subject {
    make: Make,
    route: &'static str,
    function: Function,
    time: Samples,
    cpu: Samples,
    peak: Samples,
    memory: Samples,
}

pub async fn run(assembly: &Path, peers: &Path, rounds: usize) -> Result<Vec<Table>> {
    function::provide_empty(peers)?;
    let functions = function::read(assembly)?;
    let mut subjects = Vec::new();
    for make in MAKES {
        for &route in make.routes() {
            subjects.push(Subject {
                make,
                route,
                function: function::make(&functions, make, route, peers)?,
                time: Samples::default(),
                cpu: Samples::default(),
                peak: Samples::default(),
                memory: Samples::default(),
            });
        }
    }
    let (engine, table) = stack::StackTable::start(assembly)?;
    fill(&table.store, EVENTS).await?;
    let keys = Arc::clone(&engine.function_keys);
    let runtime_env = Arc::new(RuntimeEnv { table_url: engine.url.clone(), keys });
    // The functions take turns, so that other work of the machine affects all of them. The first
    // start of each reads its files from the disk, and is not counted.
    for round in 0..=rounds {
        eprintln!("cold: round {round} of {rounds}");
        for subject in &mut subjects {
            // A delete needs a new event in each round; a get can read any.
            let number = if subject.route == DELETE { EVENTS } else { round % EVENTS };
            let event = event(number)?;
            let id = event.id.to_string();
            if subject.route == DELETE {
                table.store.create(event).await?;
            }
            subject.start(&runtime_env, &id, round > 0).await?;
        }
    }
    Ok(vec![starts(&subjects), ratios(&subjects)?, sizes(&subjects)?])
}

impl Subject {
    async fn start(&mut self, runtime_env: &Arc<RuntimeEnv>, id: &str, counts: bool) -> Result<()> {
        let (request, status) = request(self.route, id);
        let (function, runtime_env) = (self.function.clone(), Arc::clone(runtime_env));
        let start = Instant::now();
        let pool = Pool::start(function, runtime_env).await?;
        let invoked = pool.invoke(request.to_string().into()).await?;
        let time = start.elapsed();

        let response: Value = serde_json::from_slice(&invoked.payload)?;
        let title = self.make.title(self.route);
        ensure!(
            self.make == Make::Empty || response["statusCode"] == status,
            "{title} returned {response}"
        );
        if counts {
            self.time.push(ms(time));
            let processes = process::of(&self.function.code);
            self.cpu.extend(process::cpu_time(&processes).map(|microseconds| microseconds / 1e3));
            if let [process] = processes.as_slice() {
                let memory = Memory::of(*process).with_context(|| title.clone())?;
                self.peak.push(megabytes(memory.peak));
                self.memory.push(megabytes(memory.now));
            }
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a process has less than 2^52 kB")]
fn megabytes(kilobytes: u64) -> f64 {
    kilobytes as f64 / 1024.0
}

/// A payload of the gateway (payload format 2.0), and the status of its response.
pub fn request(route: &str, id: &str) -> (Value, u16) {
    let (method, path, status) = match route {
        LIST => ("GET", "/events".to_owned(), 200),
        CREATE => ("POST", "/events".to_owned(), 201),
        DELETE => ("DELETE", format!("/events/{id}"), 204),
        _ => ("GET", format!("/events/{id}"), 200),
    };
    let one = matches!(route, GET | DELETE);
    let key = if one { "/events/{id}" } else { "/events" };
    let route_key = format!("{method} {key}");
    let mut request = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "accept-encoding": "gzip, deflate, br",
            "content-type": "application/json",
            "host": "localhost:3000",
            "origin": "http://localhost:8080",
            "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/145.0",
        },
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "bench",
            "domainName": "localhost:3000",
            "domainPrefix": "bench",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/145.0",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route_key,
            "stage": "$default",
            "time": "15/Jun/2026:18:30:00 +0000",
            "timeEpoch": 1_781_548_200_000_u64,
        },
        "isBase64Encoded": false,
    });
    if one {
        request["pathParameters"] = json!({ "id": id });
    }
    if route == CREATE {
        request["body"] = json!({ "name": "Benchmark", "date": "2026-06-15" }).to_string().into();
    }
    (request, status)
}

fn starts(subjects: &[Subject]) -> Table {
    let mut table = Table::new(
        "Cold start",
        "From spawning the process to its first response, which needs the table; its CPU time \
         until then; its memory after it. Median (5 %–95 %). What AWS adds is not included: the \
         start of the environment, the download of the code, TLS, the network.",
        &["function", "first response ms", "CPU ms", "peak memory MB", "memory MB"],
    );
    for subject in subjects {
        table.row([
            Cell::text(subject.make.title(subject.route)),
            Cell::spread(&subject.time, 1),
            Cell::spread(&subject.cpu, 1),
            Cell::spread(&subject.peak, 1),
            Cell::spread(&subject.memory, 1),
        ]);
    }
    table
}

fn ratios(subjects: &[Subject]) -> Result<Table> {
    let mut table = Table::new(
        "Cold start, theirs divided by ours",
        "Ratios within each round. Median (5 %–95 %).",
        &["function", "first response", "CPU", "peak memory", "memory"],
    );
    let find = |make: Make, route: &str| {
        subjects
            .iter()
            .find(|subject| (subject.make, subject.route) == (make, route))
            .with_context(|| format!("{route} was not measured"))
    };
    for make in [Make::Python, Make::Node] {
        for &route in make.routes() {
            let (ours, theirs) = (find(Make::Ours, route)?, find(make, route)?);
            table.row([
                Cell::text(make.title(route)),
                Cell::spread(&ours.time.ratios(&theirs.time), 1),
                Cell::spread(&ours.cpu.ratios(&theirs.cpu), 1),
                Cell::spread(&ours.peak.ratios(&theirs.peak), 1),
                Cell::spread(&ours.memory.ratios(&theirs.memory), 1),
            ]);
        }
    }
    let (empty, wanted) = (Cell::empty, Cell::wanted);
    table.row([wanted(WANTED), wanted("≥ 25"), empty(), wanted("≥ 6"), wanted("≥ 6")]);
    Ok(table)
}

fn sizes(subjects: &[Subject]) -> Result<Table> {
    let mut table = Table::new(
        "Size",
        "The binary, and the archive that is deployed.",
        &["function", "binary bytes", "zip bytes"],
    );
    for subject in subjects.iter().filter(|subject| subject.make == Make::Ours) {
        let size = size::of(&subject.function.code.join("bootstrap"))?;
        table.row([Cell::text(subject.route), Cell::count(size.binary), Cell::count(size.zip)]);
    }
    table.row([Cell::wanted("wanted"), Cell::wanted("≤ 5000000"), Cell::empty()]);
    Ok(table)
}
