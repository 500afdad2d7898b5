//! One process of a function.

use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use process_memory::Memory;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;

use super::error::InvokeError;
use super::function::{Function, RuntimeEnv};
use super::runtime_api::{self, Invocation};
use crate::template::{ACCOUNT, REGION};

/// The time that a function has from its start until it asks for work (Lambda Developer Guide,
/// "Init phase").
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// How often the memory of a process is read.
const MEMORY_INTERVAL: Duration = Duration::from_millis(250);

/// A process that waits for an invocation. Dropping it kills it.
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

/// Dropped in this order: a process that loses its Runtime API logs an error.
struct Running {
    child: Child,
    _runtime_api: AbortOnDrop,
}

impl Process {
    /// Starts a process and waits until it asks for work.
    pub(super) async fn start(
        function: &Function,
        runtime_env: &RuntimeEnv,
    ) -> Result<Self, InvokeError> {
        let failed = |error: std::io::Error| InvokeError::Start(error.to_string());
        let listener = runtime_api::listen().await.map_err(failed)?;
        let runtime_api = listener.local_addr().map_err(failed)?.to_string();
        let bootstrap = function.code.join("bootstrap");
        let mut child = command(function, runtime_env, &runtime_api).spawn().map_err(|error| {
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
            let reason = exit_of(&mut running.child, limit).await;
            exited.send_replace(Some(reason));
            // What it returned before it exited may still be read.
            exited.closed().await;
            // A use of the whole struct, so that the task owns the Runtime API too.
            drop(running);
        });
        let running = AbortOnDrop(waiting.abort_handle());

        let init = async {
            tokio::select! {
                ready = is_ready.wait_for(Option::is_some) => {
                    match ready.ok().and_then(|ready| ready.clone()) {
                        Some(Ok(())) => Ok(()),
                        Some(Err(error)) => Err(error.to_string()),
                        None => Err("its Runtime API ended".into()),
                    }
                }
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

    /// Hands a payload to the process and waits for what it returns.
    pub(super) async fn invoke(
        &mut self,
        payload: Bytes,
        deadline: Instant,
    ) -> Result<Bytes, InvokeError> {
        let (reply, result) = oneshot::channel();
        let invocation = Invocation { payload, deadline, reply };
        if self.invocations.send(invocation).await.is_err() {
            return Err(InvokeError::Exited("its Runtime API ended".into()));
        }
        tokio::select! {
            // What it returned before it exited counts.
            biased;
            result = result => match result {
                Ok(Ok(payload)) => Ok(payload),
                Ok(Err(error)) => Err(InvokeError::Failed(error)),
                Err(_) => Err(InvokeError::Exited("it dropped the request".into())),
            },
            reason = wait_for_exit(&mut self.exit) => Err(InvokeError::Exited(reason)),
            () = tokio::time::sleep_until(deadline.into()) => {
                Err(InvokeError::TimedOut(self.time_limit.as_secs()))
            }
        }
    }
}

/// The process with the environment that Lambda gives a function (Lambda Developer Guide, "Defined
/// runtime environment variables"). It inherits no variable of this program.
fn command(function: &Function, runtime_env: &RuntimeEnv, runtime_api: &str) -> Command {
    let key = runtime_env.keys.of(&function.name);
    let mut command = Command::new(function.code.join("bootstrap"));
    command
        .env_clear()
        .envs([
            ("AWS_ACCESS_KEY_ID", key.id.as_str()),
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
            ("AWS_SECRET_ACCESS_KEY", &key.secret),
            ("AWS_SESSION_TOKEN", "local"),
            ("AWS_ENDPOINT_URL_DYNAMODB", &runtime_env.table_url),
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

/// Copies the output of a process to the log, line by line.
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
        Err(_) => "the task that waits for it ended".into(),
    }
}

/// Waits until a process exits, and kills it when it uses more memory than its function has (MB),
/// as Lambda does. Returns the reason.
async fn exit_of(child: &mut Child, limit: u64) -> String {
    let mut interval = tokio::time::interval(MEMORY_INTERVAL);
    loop {
        tokio::select! {
            status = child.wait() => return describe(status),
            _ = interval.tick() => {}
        }
        // Not every system tells the memory of a process; there it has no limit.
        let used = child.id().and_then(|pid| Memory::of(pid).ok()).map(|memory| memory.now / 1024);
        if let Some(used) = used.filter(|used| *used > limit) {
            // Killing a process that has exited meanwhile fails, which is fine.
            let _ = child.kill().await;
            return format!("the process used {used} MB of memory and has {limit}");
        }
    }
}

fn describe(status: std::io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => format!("the process ended with {status}"),
        Err(error) => format!("the exit status of the process is unknown: {error}"),
    }
}
