//! A program that serves until its stdin ends, so that it never outlives us. It answers on its
//! stdout with one JSON object a line, first that it is ready, and logs on its stderr.

use std::io::Write;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::log::Log;
use crate::process::{self, Group};
use crate::{interrupt, step};

/// Longer than an answer ever takes; a program that hangs is an error.
const PATIENCE: Duration = Duration::from_mins(1);

pub struct Server {
    /// As in "the runner".
    name: &'static str,
    /// Taken when it shall end.
    control: Option<ChildStdin>,
    answers: Receiver<String>,
    pub log: Log,
    group: Group,
}

impl Server {
    /// Starts it and waits until it is ready; gives what it says then.
    pub fn start(name: &'static str, mut command: Command) -> Result<(Self, Value)> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut group = Group::spawn(&mut command)?;
        let control = group.child.stdin.take();
        let (stdout, stderr) = (group.child.stdout.take(), group.child.stderr.take());
        let answers = process::lines(stdout.with_context(|| format!("{name} has no stdout"))?);
        let log = Log::read(stderr.with_context(|| format!("{name} has no stderr"))?);
        let mut server = Self { name, control, answers, log, group };
        let mut answer = server.answer()?;
        match answer["ready"].take() {
            ready @ Value::Object(_) => Ok((server, ready)),
            _ => bail!("{name} said {answer} when it should say that it is ready"),
        }
    }

    /// Why it has ended, if it has.
    pub fn ended(&mut self) -> Result<Option<String>> {
        let Some(status) = self.group.ended()? else { return Ok(None) };
        Ok(Some(self.log.error().unwrap_or_else(|| format!("{} ended with {status}", self.name))))
    }

    /// Sends it a command; gives its answer.
    pub fn ask(&mut self, command: &str) -> Result<Value> {
        let refuses = || format!("{} takes no commands any more", self.name);
        let control = self.control.as_mut().with_context(refuses)?;
        writeln!(control, "{command}").and_then(|()| control.flush()).with_context(refuses)?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Value> {
        let name = self.name;
        let begin = Instant::now();
        loop {
            interrupt::check()?;
            match self.answers.recv_timeout(Duration::from_millis(50)) {
                Ok(line) => {
                    return serde_json::from_str(&line)
                        .with_context(|| format!("{name} said {line:?}, which is no JSON"));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    self.group.wait()?;
                    let why = self.ended()?.unwrap_or_default();
                    bail!("{why}");
                }
                Err(RecvTimeoutError::Timeout) if begin.elapsed() > PATIENCE => {
                    bail!("{name} has said nothing for {}", step::seconds(PATIENCE));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

impl Drop for Server {
    /// The end of its stdin is its sign to finish; its group makes sure.
    fn drop(&mut self) {
        self.control.take();
        self.group.wait_for(Duration::from_secs(10));
    }
}
