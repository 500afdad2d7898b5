//! The order of the list, as a type and as text.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::event::Event;
use crate::parts::{Date, EventId, InvalidValue, Time};

/// The place of an event in the list.
///
/// Ordered by date, then time (none before any time), then id; undated events come last. The text
/// of a key orders byte by byte in the same way: `2026-06-15T18:30#id`, `2026-06-15#id`, `~#id`,
/// because `#` is less than `T`, and `~` is greater than any digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// Its date, and its time if it has one.
    pub start: Option<(Date, Option<Time>)>,
    pub id: EventId,
}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let parts = |key: &Self| (key.start.is_none(), key.start, key.id);
        parts(self).cmp(&parts(other))
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl SortKey {
    /// Less than the text of every key.
    pub const FIRST: &str = "0";
    /// Greater than the text of every key with a date, less than the text of every other key.
    pub const UNDATED: &str = "~";
    /// Greater than the text of every key.
    pub const END: &str = "~~";

    pub fn of(event: &Event) -> Self {
        Self { start: event.content.when.map(|when| (when.date, when.time)), id: event.id }
    }

    /// A text less than every key of the day, and greater than every key of the day before.
    pub fn day_start(day: Date) -> String {
        day.to_string()
    }

    /// A text greater than every key of the day (`U` follows `T`), and less than every later key.
    pub fn day_end(day: Date) -> String {
        format!("{day}U")
    }

    /// A text greater than this key and less than every later key: no key is a prefix of another.
    pub fn just_after(self) -> String {
        format!("{self}~")
    }

    /// A text less than this key and not less than any earlier key.
    pub fn just_before(self) -> String {
        match self.id.as_uuid().as_u128().checked_sub(1) {
            Some(id) => Self { id: Uuid::from_u128(id).into(), ..self }.to_string(),
            // No id is less than this one: the text before the id is less than the key.
            None => {
                let key = self.to_string();
                key.split_inclusive('#').next().unwrap_or_default().to_owned()
            }
        }
    }
}

impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.start {
            Some((date, Some(time))) => write!(f, "{date}T{time}#{}", self.id),
            Some((date, None)) => write!(f, "{date}#{}", self.id),
            None => write!(f, "{}#{}", Self::UNDATED, self.id),
        }
    }
}

impl FromStr for SortKey {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let (start, id) = text.split_once('#').unwrap_or_default();
        let start = match start.split_once('T') {
            _ if start == Self::UNDATED => None,
            Some((date, time)) => Some((date.parse()?, Some(time.parse()?))),
            None => Some((start.parse()?, None)),
        };
        Ok(Self { start, id: id.parse()? })
    }
}
