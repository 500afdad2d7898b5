//! Running what is measured: the whole stack, or its table alone.

use std::path::Path;

use anyhow::{Context, Result};
use api::EventStore;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use serde_json::Value;
use template_runner::assembly::Assembly;
use template_runner::stack::Stack;
use template_runner::table::{Data, Engine};
use template_runner::{Control, Options};
use tokio::sync::{mpsc, oneshot};

use crate::events::event;

/// The stack behind its gateway, with no data.
pub struct Running {
    pub api: String,
    pub table: Table,
    control: mpsc::Sender<Control>,
}

impl Running {
    pub async fn start(assembly: &Path) -> Result<Self> {
        let (control, commands) = mpsc::channel(1);
        let (ready, is_ready) = oneshot::channel();
        let options = Options {
            assembly: assembly.to_owned(),
            data: Data::Memory,
            site: false,
            record: None,
            table_port: 0,
            table_via: None,
            without: Vec::new(),
        };
        let ready = std::sync::Mutex::new(Some(ready));
        let run = tokio::spawn(template_runner::run(options, commands, move |line: Value| {
            let ready = ready.lock().ok().and_then(|mut ready| ready.take());
            if let Some(ready) = ready {
                // That nobody waits any more is found out below.
                let _ = ready.send(line);
            }
        }));
        let Ok(line) = is_ready.await else {
            run.await??;
            anyhow::bail!("the local run ended");
        };
        let url = |name: &str| {
            line["ready"][name].as_str().with_context(|| format!("the local run named no {name}"))
        };
        let stack = Stack::read(&Assembly::read(assembly)?)?;
        Ok(Self { api: url("api")?.to_owned(), table: Table::at(url("table")?, &stack)?, control })
    }

    pub async fn stop(self) -> Result<()> {
        self.control.send(Control::Stop).await?;
        self.control.closed().await;
        Ok(())
    }
}

/// The table of the stack.
pub struct Table {
    pub client: Client,
    pub name: String,
    /// As the functions have it.
    pub store: EventStore,
}

impl Table {
    fn at(url: &str, stack: &Stack) -> Result<Self> {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("bench", "bench", None, None, "bench"))
            .endpoint_url(url)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let name = stack.tables.first().context("the stack has no table")?.name.clone();
        let client = Client::from_conf(config);
        let shards = stack
            .functions
            .values()
            .flat_map(|function| &function.environment)
            .find_map(|(name, value)| (name == "SHARDS").then_some(value))
            .context("no function is told the number of shards")?
            .parse()?;
        let store = EventStore::new(client.clone(), name.clone(), shards);
        Ok(Self { client, name, store })
    }

    /// The table in an engine of its own, in memory.
    pub fn start(assembly: &Path) -> Result<(Engine, Self)> {
        let stack = Stack::read(&Assembly::read(assembly)?)?;
        let engine = Engine::start(&Data::Memory, 0)?;
        engine.create_tables(&stack.tables)?;
        let table = Self::at(&engine.url, &stack)?;
        Ok((engine, table))
    }

    /// As functions with another setting would have it.
    pub fn store_with(&self, shards: u32) -> EventStore {
        EventStore::new(self.client.clone(), self.name.clone(), shards)
    }
}

/// Writes the events before number `count`, one after the other.
pub async fn fill(store: &EventStore, count: usize) -> Result<()> {
    for n in 0..count {
        store.create(event(n)?).await?;
    }
    Ok(())
}
