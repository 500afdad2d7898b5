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
    NotRun(String),
}

/// The error of a step that could not be done here, with the reason: it neither passed nor failed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotRun(pub &'static str);

impl Report {
    /// Does one step. None when it failed or was not run; only the user's wish to end is an error.
    pub fn step<T>(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Counts) -> Result<T>,
    ) -> Result<Option<T>, Interrupted> {
        ui::line(&format!("── {name}"));
        let begin = Instant::now();
        let mut counts = Counts::default();
        let result = work(&mut counts);
        match &result {
            Err(error) if error.is::<NotRun>() => ui::line(&format!("not run: {error}")),
            Err(error) if !error.is::<Interrupted>() => ui::error(&format!("{error:#}")),
            _ => {}
        }
        self.record(name, begin.elapsed(), counts, result)
    }

    /// Does a step that needs what another one gave; it is not run when that is missing.
    pub fn after<T, U>(
        &mut self,
        needed: Option<&T>,
        name: &str,
        work: impl FnOnce(&T, &mut Counts) -> Result<U>,
    ) -> Result<Option<U>, Interrupted> {
        match needed {
            Some(needed) => self.step(name, |counts| work(needed, counts)),
            None => self.step(name, |_| Err(NotRun("a step that it needs has failed").into())),
        }
    }

    fn record<T>(
        &mut self,
        name: &str,
        time: Duration,
        mut counts: Counts,
        result: Result<T>,
    ) -> Result<Option<T>, Interrupted> {
        let (outcome, value) = match result {
            Ok(value) => (Outcome::Passed(time), Some(value)),
            Err(error) if error.is::<Interrupted>() => return Err(Interrupted),
            Err(error) if error.is::<NotRun>() => (Outcome::NotRun(error.to_string()), None),
            Err(error) => {
                // Whatever failed without a count of its own is one failure.
                counts.failed = counts.failed.max(1);
                (Outcome::Failed(time, format!("{error:#}")), None)
            }
        };
        self.rows.push(Row { step: name.to_owned(), counts, outcome });
        Ok(value)
    }

    pub fn print(&self) -> ExitCode {
        ui::line("");
        ui::lines(&self.table());
        ui::line("");
        ui::line(&self.summary());
        if self.total().failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn summary(&self) -> String {
        let not_run = |row: &&Row| matches!(row.outcome, Outcome::NotRun(_));
        let not_run = match self.rows.iter().filter(not_run).count() {
            0 => String::new(),
            steps => format!(", {steps} not run"),
        };
        match self.total() {
            // Steps that count nothing: they only pass or fail.
            Counts { passed: 0, failed: 0 } => format!("nothing failed{not_run}"),
            Counts { passed, failed } => format!("{passed} passed, {failed} failed{not_run}"),
        }
    }

    fn total(&self) -> Counts {
        let mut total = Counts::default();
        self.rows.iter().for_each(|row| total += row.counts);
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
    use std::time::Duration;

    use anyhow::{Result, anyhow};

    use super::{Counts, NotRun, Report};
    use crate::interrupt::Interrupted;

    /// What `report` makes of a step that took two seconds.
    fn record(report: &mut Report, name: &str, counts: (u64, u64), result: Result<()>) -> bool {
        let counts = Counts { passed: counts.0, failed: counts.1 };
        report.record(name, Duration::from_secs(2), counts, result).unwrap().is_some()
    }

    #[test]
    fn every_failed_step_counts_and_hides_no_other() {
        let mut report = Report::default();
        assert!(!record(&mut report, "lints", (0, 0), Err(anyhow!("clippy ended with 1"))));
        assert!(record(&mut report, "format", (0, 0), Ok(())));
        assert!(record(&mut report, "stack", (7, 0), Ok(())));
        assert!(!record(&mut report, "tests", (5, 2), Err(anyhow!("cargo ended with 101"))));
        let build: Option<()> = None;
        report.after(build.as_ref(), "browser", |(), _| Ok(())).unwrap();

        assert_eq!(report.total(), Counts { passed: 12, failed: 3 });
        assert_eq!(report.summary(), "12 passed, 3 failed, 1 not run");
        assert_eq!(
            report.table(),
            [
                "lints    FAILED          2.0 s  0 passed, 1 failed: clippy ended with 1",
                "format   ok              2.0 s",
                "stack    ok              2.0 s  7 passed",
                "tests    FAILED          2.0 s  5 passed, 2 failed: cargo ended with 101",
                "browser  not run                a step that it needs has failed",
            ]
        );
    }

    #[test]
    fn a_step_that_cannot_be_done_here_is_no_success_and_no_failure() {
        let mut report = Report::default();
        assert!(record(&mut report, "licences", (0, 0), Ok(())));
        assert!(!record(&mut report, "advisories", (0, 0), Err(NotRun("no network").into())));
        assert_eq!(report.table()[1], "advisories  not run                no network");
        assert_eq!(report.summary(), "nothing failed, 1 not run");
    }

    #[test]
    fn the_users_wish_to_end_ends_the_run() {
        let mut report = Report::default();
        assert!(report.step::<()>("tests", |_| Err(Interrupted.into())).is_err());
    }
}
