//! The last list, kept for when there is no network.

use std::sync::Arc;

use domain::{Event, EventId};

use crate::json;
use crate::span::{Moment, Span};

/// Under what name it is kept.
pub const NAME: &str = "list";

/// A browser keeps about 5 MB for a site, and the first events of the list are those one looks for.
const MOST: usize = 300;

/// Events in list order, and when they were asked for in milliseconds of the machine's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    at: u64,
    events: Vec<Event>,
}

impl Saved {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "after 1970")]
    pub fn new(events: &[Arc<Event>], now: f64) -> Self {
        let at = now as u64;
        Self { at, events: events.iter().take(MOST).map(|event| (**event).clone()).collect() }
    }

    /// Adds an event in its place, if it is to come.
    pub fn add(&mut self, event: &Event, now: Option<Moment>) {
        let upcoming = Span::Upcoming.selection(now);
        if upcoming.holds(event)
            && let Err(at) = self.events.binary_search_by(|other| upcoming.compare(other, event))
        {
            self.events.insert(at, event.clone());
            self.events.truncate(MOST);
        }
    }

    pub fn remove(&mut self, id: EventId) {
        self.events.retain(|event| event.id != id);
    }

    /// `None` for what an older or newer version of the app has kept in another form.
    pub fn read(text: &str) -> Option<Self> {
        let value = json::parse(text)?;
        let events = json::list(&value.get("events")?, json::event)?;
        Some(Self { at: value.number("at")?, events })
    }

    pub fn write(&self) -> String {
        let events = json::array(self.events.iter().map(json::event_text));
        format!("{{\"at\":{},\"events\":{events}}}", self.at)
    }

    /// In milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    pub fn age(&self, now: f64) -> f64 {
        now - self.at as f64
    }

    pub fn into_events(self) -> Vec<Arc<Event>> {
        self.events.into_iter().map(Arc::new).collect()
    }
}

/// An age as `Intl.RelativeTimeFormat` takes it: how many of which unit, in the past.
pub fn age(milliseconds: f64) -> (f64, &'static str) {
    let seconds = (milliseconds / 1_000.0).max(0.0);
    let (of_unit, unit) = match seconds {
        ..60.0 => (1.0, "second"),
        ..3_600.0 => (60.0, "minute"),
        ..86_400.0 => (3_600.0, "hour"),
        _ => (86_400.0, "day"),
    };
    (-(seconds / of_unit).floor(), unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agenda::tests::event;

    #[test]
    fn what_was_kept_is_read_again() {
        let events = [event(1, "2026-06-15 09:30"), event(2, "")];
        let saved = Saved::new(&events, 1_750_000_000_000.5);
        let read = Saved::read(&saved.write()).unwrap();
        assert_eq!(read, saved);
        assert!((read.age(1_750_000_005_000.0) - 5_000.0).abs() < 1.0);
        assert_eq!(read.into_events(), events);
    }

    #[test]
    fn what_is_created_and_deleted_is_followed() {
        let now = Some(("2026-06-12".parse().unwrap(), "09:00".parse().unwrap()));
        let (one, three) = (event(1, "2026-06-13"), event(3, "2026-06-15"));
        let mut saved = Saved::new(&[Arc::clone(&one), Arc::clone(&three)], 0.0);
        saved.add(&event(2, "2026-06-14"), now);
        saved.add(&event(2, "2026-06-14"), now);
        saved.add(&event(4, "2026-06-11"), now);
        saved.add(&event(5, ""), now);
        saved.remove(one.id);
        saved.remove(event(9, "").id);
        assert_eq!(saved.into_events(), [event(2, "2026-06-14"), three]);
    }

    #[test]
    fn what_is_not_ours_is_nothing() {
        for text in ["", "[]", "{}", r#"{"at":1,"events":[{"id":"1"}]}"#] {
            assert_eq!(Saved::read(text), None, "{text}");
        }
    }

    #[test]
    fn keeps_no_more_than_there_is_room_for() {
        let events = vec![event(1, ""); MOST + 1];
        assert_eq!(Saved::new(&events, 0.0).into_events().len(), MOST);
    }

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        for (seconds, expected) in [
            (-5.0, (0.0, "second")),
            (59.9, (-59.0, "second")),
            (60.0, (-1.0, "minute")),
            (3_599.0, (-59.0, "minute")),
            (3_600.0, (-1.0, "hour")),
            (86_399.0, (-23.0, "hour")),
            (200_000.0, (-2.0, "day")),
        ] {
            let (count, unit) = age(seconds * 1_000.0);
            assert_eq!((count + 0.0, unit), expected, "{seconds}");
        }
    }
}
