//! Programs that are started here, and ended with everything that they started themselves.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use crate::{interrupt, paths, ui};

/// How often one who waits looks whether the user wants to stop.
pub const POLL: Duration = Duration::from_millis(50);

/// How long a group may take for an orderly end.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long output is read after the program's own end, while a child of it holds the pipe.
const LINGER: Duration = Duration::from_millis(500);

/// A command that runs at the root of the repository, reads nothing, and sees the environment of
/// the user's shell.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::root()).stdin(Stdio::null());
    // `cargo run` sets these for us. Build scripts that read them would run again at each change
    // between a build by hand and one from here.
    for (name, _) in std::env::vars_os() {
        let of_a_crate = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];
        if of_a_crate.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(name);
        }
    }
    if ui::colors() {
        command.env("CARGO_TERM_COLOR", "always").env("FORCE_COLOR", "1");
    }
    command
}

/// A program's name, for messages.
pub fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    program.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A program in a process group of its own. Dropped, it ends, with whatever it left running.
pub struct Group {
    pub child: Child,
    guard: Option<Child>,
}

impl Group {
    pub fn spawn(command: &mut Command) -> Result<Self> {
        let child = command.process_group(0).spawn().map_err(|error| {
            let what = format!("cannot start {}", command.get_program().display());
            match error.kind() {
                io::ErrorKind::NotFound => anyhow!("{what}: there is no such program"),
                _ => anyhow!(error).context(what),
            }
        })?;
        Ok(Self { child, guard: None })
    }

    /// Lets the group end even when we are killed outright: a shell waits for the end of a pipe
    /// that only we hold.
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

    /// The status of the program when it has ended.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().context("cannot learn whether a program has ended")
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
        wait_while(patience, || matches!(self.ended(), Ok(None)))
    }
}

impl Drop for Group {
    /// Ends the program and whatever it left behind: asked first, then by force.
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            // First, for it would end whichever group has the number later.
            let _ = guard.kill();
            let _ = guard.wait();
        }
        let group = Pid::from_child(&self.child);
        // An error here and below says that the group is gone.
        let _ = kill_process_group(group, Signal::TERM);
        // The group lives on while any of its members does, and keeps its number.
        let alive = || matches!(self.ended(), Ok(None)) || test_kill_process_group(group).is_ok();
        if !wait_while(PATIENCE, alive) {
            let _ = kill_process_group(group, Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// False when `condition` outlasts our patience, or the user's.
fn wait_while(patience: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    while condition() {
        if Instant::now() > deadline || interrupt::insisted() {
            return false;
        }
        thread::sleep(Duration::from_millis(10));
    }
    true
}

/// Runs a program to its end. `listener` gets every line that it writes, and `None` now and then
/// while it is silent.
pub fn run(mut command: Command, mut listener: impl FnMut(Option<&str>)) -> Result<ExitStatus> {
    let output = both_outputs(&mut command)?;
    let mut group = Group::spawn(&mut command)?;
    // It holds our copies of the writing ends, without whose end the output has none.
    drop(command);

    let lines = lines(output);
    let mut ended: Option<Instant> = None;
    loop {
        interrupt::check()?;
        match lines.recv_timeout(POLL) {
            Ok(line) => listener(Some(&line)),
            Err(RecvTimeoutError::Disconnected) => return group.wait(),
            Err(RecvTimeoutError::Timeout) => {
                listener(None);
                match ended {
                    Some(at) if at.elapsed() > LINGER => return group.wait(),
                    None if group.ended()?.is_some() => ended = Some(Instant::now()),
                    _ => {}
                }
            }
        }
    }
}

/// Runs a program to its end, and gives what it wrote.
pub fn output(command: Command) -> Result<(ExitStatus, String)> {
    let mut text = String::new();
    let status = run(command, |line| text.extend(line.iter().flat_map(|&line| [line, "\n"])))?;
    Ok((status, text))
}

/// Runs a program to its end with its output shown as it comes; `listener` gets each line too.
pub fn show(command: Command, mut listener: impl FnMut(&str)) -> Result<()> {
    let name = name(&command);
    let status = run(command, |line| {
        if let Some(line) = line {
            ui::line(line);
            listener(line);
        }
    })?;
    ensure!(status.success(), "{name} ended with {status}");
    Ok(())
}

/// Runs a program that may ask the user something, and gives what it wrote to stdout.
///
/// It shares our stdin, stderr and process group: a terminal lets no other group read from it.
pub fn ask(mut command: Command) -> Result<(ExitStatus, String)> {
    let name = name(&command);
    let mut child = command
        .stdin(Stdio::inherit())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    let lines = lines(child.stdout.take().context("it has no stdout")?);
    let mut text = String::new();
    loop {
        if let Err(interrupted) = interrupt::check() {
            // An error says that it has ended already: the terminal sent it the same Ctrl-C.
            let _ = child.kill();
            let _ = child.wait();
            return Err(interrupted.into());
        }
        match lines.recv_timeout(POLL) {
            Ok(line) => text.extend([line.as_str(), "\n"]),
            Err(RecvTimeoutError::Disconnected) => return Ok((child.wait()?, text)),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Lets `command` write stdout and stderr into one pipe, in the order in which they are written.
pub fn both_outputs(command: &mut Command) -> Result<io::PipeReader> {
    let (reader, writer) = io::pipe().context("cannot make a pipe")?;
    command.stdout(writer.try_clone()?).stderr(writer);
    Ok(reader)
}

/// Hands every line to `on_line`, on a thread, until the output ends.
pub fn read_lines(
    output: impl Read + Send + 'static,
    mut on_line: impl FnMut(String) + Send + 'static,
) -> JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            on_line(String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line)).into());
        }
    })
}

/// The lines of `output`, to be received.
pub fn lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    // Without a receiver the pipe is read to its end all the same: its program must not hang.
    read_lines(output, move |line| _ = sender.send(line));
    receiver
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, test_kill_process};

    use super::{Group, command, lines, output, run, show};

    fn shell(script: &str) -> Command {
        let mut shell = command("sh");
        shell.args(["-c", script]);
        shell
    }

    /// A group of two, and the number of the child of its program.
    fn sleeping() -> (Group, String) {
        let mut command = shell("sleep 60 & echo $!; wait");
        let mut group = Group::spawn(command.stdout(Stdio::piped())).unwrap();
        let pid = lines(group.child.stdout.take().unwrap()).recv().unwrap();
        assert!(alive(&pid));
        (group, pid)
    }

    fn alive(pid: &str) -> bool {
        test_kill_process(Pid::from_raw(pid.parse().unwrap()).unwrap()).is_ok()
    }

    #[test]
    fn both_outputs_come_in_order_with_the_status() {
        let (status, text) = output(shell("echo one; echo two >&2; printf three; exit 7")).unwrap();
        assert_eq!(text, "one\ntwo\nthree\n");
        assert_eq!(status.code(), Some(7));
    }

    #[test]
    fn a_shown_program_that_fails_is_named_with_its_status() {
        let mut seen = Vec::new();
        let result = show(shell("echo one; exit 7"), |line| seen.push(line.to_owned()));
        assert_eq!(result.unwrap_err().to_string(), "sh ended with exit status: 7");
        assert_eq!(seen, ["one"]);
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
        run(shell("sleep 60 & echo $!"), |line| pid += line.unwrap_or_default()).unwrap();
        assert!(begin.elapsed() < Duration::from_secs(5));
        assert!(!alive(&pid), "process {pid} is still there");
    }

    #[test]
    fn a_guarded_group_ends_with_the_guards_input() {
        let (group, pid) = sleeping();
        let mut group = group.guarded().unwrap();
        // What the system does when it ends us.
        drop(group.guard.as_mut().unwrap().stdin.take());
        assert!(group.wait_for(Duration::from_secs(5)), "the guard did not end the group");
        drop(group);
        assert!(!alive(&pid), "process {pid} is still there");
    }

    #[test]
    fn a_dropped_group_is_gone_with_its_children() {
        let (group, pid) = sleeping();
        drop(group);
        assert!(!alive(&pid), "process {pid} is still there");
    }
}
