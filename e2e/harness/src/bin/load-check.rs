//! Runs the load check: `cargo xtask test` and `cargo xtask bench load` call it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use harness::load;
use harness::runner::{Start, System};
use serde_json::{Map, json};

/// The note above the table.
const ABOUT: &str = "Twice as many requests as the machine can serve: each gets the right \
                     response, a 429 or a 503. Memory is that of the runner and of the largest \
                     function.";

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    system: System,
    /// The length of the load
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Write the table to this file, too, as JSON
    #[arg(long)]
    json: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let dir = tempfile::tempdir()?;
    let start = Start {
        system: arguments.system,
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
    let text = |figure: &Option<f64>| figure.map_or(String::new(), |figure| format!("{figure:.0}"));
    line(figures.iter().map(|(_, figure)| text(figure)).collect());
    if let Some(file) = arguments.json {
        let row: Map<_, _> =
            figures.iter().map(|(name, figure)| ((*name).to_owned(), json!(figure))).collect();
        let table = json!({ "title": "Load", "about": ABOUT, "rows": [row] });
        std::fs::write(&file, json!([table]).to_string())
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    if !process_memory::is_supported() {
        println!("load check: growth of memory: not run, this system has no /proc/pid/status");
    }
    println!(
        "load check: 1 passed, 0 failed; {} responses, none wrong",
        outcome.count(0..u16::MAX)
    );
    Ok(())
}

/// The cells of the table; `None` where this system does not tell.
#[expect(clippy::cast_precision_loss, reason = "counts and kilobytes are below 2^52")]
fn figures(outcome: &load::Outcome) -> Vec<(&'static str, Option<f64>)> {
    let count = |statuses| Some(outcome.count(statuses) as f64);
    let memory = outcome.memory_quarters().map(|quarters| quarters.map(|kb| kb as f64 / 1024.0));
    vec![
        ("requests/s served", Some(outcome.capacity)),
        ("requests/s sent", Some(outcome.offered)),
        ("answered", count(0..u16::MAX)),
        ("2xx, 304", count(200..400)),
        ("429", count(429..430)),
        ("503", count(503..504)),
        ("MB in the second quarter", memory.map(|[second, _]| second)),
        ("MB in the last quarter", memory.map(|[_, last]| last)),
        ("ms to the next right answer", Some(outcome.recovered.as_secs_f64() * 1e3)),
    ]
}
