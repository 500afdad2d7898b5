use std::sync::Arc;

use domain::{Event, EventId, ics};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::deletion::Deletion;
use super::failed_call::{FailedCall, FailedCallNotice};
use super::open_page;
use crate::api::{self, Failure, Kind};
use crate::components::{
    AddToCalendar, BackLink, CopyLink, EventDetails, EventSkeleton, LINK_FIELD, PageHeading,
};
use crate::navigation::Navigation;
use crate::routes::Route;
use crate::session::Session;
use crate::{APP_NAME, browser};

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
#[component]
pub fn EventPage(id: Option<EventId>) -> impl IntoView {
    let session = Session::of_app();
    let navigation = Navigation::of_app();
    let found = RwSignal::new(at_once(session, id));
    let title = Signal::derive(move || found.with(Found::heading));
    open_page(title);

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
        session.announce_deleted(Route::Agenda, &event);
        navigation.replace(Route::Agenda);
    });
    let failed = Signal::derive(move || match found.get() {
        Found::Failed(failed) => Some(failed),
        _ => None,
    });
    // A call that is made again changes nothing of it.
    let body = Memo::new(move |_| match found.get() {
        Found::Failed(_) => None,
        found => Some(found),
    });
    let view_of = move |found| view! { <Body found on_delete=deletion.ask()/> }.into_any();
    view! {
        <BackLink/>
        <article class="event-page">
            <PageHeading text=title/>
            {move || body.get().map(view_of)}
            <FailedCallNotice failed on_retry=retry/>
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

#[component]
fn Body(found: Found, on_delete: Callback<Arc<Event>>) -> AnyView {
    match found {
        Found::Event(event) => view! { <WholeEvent event on_delete/> }.into_any(),
        Found::Missing => {
            view! { <Gone why="It was deleted, or the address is wrong."/> }.into_any()
        }
        Found::Deleted => view! { <Gone why="It was deleted for everyone."/> }.into_any(),
        Found::Loading | Found::Failed(_) => view! { <EventSkeleton/> }.into_any(),
    }
}

#[component]
fn WholeEvent(event: Arc<Event>, on_delete: Callback<Arc<Event>>) -> impl IntoView {
    let address = browser::address(&Route::event(event.id).to_string());
    let is_copied = RwSignal::new(None);
    let on_copy = {
        let address = address.clone();
        Callback::new(move |()| {
            let address = address.clone();
            spawn_local(async move {
                let copied = browser::copy(&address).await;
                is_copied.try_set(Some(copied));
                if !copied {
                    browser::select_soon(LINK_FIELD);
                }
            });
        })
    };
    let calendars = calendars(&event, &address);
    let deleted = Arc::clone(&event);
    view! {
        <EventDetails event calendars>
            <CopyLink address is_copied=is_copied.into() on_copy/>
            <button class="button" type="button" on:click=move |_| on_delete.run(Arc::clone(&deleted))>
                "Delete event"
            </button>
        </EventDetails>
    }
}

/// Ways to the reader's own calendar; none for an event without a date.
fn calendars(event: &Event, address: &str) -> AnyView {
    let file = ics::file(event, address, APP_NAME);
    let section = file.map(|file| {
        let file = browser::address_of_text(file, "text/calendar;charset=utf-8");
        let made = file.clone();
        on_cleanup(move || browser::revoke(&made.unwrap_or_default()));
        let name = event.content.name.to_string();
        view! { <AddToCalendar name file links=ics::links(event)/> }
    });
    section.into_any()
}

#[component]
fn Gone(why: &'static str) -> impl IntoView {
    view! {
        <p class="lead">{why}</p>
        <a class="button" href=Route::Agenda.to_string()>"Go to the agenda"</a>
    }
}
