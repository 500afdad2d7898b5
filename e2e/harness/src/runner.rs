//! A run of the stack as a process that can be killed and restarted on its data.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, bail, ensure};
use process_memory::Memory;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// What to run: options of a command line. Paths may be relative to the current folder.
#[derive(Debug, Clone, clap::Args)]
pub struct System {
    /// The program `template-runner`
    #[arg(long, value_parser = existing)]
    pub program: PathBuf,
    /// The folder that `cdk synth -c stage=local` wrote
    #[arg(long, value_parser = existing)]
    pub assembly: PathBuf,
}

/// How to start a run.
#[derive(Debug, Clone)]
pub struct Start {
    pub system: System,
    pub data: PathBuf,
    /// The table's port, and the URL by which the functions reach it through a proxy.
    pub table: Option<(u16, String)>,
    /// The file for the log.
    pub log: PathBuf,
}

/// A run. Dropping it kills it.
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
        let System { program, assembly } = &start.system;
        let mut command = Command::new(program);
        command.arg(assembly).arg("--data").arg(&start.data);
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
            .with_context(|| format!("cannot run {}", program.display()))?;
        let output = child.stdout.take().context("the run has no output")?;
        let mut output = BufReader::new(output).lines();
        let Some(line) = output.next_line().await? else {
            bail!("the run did not start: see {}", start.log.display())
        };
        let line: Value = serde_json::from_str(&line)?;
        let api = line["ready"]["api"].as_str().context("the run reports no API")?.to_owned();
        Ok(Self { child, output, api })
    }

    /// Continues with another assembly.
    pub async fn reload(&mut self, assembly: &Path) -> Result<()> {
        let control = self.child.stdin.as_mut().context("the run has no input")?;
        control.write_all(format!("reload {}\n", assembly.display()).as_bytes()).await?;
        let line = self.output.next_line().await?.context("the run ended")?;
        ensure!(line == r#"{"reloaded":true}"#, "{line}");
        Ok(())
    }

    /// The memory of the runner and of the largest of its functions' processes, in kB. The number
    /// of processes depends on the load of the machine, so they are not added up.
    pub fn memory(&self) -> Result<u64> {
        let pid = self.child.id().context("the run ended")?;
        let runner = Memory::of(pid).context("the runner's memory cannot be read")?.now;
        // Any process may have exited meanwhile, but not all of them.
        let largest = children(pid)?
            .into_iter()
            .filter_map(|pid| Memory::of(pid).ok())
            .map(|memory| memory.now)
            .max()
            .context("the memory of no function can be read")?;
        Ok(runner + largest)
    }

    /// `kill -9`.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// `kill -9` of a random one of its functions' processes.
    pub fn kill_a_function(&self, random: usize) -> Result<()> {
        let Some(pid) = self.child.id() else { return Ok(()) };
        let functions = children(pid)?;
        if let Some(victim) = functions.get(random % functions.len().max(1)) {
            // It may have exited meanwhile.
            std::process::Command::new("kill").args(["-KILL", &victim.to_string()]).status()?;
        }
        Ok(())
    }
}

/// The child processes of a process.
pub fn children(of: u32) -> Result<Vec<u32>> {
    let output = std::process::Command::new("pgrep").args(["-P", &of.to_string()]).output()?;
    let pids = String::from_utf8(output.stdout)?;
    pids.lines().map(|pid| Ok(pid.trim().parse()?)).collect()
}

/// A port for a run that is killed and restarted. It is free now, and no other call of this process
/// returns it. It is below the ephemeral ports (Linux: from 32768 on): the system could give an
/// ephemeral one to another connection while the run is down, even to a connection to that port,
/// which then connects to itself.
pub fn lasting_port() -> Result<u16> {
    const FIRST: u32 = 10_000;
    const COUNT: u32 = 20_000;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    // Two processes begin at different ports.
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

/// The absolute form of a path that must exist.
fn existing(path: &str) -> std::io::Result<PathBuf> {
    Path::new(path).canonicalize()
}
