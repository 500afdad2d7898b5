//! Runs the clients of a seed, and injects its faults.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use domain::{Event, SortKey};
use fastrand::Rng;
use reqwest::StatusCode;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::history::{Call, Created, Deleted, History, Operation, Subject, Variant, unfolded};
use crate::client::{Client, Response};
use crate::proxy::{Fault, Faults, Proxy};
use crate::runner::{Runner, Start, System, lasting_port};

const CLIENTS: usize = 6;
const CALLS: usize = 20;
const KEYS: usize = 5;
/// More pages than any walk has: there are fewer events.
const MOST_PAGES: usize = CLIENTS * CALLS + KEYS;
/// How often a page is requested before its walk fails.
const TRIES: usize = 20;
/// How often a start is attempted before the seed fails.
const STARTS: usize = 5;
/// Longer than any response takes without faults.
const TIMEOUT: Duration = Duration::from_secs(40);
/// Every event with a date: those of the seeds are of one month.
const FEED: &str = "?format=ics&from=2026-06-01";
/// The client that reads everything at the end.
const LAST: usize = CLIENTS;

/// What to run.
#[derive(Debug, Clone)]
pub struct Setting {
    pub system: System,
    /// An outage of the table of this length, beside the other faults.
    pub outage: Option<Duration>,
}

/// One client.
struct Caller {
    number: usize,
    http: Client,
    rng: Rng,
    shared: Arc<Shared>,
    timeout: Duration,
}

struct Shared {
    begin: Instant,
    /// The URL of the API; none while the run is down.
    api: watch::Receiver<Option<String>>,
    calls: Mutex<Vec<Call>>,
    ids: Mutex<HashMap<Subject, String>>,
}

/// Runs the clients of a seed under its faults, then stops all faults and reads everything that is
/// stored. Returns all calls, and an error if a client got a response that is wrong on its own.
/// `dir` is an empty folder.
pub async fn run(setting: &Setting, seed: u64, dir: &Path) -> Result<(History, Result<()>)> {
    let rng = Rng::with_seed(seed);
    let table_port = lasting_port()?;
    let proxy = Proxy::start(&format!("127.0.0.1:{table_port}"), Faults::listed([]))?;
    let start = Start {
        system: setting.system.clone(),
        data: dir.join("data"),
        table: Some((table_port, proxy.url.clone())),
        log: dir.join("run.log"),
    };
    let runner = started(&start).await?;
    let (up, api) = watch::channel(Some(runner.api.clone()));
    let shared = Arc::new(Shared {
        begin: Instant::now(),
        api,
        calls: Mutex::default(),
        ids: Mutex::default(),
    });
    let outcome = run_under_faults(setting, rng, &proxy, runner, &start, &up, &shared).await;
    let calls = std::mem::take(&mut *lock(&shared.calls));
    Ok((History { calls }, outcome))
}

async fn run_under_faults(
    setting: &Setting,
    mut rng: Rng,
    proxy: &Proxy,
    runner: Runner,
    start: &Start,
    up: &watch::Sender<Option<String>>,
    shared: &Arc<Shared>,
) -> Result<()> {
    proxy.set(Faults::random(rng.u64(..), [0, 10, 25, 50][rng.usize(..4)]));

    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let caller = Caller {
            number,
            http: Client::new()?,
            rng: rng.fork(),
            shared: Arc::clone(shared),
            timeout: TIMEOUT,
        };
        clients.spawn(caller.work());
    }
    let injecting = inject_faults(rng.fork(), setting, proxy, runner, start, up);
    let work = async {
        while let Some(done) = clients.join_next().await {
            done??;
        }
        Ok::<_, anyhow::Error>(())
    };
    let (runner, ()) = tokio::try_join!(injecting, work)?;

    proxy.set(Faults::listed([]));
    let mut last = Caller {
        number: LAST,
        http: Client::new()?,
        rng,
        shared: Arc::clone(shared),
        timeout: TIMEOUT,
    };
    last.read_everything().await?;
    runner.kill().await
}

/// Kills processes and makes the table unavailable, at times that the seed determines.
async fn inject_faults(
    mut rng: Rng,
    setting: &Setting,
    proxy: &Proxy,
    mut runner: Runner,
    start: &Start,
    up: &watch::Sender<Option<String>>,
) -> Result<Runner> {
    for _ in 0..rng.usize(..4) {
        tokio::time::sleep(Duration::from_millis(rng.u64(10..400))).await;
        if rng.u8(..3) == 0 {
            up.send_replace(None);
            runner.kill().await?;
            runner = started(start).await?;
            up.send_replace(Some(runner.api.clone()));
        } else {
            runner.kill_a_function(rng.usize(..))?;
        }
    }
    if let Some(outage) = setting.outage {
        let faults = Faults::random(rng.u64(..), 25);
        proxy.set(Faults::Always(Fault::CutBefore));
        tokio::time::sleep(outage).await;
        proxy.set(faults);
    }
    Ok(runner)
}

/// Starts a run. On a busy machine with a silent table, a function may exceed the time limit of its
/// start; then it is started again, as on AWS.
async fn started(start: &Start) -> Result<Runner> {
    for _ in 1..STARTS {
        if let Ok(runner) = Runner::start(start).await {
            return Ok(runner);
        }
    }
    Runner::start(start).await
}

impl Caller {
    async fn work(mut self) -> Result<()> {
        for number in 0..CALLS {
            // Some clients disconnect before they get a response.
            self.timeout = match self.rng.u8(..10) {
                0 => Duration::from_millis(self.rng.u64(1..60)),
                _ => TIMEOUT,
            };
            let subject = Subject::Key(self.rng.usize(..KEYS));
            let variant = u8::from(self.rng.u8(..5) == 0);
            match self.rng.u8(..100) {
                0..35 => {
                    let mut outcome = self.create(subject, variant).await?;
                    for _ in 0..self.rng.u8(..4) {
                        if outcome.is_some() {
                            break;
                        }
                        outcome = self.create(subject, variant).await?;
                    }
                }
                35..50 => {
                    self.create(Subject::Once(self.number, number), variant).await?;
                }
                50..65 => self.get(subject).await?,
                65..80 => {
                    let known: Vec<_> = lock(&self.shared.ids).keys().copied().collect();
                    let subject = self.rng.choice(known).unwrap_or(subject);
                    self.delete(subject).await?;
                }
                80..90 => {
                    self.feed().await?;
                }
                _ => {
                    let order = if self.rng.bool() { "asc" } else { "desc" };
                    let query = format!("?order={order}&limit={}", self.rng.u8(1..8));
                    self.walk(&query).await?;
                }
            }
        }
        Ok(())
    }

    /// Reads everything that is stored, in several ways.
    async fn read_everything(&mut self) -> Result<()> {
        for query in ["", "?order=desc", "?limit=3", "?order=desc&limit=2"] {
            ensure!(self.walk(query).await?, "the list {query:?} cannot be read at the end");
        }
        ensure!(self.feed().await?, "the feed cannot be read at the end");
        let subjects: Vec<_> = lock(&self.shared.ids).keys().copied().collect();
        for subject in subjects {
            self.get(subject).await?;
        }
        Ok(())
    }

    async fn create(&mut self, subject: Subject, variant: Variant) -> Result<Option<Created>> {
        let content = serde_json::to_value(subject.content(variant)?)?;
        let key = matches!(subject, Subject::Key(_)).then(|| subject.to_string());
        let start = self.now();
        let http = self.http.clone();
        let response =
            self.send(async |api| http.create(api, &content, key.as_deref()).await).await?;
        let outcome = match &response {
            None => None,
            Some(response) => match response.status {
                StatusCode::CREATED => {
                    let event: Event = response.decode()?;
                    ensure!(
                        Subject::of(&event)? == (subject, variant),
                        "the create of {subject} v{variant} returned {event:?}"
                    );
                    self.learn(subject, &event.id.to_string())?;
                    match response.header("idempotency-replayed") {
                        Some("true") => Some(Created::Replayed),
                        None => Some(Created::New),
                        Some(other) => bail!("idempotency-replayed: {other}"),
                    }
                }
                StatusCode::UNPROCESSABLE_ENTITY => {
                    let stored = response.header("location").context("a 422 names no event")?;
                    let id = stored.strip_prefix("/events/").context("a 422 names no event")?;
                    self.learn(subject, id)?;
                    Some(Created::Refused)
                }
                _ => bail!("a create returned {response:?}"),
            },
        };
        self.note(start, Operation::Create { subject, variant, outcome });
        Ok(outcome)
    }

    async fn get(&mut self, subject: Subject) -> Result<()> {
        let Some(id) = self.id(subject) else { return Ok(()) };
        let start = self.now();
        let http = self.http.clone();
        let response = self.send(async |api| http.get(api, &id).await).await?;
        let outcome = match &response {
            None => None,
            Some(response) => match response.status {
                StatusCode::OK => Some(Some(self.recognize(&response.decode()?, Some(subject))?.1)),
                StatusCode::NOT_FOUND => Some(None),
                _ => bail!("a get returned {response:?}"),
            },
        };
        self.note(start, Operation::Get { subject, outcome });
        Ok(())
    }

    async fn delete(&mut self, subject: Subject) -> Result<()> {
        let Some(id) = self.id(subject) else { return Ok(()) };
        let start = self.now();
        let http = self.http.clone();
        let response = self.send(async |api| http.delete(api, &id).await).await?;
        let outcome = match &response {
            None => None,
            Some(response) => match response.status {
                StatusCode::NO_CONTENT => Some(Deleted::Done),
                StatusCode::NOT_FOUND => Some(Deleted::NotFound),
                _ => bail!("a delete returned {response:?}"),
            },
        };
        self.note(start, Operation::Delete { subject, outcome });
        Ok(())
    }

    /// Reads the whole list. Returns whether every page could be read.
    async fn walk(&mut self, query: &str) -> Result<bool> {
        let start = self.now();
        let mut events: Vec<Event> = Vec::new();
        let mut next = Some(query.to_owned());
        let mut pages = 0;
        while let Some(page) = next {
            let Some(response) = self.page(&page).await? else {
                self.note(start, Operation::Walk { query: query.to_owned(), outcome: None });
                return Ok(false);
            };
            ensure!(response.status == StatusCode::OK, "{page:?} returned {response:?}");
            events.extend(response.decode::<Vec<_>>()?);
            next = response.next_query();
            pages += 1;
            ensure!(pages < MOST_PAGES, "the walk {query:?} has no end");
        }
        let ordered = events.is_sorted_by(|a, b| {
            let (a, b) = (SortKey::of(a), SortKey::of(b));
            if query.contains("desc") { a > b } else { a < b }
        });
        ensure!(
            ordered,
            "the walk {query:?} is out of order, or shows an event twice: {events:#?}"
        );
        let seen =
            events.iter().map(|event| self.recognize(event, None)).collect::<Result<Vec<_>>>()?;
        self.note(start, Operation::Walk { query: query.to_owned(), outcome: Some(seen) });
        Ok(true)
    }

    /// Reads the calendar feed, and asks once more whether it changed. Returns whether both could be
    /// read. A 304 says that everything is as it was.
    async fn feed(&mut self) -> Result<bool> {
        let mut known: Option<(String, Vec<(Subject, Variant)>)> = None;
        for _ in 0..2 {
            let start = self.now();
            let tag = known.as_ref().map(|(tag, _)| tag.as_str());
            let Some(response) = self.feed_response(tag).await? else {
                self.note(start, Operation::Feed { outcome: None });
                return Ok(false);
            };
            let (tag, seen) = match (response.status, known) {
                (StatusCode::NOT_MODIFIED, Some((tag, seen))) => {
                    ensure!(response.body.is_empty(), "a 304 with a body: {response:?}");
                    ensure!(response.header("etag") == Some(&tag), "another ETag: {response:?}");
                    (tag, seen)
                }
                (StatusCode::OK, known) => {
                    let tag = response.header("etag").context("a feed without an ETag")?;
                    let is_new = known.is_none_or(|(known, _)| known != tag);
                    ensure!(is_new, "a feed was sent again that did not change: {response:?}");
                    (tag.to_owned(), self.events_of_feed(&response)?)
                }
                _ => bail!("a feed returned {response:?}"),
            };
            self.note(start, Operation::Feed { outcome: Some(seen.clone()) });
            known = Some((tag, seen));
        }
        Ok(true)
    }

    fn events_of_feed(&self, response: &Response) -> Result<Vec<(Subject, Variant)>> {
        let text = unfolded(std::str::from_utf8(&response.body)?);
        let events = text.strip_suffix("END:VCALENDAR\r\n").context("a feed without an end")?;
        let mut events = events.split("BEGIN:VEVENT\r\n");
        let head = events.next().unwrap_or_default();
        ensure!(head.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"), "{head:?}");
        let mut places = Vec::new();
        let mut seen = Vec::new();
        for event in events {
            let (subject, variant, id) = Subject::of_feed(&["BEGIN:VEVENT\r\n", event].concat())?;
            self.learn(subject, &id.to_string())?;
            let when = subject.content(variant)?.when;
            places.push(SortKey { start: when.map(|when| (when.date, when.time)), id });
            seen.push((subject, variant));
        }
        ensure!(places.is_sorted_by(|a, b| a < b), "the feed is out of order: {text}");
        Ok(seen)
    }

    /// Requests one page, several times if it fails.
    async fn page(&mut self, query: &str) -> Result<Option<Response>> {
        for _ in 0..TRIES {
            let http = self.http.clone();
            if let Some(response) = self.send(async |api| http.list(api, query).await).await? {
                return Ok(Some(response));
            }
        }
        Ok(None)
    }

    /// Requests the feed, several times if it fails.
    async fn feed_response(&mut self, known: Option<&str>) -> Result<Option<Response>> {
        for _ in 0..TRIES {
            let http = self.http.clone();
            if let Some(response) = self.send(async |api| http.feed(api, FEED, known).await).await?
            {
                return Ok(Some(response));
            }
        }
        Ok(None)
    }

    /// Sends a request. `None` if its outcome is unknown: no response, a 5xx or a 429.
    async fn send(
        &mut self,
        request: impl AsyncFnOnce(&str) -> reqwest::Result<Response>,
    ) -> Result<Option<Response>> {
        let api = self.shared.api.clone().wait_for(Option::is_some).await?.clone();
        let response = tokio::time::timeout(self.timeout, request(&api.unwrap_or_default())).await;
        let Ok(Ok(response)) = response else { return Ok(None) };
        let is_unknown =
            response.status.is_server_error() || response.status == StatusCode::TOO_MANY_REQUESTS;
        Ok((!is_unknown).then_some(response))
    }

    /// The subject of an event. All events of a subject must have the same id.
    fn recognize(&self, event: &Event, expected: Option<Subject>) -> Result<(Subject, Variant)> {
        let (subject, variant) = Subject::of(event)?;
        ensure!(expected.is_none_or(|expected| expected == subject), "{expected:?}: {event:?}");
        self.learn(subject, &event.id.to_string())?;
        Ok((subject, variant))
    }

    fn learn(&self, subject: Subject, id: &str) -> Result<()> {
        let mut ids = lock(&self.shared.ids);
        let known = ids.entry(subject).or_insert_with(|| id.to_owned());
        ensure!(known == id, "{subject} has two ids: {known} and {id}");
        Ok(())
    }

    fn id(&self, subject: Subject) -> Option<String> {
        lock(&self.shared.ids).get(&subject).cloned()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.shared.begin.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn note(&self, start: u64, operation: Operation) {
        let end = self.now();
        lock(&self.shared.calls).push(Call { client: self.number, start, end, operation });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
