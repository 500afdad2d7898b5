//! The release build, run as it is deployed, on free ports and with data of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use fs_err as fs;
use tempfile::TempDir;

use crate::build::{self, Functions, LocalStage};
use crate::interrupt::Interrupted;
use crate::runner::{self, Runner};
use crate::{paths, ports, process, ui};

/// Playwright in the folder of the browser tests.
pub fn playwright(chromium: &Path) -> Command {
    let mut tests = process::command("npx");
    tests.current_dir(paths::e2e()).args(["playwright", "test"]).env("CHROMIUM_PATH", chromium);
    tests
}

pub struct TestApp {
    runner: Runner,
    pub record: PathBuf,
    pub web_url: String,
    pub api_url: String,
    /// Goes away after what runs from it.
    pub dir: TempDir,
}

impl TestApp {
    /// Starts an app, runs `tests` against it, and keeps its log when they fail.
    pub fn run(
        name: &str,
        functions: &Functions,
        site: &Path,
        tests: impl FnOnce(&Self) -> Result<()>,
    ) -> Result<()> {
        let mut app = Self::start(paths::temp_dir(name)?, functions, site)?;
        let result = tests(&app);
        if result.as_ref().is_err_and(|error| !error.is::<Interrupted>()) {
            let results = paths::e2e().join("results");
            fs::create_dir_all(&results)?;
            let file = results.join("runner.log");
            fs::write(&file, app.runner.server.log.text())?;
            ui::line(&format!("what the runner logged meanwhile is in {}", file.display()));
        }
        if let Some(why) = app.runner.server.ended()? {
            bail!("the API ended while the tests ran: {why}");
        }
        result
    }

    fn start(dir: TempDir, functions: &Functions, site: &Path) -> Result<Self> {
        let (web_port, api_port) = ports::free_pair()?;
        let assembly = dir.path().join("assembly");
        let stage = LocalStage {
            site: Some(site),
            ports: (web_port, api_port),
            ..LocalStage::of_tests(&functions.lambdas)
        };
        build::synthesize(&stage, &assembly)?;
        let record = dir.path().join("record.jsonl");
        let runner = Runner::start(&runner::Options {
            program: &functions.runner,
            assembly: &assembly,
            data: Some(&dir.path().join("data")),
            site: true,
            record: Some(&record),
            locked: true,
            without: &[],
        })?;
        let url = |port| format!("http://localhost:{port}");
        Ok(Self { runner, record, web_url: url(web_port), api_url: url(api_port), dir })
    }

    /// Playwright that knows where the app is.
    pub fn playwright(&self, chromium: &Path) -> Command {
        let mut tests = playwright(chromium);
        tests.env("E2E_WEB_URL", &self.web_url).env("E2E_API_URL", &self.api_url);
        tests
    }
}
