//! `cargo xtask build --check`: what takes too long for `cargo xtask test`, or needs more than this repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use super::{ROUTES, arm64, site_of};
use crate::interrupt::Interrupted;
use crate::paths::{self, TempDir};
use crate::setup::{self, PageTools};
use crate::step::Step;
use crate::test::report::Report;
use crate::{process, ui};

/// What a function may take on the way to AWS, zipped: a start loads it.
const MOST_BYTES: u64 = 6_000_000;

/// The C library of Amazon Linux 2023, on which the functions run.
const NEWEST_GLIBC: (u32, u32) = (2, 34);

/// Checks the archives and the site of a build that is there.
pub fn run(lambdas: &Path, site: &Path, tools: &PageTools) -> Result<ExitCode> {
    let mut report = Report::default();
    report.step("archives", |_| archives(lambdas))?;
    report.step("a second build is the same", |_| reproducible(lambdas, site, tools))?;
    supply_chain(&mut report)?;
    Ok(report.print())
}

fn archives(lambdas: &Path) -> Result<()> {
    for route in ROUTES {
        let archive = lambdas.join(format!("{route}.zip"));
        let size = fs::metadata(&archive)
            .with_context(|| format!("{} is missing", archive.display()))?
            .len();
        ensure!(size < MOST_BYTES, "{route}.zip has {size} bytes, more than {MOST_BYTES}");
        let program = lambdas.join(route).join("bootstrap");
        let program =
            fs::read(&program).with_context(|| format!("cannot read {}", program.display()))?;
        ensure!(is_arm64(&program), "{route} is no arm64 program");
        let (major, minor) = newest_glibc(&program).context("it names no version of glibc")?;
        ensure!(
            (major, minor) <= NEWEST_GLIBC,
            "{route} needs glibc {major}.{minor}, and Amazon Linux 2023 has 2.34"
        );
        for place in [paths::root().to_owned(), home()?] {
            let place = place.display().to_string();
            ensure!(!holds(&program, place.as_bytes()), "{route} says where it was built: {place}");
        }
        ui::line(&format!("{route}.zip: {size} bytes, glibc {major}.{minor}"));
    }
    Ok(())
}

fn home() -> Result<PathBuf> {
    std::env::home_dir().context("there is no home: set HOME")
}

/// ELF, 64 bits, little-endian, machine 183 (System V ABI, "ELF Header").
fn is_arm64(program: &[u8]) -> bool {
    program.starts_with(b"\x7fELF\x02\x01") && program.get(18..20) == Some(&[183, 0])
}

/// The newest of the versions of symbols that a program asks of glibc: they stand in its string table.
fn newest_glibc(program: &[u8]) -> Option<(u32, u32)> {
    const PREFIX: &[u8] = b"\0GLIBC_";
    program
        .windows(PREFIX.len())
        .enumerate()
        .filter(|(_, window)| *window == PREFIX)
        .filter_map(|(at, _)| {
            let version = program[at + PREFIX.len()..].split(|&byte| byte == 0).next()?;
            let mut numbers = std::str::from_utf8(version).ok()?.split('.');
            Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
        })
        .max()
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Builds a copy of the working tree somewhere else, from nothing, and compares.
fn reproducible(lambdas: &Path, site: &Path, tools: &PageTools) -> Result<()> {
    let copy = TempDir::new("check")?;
    copy_sources(copy.path())?;
    let (lambdas_again, site_again) =
        (arm64::archives_of(copy.path())?, site_of(tools, copy.path())?);
    let mut differing = Vec::new();
    for route in ROUTES {
        let name = format!("{route}.zip");
        if fs::read(lambdas.join(&name))? != fs::read(lambdas_again.join(&name))? {
            differing.push(name);
        }
    }
    let (first, second) = (files(site)?, files(&site_again)?);
    let names = first.keys().chain(second.keys().filter(|name| !first.contains_key(*name)));
    differing.extend(names.filter(|name| first.get(*name) != second.get(*name)).cloned());
    ensure!(differing.is_empty(), "two builds differ in {}", differing.join(", "));
    ui::line(&format!(
        "{} archives and {} files of the site are the same",
        ROUTES.len(),
        first.len()
    ));
    Ok(())
}

/// What git would take: the files of the working tree that are not ignored.
fn copy_sources(to: &Path) -> Result<()> {
    let mut git = process::command("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    let (status, list) = process::output(git)?;
    ensure!(status.success(), "git does not say which files there are");
    for name in list.lines() {
        let (from, to) = (paths::root().join(name), to.join(name));
        // Removed from the working tree, and not yet from the index.
        if !from.is_file() {
            continue;
        }
        if let Some(dir) = to.parent() {
            paths::create_dir(dir)?;
        }
        fs::copy(&from, &to).with_context(|| format!("cannot copy {name}"))?;
    }
    Ok(())
}

fn files(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(next) = dirs.pop() {
        for entry in
            fs::read_dir(&next).with_context(|| format!("cannot read {}", next.display()))?
        {
            let path = entry?.path();
            if path.is_dir() {
                dirs.push(path);
            } else {
                let name = path.strip_prefix(dir)?.display().to_string();
                found.insert(name, fs::read(&path)?);
            }
        }
    }
    Ok(found)
}

/// Licences, sources, doubles and known weaknesses of all that others wrote.
fn supply_chain(report: &mut Report) -> Result<(), Interrupted> {
    let cargo_deny = report.step("crates: cargo-deny", |_| setup::cargo_deny())?;
    let Some(cargo_deny) = cargo_deny else {
        report.not_run("crates", "cargo-deny is missing");
        return Ok(());
    };
    let deny = |checks: &[&str]| {
        let mut deny = process::command(&cargo_deny);
        deny.args(["--locked", "--color", "never", "check", "--hide-inclusion-graph"]).args(checks);
        deny
    };
    report.step("crates: licences, sources, doubles", |_| {
        let mut step = Step::start("checking licences, sources and doubles", None);
        step.run(deny(&["licenses", "sources", "bans"]))?;
        step.done();
        Ok(())
    })?;
    report.step("crates: advisories", |_| {
        let (output, failure) =
            Step::start("checking advisories", None).attempt(deny(&["advisories"]))?;
        verdict(
            &output,
            failure.as_deref(),
            &["failed to fetch advisory database", "unable to fetch"],
        )
    })?;
    for dir in [paths::infra(), paths::e2e()] {
        let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        report.step(&format!("npm packages of {name}/: advisories"), |_| {
            let mut audit = setup::npm();
            audit.current_dir(&dir).args(["audit", "--audit-level=low"]);
            let (output, failure) = Step::start("npm audit", None).attempt(audit)?;
            verdict(&output, failure.as_deref(), &["audit endpoint returned an error"])
        })?;
    }
    Ok(())
}

/// Tells weaknesses from a list of weaknesses that cannot be had: that is no failure, and no success either.
fn verdict(output: &[String], failure: Option<&str>, unreachable: &[&str]) -> Result<()> {
    let Some(failure) = failure else { return Ok(()) };
    if output.iter().any(|line| unreachable.iter().any(|words| line.contains(words))) {
        ui::line("NOT CHECKED: the list of advisories cannot be reached from here");
        return Ok(());
    }
    ui::lines(output);
    bail!("{failure}")
}

#[cfg(test)]
mod tests {
    use super::{holds, is_arm64, newest_glibc, verdict};

    #[test]
    fn the_newest_version_of_a_symbol_counts_as_a_number() {
        assert_eq!(newest_glibc(b"\0GLIBC_2.4\0GLIBC_2.17\0GLIBC_2.9\0"), Some((2, 17)));
        assert_eq!(newest_glibc(b"no GLIBC_2.99 of a string table"), None);
        assert_eq!(newest_glibc(b"\0GLIBC_PRIVATE\0"), None);
    }

    #[test]
    fn programs_for_other_machines_are_told_apart() {
        let elf = |machine: u8| {
            let mut program = b"\x7fELF\x02\x01".to_vec();
            program.resize(18, 0);
            program.extend([machine, 0]);
            program
        };
        assert!(is_arm64(&elf(183)));
        assert!(!is_arm64(&elf(62)));
        assert!(!is_arm64(b"#!/bin/sh"));
    }

    #[test]
    fn a_path_is_found_anywhere() {
        assert!(holds(b"xx/home/me/yy", b"/home/me"));
        assert!(!holds(b"/home/you", b"/home/me"));
    }

    #[test]
    fn a_list_that_cannot_be_reached_is_no_failure_and_a_weakness_is() {
        let lines = |text: &str| vec![text.to_owned()];
        let unreachable = ["failed to fetch"];
        assert!(verdict(&lines("error: failed to fetch it"), Some("1"), &unreachable).is_ok());
        assert!(verdict(&lines("error: RUSTSEC-2026-0001"), Some("1"), &unreachable).is_err());
        assert!(verdict(&[], None, &unreachable).is_ok());
    }
}
