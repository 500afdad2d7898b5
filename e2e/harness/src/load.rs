//! Twice as many requests as this machine can serve, for as long as one likes.
//!
//! First a few clients find out how many it can serve; the stage's throttle is set to that, as one sets it for a deployment.
//! Then requests are sent by the clock, whatever becomes of those before them. Each is answered rightly, or by a
//! 429 or a 503; the processes grow no further; and when it is over, everything is answered again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::{Answer, Client};
use crate::runner::{Runner, Start};

/// Clients that find out what the machine can serve, and for how long.
const CLIENTS: usize = 8;
const CALIBRATION: Duration = Duration::from_secs(4);
/// Requests that may be under way: callers beyond them would not be heard by any server.
const MOST_OPEN: usize = 2_000;
/// Events that are read and listed, beside those that are created and deleted again.
const EVENTS: usize = 200;
const PAGE: usize = 20;
/// Requests that must all be answered rightly when it is over, and the throttle as it was.
const AFTERWARDS: usize = 100;
/// How much that memory may grow in the second half of the load, beside a tenth of what it was: less than 6 kB a request
/// that is answered in the half minute of the tests.
const GROWTH_KB: u64 = 24 << 10;

/// What came of the load.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Requests a second that the clients got answered, and that were then sent.
    pub capacity: f64,
    pub offered: f64,
    /// By status; those that met a full queue of callers were never sent.
    pub answers: BTreeMap<u16, usize>,
    pub not_sent: usize,
    /// The memory of the runner and of the largest function's process in kB, once a second.
    pub memory: Vec<u64>,
    /// From the end of the load to the first right answer.
    pub recovered: Duration,
}

/// What is asked of the API, and must be answered.
#[derive(Debug)]
struct Target {
    api: String,
    http: Client,
    events: Vec<Value>,
    next: AtomicUsize,
}

/// Loads a fresh run for `time`. `tell` is given a line now and then.
pub async fn run(start: &Start, time: Duration, tell: impl Fn(&str)) -> Result<Outcome> {
    let mut runner = Runner::start(start).await?;
    let mut target = Target {
        api: runner.api.clone(),
        http: Client::new()?,
        events: Vec::new(),
        next: AtomicUsize::new(0),
    };
    for n in 0..EVENTS {
        let event = json!({ "name": format!("Event {n}"), "date": "2026-06-15" });
        let answer = target.http.create(&target.api, &event, None).await?;
        ensure!(answer.status == StatusCode::CREATED, "{answer:?}");
        target.events.push(answer.decode()?);
    }
    let target = Arc::new(target);
    let capacity = calibrate(&target).await?;
    tell(&format!("{CLIENTS} clients get {capacity:.0} requests a second answered"));

    let throttled = tempfile::tempdir()?;
    with_throttle(&start.assembly, throttled.path(), capacity)?;
    runner.reload(throttled.path()).await?;
    let offered = capacity * 2.0;
    let mut outcome = Outcome { capacity, offered, ..Outcome::default() };
    tell(&format!("sending {offered:.0} a second for {} s", time.as_secs()));
    overload(&target, &runner, time, &mut outcome).await?;

    let begin = Instant::now();
    let mut rng = Rng::with_seed(0);
    while !target.ask(0, &mut rng).await?.is_success() {
        ensure!(begin.elapsed() < Duration::from_mins(1), "it does not recover: {outcome:?}");
    }
    outcome.recovered = begin.elapsed();
    runner.reload(&start.assembly).await?;
    for n in 1..=AFTERWARDS {
        let status = target.ask(n, &mut rng).await?;
        ensure!(status.is_success(), "{status} when the load was over: {outcome:?}");
    }
    outcome.memory_is_flat()?;
    runner.kill().await?;
    Ok(outcome)
}

/// How many requests a second a few clients get answered.
async fn calibrate(target: &Arc<Target>) -> Result<f64> {
    let begin = Instant::now();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let target = Arc::clone(target);
        clients.spawn(async move {
            let (mut rng, mut answered) = (Rng::with_seed(client as u64), 0_u32);
            while begin.elapsed() < CALIBRATION {
                let n = target.next.fetch_add(1, Ordering::Relaxed);
                let status = target.ask(n, &mut rng).await?;
                ensure!(status.is_success(), "{status} without any load");
                answered += 1;
            }
            Ok(answered)
        });
    }
    let mut answered = 0;
    while let Some(client) = clients.join_next().await {
        answered += client??;
    }
    Ok(f64::from(answered) / begin.elapsed().as_secs_f64())
}

async fn overload(
    target: &Arc<Target>,
    runner: &Runner,
    time: Duration,
    outcome: &mut Outcome,
) -> Result<()> {
    let begin = Instant::now();
    let mut clock = tokio::time::interval(Duration::from_millis(10));
    let mut open: JoinSet<Result<StatusCode>> = JoinSet::new();
    let mut sent = 0_usize;
    while begin.elapsed() < time {
        clock.tick().await;
        #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "a count")]
        let due = (begin.elapsed().as_secs_f64() * outcome.offered) as usize;
        for n in sent..due {
            if open.len() >= MOST_OPEN {
                outcome.not_sent += 1;
                continue;
            }
            let target = Arc::clone(target);
            open.spawn(async move {
                let number = target.next.fetch_add(1, Ordering::Relaxed);
                target.ask(number, &mut Rng::with_seed(n as u64)).await
            });
        }
        sent = sent.max(due);
        while let Some(done) = open.try_join_next() {
            outcome.note(done??);
        }
        if begin.elapsed().as_secs() >= outcome.memory.len() as u64 {
            outcome.memory.push(runner.memory()?);
        }
    }
    while let Some(done) = open.join_next().await {
        outcome.note(done??);
    }
    Ok(())
}

impl Target {
    /// One request of the mixture; an answer that is neither right nor a refusal for a time is an error.
    async fn ask(&self, n: usize, rng: &mut Rng) -> Result<StatusCode> {
        let event = &self.events[rng.usize(..self.events.len())];
        let answer = match rng.u8(..10) {
            0..6 => {
                let id = event["id"].as_str().context("an event without an id")?;
                let answer = self.http.get(&self.api, id).await?;
                is_right(&answer, StatusCode::OK, || Ok(answer.decode::<Value>()? == *event))?;
                answer
            }
            6..9 => {
                let answer = self.http.list(&self.api, &format!("?limit={PAGE}")).await?;
                is_right(&answer, StatusCode::OK, || {
                    Ok(answer.decode::<Vec<Value>>()?.len() == PAGE
                        && answer.next_query().is_some())
                })?;
                answer
            }
            _ => {
                let event = json!({ "name": format!("Guest {n}"), "date": "2030-01-01" });
                let answer = self.http.create(&self.api, &event, None).await?;
                is_right(&answer, StatusCode::CREATED, || {
                    Ok(answer.decode::<Value>()?["name"] == event["name"])
                })?;
                if answer.status == StatusCode::CREATED {
                    let id = answer.decode::<Value>()?["id"].as_str().map(str::to_owned);
                    let id = id.context("an event without an id")?;
                    let deleted = self.http.delete(&self.api, &id).await?;
                    is_right(&deleted, StatusCode::NO_CONTENT, || Ok(deleted.body.is_empty()))?;
                }
                answer
            }
        };
        Ok(answer.status)
    }
}

/// Whether an answer is the right one, or says that there is no room now.
fn is_right(
    answer: &Answer,
    expected: StatusCode,
    body: impl FnOnce() -> Result<bool>,
) -> Result<()> {
    let right = match answer.status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => true,
        status => status == expected && body()?,
    };
    ensure!(right, "a wrong answer: {answer:?}");
    Ok(())
}

impl Outcome {
    fn note(&mut self, status: StatusCode) {
        *self.answers.entry(status.as_u16()).or_default() += 1;
    }

    pub fn answered(&self) -> usize {
        self.answers.values().sum()
    }

    /// The median of the memory in the second and in the last quarter of the time, in kB.
    pub fn memory_quarters(&self) -> Option<[u64; 2]> {
        let quarter = self.memory.len() / 4;
        let median = |from: usize| {
            let mut part = self.memory.get(from..from + quarter)?.to_vec();
            part.sort_unstable();
            part.get(quarter / 2).copied()
        };
        Some([median(quarter)?, median(self.memory.len() - quarter)?])
    }

    fn memory_is_flat(&self) -> Result<()> {
        let Some([before, after]) = self.memory_quarters() else { return Ok(()) };
        ensure!(
            after <= before + before / 10 + GROWTH_KB,
            "the processes grow: from {before} kB to {after} kB; second by second: {:?}",
            self.memory
        );
        Ok(())
    }
}

/// Writes an assembly that is another but for the throttle of its stage, in requests a second.
fn with_throttle(assembly: &Path, to: &Path, rate: f64) -> Result<()> {
    for entry in std::fs::read_dir(assembly)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let name = entry.file_name();
        if !name.to_string_lossy().ends_with(".template.json") {
            std::os::unix::fs::symlink(from, to)?;
            continue;
        }
        let mut template: Value = serde_json::from_slice(&std::fs::read(&from)?)?;
        let resources = template["Resources"].as_object_mut().context("a template of nothing")?;
        for resource in resources.values_mut() {
            if resource["Type"] == "AWS::ApiGatewayV2::Stage" {
                let limits = &mut resource["Properties"]["DefaultRouteSettings"];
                #[expect(
                    clippy::cast_sign_loss,
                    clippy::cast_possible_truncation,
                    reason = "a rate"
                )]
                let rate = rate.ceil() as u64;
                limits["ThrottlingRateLimit"] = rate.into();
                limits["ThrottlingBurstLimit"] = (rate / 4).max(1).into();
            }
        }
        std::fs::write(to, serde_json::to_vec(&template)?)?;
    }
    Ok(())
}
