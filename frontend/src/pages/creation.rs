//! Creating an event: the agenda shows it at once, and takes it back when it fails. The draft is kept until it is
//! known to be created.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::FailureNotice;
use crate::creation::Creation;
use crate::draft::{Draft, Mistakes};
use crate::navigation::Navigation;
use crate::routes::{AgendaQuery, Route};
use crate::session::Session;
use crate::span::Span;
use crate::{api, browser, locale};

/// Where the browser keeps the draft.
const DRAFT: &str = "draft";

pub fn stored_draft() -> Option<(Draft, String)> {
    Draft::from_stored(&browser::kept(DRAFT)?)
}

pub fn store_draft(draft: &Draft, key: &str) {
    if draft.is_blank() {
        forget_draft(key);
    } else {
        browser::keep(DRAFT, &draft.to_stored(key));
    }
}

/// Forgets the draft of a key; another one stays.
pub fn forget_draft(key: &str) {
    if stored_draft().is_none_or(|(_, stored)| stored == key) {
        browser::forget(DRAFT);
    }
}

/// Opens the agenda with the event in its place, and sends it.
pub fn create(session: Session, navigation: Navigation, creation: Creation) {
    let date = creation.content.when.map(|when| when.date);
    let span = Span::of(date, locale::today());
    send(session, navigation, creation);
    navigation.replace_path(&AgendaQuery::of(span).to_string());
}

fn send(session: Session, navigation: Navigation, creation: Creation) {
    session.creating(creation.clone());
    spawn_local(async move {
        let Creation { draft, content, key, .. } = creation;
        let here = move || untrack(|| navigation.route());
        match api::create_event(&content, &key).await {
            Ok(event) => {
                forget_draft(&key);
                session.created(&event);
                session.announce(here(), format!("“{}” was created.", content.name));
            }
            Err(failure) => {
                if stored_draft().is_none() {
                    store_draft(&draft, &key);
                }
                session.not_created(failure);
                if here() != Route::Agenda {
                    session.announce(here(), format!("“{}” was not created.", content.name));
                }
            }
        }
    });
}

/// Why an event that stood in the list does so no longer, and the ways on.
#[component]
pub fn CreationNotice() -> impl IntoView {
    let session = Session::of_app();
    let navigation = Navigation::of_app();
    let retry = Callback::new(move |()| {
        if let Some(creation) = untrack(|| session.creation()) {
            browser::focus("heading");
            send(session, navigation, Creation { failure: None, ..creation });
        }
    });
    move || {
        let creation = session.creation()?;
        let failure = creation.failure?;
        let name = creation.content.name;
        let stored = failure.stored;
        let mistakes = Mistakes::from_entries(&failure.errors).sentences();
        Some(view! {
            <section class="rollback" aria-label="Not created">
                <p dir="auto">
                    <strong>{format!("“{name}” was not created.")}</strong>
                    " What you wrote is kept."
                </p>
                <FailureNotice failure on_retry=retry retrying=false />
                {mistakes.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
                {stored.map(|id| view! { <SavedEarlier id /> })}
                <a class="button" href=Route::NewEvent.to_string()>
                    "Back to the form"
                </a>
            </section>
        })
    }
}

/// The key of a draft made an event before the draft was changed.
#[component]
pub fn SavedEarlier(id: domain::EventId) -> impl IntoView {
    view! {
        <p>
            "An earlier version of it was saved already. "
            <a href=Route::event(id).to_string()>"Open the saved event"</a>
        </p>
    }
}
