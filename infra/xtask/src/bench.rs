//! `cargo xtask bench`: the measurements of e2e/bench/README.md, made anew.
//!
//! A part is a program that prints its tables, says on standard error where it is, and writes the
//! tables as JSON to the file that `--json` names.

mod machine;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Result, ensure};
use fs_err as fs;
use serde_json::{Map, json};

use crate::app::TestApp;
use crate::build::{self, Functions, LocalStage, Profile};
use crate::process::{self, Group};
use crate::setup::{self, PageTools};
use crate::{faults, paths, ui};

/// Measure what e2e/bench/README.md says: prints Markdown tables.
///
/// Everything runs on this machine, on free ports, with data in memory. Let nothing else run
/// meanwhile.
#[derive(clap::Args)]
pub struct Options {
    /// All parts but `load` if none is named
    parts: Vec<Part>,
    /// Write the tables and what the machine is to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Part {
    /// From the start of a function to its first answer, memory and size, beside Python and Node
    Cold,
    /// Requests to running functions by 1, 8 and 64 clients, beside Python and Node
    Warm,
    /// A page of the list and a calendar feed, with a thousand to a million events and 1 to 8 shards
    List,
    /// The page in Chromium: bytes, first visits, typing over many events; here and as a slow phone
    Web,
    /// Ten minutes of twice what the machine can serve: right answers, refusals, memory, and what
    /// comes after
    Load,
}

/// How long the load lasts.
const LOAD_SECONDS: &str = "600";

pub fn run(options: &Options) -> Result<ExitCode> {
    let parts = match options.parts.as_slice() {
        [] => &[Part::Cold, Part::Warm, Part::List, Part::Web],
        named => named,
    };
    let machine = machine::describe();
    ui::line(&format!("Measured {}.\n", machine::sentence(&machine)));
    setup::require_node()?;
    setup::npm_packages(&paths::infra())?;
    let functions = build::functions(Profile::Release)?;
    let dir = paths::temp_dir("bench")?;
    let assembly = dir.path().join("assembly");
    build::synthesize(&LocalStage::of_tests(&functions.lambdas), &assembly)?;

    let mut tables = Map::new();
    for part in parts {
        let name = format!("{part:?}").to_lowercase();
        let json = dir.path().join(&name).with_extension("json");
        match part {
            Part::Cold | Part::Warm | Part::List => {
                let mut bench =
                    process::command(build::program("bench", "bench", Profile::Release)?);
                bench.arg("--assembly").arg(&assembly).arg("--json").arg(&json).arg(&name);
                if !matches!(part, Part::List) {
                    bench.arg("--peers").arg(peers(dir.path())?);
                }
                run_part(&name, &mut bench)?;
            }
            Part::Web => web(&functions, &json)?,
            Part::Load => {
                let program = build::program("harness", "load-check", Profile::Release)?;
                let mut check = faults::harness(&program, &functions, &assembly);
                check.args(["--seconds", LOAD_SECONDS]);
                run_part(&name, check.arg("--json").arg(&json))?;
            }
        }
        tables.insert(name, serde_json::from_slice(&fs::read(&json)?)?);
    }
    if let Some(file) = &options.json {
        let all = json!({ "machine": machine, "parts": tables });
        fs::write(file, format!("{all:#}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The functions in other languages, made once.
fn peers(dir: &Path) -> Result<PathBuf> {
    let peers = dir.join("peers");
    if !peers.exists() {
        setup::peers(&peers)?;
    }
    Ok(peers)
}

/// Playwright measures the page in Chromium, on a run of its own (`e2e/bench/web`).
fn web(functions: &Functions, json: &Path) -> Result<()> {
    setup::npm_packages(&paths::e2e())?;
    let chromium = setup::chromium()?;
    let site = build::site(&PageTools::for_release()?)?;
    TestApp::run("bench-web", functions, &site, |app| {
        let mut bench = app.playwright(&chromium);
        run_part("web", bench.args(["--config", "bench.config.ts"]).env("BENCH_JSON", json))
    })
}

/// Runs the program of a part, which writes to our own outputs.
fn run_part(name: &str, program: &mut Command) -> Result<()> {
    let status = Group::spawn(program)?.wait()?;
    ensure!(status.success(), "the benchmark {name} ended with {status}");
    Ok(())
}
