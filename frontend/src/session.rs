//! What this tab remembers from one page to the next.

use std::sync::Arc;

use domain::{Event, EventId};
use leptos::prelude::*;

use crate::api::Failure;
use crate::changes::Changes;
use crate::creation::Creation;
use crate::foreign::isolated;
use crate::routes::Route;
use crate::span::Selection;
use crate::{browser, kept_list};

#[derive(Clone, Copy)]
pub struct Session(RwSignal<State>);

#[derive(Default)]
struct State {
    changes: Changes,
    creation: Option<Creation>,
    notice: Option<Notice>,
    opened: bool,
    arriving: bool,
    copying: bool,
}

/// What just happened, said on one page and gone with the next one.
struct Notice {
    on: Route,
    text: String,
}

impl Session {
    /// A tab starts with nothing.
    pub fn begin() -> Self {
        Self(RwSignal::new(State::default()))
    }

    /// The session of the app that a component is in.
    pub fn of_app() -> Self {
        expect_context()
    }

    /// The list shows the event from now on.
    pub fn creating(self, creation: Creation) {
        self.0.update(|state| {
            state.changes.pending(creation.provisional());
            state.creation = Some(creation);
        });
    }

    pub fn created(self, event: &Arc<Event>) {
        kept_list::add(&[Arc::clone(event)]);
        self.0.update(|state| {
            state.changes.settle();
            state.changes.created(Arc::clone(event), browser::now());
            state.creation = None;
        });
    }

    /// The list shows it no longer.
    pub fn not_created(self, failure: Failure) {
        self.0.update(|state| {
            state.changes.settle();
            if let Some(creation) = &mut state.creation {
                creation.failure = Some(failure);
            }
        });
    }

    /// The creation that is under way, or that failed.
    pub fn creation(self) -> Option<Creation> {
        self.0.read().creation.clone()
    }

    /// Forgets the failed creation.
    pub fn forget_creation(self) {
        self.0.update(|state| state.creation = None);
    }

    /// The form opens next with a copy of an event.
    pub fn copying(self) {
        self.0.write_untracked().copying = true;
    }

    /// Whether it does; asked once.
    pub fn takes_copy(self) -> bool {
        std::mem::take(&mut self.0.write_untracked().copying)
    }

    pub fn is_pending(self, id: EventId) -> bool {
        self.0.read_untracked().changes.is_pending(id)
    }

    pub fn deleted(self, id: EventId) {
        kept_list::deleted(id);
        self.0.update(|state| state.changes.deleted(id));
    }

    /// What the list shows: what the API said, and what this tab did since.
    pub fn apply_changes(
        self,
        loaded: &[Arc<Event>],
        complete: bool,
        selection: &Selection,
    ) -> Vec<Arc<Event>> {
        self.0.read().changes.apply(loaded, complete, selection, browser::now())
    }

    /// An event that was created here a moment ago needs no asking.
    pub fn recent(self, id: EventId) -> Option<Arc<Event>> {
        self.0.read_untracked().changes.recent(id, browser::now())
    }

    pub fn is_deleted(self, id: EventId) -> bool {
        self.0.read_untracked().changes.is_deleted(id)
    }

    pub fn announce(self, on: Route, text: String) {
        self.0.update(|state| state.notice = Some(Notice { on, text }));
    }

    pub fn announce_deleted(self, on: Route, event: &Event) {
        self.announce(on, format!("“{}” was deleted.", isolated(event.content.name.as_str())));
    }

    /// What there is to say on this page.
    pub fn notice(self, page: Route) -> Option<String> {
        let state = self.0.read();
        state.notice.as_ref().filter(|notice| notice.on == page).map(|notice| notice.text.clone())
    }

    /// A page opens: what was said on another one is forgotten.
    pub fn moved_to(self, page: Route) {
        let mut state = self.0.write_untracked();
        state.notice.take_if(|notice| notice.on != page);
        state.arriving = std::mem::replace(&mut state.opened, true);
    }

    /// Whether the reader comes from another page of the app; asked once a page. A page that the
    /// browser loaded keeps the focus where the browser has it.
    pub fn takes_arrival(self) -> bool {
        std::mem::take(&mut self.0.write_untracked().arriving)
    }
}
