//! The release build, run as it is deployed, on free ports and with data of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::build::{Functions, Stack};
use crate::interrupt::Interrupted;
use crate::paths::{self, TempDir};
use crate::runner::{self, Runner};
use crate::{ports, process, ui};

/// Playwright in the folder of the browser tests.
pub fn playwright(chromium: &Path) -> Command {
    let mut tests = process::command("npx");
    tests.current_dir(paths::e2e()).args(["playwright", "test"]).env("CHROMIUM_PATH", chromium);
    tests
}

pub struct App {
    runner: Runner,
    pub record: PathBuf,
    pub web_url: String,
    pub api_url: String,
}

impl App {
    pub fn start(functions: &Functions, site: &Path, dir: &TempDir) -> Result<Self> {
        let (web_port, api_port) = ports::free_pair()?;
        let assembly = dir.path().join("assembly");
        let site = Some(site);
        Stack { lambdas: &functions.lambdas, site, web_port, api_port }.synthesize(&assembly)?;
        let record = dir.path().join("record.jsonl");
        let runner = Runner::start(&runner::Options {
            program: &functions.runner,
            assembly: &assembly,
            data: Some(&dir.path().join("data")),
            site: true,
            record: Some(&record),
            without: &[],
        })?;
        let url = |port| format!("http://localhost:{port}");
        Ok(Self { runner, record, web_url: url(web_port), api_url: url(api_port) })
    }

    /// Tells Playwright where it is.
    pub fn name_to<'a>(&self, tests: &'a mut Command) -> &'a mut Command {
        tests.env("E2E_WEB_URL", &self.web_url).env("E2E_API_URL", &self.api_url)
    }

    /// Keeps the log of an app whose tests failed.
    pub fn finish(&mut self, result: Result<()>) -> Result<()> {
        if result.as_ref().is_err_and(|error| !error.is::<Interrupted>()) {
            let file = paths::e2e().join("results/runner.log");
            paths::create_dir(&paths::e2e().join("results"))?;
            fs::write(&file, self.runner.log().text())
                .with_context(|| format!("cannot write {}", file.display()))?;
            ui::line(&format!("what the runner logged meanwhile is in {}", file.display()));
        }
        if let Some(why) = self.runner.ended()? {
            bail!("the API ended while the tests ran: {why}");
        }
        result
    }
}
