//! The measurements of e2e/bench/README.md, on a synthesized stack of the stage `local`.
//!
//! `cargo xtask bench` builds the functions and calls this. Tables go to standard output, progress
//! to standard error. Nothing is asserted: times depend on the machine.

mod cold;
mod events;
mod feed;
mod function;
mod list;
mod process;
mod report;
mod size;
mod stack;
mod statistics;
mod warm;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};
use serde_json::Value;

#[derive(Parser)]
struct Arguments {
    /// The folder that `cdk synth -c stage=local` wrote
    #[arg(long)]
    assembly: PathBuf,
    /// Write the tables to this file, too, as JSON
    #[arg(long)]
    json: Option<PathBuf>,
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand)]
enum Part {
    /// The time from the start of a function's process to its first response, its memory and size
    Cold {
        #[command(flatten)]
        peers: Peers,
        #[arg(long, default_value_t = 20)]
        rounds: usize,
    },
    /// Throughput and latency of running functions
    Warm {
        #[command(flatten)]
        peers: Peers,
        #[arg(long, default_value_t = 9)]
        rounds: usize,
    },
    /// A page of the list and a calendar feed, by the number of events and of shards
    List {
        /// Numbers of events
        #[arg(long, value_delimiter = ',', default_value = "1000,100000,1000000")]
        events: Vec<usize>,
        /// Numbers of shards
        #[arg(long, value_delimiter = ',', default_value = "1,2,4,8")]
        shards: Vec<u32>,
    },
}

#[derive(clap::Args)]
struct Peers {
    /// The folder that holds `python/bootstrap` and `node/bootstrap`
    #[arg(long)]
    peers: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let Arguments { assembly, json, part } = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let tables = runtime.block_on(async {
        match part {
            Part::Cold { peers, rounds } => cold::run(&assembly, &peers.peers, rounds).await,
            Part::Warm { peers, rounds } => warm::run(&assembly, &peers.peers, rounds).await,
            Part::List { events, shards } => list::run(&assembly, &events, &shards).await,
        }
    })?;
    for table in &tables {
        println!("{table}");
    }
    if let Some(file) = json {
        let tables: Value = tables.iter().map(report::Table::to_json).collect();
        std::fs::write(&file, tables.to_string())
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}
