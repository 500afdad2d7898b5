use std::sync::Arc;

use domain::{Date, Event};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, Failure, NextPage};
use crate::calendar::{Month, View};
use crate::components::{DayEvents, FailureNotice, MonthGrid, OPEN_DAY, PageHeading, day_id};
use crate::navigation::Navigation;
use crate::routes::Route;
use crate::session::Session;
use crate::span::Selection;
use crate::{agenda, browser, locale};

/// A month, and how much of its events is here.
#[derive(Clone)]
struct State {
    view: View,
    /// The address asks for a month that is none.
    is_mistaken: bool,
    /// The day that Tab reaches.
    reachable: Date,
    events: Vec<Arc<Event>>,
    rest: Option<NextPage>,
    loading: bool,
    failure: Option<Failure>,
}

impl State {
    fn new(view: View, today: Date) -> Self {
        let (first, last) = view.month.shown(locale::week_start());
        Self {
            view,
            is_mistaken: false,
            reachable: reachable(view, today),
            events: Vec::new(),
            rest: Some(NextPage::of_days(first, last)),
            loading: false,
            failure: None,
        }
    }

    /// The page of the list to ask for now.
    fn start(&mut self) -> Option<NextPage> {
        let next = self.rest.clone().filter(|_| !self.loading)?;
        self.loading = true;
        Some(next)
    }

    fn finish(&mut self, result: Result<api::Page, Failure>) {
        self.loading = false;
        match result {
            Ok(page) => {
                self.events.extend(page.events);
                self.rest = page.next;
                self.failure = None;
            }
            Err(failure) => self.failure = Some(failure),
        }
    }

    fn status(&self, events: &[Arc<Event>]) -> String {
        let dates = events.iter().filter_map(|event| event.content.when).map(|when| when.date);
        let count = dates.filter(|date| Month::of(*date) == self.view.month).count();
        match count {
            _ if self.failure.is_some() => String::new(),
            _ if self.rest.is_some() => "Loading events…".to_owned(),
            0 => "Nothing planned this month".to_owned(),
            1 => "1 event".to_owned(),
            _ => count.to_string() + " events",
        }
    }
}

fn reachable(view: View, today: Date) -> Date {
    let today = Some(today).filter(|today| Month::of(*today) == view.month);
    view.day.or(today).unwrap_or(view.month.first())
}

/// `/calendar?month=2026-06`: a month with its events, and those of the day that is open.
#[component]
pub fn CalendarPage() -> impl IntoView {
    let session = Session::of_app();
    let navigation = Navigation::of_app();
    // A clock outside the calendar's years is broken; the page still has to show some month.
    let today = locale::today().or_else(|| Date::from_ymd(2000, 1, 1));
    let Some(today) = today else { return ().into_any() };
    let state = RwSignal::new(State::new(View { month: Month::of(today), day: None }, today));

    let load = Callback::new(move |()| {
        let Some(Some(next)) = state.try_update(State::start) else { return };
        let month = state.read_untracked().view.month;
        spawn_local(load_all(state, month, next));
    });
    let mut is_first = true;
    Effect::new(move |_| {
        let asked = View::parse(&navigation.query(), today);
        let view = asked.unwrap_or(View { month: Month::of(today), day: None });
        let is_other = state.read_untracked().view.month != view.month;
        state.update(|state| {
            if is_other {
                *state = State { reachable: state.reachable, ..State::new(view, today) };
            }
            if Month::of(state.reachable) != view.month || view.day.is_some() || is_first {
                state.reachable = reachable(view, today);
            }
            state.view = view;
            state.is_mistaken = asked.is_none();
        });
        is_first = false;
        load.run(());
    });

    let show = move |view: View, opens: bool| {
        let path = Route::Calendar.to_string() + "?" + &view.query();
        if opens { navigation.replace_path(&path) } else { navigation.push(&path) }
    };
    let on_move = Callback::new(move |day: Date| {
        let month = Month::of(day);
        state.update(|state| state.reachable = day);
        if month != state.read_untracked().view.month {
            // The keys may pass many months: each is not a place to go back to.
            show(View { month, day: None }, true);
        }
        browser::focus_soon(day_id(day));
    });
    let on_open = Callback::new(move |day: Date| {
        let month = Month::of(day);
        show(View { month, day: Some(day) }, month == state.read_untracked().view.month);
        browser::focus_soon(OPEN_DAY.to_owned());
    });
    let body = move || {
        let state = state.read();
        let is_complete = state.rest.is_none();
        let events = session.apply_changes(&state.events, is_complete, &Selection::default());
        body(&state, events, today, load, on_move, on_open)
    };
    view! { <div class="calendar-page">{body}</div> }.into_any()
}

/// Follows the list to the end of the month, unless the reader has gone to another one.
async fn load_all(state: RwSignal<State>, month: Month, mut next: NextPage) {
    loop {
        let result = api::list_events(&next).await;
        let more = state.try_update(|state| {
            if state.view.month != month {
                return None;
            }
            let succeeded = result.is_ok();
            state.finish(result);
            succeeded.then(|| state.start())?
        });
        match more {
            Some(Some(page)) => next = page,
            _ => return,
        }
    }
}

fn body(
    state: &State,
    events: Vec<Arc<Event>>,
    today: Date,
    load: Callback<()>,
    on_move: Callback<Date>,
    on_open: Callback<Date>,
) -> impl IntoView + use<> {
    let State { view, is_mistaken, reachable, loading, .. } = *state;
    let failure = state.failure.clone();
    let status = state.status(&events);
    let open = view.day.map(|day| {
        let events = agenda::events_of(&events, day);
        view! { <DayEvents day events is_loading=state.rest.is_some() /> }
    });
    view! {
        <div class="month-bar-head">
            <div>
                <PageHeading text=locale::month(view.month.first()) />
                <p class="lead" role="status">
                    {status}
                </p>
            </div>
            <div class="pager">
                {step(view.month.plus(-1), "Previous month", "M15 5l-7 7 7 7")}
                <a
                    class="button"
                    href=address(Month::of(today))
                    aria-current=(view.month == Month::of(today)).then_some("date")
                >
                    "Today"
                </a>
                {step(view.month.plus(1), "Next month", "M9 5l7 7-7 7")}
            </div>
        </div>
        {is_mistaken
            .then(|| {
                view! {
                    <p class="lead" role="alert">
                        "The address names no month of the calendar. This is the present one."
                    </p>
                }
            })}
        {failure.map(|failure| view! { <FailureNotice failure on_retry=load retrying=loading /> })}
        <MonthGrid view today=Some(today) reachable events on_move on_open />
        {open}
    }
}

fn address(month: Month) -> String {
    Route::Calendar.to_string() + "?" + &View { month, day: None }.query()
}

/// A link to the month before or after, where the calendar has one.
fn step(month: Option<Month>, name: &'static str, path: &'static str) -> impl IntoView {
    month.map(|month| {
        view! {
            <a class="button step" href=address(month) aria-label=name>
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d=path />
                </svg>
            </a>
        }
    })
}
