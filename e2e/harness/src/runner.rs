//! A run of the stack as a process of its own, that can be killed and started again on its data.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How to start one.
#[derive(Debug, Clone)]
pub struct Start {
    /// The program `local`.
    pub program: PathBuf,
    /// The output of `cdk synth`.
    pub assembly: PathBuf,
    pub data: PathBuf,
    /// Where the table listens, and the URL by which the functions reach it.
    pub table_port: u16,
    pub table_via: String,
    /// Where its log goes.
    pub log: PathBuf,
}

/// Dropping it kills it.
#[derive(Debug)]
pub struct Runner {
    child: Child,
    /// The URL of the API.
    pub api: String,
}

impl Runner {
    pub async fn start(start: &Start) -> Result<Self> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&start.log)?;
        let mut child = Command::new(&start.program)
            .arg(&start.assembly)
            .arg("--data")
            .arg(&start.data)
            .args(["--no-site", "--quiet", "--control", "--table-port"])
            .arg(start.table_port.to_string())
            .args(["--table-via", &start.table_via])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot run {}", start.program.display()))?;
        let output = child.stdout.take().context("it has no output")?;
        let line = BufReader::new(output).lines().next_line().await?;
        let Some(line) = line else { bail!("the run did not start: see {}", start.log.display()) };
        let line: Value = serde_json::from_str(&line)?;
        let api = line["ready"]["api"].as_str().context("it named no API")?.to_owned();
        Ok(Self { child, api })
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

/// A port that is free now. Somebody else may take it before it is used; whoever uses it says so.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A folder's path, absolute: the run is started elsewhere.
pub fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize().with_context(|| format!("{} is not there", path.display()))
}
