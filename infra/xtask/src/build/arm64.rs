//! The functions as AWS runs them: arm64 programs for Amazon Linux 2023, each in an archive of its own.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::{env, process::Command};

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::ROUTES;
use crate::paths;
use crate::setup;
use crate::step::Step;

/// The amount that says "owner: all, others: read and run": without it Lambda could not start the program.
const EXECUTABLE: u32 = 0o755;

/// Builds `target/lambda/arm64/ROUTE.zip` for every route; gives the folder.
pub fn archives() -> Result<PathBuf> {
    archives_of(paths::root())
}

/// The same for a copy of the repository at `root`.
pub fn archives_of(root: &Path) -> Result<PathBuf> {
    let cargo_lambda = setup::cargo_lambda()?;
    let mut step = Step::start(
        "building the functions for arm64",
        Some("with optimisation; the first time takes some minutes"),
    );
    let folder = root.join("target/lambda/arm64");
    step.run(build(cargo_lambda, root, &folder)?)?;
    for route in ROUTES {
        let archive = folder.join(format!("{route}.zip"));
        pack(&folder.join(route).join("bootstrap"), &archive)
            .with_context(|| format!("cannot write {}", archive.display()))?;
    }
    step.done();
    Ok(folder)
}

fn build(mut cargo_lambda: Command, root: &Path, folder: &Path) -> Result<Command> {
    cargo_lambda
        .current_dir(root)
        .args(["lambda", "build", "--locked", "--release", "--arm64", "--package", "api", "--bins"])
        // It would put settings of its own in the place of those in Cargo.toml.
        .arg("--disable-optimizations")
        .arg("--lambda-dir")
        .arg(folder)
        .env("CARGO_TARGET_DIR", root.join("target"));
    // Neither who built it, nor where or when: two builds of one commit are the same, wherever they are made.
    let places =
        [(root.to_owned(), "/events"), (cargo_home()?, "/cargo"), (setup::sysroot()?, "/rust")];
    let rust =
        places.each_ref().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    let c =
        places.each_ref().map(|(from, to)| format!("-ffile-prefix-map={}={to}", from.display()));
    cargo_lambda
        .env("RUSTFLAGS", rust.join(" "))
        .env("SOURCE_DATE_EPOCH", "0")
        .env(format!("CFLAGS_{}", setup::ARM64.replace('-', "_")), c.join(" "));
    Ok(cargo_lambda)
}

fn cargo_home() -> Result<PathBuf> {
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .context("there is no home of cargo: set HOME or CARGO_HOME")
}

/// An archive that depends on the program alone: no time, no owner.
fn pack(bootstrap: &Path, archive: &Path) -> Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(EXECUTABLE);
    let partial = archive.with_extension("partial");
    let mut zip = ZipWriter::new(File::create(&partial)?);
    zip.start_file("bootstrap", options)?;
    io::copy(&mut File::open(bootstrap)?, &mut zip)?;
    zip.finish()?;
    fs::rename(&partial, archive)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::time::{Duration, SystemTime};
    use std::{env, fs};

    use super::pack;

    #[test]
    fn an_archive_holds_an_executable_bootstrap_and_no_time() {
        let dir = env::temp_dir().join(format!("xtask-pack-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let (program, first, second) = (dir.join("x"), dir.join("1.zip"), dir.join("2.zip"));
        fs::write(&program, "the program").unwrap();
        pack(&program, &first).unwrap();
        let later = SystemTime::now() + Duration::from_mins(1);
        fs::File::open(&program).unwrap().set_modified(later).unwrap();
        pack(&program, &second).unwrap();
        assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());

        let mut archive = zip::ZipArchive::new(fs::File::open(&first).unwrap()).unwrap();
        let mut file = archive.by_name("bootstrap").unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "the program");
        assert_eq!(file.unix_mode().unwrap() & 0o777, 0o755);
        drop(file);
        fs::remove_dir_all(&dir).unwrap();
    }
}
