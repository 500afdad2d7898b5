//! Why an invocation failed.

use serde_json::Value;

/// The reason is for the log; callers see the gateway's own response.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InvokeError {
    #[error("already handles as many requests as its reserved concurrency allows")]
    Throttled,
    #[error("did not start: {0}")]
    Start(String),
    #[error("exited during a request: {0}")]
    Exited(String),
    #[error("did not respond within its timeout of {0} s")]
    TimedOut(u64),
    /// The function reported this error.
    #[error("failed: {0}")]
    Failed(Value),
}
