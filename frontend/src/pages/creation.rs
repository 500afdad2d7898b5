//! Creating an event. The agenda shows it at once, and takes it back when the call fails. The draft
//! is kept until the event is known to be created.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::{FailedCall, failure_notice};
use crate::creation::Creation;
use crate::dom::{El, Parent, View, el, view};
use crate::draft::{Draft, FieldErrors};
use crate::navigation::Navigation;
use crate::routes::{AgendaQuery, Route};
use crate::session::Session;
use crate::span::Span;
use crate::{api, browser, locale};

/// Where the browser keeps the draft.
pub const DRAFT: &str = "draft";

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
pub fn creation_notice() -> View {
    let session = Session::of_app();
    let navigation = Navigation::of_app();
    let retry = Callback::new(move |()| {
        if let Some(creation) = untrack(|| session.creation()) {
            browser::focus("heading");
            send(session, navigation, Creation { failure: None, ..creation });
        }
    });
    let notice = move |creation: Creation| {
        let failure = creation.failure?;
        let what = ["“", creation.content.name.as_str(), "” was not created."].concat();
        let errors = FieldErrors::from_entries(&failure.errors).sentences();
        let stored = failure.stored;
        let failed = FailedCall { failure, retrying: false };
        Some(
            el("section")
                .class("rollback")
                .attr("aria-label", "Not created")
                .child(
                    el("p")
                        .attr("dir", "auto")
                        .child(el("strong").child(&*what))
                        .child(" Your draft is kept."),
                )
                .child(failure_notice(move || Some(failed.clone()), retry))
                .children(errors.iter().map(|line| el("p").child(&**line)))
                .child(stored.map(saved_earlier))
                .child(
                    el("a")
                        .class("button")
                        .attr("href", &Route::NewEvent.to_string())
                        .child("Back to the form"),
                ),
        )
    };
    view().part(move || session.creation(), move |creation| creation.and_then(notice))
}

/// The key of a draft made an event before the draft was changed.
pub fn saved_earlier(id: domain::EventId) -> El {
    let link = el("a").attr("href", &Route::event(id).to_string()).child("Open the saved event");
    el("p").child("An earlier version was already saved. ").child(link)
}
