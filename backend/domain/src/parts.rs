//! The parts of an event. Each is made only by parsing, and displays as its parsed text.

use std::fmt;
use std::ops::BitOr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::limits;

/// Why a value is invalid: a clause for the person who entered it, such as `must not be empty`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(String);

impl InvalidValue {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// A part is a string in JSON. Deserializing parses it, so an invalid part cannot be deserialized.
macro_rules! string_part {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = InvalidValue;

            fn try_from(value: String) -> Result<Self, InvalidValue> {
                value.parse()
            }
        }

        serialized_as_text!($name);
    };
}

macro_rules! serialized_as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

/// A text with a maximum length in Unicode scalar values. Parsing checks what somebody enters;
/// `try_from` takes what is stored, from before a text had to be `visible` too.
macro_rules! text_part {
    (
        $(#[$doc:meta])*
        $name:ident, $prepare:expr, max: $max:expr, also: $allowed:expr, visible: $visible:expr
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        serialized_as_text!($name);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidValue;

            fn try_from(value: String) -> Result<Self, InvalidValue> {
                let prepared: &str = $prepare(&value);
                check_text(prepared, $max, $allowed)?;
                // A stored text is as it shall be, and is kept without a copy.
                let changed = (prepared.len() != value.len()).then(|| prepared.to_owned());
                Ok(Self(changed.unwrap_or(value)))
            }
        }

        impl FromStr for $name {
            type Err = InvalidValue;

            fn from_str(value: &str) -> Result<Self, InvalidValue> {
                let value: &str = $prepare(value);
                check_text(value, $max, $allowed)?;
                if $visible && value.chars().all(is_invisible) {
                    return Err(InvalidValue::new("must have a character that can be seen"));
                }
                Ok(Self(value.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn check_text(value: &str, max: usize, allowed_controls: &[char]) -> Result<(), InvalidValue> {
    if value.is_empty() {
        return Err(InvalidValue::new("must not be empty"));
    }
    // A text has no more characters than bytes. Counts no further than the limit, so a long value
    // costs no more than a short one.
    if value.len() > max && value.chars().nth(max).is_some() {
        return Err(InvalidValue::new(format!("must have at most {max} characters")));
    }
    // A control character has one of these bytes in UTF-8: the first for U+0080 to U+009F.
    let may_be_control = |byte| u8::from(byte == 0xC2) | u8::from(byte < b' ' || byte == 0x7F);
    // Without branches, so that the processor takes many bytes at a time.
    if value.bytes().map(may_be_control).fold(0, BitOr::bitor) == 0 {
        return Ok(());
    }
    match value.chars().find(|c| c.is_control() && !allowed_controls.contains(c)) {
        Some(c) => Err(InvalidValue::new(format!(
            "must not contain the control character U+{:04X}",
            u32::from(c)
        ))),
        None => Ok(()),
    }
}

/// Whether nothing of a character is drawn when it stands alone: white space, the characters with
/// `Default_Ignorable_Code_Point` (Unicode, DerivedCoreProperties.txt), those of the general category
/// Cf, and the blank of Braille.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

text_part! {
    /// The name: trimmed, 1 to [`limits::NAME_MAX`] characters, one that can be seen at least, no
    /// control characters.
    Name, str::trim, max: limits::NAME_MAX, also: &[], visible: true
}

text_part! {
    /// The venue: trimmed, 1 to [`limits::LOCATION_MAX`] characters, one that can be seen at least,
    /// no control characters.
    Location, str::trim, max: limits::LOCATION_MAX, also: &[], visible: true
}

text_part! {
    /// The description: 1 to [`limits::DESCRIPTION_MAX`] characters, not trimmed. Tabs, line feeds
    /// and carriage returns are the only control characters.
    Description, std::convert::identity,
    max: limits::DESCRIPTION_MAX, also: &['\t', '\n', '\r'], visible: false
}

/// Parses `text`, which has an ASCII digit wherever `pattern` has `0`, and is equal to `pattern`
/// elsewhere. Returns the numbers between the separators.
fn numbers<const N: usize>(text: &str, pattern: &str) -> Option<[u32; N]> {
    if text.len() != pattern.len() {
        return None;
    }
    let mut found = [0; N];
    let mut at = 0;
    for (byte, expected) in text.bytes().zip(pattern.bytes()) {
        if expected == b'0' {
            if !byte.is_ascii_digit() {
                return None;
            }
            found[at] = found[at] * 10 + u32::from(byte - b'0');
        } else if byte == expected {
            at += 1;
        } else {
            return None;
        }
    }
    Some(found)
}

/// A date of the Gregorian calendar, years 0001 to 9999: `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Date(time::Date);

string_part!(Date);

impl Date {
    /// `None` if the calendar has no such day, or outside the years 0001 to 9999.
    pub fn from_ymd(year: i32, month: u8, day: u8) -> Option<Self> {
        let month = time::Month::try_from(month).ok()?;
        (1..=9999).contains(&year).then_some(())?;
        time::Date::from_calendar_date(year, month, day).ok().map(Self)
    }

    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// 1 to 12.
    pub fn month(self) -> u8 {
        self.0.month().into()
    }

    /// 1 to 31.
    pub fn day(self) -> u8 {
        self.0.day()
    }

    /// 1 (Monday) to 7 (ISO 8601).
    pub fn weekday(self) -> u8 {
        self.0.weekday().number_from_monday()
    }

    /// The date `days` later, or earlier if negative; `None` outside the years 0001 to 9999.
    pub fn plus_days(self, days: i32) -> Option<Self> {
        let day = self.0.to_julian_day().checked_add(days)?;
        let date = time::Date::from_julian_day(day).ok()?;
        (1..=9999).contains(&date.year()).then_some(Self(date))
    }
}

impl FromStr for Date {
    type Err = InvalidValue;

    fn from_str(value: &str) -> Result<Self, InvalidValue> {
        let [year, month, day] = numbers(value, "0000-00-00")
            .ok_or_else(|| InvalidValue::new("must be a date as YYYY-MM-DD"))?;
        i32::try_from(year)
            .ok()
            .zip(u8::try_from(month).ok().zip(u8::try_from(day).ok()))
            .and_then(|(year, (month, day))| Self::from_ymd(year, month, day))
            .ok_or_else(|| InvalidValue::new("must be a day of the calendar, years 0001 to 9999"))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

/// A local time at the venue, 24 hours: `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Time {
    hour: u8,
    minute: u8,
}

string_part!(Time);

impl Time {
    /// 0 to 23.
    pub fn hour(self) -> u8 {
        self.hour
    }

    /// 0 to 59.
    pub fn minute(self) -> u8 {
        self.minute
    }
}

impl FromStr for Time {
    type Err = InvalidValue;

    fn from_str(value: &str) -> Result<Self, InvalidValue> {
        let [hour, minute] =
            numbers(value, "00:00").ok_or_else(|| InvalidValue::new("must be a time as HH:MM"))?;
        match (u8::try_from(hour), u8::try_from(minute)) {
            (Ok(hour @ 0..=23), Ok(minute @ 0..=59)) => Ok(Self { hour, minute }),
            _ => Err(InvalidValue::new("must be a time of day, 00:00 to 23:59")),
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

/// When an event is: its date, its time if it has one, and its end if it has a time. A time without
/// a date and an end without a time cannot be made, nor an end after the last day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    pub date: Date,
    pub time: Option<Time>,
    /// Checked against the others, so it is set by [`When::from_parts`] alone.
    end_time: Option<Time>,
}

/// A part of a [`When`] that does not go with the others.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{member} {reason}")]
pub struct InvalidWhen {
    /// Its JSON member: `time` or `endTime`.
    pub member: &'static str,
    pub reason: InvalidValue,
}

impl When {
    /// Combines the parts that an event has. An end at or before the time is on the next day.
    pub fn from_parts(
        date: Option<Date>,
        time: Option<Time>,
        end_time: Option<Time>,
    ) -> Result<Option<Self>, InvalidWhen> {
        let invalid =
            |member, reason: &str| Err(InvalidWhen { member, reason: InvalidValue::new(reason) });
        if time.is_none() && end_time.is_some() {
            return invalid("endTime", "needs a time");
        }
        let Some(date) = date else {
            return if time.is_some() { invalid("time", "needs a date") } else { Ok(None) };
        };
        let when = Self { date, time, end_time };
        if end_time.is_some() && when.end().is_none() {
            return invalid("endTime", "must be after the time: no day follows this one");
        }
        Ok(Some(when))
    }

    pub fn end_time(self) -> Option<Time> {
        self.end_time
    }

    /// Whether the end is on the day after the date.
    pub fn ends_next_day(self) -> bool {
        self.end_time.is_some() && self.end_time <= self.time
    }

    /// The date and the time of the end.
    pub fn end(self) -> Option<(Date, Time)> {
        let time = self.end_time?;
        let date = if self.ends_next_day() { self.date.plus_days(1)? } else { self.date };
        Some((date, time))
    }

    /// Whether the event is over at a date and time of the venue: its day is, and, if it runs over
    /// midnight, its end has come too.
    pub fn is_over(self, today: Date, now: Time) -> bool {
        match self.end() {
            Some(end) if self.ends_next_day() => end <= (today, now),
            _ => self.date < today,
        }
    }
}

/// An instant in UTC, with milliseconds (RFC 3339): `2026-06-15T08:30:00.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Timestamp(time::UtcDateTime);

string_part!(Timestamp);

impl Timestamp {
    /// `None` outside the years 0001 to 9999, which RFC 3339 cannot represent.
    pub fn from_unix_millis(millis: i64) -> Option<Self> {
        let nanos = i128::from(millis) * 1_000_000;
        let at = time::UtcDateTime::from_unix_timestamp_nanos(nanos).ok()?;
        (1..=9999).contains(&at.year()).then_some(Self(at))
    }

    /// The day, in UTC.
    pub fn date(self) -> Date {
        Date(self.0.date())
    }

    /// Hour, minute and second.
    pub(crate) fn clock(self) -> [u8; 3] {
        let (hour, minute, second) = self.0.as_hms();
        [hour, minute, second]
    }
}

impl FromStr for Timestamp {
    type Err = InvalidValue;

    fn from_str(value: &str) -> Result<Self, InvalidValue> {
        let invalid = || InvalidValue::new("must be an instant as YYYY-MM-DDTHH:MM:SS.mmmZ");
        let (day, clock) = value.split_at_checked(10).ok_or_else(invalid)?;
        let date: Date = day.parse().map_err(|_| invalid())?;
        let [_, hour, minute, second, milli] =
            numbers(clock, "T00:00:00.000Z").ok_or_else(invalid)?;
        let part = |value: u32| u8::try_from(value).map_err(|_| invalid());
        let milli = u16::try_from(milli).map_err(|_| invalid())?;
        let time = time::Time::from_hms_milli(part(hour)?, part(minute)?, part(second)?, milli)
            .map_err(|_| invalid())?;
        Ok(Self(time::UtcDateTime::new(date.0, time)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, (hour, minute, second, milli)) = (self.date(), self.0.as_hms_milli());
        write!(f, "{date}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

/// A UUID with hyphens. Any case is read, lower case is written (RFC 9562, section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct EventId(Uuid);

string_part!(EventId);

impl From<Uuid> for EventId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl EventId {
    pub fn as_uuid(&self) -> &Uuid {
        &self.0
    }
}

impl FromStr for EventId {
    type Err = InvalidValue;

    fn from_str(value: &str) -> Result<Self, InvalidValue> {
        // `Uuid` also parses braces, URNs, and digits without hyphens.
        let parsed = (value.len() == uuid::fmt::Hyphenated::LENGTH).then(|| Uuid::try_parse(value));
        parsed.and_then(Result::ok).map(Self).ok_or_else(|| InvalidValue::new("must be a UUID"))
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}
