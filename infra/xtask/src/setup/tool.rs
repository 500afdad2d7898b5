//! Tools of fixed versions: from PATH, prebuilt by `cargo binstall`, or compiled.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::install::{Directory, install};
use super::node::npm;
use crate::interrupt::Interrupted;
use crate::{paths, process, ui};

/// What the user is told of a short wait.
pub const SECONDS: &str = "once on this machine, some seconds";

#[derive(Clone, Copy)]
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

#[derive(Clone, Copy)]
pub enum Source {
    /// Compiled with these options of `cargo install`, in a profile for what is compiled once and
    /// runs for moments.
    Cargo(&'static [&'static str]),
    /// Compiled as its authors publish it.
    Published,
    Npm,
    /// With the packages of this file, which stands at that place below the root.
    Pip(&'static str),
}

/// No optimisation, no debug information, many units: a fifth of the time of the published profile.
const COMPILED_ONCE: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

impl Tool<'_> {
    /// Sees to it that the tool is there. A directory is given when it must be put before those of
    /// PATH.
    pub fn provide(&self) -> Result<Option<PathBuf>> {
        let published = matches!(self.source, Source::Published);
        if !published && self.fits_on_path() {
            return Ok(None);
        }
        self.provide_ours().map(Some)
    }

    /// The same without a look at PATH, for a tool that comes with others that it needs.
    pub fn provide_ours(&self) -> Result<PathBuf> {
        let Self { package, binary, version, .. } = self;
        let published = if matches!(self.source, Source::Published) { "-published" } else { "" };
        let what = format!("{package} {version}");
        let path = cache()?.join(format!("{package}-{version}{published}"));
        let bin = path.join(self.bin());
        let directory = Directory { path: path.clone(), what, version: Vec::new() };
        directory.provide(|| {
            let what = format!("installing {}", directory.what);
            let prebuilt = matches!(self.source, Source::Cargo(_));
            if prebuilt && which::which("cargo-binstall").is_ok() {
                let advice = "compiling it instead";
                let wait = Some("prebuilt, by cargo binstall");
                let why = match install(&what, wait, self.binstall(&path), advice) {
                    Ok(()) if bin.join(binary).is_file() => return Ok(()),
                    Ok(()) => format!("cargo binstall brought no {binary}; {advice}"),
                    Err(error) if error.is::<Interrupted>() => return Err(error),
                    Err(error) => format!("{error:#}"),
                };
                ui::line(&why);
            }
            let advice = format!(
                "when the network and the disk are fine run the command again, or put {binary} \
                 {version} on PATH yourself"
            );
            install(&what, Some(self.wait), self.installer(&path), &advice)?;
            ensure!(bin.join(binary).is_file(), "{what} brought no {binary}; {advice}");
            paths::remove(&path.join("target"))
        })?;
        Ok(bin)
    }

    fn bin(&self) -> &'static str {
        match self.source {
            Source::Cargo(_) | Source::Published | Source::Pip(_) => "bin",
            Source::Npm => "node_modules/.bin",
        }
    }

    fn fits_on_path(&self) -> bool {
        let mut command = process::command(self.binary);
        command.arg("--version");
        which::which(self.binary).is_ok()
            && process::output(command).is_ok_and(|(_, said)| says_version(&said, self.reports))
    }

    /// Never one that cargo binstall itself would compile, in a profile that takes long.
    fn binstall(&self, root: &Path) -> Command {
        let mut cargo = process::command("cargo");
        cargo
            .args(["binstall", "--no-confirm", "--disable-telemetry"])
            .args(["--disable-strategies", "compile", "--root"])
            .arg(root)
            .arg(format!("{}@{}", self.package, self.version));
        cargo
    }

    fn installer(&self, root: &Path) -> Command {
        match self.source {
            Source::Cargo(options) => {
                let mut cargo = self.cargo_install(root);
                cargo.args(options).envs(COMPILED_ONCE);
                cargo
            }
            Source::Published => self.cargo_install(root),
            Source::Npm => {
                let mut npm = npm();
                npm.args(["install", "--save-exact", "--ignore-scripts", "--prefix"])
                    .arg(root)
                    .arg(format!("{}@{}", self.package, self.version));
                npm
            }
            Source::Pip(requirements) => pip(&paths::root().join(requirements), root),
        }
    }

    fn cargo_install(&self, root: &Path) -> Command {
        let mut cargo = process::command("cargo");
        cargo
            .args(["install", self.package, "--version", self.version, "--locked", "--root"])
            .arg(root)
            .env("CARGO_TARGET_DIR", root.join("target"));
        cargo
    }
}

/// Installs the packages of a file into a directory, without a virtual environment.
pub fn pip(requirements: &Path, target: &Path) -> Command {
    let mut pip = process::command("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--target"])
        .arg(target)
        .arg("--requirement")
        .arg(requirements);
    pip
}

/// Directories for all working trees of this user.
pub fn cache() -> Result<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .context("there is no place for tools: set HOME or XDG_CACHE_HOME")?;
    Ok(cache.join("cargo-xtask-tools"))
}

/// Whether a program that was asked for its version named this one.
fn says_version(output: &str, version: &str) -> bool {
    output.split_whitespace().any(|word| word.strip_prefix('v').unwrap_or(word) == version)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::{env, fs};

    use super::{SECONDS, Source, Tool, says_version};
    use crate::process;

    #[test]
    fn a_version_fits_as_a_whole_only() {
        assert!(says_version("trunk 0.21.14\n", "0.21.14"));
        assert!(says_version("wasm-opt version 132 (version_132)", "132"));
        assert!(!says_version("trunk 0.21.14-beta.1", "0.21.14"));
        assert!(!says_version("wasm-opt version 108", "132"));
    }

    /// With a stand-in that says how it was called: the real one needs the network.
    #[test]
    fn cargo_binstall_is_asked_for_a_prebuilt_tool_of_the_version_and_never_compiles() {
        let dir = tempfile::tempdir().unwrap();
        let stand_in = dir.path().join("cargo-binstall");
        fs::write(&stand_in, "#!/bin/sh\necho \"$@\"\n").unwrap();
        fs::set_permissions(&stand_in, fs::Permissions::from_mode(0o755)).unwrap();
        let source = Source::Cargo(&[]);
        let tool = Tool {
            package: "p",
            binary: "b",
            version: "1.2.3",
            reports: "",
            source,
            wait: SECONDS,
        };
        let mut binstall = tool.binstall("/root".as_ref());
        let path = env::var_os("PATH").unwrap();
        let path = env::join_paths([dir.path().into()].into_iter().chain(env::split_paths(&path)));
        let (status, said) = process::output({
            binstall.env("PATH", path.unwrap());
            binstall
        })
        .unwrap();
        assert!(status.success(), "{said}");
        assert_eq!(
            said,
            "binstall --no-confirm --disable-telemetry --disable-strategies compile \
             --root /root p@1.2.3\n"
        );
    }
}
