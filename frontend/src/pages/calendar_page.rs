use std::sync::Arc;

use domain::{Date, Event};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, Failure, NextPage};
use crate::calendar::{CalendarQuery, Month};
use crate::components::{
    FailedCall, Grid, OPEN_DAY, day_events, day_id, failure_notice, month_grid, page_heading,
};
use crate::dom::{self, El, Parent, el, view};
use crate::navigation::Navigation;
use crate::session::Session;
use crate::span::Selection;
use crate::{agenda, browser, locale};

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
        let count = dates.filter(|date| Month::of(*date) == self.query.month).count();
        match count {
            _ if self.failure.is_some() => String::new(),
            _ if self.rest.is_some() => "Loading events…".to_owned(),
            0 => "No events this month".to_owned(),
            1 => "1 event".to_owned(),
            _ => count.to_string() + " events",
        }
    }
}

fn reachable(query: CalendarQuery, today: Date) -> Date {
    let today = Some(today).filter(|today| Month::of(*today) == query.month);
    query.day.or(today).unwrap_or(query.month.first())
}

/// `/calendar?month=2026-06`: a month with its events, and those of the day that is open.
pub fn calendar() -> dom::View {
    let session = Session::of_app();
    let navigation = Navigation::of_app();
    // A clock outside the calendar's years is broken; the page still has to show some month.
    let today = locale::today().or_else(|| Date::from_ymd(2000, 1, 1));
    let Some(today) = today else { return view() };
    let current = CalendarQuery { month: Month::of(today), day: None };
    let state = RwSignal::new(State::new(current, today));

    let load = Callback::new(move |()| {
        let Some(Some(next)) = state.try_update(State::start) else { return };
        let month = state.read_untracked().query.month;
        spawn_local(load_all(state, month, next));
    });
    let mut is_first = true;
    dom::effect(move || {
        let asked = CalendarQuery::parse(&navigation.query(), today);
        let query = asked.unwrap_or(current);
        let is_other = state.read_untracked().query.month != query.month;
        state.update(|state| {
            if is_other {
                *state = State { reachable: state.reachable, ..State::new(query, today) };
            }
            if Month::of(state.reachable) != query.month || query.day.is_some() || is_first {
                state.reachable = reachable(query, today);
            }
            state.query = query;
            state.error = asked.err();
        });
        is_first = false;
        load.run(());
    });

    let show = move |query: CalendarQuery, replaces: bool| {
        let path = query.path();
        if replaces { navigation.replace_path(&path) } else { navigation.push(&path) }
    };
    let on_move = Callback::new(move |day: Date| {
        let month = Month::of(day);
        state.update(|state| state.reachable = day);
        if month != state.read_untracked().query.month {
            // The keys may pass many months: each is not a place to go back to.
            show(CalendarQuery { month, day: None }, true);
        }
        browser::focus_soon(day_id(day));
    });
    let on_open = Callback::new(move |day: Date| {
        let month = Month::of(day);
        show(CalendarQuery { month, day: Some(day) }, month == state.read_untracked().query.month);
        browser::focus_soon(OPEN_DAY.to_owned());
    });
    let events = Memo::new(move |_| {
        let state = state.read();
        session.apply_changes(&state.events, state.rest.is_none(), &Selection::default())
    });
    let month = move || state.read().query.month;
    let open = move || state.read().query.day;
    let status = el("p").class("lead").attr("role", "status");
    let status = status.text_of(move || events.with(|events| state.read().status(events)));
    let to_today = el("a")
        .class("button")
        .attr("href", &address(Month::of(today)))
        .attr_of("aria-current", move || (month() == Month::of(today)).then_some("date"))
        .child("Today");
    let pager = el("div")
        .class("pager")
        .child(step(move || month().plus(-1), "Previous month", BACK))
        .child(to_today)
        .child(step(move || month().plus(1), "Next month", ON));
    let heading = page_heading(move || locale::month(month().first()));
    let head = el("div")
        .class("month-bar-head")
        .child(el("div").child(heading).child(status))
        .child(pager);
    let failed = move || {
        let state = state.read();
        Some(FailedCall { failure: state.failure.clone()?, retrying: state.loading })
    };
    let error = |error: Option<&'static str>| {
        error.map(|error| el("p").class("lead").attr("role", "alert").child(error))
    };
    let grid = move |month| {
        let grid = Grid { month, today, events, on_move, on_open };
        month_grid(grid, move || state.read().reachable, open)
    };
    let of_day = move |day: Date| {
        let of_day = move || {
            (events.with(|events| agenda::events_of(events, day)), state.read().rest.is_some())
        };
        day_events(day, of_day)
    };
    let page = el("div")
        .class("calendar-page")
        .child(head)
        .part(move || state.read().error, error)
        .child(failure_notice(failed, load))
        .part(month, grid)
        .part(open, move |day| day.map(of_day));
    view().child(page)
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

fn address(month: Month) -> String {
    CalendarQuery { month, day: None }.path()
}

/// A link to the month before or after, where the calendar has one.
fn step(month: impl Fn() -> Option<Month> + Copy + 'static, name: &str, arrow: &'static str) -> El {
    el("a")
        .class("button step")
        .attr("aria-label", name)
        .attr_of("href", move || month().map(address))
        .attr_of("hidden", move || month().is_none().then_some(""))
        .markup(arrow)
}

const BACK: &str =
    "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M15 5l-7 7 7 7\"/></svg>";
const ON: &str = "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M9 5l7 7-7 7\"/></svg>";
