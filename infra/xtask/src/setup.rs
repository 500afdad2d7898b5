//! What a machine must have before anything can be built or tested, and how it gets it.
//!
//! Nothing is installed that is there already, and nothing where it would disturb the user: tools go to a cache
//! of our own (`setup/cache.rs`), packages to the `node_modules` of their package.

mod cache;
mod chromium;
mod node;
mod peers;

use std::ffi::OsString;
use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result, bail};

pub use chromium::chromium;
pub use node::{npm, npm_packages, require_node};
pub use peers::peers;

use crate::step::{self, Step};
use crate::{paths, process};
use cache::{Source, Tool};

pub const WASM: &str = "wasm32-unknown-unknown";
pub const ARM64: &str = "aarch64-unknown-linux-gnu";

const TRUNK: Tool<'static> = Tool {
    package: "trunk",
    binary: "trunk",
    version: "0.21.14",
    reports: "0.21.14",
    source: Source::Cargo,
    wait: "once on this machine, compiling it takes about 6 minutes",
};

const WASM_OPT: Tool<'static> = Tool {
    package: "binaryen",
    binary: "wasm-opt",
    version: "132.0.0",
    reports: "132",
    source: Source::Npm,
    wait: "once on this machine, some seconds",
};

const SCHEMATHESIS: Tool<'static> = Tool {
    package: "schemathesis",
    binary: "schemathesis",
    // The version in e2e/requirements.txt.
    version: "4.32.5",
    reports: "4.32.5",
    source: Source::Pip("e2e/requirements.txt"),
    wait: "once on this machine, some seconds",
};

const ICALENDAR: Tool<'static> = Tool {
    package: "icalendar",
    binary: "icalendar",
    // The version in e2e/ics/requirements.txt.
    version: "7.3.0",
    reports: "7.3.0",
    source: Source::Pip("e2e/ics/requirements.txt"),
    wait: "once on this machine, some seconds",
};

const CARGO_LAMBDA: Tool<'static> = Tool {
    package: "cargo-lambda",
    binary: "cargo-lambda",
    // The version in infra/requirements.txt.
    version: "1.9.2",
    reports: "1.9.2",
    source: Source::Pip("infra/requirements.txt"),
    wait: "once on this machine, with zig, which links for other machines: some 100 MB",
};

const CARGO_DENY: Tool<'static> = Tool {
    package: "cargo-deny",
    binary: "cargo-deny",
    version: "0.20.2",
    reports: "0.20.2",
    source: Source::Cargo,
    wait: "once on this machine, compiling it takes about 6 minutes",
};

/// Python, with a parser of calendar files.
pub fn icalendar() -> Result<std::process::Command> {
    let mut python = process::command("python3");
    if let Some(bin) = ICALENDAR.provide()? {
        python.env("PYTHONPATH", bin.join(".."));
    }
    Ok(python)
}

/// The fuzzer of the API.
pub fn schemathesis() -> Result<std::process::Command> {
    let mut fuzzer = process::command(SCHEMATHESIS.binary);
    if let Some(bin) = SCHEMATHESIS.provide()? {
        fuzzer = process::command(bin.join(SCHEMATHESIS.binary));
        fuzzer.env("PYTHONPATH", bin.join(".."));
    }
    Ok(fuzzer)
}

/// What builds functions for AWS, with the target that it builds for.
pub fn cargo_lambda() -> Result<std::process::Command> {
    rust_target(ARM64)?;
    let bin = CARGO_LAMBDA.provide_ours()?;
    let mut cargo_lambda = process::command(bin.join(CARGO_LAMBDA.binary));
    // It finds zig as a package of Python.
    cargo_lambda.env("PYTHONPATH", bin.join(".."));
    Ok(cargo_lambda)
}

/// What judges the crates that others wrote.
pub fn cargo_deny() -> Result<PathBuf> {
    Ok(CARGO_DENY.provide()?.unwrap_or_default().join(CARGO_DENY.binary))
}

/// The tools that build the page, on a PATH of their own.
pub struct PageTools {
    path: OsString,
}

impl PageTools {
    /// For `trunk serve`, which does not optimise.
    pub fn for_dev() -> Result<Self> {
        Self::with(&[TRUNK])
    }

    pub fn for_release() -> Result<Self> {
        require_node()?;
        Self::with(&[TRUNK, WASM_OPT])
    }

    fn with(tools: &[Tool]) -> Result<Self> {
        wasm_target()?;
        let version = wasm_bindgen_version()?;
        let wasm_bindgen = Tool {
            package: "wasm-bindgen-cli",
            binary: "wasm-bindgen",
            version: &version,
            reports: &version,
            source: Source::Cargo,
            wait: "once on this machine, compiling it takes about 3 minutes",
        };
        let mut dirs = Vec::new();
        for tool in tools.iter().chain([&wasm_bindgen]) {
            dirs.extend(tool.provide()?);
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(dirs.into_iter().chain(env::split_paths(&path)))
            .context("the tools' directory cannot be part of PATH")?;
        Ok(Self { path })
    }

    /// `trunk`, run in the page's directory.
    pub fn trunk(&self) -> std::process::Command {
        let mut trunk = process::command("trunk");
        trunk
            .current_dir(paths::frontend())
            .env("PATH", &self.path)
            // It would ask the registry for news at every start.
            .env("TRUNK_SKIP_VERSION_CHECK", "true")
            // Where in trunk an error was made says nothing of where in the page.
            .env("RUST_LIB_BACKTRACE", "0")
            // Trunk 0.21 takes only `true` and `false` where the convention says "any value".
            .env_remove("NO_COLOR")
            .env("TRUNK_COLOR", if crate::ui::colors() { "always" } else { "never" });
        trunk
    }
}

/// All crates of Cargo.lock: later steps need no network, and a missing one is told from a broken build.
pub fn crates() -> Result<()> {
    let mut step = Step::start("fetching crates", None);
    let mut cargo = process::command("cargo");
    cargo.args(["fetch", "--locked", "--target", WASM, "--target", host()?.as_str()]);
    let (output, failure) = step.attempt(cargo)?;
    if let Some(failure) = failure {
        bail!(
            "the crates of Cargo.lock cannot be fetched ({}); is there a network? Then run the command again",
            reason(&output).unwrap_or(failure)
        );
    }
    step.done();
    Ok(())
}

/// The compiler's own library for the page.
pub fn wasm_target() -> Result<()> {
    rust_target(WASM)
}

/// The compiler's own library for `target`.
fn rust_target(target: &str) -> Result<()> {
    if library(target)?.is_dir() {
        return Ok(());
    }
    if !on_path("rustup") {
        bail!(
            "this Rust toolchain has no target {target}, and there is no rustup to add it: install it with the \
             package manager that brought Rust, or Rust from https://rustup.rs"
        );
    }
    let mut step = Step::start(&format!("adding the Rust target {target}"), None);
    let mut rustup = process::command("rustup");
    rustup.args(["target", "add", target]);
    let (output, failure) = step.attempt(rustup)?;
    if let Some(failure) = failure {
        bail!(
            "the Rust target {target} cannot be added ({}); try `rustup target add {target}` yourself",
            reason(&output).unwrap_or(failure)
        );
    }
    step.done();
    Ok(())
}

fn library(target: &str) -> Result<PathBuf> {
    match rustc(&["--print", "target-libdir", "--target", target])? {
        Some(library) => Ok(library.into()),
        None => {
            bail!("rustc does not know the target {target}: install Rust from https://rustup.rs")
        }
    }
}

/// Where the Rust toolchain is.
pub fn sysroot() -> Result<PathBuf> {
    let sysroot = rustc(&["--print", "sysroot"])?;
    sysroot.map(PathBuf::from).context("rustc does not say where it is")
}

fn host() -> Result<String> {
    rustc(&["--print", "host-tuple"])?.context("rustc does not say what it compiles for")
}

/// The last line that rustc says, before which rustup may have written some of its own.
fn rustc(arguments: &[&str]) -> Result<Option<String>> {
    let mut rustc = process::command("rustc");
    rustc.args(arguments);
    let (status, output) = process::output(rustc)?;
    Ok(output.lines().last().filter(|_| status.success()).map(str::to_owned))
}

/// The CLI and the crate speak a protocol of their own, so their versions must be the same.
fn wasm_bindgen_version() -> Result<String> {
    let lock = paths::root().join("Cargo.lock");
    let text =
        fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    locked_version(&text, "wasm-bindgen")
        .map(str::to_owned)
        .context("Cargo.lock has no wasm-bindgen")
}

/// The version of `package` in the text of a Cargo.lock.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

fn on_path(program: &str) -> bool {
    find_on_path(program).is_some()
}

fn find_on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// The line of a failed tool's output that says why.
fn reason(output: &[String]) -> Option<String> {
    const PREFIXES: [&str; 4] = ["error: ", "Error: ", "npm error ", "E: "];
    let lines = || output.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    let error = |line: &'_ &str| PREFIXES.iter().any(|prefix| line.starts_with(prefix));
    lines()
        // What it was doing when the disk was full matters less than that it was.
        .find(|line| step::disk_is_full(line))
        .or_else(|| lines().find(error))
        .or_else(|| lines().next_back())
        .map(|line| {
            PREFIXES.iter().fold(line, |line, prefix| line.strip_prefix(prefix).unwrap_or(line))
        })
        .map(str::to_owned)
}

/// Whether a program that was asked for its version named this one.
fn says_version(output: &str, version: &str) -> bool {
    output.split_whitespace().any(|word| word.strip_prefix('v').unwrap_or(word) == version)
}

#[cfg(test)]
mod tests {
    use super::{locked_version, reason, says_version};

    const LOCK: &str = r#"
[[package]]
name = "wasm-bindgen-futures"
version = "0.4.78"

[[package]]
name = "wasm-bindgen"
version = "0.2.128"
source = "registry"
"#;

    #[test]
    fn the_locked_version_is_that_of_the_very_package() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some("0.2.128"));
        assert_eq!(locked_version(LOCK, "wasm-bindgen-futures"), Some("0.4.78"));
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }

    #[test]
    fn a_version_fits_as_a_whole_only() {
        assert!(says_version("trunk 0.21.14\n", "0.21.14"));
        assert!(says_version("wasm-opt version 132 (version_132)", "132"));
        assert!(!says_version("trunk 0.21.14-beta.1", "0.21.14"));
        assert!(!says_version("wasm-opt version 108", "132"));
    }

    #[test]
    fn the_reason_of_a_failure_is_its_first_error_or_its_last_word() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(reason(&lines("Updating\nerror: no host\nhelp")).unwrap(), "no host");
        let full =
            "error: failed to compile\n  Caused by:\n    No space left on device (os error 28)";
        assert_eq!(reason(&lines(full)).unwrap(), "No space left on device (os error 28)");
        assert_eq!(reason(&lines("one\ntwo\n\n")).unwrap(), "two");
        assert_eq!(reason(&[]), None);
    }
}
