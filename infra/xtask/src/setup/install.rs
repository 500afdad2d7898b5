//! One run of an installer, and what the user is told when it fails.

use std::process::Command;

use anyhow::{Result, bail};

use crate::step;

/// Runs `installer` as the step `what`. A failure is the tool's own reason, then `advice`.
pub fn install(what: &str, wait: Option<&str>, installer: Command, advice: &str) -> Result<()> {
    let (output, failure) = step::attempt(what, wait, installer)?;
    match failure {
        Some(failure) => bail!("{what} failed ({}); {advice}", reason(&output).unwrap_or(failure)),
        None => Ok(()),
    }
}

/// The line of a failed tool's output that says why.
pub fn reason(output: &[String]) -> Option<String> {
    const PREFIXES: [&str; 4] = ["error: ", "Error: ", "npm error ", "E: "];
    let lines = || output.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    let error = |line: &&str| PREFIXES.iter().any(|prefix| line.starts_with(prefix));
    lines()
        // What it was doing when the disk was full matters less than that it was.
        .find(|line| step::disk_is_full(line))
        .or_else(|| lines().find(error))
        .or_else(|| lines().next_back())
        .map(|line| PREFIXES.iter().find_map(|p| line.strip_prefix(p)).unwrap_or(line).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{install, reason};
    use crate::process;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_reason_of_a_failure_is_its_first_error_or_its_last_word() {
        assert_eq!(reason(&lines("Updating\nerror: no host\nhelp")).unwrap(), "no host");
        let full =
            "error: failed to compile\n  Caused by:\n    No space left on device (os error 28)";
        assert_eq!(reason(&lines(full)).unwrap(), "No space left on device (os error 28)");
        assert_eq!(reason(&lines("one\ntwo\n\n")).unwrap(), "two");
        assert_eq!(reason(&[]), None);
    }

    #[test]
    fn a_failed_installer_is_told_with_its_reason_and_with_what_to_do() {
        let mut installer = process::command("sh");
        installer.args(["-c", "echo 'npm error no such package' >&2; exit 1"]);
        let error = install("installing x", None, installer, "look at x").unwrap_err().to_string();
        assert_eq!(error, "installing x failed (no such package); look at x");
    }
}
