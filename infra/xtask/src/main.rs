//! Everything one does with this repository: `cargo xtask --help`.
//!
//! `setup` brings what a machine lacks, `build` makes the artefacts, `runner` runs them here, and
//! `dev`, `test` and `deploy` put those together. Below them, `process` starts and ends programs,
//! `step` says what they are at.

#[cfg(not(unix))]
compile_error!("cargo xtask needs Linux or macOS; on Windows use it inside WSL");

mod app;
mod bench;
mod build;
mod deploy;
mod dev;
mod faults;
mod interrupt;
mod log;
mod paths;
mod ports;
mod process;
mod runner;
mod server;
mod setup;
mod sign_in;
mod step;
mod test;
mod token;
mod ui;

use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs, tests and builds the app. Each command first installs what it needs and the machine lacks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Dev(dev::Options),
    Token(token::Options),
    Test(test::Options),
    Build(build::Options),
    Bench(bench::Options),
    Faults(faults::Options),
    Bootstrap(deploy::Bootstrap),
    Deploy(deploy::Deploy),
    Destroy(deploy::Destroy),
    Smoke(deploy::Smoke),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(error) = interrupt::listen() {
        ui::error(&format!("{error:#}"));
        return ExitCode::FAILURE;
    }
    let result = match cli.command {
        Command::Dev(options) => dev::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Token(options) => token::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Test(options) => test::run(&options),
        Command::Build(options) => build::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Faults(options) => faults::run(&options),
        Command::Bootstrap(options) => deploy::bootstrap(&options).map(|()| ExitCode::SUCCESS),
        Command::Deploy(options) => deploy::deploy(&options).map(|()| ExitCode::SUCCESS),
        Command::Destroy(options) => deploy::destroy(&options).map(|()| ExitCode::SUCCESS),
        Command::Smoke(options) => deploy::smoke(&options).map(|()| ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|error| {
        ui::clear_status();
        if error.is::<interrupt::Interrupted>() {
            let left = match error.to_string().as_str() {
                "interrupted" => "interrupted; everything that was started has ended".to_owned(),
                left => left.to_owned(),
            };
            ui::error(&left);
            return ExitCode::from(interrupt::EXIT_STATUS);
        }
        let full = error
            .chain()
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(|cause| cause.kind() == io::ErrorKind::StorageFull);
        let advice = if full { "; make room and run the command again" } else { "" };
        ui::error(&format!("{error:#}{advice}"));
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
