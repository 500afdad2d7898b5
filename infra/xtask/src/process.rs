//! Programs that are started here, and ended with everything that they started themselves.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use crate::interrupt::{self, Interrupted};
use crate::{paths, ui};

const POLL: Duration = Duration::from_millis(50);

/// How long a program may take for an orderly end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Output that somebody still holds after the program's own end is read this long.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A command that runs at the root of the repository, reads nothing, and sees the environment of the user's shell.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::root()).stdin(Stdio::null());
    // `cargo run` tells us what it tells a crate. Handed on, it would make build scripts that look at it
    // run again whenever somebody builds by hand in between.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_")
                || name.starts_with("CARGO_MANIFEST_")
                || name.starts_with("CARGO_BIN_")
        }) {
            command.env_remove(name);
        }
    }
    if ui::colors() {
        command.env("CARGO_TERM_COLOR", "always").env("FORCE_COLOR", "1");
    }
    command
}

/// A program in a process group of its own. Dropped, it ends, and whatever it left running ends too.
pub struct Group {
    child: Child,
    name: String,
    status: Option<ExitStatus>,
    guard: Option<Child>,
}

impl Group {
    pub fn spawn(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.process_group(0).spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => anyhow!("cannot start {name}: there is no such program"),
            _ => anyhow!(error).context(format!("cannot start {name}")),
        })?;
        Ok(Self { child, name, status: None, guard: None })
    }

    /// Lets the group end even when nobody can end it because we were killed outright: a shell waits for the
    /// end of a pipe that only we hold.
    pub fn guarded(mut self) -> Result<Self> {
        let group = Pid::from_child(&self.child).as_raw_pid();
        let guard = Command::new("sh")
            .args(["-c", "read -r _; kill -s TERM -- -\"$1\"", "guard", &group.to_string()])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start a shell")?;
        self.guard = Some(guard);
        Ok(self)
    }

    pub fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// The status of the program when it has ended.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        if self.status.is_none() {
            self.status = self
                .child
                .try_wait()
                .with_context(|| format!("cannot learn how {} is", self.name))?;
        }
        Ok(self.status)
    }

    /// Waits for the program's own end.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            interrupt::sleep(Duration::from_millis(5))?;
        }
    }

    /// Waits for the program's own end, for a while.
    pub fn wait_for(&mut self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while matches!(self.ended(), Ok(None)) {
            if Instant::now() > deadline || interrupt::insisted() {
                return false;
            }
            thread::sleep(Duration::from_millis(10));
        }
        true
    }

    /// Ends the program and whatever it left behind: asked first, then by force.
    pub fn end(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            // Before its group's number can become somebody else's.
            let _ = guard.kill();
            let _ = guard.wait();
        }
        let group = Pid::from_child(&self.child);
        if matches!(self.ended(), Ok(None)) {
            // An error here and below says that nobody is left to be told.
            let _ = kill_process_group(group, Signal::TERM);
            if !self.wait_for(PATIENCE) {
                let _ = kill_process_group(group, Signal::KILL);
                let _ = self.child.wait();
            }
        }
        // The group lives on while any of its members does, and its number is not given away before.
        if test_kill_process_group(group).is_ok() {
            let _ = kill_process_group(group, Signal::TERM);
            let deadline = Instant::now() + PATIENCE;
            while test_kill_process_group(group).is_ok() {
                if Instant::now() > deadline || interrupt::insisted() {
                    let _ = kill_process_group(group, Signal::KILL);
                    break;
                }
                thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs a program to its end. `listener` gets every line that it writes, and `None` now and then while it is silent.
pub fn run(mut command: Command, mut listener: impl FnMut(Option<&str>)) -> Result<ExitStatus> {
    let output = both_outputs(&mut command)?;
    let mut group = Group::spawn(&mut command)?;
    // It holds our copies of the writing ends, without whose end the output has none.
    drop(command);

    let lines = lines(output);
    let mut ended = None;
    loop {
        match lines.recv_timeout(POLL) {
            Ok(line) => listener(Some(&line)),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                listener(None);
                if ended.is_some_and(|at: Instant| at.elapsed() > LAST_WORDS) {
                    break;
                }
                if ended.is_none() && group.ended()?.is_some() {
                    ended = Some(Instant::now());
                }
            }
        }
        if interrupt::requested() {
            group.end();
            return Err(Interrupted.into());
        }
    }
    group.wait()
}

/// Runs a program to its end, and gives what it wrote.
pub fn output(command: Command) -> Result<(ExitStatus, String)> {
    let mut text = String::new();
    let status = run(command, |line| {
        if let Some(line) = line {
            text.push_str(line);
            text.push('\n');
        }
    })?;
    Ok((status, text))
}

/// Lets `command` write stdout and stderr into one pipe, in the order in which they are written.
pub fn both_outputs(command: &mut Command) -> Result<io::PipeReader> {
    let pipe = || -> io::Result<_> {
        let (reader, writer) = io::pipe()?;
        Ok((reader, writer.try_clone()?, writer))
    };
    let (reader, out, err) = pipe().context("cannot make a pipe")?;
    command.stdout(out).stderr(err);
    Ok(reader)
}

/// Hands every line to `on_line`, on a thread, until the output ends.
pub fn read_lines(
    output: impl Read + Send + 'static,
    mut on_line: impl FnMut(String) + Send + 'static,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line);
            on_line(text.trim_end_matches(['\n', '\r']).to_owned());
            line.clear();
        }
    })
}

/// The lines of `output`, to be received.
pub fn lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    read_lines(output, move |line| {
        // Without a receiver the pipe is read to its end all the same: its program must not hang.
        let _ = sender.send(line);
    });
    receiver
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use super::{Group, command, lines, output, run};

    fn shell(script: &str) -> Command {
        let mut shell = command("sh");
        shell.args(["-c", script]);
        shell
    }

    fn alive(pid: &str) -> bool {
        Command::new("kill")
            .args(["-0", pid])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    #[test]
    fn both_outputs_come_in_order_with_the_status() {
        let (status, text) = output(shell("echo one; echo two >&2; printf three; exit 7")).unwrap();
        assert_eq!(text, "one\ntwo\nthree\n");
        assert_eq!(status.code(), Some(7));
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = output(command("no-such-program-here")).unwrap_err().to_string();
        assert_eq!(error, "cannot start no-such-program-here: there is no such program");
    }

    #[test]
    fn what_a_finished_program_left_running_ends_and_does_not_hold_us_up() {
        let begin = Instant::now();
        let mut pid = String::new();
        run(shell("sleep 60 & echo $!"), |line| {
            if let Some(line) = line {
                line.clone_into(&mut pid);
            }
        })
        .unwrap();
        assert!(begin.elapsed() < Duration::from_secs(5));
        assert!(!alive(&pid), "process {pid} is still there");
    }

    #[test]
    fn a_guarded_group_ends_with_the_guards_input() {
        let mut command = shell("sleep 60 & echo $!; wait");
        let mut group = Group::spawn(command.stdout(Stdio::piped())).unwrap().guarded().unwrap();
        let pid = lines(group.take_stdout().unwrap()).recv().unwrap();
        assert!(alive(&pid));
        // What the system does when it ends us.
        drop(group.guard.as_mut().unwrap().stdin.take());
        assert!(group.wait_for(Duration::from_secs(5)), "nobody ended the group");
        drop(group);
        assert!(!alive(&pid), "process {pid} is still there");
    }

    #[test]
    fn a_dropped_group_is_gone_with_its_children() {
        let mut command = shell("sleep 60 & echo $!; wait");
        let mut group = Group::spawn(command.stdout(Stdio::piped())).unwrap();
        let pid = lines(group.take_stdout().unwrap()).recv().unwrap();
        assert!(alive(&pid));
        drop(group);
        assert!(!alive(&pid), "process {pid} is still there");
    }
}
