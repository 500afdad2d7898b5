//! A Chromium for the browser tests: Debian's without windows, else one that is here, else
//! Playwright's.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Result, bail};

use super::install::{install, told};
use crate::{paths, process};

/// Chromium that never draws a window, which makes the tests faster. Playwright's own is
/// one, too. A program and Debian's package of it.
const HEADLESS_SHELL: &str = "chromium-headless-shell";

const NAMES: [&str; 6] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    // Where macOS has them; a path is looked for as it is.
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// The path of a Chromium that starts. The packages of `e2e/` must be there.
pub fn chromium() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("CHROMIUM").filter(|path| !path.is_empty()) {
        let chosen = PathBuf::from(chosen);
        if starts(&chosen) {
            return Ok(chosen);
        }
        bail!("CHROMIUM is {}, which does not start: correct it or unset it", chosen.display());
    }
    if let Some(found) = installed(&[HEADLESS_SHELL]) {
        return Ok(found);
    }
    if let Some(apt_get) = apt_get() {
        told(debians(&apt_get, &[HEADLESS_SHELL], "looking for another Chromium"))?;
    }
    match installed(&[HEADLESS_SHELL]).or_else(|| installed(&NAMES)) {
        Some(found) => Ok(found),
        None => playwrights(),
    }
}

/// A file alone proves nothing: Ubuntu's `chromium-browser` only tells one to install a snap.
fn starts(chromium: &Path) -> bool {
    let mut command = process::command(chromium);
    command.arg("--version");
    process::output(command).is_ok_and(|(status, _)| status.success())
}

fn installed(names: &[&str]) -> Option<PathBuf> {
    names.iter().filter_map(|name| which::which(name).ok()).find(|path| starts(path))
}

/// Debian's package manager with the right to use it, as the words of a command.
pub(super) fn apt_get() -> Option<Vec<&'static str>> {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    if which::which("apt-get").is_err() || !packages_chromium(&release) {
        return None;
    }
    if rustix::process::geteuid().is_root() {
        return Some(vec!["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    }
    let mut sudo = process::command("sudo");
    sudo.args(["--non-interactive", "true"]);
    process::output(sudo)
        .is_ok_and(|(status, _)| status.success())
        .then(|| vec!["sudo", "--non-interactive", "DEBIAN_FRONTEND=noninteractive", "apt-get"])
}

/// Installs packages of Debian; `otherwise` is what happens when that fails.
pub(super) fn debians(apt_get: &[&str], packages: &[&str], otherwise: &str) -> Result<()> {
    let run = |what: &str, arguments: &[&str]| {
        let mut command: Command = process::command(apt_get[0]);
        command.args(&apt_get[1..]).args(arguments);
        install(what, Some("once on this machine"), command, otherwise)
    };
    run("asking Debian for its packages", &["update"])?;
    let what = format!("installing Debian's {}", packages.join(", "));
    run(&what, &[&["install", "--yes", "--no-install-recommends"], packages].concat())
}

/// Whether the distribution of this `/etc/os-release` has a package `chromium` that is one.
/// Ubuntu's brings a snap.
fn packages_chromium(release: &str) -> bool {
    let value = |key: &str| {
        release
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .unwrap_or_default()
            .trim_matches('"')
    };
    let family = format!("{} {}", value("ID"), value("ID_LIKE"));
    let is = |name| family.split_whitespace().any(|word| word == name);
    is("debian") && !is("ubuntu")
}

fn playwrights() -> Result<PathBuf> {
    let mut node = process::command("node");
    node.current_dir(paths::e2e())
        .args(["-p", "require('@playwright/test').chromium.executablePath()"]);
    let (status, output) = process::output(node)?;
    if !status.success() {
        bail!(
            "Playwright does not say where its Chromium is: remove e2e/node_modules and run the \
             command again"
        );
    }
    let path = PathBuf::from(output.trim());
    if !path.is_file() {
        let mut playwright = process::command("npx");
        playwright.current_dir(paths::e2e()).args(["playwright", "install", "chromium"]);
        install(
            "installing Playwright's Chromium",
            Some("once on this machine, about 200 MB"),
            playwright,
            "install Chromium or Chrome with your package manager, or name one in CHROMIUM",
        )?;
    }
    if starts(&path) {
        return Ok(path);
    }
    bail!(
        "Playwright's Chromium does not start: run `npx playwright install-deps chromium` in \
         e2e/, or install Chromium with your package manager, or name one in CHROMIUM"
    )
}

#[cfg(test)]
mod tests {
    use super::packages_chromium;

    #[test]
    fn debian_and_its_like_have_chromium_and_ubuntu_and_its_like_have_not() {
        assert!(packages_chromium("NAME=x\nID=debian\n"));
        assert!(packages_chromium("ID=raspbian\nID_LIKE=debian\n"));
        assert!(!packages_chromium("ID=ubuntu\nID_LIKE=debian\n"));
        assert!(!packages_chromium("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"));
        assert!(!packages_chromium("ID=fedora\n"));
        assert!(!packages_chromium(""));
    }
}
