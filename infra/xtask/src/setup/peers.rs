//! The functions in Python and Node that the benchmarks compare with ours.
//!
//! Their packages, as their lock files have them, go to the cache. Each function becomes a folder
//! with a `bootstrap`, like any function on a custom runtime.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use fs_err as fs;
use fs_err::os::unix::fs::symlink;

use super::install::{Directory, install};
use super::node::npm;
use super::tool::{SECONDS, cache, pip};
use crate::{paths, process};

/// Puts both into a folder, as `python` and `node`.
pub fn peers(into: &Path) -> Result<()> {
    let python = says("python3", "import sys; print(sys.executable)", "-c")?;
    let start = format!("PYTHONPATH=packages exec '{python}' function.py");
    function(&into.join("python"), "function.py", &start, (&python_packages()?, "packages"))?;
    let node = says("node", "process.execPath", "-p")?;
    // A warning of the SDK's about the Node versions of next year, at every start.
    let start = format!("exec '{node}' --no-warnings function.mjs");
    let packages = node_packages()?.join("node_modules");
    function(&into.join("node"), "function.mjs", &start, (&packages, "node_modules"))
}

fn source(language: &str) -> PathBuf {
    paths::e2e().join("bench/peers").join(language)
}

/// Makes a function's folder: its source, the line of shell that starts it, and its packages under
/// a name.
fn function(folder: &Path, file: &str, start: &str, packages: (&Path, &str)) -> Result<()> {
    paths::create_dir(folder)?;
    let language = folder.file_name().unwrap_or_default().to_string_lossy();
    let bootstrap = folder.join("bootstrap");
    fs::copy(source(&language).join(file), folder.join(file))?;
    symlink(packages.0, folder.join(packages.1))?;
    fs::write(&bootstrap, format!("#!/bin/sh\n{start}\n"))?;
    fs::set_permissions(&bootstrap, Permissions::from_mode(0o755))?;
    Ok(())
}

fn python_packages() -> Result<PathBuf> {
    let lock = source("python").join("requirements.txt");
    packages("boto3", &lock, |root| Ok(pip(&lock, root)))
}

fn node_packages() -> Result<PathBuf> {
    let source = source("node");
    packages("aws-sdk", &source.join("package-lock.json"), |root| {
        fs::create_dir_all(root)?;
        for file in ["package.json", "package-lock.json"] {
            fs::copy(source.join(file), root.join(file))?;
        }
        let mut npm = npm();
        npm.args(["ci", "--ignore-scripts"]).current_dir(root);
        Ok(npm)
    })
}

/// The packages of a lock file, in the cache.
fn packages(
    name: &str,
    lock: &Path,
    installer: impl FnOnce(&Path) -> Result<Command>,
) -> Result<PathBuf> {
    let what = format!("{name} to compare with");
    let path = cache()?.join(name);
    let version = fs::read(lock)?;
    Directory { path: path.clone(), what: what.clone(), version }.provide(|| {
        let advice = "when the network and the disk are fine run the command again";
        install(&format!("installing {what}"), Some(SECONDS), installer(&path)?, advice)
    })?;
    Ok(path)
}

/// The value of an expression of an interpreter.
fn says(interpreter: &str, expression: &str, option: &str) -> Result<String> {
    let mut command = process::command(interpreter);
    command.args([option, expression]);
    let (status, output) = process::output(command)
        .with_context(|| format!("{interpreter} is needed for the comparison"))?;
    if !status.success() {
        bail!("{interpreter} does not say where it is: {output}");
    }
    Ok(output.trim().to_owned())
}
