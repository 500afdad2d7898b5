//! The functions as AWS runs them: arm64 programs for Amazon Linux 2023, each in an archive.

use std::path::{Path, PathBuf};
use std::{env, io};

use anyhow::{Context, Result};
use fs_err::{self as fs, File};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::ROUTES;
use crate::{setup, step};

/// Builds `target/lambda/arm64/ROUTE.zip` of the repository at `root` for every route; gives the
/// folder.
pub fn archives(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/lambda/arm64");
    let mut lambda = setup::cargo_lambda()?;
    lambda
        .current_dir(root)
        .args(["lambda", "build", "--locked", "--release", "--arm64", "--package", "api", "--bins"])
        // It would put settings of its own in the place of those in Cargo.toml.
        .arg("--disable-optimizations")
        .arg("--lambda-dir")
        .arg(&folder)
        .env("CARGO_TARGET_DIR", root.join("target"));
    // Neither who built it, nor where or when: two builds of one commit are the same, wherever they
    // are made.
    let places =
        [(root.to_owned(), "/src"), (cargo_home()?, "/cargo"), (setup::sysroot()?, "/rust")];
    let flags = |flag: &str| {
        places.each_ref().map(|(from, to)| format!("{flag}={}={to}", from.display())).join(" ")
    };
    lambda
        .env("RUSTFLAGS", flags("--remap-path-prefix"))
        .env("SOURCE_DATE_EPOCH", "0")
        .env(format!("CFLAGS_{}", setup::ARM64.replace('-', "_")), flags("-ffile-prefix-map"));
    let why = "with optimisation; the first time takes some minutes";
    step::run("building the functions for arm64", Some(why), lambda)?;
    for route in ROUTES {
        let archive = folder.join(format!("{route}.zip"));
        pack(&folder.join(route).join("bootstrap"), &archive)?;
    }
    Ok(folder)
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
        // Without the right to execute it, Lambda could not start the program.
        .unix_permissions(0o755);
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
    use std::fs;
    use std::io::Read;
    use std::time::{Duration, SystemTime};

    use super::pack;

    #[test]
    fn an_archive_holds_an_executable_bootstrap_and_no_time() {
        let dir = tempfile::tempdir().unwrap();
        let [program, first, second] = ["x", "1.zip", "2.zip"].map(|name| dir.path().join(name));
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
    }
}
