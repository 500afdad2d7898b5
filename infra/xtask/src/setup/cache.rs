//! Tools of fixed versions, installed once for all working trees of this user.
//!
//! A tool is in `events-tools/PACKAGE-VERSION/` below the user's cache directory. It is installed into a sibling
//! and renamed when it is whole, under a lock: whoever finds its binary may use it.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, process::Command};

use anyhow::{Context, Result, bail};

use crate::step::Step;
use crate::{interrupt, paths, process, ui};

pub struct Tool<'a> {
    pub package: &'a str,
    pub binary: &'a str,
    pub version: &'a str,
    /// The version as `--version` prints it.
    pub reports: &'a str,
    pub source: Source,
    /// What the user is told of the wait.
    pub wait: &'a str,
}

pub enum Source {
    Cargo,
    Npm,
    /// With the packages of this file, which stands at that place below the root.
    Pip(&'static str),
}

impl Source {
    fn bin(&self) -> &'static str {
        match self {
            Self::Cargo | Self::Pip(_) => "bin",
            Self::Npm => "node_modules/.bin",
        }
    }
}

impl Tool<'_> {
    /// Sees to it that the tool is there. A directory is given when it must be put before those of PATH.
    pub fn provide(&self) -> Result<Option<PathBuf>> {
        if self.fits_on_path() { Ok(None) } else { self.provide_ours().map(Some) }
    }

    /// The same without a look at PATH, for a tool that comes with others that it needs.
    pub fn provide_ours(&self) -> Result<PathBuf> {
        let Self { package, binary, version, .. } = self;
        let folder = Folder {
            name: format!("{package}-{version}"),
            what: format!("{package} {version}"),
            proof: Path::new(self.source.bin()).join(binary),
            wait: self.wait,
            otherwise: format!(", or put {binary} {version} on PATH yourself"),
        };
        let home = folder.provide(|root| Ok(self.installer(root)))?;
        Ok(home.join(self.source.bin()))
    }

    fn fits_on_path(&self) -> bool {
        let mut command = process::command(self.binary);
        command.arg("--version");
        super::on_path(self.binary)
            && process::output(command)
                .is_ok_and(|(_, output)| super::says_version(&output, self.reports))
    }

    fn installer(&self, root: &Path) -> Command {
        match self.source {
            Source::Cargo => {
                let mut cargo = process::command("cargo");
                cargo
                    .args(["install", self.package, "--version", self.version, "--locked"])
                    .arg("--root")
                    .arg(root)
                    .env("CARGO_TARGET_DIR", root.join("target"));
                cargo
            }
            Source::Npm => {
                let mut npm = super::node::npm();
                npm.args(["install", "--save-exact", "--ignore-scripts"])
                    .arg("--prefix")
                    .arg(root)
                    .arg(format!("{}@{}", self.package, self.version));
                npm
            }
            // Not a virtual environment: that would not work where it is renamed to.
            Source::Pip(requirements) => {
                let mut pip = process::command("python3");
                pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--target"])
                    .arg(root)
                    .arg("--requirement")
                    .arg(paths::root().join(requirements));
                pip
            }
        }
    }
}

/// A folder of the cache that an installer fills.
pub struct Folder<'a> {
    pub name: String,
    /// What the user reads of it.
    pub what: String,
    /// A file in it that is there when it is whole.
    pub proof: PathBuf,
    /// What the user is told of the wait.
    pub wait: &'a str,
    /// What else the user may do when the installer fails.
    pub otherwise: String,
}

impl Folder<'_> {
    /// Sees to it that the folder is there: `installer` makes the command that fills it.
    pub fn provide(&self, installer: impl Fn(&Path) -> Result<Command>) -> Result<PathBuf> {
        let cache = directory()?;
        let home = cache.join(&self.name);
        if !self.is_whole(&home) {
            let _lock = lock(
                &cache.join(format!("{}.lock", self.name)),
                &format!("waiting for another command that installs {} …", self.what),
            )?;
            // The one we waited for may have brought it.
            if !self.is_whole(&home) {
                self.install(&home, installer)?;
            }
        }
        Ok(home)
    }

    fn is_whole(&self, home: &Path) -> bool {
        home.join(&self.proof).is_file()
    }

    fn install(&self, home: &Path, installer: impl Fn(&Path) -> Result<Command>) -> Result<()> {
        let mut step = Step::start(&format!("installing {}", self.what), Some(self.wait));
        let partial = home.with_file_name(format!("{}.partial", self.name));
        paths::remove(&partial)?;
        paths::create_dir(&partial)?;

        let attempt = installer(&partial).and_then(|installer| step.attempt(installer));
        if !self.is_whole(&partial) {
            paths::remove(&partial)?;
        }
        let (output, failure) = attempt?;
        if failure.is_some() || !self.is_whole(&partial) {
            bail!(
                "{what} cannot be installed ({reason}); when the network and the disk are fine run the command \
                 again{otherwise}",
                what = self.what,
                reason = super::reason(&output).or(failure).unwrap_or_default(),
                otherwise = self.otherwise,
            );
        }
        paths::remove(&partial.join("target"))?;
        paths::remove(home)?;
        fs::rename(&partial, home).with_context(|| format!("cannot write {}", home.display()))?;
        step.done();
        Ok(())
    }
}

fn directory() -> Result<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .context("there is no place for tools: set HOME or XDG_CACHE_HOME")?
        .join("events-tools");
    paths::create_dir(&cache)?;
    Ok(cache)
}

/// Waits for the lock, which is held as long as the file is open.
pub fn lock(path: &Path, waiting: &str) -> Result<File> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    let mut said = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                if !said {
                    ui::line(waiting);
                    said = true;
                }
                interrupt::sleep(Duration::from_millis(200))?;
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
    }
}
