//! Loads the system beyond what it can serve: `cargo xtask test` calls it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use harness::load;
use harness::runner::{Start, absolute};

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
    println!(
        "| requests/s served | sent | answered | 2xx | 429 | 503 | MB before | MB after | ms to the next right answer |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    let of = |statuses: std::ops::Range<u16>| {
        outcome.answers.range(statuses).map(|(_, n)| n).sum::<usize>()
    };
    let memory =
        outcome.memory_quarters().map(|quarters| quarters.map(|kb| (kb >> 10).to_string()));
    let [before, after] = memory.unwrap_or_default();
    println!(
        "| {:.0} | {:.0} | {} | {} | {} | {} | {before} | {after} | {:.1} |",
        outcome.capacity,
        outcome.offered,
        outcome.answered(),
        of(200..300),
        of(429..430),
        of(503..504),
        outcome.recovered.as_secs_f64() * 1e3,
    );
    println!("load check: {} answers, none wrong", outcome.answered());
    Ok(())
}
