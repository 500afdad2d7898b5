//! The part `web`: Playwright measures the page in Chromium, on a run of its own (`e2e/bench/web`).

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::app::{self, App};
use crate::build::{self, Functions, Profile};
use crate::paths::{self, TempDir};
use crate::process::Group;
use crate::setup::{self, PageTools};

/// Prints the tables, and writes them as JSON.
pub fn measure(lambdas: PathBuf, json: &Path) -> Result<()> {
    setup::npm_packages(&paths::e2e())?;
    let chromium = setup::chromium()?;
    let tools = PageTools::for_release()?;
    let runner = build::program("template-runner", "template-runner", Profile::Release)?;
    let site = build::site(&tools)?;

    let dir = TempDir::new("bench-web")?;
    let mut app = App::start(&Functions { lambdas, runner }, &site, &dir)?;
    let mut bench = app::playwright(&chromium);
    app.name_to(&mut bench).args(["--config", "bench.config.ts"]).env("BENCH_JSON", json);
    let measured = Group::spawn(&mut bench)?.wait().and_then(|status| {
        ensure!(status.success(), "the benchmark web ended with {status}");
        Ok(())
    });
    app.finish(measured)
}
