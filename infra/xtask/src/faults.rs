//! `cargo xtask faults`: the model checker for as many seeds as one likes; `cargo xtask test` runs some.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::build::{self, Functions, Profile, Stack};
use crate::paths::{self, TempDir};
use crate::{process, setup, ui};

/// Break the system on purpose, many times, and check that nothing was lost.
///
/// Each seed has random clients use the API while connections are cut, answers lost, the table throttled and
/// processes killed; then every answer is checked. The history and the log of a seed that fails are kept in target/faults.
#[derive(clap::Args)]
pub struct Options {
    /// How many seeds; of every hundredth, the table is gone for a minute
    #[arg(long, default_value_t = 500)]
    seeds: u32,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    first: u32,
    /// How many at a time
    #[arg(long, default_value_t = 16)]
    jobs: u32,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    setup::require_node()?;
    setup::npm_packages(&paths::infra())?;
    // So many requests that building what answers them fast takes less time than they would.
    let profile = Profile::Release;
    let functions = build::functions(profile)?;
    let dir = TempDir::new("faults")?;
    let assembly = dir.path().join("assembly");
    Stack { lambdas: &functions.lambdas, site: None, web_port: 0, api_port: 0 }
        .synthesize(&assembly)?;
    let checker = model_checker(profile, &functions, &assembly, options)?;
    let status = process::run(checker, |line| line.map_or((), ui::line))?;
    if !status.success() {
        bail!("model checker found a violation");
    }
    Ok(ExitCode::SUCCESS)
}

/// The model checker for some seeds.
pub fn model_checker(
    profile: Profile,
    functions: &Functions,
    assembly: &Path,
    options: &Options,
) -> Result<Command> {
    let mut checker = process::command(build::program("harness", "model-check", profile)?);
    checker
        .arg("--program")
        .arg(&functions.runner)
        .arg("--assembly")
        .arg(assembly)
        .arg("--keep")
        .arg(paths::root().join("target/faults"))
        .args(["--first", &options.first.to_string()])
        .args(["--seeds", &options.seeds.to_string()])
        .args(["--jobs", &options.jobs.to_string()]);
    Ok(checker)
}

/// Twice the load that this machine can serve, for some seconds.
pub fn load_check(
    profile: Profile,
    functions: &Functions,
    assembly: &Path,
    seconds: u32,
) -> Result<Command> {
    let mut check = process::command(build::program("harness", "load-check", profile)?);
    check.arg("--program").arg(&functions.runner).arg("--assembly").arg(assembly);
    check.args(["--seconds", &seconds.to_string()]);
    Ok(check)
}

impl Options {
    /// What there is time for in every test run.
    pub fn of_tests() -> Self {
        Self { seeds: 20, first: 1, jobs: 4 }
    }
}
