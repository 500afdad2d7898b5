//! Which part of all events a list shows, and in which order.

use std::cmp::Ordering;

use domain::{Date, Event, SortKey, Time, When};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Span {
    /// What is not over, the soonest first: today and later, and what still runs since yesterday.
    #[default]
    Upcoming,
    /// What is over, the latest first.
    Past,
    /// Without a date yet.
    Undated,
    /// The days from one to another, both of them too; an end that is absent is open.
    Between(Option<Date>, Option<Date>),
}

/// A date and a time of the reader's clock.
pub type Moment = (Date, Time);

/// The first and the last day of a range; an end that is absent is open.
pub type Days = (Option<Date>, Option<Date>);

/// One of the two, and its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    From,
    To,
}

impl End {
    /// The parameter of the address, and the field's id.
    pub const fn name(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::To => "to",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::From => "From",
            Self::To => "To",
        }
    }
}

/// Why a range of days is not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DaysError {
    Incomplete(End),
    NoDay(End),
    Backwards,
}

impl DaysError {
    pub fn sentence(self) -> String {
        match self {
            Self::Incomplete(end) => format!("“{}” is incomplete.", end.label()),
            Self::NoDay(end) => {
                format!("“{}” must be a day of the calendar, years 0001 to 9999.", end.label())
            }
            Self::Backwards => "“To” must not be before “From”.".to_owned(),
        }
    }

    /// Whether the field of this end is to be corrected.
    pub fn is_at(self, end: End) -> bool {
        match self {
            Self::Incomplete(other) | Self::NoDay(other) => other == end,
            Self::Backwards => true,
        }
    }

    /// What is wrong with days that exist.
    pub fn of(days: Days) -> Option<Self> {
        matches!(days, (Some(from), Some(to)) if to < from).then_some(Self::Backwards)
    }
}

/// What to ask the API for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Selection {
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub undated: bool,
    pub descending: bool,
    /// Of these days only what is over now, or what is not.
    pub over: Option<(bool, Moment)>,
}

impl Span {
    /// A range without ends is no range.
    pub fn between((from, to): Days) -> Self {
        match (from, to) {
            (None, None) => Self::Upcoming,
            (from, to) => Self::Between(from, to),
        }
    }

    pub fn days(self) -> Days {
        match self {
            Self::Between(from, to) => (from, to),
            Self::Upcoming | Self::Past | Self::Undated => (None, None),
        }
    }

    /// Where an event is found.
    pub fn of(when: Option<When>, now: Option<Moment>) -> Self {
        match (when, now) {
            (None, _) => Self::Undated,
            (Some(when), Some((today, time))) if when.is_over(today, time) => Self::Past,
            _ => Self::Upcoming,
        }
    }

    pub fn selection(self, now: Option<Moment>) -> Selection {
        // What runs over midnight is of yesterday.
        let yesterday = now.and_then(|(today, _)| today.plus_days(-1));
        match self {
            Self::Upcoming => {
                let over = now.map(|now| (false, now));
                Selection { from: yesterday, over, ..Selection::default() }
            }
            Self::Past => {
                let over = now.map(|now| (true, now));
                Selection { to: yesterday, descending: true, over, ..Selection::default() }
            }
            Self::Undated => Selection { undated: true, ..Selection::default() },
            Self::Between(from, to) => Selection { from, to, ..Selection::default() },
        }
    }
}

impl Selection {
    /// Whether it may hold what another one, of another day, does not.
    pub fn is_wider_than(&self, other: &Self) -> bool {
        self.from < other.from || (other.to.is_some() && self.to > other.to)
    }

    pub fn holds(&self, event: &Event) -> bool {
        match event.content.when {
            None => self.undated,
            Some(when) => {
                !self.undated
                    && self.from.is_none_or(|from| from <= when.date)
                    && self.to.is_none_or(|to| when.date <= to)
                    && self.over.is_none_or(|(over, (day, time))| when.is_over(day, time) == over)
            }
        }
    }

    /// The order of the list.
    pub fn compare(&self, a: &Event, b: &Event) -> Ordering {
        let ascending = SortKey::of(a).cmp(&SortKey::of(b));
        if self.descending { ascending.reverse() } else { ascending }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agenda::tests::event;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn moment(day: &str, time: &str) -> Moment {
        (date(day), time.parse().unwrap())
    }

    #[test]
    fn every_event_is_in_one_of_the_three_and_where_it_is_said_to_be() {
        let now = Some(moment("2026-06-12", "02:00"));
        for (when, span) in [
            ("2026-06-11 23:59", Span::Past),
            ("2026-06-11 21:00 23:59", Span::Past),
            ("2026-06-11 21:00 02:00", Span::Past),
            ("2026-06-11 21:00 02:01", Span::Upcoming),
            ("2026-06-10 21:00 20:00", Span::Past),
            ("2026-06-12 00:30 01:30", Span::Upcoming),
            ("2026-06-12", Span::Upcoming),
            ("2026-06-12 08:00", Span::Upcoming),
            ("2027-01-01", Span::Upcoming),
            ("", Span::Undated),
        ] {
            let event = event(1, when);
            assert_eq!(Span::of(event.content.when, now), span, "{when}");
            for other in [Span::Upcoming, Span::Past, Span::Undated] {
                assert_eq!(other.selection(now).holds(&event), other == span, "{when}");
            }
        }
    }

    #[test]
    fn a_range_holds_its_ends_and_no_undated_event() {
        let range =
            Span::Between(Some(date("2026-06-01")), Some(date("2026-06-30"))).selection(None);
        for (when, held) in [
            ("2026-05-31", false),
            ("2026-06-01", true),
            ("2026-06-30 23:59", true),
            ("2026-07-01", false),
            ("", false),
        ] {
            assert_eq!(range.holds(&event(1, when)), held, "{when}");
        }
        assert!(
            Span::Between(None, Some(date("2026-06-30")))
                .selection(None)
                .holds(&event(1, "0001-01-01"))
        );
    }

    #[test]
    fn a_range_may_be_backwards_only_with_both_ends() {
        let (early, late) = (Some(date("2026-06-01")), Some(date("2026-06-30")));
        for (from, to, is_backwards) in [
            (late, early, true),
            (early, late, false),
            (early, early, false),
            (late, None, false),
            (None, early, false),
        ] {
            assert_eq!(DaysError::of((from, to)).is_some(), is_backwards);
        }
    }

    #[test]
    fn a_day_later_more_is_past_and_less_is_to_come() {
        let [today, tomorrow] = ["2026-06-12", "2026-06-13"].map(|day| Some(moment(day, "09:00")));
        for (span, is_wider, was_wider) in [
            (Span::Past, true, false),
            (Span::Upcoming, false, true),
            (Span::Undated, false, false),
            (Span::Between(Some(date("2026-06-12")), None), false, false),
        ] {
            let (before, after) = (span.selection(today), span.selection(tomorrow));
            assert_eq!(after.is_wider_than(&before), is_wider, "{span:?}");
            assert_eq!(before.is_wider_than(&after), was_wider, "{span:?}");
        }
    }

    #[test]
    fn the_past_comes_latest_first() {
        let (early, late) = (event(1, "2026-06-01"), event(2, "2026-06-02"));
        let past = Span::Past.selection(Some(moment("2026-06-12", "09:00")));
        assert_eq!(past.to, Some(date("2026-06-11")));
        assert_eq!(past.compare(&late, &early), Ordering::Less);
        assert_eq!(Span::Upcoming.selection(None).compare(&late, &early), Ordering::Greater);
    }
}
