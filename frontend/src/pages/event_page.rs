use std::sync::Arc;

use domain::{Event, EventId, ics};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::copying::Copying;
use super::creation;
use super::deletion::Deletion;
use super::failed_call::{FailedCall, FailedCallNotice};
use super::open_page;
use crate::api::{self, Failure, Kind};
use crate::components::{
    AddToCalendar, BackLink, CopyTexts, EventDetails, EventSkeleton, PageHeading, Part,
};
use crate::navigation::Navigation;
use crate::routes::Route;
use crate::session::Session;
use crate::sign_in::SignIn;
use crate::way_back::Then;
use crate::{APP_NAME, browser};

/// What is known of the event that the address names.
#[derive(Clone, PartialEq)]
enum Found {
    Loading,
    Event(Arc<Event>),
    Missing,
    /// By this tab.
    Deleted,
}

impl Found {
    fn heading(&self) -> String {
        match self {
            Self::Loading => "Loading…".to_owned(),
            Self::Event(event) => event.content.name.to_string(),
            Self::Missing => "Event not found".to_owned(),
            Self::Deleted => "Event deleted".to_owned(),
        }
    }
}

/// The event, and the call that asks for it.
#[derive(Clone, Copy)]
struct Loading {
    found: RwSignal<Found>,
    failure: RwSignal<Option<Failure>>,
    is_under_way: RwSignal<bool>,
}

impl Loading {
    fn start(session: Session, id: Option<EventId>) -> Self {
        let found = at_once(session, id);
        let is_missing = found == Found::Loading;
        let loading = Self {
            found: RwSignal::new(found),
            failure: RwSignal::new(None),
            is_under_way: RwSignal::new(false),
        };
        if let Some(id) = id.filter(|_| is_missing) {
            loading.load(id);
        }
        loading
    }

    fn load(self, id: EventId) {
        if self.is_under_way.get_untracked() {
            return;
        }
        self.is_under_way.set(true);
        spawn_local(async move {
            let response = api::get_event(id).await;
            // The reader may have left the page, and its signals with it.
            self.is_under_way.try_set(false);
            match response {
                Ok(event) => self.take(Found::Event(event)),
                Err(failure) if failure.kind == Kind::NotFound => self.take(Found::Missing),
                Err(failure) => drop(self.failure.try_set(Some(failure))),
            }
        });
    }

    fn take(self, found: Found) {
        self.failure.try_set(None);
        self.found.try_set(found);
    }
}

const LINK: CopyTexts = CopyTexts {
    label: "Link to this event",
    action: "Copy link",
    copied: "Link copied",
    failed: "Copy the link from the field",
};

/// `/events/{id}`: all of one event.
#[component]
pub fn EventPage(id: Option<EventId>) -> impl IntoView {
    let session = Session::of_app();
    let navigation = Navigation::of_app();
    let sign_in = SignIn::of_app();
    let loading = Loading::start(session, id);
    let call = FailedCall::new(move || loading.failure.get(), move || loading.is_under_way.get());
    let has_failed = Memo::new(move |_| loading.failure.read().is_some());
    let title = Memo::new(move |_| {
        if has_failed.get() { "Event".to_owned() } else { loading.found.with(Found::heading) }
    });
    open_page(title);
    let on_retry = Callback::new(move |()| {
        if let Some(id) = id.filter(|_| !sign_in.first(Then::Nothing)) {
            loading.load(id);
        }
    });
    let deletion = Deletion::new(move |event| {
        session.announce_deleted(Route::Agenda, &event);
        navigation.replace(Route::Agenda);
    });
    let body = move || {
        let is_shown = !has_failed.get();
        let view = move |found| view! { <Body found on_delete=deletion.ask()/> }.into_any();
        is_shown.then(|| view(loading.found.get()))
    };
    view! {
        <BackLink/>
        <article class="event-page">
            <PageHeading text=title/>
            <Part view=body/>
            <FailedCallNotice call on_retry/>
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
        Found::Loading => view! { <EventSkeleton/> }.into_any(),
    }
}

#[component]
fn WholeEvent(event: Arc<Event>, on_delete: Callback<Arc<Event>>) -> impl IntoView {
    let address = browser::address(&Route::event(event.id).to_string());
    let calendars = calendars(&event, &address);
    let (session, navigation) = (Session::of_app(), Navigation::of_app());
    let (copied, deleted) = (Arc::clone(&event), Arc::clone(&event));
    view! {
        <EventDetails event calendars>
            <Copying address texts=&LINK/>
            <button
                class="button"
                type="button"
                on:click=move |_| creation::duplicate(session, navigation, &copied)
            >
                "Duplicate event"
            </button>
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
        let links = ics::links(event, address, browser::boundary);
        view! { <AddToCalendar name file links/> }
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
