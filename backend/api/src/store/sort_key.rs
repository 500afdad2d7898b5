//! The order of the list as one string.

use std::fmt;
use std::str::FromStr;

use domain::{Date, Event, EventId, Refused, When};
use uuid::Uuid;

/// Where an event stands in the list. Its text orders byte by byte as (date, time, id) does: no time
/// before any time, no date after every date.
///
/// `2026-06-15T18:30#id`, `2026-06-15#id`, `~#id`: `#` is less than `T`, `~` greater than any digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    pub when: Option<When>,
    pub id: EventId,
}

impl SortKey {
    /// What every key of a dated event begins with is greater than this.
    pub(super) const FIRST: &str = "0";
    /// Greater than every key of a dated event, less than the others.
    pub(super) const UNDATED: &str = "~";
    /// Greater than every key.
    pub(super) const END: &str = "~~";

    pub fn of(event: &Event) -> Self {
        Self { when: event.content.when, id: event.id }
    }

    /// Less than every key of the day.
    pub(super) fn day_start(day: Date) -> String {
        day.to_string()
    }

    /// Greater than every key of the day: `U` follows `T`.
    pub(super) fn day_end(day: Date) -> String {
        format!("{day}U")
    }

    /// Greater than this key, and not greater than any key after it: no key is longer than another of its
    /// kind.
    pub(super) fn just_after(self) -> String {
        format!("{self}~")
    }

    /// Less than this key, and not less than any key before it.
    pub(super) fn just_before(self) -> String {
        match self.id.as_uuid().as_u128().checked_sub(1) {
            Some(id) => Self { id: Uuid::from_u128(id).into(), ..self }.to_string(),
            // Before the first id of all comes what ends where the ids begin.
            None => {
                let key = self.to_string();
                key.split_inclusive('#').next().unwrap_or_default().to_owned()
            }
        }
    }
}

impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.when {
            Some(When { date, time: Some(time) }) => write!(f, "{date}T{time}#{}", self.id),
            Some(When { date, time: None }) => write!(f, "{date}#{}", self.id),
            None => write!(f, "{}#{}", Self::UNDATED, self.id),
        }
    }
}

impl FromStr for SortKey {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        let (when, id) = text.split_once('#').unwrap_or_default();
        let when = match when.split_once('T') {
            _ if when == Self::UNDATED => None,
            Some((date, time)) => Some(When { date: date.parse()?, time: Some(time.parse()?) }),
            None => Some(When { date: when.parse()?, time: None }),
        };
        Ok(Self { when, id: id.parse()? })
    }
}
