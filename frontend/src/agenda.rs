//! Events in date order, grouped as a printed programme groups them: by month, then by day.

use std::sync::Arc;

use domain::{Date, Event, EventId, When};

/// The order of the list: date, then time (none comes first), then id; undated events last.
pub fn order(event: &Event) -> (bool, Option<When>, EventId) {
    let when = event.content.when;
    (when.is_none(), when, event.id)
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agenda {
    pub months: Vec<Month>,
    pub undated: Vec<Arc<Event>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    pub days: Vec<Day>,
}

impl Month {
    /// Its first day that has an event; a month without one is not made.
    pub fn first_date(&self) -> Option<Date> {
        self.days.first().map(|day| day.date)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    pub date: Date,
    pub events: Vec<Arc<Event>>,
}

/// Groups events that are in the order of [`order`].
pub fn group(events: &[Arc<Event>]) -> Agenda {
    let mut agenda = Agenda { months: Vec::new(), undated: Vec::new() };
    for event in events {
        match event.content.when {
            Some(When { date, .. }) => add(&mut agenda.months, date, event),
            None => agenda.undated.push(Arc::clone(event)),
        }
    }
    agenda
}

fn add(months: &mut Vec<Month>, date: Date, event: &Arc<Event>) {
    let events = vec![Arc::clone(event)];
    match months.last_mut() {
        Some(month) if month.first_date().is_some_and(|first| same_month(first, date)) => {
            match month.days.last_mut() {
                Some(day) if day.date == date => day.events.extend(events),
                _ => month.days.push(Day { date, events }),
            }
        }
        _ => months.push(Month { days: vec![Day { date, events }] }),
    }
}

fn same_month(a: Date, b: Date) -> bool {
    (a.year(), a.month()) == (b.year(), b.month())
}

/// The events of one day.
pub fn events_of(events: &[Arc<Event>], day: Date) -> Vec<Arc<Event>> {
    let is_of_day = |event: &&Arc<Event>| event.content.when.is_some_and(|when| when.date == day);
    events.iter().filter(is_of_day).cloned().collect()
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
        let agenda = group(&events);
        let shape: Vec<Vec<(String, usize)>> = agenda
            .months
            .iter()
            .map(|month| {
                month.days.iter().map(|day| (day.date.to_string(), day.events.len())).collect()
            })
            .collect();
        assert_eq!(
            shape,
            [
                vec![("2026-06-15".to_owned(), 2), ("2026-06-30".to_owned(), 1)],
                vec![("2027-06-30".to_owned(), 1)],
            ]
        );
        assert_eq!(agenda.undated, [event(5, "")]);
    }

    #[test]
    fn orders_as_the_api_does() {
        let expected = [
            event(9, "2026-06-15"),
            event(8, "2026-06-15 09:00"),
            event(3, "2026-06-16"),
            event(4, "2026-06-16"),
            event(1, ""),
            event(2, ""),
        ];
        let mut shuffled = expected.clone();
        shuffled.reverse();
        shuffled.sort_by_key(|event| order(event));
        assert_eq!(shuffled, expected);
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
