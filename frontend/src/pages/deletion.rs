//! Deleting an event, as the agenda and the page of an event do it.

use std::sync::Arc;

use domain::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, Failure};
use crate::components::DeleteDialog;
use crate::session::Session;

#[derive(Clone, Copy)]
pub struct Deletion {
    session: Session,
    asked: RwSignal<Option<Arc<Event>>>,
    deleting: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
    on_deleted: Callback<Arc<Event>>,
}

impl Deletion {
    /// `on_deleted` runs when the event is gone.
    pub fn new(on_deleted: impl Fn(Arc<Event>) + Send + Sync + 'static) -> Self {
        Self {
            session: Session::of_app(),
            asked: RwSignal::new(None),
            deleting: RwSignal::new(false),
            failure: RwSignal::new(None),
            on_deleted: Callback::new(on_deleted),
        }
    }

    pub fn ask(self, event: Arc<Event>) {
        self.failure.set(None);
        self.asked.set(Some(event));
    }

    fn close(self) {
        if self.asked.read_untracked().is_some() {
            self.asked.set(None);
        }
    }

    fn confirm(self) {
        let Some(event) = self.asked.get_untracked() else { return };
        self.deleting.set(true);
        spawn_local(async move {
            let result = api::delete_event(event.id).await;
            // The reader may have left the page, and its signals with it.
            self.deleting.try_set(false);
            match result {
                Ok(()) => {
                    self.asked.try_set(None);
                    self.on_deleted.try_run(Arc::clone(&event));
                    self.session.deleted(event.id);
                }
                Err(failure) => drop(self.failure.try_set(Some(failure))),
            }
        });
    }

    pub fn dialog(self) -> impl IntoView {
        view! {
            <DeleteDialog
                event=self.asked
                deleting=self.deleting
                failure=self.failure
                on_confirm=Callback::new(move |()| self.confirm())
                on_close=Callback::new(move |()| self.close())
            />
        }
    }
}
