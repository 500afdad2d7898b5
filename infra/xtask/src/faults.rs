//! `cargo xtask faults`: the model checker for as many seeds as one likes; `cargo xtask test` runs
//! some.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::build::{self, Functions, LocalStage, Profile};
use crate::{paths, process, setup};

/// Break the system on purpose, many times, and check that nothing was lost.
///
/// Each seed has random clients use the API while connections are cut, answers lost, the table
/// throttled and processes killed; then every answer is checked. The history and the log of a seed
/// that fails are kept in target/faults.
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
    let dir = paths::temp_dir("faults")?;
    let assembly = dir.path().join("assembly");
    build::synthesize(&LocalStage::of_tests(&functions.lambdas), &assembly)?;
    let program = build::program("harness", "model-check", profile)?;
    let checker = model_checker(&program, &functions, &assembly, options);
    process::show(checker, |_| {}).context("model checker found a violation")?;
    Ok(ExitCode::SUCCESS)
}

/// The model checker for some seeds.
pub fn model_checker(
    program: &Path,
    functions: &Functions,
    assembly: &Path,
    options: &Options,
) -> Command {
    let mut checker = harness(program, functions, assembly);
    checker.arg("--keep").arg(paths::root().join("target/faults"));
    for (name, number) in
        [("--first", options.first), ("--seeds", options.seeds), ("--jobs", options.jobs)]
    {
        checker.args([name, &number.to_string()]);
    }
    checker
}

/// A program of the harness, on an assembly of the functions.
pub fn harness(program: &Path, functions: &Functions, assembly: &Path) -> Command {
    let mut command = process::command(program);
    command.arg("--program").arg(&functions.runner).arg("--assembly").arg(assembly);
    command
}

impl Options {
    /// What there is time for in every test run.
    pub fn of_tests() -> Self {
        Self { seeds: 20, first: 1, jobs: 20 }
    }
}
