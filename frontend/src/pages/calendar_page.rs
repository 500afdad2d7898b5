use std::sync::Arc;

use domain::{Date, Event};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::failed_call::{FailedCall, FailedCallNotice};
use super::open_page;
use crate::agenda::{self, Agenda};
use crate::api::{self, Failure, NextPage};
use crate::calendar::Month;
use crate::clock::Clock;
use crate::components::{DayEvents, MonthGrid, OPEN_DAY, PageHeading, Part, day_id};
use crate::effect::effect;
use crate::navigation::Navigation;
use crate::routes::CalendarQuery;
use crate::session::Session;
use crate::sign_in::SignIn;
use crate::span::Selection;
use crate::way_back::Then;
use crate::{browser, locale};

/// A month, and how much of its events is here.
#[derive(Clone)]
struct State {
    query: CalendarQuery,
    /// Why the query of the address was not followed.
    error: Option<&'static str>,
    /// The day that Tab reaches.
    reachable: Date,
    events: Vec<Arc<Event>>,
    rest: Option<NextPage>,
    loading: bool,
    failure: Option<Failure>,
}

impl State {
    fn new(query: CalendarQuery, today: Date) -> Self {
        let (first, last) = query.month.shown(locale::week_start());
        Self {
            query,
            error: None,
            reachable: reachable(query, today),
            events: Vec::new(),
            rest: Some(NextPage::of_days(first, last)),
            loading: false,
            failure: None,
        }
    }

    /// Goes where the address leads: `Err` is why it leads nowhere.
    fn follow(&mut self, asked: Result<CalendarQuery, &'static str>, today: Date, is_first: bool) {
        let query = asked.unwrap_or(CalendarQuery { month: Month::of(today), day: None });
        if self.query.month != query.month {
            *self = Self { reachable: self.reachable, ..Self::new(query, today) };
        }
        if Month::of(self.reachable) != query.month || query.day.is_some() || is_first {
            self.reachable = reachable(query, today);
        }
        self.query = query;
        self.error = asked.err();
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

    fn status(&self, agenda: &Agenda) -> String {
        let days = agenda.days(self.query.month);
        let count: usize = days.into_iter().map(|day| agenda.rows(Some(day)).len()).sum();
        match count {
            _ if self.failure.is_some() => String::new(),
            _ if self.rest.is_some() => "Loading events…".to_owned(),
            0 => "No events this month".to_owned(),
            1 => "1 event".to_owned(),
            _ => format!("{count} events"),
        }
    }
}

fn reachable(query: CalendarQuery, today: Date) -> Date {
    let today = Some(today).filter(|today| Month::of(*today) == query.month);
    query.day.or(today).unwrap_or(query.month.first())
}

/// `/calendar?month=2026-06`: a month with its events, and those of the day that is open.
#[component]
pub fn CalendarPage() -> impl IntoView {
    let session = Session::of_app();
    let navigation = Navigation::of_app();
    let clock = Clock::of_app();
    let today = Memo::new(move |_| clock.some_day());
    let current = CalendarQuery { month: Month::of(today.get_untracked()), day: None };
    let state = RwSignal::new(State::new(current, today.get_untracked()));
    let load = Callback::new(move |()| {
        let Some(Some(next)) = state.try_update(State::start) else { return };
        let month = state.read_untracked().query.month;
        spawn_local(load_all(state, month, next));
    });
    let sign_in = SignIn::of_app();
    let on_retry = Callback::new(move |()| {
        if !sign_in.first(Then::Nothing) {
            load.run(());
        }
    });
    Effect::new(move |before: Option<()>| {
        let asked = CalendarQuery::parse(&navigation.query(), today.get());
        state.update(|state| state.follow(asked, today.get_untracked(), before.is_none()));
        load.run(());
    });

    let month = Memo::new(move |_| state.read().query.month);
    let open = Memo::new(move |_| state.read().query.day);
    let agenda = Memo::new(move |_| {
        let state = state.read();
        let events =
            session.apply_changes(&state.events, state.rest.is_none(), &Selection::default());
        Agenda::new(agenda::rows(&events, 1))
    });
    let call = FailedCall::new(move || state.read().failure.clone(), move || state.read().loading);
    let error = Memo::new(move |_| state.read().error.unwrap_or_default().to_owned());
    let is_moving = StoredValue::new(false);
    let title = Memo::new(move |_| locale::month(month.get().first()));
    open_page(title);
    let has_error = Memo::new(move |_| !error.read().is_empty());
    let error_line = move || {
        view! { <p class="lead" role="alert" prop:textContent=move || error.get()></p> }.into_any()
    };
    let grid = move |month| view! { <Grid month agenda state open is_moving/> }.into_any();
    let is_loading = Memo::new(move |_| state.read().rest.is_some());
    let events_of = move |day| view! { <DayEvents day agenda is_loading/> }.into_any();
    view! {
        <div class="calendar-page">
            <MonthBar
                title
                status=Memo::new(move |_| agenda.with(|agenda| state.read().status(agenda)))
                month
                today
            />
            {move || has_error.get().then(error_line)}
            <FailedCallNotice call on_retry/>
            // Another month is another grid, and another day another list.
            <Part view=move || grid(month.get())/>
            <Part view=move || open.get().map(events_of)/>
        </div>
    }
}

/// The grid of a month, and where its keys lead.
#[component]
fn Grid(
    month: Month,
    agenda: Memo<Agenda>,
    state: RwSignal<State>,
    open: Memo<Option<Date>>,
    /// A key led to another month: its grid takes the keyboard.
    is_moving: StoredValue<bool>,
) -> impl IntoView {
    let navigation = Navigation::of_app();
    let clock = Clock::of_app();
    let focus = move || browser::focus(&day_id(state.read_untracked().reachable));
    // As soon as it is there: keys may follow each other faster than frames do.
    effect(move || {
        if is_moving.try_update_value(std::mem::take) == Some(true) {
            focus();
        }
    });
    let on_move = Callback::new(move |day: Date| {
        state.update(|state| state.reachable = day);
        let to = Month::of(day);
        if to == month {
            focus();
        } else {
            is_moving.set_value(true);
            // The keys may pass many months: each is not a place to go back to.
            navigation.replace_path(&CalendarQuery { month: to, day: None }.to_string());
        }
    });
    let on_open = Callback::new(move |day: Date| {
        let month = Month::of(day);
        let address = CalendarQuery { month, day: Some(day) }.to_string();
        if month == state.read_untracked().query.month {
            navigation.replace_path(&address);
        } else {
            navigation.push(&address);
        }
        browser::focus_soon(OPEN_DAY.to_owned());
    });
    view! {
        <MonthGrid
            month
            today=Memo::new(move |_| clock.today())
            agenda
            reachable=Memo::new(move |_| state.read().reachable)
            open
            on_move
            on_open
        />
    }
}

/// Which month it is, how many events it has, and the way to others.
#[component]
fn MonthBar(
    title: Memo<String>,
    status: Memo<String>,
    month: Memo<Month>,
    today: Memo<Date>,
) -> impl IntoView {
    let address = |month| CalendarQuery { month, day: None }.to_string();
    let current = move || Month::of(today.get());
    let before = Memo::new(move |_| month.get().plus(-1).map(address));
    let after = Memo::new(move |_| month.get().plus(1).map(address));
    view! {
        <div class="month-bar-head">
            <div>
                <PageHeading text=title/>
                <p class="lead" role="status" prop:textContent=move || status.get()></p>
            </div>
            <div class="pager">
                <Step address=before name="Previous month" arrow="M15 5l-7 7 7 7"/>
                <a
                    class="button"
                    href=move || address(current())
                    aria-current=move || (month.get() == current()).then_some("date")
                >
                    "Today"
                </a>
                <Step address=after name="Next month" arrow="M9 5l7 7-7 7"/>
            </div>
        </div>
    }
}

/// A link to the month before or after, where the calendar has one.
#[component]
fn Step(address: Memo<Option<String>>, name: &'static str, arrow: &'static str) -> impl IntoView {
    view! {
        <a
            class="button step"
            aria-label=name
            href=move || address.get()
            hidden=move || address.read().is_none()
        >
            <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d=arrow></path>
            </svg>
        </a>
    }
}

/// Follows the list to the end of the month, unless the reader has gone to another one.
async fn load_all(state: RwSignal<State>, month: Month, mut next: NextPage) {
    loop {
        let result = api::list_events(&next).await;
        let more = state.try_update(|state| {
            if state.query.month != month {
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
