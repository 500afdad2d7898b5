//! The command line.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use template_runner::stack::CorsPart;
use template_runner::table::Data;
use template_runner::{Control, Options};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Runs a synthesized stack on this machine: its gateway, functions, table and web site.
#[derive(Parser)]
#[command(after_help = "Ports are settings of the stack: \
                  cdk synth -c stage=local -c webPort=8080 -c apiPort=3000")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
struct Arguments {
    /// The folder that `cdk synth -c stage=local` wrote
    assembly: PathBuf,
    /// Keep events in this folder
    #[arg(long, value_name = "DIR", default_value = ".local/data", conflicts_with = "memory")]
    data: PathBuf,
    /// Keep events in memory; lost on exit
    #[arg(long)]
    memory: bool,
    /// Do not serve the web site
    #[arg(long)]
    no_site: bool,
    /// Read commands from standard input: `reload DIR`; its end stops the run
    #[arg(long)]
    control: bool,
    /// Write all requests and responses of the API to this file, one JSON object a line
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// The table's port, for the AWS CLI and other clients of DynamoDB; 0 is any free port
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    table_port: u16,
    /// The functions connect to the table at this URL, for a proxy that tests faults
    #[arg(long, value_name = "URL")]
    table_via: Option<String>,
    /// Let no client but the functions use the table
    #[arg(long)]
    locked: bool,
    /// Remove a part of CORS, to test the other part alone; may be given twice
    #[arg(long, value_name = "PART")]
    without: Vec<CorsPart>,
    /// Log warnings and errors only
    #[arg(long)]
    quiet: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // The engine logs every failed condition as a warning; the functions handle those.
    let level = if arguments.quiet { LevelFilter::WARN } else { LevelFilter::INFO };
    let levels = Targets::new().with_default(level).with_target("dynoxide", LevelFilter::ERROR);
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(false)
        .without_time();
    tracing_subscriber::registry().with(lines.with_filter(levels)).init();
    match start(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn start(arguments: Arguments) -> Result<()> {
    let (commands, control) = mpsc::channel(8);
    let mut terminate = signal(SignalKind::terminate())?;
    let on_signal = commands.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        // The run may have ended already.
        let _ = on_signal.send(Control::Stop).await;
    });
    if arguments.control {
        std::thread::spawn(move || read_commands(&commands));
    }
    let options = Options {
        assembly: arguments.assembly,
        data: if arguments.memory { Data::Memory } else { Data::Folder(arguments.data) },
        site: !arguments.no_site,
        record: arguments.record,
        table_port: arguments.table_port,
        table_via: arguments.table_via,
        locked: arguments.locked,
        without: arguments.without,
    };
    template_runner::run(options, control, |line| {
        // The parent process may have closed the pipe.
        let _ = writeln!(std::io::stdout(), "{line}");
    })
    .await
}

/// Runs on its own thread: a read of standard input cannot be cancelled, and must not delay the end
/// of the run.
fn read_commands(commands: &mpsc::Sender<Control>) {
    for line in std::io::stdin().lines().map_while(Result::ok) {
        match line.strip_prefix("reload ") {
            Some(assembly) => {
                let _ = commands.blocking_send(Control::Reload(PathBuf::from(assembly)));
            }
            None => tracing::warn!("unknown command: {line}"),
        }
    }
    // The run may have ended already.
    let _ = commands.blocking_send(Control::Stop);
}
