//! The Rust toolchain: its targets, and the crates of Cargo.lock.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::install::install;
use crate::process;

pub const WASM: &str = "wasm32-unknown-unknown";
pub const ARM64: &str = "aarch64-unknown-linux-gnu";

/// All crates of Cargo.lock: later steps need no network, and a missing one is told from a broken
/// build.
pub fn crates() -> Result<()> {
    let host = rustc(&["--print", "host-tuple"])?;
    let host = host.context("rustc does not say what it compiles for")?;
    let mut cargo = process::command("cargo");
    cargo.args(["fetch", "--locked", "--target", WASM, "--target", &host]);
    install("fetching crates", None, cargo, "is there a network? Then run the command again")
}

/// The compiler's own library for `target`.
pub fn target(target: &str) -> Result<()> {
    let Some(library) = rustc(&["--print", "target-libdir", "--target", target])? else {
        bail!("rustc does not know the target {target}: install Rust from https://rustup.rs");
    };
    if PathBuf::from(library).is_dir() {
        return Ok(());
    }
    if which::which("rustup").is_err() {
        bail!(
            "this Rust toolchain has no target {target}, and there is no rustup to add it: install \
             it with the package manager that brought Rust, or Rust from https://rustup.rs"
        );
    }
    let mut rustup = process::command("rustup");
    rustup.args(["target", "add", target]);
    let advice = format!("try `rustup target add {target}` yourself");
    install(&format!("adding the Rust target {target}"), None, rustup, &advice)
}

/// Where the Rust toolchain is.
pub fn sysroot() -> Result<PathBuf> {
    let sysroot = rustc(&["--print", "sysroot"])?;
    sysroot.map(PathBuf::from).context("rustc does not say where it is")
}

/// The last line that rustc says, before which rustup may have written some of its own.
fn rustc(arguments: &[&str]) -> Result<Option<String>> {
    let mut rustc = process::command("rustc");
    rustc.args(arguments);
    let (status, output) = process::output(rustc)?;
    Ok(output.lines().last().filter(|_| status.success()).map(str::to_owned))
}
