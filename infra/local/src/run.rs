//! A run from start to end.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::assembly::Assembly;
use crate::gateway::Gateway;
use crate::lambda::{Pool, Surroundings};
use crate::log;
use crate::record::{self, Record};
use crate::server::{Answer, Handler, Listener};
use crate::stack::{Function, Half, Stack};
use crate::table::{Data, Engine};
use crate::website::Site;

/// What to run, and how.
#[derive(Debug)]
pub struct Options {
    /// The output of `cdk synth`.
    pub assembly: PathBuf,
    pub data: Data,
    /// Whether to serve the web site.
    pub site: bool,
    /// Where to write what the API receives and answers.
    pub record: Option<PathBuf>,
    /// Where the table listens; 0 is any free port.
    pub table_port: u16,
    /// The URL by which the functions reach the table, if something stands between the two.
    pub table_via: Option<String>,
    /// What of the stack not to run.
    pub without: Vec<Half>,
}

impl Options {
    /// The stack of an assembly as it shall run.
    fn read(&self, assembly: &Path) -> Result<Stack> {
        let mut stack = Stack::read(&Assembly::read(assembly)?)?;
        for &half in &self.without {
            tracing::warn!("NOT AS DEPLOYED: this run is without {half}");
            stack.take_away(half);
        }
        Ok(stack)
    }
}

/// What somebody tells a run.
#[derive(Debug)]
pub enum Control {
    /// Go on with the functions, routes and site of this assembly.
    Reload(PathBuf),
    Stop,
}

/// Runs a stack until it is told to stop. `report` is given one JSON object for each thing that a program
/// may wait for: `{"ready": {...}}`, `{"reloaded": true}`, `{"reloadFailed": "why"}`.
pub async fn run(
    options: Options,
    mut control: mpsc::Receiver<Control>,
    report: impl Fn(Value),
) -> Result<()> {
    let run = tokio::select! {
        run = Run::start(&options) => run?,
        () = told_to_stop(&mut control) => return Ok(()),
    };
    report(json!({ "ready": run.addresses() }));
    while let Some(Control::Reload(assembly)) = control.recv().await {
        match run.reload(&options, &assembly).await {
            Ok(()) => {
                tracing::info!("reloaded {}", assembly.display());
                report(json!({ "reloaded": true }));
            }
            Err(error) => {
                tracing::error!("not reloaded, the old functions go on: {error:#}");
                report(json!({ "reloadFailed": format!("{error:#}") }));
            }
        }
    }
    tracing::info!("stopping");
    run.stop().await;
    Ok(())
}

/// Waits for the end before the start is through; there is nothing to reload yet.
async fn told_to_stop(control: &mut mpsc::Receiver<Control>) {
    while let Some(Control::Reload(_)) = control.recv().await {}
}

/// A running stack.
struct Run {
    current: Arc<RwLock<Arc<Running>>>,
    api: String,
    site: Option<String>,
    engine: Engine,
    surroundings: Arc<Surroundings>,
    servers: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// What requests are answered with. A reload puts another in its place; requests that are under way end with
/// the one they began with.
struct Running {
    gateway: Gateway,
    functions: HashMap<String, Arc<Pool>>,
    site: Option<Site>,
}

impl Run {
    async fn start(options: &Options) -> Result<Self> {
        let mut stack = options.read(&options.assembly)?;
        for resource in &stack.left_out {
            tracing::warn!("not run here: {resource}");
        }
        let api = Listener::bind(&stack.api.authority, "--api-port").await?;
        stack.api.authority.clone_from(&api.authority);
        let site = match stack.site.as_ref().filter(|_| options.site) {
            Some(site) => Some(Listener::bind(&site.authority, "--web-port").await?),
            None => None,
        };
        let record = options.record.as_deref().map(Record::create).transpose()?;
        let engine = Engine::start(&options.data, options.table_port)?;
        engine.create_tables(&stack.tables)?;
        let table_url = options.table_via.clone().unwrap_or_else(|| engine.url.clone());
        let surroundings = Arc::new(Surroundings { table_url });
        let functions = start_functions(stack.functions, &HashMap::new(), &surroundings).await?;
        let gateway = Gateway::new(stack.api, &functions);
        let running = Running { gateway, functions, site: stack.site };
        let current = Arc::new(RwLock::new(Arc::new(running)));

        let (stop, stopped) = watch::channel(false);
        let mut servers = JoinSet::new();
        let addresses = (api.authority.clone(), site.as_ref().map(|site| site.authority.clone()));
        servers.spawn(api.serve(answer_api(Arc::clone(&current), record), stopped.clone()));
        if let Some(site) = site {
            servers.spawn(site.serve(answer_site(Arc::clone(&current)), stopped));
        }
        let (api, site) = addresses;
        Ok(Self { current, api, site, engine, surroundings, servers, stop })
    }

    fn addresses(&self) -> Value {
        json!({
            "api": format!("http://{}", self.api),
            "site": self.site.as_ref().map(|authority| format!("http://{authority}")),
            "table": self.engine.url,
        })
    }

    /// Goes on with another assembly; on an error, with the old one.
    async fn reload(&self, options: &Options, assembly: &Path) -> Result<()> {
        let mut stack = options.read(assembly)?;
        ensure!(
            stack.api.authority == self.api || stack.api.authority.ends_with(":0"),
            "the API moved to {}: start anew for that",
            stack.api.authority
        );
        stack.api.authority.clone_from(&self.api);
        self.engine.create_tables(&stack.tables)?;
        let before = current(&self.current);
        let functions =
            start_functions(stack.functions, &before.functions, &self.surroundings).await?;
        let gateway = Gateway::new(stack.api, &functions);
        if let (Some(new), Some(old)) = (&mut stack.site, &before.site) {
            new.replace(old);
        }
        let next = Running { gateway, functions, site: stack.site };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        Ok(())
    }

    /// Ends with the requests that are under way answered.
    async fn stop(self) {
        self.stop.send_replace(true);
        self.servers.join_all().await;
    }
}

fn current(running: &RwLock<Arc<Running>>) -> Arc<Running> {
    Arc::clone(&running.read().unwrap_or_else(PoisonError::into_inner))
}

fn answer_api(running: Arc<RwLock<Arc<Running>>>, record: Option<Record>) -> Arc<Handler> {
    let record = record.map(Arc::new);
    Arc::new(move |request| {
        let (running, record) = (current(&running), record.clone());
        Box::pin(async move {
            let start = Instant::now();
            let (method, path) = (request.method().clone(), request.uri().path().to_owned());
            let received = record.as_ref().map(|_| record::request(&request));
            let (response, trace) = running.gateway.answer(request).await;
            if let Some((record, received)) = record.zip(received) {
                record.add(&received, &response);
            }
            log::request(method.as_str(), &path, response.status(), &trace, start.elapsed());
            response
        })
    })
}

fn answer_site(running: Arc<RwLock<Arc<Running>>>) -> Arc<Handler> {
    Arc::new(move |request| {
        let running = current(&running);
        Box::pin(async move {
            running.site.as_ref().map_or_else(Answer::default, |site| site.answer(&request))
        })
    })
}

/// Starts each function; one that has not changed goes on as it is.
async fn start_functions(
    functions: HashMap<String, Function>,
    before: &HashMap<String, Arc<Pool>>,
    surroundings: &Arc<Surroundings>,
) -> Result<HashMap<String, Arc<Pool>>> {
    let mut starting = JoinSet::new();
    let mut started = HashMap::new();
    for (name, function) in functions {
        match before.get(&name).filter(|pool| is_same(pool.function(), &function)) {
            Some(pool) => {
                started.insert(name, Arc::clone(pool));
            }
            None => {
                let surroundings = Arc::clone(surroundings);
                starting.spawn(async move {
                    let label = function.label.clone();
                    let pool = Pool::start(function, surroundings).await;
                    (name, pool.with_context(|| format!("the function {label}")))
                });
            }
        }
    }
    while let Some(joined) = starting.join_next().await {
        let (name, pool) = joined?;
        started.insert(name, Arc::new(pool?));
    }
    Ok(started)
}

/// The folder of an asset is named by its content's hash, so its last part says whether the code changed.
fn is_same(old: &Function, new: &Function) -> bool {
    old.code.file_name() == new.code.file_name()
        && Function { code: PathBuf::new(), ..old.clone() }
            == Function { code: PathBuf::new(), ..new.clone() }
}
