//! Installers: each runs once, one at a time, and is told with its reason when it fails.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use fs_err as fs;

use crate::interrupt::{self, Interrupted};
use crate::{paths, step, ui};

/// Runs `installer` as the step `what`. A failure is the tool's own reason, then `advice`.
pub fn install(what: &str, wait: Option<&str>, installer: Command, advice: &str) -> Result<()> {
    let (output, failure) = step::attempt(what, wait, installer)?;
    match failure {
        Some(failure) => bail!("{what} failed ({}); {advice}", reason(&output).unwrap_or(failure)),
        None => Ok(()),
    }
}

/// Of what one can do without, a failure is told and no more; an interrupt ends all.
pub fn told<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is::<Interrupted>() => Err(error),
        Err(error) => {
            ui::line(&format!("{error:#}"));
            Ok(None)
        }
    }
}

/// A directory that an installer fills, for all commands that need it.
pub struct Directory {
    pub path: PathBuf,
    /// What fills it, as in "the npm packages of infra/".
    pub what: String,
    /// The content of the file `.installed` in it, which is written last: what was installed.
    pub version: Vec<u8>,
}

impl Directory {
    /// Calls `install` unless the directory is there and whole.
    pub fn provide(&self, install: impl FnOnce() -> Result<()>) -> Result<()> {
        let stamp = self.path.join(".installed");
        let is_whole = || fs::read(&stamp).is_ok_and(|version| version == self.version);
        if is_whole() {
            return Ok(());
        }
        let mut lock_file = self.path.clone().into_os_string();
        lock_file.push(".lock");
        let _lock = lock(lock_file.as_ref(), &self.what)?;
        // The command that we waited for may have filled it.
        if is_whole() {
            return Ok(());
        }
        paths::remove(&self.path)?;
        install()?;
        fs::write(&stamp, &self.version)?;
        Ok(())
    }
}

/// Waits for the lock, which is held as long as the file is open.
fn lock(path: &Path, what: &str) -> Result<File> {
    paths::create_dir(path.parent().unwrap_or(path))?;
    let file = fs::File::create(path)?.into_parts().0;
    let mut said = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                if !std::mem::replace(&mut said, true) {
                    ui::line(&format!("waiting for another command that installs {what} …"));
                }
                interrupt::sleep(Duration::from_millis(200))?;
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}

/// The line of a failed tool's output that says why.
fn reason(output: &[String]) -> Option<String> {
    const PREFIXES: [&str; 4] = ["error: ", "Error: ", "npm error ", "E: "];
    let lines = || output.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    let error = |line: &&str| PREFIXES.iter().any(|prefix| line.starts_with(prefix));
    lines()
        // What it was doing when the disk was full matters less than that it was.
        .find(|line| step::disk_is_full(line))
        .or_else(|| lines().find(error))
        .or_else(|| lines().next_back())
        .map(|line| PREFIXES.iter().find_map(|p| line.strip_prefix(p)).unwrap_or(line).to_owned())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use anyhow::ensure;
    use fs_err as fs;

    use super::{Directory, install, reason};
    use crate::process;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_reason_of_a_failure_is_its_first_error_or_its_last_word() {
        assert_eq!(reason(&lines("Updating\nerror: no host\nhelp")).unwrap(), "no host");
        let full =
            "error: failed to compile\n  Caused by:\n    No space left on device (os error 28)";
        assert_eq!(reason(&lines(full)).unwrap(), "No space left on device (os error 28)");
        assert_eq!(reason(&lines("one\ntwo\n\n")).unwrap(), "two");
        assert_eq!(reason(&[]), None);
    }

    #[test]
    fn a_failed_installer_is_told_with_its_reason_and_with_what_to_do() {
        let mut installer = process::command("sh");
        installer.args(["-c", "echo 'npm error no such package' >&2; exit 1"]);
        let error = install("installing x", None, installer, "look at x").unwrap_err().to_string();
        assert_eq!(error, "installing x failed (no such package); look at x");
    }

    #[test]
    fn a_directory_is_filled_once_for_a_version_and_again_after_a_failure() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("cache/x-1");
        let calls = Cell::new(0);
        let provide = |version: &str, fails: bool| {
            let directory =
                Directory { path: path.clone(), what: "x".into(), version: version.into() };
            directory.provide(|| {
                calls.set(calls.get() + 1);
                assert!(!path.exists(), "nothing of an older one is left");
                fs::create_dir_all(&path)?;
                ensure!(!fails, "no host");
                Ok(())
            })
        };
        assert!(provide("1", true).is_err());
        provide("1", false).unwrap();
        provide("1", false).unwrap();
        assert_eq!(calls.get(), 2);
        provide("2", false).unwrap();
        assert_eq!(calls.get(), 3);
    }
}
