//! From the start of a function's process to its first answer, which needed the table; memory; size.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use template_runner::lambda::{Pool, Surroundings};
use template_runner::stack::Function;

use crate::events::event;
use crate::function::{self, CREATE, DELETE, GET, LIST, MAKES, Make, WANTED};
use crate::process;
use crate::report::{Cell, Table};
use crate::size;
use crate::stack::{self, fill};
use crate::statistics::{Samples, ms};

/// In the table before the first start: ten pages.
const EVENTS: usize = 1_000;

/// A function and what was measured of it, start by start.
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
    let (engine, table) = stack::Table::start(assembly)?;
    fill(&table.store, EVENTS).await?;
    let surroundings = Arc::new(Surroundings { table_url: engine.url.clone() });
    // All functions by turns: what else the machine does meanwhile hits each alike. The first start of each
    // finds its files on the disk, the others in memory; it is not counted.
    for round in 0..=rounds {
        eprintln!("cold: round {round} of {rounds}");
        for subject in &mut subjects {
            // To be deleted, one of its own; to be read, any.
            let number = if subject.route == DELETE { EVENTS } else { round % EVENTS };
            let event = event(number)?;
            let id = event.id.to_string();
            if subject.route == DELETE {
                table.store.create(event).await?;
            }
            subject.start(&surroundings, &id, round > 0).await?;
        }
    }
    Ok(vec![starts(&subjects), ratios(&subjects)?, sizes(&subjects)?])
}

impl Subject {
    async fn start(
        &mut self,
        surroundings: &Arc<Surroundings>,
        id: &str,
        counts: bool,
    ) -> Result<()> {
        let (request, status) = request(self.route, id);
        let (function, surroundings) = (self.function.clone(), Arc::clone(surroundings));
        let start = Instant::now();
        let pool = Pool::start(function, surroundings).await?;
        let answer = pool.invoke(request.to_string().into()).await?;
        let time = start.elapsed();

        let answer: Value = serde_json::from_slice(&answer.payload)?;
        let title = self.make.title(self.route);
        ensure!(
            self.make == Make::Empty || answer["statusCode"] == status,
            "{title} answered {answer}"
        );
        if counts {
            self.time.push(ms(time));
            let processes = process::of(&self.function.code);
            self.cpu.extend(process::cpu_time(&processes).map(|microseconds| microseconds / 1e3));
            if let [process] = processes.as_slice() {
                let memory = process::memory(process).with_context(|| format!("{title} ended"))?;
                self.peak.push(memory.peak);
                self.memory.push(memory.now);
            }
        }
        Ok(())
    }
}

/// A payload of the gateway's (payload format 2.0), and the status of its answer.
fn request(route: &str, id: &str) -> (Value, u16) {
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
        "From spawning the process to its first answer, which needed the table; its CPU time until then; memory \
         after that answer. \
         Median (5 %–95 %). What AWS adds is not in it: the making of the environment, the loading of the code, \
         TLS, the network.",
        &["function", "first answer ms", "CPU ms", "most memory MB", "memory MB"],
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
        "Cold start, how often ours goes into theirs",
        "Each start with the one beside it. Median (5 %–95 %).",
        &["function", "first answer", "CPU", "most memory", "memory"],
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
    let (nothing, wanted) = (Cell::nothing, Cell::wanted);
    table.row([wanted(WANTED), wanted("≥ 25"), nothing(), wanted("≥ 6"), wanted("≥ 6")]);
    Ok(table)
}

fn sizes(subjects: &[Subject]) -> Result<Table> {
    let mut table = Table::new(
        "Size",
        "The binary, and the archive that is uploaded.",
        &["function", "binary bytes", "zip bytes"],
    );
    for subject in subjects.iter().filter(|subject| subject.make == Make::Ours) {
        let size = size::of(&subject.function.code.join("bootstrap"))?;
        table.row([Cell::text(subject.route), Cell::count(size.binary), Cell::count(size.zip)]);
    }
    table.row([Cell::wanted("wanted"), Cell::wanted("≤ 5000000"), Cell::nothing()]);
    Ok(table)
}
