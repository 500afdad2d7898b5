//! What the command says: whole lines on stdout, and on a terminal one status line below them.
//!
//! A reader that went away is no error (`cargo xtask test | head`), so failed writes are ignored.

use std::io::{Write, stderr, stdout};
use std::sync::LazyLock;

use console::{Term, strip_ansi_codes, style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The status line, as wide as the terminal at most; hidden where it could not be rewritten.
static STATUS: LazyLock<ProgressBar> = LazyLock::new(|| {
    let rewritable = Term::stdout().is_term() && !console::is_dumb();
    let target =
        if rewritable { ProgressDrawTarget::stdout() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{wide_msg}");
    let status = ProgressBar::with_draw_target(None, target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    status.finish_and_clear();
    status
});

pub fn interactive() -> bool {
    !STATUS.is_hidden()
}

/// Whether colours are wanted: by us, and by the tools whose output we pass on.
pub fn colors() -> bool {
    console::colors_enabled()
}

pub fn line(text: &str) {
    STATUS.suspend(|| {
        let _ = writeln!(stdout(), "{text}");
    });
}

/// What a tool wrote.
pub fn lines(lines: &[String]) {
    for text in lines {
        line(text);
    }
}

/// Shows `text` below the last line until the next status; nothing when stdout is no terminal.
pub fn status(text: &str) {
    STATUS.set_message(text.replace(char::is_control, ""));
    if STATUS.is_finished() {
        STATUS.reset();
    }
}

pub fn clear_status() {
    STATUS.finish_and_clear();
}

pub fn error(text: &str) {
    clear_status();
    let _ = writeln!(stderr(), "{} {text}", style("error:").for_stderr().red().bold());
}

/// Whether a tool only says in this line that it goes on: of no interest once it failed.
pub fn is_progress(line: &str) -> bool {
    let line = plain(line);
    let word = line.split_whitespace().next().unwrap_or_default();
    ["Compiling", "Checking", "Fresh", "Downloading", "Downloaded", "Locking", "Blocking"]
        .contains(&word)
}

/// `text` without the escape sequences that colour it.
pub fn plain(text: &str) -> String {
    strip_ansi_codes(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::is_progress;

    #[test]
    fn progress_is_told_from_news() {
        assert!(is_progress("\x1b[1;32m   Compiling\x1b[0m serde v1.0.229"));
        assert!(!is_progress("error: could not compile `api`"));
        assert!(!is_progress(""));
    }
}
