//! DynamoDB: an embedded engine on a SQLite file, behind a front door that answers as IAM would.
//!
//! A request goes through [`front_door`], which knows the callers by their [`access_key`]s and
//! their signatures, to [`operations`]. They ask the caller's [`policy`] for each action and
//! resource that the request names, and call the [`engine`].

mod access_key;
mod engine;
mod front_door;
mod operations;
mod partiql;
pub mod policy;
mod signature;

use std::path::PathBuf;

use serde_json::Value;

pub use access_key::{AccessKey, FunctionKeys};
pub use engine::Engine;

/// Where the data is kept.
#[derive(Debug, Clone)]
pub enum Data {
    /// In this folder; it survives a restart and a kill.
    Folder(PathBuf),
    /// In memory; lost on exit.
    Memory,
}

/// A table as the parameters of `CreateTable`.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    pub definition: Value,
}
