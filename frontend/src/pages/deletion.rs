//! Deleting an event, as the agenda and the page of an event do it.

use std::sync::Arc;

use domain::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::components::{PendingDeletion, delete_dialog};
use crate::dom::El;
use crate::session::Session;

#[derive(Clone, Copy)]
pub struct Deletion {
    session: Session,
    pending: RwSignal<Option<PendingDeletion>>,
    on_deleted: Callback<Arc<Event>>,
}

impl Deletion {
    /// `on_deleted` runs when the event is gone, and before the list shows it.
    pub fn new(on_deleted: impl Fn(Arc<Event>) + Send + Sync + 'static) -> Self {
        Self {
            session: Session::of_app(),
            pending: RwSignal::new(None),
            on_deleted: Callback::new(on_deleted),
        }
    }

    /// What asks for a deletion runs this: nothing is deleted without a question.
    pub fn ask(self) -> Callback<Arc<Event>> {
        Callback::new(move |event| {
            self.pending.set(Some(PendingDeletion { event, deleting: false, failure: None }));
        })
    }

    fn confirm(self) {
        let Some(event) = self.start() else { return };
        spawn_local(async move {
            let result = api::delete_event(event.id).await;
            // The reader may have left the page, and its signals with it.
            match result {
                Ok(()) => {
                    self.pending.try_set(None);
                    self.on_deleted.try_run(Arc::clone(&event));
                    self.session.deleted(event.id);
                }
                Err(failure) => {
                    let failure = Some(failure);
                    self.pending.try_set(Some(PendingDeletion { event, deleting: false, failure }));
                }
            }
        });
    }

    fn start(self) -> Option<Arc<Event>> {
        let mut pending = self.pending.write();
        let pending = pending.as_mut().filter(|pending| !pending.deleting)?;
        pending.deleting = true;
        Some(Arc::clone(&pending.event))
    }

    fn close(self) {
        if self.pending.read_untracked().as_ref().is_some_and(|pending| !pending.deleting) {
            self.pending.set(None);
        }
    }

    pub fn dialog(self) -> El {
        let on_confirm = Callback::new(move |()| self.confirm());
        let on_close = Callback::new(move |()| self.close());
        delete_dialog(self.pending, on_confirm, on_close)
    }
}
