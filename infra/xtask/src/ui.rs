//! What the command says: whole lines on stdout, and on a terminal one status line below them that is rewritten.
//!
//! A reader that went away is no error (`cargo xtask test | head`), so failed writes are ignored.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::sync::{LazyLock, Mutex, PoisonError};

/// A status line that wraps could not be rewritten.
const STATUS_WIDTH: usize = 78;

static INTERACTIVE: LazyLock<bool> =
    LazyLock::new(|| stdout().is_terminal() && std::env::var("TERM").is_ok_and(|t| t != "dumb"));

/// The status line that stands on the terminal now; empty for none.
static STATUS: Mutex<String> = Mutex::new(String::new());

pub fn interactive() -> bool {
    *INTERACTIVE
}

/// Whether colours are wanted: by us, and by the tools whose output we pass on.
pub fn colors() -> bool {
    interactive() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

pub fn line(text: &str) {
    let status = STATUS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut out = stdout().lock();
    if status.is_empty() {
        let _ = writeln!(out, "{text}");
    } else {
        let _ = writeln!(out, "\r\x1b[2K{text}");
        let _ = write!(out, "{status}");
    }
    let _ = out.flush();
}

/// What a tool wrote.
pub fn lines(lines: &[String]) {
    for text in lines {
        line(text);
    }
}

/// Shows `text` below the last line until the next status; nothing when stdout is no terminal.
pub fn status(text: &str) {
    if !interactive() {
        return;
    }
    let mut status = STATUS.lock().unwrap_or_else(PoisonError::into_inner);
    *status = text.chars().filter(|c| !c.is_control()).take(STATUS_WIDTH).collect();
    let mut out = stdout().lock();
    let _ = write!(out, "\r\x1b[2K{status}");
    let _ = out.flush();
}

pub fn clear_status() {
    status("");
}

pub fn error(text: &str) {
    clear_status();
    let prefix = if colors() { "\x1b[1;31merror:\x1b[0m" } else { "error:" };
    let _ = writeln!(stderr(), "{prefix} {text}");
}

/// Whether a tool only says in this line that it goes on: of interest while it runs, and in the way when it failed.
pub fn is_progress(line: &str) -> bool {
    let line = plain(line);
    let word = line.split_whitespace().next().unwrap_or_default();
    ["Compiling", "Checking", "Fresh", "Downloading", "Downloaded", "Locking", "Blocking"]
        .contains(&word)
}

/// `text` without the escape sequences that colour it.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\x1b' {
            plain.push(c);
        } else if chars.next() == Some('[') {
            // A control sequence ends with a byte of 0x40 to 0x7e (ECMA-48, 5.4).
            chars.by_ref().find(|c| ('\x40'..='\x7e').contains(c));
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{is_progress, plain};

    #[test]
    fn progress_is_told_from_news() {
        assert!(is_progress("\x1b[1;32m   Compiling\x1b[0m serde v1.0.229"));
        assert!(!is_progress("error: could not compile `api`"));
        assert!(!is_progress(""));
    }

    #[test]
    fn colours_are_taken_off() {
        assert_eq!(plain("test result: \x1b[32mok\x1b[0m. 3 passed"), "test result: ok. 3 passed");
        assert_eq!(plain("\x1b[1;38;5;10m✓\x1b[0m done"), "✓ done");
        assert_eq!(plain("cut \x1b[3"), "cut ");
    }
}
