//! The one list that is kept for when there is no network: what is to come. It follows what is
//! created and deleted here.

use std::sync::Arc;

use domain::{Event, EventId};

use crate::saved::{self, Saved};
use crate::{browser, locale};

/// As it was kept last.
pub fn read() -> Option<Saved> {
    Saved::read(&browser::kept(saved::NAME)?)
}

/// Keeps the list as the API gave it.
pub fn write(events: &[Arc<Event>]) {
    keep(&Saved::new(events, browser::now()));
}

/// Adds what came later, or was created here.
pub fn add(events: &[Arc<Event>]) {
    if let Some(mut saved) = read() {
        for event in events {
            saved.add(event, locale::moment());
        }
        keep(&saved);
    }
}

pub fn deleted(id: EventId) {
    if let Some(mut saved) = read() {
        saved.remove(id);
        keep(&saved);
    }
}

/// Who reads here next is somebody else.
pub fn forget() {
    browser::forget(saved::NAME);
}

fn keep(saved: &Saved) {
    browser::keep(saved::NAME, &saved.write());
}
