//! Deleting an event, as the agenda and the page of an event do it.

use std::sync::Arc;

use domain::{Event, EventId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::failed_call::{FailedCall, FailedCallNotice};
use crate::api::{self, Failure};
use crate::components::DeleteDialog;
use crate::foreign::isolated;
use crate::navigation::Navigation;
use crate::routes::Route;
use crate::session::Session;
use crate::sign_in::SignIn;
use crate::way_back::Then;

/// The event that is about to be deleted, and the state of its deletion.
#[derive(Clone)]
struct PendingDeletion {
    event: Arc<Event>,
    deleting: bool,
    failure: Option<Failure>,
}

impl PendingDeletion {
    fn then(&self) -> Then {
        Then::Delete(self.event.id, self.event.content.name.to_string())
    }
}

#[derive(Clone, Copy)]
pub struct Deletion {
    session: Session,
    sign_in: SignIn,
    navigation: Navigation,
    pending: RwSignal<Option<PendingDeletion>>,
    on_deleted: Callback<Arc<Event>>,
}

impl Deletion {
    /// `on_deleted` runs when the event is gone, and before the list shows it.
    pub fn new(on_deleted: impl Fn(Arc<Event>) + Send + Sync + 'static) -> Self {
        Self {
            session: Session::of_app(),
            sign_in: SignIn::of_app(),
            navigation: Navigation::of_app(),
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
        let asked =
            self.pending.with_untracked(|pending| pending.as_ref().map(PendingDeletion::then));
        if asked.is_some_and(|then| self.sign_in.first(then)) {
            self.pending.set(None);
            return;
        }
        let Some(event) = self.start() else { return };
        spawn_local(async move {
            let result = api::delete_event(event.id).await;
            // The dialog may be closed by now, or ask about another event; and the reader may have
            // left the page, and its signals with it.
            let is_shown = self.pending.try_update(|pending| take_if_of(pending, event.id));
            let is_shown = is_shown.unwrap_or_default();
            match result {
                Ok(()) => {
                    self.on_deleted.try_run(Arc::clone(&event));
                    self.session.deleted(event.id);
                }
                Err(failure) if is_shown => {
                    let failure = Some(failure);
                    self.pending.try_set(Some(PendingDeletion { event, deleting: false, failure }));
                }
                Err(failure) => {
                    let name = event.content.name.as_str();
                    let here = untrack(|| self.navigation.route());
                    self.session.announce(here, not_deleted(name, &failure));
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

    pub fn dialog(self) -> impl IntoView {
        let pending = self.pending;
        let on_confirm = Callback::new(move |()| self.confirm());
        // A deletion that is under way goes on.
        let on_close = Callback::new(move |()| {
            if pending.with_untracked(Option::is_some) {
                pending.set(None);
            }
        });
        let failure = move || pending.read().as_ref()?.failure.clone();
        let is_deleting = move || pending.read().as_ref().is_some_and(|pending| pending.deleting);
        let call = FailedCall::new(failure, is_deleting);
        let sign_in = self.sign_in;
        let needs_sign_in = Memo::new(move |_| sign_in.is_missing());
        let event = Memo::new(move |_| Some(Arc::clone(&pending.read().as_ref()?.event)));
        view! {
            <DeleteDialog event is_deleting=call.is_retrying needs_sign_in on_confirm on_close>
                <FailedCallNotice call on_retry=on_confirm/>
            </DeleteDialog>
        }
    }
}

/// Ends the question about an event. Returns whether it was there.
fn take_if_of(pending: &mut Option<PendingDeletion>, id: EventId) -> bool {
    pending.take_if(|pending| pending.deleting && pending.event.id == id).is_some()
}

fn not_deleted(name: &str, failure: &Failure) -> String {
    format!("“{}” was not deleted. {}.", isolated(name), failure.title)
}

/// After a sign-in: the reader has confirmed it before.
pub async fn resume(session: Session, navigation: Navigation, id: EventId, name: &str) {
    let result = api::delete_event(id).await;
    let here = || untrack(|| navigation.route());
    match result {
        Ok(()) => {
            session.deleted(id);
            if here() == Route::event(id) {
                navigation.replace(Route::Agenda);
            }
            session.announce(here(), format!("“{}” was deleted.", isolated(name)));
        }
        Err(failure) => session.announce(here(), not_deleted(name, &failure)),
    }
}
