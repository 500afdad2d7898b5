//! Creating an event: what is sent, under which key, and what became of it.

use std::sync::Arc;

use domain::{Event, EventContent, EventId, Timestamp};

use crate::api::Failure;
use crate::draft::Draft;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// As it was typed, for the form to show again.
    pub draft: Draft,
    pub content: EventContent,
    /// The draft's idempotency key: a second click, or a retry after a lost response, cannot create
    /// a second event.
    pub key: String,
    /// Stands in for the id and the time that the server will give.
    pub id: EventId,
    pub at: Timestamp,
    /// Why there is no event; `None` while the call runs.
    pub failure: Option<Failure>,
}

impl Creation {
    /// The event as it will be, but for what the server adds.
    pub fn provisional(&self) -> Arc<Event> {
        Arc::new(Event { id: self.id, content: self.content.clone(), created_at: self.at })
    }

    pub fn is_under_way(&self) -> bool {
        self.failure.is_none()
    }
}
