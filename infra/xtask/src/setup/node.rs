//! Node.js, which must be there, and the npm packages of `infra/` and `e2e/`.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};
use fs_err as fs;

use super::install::{Directory, install};
use crate::process;

const OLDEST: u32 = 20;

pub fn require_node() -> Result<()> {
    let how = "install Node.js from https://nodejs.org or with your package manager, then run the \
               command again";
    for program in ["node", "npm"] {
        if which::which(program).is_err() {
            bail!("{program} is missing, Node.js {OLDEST} or newer is needed: {how}");
        }
    }
    let mut node = process::command("node");
    node.arg("--version");
    let (_, version) = process::output(node)?;
    let version = version.trim();
    match major(version) {
        Some(OLDEST..) => Ok(()),
        Some(_) => bail!("Node.js {version} is too old, {OLDEST} or newer is needed: {how}"),
        None => bail!("`node --version` said {version:?} and no version: {how}"),
    }
}

/// The packages of `dir`, as its package-lock.json has them.
pub fn npm_packages(dir: &Path) -> Result<()> {
    let what = format!("the npm packages of {}/", dir.file_name().unwrap_or_default().display());
    let version = fs::read(dir.join("package-lock.json"))?;
    let path = dir.join("node_modules");
    Directory { path, what: what.clone(), version }.provide(|| {
        let mut ci = npm();
        ci.arg("ci").current_dir(dir);
        let advice = "when the network and the disk are fine run the command again, or see what \
                      `npm ci` says there";
        install(&format!("installing {what}"), None, ci, advice)
    })
}

/// `npm` that says and asks nothing but what it is for.
pub fn npm() -> Command {
    let mut npm = process::command("npm");
    npm.env("npm_config_audit", "false")
        .env("npm_config_fund", "false")
        .env("npm_config_update_notifier", "false");
    npm
}

/// 20 of `v20.11.1`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(major("v20.11.1"), Some(20));
        assert_eq!(major("v9.0.0"), Some(9));
        assert_eq!(major("v22.0.0-nightly"), Some(22));
        assert_eq!(major("command not found"), None);
    }
}
