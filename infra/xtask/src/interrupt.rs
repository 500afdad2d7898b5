//! Ctrl-C, SIGTERM and a closed terminal set a flag. Code that waits looks at it and returns an
//! error, so that destructors end the programs that were started.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::{thread, time::Duration};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// What a shell reports of a program that Ctrl-C ended.
pub const EXIT_STATUS: u8 = 130;

static REQUESTS: AtomicUsize = AtomicUsize::new(0);

/// The error of work that was given up because the user asked for the end.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

pub fn listen() -> Result<()> {
    let mut signals =
        Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot listen to signals")?;
    thread::spawn(move || signals.forever().for_each(|_| _ = REQUESTS.fetch_add(1, Relaxed)));
    Ok(())
}

pub fn requested() -> bool {
    REQUESTS.load(Relaxed) > 0
}

/// Asked a second time: what waits for an orderly end stops waiting.
pub fn insisted() -> bool {
    REQUESTS.load(Relaxed) > 1
}

pub fn check() -> Result<(), Interrupted> {
    if requested() { Err(Interrupted) } else { Ok(()) }
}

/// Sleeps, unless the user asks for the end.
pub fn sleep(duration: Duration) -> Result<(), Interrupted> {
    check()?;
    thread::sleep(duration);
    check()
}
