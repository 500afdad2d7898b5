use std::sync::Arc;

use domain::{Event, EventId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::deletion::Deletion;
use crate::api::{self, Failure, Kind};
use crate::browser;
use crate::components::{BackLink, EventDetails, EventSkeleton, FailureNotice, PageHeading};
use crate::navigation::Navigation;
use crate::routes::Route;
use crate::session::Session;

/// What is known of the event that the address names.
#[derive(Clone)]
enum Found {
    Loading,
    Event(Arc<Event>),
    Missing,
    /// By this tab.
    Deleted,
    Failed {
        failure: Failure,
        retrying: bool,
    },
}

impl Found {
    fn from_answer(answer: Result<Arc<Event>, Failure>) -> Self {
        match answer {
            Ok(event) => Self::Event(event),
            Err(failure) if failure.kind == Kind::NotFound => Self::Missing,
            Err(failure) => Self::Failed { failure, retrying: false },
        }
    }

    fn heading(&self) -> String {
        match self {
            Self::Loading => "Loading…".to_owned(),
            Self::Event(event) => event.content.name.to_string(),
            Self::Missing => "This event is not here".to_owned(),
            Self::Deleted => "This event was deleted".to_owned(),
            Self::Failed { .. } => "Event".to_owned(),
        }
    }
}

/// `/events/{id}`: all of one event.
#[component]
pub fn EventPage(id: Option<EventId>) -> impl IntoView {
    let session = Session::of_app();
    let navigation = Navigation::of_app();
    let found = RwSignal::new(at_once(session, id));

    let load = Callback::new(move |id: EventId| {
        spawn_local(async move {
            let answer = api::get_event(id).await;
            // The reader may have left the page, and its signals with it.
            found.try_set(Found::from_answer(answer));
        });
    });
    if let (Found::Loading, Some(id)) = (found.get_untracked(), id) {
        load.run(id);
    }
    let retry = Callback::new(move |()| {
        let mut found = found.write();
        if let (Found::Failed { retrying: retrying @ false, .. }, Some(id)) = (&mut *found, id) {
            *retrying = true;
            load.run(id);
        }
    });

    let deletion = Deletion::new(move |event| {
        session.announce(Route::Agenda, format!("“{}” was deleted.", event.content.name));
        navigation.replace(Route::Agenda);
    });
    let ask = deletion.ask();

    view! {
        <BackLink />
        <article class="event-page">
            <PageHeading text=Signal::derive(move || found.with(Found::heading)) />
            {move || body(found.get(), retry, ask)}
        </article>
        {deletion.dialog()}
    }
}

/// What is known without asking.
fn at_once(session: Session, id: Option<EventId>) -> Found {
    match id {
        Some(id) if session.is_deleted(id) => Found::Deleted,
        Some(id) => session.recent(id).map_or(Found::Loading, Found::Event),
        None => Found::Missing,
    }
}

fn body(found: Found, on_retry: Callback<()>, ask: Callback<Arc<Event>>) -> AnyView {
    match found {
        Found::Loading => view! { <EventSkeleton /> }.into_any(),
        Found::Event(event) => {
            let address = browser::address(&Route::event(event.id).to_string());
            view! { <EventDetails event address on_delete=ask /> }.into_any()
        }
        Found::Missing => {
            view! { <Gone why="It was deleted, or the address is not quite right." /> }.into_any()
        }
        Found::Deleted => view! { <Gone why="It is gone for everybody." /> }.into_any(),
        Found::Failed { failure, retrying } => {
            view! { <FailureNotice failure on_retry retrying /> }.into_any()
        }
    }
}

#[component]
fn Gone(why: &'static str) -> impl IntoView {
    view! {
        <p class="lead">{why}</p>
        <a class="button" href=Route::Agenda.to_string()>
            "Go to the agenda"
        </a>
    }
}
