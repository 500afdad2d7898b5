//! What is checked of each build, and what of one with `--check`: that takes too long for
//! `cargo xtask test`, or needs more than this repository.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use fs_err as fs;

use super::{ROUTES, deployed};
use crate::interrupt::Interrupted;
use crate::setup::{self, PageTools};
use crate::test::report::{NotRun, Report};
use crate::{paths, process, step, ui};

/// What a function may take on the way to AWS, zipped: a start loads it.
const MOST_BYTES: u64 = 6_000_000;

/// The C library of Amazon Linux 2023, on which the functions run.
const NEWEST_GLIBC: (u32, u32) = (2, 34);

/// Builds again, and compares; then judges what others wrote.
pub fn run(lambdas: &Path, site: &Path) -> Result<ExitCode> {
    let mut report = Report::default();
    report.step("a second build is the same", |_| {
        reproducible(lambdas, site, &PageTools::published()?)
    })?;
    report.step("the CDK's CLI against an emulator of AWS", |_| {
        setup::npm_packages(&paths::infra())?;
        let mut check = setup::emulator()?;
        check.arg(paths::infra().join("emulated/check.py"));
        process::show(check, |_| {})
    })?;
    supply_chain(&mut report)?;
    Ok(report.print())
}

/// Checks that AWS takes and runs the archives of the functions.
pub fn archives(lambdas: &Path) -> Result<()> {
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
    // ELF, 64 bits, little-endian, machine 183 (System V ABI, "ELF Header").
    let is_arm64 =
        program.starts_with(b"\x7fELF\x02\x01") && program.get(18..20) == Some(&[183, 0]);
    ensure!(is_arm64, "it is no arm64 program");
    let glibc = newest_glibc(program).context("it names no version of glibc")?;
    ensure!(
        glibc <= NEWEST_GLIBC,
        "it needs glibc {}.{}, newer than that of Amazon Linux 2023",
        glibc.0,
        glibc.1
    );
    for place in places {
        let mut windows = program.windows(place.len());
        let found = windows.any(|window| window == place.as_bytes());
        ensure!(!found, "it says where it was built: {place}");
    }
    Ok(glibc)
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

/// Builds a copy of the working tree somewhere else, from nothing and with `tools`, and compares:
/// neither the place nor how the page's tools were compiled may show.
fn reproducible(lambdas: &Path, site: &Path, tools: &PageTools) -> Result<()> {
    let copy = paths::temp_dir("check")?;
    copy_sources(copy.path())?;
    let (lambdas_again, site_again) = deployed(copy.path(), tools)?;
    let archives = ROUTES.map(|route| format!("{route}.zip"));
    let pairs = archives.iter().map(|name| (lambdas.join(name), lambdas_again.join(name)));
    let mut differences = String::new();
    for (first, second) in pairs.chain([(site.to_owned(), site_again)]) {
        let mut diff = process::command("diff");
        diff.args(["--recursive", "--brief"]).args([first, second]);
        differences += &process::output(diff)?.1;
    }
    ensure!(differences.is_empty(), "two builds differ: {}", differences.trim());
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

/// Licences, sources, doubles and known weaknesses of all that others wrote.
fn supply_chain(report: &mut Report) -> Result<(), Interrupted> {
    let cargo_deny = report.step("crates: cargo-deny", |_| setup::cargo_deny())?;
    for (name, kinds) in [
        ("crates: licences, sources, doubles", &["licenses", "sources", "bans"][..]),
        ("crates: advisories", &["advisories"]),
    ] {
        report.after(cargo_deny.as_ref(), name, |cargo_deny, _| {
            let mut deny = process::command(cargo_deny);
            deny.args(["--locked", "--color", "never", "check", "--hide-inclusion-graph"]);
            deny.args(kinds);
            judge(name, deny)
        })?;
    }
    for (name, dir) in [
        ("npm packages of infra/: advisories", paths::infra()),
        ("npm packages of sign-in-local/: advisories", paths::sign_in()),
        ("npm packages of e2e/: advisories", paths::e2e()),
    ] {
        report.step(name, |_| {
            let mut audit = setup::npm();
            audit.current_dir(dir).args(["audit", "--audit-level=low"]);
            judge(name, audit)
        })?;
    }
    Ok(())
}

fn judge(name: &str, judge: Command) -> Result<()> {
    let (output, failure) = step::attempt(name, None, judge)?;
    verdict(&output, failure)
}

/// What cargo-deny and npm say when they cannot have the list of advisories.
const UNREACHABLE: [&str; 3] =
    ["failed to fetch advisory database", "unable to fetch", "audit endpoint returned an error"];

/// Tells advisories from a list of advisories that cannot be had: that is no failure, and no
/// success either.
fn verdict(output: &[String], failure: Option<String>) -> Result<()> {
    let Some(failure) = failure else { return Ok(()) };
    if output.iter().any(|line| UNREACHABLE.iter().any(|words| line.contains(words))) {
        bail!(NotRun("the list of advisories cannot be fetched from here"));
    }
    ui::lines(output);
    bail!(failure)
}

#[cfg(test)]
mod tests {
    use super::{UNREACHABLE, check_program, verdict};
    use crate::test::report::NotRun;

    fn elf(machine: u8, strings: &[u8]) -> Vec<u8> {
        let mut program = b"\x7fELF\x02\x01".to_vec();
        program.resize(18, 0);
        program.extend([machine, 0]);
        program.extend(strings);
        program
    }

    #[test]
    fn a_program_that_does_not_fit_amazon_linux_or_names_its_place_is_refused() {
        let check = |machine, strings: &[u8]| {
            check_program(&elf(machine, strings), &["/home/me".to_owned()])
                .map_err(|error| error.to_string())
        };
        let good = b"\0GLIBC_2.4\0GLIBC_2.17\0GLIBC_2.9\0GLIBC_PRIVATE\0/home/you";
        assert_eq!(check(183, good), Ok((2, 17)));
        for (machine, strings, error) in [
            (62, "\0GLIBC_2.34\0", "it is no arm64 program"),
            (
                183,
                "\0GLIBC_2.35\0GLIBC_2.4",
                "it needs glibc 2.35, newer than that of Amazon Linux 2023",
            ),
            (183, "no GLIBC_2.4 of its own\0", "it names no version of glibc"),
            (183, "\0GLIBC_2.17\0x/home/me/x", "it says where it was built: /home/me"),
        ] {
            assert_eq!(check(machine, strings.as_bytes()), Err(error.to_owned()));
        }
        assert!(check_program(b"#!/bin/sh", &[]).is_err());
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
