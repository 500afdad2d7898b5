//! The one clock of the page: what today is, as long as the page is open.

use std::time::Duration;

use domain::Date;
use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use crate::{browser, locale};

#[derive(Clone, Copy)]
pub struct Clock {
    today: RwSignal<Option<Date>>,
    midnight: StoredValue<Option<TimeoutHandle>>,
}

impl Clock {
    /// Follows the reader's clock: at midnight, and when the page is looked at again, as a laptop
    /// that slept has missed its timers.
    pub fn start() -> Self {
        let clock =
            Self { today: RwSignal::new(locale::today()), midnight: StoredValue::new(None) };
        window_event_listener(ev::pageshow, move |_| clock.look());
        browser::on_visible(move || clock.look());
        clock.look();
        clock
    }

    /// The clock of the app that a component is in.
    pub fn of_app() -> Self {
        expect_context()
    }

    /// The day that it is for the reader; `None` outside of the calendar's years.
    pub fn today(self) -> Option<Date> {
        self.today.get()
    }

    /// Like [`Self::today`]; some day where the reader's clock is broken.
    pub fn some_day(self) -> Date {
        let day = self.today().or_else(|| Date::from_ymd(2000, 1, 1));
        day.expect("that is a day of the calendar")
    }

    fn look(self) {
        let today = locale::today();
        if self.today.get_untracked() != today {
            self.today.set(today);
        }
        // Anew each time: the reader's clock may have been set.
        let midnight = set_timeout_with_handle(move || self.look(), until_midnight()).ok();
        let before = self.midnight.try_update_value(|before| std::mem::replace(before, midnight));
        if let Some(before) = before.flatten() {
            before.clear();
        }
    }
}

/// How long the reader's day still lasts, and a moment more.
fn until_midnight() -> Duration {
    let now = js_sys::Date::new_0();
    let midnight = js_sys::Date::new(&now);
    // Where clocks are set at midnight, the day begins at the first hour that it has.
    midnight.set_hours(24);
    midnight.set_minutes(0);
    midnight.set_seconds(0);
    midnight.set_milliseconds(0);
    let left = (midnight.get_time() - now.get_time()).clamp(0.0, 86_400_000.0);
    Duration::from_millis(50) + Duration::from_secs_f64(left / 1_000.0)
}
