//! Running what is measured: the whole stack, or its table alone.

use std::path::Path;

use anyhow::{Context, Result};
use api::EventStore;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use local::assembly::Assembly;
use local::stack::Stack;
use local::table::{Data, Engine};
use local::{Control, Options};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

/// The stack behind its gateway.
pub struct Running {
    pub api: String,
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
        let run = tokio::spawn(local::run(options, commands, move |line: Value| {
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
        let api = line["ready"]["api"].as_str().context("the local run named no API")?.to_owned();
        Ok(Self { api, control })
    }

    pub async fn stop(self) -> Result<()> {
        self.control.send(Control::Stop).await?;
        self.control.closed().await;
        Ok(())
    }
}

/// The table of the stack in an engine of its own, in memory.
pub struct Table {
    pub engine: Engine,
    pub client: Client,
    pub name: String,
}

impl Table {
    pub fn start(assembly: &Path) -> Result<Self> {
        let stack = Stack::read(&Assembly::read(assembly)?)?;
        let engine = Engine::start(&Data::Memory, 0)?;
        engine.create_tables(&stack.tables)?;
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("bench", "bench", None, None, "bench"))
            .endpoint_url(&engine.url)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let name = stack.tables.first().context("the stack has no table")?.name.clone();
        Ok(Self { engine, client: Client::from_conf(config), name })
    }

    pub fn store(&self, shards: u32) -> EventStore {
        EventStore::new(self.client.clone(), self.name.clone(), shards)
    }
}
