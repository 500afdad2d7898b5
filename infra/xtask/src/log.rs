//! What a server writes: held back while it starts, shown while it runs, at hand when it fails.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::{process, ui};

/// Lines; a server that runs for days must not fill our memory.
const KEPT: usize = 1000;

pub struct Log {
    state: Arc<Mutex<State>>,
    reader: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    shown: bool,
    lines: VecDeque<String>,
}

impl Log {
    pub fn read(output: impl Read + Send + 'static) -> Self {
        let state = Arc::<Mutex<State>>::default();
        let written = Arc::clone(&state);
        let reader = process::read_lines(output, move |line| locked(&written).add(line));
        Self { state, reader }
    }

    /// Shows the lines from now on, after those that were held back if `held`.
    pub fn show(&self, held: bool) {
        let mut state = locked(&self.state);
        state.shown = true;
        if held {
            for line in state.lines.iter().filter(|line| !ui::is_progress(line)) {
                ui::line(line);
            }
        }
    }

    /// All lines that were kept.
    pub fn text(&self) -> String {
        locked(&self.state).lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    /// The same without colours.
    pub fn plain(&self) -> String {
        ui::plain(&self.text())
    }

    /// The last line that says something, without colours.
    pub fn last(&self) -> String {
        let text = self.plain();
        let mut lines = text.lines().rev().map(str::trim);
        lines.find(|line| !line.is_empty()).unwrap_or_default().to_owned()
    }

    /// What `error: …` says in the last such line of a program that has ended.
    pub fn error(&self) -> Option<String> {
        let deadline = Instant::now() + Duration::from_millis(500);
        while !self.reader.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        let text = self.plain();
        text.lines().rev().find_map(|line| line.strip_prefix("error: ")).map(str::to_owned)
    }
}

impl State {
    fn add(&mut self, line: String) {
        if self.shown {
            ui::line(&line);
        }
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::Log;

    #[test]
    fn the_last_error_line_says_why_a_program_ended() {
        let log =
            Log::read(&b"start\nerror: first\n\x1b[31merror: \x1b[0mport 3000 is taken\n\n"[..]);
        assert_eq!(log.error().as_deref(), Some("port 3000 is taken"));
        assert_eq!(log.last(), "error: port 3000 is taken");
        assert!(log.text().starts_with("start\nerror: first\n"));
    }

    #[test]
    fn a_program_without_an_error_line_gives_none() {
        assert_eq!(Log::read(&b"an error: somewhere\n"[..]).error(), None);
    }
}
