//! The answers of real HTTP APIs: each row of `recorded-answers.json` against the gateway. Its format
//! is described in `recorded-answers.md`.
//!
//! `RECORDED_ANSWERS` names another file of the same format.

mod compare;
mod deployed;
mod given;
mod wire;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use template_runner::assembly::Assembly;
use template_runner::stack::Stack;

use crate::runner::{Runner, assemble_program};
use given::Setup;

/// Rows that cannot be run here, with the reason.
const NOT_RUN: [(&str, &str); 0] = [];

/// A wait of a second of the records is one of this part here.
const TIME_SCALE: u32 = 100;

const TEST_FUNCTION: &str = env!("CARGO_BIN_EXE_test-function");

/// Runs at the same time.
const THREADS: usize = 4;

/// A row of the file.
#[derive(Debug, Clone)]
struct Row(Value);

impl Row {
    fn id(&self) -> &str {
        self.0["id"].as_str().unwrap()
    }

    fn given(&self, name: &str) -> &Value {
        &self.0["given"][name]
    }

    fn recorded(&self, name: &str) -> &Value {
        &self.0["recorded"][name]
    }

    /// The status that the source prints, if it does.
    fn status(&self) -> Option<u64> {
        self.recorded("status").as_u64()
    }

    /// Whether the source shows that the function was called.
    fn is_invoked(&self) -> bool {
        match self.recorded("invoked").as_bool() {
            Some(is_invoked) => is_invoked,
            None => {
                ["event", "eventAbsent", "eventPatterns", "requestIdIsHeader", "route"]
                    .iter()
                    .any(|name| !self.recorded(name).is_null())
                    || self.status().is_some_and(|status| status < 400)
                        && self.given("request")["method"] != "OPTIONS"
            }
        }
    }
}

/// The rows of the file that count: those without `doubt`.
fn rows() -> Vec<Row> {
    let text = match std::env::var_os("RECORDED_ANSWERS") {
        Some(path) => fs::read_to_string(path).unwrap(),
        None => include_str!("recorded-answers.json").to_owned(),
    };
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    rows.into_iter().filter(|row| row.get("doubt").is_none()).map(Row).collect()
}

#[test]
fn the_gateway_answers_as_recorded() {
    // Rows with the same template share a run.
    let mut groups: BTreeMap<String, Vec<(Setup, Row)>> = BTreeMap::new();
    let mut count = 0;
    for row in rows().into_iter().filter(|row| NOT_RUN.iter().all(|(id, _)| *id != row.id())) {
        let setup = Setup::of(&row);
        count += 1;
        groups.entry(setup.key()).or_default().push((setup, row));
    }
    let (queue, failures) = (Mutex::new(groups.into_values()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let Some(rows) = queue.lock().unwrap().next() else { break };
                    failures.lock().unwrap().extend(run(&rows));
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    for (id, reason) in NOT_RUN {
        say(&format!("not run: {id}: {reason}"));
    }
    say(&format!("{} of {count} rows agree", count - failures.len()));
    let failures: Vec<_> =
        failures.into_iter().map(|(id, differences)| format!("{id}: {differences}")).collect();
    assert!(failures.is_empty(), "rows that do not agree:\n{}", failures.join("\n"));
}

/// Writes a line that is shown though the test succeeds.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Sends the requests of rows with the same template, one after the other. Returns the rows that
/// differ, and how.
fn run(rows: &[(Setup, Row)]) -> Vec<(String, String)> {
    let Some((setup, _)) = rows.first() else { return Vec::new() };
    let folder = tempfile::tempdir().unwrap();
    let template = setup.template(folder.path(), TIME_SCALE);
    assemble_program(folder.path(), &template, Path::new(TEST_FUNCTION));
    let limit = integration_limit(setup, folder.path());
    let scripts = Scripts { folder: folder.path().to_owned() };
    scripts.write("function", "{\"statusCode\":200}");
    scripts.write("authorizer", "{}");
    let runner = Runner::start(folder.path(), &["--memory"]);
    rows.iter()
        .filter_map(|(setup, row)| {
            let differences = check(setup, row, runner.api(), &scripts, limit);
            (!differences.is_empty()).then(|| (row.id().to_owned(), differences.join("; ")))
        })
        .collect()
}

/// What the integration's limit is when the template names none, as on AWS.
fn integration_limit(setup: &Setup, folder: &Path) -> Duration {
    let whole = folder.join("whole");
    fs::create_dir(&whole).unwrap();
    assemble_program(&whole, &setup.template(folder, 0), Path::new(TEST_FUNCTION));
    let stack = Stack::read(&Assembly::read(&whole).unwrap()).unwrap();
    stack.api.routes.first().map_or(Duration::ZERO, |route| route.timeout)
}

fn check(setup: &Setup, row: &Row, api: &str, scripts: &Scripts, limit: Duration) -> Vec<String> {
    scripts.write("function", &setup.answer(row));
    scripts.write("authorizer", &setup.verdict(row));
    let request = setup.request(row);
    let send = || {
        scripts.forget();
        let start = Instant::now();
        (wire::send(api, &request), start.elapsed())
    };
    let (mut answer, took) = send();
    if !row.given("throttle").is_null() {
        // Over the limit an answer is another than before.
        let before = answer.status;
        while answer.status == before && took.as_secs() < 5 {
            answer = send().0;
        }
    }
    let called = Called {
        event: scripts.event("function"),
        authorizer: scripts.event("authorizer").is_some(),
    };
    let mut differences = compare::all(row, &answer, &called);
    if let Some(seconds) = row.recorded("seconds").as_f64() {
        // The run's limit is a part of the real one, which is compared by itself.
        let least = limit / TIME_SCALE;
        if limit != Duration::from_secs_f64(seconds.floor()) || took < least || took > least * 10 {
            differences.push(format!("seconds: {seconds}, not {took:?} of {limit:?}"));
        }
    }
    differences
}

/// What a request did beside its answer.
struct Called {
    /// What the function got.
    event: Option<Value>,
    /// Whether the authorizer's function was called.
    authorizer: bool,
}

/// The files by which the functions are told what to do, and tell what they got.
struct Scripts {
    folder: PathBuf,
}

impl Scripts {
    fn write(&self, function: &str, answer: &str) {
        fs::write(self.folder.join(function).with_extension("answer"), answer).unwrap();
    }

    fn event(&self, function: &str) -> Option<Value> {
        let event = fs::read(self.folder.join(function).with_extension("event")).ok()?;
        Some(serde_json::from_slice(&event).unwrap())
    }

    fn forget(&self) {
        for function in ["function", "authorizer"] {
            let _ = fs::remove_file(self.folder.join(function).with_extension("event"));
        }
    }
}
