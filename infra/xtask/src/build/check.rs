//! `cargo xtask build --check`: what takes too long for `cargo xtask test`, or needs more than this
//! repository.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use fs_err as fs;
use walkdir::WalkDir;

use super::{ROUTES, deployed};
use crate::interrupt::Interrupted;
use crate::setup::{self, PageTools};
use crate::step::Step;
use crate::test::report::{NotRun, Report};
use crate::{paths, process, step, ui};

/// What a function may take on the way to AWS, zipped: a start loads it.
const MOST_BYTES: u64 = 6_000_000;

/// The C library of Amazon Linux 2023, on which the functions run.
const NEWEST_GLIBC: (u32, u32) = (2, 34);

/// Checks the archives and the site of a build that is there.
pub fn run(lambdas: &Path, site: &Path) -> Result<ExitCode> {
    let mut report = Report::default();
    report.step("archives", |_| archives(lambdas))?;
    report.step("a second build is the same", |_| {
        reproducible(lambdas, site, &PageTools::for_release()?)
    })?;
    supply_chain(&mut report)?;
    Ok(report.print())
}

fn archives(lambdas: &Path) -> Result<()> {
    let home = std::env::home_dir().context("there is no home: set HOME")?;
    let places = [paths::root(), &home].map(|place| place.display().to_string());
    for route in ROUTES {
        let size = fs::metadata(lambdas.join(format!("{route}.zip")))?.len();
        ensure!(size < MOST_BYTES, "{route}.zip has {size} bytes, more than {MOST_BYTES}");
        let program = fs::read(lambdas.join(route).join("bootstrap"))?;
        let (major, minor) = check_program(&program, &places).with_context(|| route)?;
        ui::line(&format!("{route}.zip: {size} bytes, glibc {major}.{minor}"));
    }
    Ok(())
}

/// Checks that a program runs on Amazon Linux 2023 and holds no path of `places`; gives the version
/// of glibc that it needs.
fn check_program(program: &[u8], places: &[String]) -> Result<(u32, u32)> {
    ensure!(is_arm64(program), "it is no arm64 program");
    let glibc = newest_glibc(program).context("it names no version of glibc")?;
    ensure!(glibc <= NEWEST_GLIBC, "it needs glibc {glibc:?}, newer than {NEWEST_GLIBC:?}");
    for place in places {
        ensure!(!holds(program, place.as_bytes()), "it says where it was built: {place}");
    }
    Ok(glibc)
}

/// ELF, 64 bits, little-endian, machine 183 (System V ABI, "ELF Header").
fn is_arm64(program: &[u8]) -> bool {
    program.starts_with(b"\x7fELF\x02\x01") && program.get(18..20) == Some(&[183, 0])
}

/// The newest of the versions of symbols that a program asks of glibc: they stand in its string
/// table.
fn newest_glibc(program: &[u8]) -> Option<(u32, u32)> {
    let versions = program.split(|&byte| byte == 0).filter_map(|string| {
        let version = std::str::from_utf8(string.strip_prefix(b"GLIBC_")?).ok()?;
        let mut numbers = version.split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    });
    versions.max()
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Builds a copy of the working tree somewhere else, from nothing and with `tools`, and compares.
fn reproducible(lambdas: &Path, site: &Path, tools: &PageTools) -> Result<()> {
    let copy = paths::temp_dir("check")?;
    copy_sources(copy.path())?;
    let (lambdas_again, site_again) = deployed(copy.path(), tools)?;
    let archives = ROUTES.map(|route| format!("{route}.zip"));
    let mut differing = Vec::new();
    for name in archives {
        if fs::read(lambdas.join(&name))? != fs::read(lambdas_again.join(&name))? {
            differing.push(name);
        }
    }
    let (first, second) = (files(site)?, files(&site_again)?);
    let names = first.keys().chain(second.keys().filter(|name| !first.contains_key(*name)));
    differing.extend(names.filter(|name| first.get(*name) != second.get(*name)).cloned());
    ensure!(differing.is_empty(), "two builds differ in {}", differing.join(", "));
    ui::line(&format!("{} archives and {} files are the same", ROUTES.len(), first.len()));
    Ok(())
}

/// What git would take: the files of the working tree that are not ignored.
fn copy_sources(to: &Path) -> Result<()> {
    let mut git = process::command("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    let (status, list) = process::output(git)?;
    ensure!(status.success(), "git does not say which files there are");
    // One that was removed from the working tree may still be in the index.
    for name in list.lines().filter(|name| paths::root().join(name).is_file()) {
        let to = to.join(name);
        if let Some(dir) = to.parent() {
            fs::create_dir_all(dir)?;
        }
        fs::copy(paths::root().join(name), &to)?;
    }
    Ok(())
}

fn files(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in WalkDir::new(dir) {
        let entry = entry?;
        if !entry.file_type().is_dir() {
            let name = entry.path().strip_prefix(dir)?.display().to_string();
            found.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(found)
}

/// Licences, sources, doubles and known weaknesses of all that others wrote.
fn supply_chain(report: &mut Report) -> Result<(), Interrupted> {
    if let Some(cargo_deny) = report.step("crates: cargo-deny", |_| setup::cargo_deny())? {
        let deny = |checks: &[&str]| {
            let mut deny = process::command(&cargo_deny);
            deny.args(["--locked", "--color", "never", "check", "--hide-inclusion-graph"]);
            deny.args(checks);
            deny
        };
        report.step("crates: licences, sources, doubles", |_| {
            let what = "checking licences, sources and doubles";
            step::run(what, None, deny(&["licenses", "sources", "bans"]))
        })?;
        report.step("crates: advisories", |_| {
            let (output, failure) =
                Step::start("checking advisories", None).attempt(deny(&["advisories"]))?;
            verdict(&output, failure)
        })?;
    } else {
        for step in ["crates: licences, sources, doubles", "crates: advisories"] {
            report.not_run(step, "cargo-deny is missing");
        }
    }
    for (name, dir) in [("infra", paths::infra()), ("e2e", paths::e2e())] {
        report.step(&format!("npm packages of {name}/: advisories"), |_| {
            let mut audit = setup::npm();
            audit.current_dir(dir).args(["audit", "--audit-level=low"]);
            let (output, failure) = Step::start("npm audit", None).attempt(audit)?;
            verdict(&output, failure)
        })?;
    }
    Ok(())
}

/// What cargo-deny and npm say when they cannot have the list of advisories.
const UNREACHABLE: [&str; 3] =
    ["failed to fetch advisory database", "unable to fetch", "audit endpoint returned an error"];

/// Tells advisories from a list of advisories that cannot be had: that is no failure, and no
/// success either.
fn verdict(output: &[String], failure: Option<String>) -> Result<()> {
    ui::clear_status();
    let Some(failure) = failure else { return Ok(()) };
    if output.iter().any(|line| UNREACHABLE.iter().any(|words| line.contains(words))) {
        bail!(NotRun("the list of advisories cannot be fetched from here"));
    }
    ui::lines(output);
    bail!(failure)
}

#[cfg(test)]
mod tests {
    use super::{UNREACHABLE, check_program, holds, is_arm64, newest_glibc, verdict};
    use crate::test::report::NotRun;

    fn elf(machine: u8, strings: &[u8]) -> Vec<u8> {
        let mut program = b"\x7fELF\x02\x01".to_vec();
        program.resize(18, 0);
        program.extend([machine, 0]);
        program.extend(strings);
        program
    }

    #[test]
    fn the_newest_version_of_a_symbol_counts_as_a_number() {
        assert_eq!(newest_glibc(b"\0GLIBC_2.4\0GLIBC_2.17\0GLIBC_2.9\0"), Some((2, 17)));
        assert_eq!(newest_glibc(b"no GLIBC_2.99 of a string table"), None);
        assert_eq!(newest_glibc(b"\0GLIBC_PRIVATE\0"), None);
    }

    #[test]
    fn programs_for_other_machines_are_told_apart() {
        assert!(is_arm64(&elf(183, b"")));
        assert!(!is_arm64(&elf(62, b"")));
        assert!(!is_arm64(b"#!/bin/sh"));
    }

    #[test]
    fn a_path_is_found_anywhere() {
        assert!(holds(b"xx/home/me/yy", b"/home/me"));
        assert!(!holds(b"/home/you", b"/home/me"));
    }

    #[test]
    fn a_program_that_does_not_fit_amazon_linux_or_names_its_place_is_refused() {
        let check = |machine, strings: &[u8]| {
            check_program(&elf(machine, strings), &["/home/me".to_owned()])
                .map_err(|error| error.to_string())
        };
        assert_eq!(check(183, b"\0GLIBC_2.34\0/home/you"), Ok((2, 34)));
        let error = |machine, strings| check(machine, strings).unwrap_err();
        assert_eq!(error(62, b"\0GLIBC_2.34\0"), "it is no arm64 program");
        assert_eq!(error(183, b"\0GLIBC_2.35\0"), "it needs glibc (2, 35), newer than (2, 34)");
        assert_eq!(error(183, b""), "it names no version of glibc");
        let error = error(183, b"\0GLIBC_2.17\0/home/me/x");
        assert_eq!(error, "it says where it was built: /home/me");
    }

    #[test]
    fn a_list_that_cannot_be_reached_is_not_run_and_an_advisory_fails() {
        let check = |text: &str, failed: bool| {
            verdict(&[text.to_owned()], failed.then(|| "ended with 1".to_owned()))
        };
        for words in UNREACHABLE {
            assert!(check(&format!("error: {words} x"), true).unwrap_err().is::<NotRun>());
        }
        let found = check("error: RUSTSEC-2026-0001", true).unwrap_err();
        assert_eq!(found.to_string(), "ended with 1");
        assert!(check("", false).is_ok());
    }
}
