//! `cargo xtask bench`: the measurements of the README, made anew.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::build::{self, Profile, Stack};
use crate::paths::TempDir;
use crate::{process, setup, ui};

/// Measure what the README says: prints Markdown tables.
///
/// Everything runs on this machine, on free ports, with data in memory. Let nothing else run meanwhile.
#[derive(clap::Args)]
pub struct Options {
    /// All parts if none is named
    part: Option<Part>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Part {
    /// The first call after a start, and warm calls, through the gateway
    Calls,
    /// A page of the list with a thousand to a million events and 1 to 8 shards, beside a Scan
    List,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    setup::require_node()?;
    setup::npm_packages(&crate::paths::infra())?;
    let lambdas = build::lambdas(Profile::Release)?;
    let bench = build::program("bench", "bench", Profile::Release)?;
    let dir = TempDir::new("bench")?;
    let assembly = dir.path().join("assembly");
    Stack { lambdas: &lambdas, site: None, web_port: 0, api_port: 0 }.synthesize(&assembly)?;
    let parts = options.part.map_or_else(|| vec![Part::Calls, Part::List], |part| vec![part]);
    for part in parts {
        let name = match part {
            Part::Calls => "calls",
            Part::List => "list",
        };
        let mut command = process::command(&bench);
        command.arg("--assembly").arg(&assembly).arg(name);
        let status = process::run(command, |line| line.map_or((), ui::line))?;
        if !status.success() {
            bail!("the benchmark {name} ended with {status}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
