//! A run from start to end.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::assembly::Assembly;
use crate::gateway::Gateway;
use crate::lambda::{Function, Pool, RuntimeEnv};
use crate::log;
use crate::record::{self, Record};
use crate::server::{Handler, Listener, Response};
use crate::stack::{CorsPart, Stack};
use crate::table::{AccessKey, Data, Engine};
use crate::website::Site;

/// What to run, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The output of `cdk synth`.
    pub assembly: PathBuf,
    pub data: Data,
    /// Whether to serve the web site.
    pub site: bool,
    /// The file for all requests and responses of the API.
    pub record: Option<PathBuf>,
    /// Where the table listens; 0 is any free port.
    pub table_port: u16,
    /// The URL of the table for the functions, if a proxy stands before it.
    pub table_via: Option<String>,
    /// Whether no client but the functions may use the table.
    pub locked: bool,
    /// The parts of CORS to remove.
    pub without: Vec<CorsPart>,
}

impl Options {
    /// The API of an assembly with its events in memory, and nothing else.
    pub fn in_memory(assembly: PathBuf) -> Self {
        Self {
            assembly,
            data: Data::Memory,
            site: false,
            record: None,
            table_port: 0,
            table_via: None,
            locked: false,
            without: Vec::new(),
        }
    }

    /// Reads the stack of an assembly.
    fn read(&self, assembly: &Path) -> Result<Stack> {
        let mut stack = Stack::read(&Assembly::read(assembly)?)?;
        for &part in &self.without {
            tracing::warn!("NOT AS DEPLOYED: this run is without {part}");
            stack.remove(part);
        }
        Ok(stack)
    }
}

/// A command to a run.
#[derive(Debug)]
pub enum Control {
    /// Continue with the functions, routes and site of this assembly.
    Reload(PathBuf),
    Stop,
}

/// Runs a stack until it is told to stop. `report` gets one JSON object for each event that a
/// program may wait for: `{"ready": {...}}` with [`Addresses`], `{"reloaded": true}`,
/// `{"reloadFailed": "why"}`.
pub async fn run(
    options: Options,
    mut control: mpsc::Receiver<Control>,
    report: impl Fn(Value),
) -> Result<()> {
    let run = tokio::select! {
        run = Run::start(&options) => run?,
        () = told_to_stop(&mut control) => return Ok(()),
    };
    report(json!({ "ready": run.addresses }));
    while let Some(Control::Reload(assembly)) = control.recv().await {
        match run.reload(&options, &assembly).await {
            Ok(()) => {
                tracing::info!("reloaded {}", assembly.display());
                report(json!({ "reloaded": true }));
            }
            Err(error) => {
                tracing::error!("not reloaded, the old functions continue: {error:#}");
                report(json!({ "reloadFailed": format!("{error:#}") }));
            }
        }
    }
    tracing::info!("stopping");
    run.stop().await;
    Ok(())
}

/// Waits for a stop during the start, when there is nothing to reload yet.
async fn told_to_stop(control: &mut mpsc::Receiver<Control>) {
    while let Some(Control::Reload(_)) = control.recv().await {}
}

/// A running stack.
pub struct Run {
    pub addresses: Addresses,
    current: Arc<RwLock<Arc<Running>>>,
    api_authority: String,
    engine: Engine,
    runtime_env: Arc<RuntimeEnv>,
    servers: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// The URLs of a run, and the key of its table.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Addresses {
    pub api: String,
    pub site: Option<String>,
    /// The site's `config.json`, for a page that another program serves.
    pub site_config: Option<Value>,
    pub table: String,
    pub table_names: Vec<String>,
    /// It may do everything; none in a run that is locked.
    pub table_key: Option<AccessKey>,
}

/// What serves requests. A reload replaces it; requests in progress finish with the old one.
struct Running {
    gateway: Gateway,
    functions: HashMap<String, Arc<Pool>>,
    site: Option<Site>,
}

impl Run {
    /// Starts a stack and returns when it is ready.
    pub async fn start(options: &Options) -> Result<Self> {
        let mut stack = options.read(&options.assembly)?;
        for resource in &stack.ignored {
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
        let runtime_env = RuntimeEnv { table_url, keys: Arc::clone(&engine.function_keys) };
        let runtime_env = Arc::new(runtime_env);
        engine.admit(stack.roles);
        let functions = start_functions(stack.functions, &HashMap::new(), &runtime_env).await?;
        let gateway = Gateway::new(stack.api, &functions);
        let site_config = stack.site.as_ref().and_then(Site::config);
        let running = Running { gateway, functions, site: stack.site };
        let current = Arc::new(RwLock::new(Arc::new(running)));

        let (stop, stopped) = watch::channel(false);
        let mut servers = JoinSet::new();
        let api_authority = api.authority.clone();
        let addresses = Addresses {
            api: format!("http://{api_authority}"),
            site: site.as_ref().map(|site| format!("http://{}", site.authority)),
            site_config,
            table: engine.url.clone(),
            table_names: stack.tables.into_iter().map(|table| table.name).collect(),
            table_key: (!options.locked).then(|| engine.admin_key()),
        };
        servers.spawn(api.serve(api_handler(Arc::clone(&current), record), stopped.clone()));
        if let Some(site) = site {
            servers.spawn(site.serve(site_handler(Arc::clone(&current)), stopped));
        }
        Ok(Self { addresses, current, api_authority, engine, runtime_env, servers, stop })
    }

    /// Continues with another assembly; after an error, with the old one.
    async fn reload(&self, options: &Options, assembly: &Path) -> Result<()> {
        let mut stack = options.read(assembly)?;
        ensure!(
            stack.api.authority == self.api_authority || stack.api.authority.ends_with(":0"),
            "the API moved to {}: restart the run",
            stack.api.authority
        );
        stack.api.authority.clone_from(&self.api_authority);
        self.engine.create_tables(&stack.tables)?;
        let before = current(&self.current);
        let functions =
            start_functions(stack.functions, &before.functions, &self.runtime_env).await?;
        self.engine.admit(stack.roles);
        let gateway = Gateway::new(stack.api, &functions);
        if let (Some(new), Some(old)) = (&mut stack.site, &before.site) {
            new.replace(old);
        }
        let next = Running { gateway, functions, site: stack.site };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        Ok(())
    }

    /// Stops after the requests in progress.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.servers.join_all().await;
    }
}

fn current(running: &RwLock<Arc<Running>>) -> Arc<Running> {
    Arc::clone(&running.read().unwrap_or_else(PoisonError::into_inner))
}

fn api_handler(running: Arc<RwLock<Arc<Running>>>, record: Option<Record>) -> Arc<Handler> {
    let record = record.map(Arc::new);
    Arc::new(move |request| {
        let (running, record) = (current(&running), record.clone());
        Box::pin(async move {
            let start = Instant::now();
            let (method, path) = (request.method().clone(), request.uri().path().to_owned());
            let received = record.as_ref().map(|_| record::request(&request));
            let (response, trace) = running.gateway.respond(request).await;
            if let Some((record, received)) = record.zip(received) {
                record.add(&received, &response);
            }
            log::request(method.as_str(), &path, response.status(), &trace, start.elapsed());
            response
        })
    })
}

fn site_handler(running: Arc<RwLock<Arc<Running>>>) -> Arc<Handler> {
    Arc::new(move |request| {
        let running = current(&running);
        Box::pin(async move {
            running.site.as_ref().map_or_else(Response::default, |site| site.respond(&request))
        })
    })
}

/// Starts each function, unless it runs already and has not changed.
async fn start_functions(
    functions: HashMap<String, Function>,
    before: &HashMap<String, Arc<Pool>>,
    runtime_env: &Arc<RuntimeEnv>,
) -> Result<HashMap<String, Arc<Pool>>> {
    let mut starting = JoinSet::new();
    let mut started = HashMap::new();
    for (name, function) in functions {
        match before.get(&name).filter(|pool| is_same(pool.function(), &function)) {
            Some(pool) => {
                started.insert(name, Arc::clone(pool));
            }
            None => {
                let runtime_env = Arc::clone(runtime_env);
                starting.spawn(async move {
                    let label = function.label.clone();
                    let pool = Pool::start(function, runtime_env).await;
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

/// CDK names the folder of an asset by the hash of its content, so the folder's name tells whether
/// the code changed.
fn is_same(old: &Function, new: &Function) -> bool {
    old.code.file_name() == new.code.file_name()
        && Function { code: PathBuf::new(), ..old.clone() }
            == Function { code: PathBuf::new(), ..new.clone() }
}
