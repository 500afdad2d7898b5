//! Loads the system beyond what it can serve: `cargo xtask test` and `cargo xtask bench load` call it.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use harness::load;
use harness::runner::{Start, absolute};
use serde_json::{Map, json};

/// What must be known to read the figures.
const ABOUT: &str = "Twice as many requests as the machine can serve: each is answered rightly, or by a 429 or a 503. \
                     Memory is that of the runner and of the largest function.";

#[derive(Parser)]
struct Arguments {
    /// The program `local`
    #[arg(long)]
    program: PathBuf,
    /// The folder that `cdk synth -c stage=local` wrote
    #[arg(long)]
    assembly: PathBuf,
    /// For how long
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Where the figures go as JSON too
    #[arg(long)]
    json: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let dir = tempfile::tempdir()?;
    let start = Start {
        program: absolute(&arguments.program)?,
        assembly: absolute(&arguments.assembly)?,
        data: dir.path().join("data"),
        table: None,
        log: dir.path().join("run.log"),
    };
    let time = Duration::from_secs(arguments.seconds);
    let outcome = load::run(&start, time, |line| eprintln!("{line}")).await?;
    let figures = figures(&outcome);
    let line = |cells: Vec<String>| println!("| {} |", cells.join(" | "));
    line(figures.iter().map(|(name, _)| (*name).to_owned()).collect());
    line(figures.iter().map(|_| "---:".to_owned()).collect());
    line(figures.iter().map(|(_, figure)| format!("{figure:.0}")).collect());
    if let Some(file) = arguments.json {
        let row: Map<_, _> =
            figures.iter().map(|(name, figure)| ((*name).to_owned(), json!(figure))).collect();
        let table = json!({ "title": "Load", "about": ABOUT, "rows": [row] });
        std::fs::write(&file, json!([table]).to_string())
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    println!("load check: {} answers, none wrong", outcome.answered());
    Ok(())
}

/// What was measured, in the order of the table.
#[expect(
    clippy::cast_precision_loss,
    reason = "nobody sends 2^52 requests, nor has as many kilobytes"
)]
fn figures(outcome: &load::Outcome) -> Vec<(&'static str, f64)> {
    let of =
        |status: Range<u16>| outcome.answers.range(status).map(|(_, n)| *n).sum::<usize>() as f64;
    let [before, after] =
        outcome.memory_quarters().unwrap_or_default().map(|kb| kb as f64 / 1024.0);
    vec![
        ("requests/s served", outcome.capacity),
        ("requests/s sent", outcome.offered),
        ("answered", outcome.answered() as f64),
        ("2xx", of(200..300)),
        ("429", of(429..430)),
        ("503", of(503..504)),
        ("MB in the second quarter", before),
        ("MB in the last quarter", after),
        ("ms to the next right answer", outcome.recovered.as_secs_f64() * 1e3),
    ]
}
