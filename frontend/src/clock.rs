//! The one clock of the page: which day and time it is, as long as the page is open.

use std::time::Duration;

use domain::Date;
use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use crate::span::Moment;
use crate::{browser, locale};

#[derive(Clone, Copy)]
pub struct Clock {
    now: RwSignal<Option<Moment>>,
    /// Is told only when it changes.
    today: RwSignal<Option<Date>>,
    next_minute: StoredValue<Option<TimeoutHandle>>,
}

impl Clock {
    /// Follows the reader's clock: with each minute, and when the page is looked at again, as a
    /// laptop that slept has missed its timers.
    pub fn start() -> Self {
        let clock = Self {
            now: RwSignal::new(None),
            today: RwSignal::new(None),
            next_minute: StoredValue::new(None),
        };
        window_event_listener(ev::pageshow, move |_| clock.look());
        browser::on_visible(move || clock.look());
        clock.look();
        clock
    }

    /// The clock of the app that a component is in.
    pub fn of_app() -> Self {
        expect_context()
    }

    /// The day and the minute that it is for the reader; `None` outside of the calendar's years.
    pub fn now(self) -> Option<Moment> {
        self.now.get()
    }

    /// The day of it.
    pub fn today(self) -> Option<Date> {
        self.today.get()
    }

    /// Like [`Self::today`]; some day where the reader's clock is broken.
    pub fn some_day(self) -> Date {
        let day = self.today().or_else(|| Date::from_ymd(2000, 1, 1));
        day.expect("that is a day of the calendar")
    }

    fn look(self) {
        let now = locale::moment();
        let today = now.map(|(today, _)| today);
        if self.today.get_untracked() != today {
            self.today.set(today);
        }
        self.now.set(now);
        // Anew each time: the reader's clock may have been set.
        let next = set_timeout_with_handle(move || self.look(), until_next_minute()).ok();
        let before = self.next_minute.try_update_value(|before| std::mem::replace(before, next));
        if let Some(before) = before.flatten() {
            before.clear();
        }
    }
}

/// How long the minute of the reader's clock still lasts, and a moment more.
fn until_next_minute() -> Duration {
    const MINUTE: f64 = 60_000.0;
    Duration::from_secs_f64((MINUTE - browser::now() % MINUTE + 50.0) / 1_000.0)
}
