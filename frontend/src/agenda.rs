//! Events in date order, grouped as a printed programme groups them: by month, then by day.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use domain::{Date, Event, EventId, When};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

/// Groups events that are in the order of [`domain::SortKey`].
pub fn group(events: &[Arc<Event>]) -> Agenda {
    let mut agenda = Agenda::default();
    for event in events {
        match event.content.when {
            Some(When { date, .. }) => add(&mut agenda.months, date, event),
            None => agenda.undated.push(Arc::clone(event)),
        }
    }
    agenda
}

fn add(months: &mut Vec<Month>, date: Date, event: &Arc<Event>) {
    let day = || Day { date, events: vec![Arc::clone(event)] };
    match months.last_mut() {
        Some(month) if month.first_date().is_some_and(|first| same_month(first, date)) => {
            match month.days.last_mut() {
                Some(day) if day.date == date => day.events.push(Arc::clone(event)),
                _ => month.days.push(day()),
            }
        }
        _ => months.push(Month { days: vec![day()] }),
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

/// Changes when what is shown of these events does: which they are, and which of them are pending.
pub fn fingerprint<'a>(
    events: impl IntoIterator<Item = &'a Arc<Event>>,
    is_pending: impl Fn(EventId) -> bool,
) -> u64 {
    let mut hasher = DefaultHasher::new();
    for event in events {
        (event.id, is_pending(event.id)).hash(&mut hasher);
    }
    hasher.finish()
}

/// What a filter hides: one flag a row, a day and a month, in the order of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hidden {
    pub rows: Vec<bool>,
    pub days: Vec<bool>,
    pub months: Vec<bool>,
}

/// `shown` has one flag an event. A day without a shown event is hidden, and so is a month.
pub fn hidden(agenda: &Agenda, shown: &[bool]) -> Hidden {
    let mut hidden = Hidden::default();
    let mut shown = shown.iter().copied();
    let mut rows = |hidden: &mut Hidden, count: usize| {
        let start = hidden.rows.len();
        hidden.rows.extend(shown.by_ref().take(count).map(|shown| !shown));
        hidden.rows[start..].iter().all(|row| *row)
    };
    for month in &agenda.months {
        let mut all = true;
        for day in &month.days {
            let day = rows(&mut hidden, day.events.len());
            hidden.days.push(day);
            all &= day;
        }
        hidden.months.push(all);
    }
    if !agenda.undated.is_empty() {
        let all = rows(&mut hidden, agenda.undated.len());
        hidden.months.push(all);
    }
    hidden
}

/// What is hidden without a filter.
pub fn all_shown(agenda: &Agenda) -> Hidden {
    let events = agenda.months.iter().flat_map(|month| &month.days).map(|day| day.events.len());
    hidden(agenda, &vec![true; events.sum::<usize>() + agenda.undated.len()])
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
    fn days_and_months_without_a_match_are_hidden() {
        let events = [
            event(1, "2026-06-15"),
            event(2, "2026-06-15"),
            event(3, "2026-06-30"),
            event(4, "2027-06-30"),
        ];
        let agenda = group(&events);
        assert_eq!(
            hidden(&agenda, &[true, false, false, false]),
            Hidden {
                rows: vec![false, true, true, true],
                days: vec![false, true, true],
                months: vec![false, true],
            }
        );
        assert_eq!(
            hidden(&group(&[event(1, "")]), &[false]),
            Hidden { rows: vec![true], days: vec![], months: vec![true] }
        );
    }

    #[test]
    fn a_month_is_drawn_anew_when_its_events_change_only() {
        let events = |ids: &[u8]| ids.iter().map(|id| event(*id, "2026-06-15")).collect::<Vec<_>>();
        let same = fingerprint(&events(&[1, 2]), |_| false);
        assert_eq!(fingerprint(&events(&[1, 2]), |_| false), same);
        assert_ne!(fingerprint(&events(&[1, 3]), |_| false), same);
        assert_ne!(fingerprint(&events(&[1, 2]), |id| id == event(2, "").id), same);
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
