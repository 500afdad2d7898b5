//! `cargo xtask bench`: the measurements of the README, made anew.
//!
//! A part is a program that prints its tables, says on standard error where it is, and writes the tables as JSON
//! to the file that `--json` names. What is common to all stands here: what is built, the machine, one file for all.

mod machine;
mod web;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};

use crate::build::{self, Functions, Profile, Stack};
use crate::paths::{self, TempDir};
use crate::process::{self, Group};
use crate::{faults, setup, ui};
use machine::Machine;

/// Measure what the README says: prints Markdown tables.
///
/// Everything runs on this machine, on free ports, with data in memory. Let nothing else run meanwhile.
#[derive(clap::Args)]
pub struct Options {
    /// All parts but `load` if none is named
    parts: Vec<Part>,
    /// Write the tables and what the machine is to this file too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// From the start of a function to its first answer, memory and size, beside Python and Node
    Cold,
    /// Requests to running functions by 1, 8 and 64 clients, beside Python and Node
    Warm,
    /// A page of the list with a thousand to a million events and 1 to 8 shards, beside a Scan
    List,
    /// The page in Chromium: bytes, first visits, typing over many events; here and as a slow phone
    Web,
    /// Ten minutes of twice what the machine can serve: right answers, refusals, memory, and what comes after
    Load,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
            Self::List => "list",
            Self::Web => "web",
            Self::Load => "load",
        }
    }
}

/// How long the load lasts.
const LOAD_SECONDS: u32 = 600;

/// What the parts measure that are about functions.
struct Subject {
    bench: PathBuf,
    assembly: PathBuf,
    /// The functions in other languages.
    peers: PathBuf,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let parts = match options.parts.as_slice() {
        [] => &[Part::Cold, Part::Warm, Part::List, Part::Web],
        named => named,
    };
    let machine = Machine::describe();
    ui::line(&format!("Measured {machine}.\n"));
    setup::require_node()?;
    setup::npm_packages(&paths::infra())?;
    let dir = TempDir::new("bench")?;
    let json = |part: Part| dir.path().join(part.name()).with_extension("json");
    let lambdas = build::lambdas(Profile::Release)?;

    let of_functions: Vec<_> =
        parts.iter().filter(|part| !matches!(part, Part::Web | Part::Load)).collect();
    if !of_functions.is_empty() {
        let subject = Subject::make(&lambdas, dir.path())?;
        for &part in of_functions {
            let status = Group::spawn(&mut subject.measure(part, &json(part)))?.wait()?;
            if !status.success() {
                bail!("the benchmark {} ended with {status}", part.name());
            }
        }
    }
    if parts.contains(&Part::Web) {
        web::measure(lambdas.clone(), &json(Part::Web))?;
    }
    if parts.contains(&Part::Load) {
        load(lambdas, dir.path(), &json(Part::Load))?;
    }

    if let Some(file) = &options.json {
        let tables = parts.iter().map(|part| Ok((part.name().to_owned(), read(&json(*part))?)));
        let tables = tables.collect::<Result<Map<_, _>>>()?;
        let all = json!({ "machine": machine.to_json(), "parts": tables });
        fs::write(file, format!("{all:#}\n"))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn load(lambdas: PathBuf, dir: &Path, json: &Path) -> Result<()> {
    let runner = build::program("template-runner", "template-runner", Profile::Release)?;
    let assembly = dir.join("assembly-load");
    Stack { lambdas: &lambdas, site: None, web_port: 0, api_port: 0 }.synthesize(&assembly)?;
    let functions = Functions { lambdas, runner };
    let program = build::program("harness", "load-check", Profile::Release)?;
    let mut check = faults::load_check(&program, &functions, &assembly, LOAD_SECONDS);
    check.arg("--json").arg(json);
    let status = Group::spawn(&mut check)?.wait()?;
    ensure!(status.success(), "the benchmark load ended with {status}");
    Ok(())
}

impl Subject {
    fn make(lambdas: &Path, dir: &Path) -> Result<Self> {
        let peers = dir.join("peers");
        setup::peers(&peers)?;
        let bench = build::program("bench", "bench", Profile::Release)?;
        let assembly = dir.join("assembly");
        Stack { lambdas, site: None, web_port: 0, api_port: 0 }.synthesize(&assembly)?;
        Ok(Self { bench, assembly, peers })
    }

    fn measure(&self, part: Part, json: &Path) -> Command {
        let mut command = process::command(&self.bench);
        command.arg("--assembly").arg(&self.assembly).arg("--json").arg(json).arg(part.name());
        if part != Part::List {
            command.arg("--peers").arg(&self.peers);
        }
        command
    }
}

fn read(file: &Path) -> Result<Value> {
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(serde_json::from_slice(&text)?)
}
