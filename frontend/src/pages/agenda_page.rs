use std::sync::Arc;
use std::time::Duration;

use domain::{Event, EventId};
use leptos::ev;
use leptos::html::Button;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::creation::CreationNotice;
use super::deletion::Deletion;
use crate::agenda::{self, Hidden};
use crate::api::{self, NextPage};
use crate::browser::Watcher;
use crate::components::{
    AgendaFilters, AgendaList, AgendaSkeleton, AgendaTabs, EmptyAgenda, FailureNotice, HEADING,
    PageHeading, link_id,
};
use crate::filter::{self, Filter};
use crate::listing::{Listing, Rest};
use crate::navigation::Navigation;
use crate::routes::{AgendaQuery, Route};
use crate::saved::{self, Saved};
use crate::session::Session;
use crate::span::Span;
use crate::{browser, locale};

/// The address follows the filter when somebody pauses: browsers take only so many addresses a minute.
const PAUSE: Duration = Duration::from_millis(200);

/// The id of the button that asks for more.
const MORE: &str = "more";

/// `/`: events by date. What of them is in the query of the address, so that a view can be shared and gone back to.
#[component]
pub fn AgendaPage() -> impl IntoView {
    let navigation = Navigation::of_app();
    let first = AgendaQuery::parse(&untrack(|| navigation.query()));
    let span = RwSignal::new(first.span);
    let words = RwSignal::new(first.filter);
    Effect::new(move |_| {
        let query = AgendaQuery::parse(&navigation.query());
        if span.get_untracked() != query.span {
            span.set(query.span);
        }
        if words.with_untracked(|words| *words != query.filter) {
            words.set(query.filter);
        }
    });

    let write = debounce(PAUSE, move |filter| {
        // The reader may be on another page by now.
        if untrack(|| navigation.route()) == Route::Agenda {
            let query = AgendaQuery { span: span.get_untracked(), filter };
            navigation.replace_path(&query.to_string());
        }
    });
    let write = StoredValue::new_local(write);
    let on_filter = Callback::new(move |filter: String| {
        words.set(filter.clone());
        write.update_value(|write| write(filter));
    });
    // When the network returns, the list comes anew: not under a question that somebody is answering.
    let visits = Trigger::new();
    let listener = window_event_listener(ev::online, move |_| {
        if !browser::has_open_dialog() {
            visits.notify();
        }
    });
    on_cleanup(move || listener.remove());
    let range = Signal::derive(move || match span.get() {
        Span::Between(from, to) => (from, to),
        _ => (None, None),
    });
    let on_range = Callback::new(move |range| {
        let span = match range {
            (None, None) => Span::Upcoming,
            (from, to) => Span::Between(from, to),
        };
        navigation.push(&AgendaQuery { span, filter: words.get_untracked() }.to_string());
    });

    view! {
        <PageHeading text="Agenda".to_owned() />
        <AgendaTabs span filter=words />
        <AgendaFilters filter=words on_filter range on_range />
        <CreationNotice />
        {move || {
            visits.track();
            view! { <Events span=span.get() words on_filter /> }
        }}
    }
}

/// The events of one part of the agenda. An answer for another part finds its signals gone.
#[component]
fn Events(span: Span, words: RwSignal<String>, on_filter: Callback<String>) -> impl IntoView {
    let session = Session::of_app();
    let selection = span.selection(locale::today());
    let listing = RwSignal::new(Listing::default());
    let saved = Memo::new(move |_| {
        let is_missing = listing.with(Listing::is_out_of_reach) && span == Span::Upcoming;
        is_missing.then(|| Saved::read(&browser::kept(saved::NAME)?)).flatten()
    });
    let events = Memo::new(move |_| {
        if let Some(saved) = saved.get() {
            return session.apply_changes(&saved.into_events(), true, &selection);
        }
        let listing = listing.read();
        session.apply_changes(&listing.events, listing.is_complete(), &selection)
    });

    let load = Callback::new(move |()| {
        let Some(Some(from)) = listing.try_update(Listing::start) else { return };
        let first = from.is_none();
        spawn_local(async move {
            let page = from.unwrap_or_else(|| NextPage::first(&selection));
            let result = api::list_events(&page).await;
            let asked = browser::has_focus(MORE);
            // The reader may have left the page, and its signals with it.
            let next = listing.try_update(|listing| listing.finish(result)).flatten();
            if span == Span::Upcoming {
                listing.try_with_untracked(keep);
            }
            // Who pressed the button reads on where the new page begins.
            if let Some(next) = next.filter(|_| asked && !first) {
                browser::focus_soon(link_id(next));
            }
        });
    });
    load.run(());

    let texts = Memo::new(move |_| {
        events.with(|events| events.iter().map(|event| filter::text(event)).collect::<Vec<_>>())
    });
    // `None` while no filter is set.
    let shown = Memo::new(move |_| {
        let filter = Filter::new(&words.read());
        let matches =
            |texts: &Vec<String>| texts.iter().map(|text| filter.matches(text)).collect::<Vec<_>>();
        (!filter.is_empty()).then(|| texts.with(matches))
    });
    let count =
        move || shown.with(|shown| Some(shown.as_ref()?.iter().filter(|shown| **shown).count()));
    // Rows are hidden where they are: nothing of a long list is made anew because somebody types.
    Effect::new(move |was_hidden: Option<bool>| {
        let agenda = events.with(|events| agenda::group(events));
        let hidden = shown.with(|shown| shown.as_ref().map(|shown| agenda::hidden(&agenda, shown)));
        let hides = hidden.is_some();
        if hides || was_hidden == Some(true) {
            let hidden = hidden.unwrap_or_else(|| agenda::all_shown(&agenda));
            request_animation_frame(move || hide(&hidden));
        }
        hides
    });

    let deletion = Deletion::new(move |event| {
        let neighbour =
            neighbour(&events.read_untracked(), shown.read_untracked().as_deref(), event.id);
        browser::focus_soon(neighbour.map_or_else(|| HEADING.to_owned(), link_id));
        session.announce(Route::Agenda, format!("“{}” was deleted.", event.content.name));
    });

    let status = move || {
        let listing = listing.read();
        listing.status(events.with(Vec::len), count())
    };
    let waits = move || {
        let listing = listing.read();
        (listing.rest == Rest::All && listing.failure.is_none())
            .then(|| view! { <AgendaSkeleton /> })
    };
    let empty = move || {
        let nothing = events.with(Vec::is_empty) && listing.read().is_complete();
        let filtered = count() == Some(0) && !events.with(Vec::is_empty);
        if filtered {
            let words = words.get();
            return Some(view! { <NoMatch words on_filter /> }.into_any());
        }
        nothing.then(|| view! { <EmptyAgenda span /> }.into_any())
    };
    // Where one looks: above what was saved, and below what has come.
    let failure = move |above: bool| {
        move || {
            let listing = listing.read();
            let retrying = listing.loading;
            let failure = listing.failure.clone().filter(|_| above == (listing.rest == Rest::All));
            failure.map(|failure| view! { <FailureNotice failure on_retry=load retrying /> })
        }
    };
    let age = move || {
        let age = saved.with(|saved| Some(saved.as_ref()?.age(browser::now())))?;
        Some(view! {
            <p class="lead saved">
                "As of " <span lang=locale::language()>{locale::ago(age)}</span>
            </p>
        })
    };
    view! {
        <p class="lead count" role="status">
            {status}
        </p>
        {failure(true)}
        {age}
        {waits}
        {empty}
        <AgendaList
            events
            is_pending=Callback::new(move |id| session.is_pending(id))
            on_delete=deletion.ask()
        />
        {failure(false)}
        <More listing shown load />
        {deletion.dialog()}
    }
}

/// The next page comes by a press, or by itself as one scrolls: not while a filter is set, which may hide all that
/// comes, and not for those who want nothing to move by itself.
#[component]
fn More(
    listing: RwSignal<Listing>,
    shown: Memo<Option<Vec<bool>>>,
    load: Callback<()>,
) -> impl IntoView {
    let button = NodeRef::<Button>::new();
    let watcher = (!browser::prefers_reduced_motion())
        .then(|| {
            Watcher::new(move || {
                if shown.with_untracked(Option::is_none) {
                    load.try_run(());
                }
            })
        })
        .flatten();
    let has_more = Memo::new(move |_| {
        let listing = listing.read();
        matches!(listing.rest, Rest::From(_)) && listing.failure.is_none()
    });
    let watcher = StoredValue::new_local(watcher);
    Effect::new(move |_| {
        let waits = !listing.read().loading;
        if let Some(button) = button.get().filter(|_| waits) {
            watcher.with_value(|watcher| {
                if let Some(watcher) = watcher {
                    watcher.watch(&button);
                }
            });
        }
    });
    move || {
        has_more.get().then(|| {
            view! {
                <button
                    id=MORE
                    node_ref=button
                    class="button more"
                    type="button"
                    aria-disabled=move || listing.read().loading.then_some("true")
                    on:click=move |_| load.run(())
                >
                    {move || if listing.read().loading { "Loading…" } else { "Show more events" }}
                </button>
            }
        })
    }
}

/// Where the list would be when the filter hides all of it.
#[component]
fn NoMatch(words: String, on_filter: Callback<String>) -> impl IntoView {
    let clear = move |_| {
        on_filter.run(String::new());
        browser::focus("filter");
    };
    view! {
        <div class="empty">
            <p class="empty-title" dir="auto">
                {format!("Nothing matches “{}”", words.trim())}
            </p>
            <p>"The filter looks at the events that are loaded: their names, places and descriptions."</p>
            <button class="button" type="button" on:click=clear>
                "Clear the filter"
            </button>
        </div>
    }
}

/// Keeps a list that came, to be read when there is no network.
fn keep(listing: &Listing) {
    let saved = Saved::new(&listing.events, browser::now());
    if let Some(text) = saved.write().filter(|_| listing.failure.is_none()) {
        browser::keep(saved::NAME, &text);
    }
}

fn hide(hidden: &Hidden) {
    for (selector, hidden) in [
        (".agenda .event", &hidden.rows),
        (".agenda .day", &hidden.days),
        (".agenda .month", &hidden.months),
    ] {
        browser::hide(selector, hidden);
    }
}

/// Where the keyboard goes from an event that leaves: only to one that can be seen.
fn neighbour(events: &[Arc<Event>], shown: Option<&[bool]>, id: EventId) -> Option<EventId> {
    let is_shown = |at: usize| shown.is_none_or(|shown| shown.get(at).copied().unwrap_or(true));
    let seen: Vec<_> = events
        .iter()
        .enumerate()
        .filter(|(at, _)| is_shown(*at))
        .map(|(_, event)| Arc::clone(event))
        .collect();
    agenda::neighbour(&seen, id)
}
