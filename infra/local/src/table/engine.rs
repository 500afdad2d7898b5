//! The embedded DynamoDB engine, on a SQLite file, with the tables of the template.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use dynoxide::Database;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::access_key::{AccessKey, FunctionKeys};
use super::front_door::{self, FrontDoor};
use super::policy::Role;
use super::{Data, Table};

/// A running engine.
pub struct Engine {
    door: Arc<FrontDoor>,
    pub url: String,
    /// The keys by which it knows the functions.
    pub function_keys: Arc<FunctionKeys>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
    /// Locked while the engine runs: a file may have one engine only.
    _lock: Option<File>,
}

impl Engine {
    /// Opens the data and serves it on 127.0.0.1; port 0 is any free port.
    pub fn start(data: &Data, port: u16) -> Result<Self> {
        let (database, lock) = match data {
            Data::Memory => (Database::memory()?, None),
            Data::Folder(folder) => {
                let (database, lock) = open(folder)?;
                (database, Some(lock))
            }
        };
        let listener = std::net::TcpListener::bind(("127.0.0.1", port))
            .with_context(|| format!("the table cannot listen on 127.0.0.1:{port}"))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel();
        let door = Arc::new(FrontDoor::new(database));
        let served = Arc::clone(&door);
        // In its own runtime: the engine blocks its tasks while it waits for the disk, and must not
        // block the gateway.
        let thread = std::thread::Builder::new().name("engine".into()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let serving = async {
                let listener = TcpListener::from_std(listener)?;
                let stopped = async {
                    let _ = stopped.await;
                };
                front_door::serve(listener, served, stopped).await
            };
            if let Err(error) = runtime.and_then(|runtime| runtime.block_on(serving)) {
                tracing::error!("the DynamoDB engine ended: {error}");
            }
        })?;
        Ok(Self {
            door,
            url,
            function_keys: Arc::new(FunctionKeys::random()),
            stop: Some(stop),
            thread: Some(thread),
            _lock: lock,
        })
    }

    /// The database itself, for bulk loads.
    pub fn database(&self) -> &Database {
        &self.door.database
    }

    /// A new key that may do everything, for clients that are no functions.
    pub fn admin_key(&self) -> AccessKey {
        let key = AccessKey::random();
        self.door.admit_admin(key.clone());
        key
    }

    /// Admits these functions, each with its role, and no others.
    pub fn admit(&self, roles: HashMap<String, Role>) {
        let functions = roles.into_iter().map(|(name, role)| {
            let key = self.function_keys.of(&name);
            (key, name, role)
        });
        self.door.admit_functions(functions);
    }

    /// Creates the tables that do not exist. A table with other keys is an error: another version
    /// of the stack wrote it.
    pub fn create_tables(&self, tables: &[Table]) -> Result<()> {
        for table in tables {
            let request = serde_json::from_value(json!({ "TableName": table.name }))?;
            match self.database().describe_table(request) {
                Ok(description) => {
                    let existing = serde_json::to_value(description)?;
                    ensure!(
                        same_keys(&table.definition, &existing["Table"]),
                        "the stored table {} has other keys or indexes than the template: use \
                         another folder with --data, or move the old one away",
                        table.name
                    );
                }
                Err(dynoxide::DynoxideError::ResourceNotFoundException(_)) => {
                    let request = serde_json::from_value(table.definition.clone())
                        .with_context(|| format!("the definition of table {}", table.name))?;
                    self.database()
                        .create_table(request)
                        .with_context(|| format!("cannot create the table {}", table.name))?;
                }
                Err(error) => return Err(error).context(format!("the table {}", table.name)),
            }
        }
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The engine finishes the requests in progress.
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Opens the file in `folder`, unless another program made it or another run uses it.
fn open(folder: &Path) -> Result<(Database, File)> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let lock_path = folder.join("lock");
    let lock = File::create(&lock_path)
        .with_context(|| format!("cannot write {}", lock_path.display()))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => bail!(
            "another run uses the data in {}: stop it, or use another folder with --data",
            folder.display()
        ),
        Err(error) => return Err(error).context(format!("cannot lock {}", lock_path.display())),
    }
    let path = folder.join("dynamodb.sqlite");
    let not_ours = || {
        format!(
            "{} is not a file of the local DynamoDB engine: move it away, or use another folder \
             with --data",
            path.display()
        )
    };
    if path.metadata().is_ok_and(|file| file.len() > 0) {
        ensure!(is_engine_file(&path).with_context(not_ours)?, not_ours());
    }
    let name = path.to_str().context("the data folder's path is not UTF-8")?;
    let database =
        Database::new(name).with_context(|| format!("cannot open {}", path.display()))?;
    Ok((database, lock))
}

/// Whether the engine made this file. The engine does not check: it adds its tables to any SQLite
/// file.
fn is_engine_file(path: &Path) -> rusqlite::Result<bool> {
    let file = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    file.query_row(
        "SELECT count(*) = 2 FROM sqlite_master \
         WHERE type = 'table' AND name IN ('_config', '_tables')",
        [],
        |row| row.get(0),
    )
}

/// Whether a stored table has the keys and indexes of a definition.
fn same_keys(definition: &Value, stored: &Value) -> bool {
    let indexes = |table: &Value, member: &str| {
        let mut indexes: Vec<_> = table[member]
            .as_array()
            .into_iter()
            .flatten()
            .map(|index| {
                [&index["IndexName"], &index["KeySchema"], &index["Projection"]["ProjectionType"]]
                    .map(Value::to_string)
            })
            .collect();
        indexes.sort();
        indexes
    };
    definition["KeySchema"] == stored["KeySchema"]
        && ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"]
            .iter()
            .all(|member| indexes(definition, member) == indexes(stored, member))
}
