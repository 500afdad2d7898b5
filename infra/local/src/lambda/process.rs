//! One process of a function.

use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;

use super::InvokeError;
use super::runtime_api::{self, Invocation};
use crate::stack::Function;
use crate::template::{ACCOUNT, REGION};

/// The time that a function has from its start to its first call for work (Lambda Developer Guide, "Init
/// phase").
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// How often a process is asked how much memory it holds.
const MEMORY_LOOK: Duration = Duration::from_millis(250);

/// What every process of a run gets beside its function's own environment.
#[derive(Debug)]
pub struct Surroundings {
    /// Where the local DynamoDB engine listens.
    pub table_url: String,
}

/// A process that waits for an invocation. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Process {
    invocations: mpsc::Sender<Invocation>,
    exit: watch::Receiver<Option<String>>,
    time_limit: Duration,
    _running: AbortOnDrop,
}

#[derive(Debug)]
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What ends together, in this order: a process whose Runtime API ends before it does reports that as an error.
struct Running {
    child: Child,
    _runtime_api: AbortOnDrop,
}

impl Process {
    /// Starts a process and waits until it asks for work.
    pub(super) async fn start(
        function: &Function,
        surroundings: &Arc<Surroundings>,
    ) -> Result<Self, InvokeError> {
        let failed = |error: std::io::Error| InvokeError::Start(error.to_string());
        let listener = runtime_api::listen().await.map_err(failed)?;
        let runtime_api = listener.local_addr().map_err(failed)?.to_string();
        let bootstrap = function.code.join("bootstrap");
        let mut child = command(function, surroundings, &runtime_api).spawn().map_err(|error| {
            InvokeError::Start(format!("cannot run {}: {error}", bootstrap.display()))
        })?;
        forward(&function.label, child.stdout.take());
        forward(&function.label, child.stderr.take());

        let (invocations, queue) = mpsc::channel(1);
        let (ready, mut is_ready) = watch::channel(None);
        let serving =
            tokio::spawn(runtime_api::serve(listener, queue, ready, function.arn.clone()));
        let (exited, mut exit) = watch::channel(None);
        let limit = function.memory;
        let mut running = Running { child, _runtime_api: AbortOnDrop(serving.abort_handle()) };
        let waiting = tokio::spawn(async move {
            let reason = end_of(&mut running.child, limit).await;
            exited.send_replace(Some(reason));
            // What it answered before its end may still be read.
            exited.closed().await;
            // Names the whole of it, so that the task owns the Runtime API too.
            drop(running);
        });
        let running = AbortOnDrop(waiting.abort_handle());

        let init = async {
            tokio::select! {
                ready = is_ready.wait_for(Option::is_some) => match ready.ok().and_then(|r| r.clone()) {
                    Some(Ok(())) => Ok(()),
                    Some(Err(error)) => Err(error.to_string()),
                    None => Err("its Runtime API ended".into()),
                },
                reason = wait_for_exit(&mut exit) => Err(reason),
            }
        };
        match tokio::time::timeout(INIT_LIMIT, init).await {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => return Err(InvokeError::Start(reason)),
            Err(_) => {
                let limit = INIT_LIMIT.as_secs();
                return Err(InvokeError::Start(format!("asked for no work within {limit} s")));
            }
        }
        Ok(Self { invocations, exit, time_limit: function.timeout, _running: running })
    }

    pub(super) fn is_alive(&self) -> bool {
        self.exit.borrow().is_none()
    }

    /// Hands a payload to the process and waits for its answer.
    pub(super) async fn invoke(
        &mut self,
        payload: Bytes,
        deadline: Instant,
    ) -> Result<Bytes, InvokeError> {
        let (reply, answer) = oneshot::channel();
        let invocation = Invocation { payload, deadline, reply };
        if self.invocations.send(invocation).await.is_err() {
            return Err(InvokeError::Ended("its Runtime API ended".into()));
        }
        tokio::select! {
            // An answer that came before the end of the process counts.
            biased;
            answer = answer => match answer {
                Ok(Ok(payload)) => Ok(payload),
                Ok(Err(error)) => Err(InvokeError::Failed(error)),
                Err(_) => Err(InvokeError::Ended("it dropped the request".into())),
            },
            reason = wait_for_exit(&mut self.exit) => Err(InvokeError::Ended(reason)),
            () = tokio::time::sleep_until(deadline.into()) => {
                Err(InvokeError::TimedOut(self.time_limit.as_secs()))
            }
        }
    }
}

/// The process with the environment that Lambda gives a function (Lambda Developer Guide, "Defined runtime
/// environment variables"), and nothing of ours.
fn command(function: &Function, surroundings: &Surroundings, runtime_api: &str) -> Command {
    let mut command = Command::new(function.code.join("bootstrap"));
    command
        .env_clear()
        .envs([
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &function.memory.to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", &function.name),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", &format!("/aws/lambda/{}", function.name)),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "local"),
            ("AWS_LAMBDA_RUNTIME_API", runtime_api),
            ("AWS_REGION", REGION),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_SESSION_TOKEN", "local"),
            ("AWS_ENDPOINT_URL_DYNAMODB", &surroundings.table_url),
            ("AWS_ACCOUNT_ID", ACCOUNT),
            ("LANG", "en_US.UTF-8"),
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("TZ", ":UTC"),
            ("_HANDLER", &function.handler),
        ])
        .env("LAMBDA_TASK_ROOT", &function.code)
        .envs(function.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&function.code)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Puts a process's output into our log, line by line.
fn forward(label: &str, output: Option<impl AsyncRead + Unpin + Send + 'static>) {
    let Some(output) = output else { return };
    let label = label.to_owned();
    tokio::spawn(async move {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            eprintln!("[{label}] {line}");
        }
    });
}

async fn wait_for_exit(exit: &mut watch::Receiver<Option<String>>) -> String {
    match exit.wait_for(Option::is_some).await {
        Ok(reason) => reason.clone().unwrap_or_default(),
        Err(_) => "it is not watched any more".into(),
    }
}

/// Waits for the end of a process, and ends it when it takes more memory than its function has (in MB), as
/// Lambda does. Gives the reason.
async fn end_of(child: &mut Child, limit: u64) -> String {
    let mut look = tokio::time::interval(MEMORY_LOOK);
    loop {
        tokio::select! {
            status = child.wait() => return describe(status),
            _ = look.tick() => {}
        }
        if let Some(used) = child.id().and_then(resident).filter(|used| *used > limit) {
            // One that ended meanwhile cannot be killed, and need not be.
            let _ = child.kill().await;
            return format!("the process took {used} MB of memory and has {limit}");
        }
    }
}

/// The memory that a process holds, in MB; `None` where the system does not tell in this way.
fn resident(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(kilobytes.trim().strip_suffix(" kB")?.parse::<u64>().ok()? / 1024)
}

fn describe(status: std::io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => format!("the process ended with {status}"),
        Err(error) => format!("the process was lost: {error}"),
    }
}
