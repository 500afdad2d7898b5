//! Lambda functions as processes: a pool for each, served through the Lambda Runtime API.
//!
//! A process handles one request at a time. A request takes an idle process, starts one while
//! there are fewer than [`MAX_PROCESSES`], or waits. AWS has no such queue: it starts one more
//! environment, or throttles the request. A process that exits, times out or breaks the protocol
//! is dropped: its request fails, and the next request starts a new process.

mod error;
mod function;
mod process;
mod runtime_api;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use hyper::body::Bytes;
use tokio::sync::Semaphore;

pub use error::InvokeError;
pub use function::{Function, RuntimeEnv};
use process::Process;

/// Most processes of one function: more do not make a laptop faster.
const MAX_PROCESSES: usize = 8;

/// What a function returned.
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
    runtime_env: Arc<RuntimeEnv>,
    idle: Mutex<Vec<Process>>,
    slots: Semaphore,
    /// Lambda Developer Guide, "Configuring reserved concurrency for a function".
    reserved: Option<Semaphore>,
}

impl Pool {
    /// Starts the first process, so that a function which cannot start fails here.
    pub async fn start(
        function: Function,
        runtime_env: Arc<RuntimeEnv>,
    ) -> Result<Self, InvokeError> {
        let first = Process::start(&function, &runtime_env).await?;
        let reserved = function.reserved_concurrency.map(Semaphore::new);
        Ok(Self {
            reserved,
            function,
            runtime_env,
            idle: Mutex::new(vec![first]),
            slots: Semaphore::new(MAX_PROCESSES),
        })
    }

    pub fn function(&self) -> &Function {
        &self.function
    }

    /// Invokes the function with a payload.
    pub async fn invoke(&self, payload: Bytes) -> Result<Invoked, InvokeError> {
        let _reserved = match &self.reserved {
            Some(reserved) => Some(reserved.try_acquire().map_err(|_| InvokeError::Throttled)?),
            None => None,
        };
        let _slot = self.slots.acquire().await;
        let (mut process, cold) = match self.idle_process() {
            Some(process) => (process, false),
            None => (Process::start(&self.function, &self.runtime_env).await?, true),
        };
        let deadline = Instant::now() + self.function.timeout;
        let result = process.invoke(payload, deadline).await;
        // A process that reported an error can be used again. After any other error its state is
        // unknown.
        if matches!(result, Ok(_) | Err(InvokeError::Failed(_))) {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(process);
        }
        result.map(|payload| Invoked { payload, cold })
    }

    /// The process that was used last, so that few processes do most of the work.
    fn idle_process(&self) -> Option<Process> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(Process::is_alive)
    }
}
