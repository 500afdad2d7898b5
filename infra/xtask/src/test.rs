//! `cargo xtask test`: every check of the repository, and at the end what passed.

mod count;
pub mod report;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Result, ensure};
use fs_err as fs;

use crate::app::{self, TestApp};
use crate::build::{self, Functions, LocalStage, Membership, Profile, Programs};
use crate::deploy;
use crate::interrupt::Interrupted;
use crate::setup::{self, PageTools};
use crate::{faults, paths, process, ui};
use count::Counts;
use report::Report;

/// Run all checks and tests, or those of one part.
///
/// Installs what is missing, browsers too. Uses neither ports nor data of a running
/// `cargo xtask dev`. A failed step hides no other. The last line says how many tests passed and
/// failed.
#[derive(clap::Args)]
pub struct Options {
    /// All parts if none is named
    part: Option<Part>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Part {
    /// Formatting, lints, Rust tests with the real functions, faults and load
    Rust,
    /// Types, formatting, lints and tests of the stack
    Infra,
    /// The page as it is deployed in a real browser, and the fuzzed API
    E2e,
}

/// Who may do what in the stacks that tests attack.
const GUARDED: [&str; 2] = ["members-write", "members"];

/// Enough to see whether the processes grow.
const LOAD_SECONDS: &str = "30";

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
    report.step("rust: format", |counts| stream(cargo(&["fmt", "--all", "--check"]), counts))?;
    // The page's crate too: nothing in it is for one target only.
    report.step("rust: lints", |counts| {
        let lints = ["clippy", "--locked", "--workspace", "--all-targets", "--", "--deny=warnings"];
        stream(cargo(&lints), counts)
    })?;
    let built = report.step("rust: build", |_| {
        setup::require_node()?;
        setup::npm_packages(&paths::infra())?;
        let programs = build::for_tests()?;
        let dir = paths::temp_dir("test-rust")?;
        assemblies(&programs.functions.lambdas, dir.path())?;
        Ok((programs, dir))
    })?;
    let built = built.as_ref().map(|(programs, dir)| (programs, dir.path().join("assembly")));
    report.after(built.as_ref(), "rust: tests", |(_, assembly), counts| {
        let mut test = cargo(&["test", "--locked", "--workspace", "--no-fail-fast"]);
        test.env("EVENTS_ASSEMBLY", assembly);
        for access in GUARDED {
            let name = access.to_uppercase().replace('-', "_");
            test.env(format!("EVENTS_ASSEMBLY_{name}"), assembly.with_file_name(access));
        }
        let corpus = calendar_files(assembly);
        fs::create_dir_all(&corpus)?;
        test.env("ICS_CORPUS", corpus);
        stream(test, counts)
    })?;
    report.after(built.as_ref(), "rust: calendar files", |(_, assembly), counts| {
        // Parsers that are not ours read the files that a test wrote.
        let (files, checks) = (calendar_files(assembly), paths::e2e().join("ics"));
        let mut python = setup::icalendar()?;
        python.arg(checks.join("check.py")).arg(&files);
        stream(python, counts)?;
        setup::npm_packages(&paths::e2e())?;
        let mut node = process::command("node");
        node.arg(checks.join("check.mjs")).arg(&files);
        stream(node, counts)
    })?;
    report.after(built.as_ref(), "rust: faults", |(programs, assembly), counts| {
        let Programs { functions, model_check, .. } = programs;
        let options = faults::Options::of_tests();
        stream(faults::model_checker(model_check, functions, assembly, &options), counts)
    })?;
    report.after(built.as_ref(), "rust: load", |(programs, assembly), counts| {
        let Programs { functions, load_check, .. } = programs;
        let mut check = faults::harness(load_check, functions, assembly);
        check.args(["--seconds", LOAD_SECONDS]);
        stream(check, counts)
    })?;
    Ok(())
}

/// Synthesizes the stacks that tests run, below `dir`.
fn assemblies(lambdas: &Path, dir: &Path) -> Result<()> {
    // Port 0: each test listens where there is room.
    let public = LocalStage::of_tests(lambdas);
    build::synthesize(&public, &dir.join("assembly"))?;
    for access in GUARDED {
        let membership = Membership {
            access,
            // Each test puts the issuer that it starts in its place.
            issuer: "http://localhost:1".to_owned(),
            client_id: "page",
            resource: "http://localhost:0".to_owned(),
        };
        let stage = LocalStage { membership: Some(&membership), ..public };
        build::synthesize(&stage, &dir.join(access))?;
    }
    Ok(())
}

/// Where the tests of calendar text leave files, beside the assembly.
fn calendar_files(assembly: &Path) -> PathBuf {
    assembly.with_file_name("calendar-files")
}

fn infra(report: &mut Report) -> Result<(), Interrupted> {
    let packages = report.step("infra: packages", |_| {
        setup::require_node()?;
        setup::npm_packages(&paths::infra())?;
        setup::npm_packages(&paths::sign_in())
    })?;
    report.after(packages.as_ref(), "infra: checks", |(), counts| {
        stream(npm(&paths::infra(), &["run", "check"]), counts)?;
        stream(npm(&paths::sign_in(), &["run", "check"]), counts)
    })?;
    report.after(packages.as_ref(), "infra: tests", |(), counts| {
        node_tests(&paths::infra(), counts)
    })?;
    report.after(packages.as_ref(), "infra: sign-in provider", |(), counts| {
        node_tests(&paths::sign_in(), counts)
    })?;
    Ok(())
}

/// Runs the tests of a package, and counts them.
fn node_tests(package: &Path, counts: &mut Counts) -> Result<()> {
    let dir = paths::temp_dir("test-node")?;
    let junit = dir.path().join("junit.xml");
    let mut tests = npm(package, &["test"]);
    tests.env(
        "NODE_OPTIONS",
        format!(
            "--test-reporter=spec --test-reporter-destination=stdout \
             --test-reporter=junit --test-reporter-destination={}",
            junit.display()
        ),
    );
    counted(tests, count::junit, &junit, counts)
}

/// What the tests run in.
struct Browsers {
    chromium: PathBuf,
    /// Where the other engines and their drivers are.
    path: OsString,
}

fn e2e(report: &mut Report) -> Result<(), Interrupted> {
    let packages = report.step("e2e: packages", |_| {
        setup::require_node()?;
        setup::npm_packages(&paths::e2e())?;
        setup::npm_packages(&paths::infra())?;
        setup::npm_packages(&paths::sign_in())
    })?;
    report.after(packages.as_ref(), "e2e: checks", |(), counts| {
        stream(npm(&paths::e2e(), &["run", "check"]), counts)
    })?;
    let browsers = report.after(packages.as_ref(), "e2e: browsers", |(), _| {
        Ok(Browsers { chromium: setup::chromium()?, path: setup::engines()? })
    })?;
    if let (Some(web_url), Some(api_url)) = (env::var_os("E2E_WEB_URL"), env::var_os("E2E_API_URL"))
    {
        // An app that runs already, for example on AWS: nothing is built for it, and it is not
        // fuzzed.
        let name = format!("e2e: tests of {}", web_url.display());
        report.after(browsers.as_ref(), &name, |browsers, counts| {
            let mut tests = app::playwright(&browsers.chromium);
            tests.env("PATH", &browsers.path);
            tests.env("E2E_WEB_URL", &web_url).env("E2E_API_URL", &api_url);
            playwright(tests, counts)
        })?;
        report.step("e2e: recorded answers", |counts| {
            setup::crates()?;
            let test = "recorded::deployed::a_running_api_answers_as_recorded";
            let mut tests = cargo(&["test", "--workspace", "--test", "local", "--"]);
            tests.args(["--exact", test, "--ignored", "--nocapture"]).env("RECORDED_API", &api_url);
            stream(tests, counts)
        })?;
        return Ok(());
    }
    // The page as it is deployed, and functions that are built sooner.
    let built = report.after(packages.as_ref(), "e2e: build", |(), _| {
        setup::crates()?;
        let tools = PageTools::for_release()?;
        Ok((build::for_tests()?.functions, build::site(&tools)?))
    })?;
    let ready = browsers.as_ref().zip(built.as_ref());
    report.after(ready.as_ref(), "e2e: tests", |(browsers, (functions, site)), counts| {
        TestApp::run("test-e2e", functions, site, |app| {
            let mut tests = app.playwright(&browsers.chromium);
            tests
                .env("PATH", &browsers.path)
                .env("E2E_RECORD", &app.record)
                // For the tests that start runs of their own.
                .env("E2E_RUNNER", &functions.runner)
                .env("E2E_LAMBDAS", &functions.lambdas)
                .env("E2E_SITE", site);
            playwright(tests, counts)
        })
    })?;
    report.after(built.as_ref(), "e2e: fuzzing", |(functions, site), counts| {
        schemathesis(functions, site, counts)
    })?;
    // The functions as they are deployed: within their size, and at work.
    let released = report
        .after(built.as_ref(), "e2e: release build", |_, _| build::lambdas(Profile::Release))?;
    let released = built.zip(released);
    report.after(released.as_ref(), "e2e: smoke", |((functions, site), lambdas), _| {
        let functions = Functions { lambdas: lambdas.clone(), runner: functions.runner.clone() };
        // As `cargo xtask deploy` tries out what it deployed.
        TestApp::run("test-smoke", &functions, site, |app| {
            deploy::try_out(&app.web_url, &app.api_url)
        })
    })?;
    Ok(())
}

/// Runs the browser tests, and counts them.
fn playwright(mut tests: Command, counts: &mut Counts) -> Result<()> {
    let junit = paths::e2e().join("results/junit.xml");
    paths::remove(&junit)?;
    tests.env("PLAYWRIGHT_JUNIT_OUTPUT_FILE", &junit);
    counted(tests, count::junit, &junit, counts)
}

/// Sends the API what its description allows, and what it does not.
fn schemathesis(functions: &Functions, site: &Path, counts: &mut Counts) -> Result<()> {
    let mut fuzzer = setup::schemathesis()?;
    TestApp::run("test-fuzz", functions, site, |app| {
        let report = app.dir.path().join("report.json");
        // It remembers its findings where it is run: not in the working tree.
        fuzzer
            .current_dir(app.dir.path())
            .arg("--config-file")
            .arg(paths::e2e().join("schemathesis.toml"))
            .arg("run")
            .arg(paths::root().join("backend/api/openapi.json"))
            .args(["--no-color", "--url", &app.api_url, "--report-json-path"])
            .arg(&report);
        counted(fuzzer, count::schemathesis, &report, counts)
    })
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

/// Runs a tool with its output shown as it comes, and counts the tests that it reports in it.
fn stream(command: Command, counts: &mut Counts) -> Result<()> {
    let tool = process::name(&command);
    process::show(command, |line| {
        if let Some(more) = count::in_line(&ui::plain(line)) {
            *counts += more;
        }
    })?;
    ensure!(counts.failed == 0, "{tool} reported failed tests");
    Ok(())
}

/// The same for a tool that counts in a report, which `read` understands.
fn counted(
    command: Command,
    read: fn(&Path) -> Result<Counts>,
    report: &Path,
    counts: &mut Counts,
) -> Result<()> {
    let result = stream(command, &mut Counts::default());
    match read(report) {
        Ok(more) => *counts += more,
        // A tool that failed may have no report.
        Err(error) => result.as_ref().map_or(Ok(()), |()| Err(error))?,
    }
    result
}
