use std::sync::Arc;

use domain::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::deletion::Deletion;
use crate::components::{AgendaList, AgendaSkeleton, FailureNotice, HEADING, PageHeading, link_id};
use crate::listing::{Listing, Rest};
use crate::routes::Route;
use crate::session::Session;
use crate::{agenda, api, browser};

/// `/`: all events by date.
#[component]
pub fn AgendaPage() -> impl IntoView {
    let session = Session::of_app();
    let listing = RwSignal::new(Listing::default());
    let events =
        move |listing: &Listing| session.apply_changes(&listing.events, listing.is_complete());

    let load = Callback::new(move |()| {
        let Some(Some(from)) = listing.try_update(Listing::start) else { return };
        spawn_local(async move {
            let result = api::list_events(from.as_ref()).await;
            // The reader may have left the page, and its signals with it.
            if let Some(Some(first)) = listing.try_update(|listing| listing.finish(result)) {
                browser::focus_soon(link_id(first));
            }
        });
    });
    load.run(());

    let deletion = Deletion::new(move |event| {
        let neighbour = agenda::neighbour(&events(&listing.read_untracked()), event.id);
        browser::focus_soon(neighbour.map_or_else(|| HEADING.to_owned(), link_id));
        session.announce(Route::Agenda, format!("“{}” was deleted.", event.content.name));
    });
    let ask = deletion.ask();

    view! {
        <div class="page-head">
            <PageHeading text="Agenda".to_owned() />
            <p class="lead" role="status">
                {move || {
                    let listing = listing.read();
                    listing.status(events(&listing).len())
                }}
            </p>
        </div>
        {move || {
            let listing = listing.read();
            body(&listing, &events(&listing), load, ask)
        }}
        {deletion.dialog()}
    }
}

fn body(
    listing: &Listing,
    events: &[Arc<Event>],
    load: Callback<()>,
    ask: Callback<Arc<Event>>,
) -> impl IntoView + use<> {
    let Listing { rest, loading, failure, .. } = listing;
    let loading = *loading;
    let waits = *rest == Rest::All && failure.is_none();
    let has_more = matches!(rest, Rest::From(_)) && failure.is_none();
    let failure = failure.clone();
    view! {
        {waits.then(|| view! { <AgendaSkeleton /> })}
        {(listing.is_complete() && events.is_empty()).then(|| view! { <Empty /> })}
        <AgendaList agenda=agenda::group(events) on_delete=ask />
        {failure.map(|failure| view! { <FailureNotice failure on_retry=load retrying=loading /> })}
        {has_more
            .then(|| {
                view! {
                    <button
                        class="button more"
                        type="button"
                        aria-disabled=loading.then_some("true")
                        on:click=move |_| load.run(())
                    >
                        {if loading { "Loading…" } else { "Show more events" }}
                    </button>
                }
            })}
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
                <path class="rule" d="M10 36h76" />
                <path class="ring" d="M30 10v14M66 10v14" />
            </svg>
            <p class="empty-title">"Nothing planned yet"</p>
            <p>"Create the first event, and it stands here for everybody."</p>
            <a class="button primary" href=Route::NewEvent.to_string()>
                "Create an event"
            </a>
        </div>
    }
}
