//! What this tab remembers from one page to the next.

use std::sync::Arc;

use domain::{Event, EventId};
use leptos::prelude::*;

use crate::browser;
use crate::changes::Changes;

#[derive(Clone, Copy)]
pub struct Session {
    changes: RwSignal<Changes>,
    notice: RwSignal<Option<Notice>>,
    has_arrived: StoredValue<bool>,
}

/// What just happened, said on the page with this path and gone with the next one.
#[derive(Clone, PartialEq, Eq)]
struct Notice {
    path: String,
    text: String,
}

impl Session {
    /// A tab starts with nothing.
    pub fn begin() -> Self {
        Self {
            changes: RwSignal::new(Changes::default()),
            notice: RwSignal::new(None),
            has_arrived: StoredValue::new(false),
        }
    }

    /// The session of the app that a component is in.
    pub fn of_app() -> Self {
        expect_context()
    }

    pub fn created(self, event: &Arc<Event>) {
        self.changes.update(|changes| changes.created(Arc::clone(event), browser::now()));
    }

    pub fn deleted(self, id: EventId) {
        self.changes.update(|changes| changes.deleted(id));
    }

    /// What the list shows: what the API said, and what this tab did since.
    pub fn apply_changes(self, loaded: &[Arc<Event>], complete: bool) -> Vec<Arc<Event>> {
        self.changes.read().apply(loaded, complete, browser::now())
    }

    /// An event that was created here a moment ago needs no asking.
    pub fn recent(self, id: EventId) -> Option<Arc<Event>> {
        self.changes.read_untracked().recent(id, browser::now())
    }

    pub fn is_deleted(self, id: EventId) -> bool {
        self.changes.read().is_deleted(id)
    }

    pub fn announce(self, path: &str, text: String) {
        self.notice.set(Some(Notice { path: path.to_owned(), text }));
    }

    pub fn notice(self) -> Option<String> {
        self.notice.read().as_ref().map(|notice| notice.text.clone())
    }

    /// Forgets what was said on another page.
    pub fn moved_to(self, path: &str) {
        if self.notice.read_untracked().as_ref().is_some_and(|notice| notice.path != path) {
            self.notice.set(None);
        }
    }

    /// Whether the reader came from another page of the app; a page that the browser loaded keeps the focus
    /// where the browser has it.
    pub fn arrives_from_inside(self) -> bool {
        let from_inside = self.has_arrived.get_value();
        self.has_arrived.set_value(true);
        from_inside
    }
}
