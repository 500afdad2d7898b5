//! Events in date order, grouped as a printed programme groups them: by month, then by day.

use std::sync::Arc;

use domain::{Date, Event, EventId};

use crate::calendar::Month;

/// An event, and its position in the whole list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub position: usize,
    pub event: Arc<Event>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agenda {
    /// A day without an event is not there.
    days: Vec<(Date, Vec<Row>)>,
    undated: Vec<Row>,
}

impl Agenda {
    /// Groups rows that are in the order of [`domain::SortKey`], or in its reverse.
    pub fn new(rows: impl IntoIterator<Item = Row>) -> Self {
        let mut agenda = Self::default();
        for row in rows {
            let Some(when) = row.event.content.when else {
                agenda.undated.push(row);
                continue;
            };
            match agenda.days.last_mut() {
                Some((date, rows)) if *date == when.date => rows.push(row),
                _ => agenda.days.push((when.date, vec![row])),
            }
        }
        agenda
    }

    /// The months that have an event, in order.
    pub fn months(&self) -> Vec<Month> {
        let mut months: Vec<_> = self.days.iter().map(|(date, _)| Month::of(*date)).collect();
        months.dedup();
        months
    }

    /// The days of a month that have an event, in order.
    pub fn days(&self, month: Month) -> Vec<Date> {
        let dates = self.days.iter().map(|(date, _)| *date);
        dates.filter(|date| Month::of(*date) == month).collect()
    }

    /// The rows of a day, or those without one.
    pub fn rows(&self, date: Option<Date>) -> &[Row] {
        let Some(date) = date else { return &self.undated };
        let day = self.days.iter().find(|(other, _)| *other == date);
        day.map_or(&[], |(_, rows)| rows)
    }
}

/// The rows of events whose positions begin with `first`.
pub fn rows(events: &[Arc<Event>], first: usize) -> impl Iterator<Item = Row> {
    let numbered = events.iter().zip(first..);
    numbered.map(|(event, position)| Row { position, event: Arc::clone(event) })
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

    /// An event whose id ends in `id`; `when` is `""`, or a date, and a time, and an end.
    pub(crate) fn event(id: u8, when: &str) -> Arc<Event> {
        let mut json = serde_json::json!({
            "id": format!("00000000-0000-4000-8000-0000000000{id:02x}"),
            "name": format!("Event {id}"),
            "createdAt": "2026-01-01T00:00:00.000Z",
        });
        for (member, part) in ["date", "time", "endTime"].into_iter().zip(when.split_whitespace()) {
            json[member] = part.into();
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
        let agenda = Agenda::new(rows(&events, 7));
        let days = |month| agenda.days(month).iter().map(Date::to_string).collect::<Vec<_>>();
        let [june, later] = agenda.months()[..] else { panic!("two months") };
        assert_eq!(days(june), ["2026-06-15", "2026-06-30"]);
        assert_eq!(days(later), ["2027-06-30"]);
        let [first, second] = agenda.days(june)[..] else { panic!("two days") };
        let positions = |day| agenda.rows(day).iter().map(|row| row.position).collect::<Vec<_>>();
        assert_eq!(positions(Some(first)), [7, 8]);
        assert_eq!(positions(Some(second)), [9]);
        assert!(agenda.rows(Some(june.first())).is_empty());
        assert_eq!(agenda.rows(None), [Row { position: 11, event: event(5, "") }]);
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
