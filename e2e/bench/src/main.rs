//! The measurements of the README, on a synthesized stack of the stage `local`. `cargo xtask bench` builds
//! what is measured and calls this.

mod calls;
mod list;
mod stack;
mod statistics;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Arguments {
    /// The folder that `cdk synth -c stage=local` wrote
    #[arg(long)]
    assembly: PathBuf,
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand)]
enum Part {
    /// The first call after a start, and warm calls, through the gateway
    Calls,
    /// A page of the list at many sizes of the collection and numbers of shards
    List {
        /// Numbers of events
        #[arg(long, value_delimiter = ',', default_value = "1000,100000,1000000")]
        events: Vec<usize>,
        /// Numbers of shards
        #[arg(long, value_delimiter = ',', default_value = "1,2,4,8")]
        shards: Vec<u32>,
    },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments.part {
            Part::Calls => calls::run(&arguments.assembly).await,
            Part::List { events, shards } => list::run(&arguments.assembly, &events, &shards).await,
        }
    })
}
