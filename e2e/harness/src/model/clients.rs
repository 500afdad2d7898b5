//! The clients of one seed, and who breaks what they use.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use domain::{Event, SortKey};
use fastrand::Rng;
use reqwest::StatusCode;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::history::{Call, Created, Deleted, History, Subject, Variant, What};
use crate::client::{Answer, Client};
use crate::proxy::{Fault, Faults, Proxy};
use crate::runner::{Runner, Start, lasting_port};

const CLIENTS: usize = 6;
const CALLS: usize = 20;
const KEYS: usize = 5;
/// More pages than any walk has.
const MOST_PAGES: usize = 1_000;
/// How often a page is asked for before its walk is given up.
const TRIES: usize = 20;
/// How often a run is started before it is given up.
const STARTS: usize = 5;
/// Longer than any answer takes when nothing is broken any more.
const PATIENCE: Duration = Duration::from_secs(40);
/// The client that looks at the end.
const LAST: usize = CLIENTS;

/// What is used and broken.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The program `local`.
    pub program: PathBuf,
    /// The output of `cdk synth`.
    pub assembly: PathBuf,
    /// For how long the table is gone once, beside all else.
    pub outage: Option<Duration>,
}

/// Everything that one client needs.
struct Caller {
    number: usize,
    http: Client,
    rng: Rng,
    shared: Arc<Shared>,
    patience: Duration,
}

struct Shared {
    begin: Instant,
    /// Where the API is; none while the run is down.
    api: watch::Receiver<Option<String>>,
    calls: Mutex<Vec<Call>>,
    ids: Mutex<HashMap<Subject, String>>,
}

/// Runs the clients of a seed in a folder of its own, under its faults; mends everything; looks at all that is left. Gives
/// what the clients were told, also when one of them was told what is wrong by itself: that is the second part.
pub async fn run(setting: &Setting, seed: u64, dir: &Path) -> Result<(History, Result<()>)> {
    let rng = Rng::with_seed(seed);
    let table_port = lasting_port()?;
    let proxy = Proxy::start(&format!("127.0.0.1:{table_port}"), Faults::listed([]))?;
    let start = Start {
        program: setting.program.clone(),
        assembly: setting.assembly.clone(),
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
    let outcome = use_and_break(setting, rng, &proxy, runner, &start, &up, &shared).await;
    let calls = std::mem::take(&mut *lock(&shared.calls));
    Ok((History { calls }, outcome))
}

/// All that happens between the start of a seed's run and its end.
async fn use_and_break(
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
            patience: PATIENCE,
        };
        clients.spawn(caller.work());
    }
    let breaking = break_things(rng.fork(), setting, proxy, runner, start, up);
    let work = async {
        while let Some(done) = clients.join_next().await {
            done??;
        }
        Ok::<_, anyhow::Error>(())
    };
    let (runner, ()) = tokio::try_join!(breaking, work)?;

    proxy.set(Faults::listed([]));
    let mut last = Caller {
        number: LAST,
        http: Client::new()?,
        rng,
        shared: Arc::clone(shared),
        patience: PATIENCE,
    };
    last.look_at_everything().await?;
    runner.kill().await
}

/// Kills processes and cuts the table off, at moments that the seed gives.
async fn break_things(
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

/// A run that is up. A function that meets a silent table on a busy machine may take longer to start than it is
/// given; then it is started again, as on AWS.
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
            // Some callers go away before they are answered.
            self.patience = match self.rng.u8(..10) {
                0 => Duration::from_millis(self.rng.u64(1..60)),
                _ => PATIENCE,
            };
            let subject = Subject::Key(self.rng.usize(..KEYS));
            let variant = u8::from(self.rng.u8(..5) == 0);
            match self.rng.u8(..100) {
                0..35 => {
                    let mut answered = self.create(subject, variant).await?;
                    for _ in 0..self.rng.u8(..4) {
                        if answered.is_some() {
                            break;
                        }
                        answered = self.create(subject, variant).await?;
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
                _ => {
                    let order = if self.rng.bool() { "asc" } else { "desc" };
                    let query = format!("?order={order}&limit={}", self.rng.u8(1..8));
                    self.walk(&query).await?;
                }
            }
        }
        Ok(())
    }

    /// Everything that is left, in several ways.
    async fn look_at_everything(&mut self) -> Result<()> {
        for query in ["", "?order=desc", "?limit=3", "?order=desc&limit=2"] {
            ensure!(self.walk(query).await?, "the list {query:?} cannot be read at the end");
        }
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
        let answer = self.ask(async |api| http.create(api, &content, key.as_deref()).await).await?;
        let created = match &answer {
            None => None,
            Some(answer) => match answer.status {
                StatusCode::CREATED => {
                    let event: Event = answer.decode()?;
                    ensure!(
                        Subject::of(&event)? == (subject, variant),
                        "{subject} v{variant} was created, {event:?} answered"
                    );
                    self.learn(subject, &event.id.to_string())?;
                    match answer.header("idempotency-replayed") {
                        Some("true") => Some(Created::Replayed),
                        None => Some(Created::New),
                        Some(other) => bail!("idempotency-replayed: {other}"),
                    }
                }
                StatusCode::UNPROCESSABLE_ENTITY => {
                    let stored = answer.header("location").context("a 422 names no event")?;
                    let id = stored.strip_prefix("/events/").context("a 422 names no event")?;
                    self.learn(subject, id)?;
                    Some(Created::Refused)
                }
                _ => bail!("a create was answered {answer:?}"),
            },
        };
        self.note(start, What::Create { subject, variant, answer: created });
        Ok(created)
    }

    async fn get(&mut self, subject: Subject) -> Result<()> {
        let Some(id) = self.id(subject) else { return Ok(()) };
        let start = self.now();
        let http = self.http.clone();
        let answer = self.ask(async |api| http.get(api, &id).await).await?;
        let stored = match &answer {
            None => None,
            Some(answer) => match answer.status {
                StatusCode::OK => Some(Some(self.recognize(&answer.decode()?, Some(subject))?.1)),
                StatusCode::NOT_FOUND => Some(None),
                _ => bail!("a get was answered {answer:?}"),
            },
        };
        self.note(start, What::Get { subject, answer: stored });
        Ok(())
    }

    async fn delete(&mut self, subject: Subject) -> Result<()> {
        let Some(id) = self.id(subject) else { return Ok(()) };
        let start = self.now();
        let http = self.http.clone();
        let answer = self.ask(async |api| http.delete(api, &id).await).await?;
        let deleted = match &answer {
            None => None,
            Some(answer) => match answer.status {
                StatusCode::NO_CONTENT => Some(Deleted::Done),
                StatusCode::NOT_FOUND => Some(Deleted::NotThere),
                _ => bail!("a delete was answered {answer:?}"),
            },
        };
        self.note(start, What::Delete { subject, answer: deleted });
        Ok(())
    }

    /// Reads the whole list; whether that was possible.
    async fn walk(&mut self, query: &str) -> Result<bool> {
        let start = self.now();
        let mut events: Vec<Event> = Vec::new();
        let mut next = Some(query.to_owned());
        let mut pages = 0;
        while let Some(page) = next {
            let Some(answer) = self.page(&page).await? else {
                self.note(start, What::Walk { query: query.to_owned(), answer: None });
                return Ok(false);
            };
            ensure!(answer.status == StatusCode::OK, "{page:?} was answered {answer:?}");
            events.extend(answer.decode::<Vec<_>>()?);
            next = answer.next_query();
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
        self.note(start, What::Walk { query: query.to_owned(), answer: Some(seen) });
        Ok(true)
    }

    /// One page; asked for again while it is refused for a time.
    async fn page(&mut self, query: &str) -> Result<Option<Answer>> {
        for _ in 0..TRIES {
            let http = self.http.clone();
            if let Some(answer) = self.ask(async |api| http.list(api, query).await).await? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    /// Sends a call. `None` when no answer came, or one that says nothing of what happened.
    async fn ask(
        &mut self,
        call: impl AsyncFnOnce(&str) -> reqwest::Result<Answer>,
    ) -> Result<Option<Answer>> {
        let api = self.shared.api.clone().wait_for(Option::is_some).await?.clone();
        let answer = tokio::time::timeout(self.patience, call(&api.unwrap_or_default())).await;
        let Ok(Ok(answer)) = answer else { return Ok(None) };
        let told_nothing =
            answer.status.is_server_error() || answer.status == StatusCode::TOO_MANY_REQUESTS;
        Ok((!told_nothing).then_some(answer))
    }

    /// Which subject an event is of; its id must be the only one that this subject ever had.
    fn recognize(&self, event: &Event, expected: Option<Subject>) -> Result<(Subject, Variant)> {
        let (subject, variant) = Subject::of(event)?;
        ensure!(expected.is_none_or(|expected| expected == subject), "{expected:?}: {event:?}");
        self.learn(subject, &event.id.to_string())?;
        Ok((subject, variant))
    }

    fn learn(&self, subject: Subject, id: &str) -> Result<()> {
        let mut ids = lock(&self.shared.ids);
        let known = ids.entry(subject).or_insert_with(|| id.to_owned());
        ensure!(known == id, "{subject} is two events: {known} and {id}");
        Ok(())
    }

    fn id(&self, subject: Subject) -> Option<String> {
        lock(&self.shared.ids).get(&subject).cloned()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.shared.begin.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn note(&self, start: u64, what: What) {
        let end = self.now();
        lock(&self.shared.calls).push(Call { client: self.number, start, end, what });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
