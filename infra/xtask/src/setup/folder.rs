//! Folders of the user's cache directory, filled once for all working trees of this user.
//!
//! A folder is `cargo-xtask-tools/NAME`. It is filled as a sibling and renamed when it is whole,
//! under a lock: whoever finds its proof may use it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use fs_err as fs;

use super::install::reason;
use super::lock::lock;
use crate::{paths, step, ui};

pub struct Folder<'a> {
    pub name: String,
    /// What the user reads of it.
    pub what: String,
    /// A file in it that is there when it is whole.
    pub proof: PathBuf,
    /// What else the user may do when no installer works.
    pub otherwise: String,
    /// The ways to fill it, the best first.
    pub installers: &'a [Installer<'a>],
}

pub struct Installer<'a> {
    /// What the user is told of the wait.
    pub wait: &'a str,
    /// The command that fills the folder at a path.
    pub command: &'a dyn Fn(&Path) -> Result<Command>,
}

impl Folder<'_> {
    /// Sees to it that the folder is there.
    pub fn provide(&self) -> Result<PathBuf> {
        let cache = directory()?;
        let home = cache.join(&self.name);
        if !self.is_whole(&home) {
            let _lock = lock(
                &cache.join(format!("{}.lock", self.name)),
                &format!("waiting for another command that installs {} …", self.what),
            )?;
            // The one we waited for may have brought it.
            if !self.is_whole(&home) {
                self.fill(&home)?;
            }
        }
        Ok(home)
    }

    fn is_whole(&self, home: &Path) -> bool {
        home.join(&self.proof).is_file()
    }

    fn fill(&self, home: &Path) -> Result<()> {
        let partial = home.with_file_name(format!("{}.partial", self.name));
        let mut why = String::new();
        for installer in self.installers {
            if !why.is_empty() {
                ui::line(&format!("{} does not come this way ({why})", self.what));
            }
            paths::remove(&partial)?;
            paths::create_dir(&partial)?;
            let what = format!("installing {}", self.what);
            let attempt = (installer.command)(&partial)
                .and_then(|command| step::attempt(&what, Some(installer.wait), command));
            if !self.is_whole(&partial) {
                paths::remove(&partial)?;
            }
            let (output, failure) = attempt?;
            if failure.is_none() && self.is_whole(&partial) {
                paths::remove(&partial.join("target"))?;
                paths::remove(home)?;
                fs::rename(&partial, home)?;
                return Ok(());
            }
            why = reason(&output).or(failure).unwrap_or_default();
        }
        paths::remove(&partial)?;
        bail!(
            "{} cannot be installed ({why}); when the network and the disk are fine run the \
             command again{}",
            self.what,
            self.otherwise
        )
    }
}

fn directory() -> Result<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .context("there is no place for tools: set HOME or XDG_CACHE_HOME")?
        .join("cargo-xtask-tools");
    paths::create_dir(&cache)?;
    Ok(cache)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use anyhow::Result;

    use super::{Folder, Installer};
    use crate::process;

    fn shell(script: &'static str) -> impl Fn(&Path) -> Result<Command> {
        move |root| {
            let mut shell = process::command("sh");
            shell.args(["-c", script]).current_dir(root);
            Ok(shell)
        }
    }

    fn fill(home: &Path, scripts: [&'static str; 2]) -> Result<()> {
        let commands = scripts.map(shell);
        let installers = commands.each_ref().map(|command| Installer { wait: "now", command });
        let folder = Folder {
            name: "x-1".into(),
            what: "x 1".into(),
            proof: "bin/x".into(),
            otherwise: ", or put x on PATH".into(),
            installers: &installers,
        };
        folder.fill(home)
    }

    #[test]
    fn the_next_installer_follows_one_that_fails_or_brings_something_else() {
        let dir = tempfile::tempdir().unwrap();
        let brings = "mkdir bin target && echo second > bin/x";
        for (name, first) in [("fails", "exit 3"), ("brings no x", "mkdir bin && touch bin/y")] {
            let home = dir.path().join(name);
            fill(&home, [first, brings]).unwrap();
            assert_eq!(std::fs::read_to_string(home.join("bin/x")).unwrap(), "second\n");
            assert!(!home.join("target").exists() && !home.join("bin/y").exists());
        }
    }

    #[test]
    fn nothing_is_left_when_all_fail_and_the_last_one_says_why() {
        let dir = tempfile::tempdir().unwrap();
        let scripts = ["touch y; exit 1", "touch z; echo 'error: no host'; exit 1"];
        let error = fill(&dir.path().join("home"), scripts).unwrap_err().to_string();
        assert!(error.starts_with("x 1 cannot be installed (no host);"), "{error}");
        assert!(error.ends_with("run the command again, or put x on PATH"), "{error}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
