use std::sync::Arc;

use domain::{Event, EventId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::deletion::Deletion;
use crate::api::{self, Failure, Kind};
use crate::browser;
use crate::components::{
    FailedCall, back_link, event_details, event_skeleton, failure_notice, page_heading,
};
use crate::dom::{Parent, View, el, view};
use crate::navigation::Navigation;
use crate::routes::Route;
use crate::session::Session;

/// What is known of the event that the address names.
#[derive(Clone, PartialEq)]
enum Found {
    Loading,
    Event(Arc<Event>),
    Missing,
    /// By this tab.
    Deleted,
    Failed(FailedCall),
}

impl Found {
    fn from_response(response: Result<Arc<Event>, Failure>) -> Self {
        match response {
            Ok(event) => Self::Event(event),
            Err(failure) if failure.kind == Kind::NotFound => Self::Missing,
            Err(failure) => Self::Failed(FailedCall { failure, retrying: false }),
        }
    }

    fn without_failure(self) -> Option<Self> {
        (!matches!(self, Self::Failed(_))).then_some(self)
    }

    fn heading(&self) -> String {
        match self {
            Self::Loading => "Loading…".to_owned(),
            Self::Event(event) => event.content.name.to_string(),
            Self::Missing => "Event not found".to_owned(),
            Self::Deleted => "Event deleted".to_owned(),
            Self::Failed(_) => "Event".to_owned(),
        }
    }
}

/// `/events/{id}`: all of one event.
pub fn event(id: Option<EventId>) -> View {
    let session = Session::of_app();
    let navigation = Navigation::of_app();
    let found = RwSignal::new(at_once(session, id));

    let load = Callback::new(move |id: EventId| {
        spawn_local(async move {
            let response = api::get_event(id).await;
            // The reader may have left the page, and its signals with it.
            found.try_set(Found::from_response(response));
        });
    });
    if let (Found::Loading, Some(id)) = (found.get_untracked(), id) {
        load.run(id);
    }
    let retry = Callback::new(move |()| {
        let mut found = found.write();
        if let (Found::Failed(failed), Some(id)) = (&mut *found, id)
            && !std::mem::replace(&mut failed.retrying, true)
        {
            load.run(id);
        }
    });

    let deletion = Deletion::new(move |event| {
        session.announce(Route::Agenda, format!("“{}” was deleted.", event.content.name));
        navigation.replace(Route::Agenda);
    });
    let ask = deletion.ask();

    let failed = move || match found.get() {
        Found::Failed(failed) => Some(failed),
        _ => None,
    };
    let article = el("article")
        .class("event-page")
        .child(page_heading(move || found.with(Found::heading)))
        .part(move || found.get().without_failure(), move |found| body(found, ask))
        .child(failure_notice(failed, retry));
    view().child(back_link()).child(article).child(deletion.dialog())
}

/// What is known without asking.
fn at_once(session: Session, id: Option<EventId>) -> Found {
    match id {
        Some(id) if session.is_deleted(id) => Found::Deleted,
        Some(id) => session.recent(id).map_or(Found::Loading, Found::Event),
        None => Found::Missing,
    }
}

fn body(found: Option<Found>, ask: Callback<Arc<Event>>) -> Option<View> {
    Some(match found? {
        Found::Loading => view().child(event_skeleton()),
        Found::Event(event) => {
            let address = browser::address(&Route::event(event.id).to_string());
            event_details(event, address, ask)
        }
        Found::Missing => gone("It was deleted, or the address is wrong."),
        Found::Deleted => gone("It was deleted for everyone."),
        Found::Failed(_) => return None,
    })
}

fn gone(why: &str) -> View {
    let agenda = el("a").class("button").attr("href", &Route::Agenda.to_string());
    view().child(el("p").class("lead").child(why)).child(agenda.child("Go to the agenda"))
}
