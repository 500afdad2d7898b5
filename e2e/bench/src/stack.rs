//! The stack that is measured, or its table alone.

use std::path::Path;

use anyhow::{Context, Result};
use api::EventStore;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use template_runner::assembly::Assembly;
use template_runner::stack::Stack;
use template_runner::table::{AccessKey, Data, Engine};
use template_runner::{Options, Run};

use crate::events::event;

/// A run of the stack, with an empty table.
pub struct Running {
    pub run: Run,
    pub table: StackTable,
}

impl Running {
    pub async fn start(assembly: &Path) -> Result<Self> {
        let run = Run::start(&Options::in_memory(assembly.to_owned())).await?;
        let stack = Stack::read(&Assembly::read(assembly)?)?;
        let key = run.addresses.table_key.clone().context("the run has no key of its table")?;
        let table = StackTable::at(&run.addresses.table, key, &stack)?;
        Ok(Self { run, table })
    }
}

/// The table of the stack.
pub struct StackTable {
    pub client: Client,
    pub name: String,
    /// With the stack's number of shards.
    pub store: EventStore,
}

impl StackTable {
    fn at(url: &str, key: AccessKey, stack: &Stack) -> Result<Self> {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new(key.id, key.secret, None, None, "bench"))
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
            .context("no function has the variable SHARDS")?
            .parse()?;
        let store = EventStore::new(&client, name.clone(), shards);
        Ok(Self { client, name, store })
    }

    /// Starts an engine with the table alone, in memory.
    pub fn start(assembly: &Path) -> Result<(Engine, Self)> {
        let stack = Stack::read(&Assembly::read(assembly)?)?;
        let engine = Engine::start(&Data::Memory, 0)?;
        engine.create_tables(&stack.tables)?;
        let table = Self::at(&engine.url, engine.admin_key(), &stack)?;
        engine.admit(stack.roles);
        Ok((engine, table))
    }

    /// A store with another number of shards.
    pub fn store_with(&self, shards: u32) -> EventStore {
        EventStore::new(&self.client, self.name.clone(), shards)
    }
}

/// Stores the events with numbers below `count`.
pub async fn fill(store: &EventStore, count: usize) -> Result<()> {
    for n in 0..count {
        store.create(event(n)?).await?;
    }
    Ok(())
}
