//! A run of the stack as a process of its own, that can be killed and started again on its data.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// How to start one.
#[derive(Debug, Clone)]
pub struct Start {
    /// The program `local`.
    pub program: PathBuf,
    /// The output of `cdk synth`.
    pub assembly: PathBuf,
    pub data: PathBuf,
    /// Where the table listens, and the URL by which the functions reach it, if that is not its own.
    pub table: Option<(u16, String)>,
    /// Where its log goes.
    pub log: PathBuf,
}

/// Dropping it kills it.
#[derive(Debug)]
pub struct Runner {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    /// The URL of the API.
    pub api: String,
}

impl Runner {
    pub async fn start(start: &Start) -> Result<Self> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&start.log)?;
        let mut command = Command::new(&start.program);
        command.arg(&start.assembly).arg("--data").arg(&start.data);
        command.args(["--no-site", "--quiet", "--control"]);
        if let Some((port, via)) = &start.table {
            command.args(["--table-port", &port.to_string(), "--table-via", via]);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot run {}", start.program.display()))?;
        let mut output = BufReader::new(child.stdout.take().context("it has no output")?).lines();
        let Some(line) = output.next_line().await? else {
            bail!("the run did not start: see {}", start.log.display())
        };
        let line: Value = serde_json::from_str(&line)?;
        let api = line["ready"]["api"].as_str().context("it named no API")?.to_owned();
        Ok(Self { child, output, api })
    }

    /// Goes on with another assembly.
    pub async fn reload(&mut self, assembly: &Path) -> Result<()> {
        let control = self.child.stdin.as_mut().context("it has no input")?;
        control.write_all(format!("reload {}\n", assembly.display()).as_bytes()).await?;
        let line = self.output.next_line().await?.context("the run ended")?;
        ensure!(line == r#"{"reloaded":true}"#, "{line}");
        Ok(())
    }

    /// The memory that it holds, and that of the largest of its functions' processes, in kB; 0 where the system does not
    /// tell in this way. How many processes there are depends on how busy the machine is, so they are not added up.
    pub fn memory(&self) -> Result<u64> {
        let Some(pid) = self.child.id() else { return Ok(0) };
        let resident = |pid: u32| -> Option<u64> {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            line.trim().strip_suffix(" kB")?.parse().ok()
        };
        let largest = children(pid)?.into_iter().filter_map(resident).max();
        Ok(resident(pid).unwrap_or(0) + largest.unwrap_or(0))
    }

    /// `kill -9`.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// `kill -9` of one of its functions.
    pub fn kill_a_function(&self, chance: usize) -> Result<()> {
        let Some(pid) = self.child.id() else { return Ok(()) };
        let functions = children(pid)?;
        if let Some(victim) = functions.get(chance % functions.len().max(1)) {
            // It may be gone by now.
            std::process::Command::new("kill").args(["-KILL", &victim.to_string()]).status()?;
        }
        Ok(())
    }
}

/// The processes that a process started.
fn children(of: u32) -> Result<Vec<u32>> {
    let output = std::process::Command::new("pgrep").args(["-P", &of.to_string()]).output()?;
    let pids = String::from_utf8(output.stdout)?;
    Ok(pids.lines().filter_map(|pid| pid.trim().parse().ok()).collect())
}

/// A port for a run that is killed and started again: free now, given once in this process, and below those that a system
/// hands out by itself (Linux: from 32768 on). Such a one could have gone to another by then, even to a connection that is
/// asked for while nobody listens there: it would be connected to itself.
pub fn lasting_port() -> Result<u16> {
    const FIRST: u32 = 10_000;
    const COUNT: u32 = 20_000;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    // Two processes begin at different ones.
    let begin = std::process::id();
    for _ in 0..COUNT {
        let next = GIVEN.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(FIRST + begin.wrapping_add(next) % COUNT)?;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port from {FIRST} to {} is free", FIRST + COUNT - 1)
}

/// A folder's path, absolute: the run is started elsewhere.
pub fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize().with_context(|| format!("{} is not there", path.display()))
}
