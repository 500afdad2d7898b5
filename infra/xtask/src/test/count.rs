//! What test tools say of their tests: a reader for each tool, from a line to what that line adds.

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
}

impl Counts {
    pub fn add(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
    }
}

/// For tools that check and count nothing.
pub fn none(_: &str) -> Option<Counts> {
    None
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; …`, once for each test binary.
pub fn cargo(line: &str) -> Option<Counts> {
    let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let number = |what| numbers.split("; ").find_map(|part| part.strip_suffix(what)?.parse().ok());
    Some(Counts { passed: number(" passed")?, failed: number(" failed")? })
}

/// `ℹ pass 12` or, where there is no terminal, `# pass 12`; one line a kind.
pub fn node(line: &str) -> Option<Counts> {
    let line = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# "))?;
    let (kind, number) = line.split_once(' ')?;
    let number = number.parse().ok()?;
    match kind {
        "pass" => Some(Counts { passed: number, failed: 0 }),
        "fail" | "cancelled" => Some(Counts { passed: 0, failed: number }),
        _ => None,
    }
}

/// `  12 passed (3.4s)`, `  1 failed`; one line a kind. A test that passed when tried again is `flaky`: it passed,
/// and Playwright is asked to fail for it if that shall count.
pub fn playwright(line: &str) -> Option<Counts> {
    let (number, kind) = line.trim().split_once(' ')?;
    let number = number.parse().ok()?;
    match kind.split(" (").next()? {
        "passed" | "flaky" => Some(Counts { passed: number, failed: 0 }),
        "failed" | "interrupted" => Some(Counts { passed: 0, failed: number }),
        _ => None,
    }
}

/// `  1263 generated, 1263 passed`, or `1926 generated, 3 found 3 unique failures`: operations that were tried
/// with made-up requests.
pub fn schemathesis(line: &str) -> Option<Counts> {
    let (_, outcome) = line.trim().split_once(" generated, ")?;
    let number = outcome.split(' ').next()?.parse().ok()?;
    Some(if outcome.ends_with("passed") {
        Counts { passed: number, failed: 0 }
    } else {
        Counts { passed: 0, failed: number }
    })
}

/// `model checker: 19 of 20 seeds passed, 2973 calls checked in 41s`.
pub fn model_check(line: &str) -> Option<Counts> {
    let (passed, rest) = line.strip_prefix("model checker: ")?.split_once(" of ")?;
    let (passed, all) = (passed.parse().ok()?, rest.split(' ').next()?.parse::<u64>().ok()?);
    Some(Counts { passed, failed: all.checked_sub(passed)? })
}

/// `500 files passed, 0 failed`
pub fn calendar_files(line: &str) -> Option<Counts> {
    let (passed, failed) = line.split_once(" files passed, ")?;
    let failed = failed.strip_suffix(" failed")?;
    Some(Counts { passed: passed.parse().ok()?, failed: failed.parse().ok()? })
}

/// `load check: 24810 answers, none wrong`.
pub fn load_check(line: &str) -> Option<Counts> {
    line.strip_prefix("load check: ")?
        .ends_with(" none wrong")
        .then_some(Counts { passed: 1, failed: 0 })
}

#[cfg(test)]
mod tests {
    use super::{Counts, calendar_files, cargo, model_check, node, playwright, schemathesis};

    fn total(read: fn(&str) -> Option<Counts>, output: &str) -> Counts {
        let mut counts = Counts::default();
        output.lines().filter_map(read).for_each(|more| counts.add(more));
        counts
    }

    #[test]
    fn cargo_counts_over_all_binaries() {
        let output = "
running 2 tests
test a ... ok
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: FAILED. 10 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s
";
        assert_eq!(total(cargo, output), Counts { passed: 12, failed: 3 });
    }

    #[test]
    fn node_counts_in_both_of_its_styles() {
        let spec = "ℹ tests 7\nℹ suites 0\nℹ pass 4\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\n";
        assert_eq!(total(node, spec), Counts { passed: 4, failed: 2 });
        let tap = "ok 1 - pass 3 of them\n# tests 4\n# pass 4\n# fail 0\n# duration_ms 12.3\n";
        assert_eq!(total(node, tap), Counts { passed: 4, failed: 0 });
    }

    #[test]
    fn calendar_files_are_counted() {
        let output = "7.json SUMMARY:\n  want 'a'\n  got  'b'\n499 files passed, 1 failed\n";
        assert_eq!(total(calendar_files, output), Counts { passed: 499, failed: 1 });
    }

    #[test]
    fn schemathesis_counts_requests() {
        let passed = "Test cases:\n  1263 generated, 1263 passed\n\nSeed: not used\n";
        assert_eq!(total(schemathesis, passed), Counts { passed: 1263, failed: 0 });
        let failed = "Test cases:\n  1926 generated, 3 found 3 unique failures\n";
        assert_eq!(total(schemathesis, failed), Counts { passed: 0, failed: 3 });
    }

    #[test]
    fn the_model_checker_counts_seeds() {
        let output =
            "model checker: 19 of 20 seeds passed, 2973 calls checked in 41s\n  failed: --first 7";
        assert_eq!(total(model_check, output), Counts { passed: 19, failed: 1 });
    }

    #[test]
    fn playwright_counts_its_summary_and_no_titles() {
        let output = "
  ✓  1 create.spec.ts:3:1 › 5 passed dates are refused (1.1s)
  1 failed
    [chromium] › list.spec.ts:9:1 › lists
  1 flaky
  2 skipped
  12 passed (34.5s)
";
        assert_eq!(total(playwright, output), Counts { passed: 13, failed: 1 });
    }
}
