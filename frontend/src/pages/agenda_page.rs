use std::sync::Arc;
use std::time::Duration;

use domain::{Event, EventId};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::creation::creation_notice;
use super::deletion::Deletion;
use crate::agenda::{self, Agenda, Hidden};
use crate::api::{self, NextPage};
use crate::browser::Watcher;
use crate::components::{
    Days, FailedCall, HEADING, agenda_filters, agenda_list, agenda_skeleton, agenda_tabs,
    empty_agenda, failure_notice, link_id, page_heading,
};
use crate::dom::{self, El, Parent, View, el, view};
use crate::filter::{self, Filter};
use crate::listing::{Listing, Rest};
use crate::navigation::Navigation;
use crate::routes::{AgendaQuery, Route};
use crate::saved::{self, Saved};
use crate::session::Session;
use crate::span::Span;
use crate::{browser, locale};

/// The address follows the filter after a pause: browsers allow only some changes a minute.
const PAUSE: Duration = Duration::from_millis(200);

/// The id of the button that asks for more.
const MORE: &str = "more";

/// `/`: events by date. The query of the address says which, so that it can be shared and gone back
/// to.
pub fn agenda() -> View {
    let navigation = Navigation::of_app();
    let first = AgendaQuery::parse(&untrack(|| navigation.query()));
    let span = RwSignal::new(first.span);
    let words = RwSignal::new(first.filter);
    dom::effect(move || {
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
            let path = AgendaQuery { span: span.get_untracked(), filter }.to_string();
            // To go where one is would open the page anew.
            if path != AgendaQuery::parse(&untrack(|| navigation.query())).to_string() {
                navigation.replace_path(&path);
            }
        }
    });
    let write = StoredValue::new_local(write);
    // A letter is drawn before a long list is searched for it. The letters that come meanwhile are
    // searched for together.
    let typed = StoredValue::new(None);
    let on_filter = Callback::new(move |filter: String| {
        let waits = typed.try_update_value(|typed| typed.replace(filter).is_some());
        if waits == Some(false) {
            browser::after_frame(move || {
                if let Some(filter) = typed.try_update_value(Option::take).flatten() {
                    words.set(filter.clone());
                    write.update_value(|write| write(filter));
                }
            });
        }
    });
    // When the network returns, the list is loaded again, unless a dialog is open.
    let visits = RwSignal::new(0_u32);
    let listener = window_event_listener(ev::online, move |_| {
        if !browser::has_open_dialog() {
            visits.update(|visits| *visits += 1);
        }
    });
    on_cleanup(move || listener.remove());
    let days = move || match span.get() {
        Span::Between(from, to) => (from, to),
        _ => (None, None),
    };
    let on_days = move |days: Days| {
        let span = match days {
            (None, None) => Span::Upcoming,
            (from, to) => Span::Between(from, to),
        };
        navigation.push(&AgendaQuery { span, filter: words.get_untracked() }.to_string());
    };
    let filters =
        agenda_filters(move || words.get(), move |words| on_filter.run(words), days, on_days);
    view()
        .child(page_heading(|| "Agenda".to_owned()))
        .child(agenda_tabs(move || span.get(), move || words.get()))
        .child(filters)
        .child(creation_notice())
        .part(
            move || (span.get(), visits.get()),
            move |(span, _)| events_of(span, words, on_filter),
        )
}

/// The events of one part of the agenda. A response for a part that was left finds its signals
/// gone.
fn events_of(span: Span, words: RwSignal<String>, on_filter: Callback<String>) -> View {
    let session = Session::of_app();
    let selection = span.selection(locale::today());
    let listing = RwSignal::new(Listing::default());
    // The list of an earlier visit, while there is no network.
    let saved = move || {
        let is_missing = listing.with(Listing::is_out_of_reach) && span == Span::Upcoming;
        is_missing.then(|| Saved::read(&browser::kept(saved::NAME)?)).flatten()
    };
    let events = Memo::new(move |_| {
        if let Some(saved) = saved() {
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

    let shown = shown(events, words);
    let count =
        move || shown.with(|shown| Some(shown.as_ref()?.iter().filter(|shown| **shown).count()));

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
        listing.rest == Rest::All && listing.failure.is_none()
    };
    let is_empty = move || events.with(Vec::is_empty);
    let is_bare = move || is_empty() && listing.read().is_complete();
    let unmatched = move || (count() == Some(0) && !is_empty()).then(|| words.get());
    // Where one looks: above what was saved, and below what has come.
    let failed = move |above: bool| {
        move || {
            let listing = listing.read();
            let failure = listing.failure.clone();
            let failure = failure.filter(|_| above == (listing.rest == Rest::All))?;
            Some(FailedCall { failure, retrying: listing.loading })
        }
    };
    let age = move || saved().map(|saved| saved.age(browser::now()));
    let as_of = |age: Option<f64>| {
        let age = el("span").attr("lang", &locale::language()).child(&*locale::ago(age?));
        Some(el("p").class("lead saved").child("As of ").child(age))
    };
    view()
        .child(el("p").class("lead count").attr("role", "status").text_of(status))
        .child(failure_notice(failed(true), load))
        .part(age, as_of)
        .part(waits, |waits| waits.then(agenda_skeleton))
        .part(unmatched, move |words| words.map(|words| no_match(&words, on_filter)))
        .part(is_bare, move |is_bare| is_bare.then(|| empty_agenda(span)))
        .child(agenda_list(events, move |id| session.is_pending(id), deletion.ask()))
        .child(failure_notice(failed(false), load))
        .child(more(listing, shown, load))
        .child(deletion.dialog())
}

/// Which events match the filter, one flag each; `None` without a filter. Rows are hidden where
/// they are: typing draws nothing again.
fn shown(events: Memo<Vec<Arc<Event>>>, words: RwSignal<String>) -> RwSignal<Option<Vec<bool>>> {
    let shown = RwSignal::new(None);
    let mut of = Vec::new();
    let mut agenda = Agenda::default();
    let mut texts = Vec::new();
    let mut last = Hidden::default();
    dom::effect(move || {
        let filter = Filter::new(&browser::lower_case(&words.read()));
        let events = events.read();
        let are_new = *events != of;
        if are_new {
            // Made once, not for each letter.
            texts = events.iter().map(|event| browser::lower_case(&filter::text(event))).collect();
            of.clone_from(&events);
            agenda = agenda::group(&events);
            // Rows that were made anew are not hidden.
            last = Hidden::default();
        }
        let matches = || texts.iter().map(|text| filter.matches(text)).collect::<Vec<_>>();
        let now = (!filter.is_empty()).then(matches);
        let is_same = shown.with_untracked(|before| *before == now);
        // As after most keys of a word.
        if is_same && (!are_new || now.is_none()) {
            return;
        }
        let hidden = now
            .as_ref()
            .map_or_else(|| agenda::all_shown(&agenda), |shown| agenda::hidden(&agenda, shown));
        let before = std::mem::replace(&mut last, hidden.clone());
        // When the rows are there.
        request_animation_frame(move || hide(&before, &hidden));
        shown.set(now);
    });
    shown
}

/// The next page is loaded by a press, or as the reader scrolls. It is not loaded by scrolling
/// while a filter is set, which may hide all of it, nor where reduced motion is preferred.
fn more(
    listing: RwSignal<Listing>,
    shown: RwSignal<Option<Vec<bool>>>,
    load: Callback<()>,
) -> View {
    let has_more = move || {
        let listing = listing.read();
        matches!(listing.rest, Rest::From(_)) && listing.failure.is_none()
    };
    let is_loading = move || listing.read().loading;
    let button = move || {
        let button = el("button")
            .attr("id", MORE)
            .class("button more")
            .attr("type", "button")
            .attr_of("aria-disabled", move || is_loading().then_some("true"))
            .text_of(move || if is_loading() { "Loading…" } else { "Show more events" })
            .on("click", move |_| load.run(()));
        watch(&button, is_loading, move || {
            if shown.with_untracked(Option::is_none) {
                load.try_run(());
            }
        });
        button
    };
    view().part(has_more, move |has_more| has_more.then(button))
}

/// Tells when the button comes near, as long as nothing is loading.
fn watch(button: &El, is_loading: impl Fn() -> bool + 'static, on_near: impl Fn() + 'static) {
    let watcher = Watcher::new(on_near).filter(|_| !browser::prefers_reduced_motion());
    let element = button.element().clone();
    dom::effect(move || {
        if let Some(watcher) = watcher.as_ref().filter(|_| !is_loading()) {
            watcher.watch(&element);
        }
    });
}

/// Stands where the list would be when the filter hides all of it.
fn no_match(words: &str, on_filter: Callback<String>) -> El {
    let title = ["No events match “", words.trim(), "”"].concat();
    let clear = el("button").class("button").attr("type", "button").child("Clear the filter");
    let clear = clear.on("click", move |_| {
        on_filter.run(String::new());
        browser::focus("filter");
    });
    let explanation =
        "The filter searches the names, locations and descriptions of the loaded events.";
    el("div")
        .class("empty")
        .child(el("p").class("empty-title").attr("dir", "auto").child(&*title))
        .child(el("p").child(explanation))
        .child(clear)
}

/// Keeps a list that came, to be read when there is no network.
fn keep(listing: &Listing) {
    let saved = Saved::new(&listing.events, browser::now());
    if let Some(text) = saved.write().filter(|_| listing.failure.is_none()) {
        browser::keep(saved::NAME, &text);
    }
}

fn hide(before: &Hidden, hidden: &Hidden) {
    browser::hide(".agenda .event", &before.rows, &hidden.rows);
    browser::hide(".agenda .day", &before.days, &hidden.days);
    browser::hide(".agenda .month", &before.months, &hidden.months);
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
