//! Runs the model checker for many seeds: `cargo xtask test` and `cargo xtask faults` call it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Parser;
use harness::model::{self, Setting};
use harness::runner::System;
use tokio::task::JoinSet;

/// In every 100th seed the table is unavailable for a minute.
const MINUTE_OUTAGE: u64 = 100;

/// How often the progress is printed.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(20);

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    system: System,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// How many seeds
    #[arg(long, default_value_t = 20)]
    seeds: u64,
    /// How many at a time
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// The folder for the histories and logs of failed seeds
    #[arg(long)]
    keep: PathBuf,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let begin = Instant::now();
    let (mut failed, mut passed, mut calls) = (Vec::new(), 0_u64, 0);
    let mut progress = tokio::time::interval(PROGRESS_INTERVAL);
    progress.tick().await;
    let mut seeds = arguments.first..arguments.first + arguments.seeds;
    let mut running = JoinSet::new();
    loop {
        while running.len() < arguments.jobs.max(1)
            && let Some(seed) = seeds.next()
        {
            let outage = seed.is_multiple_of(MINUTE_OUTAGE).then_some(Duration::from_mins(1));
            let setting = Setting { system: arguments.system.clone(), outage };
            running.spawn(check(setting, seed, arguments.keep.clone()));
        }
        let done = tokio::select! {
            done = running.join_next() => done,
            _ = progress.tick() => {
                let (count, time) = (arguments.seeds, begin.elapsed());
                let open = count - passed - failed.len() as u64;
                println!("  {time:.0?}: {open} of {count} seeds to go, {} broken", failed.len());
                continue;
            }
        };
        let Some(done) = done else { break };
        match done? {
            (_, Ok(count)) => {
                passed += 1;
                calls += count;
            }
            (seed, Err(error)) => {
                eprintln!("seed {seed}: {error:#}");
                failed.push(seed);
            }
        }
    }
    failed.sort_unstable();
    let time = begin.elapsed();
    println!(
        "model checker: {passed} passed, {} failed; {calls} calls checked in {time:.0?}",
        failed.len()
    );
    for seed in &failed {
        println!(
            "  failed: --first {seed} --seeds 1; its history: {}",
            kept(&arguments.keep, *seed)
        );
    }
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs and checks one seed. Returns the number of its calls. If it fails, its history and its log
/// are kept.
async fn check(setting: Setting, seed: u64, keep: PathBuf) -> (u64, Result<usize>) {
    let checked = async {
        let dir = tempfile::tempdir()?;
        let ran = model::run(&setting, seed, dir.path()).await;
        let result = ran.and_then(|(history, outcome)| {
            let checked = outcome.and_then(|()| model::check(&history).map_err(anyhow::Error::msg));
            if checked.is_err() {
                std::fs::create_dir_all(&keep)?;
                std::fs::write(kept(&keep, seed), serde_json::to_vec_pretty(&history)?)?;
            }
            checked.map(|()| history.calls.len())
        });
        if result.is_err() {
            std::fs::create_dir_all(&keep)?;
            let log = keep.join(format!("seed-{seed}.log"));
            std::fs::copy(dir.path().join("run.log"), log).context("there is no log")?;
        }
        result
    };
    (seed, checked.await)
}

fn kept(keep: &Path, seed: u64) -> String {
    keep.join(format!("seed-{seed}.json")).display().to_string()
}
