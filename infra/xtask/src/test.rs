//! `cargo xtask test`: every check of the repository, and at the end what passed.

mod count;
pub mod report;

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::app::{self, App};
use crate::build::{self, Functions, Profile, Stack};
use crate::deploy;
use crate::interrupt::Interrupted;
use crate::paths::{self, TempDir};
use crate::setup::{self, PageTools, WASM};
use crate::{faults, process, ui};
use count::Counts;
use report::Report;

/// Run all checks and tests, or those of one part.
///
/// Installs what is missing, a Chromium too. Uses neither ports nor data of a running `cargo xtask dev`. A failed
/// step hides no other. The last line says how many tests passed and failed.
#[derive(clap::Args)]
pub struct Options {
    /// All parts if none is named
    part: Option<Part>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Part {
    /// Formatting, lints for this machine and for the page, Rust tests with the real functions
    Rust,
    /// Types, formatting, lints and tests of the stack
    Infra,
    /// The release build in a real browser
    E2e,
}

/// Enough to see whether the processes grow.
const LOAD_SECONDS: u32 = 30;

pub fn run(options: &Options) -> Result<ExitCode> {
    let mut report = Report::default();
    let parts =
        options.part.map_or_else(|| vec![Part::Rust, Part::Infra, Part::E2e], |part| vec![part]);
    for part in parts {
        match part {
            Part::Rust => rust(&mut report)?,
            Part::Infra => infra(&mut report)?,
            Part::E2e => e2e(&mut report)?,
        }
    }
    Ok(report.print())
}

fn rust(report: &mut Report) -> Result<(), Interrupted> {
    report.step("rust: format", |counts| {
        stream(cargo(&["fmt", "--all", "--check"]), count::none, counts)
    })?;
    report.step("rust: lints", |counts| {
        stream(
            cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "--deny=warnings"]),
            count::none,
            counts,
        )
    })?;
    report.step("rust: lints of the page", |counts| {
        setup::wasm_target()?;
        let packages = ["--package=frontend", "--package=domain"];
        let mut clippy = cargo(&["clippy", "--locked", "--target", WASM]);
        clippy.args(packages).args(["--", "--deny=warnings"]);
        stream(clippy, count::none, counts)
    })?;

    report.step("rust: calendar files", calendar_files)?;

    let built = report.step("rust: functions to test with", |_| {
        setup::require_node()?;
        setup::npm_packages(&paths::infra())?;
        let functions = build::functions(Profile::Dev)?;
        let dir = TempDir::new("test-rust")?;
        // Port 0: each test listens where there is room.
        synthesize(&functions, None, (0, 0), &dir)?;
        Ok((functions, dir))
    })?;
    let Some((functions, dir)) = built else {
        for step in [
            "rust: tests",
            "rust: histories under faults",
            "rust: more load than there is room for",
        ] {
            report.not_run(step, "there are no functions to test with");
        }
        return Ok(());
    };
    let assembly = dir.path().join("assembly");
    report.step("rust: tests", |counts| {
        let mut test = cargo(&["test", "--locked", "--workspace", "--no-fail-fast"]);
        test.env("EVENTS_ASSEMBLY", &assembly);
        stream(test, count::cargo, counts)
    })?;
    report.step("rust: histories under faults", |counts| {
        let options = faults::Options::of_tests();
        let checker = faults::model_checker(Profile::Dev, &functions, &assembly, &options)?;
        stream(checker, count::model_check, counts)
    })?;
    report.step("rust: more load than there is room for", |counts| {
        let check = faults::load_check(Profile::Dev, &functions, &assembly, LOAD_SECONDS)?;
        stream(check, count::load_check, counts)
    })?;
    Ok(())
}

/// Has a parser that is not ours read the files that the page gives to calendars.
fn calendar_files(counts: &mut Counts) -> Result<()> {
    let mut python = setup::icalendar()?;
    let dir = TempDir::new("test-ics")?;
    let mut corpus =
        cargo(&["test", "--locked", "--quiet", "--package=domain", "--test=domain", "ics::"]);
    corpus.env("ICS_CORPUS", dir.path());
    stream(corpus, count::none, counts)?;
    python.arg(paths::e2e().join("ics/check.py")).arg(dir.path());
    stream(python, count::calendar_files, counts)
}

fn infra(report: &mut Report) -> Result<(), Interrupted> {
    let ready = report.step("infra: packages", |_| {
        setup::require_node()?;
        setup::npm_packages(&paths::infra())
    })?;
    if ready.is_none() {
        for step in ["infra: checks", "infra: tests"] {
            report.not_run(step, "the packages are missing");
        }
        return Ok(());
    }
    report.step("infra: checks", |counts| {
        stream(npm(&paths::infra(), &["run", "check"]), count::none, counts)
    })?;
    report.step("infra: tests", |counts| {
        stream(npm(&paths::infra(), &["test"]), count::node, counts)
    })?;
    Ok(())
}

fn e2e(report: &mut Report) -> Result<(), Interrupted> {
    let packages = report.step("e2e: packages", |_| {
        setup::require_node()?;
        setup::npm_packages(&paths::e2e())?;
        setup::npm_packages(&paths::infra())
    })?;
    if packages.is_none() {
        for step in [
            "e2e: checks",
            "e2e: browser",
            "e2e: release build",
            "e2e: smoke",
            "e2e: tests",
            "e2e: fuzzing",
        ] {
            report.not_run(step, "the packages are missing");
        }
        return Ok(());
    }
    report.step("e2e: checks", |counts| {
        stream(npm(&paths::e2e(), &["run", "check"]), count::none, counts)
    })?;
    let chromium = report.step("e2e: browser", |_| setup::chromium())?;
    if let Some(chromium) = &chromium
        && let Some(app) = Deployed::from_env()
    {
        let name = format!("e2e: tests of {}", app.web_url.to_string_lossy());
        report.step(&name, |counts| app.playwright(chromium, counts))?;
        for step in ["e2e: release build", "e2e: fuzzing"] {
            report.not_run(step, "E2E_WEB_URL and E2E_API_URL name an app that runs already");
        }
        return Ok(());
    }
    let built = report.step("e2e: release build", |_| {
        let tools = PageTools::for_release()?;
        setup::crates()?;
        Ok((build::functions(Profile::Release)?, build::site(&tools)?))
    })?;
    let (Some(chromium), Some((functions, site))) = (chromium, built) else {
        for step in ["e2e: smoke", "e2e: tests", "e2e: fuzzing"] {
            report.not_run(step, "the browser or the build is missing");
        }
        return Ok(());
    };
    report.step("e2e: smoke", |_| smoke(&functions, &site))?;
    report.step("e2e: tests", |counts| playwright(&chromium, &functions, &site, counts))?;
    report.step("e2e: fuzzing", |counts| schemathesis(&functions, &site, counts))?;
    Ok(())
}

/// An app that runs already, on AWS for one: nothing of this repository is built for it, and nobody fuzzes it.
struct Deployed {
    web_url: OsString,
    api_url: OsString,
}

impl Deployed {
    fn from_env() -> Option<Self> {
        let (web_url, api_url) = (env::var_os("E2E_WEB_URL")?, env::var_os("E2E_API_URL")?);
        Some(Self { web_url, api_url })
    }

    fn playwright(&self, chromium: &Path, counts: &mut Counts) -> Result<()> {
        let mut tests = app::playwright(chromium);
        tests.env("E2E_WEB_URL", &self.web_url).env("E2E_API_URL", &self.api_url);
        stream(tests, count::playwright, counts)
    }
}

/// Tries out an app of its own, as `cargo xtask deploy` tries out what it deployed.
fn smoke(functions: &Functions, site: &Path) -> Result<()> {
    let dir = TempDir::new("test-smoke")?;
    let mut app = App::start(functions, site, &dir)?;
    let result = deploy::try_out(&app.web_url, &app.api_url);
    app.finish(result)
}

/// Runs the browser tests against an app of their own.
fn playwright(
    chromium: &Path,
    functions: &Functions,
    site: &Path,
    counts: &mut Counts,
) -> Result<()> {
    let dir = TempDir::new("test-e2e")?;
    let mut app = App::start(functions, site, &dir)?;
    let mut tests = app::playwright(chromium);
    app.name_to(&mut tests)
        .env("E2E_RECORD", &app.record)
        // For the tests that start runs of their own.
        .env("E2E_RUNNER", &functions.runner)
        .env("E2E_LAMBDAS", &functions.lambdas)
        .env("E2E_SITE", site);
    let result = stream(tests, count::playwright, counts);
    app.finish(result)
}

/// Sends the API what its description allows, and what it does not.
fn schemathesis(functions: &Functions, site: &Path, counts: &mut Counts) -> Result<()> {
    let mut fuzzer = setup::schemathesis()?;
    let dir = TempDir::new("test-fuzz")?;
    let mut app = App::start(functions, site, &dir)?;
    // It remembers its findings where it is run: not in the working tree.
    fuzzer
        .current_dir(dir.path())
        .arg("--config-file")
        .arg(paths::e2e().join("schemathesis.toml"))
        .arg("run")
        .arg(paths::root().join("backend/api/openapi.json"))
        .args(["--no-color", "--url", &app.api_url]);
    let result = stream(fuzzer, count::schemathesis, counts);
    app.finish(result)
}

fn synthesize(
    functions: &Functions,
    site: Option<&Path>,
    (web_port, api_port): (u16, u16),
    dir: &TempDir,
) -> Result<()> {
    Stack { lambdas: &functions.lambdas, site, web_port, api_port }
        .synthesize(&dir.path().join("assembly"))
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = process::command("cargo");
    cargo.args(arguments);
    cargo
}

fn npm(dir: &Path, arguments: &[&str]) -> Command {
    let mut npm = setup::npm();
    npm.current_dir(dir).args(arguments);
    npm
}

/// Runs a tool with its output shown as it comes, and counts the tests that it reports.
fn stream(command: Command, read: fn(&str) -> Option<Counts>, counts: &mut Counts) -> Result<()> {
    let tool = command.get_program().to_string_lossy().into_owned();
    let status = process::run(command, |line| {
        let Some(line) = line else { return };
        ui::line(line);
        if let Some(more) = read(&ui::plain(line)) {
            counts.add(more);
        }
    })?;
    if !status.success() {
        bail!("{tool} ended with {status}");
    }
    if counts.failed > 0 {
        bail!("{tool} reported failed tests");
    }
    Ok(())
}
