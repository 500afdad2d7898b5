//! The steps of a test run, what came of each, and the table at the end.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::count::Counts;
use crate::interrupt::Interrupted;
use crate::{step, ui};

#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
}

struct Row {
    step: String,
    counts: Counts,
    outcome: Outcome,
}

enum Outcome {
    Passed(Duration),
    Failed(Duration, String),
    /// Because a step that it needs failed.
    NotRun(String),
}

impl Report {
    /// Does one step. None when it failed; only the user's wish to end is an error.
    pub fn step<T>(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Counts) -> Result<T>,
    ) -> Result<Option<T>, Interrupted> {
        ui::line(&format!("── {name}"));
        let begin = Instant::now();
        let mut counts = Counts::default();
        let result = work(&mut counts);
        let time = begin.elapsed();
        let (outcome, value) = match result {
            Ok(value) => (Outcome::Passed(time), Some(value)),
            Err(error) if error.is::<Interrupted>() => return Err(Interrupted),
            Err(error) => {
                let why = format!("{error:#}");
                ui::error(&why);
                // Whatever failed without a count of its own is one failure.
                counts.failed = counts.failed.max(1);
                (Outcome::Failed(time, why), None)
            }
        };
        self.rows.push(Row { step: name.to_owned(), counts, outcome });
        Ok(value)
    }

    pub fn not_run(&mut self, name: &str, why: &str) {
        let outcome = Outcome::NotRun(why.to_owned());
        self.rows.push(Row { step: name.to_owned(), counts: Counts::default(), outcome });
    }

    pub fn print(&self) -> ExitCode {
        ui::line("");
        for line in self.table() {
            ui::line(&line);
        }
        ui::line("");
        let total = self.total();
        ui::line(&format!("{} passed, {} failed", total.passed, total.failed));
        if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn total(&self) -> Counts {
        let mut total = Counts::default();
        self.rows.iter().for_each(|row| total.add(row.counts));
        total
    }

    fn table(&self) -> Vec<String> {
        let width = self.rows.iter().map(|row| row.step.chars().count()).max().unwrap_or_default();
        self.rows.iter().map(|row| format!("{:width$}  {}", row.step, row.result())).collect()
    }
}

impl Row {
    fn result(&self) -> String {
        let Counts { passed, failed } = self.counts;
        let (result, time, rest) = match &self.outcome {
            Outcome::Passed(time) if passed == 0 => ("ok", step::seconds(*time), String::new()),
            Outcome::Passed(time) => ("ok", step::seconds(*time), format!("{passed} passed")),
            Outcome::Failed(time, why) => {
                ("FAILED", step::seconds(*time), format!("{passed} passed, {failed} failed: {why}"))
            }
            Outcome::NotRun(why) => ("not run", String::new(), why.clone()),
        };
        format!("{result:7}  {time:>12}  {rest}").trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::{Counts, Report};
    use crate::interrupt::Interrupted;

    #[test]
    fn every_failed_step_counts_and_hides_no_other() {
        let mut report = Report::default();
        let lints: Option<()> = report.step("lints", |_| bail!("clippy ended with 1")).unwrap();
        assert!(lints.is_none());
        report.step("format", |_| Ok(())).unwrap();
        report
            .step::<()>("tests", |counts| {
                counts.add(Counts { passed: 5, failed: 2 });
                bail!("cargo ended with 101")
            })
            .unwrap();
        report.not_run("browser", "the build is missing");

        assert_eq!(report.total(), Counts { passed: 5, failed: 3 });
        let table = report.table();
        assert_eq!(table.len(), 4);
        assert!(table[0].starts_with("lints    FAILED"), "{}", table[0]);
        assert!(table[1].starts_with("format   ok"), "{}", table[1]);
        assert!(table[2].ends_with("5 passed, 2 failed: cargo ended with 101"), "{}", table[2]);
        assert_eq!(table[3], "browser  not run                the build is missing");
    }

    #[test]
    fn the_users_wish_to_end_ends_the_run() {
        let mut report = Report::default();
        assert!(report.step::<()>("tests", |_| Err(Interrupted.into())).is_err());
    }
}
