use std::sync::Arc;

use domain::{Event, EventId};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::reactive::graph::Source;
use leptos::task::spawn_local;

use super::creation;
use super::deletion::Deletion;
use super::failed_call::{FailedCall, FailedCallNotice};
use super::list_window::ListWindow;
use crate::agenda;
use crate::api::{self, NextPage, Page};
use crate::browser::{self, Watcher};
use crate::clock::Clock;
use crate::components::{
    AgendaList, AgendaSkeleton, EmptyAgenda, HEADING, MORE, MoreButton, NoMatch, Part, Rows,
    link_id,
};
use crate::effect::effect;
use crate::filter::Filter;
use crate::listing::{Listing, Rest};
use crate::listings::{Held, Listings};
use crate::navigation::Navigation;
use crate::routes::Route;
use crate::saved::Saved;
use crate::session::Session;
use crate::sign_in::SignIn;
use crate::span::{Selection, Span};
use crate::way_back::Then;
use crate::{kept_list, locale};

/// The events of one part of the agenda.
#[component]
pub fn EventList(span: Span, words: Memo<String>, on_clear: Callback<()>) -> impl IntoView {
    let list = List::open(span, words);
    let window = ListWindow::open(list.matching, list.filter, list.held.place);
    list.start();
    let session = list.session;
    let deletion = Deletion::new(move |event| {
        let next = list.matching.with_untracked(|events| agenda::neighbour(events, event.id));
        browser::focus_soon(next.map_or_else(|| HEADING.to_owned(), link_id));
        session.announce_deleted(Route::Agenda, &event);
    });
    let sign_in = SignIn::of_app();
    let on_retry = Callback::new(move |()| {
        if !sign_in.first(Then::Nothing) {
            list.load(window);
        }
    });
    let clock = Clock::of_app();
    let rows = RwSignal::new(Rows::default());
    effect(move || {
        let now = Rows { count: list.count(), today: clock.today(), ..window.rows() };
        if rows.with_untracked(|before| *before != now) {
            rows.set(now);
            // Those that are still there read it again. Of those that are gone it would keep some
            // bytes each, for good.
            rows.clear_subscribers();
        }
    });
    let more = move || view! { <More list window/> }.into_any();
    let has_more = Memo::new(move |_| list.has_more());
    view! {
        <p class="lead count" role="status" prop:textContent=move || list.status()></p>
        // Where one looks: above what was saved, and below what has come.
        <FailedCallNotice call=list.failed(true) on_retry/>
        <SavedAge saved=list.saved/>
        <InPlaceOfRows list words on_clear/>
        <AgendaList
            rows
            is_pending=Callback::new(move |id| session.is_pending(id))
            on_duplicate=Callback::new(move |event: Arc<Event>| {
                creation::duplicate(session, Navigation::of_app(), &event);
            })
            on_delete=deletion.ask()
        />
        <FailedCallNotice call=list.failed(false) on_retry/>
        {move || has_more.get().then(more)}
        {deletion.dialog()}
    }
}

/// What stands where rows would be.
#[component]
fn InPlaceOfRows(list: List, words: Memo<String>, on_clear: Callback<()>) -> impl IntoView {
    let instead = Memo::new(move |_| list.instead());
    let view = move |instead| match instead {
        Instead::Skeleton => view! { <AgendaSkeleton/> }.into_any(),
        Instead::NoMatch => view! { <NoMatch words on_clear/> }.into_any(),
        Instead::Nothing => view! { <EmptyAgenda span=list.span/> }.into_any(),
    };
    view! { <Part view=move || instead.get().map(view)/> }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instead {
    Skeleton,
    /// The filter leaves nothing of what is here.
    NoMatch,
    /// There is nothing.
    Nothing,
}

/// How old the list is, where there is no network to renew it.
#[component]
fn SavedAge(saved: Memo<Option<Saved>>) -> impl IntoView {
    let age = move || {
        let saved = saved.read();
        saved.as_ref().map(|saved| locale::ago(saved.age(browser::now()))).unwrap_or_default()
    };
    let has_age = Memo::new(move |_| saved.read().is_some());
    let line = move || {
        view! {
            <p class="lead saved">
                "As of "
                <span lang=locale::language() prop:textContent=move || age()></span>
            </p>
        }
        .into_any()
    };
    view! { {move || has_age.get().then(line)} }
}

/// The next page is loaded by a press, or as the reader scrolls. It is not loaded by scrolling
/// while a filter is set, which loads by itself, nor where reduced motion is preferred.
#[component]
fn More(list: List, window: ListWindow) -> impl IntoView {
    let is_loading = Memo::new(move |_| list.held.listing.read().loading);
    let button = NodeRef::<html::Button>::new();
    let on_near = move || {
        if list.filter.with_untracked(Filter::is_empty) {
            list.load(window);
        }
    };
    let watcher = Watcher::new(on_near).filter(|_| !browser::prefers_reduced_motion());
    let watcher = StoredValue::new_local(watcher);
    effect(move || {
        if let Some(button) = button.get().filter(|_| !is_loading.get()) {
            watcher.with_value(|watcher| watcher.as_ref().map(|watcher| watcher.watch(&button)));
        }
    });
    view! { <MoreButton is_loading button on_press=Callback::new(move |()| list.load(window))/> }
}

/// What is known of the events of a part. The listing lives on when the page is left.
#[derive(Clone, Copy)]
struct List {
    span: Span,
    session: Session,
    held: Held,
    selection: Memo<Selection>,
    filter: Memo<Filter>,
    /// The list of an earlier visit, while there is no network.
    saved: Memo<Option<Saved>>,
    /// What is here, and what this tab did since.
    events: Memo<Vec<Arc<Event>>>,
    /// Those of them that the filter lets pass.
    matching: Memo<Vec<Arc<Event>>>,
}

impl List {
    fn open(span: Span, words: Memo<String>) -> Self {
        let (session, clock) = (Session::of_app(), Clock::of_app());
        let held = Listings::of_app().open(span, Navigation::of_app().is_return());
        let selection = Memo::new(move |_| span.selection(clock.now()));
        let filter = Memo::new(move |_| Filter::new(&browser::fold(&words.read())));
        let saved = Memo::new(move |_| {
            let is_missing = held.listing.read().is_out_of_reach() && span == Span::Upcoming;
            if is_missing { kept_list::read() } else { None }
        });
        let events = Memo::new(move |_| {
            let selection = selection.read();
            if let Some(saved) = saved.get() {
                return session.apply_changes(&saved.into_events(), true, &selection);
            }
            let listing = held.listing.read();
            session.apply_changes(&listing.events, listing.is_complete(), &selection)
        });
        let matching = Memo::new(move |_| {
            let (filter, events) = (filter.read(), events.read());
            if filter.is_empty() {
                return events.clone();
            }
            let search = held
                .search
                .try_update_value(|search| search.matching(&events, &filter, browser::fold));
            search.unwrap_or_default()
        });
        Self { span, session, held, selection, filter, saved, events, matching }
    }

    /// Loads what is missing now, and whenever something is.
    fn start(self) {
        if self.held.listing.with_untracked(|listing| listing.rest == Rest::All) {
            self.load_next(|_| {});
        }
        // While a filter is set, further pages are searched. And all that came may be over.
        effect(move || {
            let listing = self.held.listing.read();
            let is_wanted = !self.filter.read().is_empty() || self.events.read().is_empty();
            let is_idle = is_wanted && listing.searches_on() && !listing.loading;
            drop(listing);
            if is_idle {
                self.load_next(|_| {});
            }
        });
        // What was to come yesterday is over today.
        let renew_wider = move |now: &Selection, before: Option<&Selection>, _| {
            if before.is_some_and(|before| now.is_wider_than(before)) {
                self.renew();
            }
        };
        Effect::watch(move || self.selection.get(), renew_wider, false);
        let listener = window_event_listener(ev::online, move |_| self.renew());
        on_cleanup(move || listener.remove());
    }

    /// The next page, for who asks for it: who pressed the button reads on where it begins.
    fn load(self, window: ListWindow) {
        let asked = move || browser::has_focus(MORE);
        self.load_next(move |next| {
            if let Some(next) = next.filter(|_| asked()) {
                window.go_to(next);
            }
        });
    }

    /// `come` gets the first event of a page after the first one, before it is drawn.
    fn load_next(self, come: impl FnOnce(Option<EventId>) + 'static) {
        let listing = self.held.listing;
        let Some(Some(ask)) = listing.try_update(Listing::start) else { return };
        let first = NextPage::first(&self.selection.read_untracked());
        spawn_local(async move {
            let result = api::list_events(ask.from.as_ref().unwrap_or(&first)).await;
            let next = result.as_ref().ok().and_then(|page| page.events.first());
            come(next.map(|event| event.id).filter(|_| ask.from.is_some()));
            if self.span == Span::Upcoming
                && let Ok(page) = &result
            {
                keep(self.session, page, ask.from.is_none());
            }
            // The list may be forgotten by now.
            listing.try_update(|listing| listing.finish(&ask, result));
            self.renew_if_stale();
        });
    }

    /// Asks again for as much as is here, which stays as it is until that came.
    fn renew(self) {
        let listing = self.held.listing;
        match listing.try_update(Listing::start_again) {
            Some(Some(again)) => spawn_local(async move {
                let selection = self.selection.try_get_untracked().unwrap_or_default();
                let came = first_pages(again.count, &selection).await;
                listing.try_update(|listing| listing.finish_again(again, came));
                self.renew_if_stale();
            }),
            Some(None) => self.load_next(|_| {}),
            None => {}
        }
    }

    /// Another day or a network came during a call.
    fn renew_if_stale(self) {
        let listing = self.held.listing;
        let is_stale = listing.try_update(Listing::take_stale).unwrap_or_default();
        if is_stale && self.selection.try_with_untracked(|_| ()).is_some() {
            self.renew();
        }
    }

    fn is_filtered(self) -> bool {
        !self.filter.read().is_empty()
    }

    fn status(self) -> String {
        let shown = self.is_filtered().then(|| self.matching.read().len());
        self.held.listing.read().status(self.events.read().len(), shown)
    }

    /// The number of rows of the whole list; -1 while it is not known.
    fn count(self) -> i64 {
        let is_known = self.held.listing.read().is_complete() || self.saved.read().is_some();
        let count = i64::try_from(self.matching.read().len()).unwrap_or(-1);
        if is_known { count } else { -1 }
    }

    fn instead(self) -> Option<Instead> {
        let listing = self.held.listing.read();
        let is_empty = self.events.read().is_empty();
        if !listing.is_complete() && listing.failure.is_none() && is_empty {
            Some(Instead::Skeleton)
        } else if is_empty {
            listing.is_complete().then_some(Instead::Nothing)
        } else {
            // Nothing is known yet of what was not searched.
            let is_unmatched =
                self.is_filtered() && self.matching.read().is_empty() && !listing.searches_on();
            is_unmatched.then_some(Instead::NoMatch)
        }
    }

    fn has_more(self) -> bool {
        let listing = self.held.listing.read();
        matches!(listing.rest, Rest::From(_)) && listing.failure.is_none()
    }

    /// The call that failed, if its notice stands above the list.
    fn failed(self, above: bool) -> FailedCall {
        let listing = self.held.listing;
        let failure = move || {
            let listing = listing.read();
            let failure = listing.failure.clone();
            failure.filter(|_| above == (listing.rest == Rest::All))
        };
        FailedCall::new(failure, move || listing.read().loading)
    }
}

/// Keeps what came, and what this tab did since it was asked for, to be read when there is no
/// network.
fn keep(session: Session, page: &Page, is_first: bool) {
    let selection = Span::Upcoming.selection(locale::moment());
    let is_last = page.next.is_none();
    let mut events = untrack(|| session.apply_changes(&page.events, is_last, &selection));
    events.retain(|event| !session.is_pending(event.id));
    if is_first {
        kept_list::write(&events);
    } else {
        kept_list::add(&events);
    }
}

/// The first pages of a list, until they have so many events. `None` when a call fails.
pub async fn first_pages(count: usize, selection: &Selection) -> Option<(Vec<Arc<Event>>, Rest)> {
    let mut events = Vec::new();
    let mut from = NextPage::first(selection);
    loop {
        let page = api::list_events(&from).await.ok()?;
        events.extend(page.events);
        match page.next {
            Some(next) if events.len() < count => from = next,
            next => return Some((events, next.map_or(Rest::Nothing, Rest::From))),
        }
    }
}
