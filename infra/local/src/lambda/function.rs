//! A function as the template defines it, and what a run adds to it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::table::FunctionKeys;

/// A function on a custom runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    /// Its name in the log: that of its route.
    pub label: String,
    pub arn: String,
    /// The folder that holds `bootstrap`.
    pub code: PathBuf,
    pub handler: String,
    /// MB.
    pub memory: u64,
    pub timeout: Duration,
    /// How many requests it may handle at once; more are refused.
    pub reserved_concurrency: Option<usize>,
    pub environment: Vec<(String, String)>,
}

/// The environment that a run gives to all processes, beside that of their function.
#[derive(Debug)]
pub struct RuntimeEnv {
    /// Where the local DynamoDB engine listens.
    pub table_url: String,
    /// Each function's key for it.
    pub keys: Arc<FunctionKeys>,
}
