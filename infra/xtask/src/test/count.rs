//! How many tests passed and failed, from what the tools write for programs.

use std::ops::AddAssign;
use std::path::Path;

use anyhow::{Context, Result};
use fs_err as fs;
use serde_json::Value;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
    }
}

/// `12 passed, 0 failed` somewhere in a line of a tool of ours, or of `cargo test`, which has `;`
/// there and writes nothing for programs.
pub fn in_line(line: &str) -> Option<Counts> {
    let words: Vec<&str> = line.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
    words.windows(4).find_map(|words| match words {
        [passed, "passed", failed, "failed"] => {
            Some(Counts { passed: passed.parse().ok()?, failed: failed.parse().ok()? })
        }
        _ => None,
    })
}

/// The XML of `JUnit`, as Node and Playwright write it.
pub fn junit(file: &Path) -> Result<Counts> {
    let xml = fs::read_to_string(file)?;
    let count = |tag: &str| xml.matches(tag).count() as u64;
    let failed = count("<failure") + count("<error");
    let skipped = count("<skipped");
    Ok(Counts { passed: count("<testcase").saturating_sub(failed + skipped), failed })
}

/// The JSON report of schemathesis: a test is a request that it made up.
pub fn schemathesis(file: &Path) -> Result<Counts> {
    let report: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    let count = |what: &str| report["test_cases"][what].as_u64();
    let counts = || {
        let failed = count("with_failures")? + count("errored")?;
        Some(Counts { passed: count("generated")?.checked_sub(failed)?, failed })
    };
    counts().with_context(|| format!("{} counts no test cases", file.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use anyhow::Result;

    use super::{Counts, in_line, junit, schemathesis};

    fn of(read: fn(&Path) -> Result<Counts>, text: &str) -> Result<Counts> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        read(file.path())
    }

    #[test]
    fn a_line_counts_where_it_counts_both() {
        let cargo = "test result: FAILED. 10 passed; 3 failed; 1 ignored; 0 measured; 0 filtered";
        assert_eq!(in_line(cargo), Some(Counts { passed: 10, failed: 3 }));
        let ours = "model checker: 19 passed, 1 failed; 2973 calls checked in 41s";
        assert_eq!(in_line(ours), Some(Counts { passed: 19, failed: 1 }));
        assert_eq!(in_line("test five_passed, two failed ... ok"), None);
        assert_eq!(in_line("  12 passed (34.5s)"), None);
    }

    #[test]
    fn junit_counts_test_cases_and_not_their_names() {
        let xml = r#"<testsuites><testcase name="a &lt;failure"/>
            <testcase name="b" failure="1 == 2"><failure message="1 == 2">no</failure></testcase>
            <testcase name="c"><skipped/></testcase></testsuites>"#;
        assert_eq!(of(junit, xml).unwrap(), Counts { passed: 1, failed: 1 });
        assert!(junit(Path::new("/no/such/file")).is_err());
    }

    #[test]
    fn schemathesis_counts_requests() {
        let report = r#"{"test_cases":{"generated":9,"with_failures":2,"errored":1}}"#;
        assert_eq!(of(schemathesis, report).unwrap(), Counts { passed: 6, failed: 3 });
        assert!(of(schemathesis, "{}").is_err());
    }
}
