//! Events in date order, grouped as a printed programme groups them: by month, then by day.

use std::sync::Arc;

use domain::{Date, Event, EventId};

use crate::calendar::Month;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agenda {
    /// A day without an event is not there.
    days: Vec<Day>,
    undated: Vec<Arc<Event>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Day {
    date: Date,
    /// How many events are before those of this day.
    before: usize,
    events: Vec<Arc<Event>>,
}

impl Agenda {
    /// Groups events that are in the order of [`domain::SortKey`], or in its reverse.
    pub fn new(events: &[Arc<Event>]) -> Self {
        let mut agenda = Self::default();
        for (before, event) in events.iter().enumerate() {
            let event = Arc::clone(event);
            let Some(when) = event.content.when else {
                agenda.undated.push(event);
                continue;
            };
            match agenda.days.last_mut() {
                Some(day) if day.date == when.date => day.events.push(event),
                _ => agenda.days.push(Day { date: when.date, before, events: vec![event] }),
            }
        }
        agenda
    }

    /// The months that have an event, in order.
    pub fn months(&self) -> Vec<Month> {
        let mut months: Vec<_> = self.days.iter().map(|day| Month::of(day.date)).collect();
        months.dedup();
        months
    }

    /// The days of a month that have an event, in order.
    pub fn days(&self, month: Month) -> Vec<Date> {
        let days = self.days.iter().map(|day| day.date);
        days.filter(|date| Month::of(*date) == month).collect()
    }

    /// The events of a day, or those without one.
    pub fn events(&self, date: Option<Date>) -> &[Arc<Event>] {
        let Some(date) = date else { return &self.undated };
        self.day(date).map_or(&[], |day| &day.events)
    }

    /// How many events are before those of a day, or before those without one.
    pub fn before(&self, date: Option<Date>) -> usize {
        let dated = || self.days.last().map_or(0, |day| day.before + day.events.len());
        date.and_then(|date| self.day(date)).map_or_else(dated, |day| day.before)
    }

    fn day(&self, date: Date) -> Option<&Day> {
        self.days.iter().find(|day| day.date == date)
    }

    pub fn undated(&self) -> &[Arc<Event>] {
        &self.undated
    }
}

/// Where the keyboard goes when an event leaves the list: to the one after it, or else before it.
pub fn neighbour(events: &[Arc<Event>], id: EventId) -> Option<EventId> {
    let at = events.iter().position(|event| event.id == id)?;
    let next = events.get(at + 1).or_else(|| events.get(at.checked_sub(1)?))?;
    Some(next.id)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An event whose id ends in `id`; `when` is `""`, a date, or a date and a time.
    pub(crate) fn event(id: u8, when: &str) -> Arc<Event> {
        let (date, time) = when.split_once(' ').unwrap_or((when, ""));
        let mut json = serde_json::json!({
            "id": format!("00000000-0000-4000-8000-0000000000{id:02x}"),
            "name": format!("Event {id}"),
            "createdAt": "2026-01-01T00:00:00.000Z",
        });
        if !date.is_empty() {
            json["date"] = date.into();
        }
        if !time.is_empty() {
            json["time"] = time.into();
        }
        Arc::new(serde_json::from_value(json).unwrap())
    }

    #[test]
    fn groups_by_month_and_day_with_the_undated_last() {
        let events = [
            event(1, "2026-06-15"),
            event(2, "2026-06-15 09:00"),
            event(3, "2026-06-30"),
            event(4, "2027-06-30"),
            event(5, ""),
        ];
        let agenda = Agenda::new(&events);
        let days = |month| agenda.days(month).iter().map(Date::to_string).collect::<Vec<_>>();
        let [june, later] = agenda.months()[..] else { panic!("two months") };
        assert_eq!(days(june), ["2026-06-15", "2026-06-30"]);
        assert_eq!(days(later), ["2027-06-30"]);
        let [first, second] = agenda.days(june)[..] else { panic!("two days") };
        assert_eq!(agenda.events(Some(first)), &events[..2]);
        assert_eq!(agenda.events(Some(june.first())), []);
        assert_eq!(agenda.events(None), &events[4..]);
        let before = [Some(first), Some(second), None].map(|day| agenda.before(day));
        assert_eq!(before, [0, 2, 4]);
        assert_eq!(agenda.undated(), &events[4..]);
    }

    #[test]
    fn the_neighbour_is_the_next_or_else_the_previous_one() {
        let events = [event(1, ""), event(2, ""), event(3, "")];
        let ids = events.each_ref().map(|event| event.id);
        assert_eq!(neighbour(&events, ids[0]), Some(ids[1]));
        assert_eq!(neighbour(&events, ids[2]), Some(ids[1]));
        assert_eq!(neighbour(&events[..1], ids[0]), None);
        assert_eq!(neighbour(&events[..1], ids[1]), None);
    }
}
