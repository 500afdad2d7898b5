//! The load check: twice as many requests as this machine can serve.
//!
//! First a few clients measure how many it can serve. The stage's throttle is set to that rate, as
//! for a deployment. Then requests are sent at a fixed rate, without waiting for responses. Each
//! gets the right response, a 429 or a 503; the memory of the processes does not grow; and after
//! the load, every request succeeds again.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::{Client, Response};
use crate::runner::{Runner, Start};

/// Clients that measure what the machine can serve, and for how long.
const CLIENTS: usize = 8;
const CALIBRATION: Duration = Duration::from_secs(4);
/// Most requests in progress: a server would not accept more connections.
const MOST_OPEN: usize = 2_000;
/// Events that are read and listed, beside those that are created and deleted again.
const EVENTS: usize = 200;
const PAGE: usize = 20;
/// The feed of the former. The latter are of another year.
const FEED: &str = "?format=ics&from=2026-01-01&to=2026-12-31";
/// Requests after the load, without its throttle. All must succeed.
const AFTERWARDS: usize = 100;
/// How much the memory may grow in the second half of the load, beside a tenth of what it was: less
/// than 6 kB for each request that is served in the 30 s of the tests.
const GROWTH_KB: u64 = 24 << 10;

/// The measurements of a load.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Requests a second that the clients of the calibration got served.
    pub capacity: f64,
    /// Requests a second that were due afterwards.
    pub offered: f64,
    /// Numbers of responses by status.
    pub responses: BTreeMap<u16, usize>,
    /// Requests that were due and not sent, because [`MOST_OPEN`] were in progress.
    pub not_sent: usize,
    /// The memory of the runner and of the largest function's process in kB, once a second. Empty
    /// where [`process_memory::is_supported`] is false.
    pub memory: Vec<u64>,
    /// From the end of the load to the first success.
    pub recovered: Duration,
}

/// The API and its events.
#[derive(Debug)]
struct Target {
    api: String,
    http: Client,
    events: Vec<Value>,
    /// The `ETag` of their calendar feed.
    feed: String,
    next: AtomicUsize,
}

/// Loads a new run for `time`. `tell` gets lines about the progress.
pub async fn run(start: &Start, time: Duration, tell: impl Fn(&str)) -> Result<Outcome> {
    let mut runner = Runner::start(start).await?;
    let mut target = Target {
        api: runner.api.clone(),
        http: Client::new()?,
        events: Vec::new(),
        feed: String::new(),
        next: AtomicUsize::new(0),
    };
    for n in 0..EVENTS {
        let event = json!({ "name": format!("Event {n}"), "date": "2026-06-15" });
        let response = target.http.create(&target.api, &event, None).await?;
        ensure!(response.status == StatusCode::CREATED, "{response:?}");
        target.events.push(response.decode()?);
    }
    let feed = target.http.feed(&target.api, FEED, None).await?;
    target.feed = feed.header("etag").context("a feed without an ETag")?.to_owned();
    let target = Arc::new(target);
    let capacity = calibrate(&target).await?;
    tell(&format!("{CLIENTS} clients: {capacity:.0} requests a second"));

    let throttled = tempfile::tempdir()?;
    with_throttle(&start.system.assembly, throttled.path(), capacity)?;
    runner.reload(throttled.path()).await?;
    let offered = capacity * 2.0;
    let mut outcome = Outcome { capacity, offered, ..Outcome::default() };
    tell(&format!("sending {offered:.0} a second for {} s", time.as_secs()));
    overload(&target, &runner, time, &mut outcome).await?;
    outcome.is_overload()?;

    let begin = Instant::now();
    let mut rng = Rng::with_seed(0);
    while is_refusal(target.send(0, &mut rng).await?) {
        ensure!(begin.elapsed() < Duration::from_mins(1), "no recovery: {outcome:?}");
    }
    outcome.recovered = begin.elapsed();
    runner.reload(&start.system.assembly).await?;
    for n in 1..=AFTERWARDS {
        let status = target.send(n, &mut rng).await?;
        ensure!(!is_refusal(status), "{status} after the load: {outcome:?}");
    }
    if process_memory::is_supported() {
        outcome.memory_is_flat()?;
    }
    runner.kill().await?;
    Ok(outcome)
}

/// How many requests a second a few clients get served.
async fn calibrate(target: &Arc<Target>) -> Result<f64> {
    let begin = Instant::now();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let target = Arc::clone(target);
        clients.spawn(async move {
            let (mut rng, mut served) = (Rng::with_seed(client as u64), 0_u32);
            while begin.elapsed() < CALIBRATION {
                let n = target.next.fetch_add(1, Ordering::Relaxed);
                let status = target.send(n, &mut rng).await?;
                ensure!(!is_refusal(status), "{status} before the load");
                served += 1;
            }
            Ok(served)
        });
    }
    let mut served = 0;
    while let Some(client) = clients.join_next().await {
        served += client??;
    }
    Ok(f64::from(served) / begin.elapsed().as_secs_f64())
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
                target.send(number, &mut Rng::with_seed(n as u64)).await
            });
        }
        sent = sent.max(due);
        while let Some(done) = open.try_join_next() {
            outcome.note(done??);
        }
        let is_due = begin.elapsed().as_secs() >= outcome.memory.len() as u64;
        if is_due && process_memory::is_supported() {
            outcome.memory.push(runner.memory()?);
        }
    }
    while let Some(done) = open.join_next().await {
        outcome.note(done??);
    }
    Ok(())
}

impl Target {
    /// Sends a random request. A response that is neither right nor a 429 or a 503 is an error.
    async fn send(&self, n: usize, rng: &mut Rng) -> Result<StatusCode> {
        let event = &self.events[rng.usize(..self.events.len())];
        let response = match rng.u8(..10) {
            0..6 => {
                let id = event["id"].as_str().context("an event without an id")?;
                let response = self.http.get(&self.api, id).await?;
                is_right(&response, StatusCode::OK, || Ok(response.decode::<Value>()? == *event))?;
                response
            }
            6 => {
                let known = rng.bool().then_some(self.feed.as_str());
                let response = self.http.feed(&self.api, FEED, known).await?;
                let is_same = response.header("etag") == Some(&self.feed);
                let expected = known.map_or(StatusCode::OK, |_| StatusCode::NOT_MODIFIED);
                is_right(&response, expected, || {
                    let text = std::str::from_utf8(&response.body)?;
                    let events = if known.is_none() { EVENTS } else { 0 };
                    Ok(is_same && text.matches("BEGIN:VEVENT\r\n").count() == events)
                })?;
                response
            }
            7..9 => {
                let response = self.http.list(&self.api, &format!("?limit={PAGE}")).await?;
                is_right(&response, StatusCode::OK, || {
                    Ok(response.decode::<Vec<Value>>()?.len() == PAGE
                        && response.next_query().is_some())
                })?;
                response
            }
            _ => {
                let event = json!({ "name": format!("Guest {n}"), "date": "2030-01-01" });
                let response = self.http.create(&self.api, &event, None).await?;
                is_right(&response, StatusCode::CREATED, || {
                    Ok(response.decode::<Value>()?["name"] == event["name"])
                })?;
                if response.status == StatusCode::CREATED {
                    let id = response.decode::<Value>()?["id"].as_str().map(str::to_owned);
                    let id = id.context("an event without an id")?;
                    let deleted = self.http.delete(&self.api, &id).await?;
                    is_right(&deleted, StatusCode::NO_CONTENT, || Ok(deleted.body.is_empty()))?;
                }
                response
            }
        };
        Ok(response.status)
    }
}

/// Checks that a response is the right one, a 429 or a 503.
fn is_right(
    response: &Response,
    expected: StatusCode,
    body: impl FnOnce() -> Result<bool>,
) -> Result<()> {
    let right = is_refusal(response.status) || (response.status == expected && body()?);
    ensure!(right, "a wrong response: {response:?}");
    Ok(())
}

/// Whether a status asks the client to retry later.
fn is_refusal(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
}

impl Outcome {
    fn note(&mut self, status: StatusCode) {
        *self.responses.entry(status.as_u16()).or_default() += 1;
    }

    /// The number of responses with a status of this range.
    pub fn count(&self, statuses: Range<u16>) -> usize {
        self.responses.range(statuses).map(|(_, count)| *count).sum()
    }

    /// Checks that the load exceeded what is served, and that some of it was served.
    fn is_overload(&self) -> Result<()> {
        ensure!(self.count(200..400) > 0, "no request was served: {self:?}");
        ensure!(self.count(429..504) > 0, "no request was refused: {self:?}");
        Ok(())
    }

    /// The medians of the memory in the second and in the last quarter of the time, in kB. `None`
    /// for fewer than four readings.
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
        let [before, after] = self.memory_quarters().with_context(|| {
            format!("memory was read {} times, and growth needs 4: load longer", self.memory.len())
        })?;
        ensure!(
            after <= before + before / 10 + GROWTH_KB,
            "memory grows from {before} kB to {after} kB; second by second: {:?}",
            self.memory
        );
        Ok(())
    }
}

/// Copies an assembly and changes the throttle of its stage, in requests a second.
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
        let resources = template["Resources"].as_object_mut().context("no resources")?;
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

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    #[test]
    fn memory_that_grows_or_was_not_read_fails() {
        let is_flat = |memory: &[u64]| {
            let memory = memory.iter().map(|megabytes| megabytes << 10).collect();
            Outcome { memory, ..Outcome::default() }.memory_is_flat().is_ok()
        };
        assert!(is_flat(&[10, 100, 110, 120]));
        assert!(is_flat(&[10, 20, 100, 100, 200, 130, 120, 130]), "medians");
        assert!(!is_flat(&[10, 100, 110, 135]));
        assert!(!is_flat(&[100, 100, 100]), "too few readings");
        assert!(!is_flat(&[]));
    }

    #[test]
    fn an_overload_serves_some_requests_and_refuses_others() {
        let is_overload = |statuses: &[u16]| {
            let responses = statuses.iter().map(|status| (*status, 1)).collect();
            Outcome { responses, ..Outcome::default() }.is_overload().is_ok()
        };
        assert!(is_overload(&[200, 201, 429]));
        assert!(is_overload(&[200, 503]));
        assert!(!is_overload(&[200, 201]));
        assert!(!is_overload(&[429, 503]));
    }

    #[test]
    fn a_response_is_right_by_its_status_and_its_body() {
        let is_right = |status, body: bool| {
            let response = Response { status, headers: HeaderMap::default(), body: Vec::default() };
            is_right(&response, StatusCode::OK, || Ok(body)).is_ok()
        };
        assert!(is_right(StatusCode::OK, true));
        assert!(is_right(StatusCode::TOO_MANY_REQUESTS, false));
        assert!(is_right(StatusCode::SERVICE_UNAVAILABLE, false));
        assert!(!is_right(StatusCode::OK, false));
        assert!(!is_right(StatusCode::CREATED, true));
        assert!(!is_right(StatusCode::INTERNAL_SERVER_ERROR, true));
    }
}
