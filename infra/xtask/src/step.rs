//! One thing that the user waits for: what it is, why it takes long, and how long it took.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{process, ui};

const REFRESH: Duration = Duration::from_millis(200);
/// How often a line stands in for the status line where there is no terminal.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);

pub struct Step {
    what: String,
    begin: Instant,
    /// When the user last saw a sign of life.
    seen: Instant,
}

impl Step {
    /// `what` as in "building the page"; `why` says why that takes long, when it does.
    pub fn start(what: &str, why: Option<&str>) -> Self {
        match why {
            Some(why) => ui::line(&format!("{what} … ({why})")),
            None if ui::interactive() => ui::status(&format!("{what} …")),
            None => ui::line(&format!("{what} …")),
        }
        let now = Instant::now();
        Self { what: what.to_owned(), begin: now, seen: now }
    }

    /// Runs a tool in silence and shows where it is; gives what it wrote, and how it failed.
    pub fn attempt(&mut self, command: Command) -> Result<(Vec<String>, Option<String>)> {
        let tool = process::name(&command);
        let mut output = Vec::new();
        let mut at = String::new();
        let status = process::run(command, |line| {
            if let Some(line) = line {
                if !for_programs(line) && !line.trim().is_empty() {
                    at = ui::plain(line.trim());
                }
                output.push(line.to_owned());
            }
            self.alive(&at);
        })?;
        Ok((output, (!status.success()).then(|| format!("{tool} ended with {status}"))))
    }

    /// Shows that the step goes on, and where it is.
    pub fn alive(&mut self, at: &str) {
        let every = if ui::interactive() { REFRESH } else { SIGN_OF_LIFE };
        if self.seen.elapsed() < every {
            return;
        }
        self.seen = Instant::now();
        let seconds = self.begin.elapsed().as_secs();
        if ui::interactive() {
            ui::status(&format!("{} … {seconds} s  {at}", self.what));
        } else {
            ui::line(&format!("  {seconds} s  {at}"));
        }
    }

    pub fn done(self) {
        ui::clear_status();
        ui::line(&format!("{}: {}", self.what, seconds(self.begin.elapsed())));
    }
}

/// A step that runs one tool; gives what it wrote, and shows that when it fails.
pub fn run(what: &str, why: Option<&str>, command: Command) -> Result<Vec<String>> {
    let (output, failure) = attempt(what, why, command)?;
    let Some(failure) = failure else { return Ok(output) };
    for line in output.iter().filter(|line| !for_programs(line) && !ui::is_progress(line)) {
        ui::line(line);
    }
    if output.iter().any(|line| disk_is_full(line)) {
        bail!("{what} failed: the disk is full; make room and run the command again");
    }
    bail!("{what} failed: {failure}, what it wrote is above")
}

/// Like `run`, for a caller who knows more of a failure than that it is one.
pub fn attempt(
    what: &str,
    why: Option<&str>,
    command: Command,
) -> Result<(Vec<String>, Option<String>)> {
    let mut step = Step::start(what, why);
    let (output, failure) = step.attempt(command)?;
    if failure.is_some() {
        ui::clear_status();
    } else {
        step.done();
    }
    Ok((output, failure))
}

/// As in "0.4 s" and "2 min 5 s".
pub fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        0..60 => format!("{:.1} s", duration.as_secs_f64()),
        whole => format!("{} min {} s", whole / 60, whole % 60),
    }
}

/// Whether a tool says so in its output.
pub fn disk_is_full(line: &str) -> bool {
    line.contains("No space left on device") || line.contains("ENOSPC")
}

/// Cargo's JSON messages.
fn for_programs(line: &str) -> bool {
    line.starts_with('{')
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{run, seconds};
    use crate::process::command;

    #[test]
    fn times_are_said_as_people_say_them() {
        assert_eq!(seconds(Duration::from_millis(432)), "0.4 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 5 s");
    }

    #[test]
    fn a_failed_tool_is_named_with_its_status() {
        let error = run("trying", None, command("false")).unwrap_err().to_string();
        assert!(error.starts_with("trying failed: false ended with exit status: 1"), "{error}");
    }
}
