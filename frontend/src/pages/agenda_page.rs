use std::sync::Arc;

use domain::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::deletion::Deletion;
use crate::api::{self, Failure, NextPage};
use crate::components::{AgendaList, AgendaSkeleton, FailureNotice, PageHeading, link_id};
use crate::session::Session;
use crate::{agenda, browser, routes, wording};

/// How much of the list is here.
#[derive(Clone, PartialEq, Eq)]
enum Rest {
    /// Nothing came yet.
    All,
    /// More follows.
    From(NextPage),
    Nothing,
}

/// `/`: all events by date.
#[component]
pub fn AgendaPage() -> impl IntoView {
    let session = Session::of_app();
    let loaded = RwSignal::new(Vec::<Arc<Event>>::new());
    let rest = RwSignal::new(Rest::All);
    let loading = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);

    let is_complete = move || *rest.read() == Rest::Nothing;
    let events = Memo::new(move |_| session.apply_changes(&loaded.read(), is_complete()));

    let load = move || {
        let next = match rest.get_untracked() {
            Rest::All => None,
            Rest::From(next) => Some(next),
            Rest::Nothing => return,
        };
        loading.set(true);
        spawn_local(async move {
            let result = api::list_events(next.as_ref()).await;
            // The reader may have left the page, and its signals with it.
            loading.try_set(false);
            match result {
                Ok(page) => {
                    let first = page.events.first().map(|event| event.id);
                    loaded.try_update(|loaded| loaded.extend(page.events));
                    rest.try_set(page.next.map_or(Rest::Nothing, Rest::From));
                    failure.try_set(None);
                    if let (Some(_), Some(first)) = (next, first) {
                        browser::focus_soon(link_id(first));
                    }
                }
                Err(why) => drop(failure.try_set(Some(why))),
            }
        });
    };
    load();

    let deletion = Deletion::new(move |event| {
        let neighbour = agenda::neighbour(&events.read_untracked(), event.id);
        browser::focus_soon(neighbour.map_or_else(|| "heading".to_owned(), link_id));
        session.announce(routes::AGENDA, format!("“{}” was deleted.", event.content.name));
    });

    let status = move || match (&*rest.read(), loading.get()) {
        (Rest::All, true) => "Loading events…".to_owned(),
        (Rest::All, false) => String::new(),
        (_, _) if events.read().is_empty() => "No events".to_owned(),
        _ => wording::count(events.read().len(), is_complete()),
    };
    let is_empty = Memo::new(move |_| is_complete() && events.read().is_empty());
    let is_waiting = Memo::new(move |_| *rest.read() == Rest::All && failure.read().is_none());
    let has_more = Memo::new(move |_| matches!(*rest.read(), Rest::From(_)));

    view! {
        <div class="page-head">
            <PageHeading text="Agenda".to_owned() />
            <p class="lead" role="status">
                {status}
            </p>
        </div>
        {move || is_waiting.get().then(|| view! { <AgendaSkeleton /> })}
        {move || is_empty.get().then(|| view! { <Empty /> })}
        <AgendaList events on_delete=Callback::new(move |event| deletion.ask(event)) />
        {move || {
            failure
                .get()
                .map(|failure| {
                    view! {
                        <FailureNotice
                            failure
                            on_retry=Callback::new(move |()| load())
                            retrying=loading
                        />
                    }
                })
        }}
        {move || {
            (has_more.get() && failure.read().is_none())
                .then(|| {
                    view! {
                        <button
                            class="button more"
                            type="button"
                            aria-disabled=move || loading.get().then_some("true")
                            on:click=move |_| {
                                if !loading.get_untracked() {
                                    load();
                                }
                            }
                        >
                            {move || if loading.get() { "Loading…" } else { "Show more events" }}
                        </button>
                    }
                })
        }}
        {deletion.dialog()}
    }
}

/// An invitation where the list would be.
#[component]
fn Empty() -> impl IntoView {
    view! {
        <div class="empty">
            <svg viewBox="0 0 96 96" aria-hidden="true">
                <path class="leaf" d="M16 18h64a6 6 0 0 1 6 6v38L62 86H16a6 6 0 0 1-6-6V24a6 6 0 0 1 6-6Z" />
                <path class="fold" d="M86 62H68a6 6 0 0 0-6 6v18Z" />
                <path class="rule" d="M30 10v16M66 10v16M10 36h76" />
            </svg>
            <p class="empty-title">"Nothing planned yet"</p>
            <p>"Create the first event, and it stands here for everybody."</p>
            <a class="button primary" href=routes::NEW_EVENT>
                "Create an event"
            </a>
        </div>
    }
}
