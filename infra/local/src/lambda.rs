//! Functions as processes: a pool for each, fed through the Lambda Runtime API.
//!
//! A process handles one request at a time. A request takes an idle process, or starts one while there are
//! fewer than [`MAX_PROCESSES`], or else waits its turn. (AWS has no such queue: there, one more
//! environment starts, or the caller is told 503.) A process that ends, fails to answer in time, or breaks
//! the protocol is dropped; its request gets an error, and the next one a new process.

mod process;
mod runtime_api;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use hyper::body::Bytes;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::stack::Function;
use process::Process;
pub use process::Surroundings;

/// Most processes of one function. More than this do not make a laptop faster.
const MAX_PROCESSES: usize = 8;

/// Why an invocation gave no answer. The reason is for the log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InvokeError {
    #[error("handles as many requests as its reserved concurrency lets it")]
    Throttled,
    #[error("did not start: {0}")]
    Start(String),
    #[error("ended while it had a request: {0}")]
    Ended(String),
    #[error("did not answer within its time limit of {0} s")]
    TimedOut(u64),
    /// The function reported an error of its own.
    #[error("failed: {0}")]
    Failed(Value),
}

/// An answer of a function.
#[derive(Debug)]
pub struct Invoked {
    pub payload: Bytes,
    /// Whether a process had to be started for it.
    pub cold: bool,
}

/// The processes of one function.
#[derive(Debug)]
pub struct Pool {
    function: Function,
    surroundings: Arc<Surroundings>,
    idle: Mutex<Vec<Process>>,
    places: Semaphore,
    /// Lambda Developer Guide, "Configuring reserved concurrency for a function".
    reserved: Option<Semaphore>,
}

impl Pool {
    /// Starts the first process, so that a function which cannot start is found out now.
    pub async fn start(
        function: Function,
        surroundings: Arc<Surroundings>,
    ) -> Result<Self, InvokeError> {
        let first = Process::start(&function, &surroundings).await?;
        let reserved = function.reserved_concurrency.map(Semaphore::new);
        Ok(Self {
            reserved,
            function,
            surroundings,
            idle: Mutex::new(vec![first]),
            places: Semaphore::new(MAX_PROCESSES),
        })
    }

    pub fn function(&self) -> &Function {
        &self.function
    }

    /// Has the function handle a payload.
    pub async fn invoke(&self, payload: Bytes) -> Result<Invoked, InvokeError> {
        let _reserved = match &self.reserved {
            Some(reserved) => Some(reserved.try_acquire().map_err(|_| InvokeError::Throttled)?),
            None => None,
        };
        let _place = self.places.acquire().await;
        let (mut process, cold) = match self.idle_process() {
            Some(process) => (process, false),
            None => (Process::start(&self.function, &self.surroundings).await?, true),
        };
        let deadline = Instant::now() + self.function.timeout;
        let answer = process.invoke(payload, deadline).await;
        // A process that failed a request properly goes on; after any other error its state is not known.
        if matches!(answer, Ok(_) | Err(InvokeError::Failed(_))) {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(process);
        }
        answer.map(|payload| Invoked { payload, cold })
    }

    /// The process that was used last: the others may rest.
    fn idle_process(&self) -> Option<Process> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(Process::is_alive)
    }
}
