//! Other browsers for the browser tests, each with its driver. What cannot be had is told: the tests
//! then name the engine that they did not run in.

use std::env;
use std::ffi::OsString;

use anyhow::{Context, Result};

use super::chromium::{apt_get, debians};
use super::install::told;
use super::tool::{Source, Tool};

/// Programs, and Debian's packages of them.
const PROGRAMS: [(&str, &str); 3] = [
    ("firefox-esr", "firefox-esr"),
    ("WebKitWebDriver", "webkit2gtk-driver"),
    // It draws on this.
    ("Xvfb", "xvfb"),
];

/// Debian has none.
const GECKODRIVER: Tool = Tool {
    package: "geckodriver",
    binary: "geckodriver",
    version: "0.37.1",
    reports: "0.37.1",
    source: Source::Cargo(&[]),
    wait: "once on this machine, compiling it takes about 2 minutes",
};

/// A PATH with the engines that are here, or could be installed.
pub fn engines() -> Result<OsString> {
    let packages: Vec<_> = PROGRAMS
        .into_iter()
        .filter(|(program, _)| which::which(program).is_err())
        .map(|(_, package)| package)
        .collect();
    if let Some(apt_get) = apt_get().filter(|_| !packages.is_empty()) {
        told(debians(&apt_get, &packages, "the tests do without"))?;
    }
    let has_firefox = ["firefox-esr", "firefox"].iter().any(|name| which::which(name).is_ok());
    let geckodriver = if has_firefox { told(GECKODRIVER.provide())?.flatten() } else { None };
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(geckodriver.into_iter().chain(env::split_paths(&path)))
        .context("the directory of geckodriver cannot be part of PATH")
}
