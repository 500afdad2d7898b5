//! Creating an event. The agenda shows it at once, and takes it back when the call fails. The draft
//! is kept until the event is known to be created.

use domain::{Event, EventContent, EventId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::failed_call::{FailedCall, FailedCallNotice};
use crate::components::{HEADING, Part};
use crate::creation::Creation;
use crate::draft::{Draft, FieldErrors};
use crate::foreign::isolated;
use crate::navigation::Navigation;
use crate::routes::{AgendaQuery, Route};
use crate::session::Session;
use crate::sign_in::SignIn;
use crate::span::Span;
use crate::way_back::Then;
use crate::{api, browser, drafts, locale};

/// Opens the agenda with the event in its place, and sends it.
pub fn create(session: Session, navigation: Navigation, creation: Creation) {
    let span = Span::of(creation.content.when, locale::moment());
    send(session, navigation, creation);
    navigation.replace_path(&AgendaQuery::of(span).to_string());
}

/// Opens the form with another event like this one, on a day to be chosen.
pub fn duplicate(session: Session, navigation: Navigation, event: &Event) {
    drafts::store(&Draft::like(&event.content), &browser::random_uuid());
    session.copying();
    navigation.push(&Route::NewEvent.to_string());
}

/// After a sign-in. `false` when the draft of this key is gone, or is no event.
pub fn resume(session: Session, navigation: Navigation, key: &str) -> bool {
    let draft = drafts::open().filter(|(_, own)| own == key).map(|(draft, _)| draft);
    let content = draft.as_ref().and_then(|draft| draft.content().ok());
    let creation =
        draft.zip(content).and_then(|(draft, content)| new(draft, content, key.to_owned()));
    let is_there = creation.is_some();
    if let Some(creation) = creation {
        create(session, navigation, creation);
    }
    is_there
}

pub fn new(draft: Draft, content: EventContent, key: String) -> Option<Creation> {
    // Neither fails: a new UUID is a valid id, and the clock's year has four digits.
    let id = browser::random_uuid().parse().ok()?;
    let at = locale::now()?;
    Some(Creation { draft, content, key, id, at, failure: None })
}

fn send(session: Session, navigation: Navigation, creation: Creation) {
    session.creating(creation.clone());
    spawn_local(async move {
        let Creation { draft, content, key, .. } = creation;
        let here = move || untrack(|| navigation.route());
        let name = isolated(content.name.as_str());
        match api::create_event(&content, &key).await {
            Ok(event) => {
                drafts::forget(&key);
                session.created(&event);
                session.announce(here(), format!("“{name}” was created."));
            }
            Err(failure) => {
                drafts::keep_if_gone(&draft, &key);
                session.not_created(failure);
                if here() != Route::Agenda {
                    session.announce(here(), format!("“{name}” was not created."));
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
    let sign_in = SignIn::of_app();
    let retry = Callback::new(move |()| {
        let creation = untrack(|| session.creation());
        // Without a sign-in the same call would fail again.
        let goes = |creation: &Creation| sign_in.first(Then::Create(creation.key.clone()));
        if let Some(creation) = creation.filter(|creation| !goes(creation)) {
            browser::focus(HEADING);
            send(session, navigation, Creation { failure: None, ..creation });
        }
    });
    let creation = Memo::new(move |_| session.creation());
    let notice = move |creation: Creation| {
        let failure = creation.failure?;
        let errors = FieldErrors::from_entries(&failure.errors).sentences();
        let errors = errors.into_iter().map(|line| view! { <p>{line}</p> }).collect_view();
        let stored = failure.stored.map(|id| view! { <SavedEarlier id/> });
        let call = FailedCall::ended(failure);
        let name = isolated(creation.content.name.as_str());
        let section = view! {
            <section class="rollback" aria-label="Not created">
                <p>
                    <strong>{format!("“{name}” was not created.")}</strong>
                    " Your draft is kept."
                </p>
                <FailedCallNotice call on_retry=retry/>
                {errors}
                {stored}
                <a class="button" href=Route::NewEvent.to_string()>"Back to the form"</a>
            </section>
        };
        Some(section.into_any())
    };
    view! { <Part view=move || creation.get().and_then(notice)/> }
}

/// The key of a draft made an event before the draft was changed.
#[component]
pub fn SavedEarlier(id: EventId) -> impl IntoView {
    view! {
        <p>
            "An earlier version was already saved. "
            <a href=Route::event(id).to_string()>"Open the saved event"</a>
        </p>
    }
}
