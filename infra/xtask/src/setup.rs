//! What a machine must have before anything can be built or tested, and how it gets it.
//!
//! Nothing is installed that is there already, and nothing where it would disturb the user: tools
//! go to a cache of our own (`setup/tool.rs`), packages to the `node_modules` of their package.

mod chromium;
mod engines;
mod install;
mod node;
mod page_tools;
mod peers;
mod rust;
mod tool;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

pub use chromium::chromium;
pub use engines::engines;
pub use node::{npm, npm_packages, require_node};
pub use page_tools::PageTools;
pub use peers::peers;
pub use rust::{ARM64, crates, sysroot};

use crate::process;
use tool::{SECONDS, Source, Tool};

const SCHEMATHESIS: Tool = Tool {
    package: "schemathesis",
    binary: "schemathesis",
    // The version in e2e/requirements.txt.
    version: "4.32.5",
    reports: "4.32.5",
    source: Source::Pip("e2e/requirements.txt"),
    wait: SECONDS,
};

const ICALENDAR: Tool = Tool {
    package: "icalendar",
    binary: "icalendar",
    // The version in e2e/ics/requirements.txt.
    version: "7.3.0",
    reports: "7.3.0",
    source: Source::Pip("e2e/ics/requirements.txt"),
    wait: SECONDS,
};

const MOTO: Tool = Tool {
    package: "moto",
    binary: "moto_server",
    // The version in infra/emulated/requirements.txt.
    version: "5.2.5",
    reports: "5.2.5",
    source: Source::Pip("infra/emulated/requirements.txt"),
    wait: "once on this machine, some 320 MB",
};

const CARGO_LAMBDA: Tool = Tool {
    package: "cargo-lambda",
    binary: "cargo-lambda",
    // The version in infra/requirements.txt.
    version: "1.9.2",
    reports: "1.9.2",
    source: Source::Pip("infra/requirements.txt"),
    wait: "once on this machine, with zig, which links for other machines: some 100 MB",
};

const CARGO_DENY: Tool = Tool {
    package: "cargo-deny",
    binary: "cargo-deny",
    version: "0.20.2",
    reports: "0.20.2",
    source: Source::Cargo(&[]),
    wait: "once on this machine, compiling it takes some minutes",
};

/// Python, with a parser of calendar files.
pub fn icalendar() -> Result<Command> {
    let mut python = process::command("python3");
    if let Some(bin) = ICALENDAR.provide()? {
        python.env("PYTHONPATH", bin.join(".."));
    }
    Ok(python)
}

/// Python, with an emulator of AWS.
pub fn emulator() -> Result<Command> {
    let mut python = process::command("python3");
    python.env("PYTHONPATH", MOTO.provide_ours()?.join(".."));
    Ok(python)
}

/// The fuzzer of the API.
pub fn schemathesis() -> Result<Command> {
    Ok(match SCHEMATHESIS.provide()? {
        Some(bin) => with_packages(&bin, SCHEMATHESIS.binary),
        None => process::command(SCHEMATHESIS.binary),
    })
}

/// What builds functions for AWS, with the target that it builds for.
pub fn cargo_lambda() -> Result<Command> {
    rust::target(ARM64)?;
    // Ours in any case: it finds zig as a package of Python beside it.
    Ok(with_packages(&CARGO_LAMBDA.provide_ours()?, CARGO_LAMBDA.binary))
}

/// A program from the folder `bin`, beside which pip put its packages.
fn with_packages(bin: &Path, binary: &str) -> Command {
    let mut command = process::command(bin.join(binary));
    command.env("PYTHONPATH", bin.join(".."));
    command
}

/// What judges the crates that others wrote.
pub fn cargo_deny() -> Result<PathBuf> {
    Ok(CARGO_DENY.provide()?.unwrap_or_default().join(CARGO_DENY.binary))
}
