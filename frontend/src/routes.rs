//! Every path of the app, and the queries that go with them. Six routes, typed, are less than
//! `leptos_router` would add to the download.

use std::fmt::{self, Write};
use std::str::FromStr;

use domain::{Date, EventId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::calendar::Month;
use crate::span::{DaysError, End, Span};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// All events by date.
    Agenda,
    /// A month; its address says which.
    Calendar,
    NewEvent,
    /// Where the sign-in service leads back to.
    SignedIn,
    /// One event; `None` when the address holds no id of an event.
    Event(Option<EventId>),
    NotFound,
}

impl Route {
    pub fn event(id: EventId) -> Self {
        Self::Event(Some(id))
    }

    pub fn parse(path: &str) -> Self {
        let path = percent_decode_str(path).decode_utf8_lossy();
        let path = path.strip_prefix('/').unwrap_or(&path);
        // Out of a message an address may come with the end of its sentence.
        let path = path.trim_end_matches(|end: char| !end.is_ascii_alphanumeric());
        match path.split_once('/') {
            // The file that the web server gives for every page has an address of its own.
            None if path.is_empty() || path == "index.html" => Self::Agenda,
            None if path == "calendar" => Self::Calendar,
            None if path == "new" => Self::NewEvent,
            None if path == "signed-in" => Self::SignedIn,
            Some(("events", id)) if !id.contains('/') => Self::Event(event_id(id)),
            _ => Self::NotFound,
        }
    }
}

/// The id at the begin of a text. The next sentence may follow without a blank.
fn event_id(text: &str) -> Option<EventId> {
    const LENGTH: usize = 36;
    let rest = text.get(LENGTH..)?;
    let is_whole = !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '-');
    text[..LENGTH].parse().ok().filter(|_| is_whole)
}

/// The path, for `href` and the history.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agenda => f.write_str("/"),
            Self::Calendar => f.write_str("/calendar"),
            Self::NewEvent => f.write_str("/new"),
            Self::SignedIn => f.write_str("/signed-in"),
            Self::Event(Some(id)) => write!(f, "/events/{id}"),
            Self::Event(None) | Self::NotFound => f.write_str("/not-found"),
        }
    }
}

/// What the agenda shows: `/?show=past`, `/?show=undated`, `/?from=2026-06-01&to=2026-06-30`, each
/// also with `q=choir`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AgendaQuery {
    pub span: Span,
    /// As it was typed.
    pub filter: String,
    /// Why the days of the address are not asked for.
    pub error: Option<DaysError>,
}

impl AgendaQuery {
    pub fn of(span: Span) -> Self {
        Self { span, ..Self::default() }
    }

    /// Unknown parameters are ignored.
    pub fn parse(query: &str) -> Self {
        let mut error = None;
        let mut date = |end: End| {
            let text = value(query, end.name()).filter(|text| !text.is_empty())?;
            let date = Date::from_str(&text).ok();
            if date.is_none() {
                error = error.or(Some(DaysError::NoDay(end)));
            }
            date
        };
        let (from, to) = (date(End::From), date(End::To));
        let error = error.or_else(|| DaysError::of((from, to)));
        let span = match value(query, "show").as_deref() {
            _ if from.is_some() || to.is_some() => Span::Between(from, to),
            Some("past") => Span::Past,
            Some("undated") => Span::Undated,
            _ => Span::Upcoming,
        };
        Self { span, filter: value(query, "q").unwrap_or_default(), error }
    }
}

/// All but RFC 3986's unreserved characters.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The whole address: the path of the agenda and the query.
impl fmt::Display for AgendaQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut path = Route::Agenda.to_string();
        let mut add = |name: &str, value: &str| {
            path.push(if path.contains('?') { '&' } else { '?' });
            write!(path, "{name}={}", utf8_percent_encode(value, ESCAPED))
        };
        match self.span {
            Span::Upcoming => {}
            Span::Past => add("show", "past")?,
            Span::Undated => add("show", "undated")?,
            Span::Between(from, to) => {
                for (end, date) in [(End::From, from), (End::To, to)] {
                    if let Some(date) = date {
                        add(end.name(), &date.to_string())?;
                    }
                }
            }
        }
        if !self.filter.trim().is_empty() {
            add("q", &self.filter)?;
        }
        f.write_str(&path)
    }
}

/// The query of the calendar's address: `month=2026-06`, and `day=15` when a day is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalendarQuery {
    pub month: Month,
    pub day: Option<Date>,
}

impl CalendarQuery {
    /// The month of `today` where the query names none. The error is for the reader.
    pub fn parse(query: &str, today: Date) -> Result<Self, &'static str> {
        const NO_MONTH: &str = "That month doesn’t exist; showing the current one.";
        const NO_DAY: &str = "That day doesn’t exist; showing the current month.";

        let month = match value(query, "month") {
            Some(month) => month.parse().map_err(|_| NO_MONTH)?,
            None => Month::of(today),
        };
        let day = match value(query, "day") {
            Some(day) => {
                let first = month.first();
                let day = day.parse().map_err(|_| NO_DAY)?;
                Some(Date::from_ymd(first.year(), first.month(), day).ok_or(NO_DAY)?)
            }
            None => None,
        };
        Ok(Self { month, day })
    }
}

/// The whole address: the path of the calendar and the query.
impl fmt::Display for CalendarQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}?month={}", Route::Calendar, self.month)?;
        match self.day {
            Some(day) => write!(f, "&day={}", day.day()),
            None => Ok(()),
        }
    }
}

/// The first value of a name in a query.
fn value(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(other, _)| *other == name)?;
    Some(percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use domain::Date;

    use super::{AgendaQuery, CalendarQuery, Route};
    use crate::calendar::Month;
    use crate::span::{DaysError, End, Span};

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn every_view_of_the_agenda_has_an_address_and_back() {
        let day = |text: &str| Some(text.parse().unwrap());
        for (address, span, filter) in [
            ("/", Span::Upcoming, ""),
            ("/?show=past", Span::Past, ""),
            ("/?show=undated&q=caf%C3%A9%20%26%20%2Bcake%3D", Span::Undated, "café & +cake="),
            ("/?from=2026-06-01", Span::Between(day("2026-06-01"), None), ""),
            (
                "/?from=2026-06-01&to=2026-06-30&q=a",
                Span::Between(day("2026-06-01"), day("2026-06-30")),
                "a",
            ),
        ] {
            let query = AgendaQuery { filter: filter.to_owned(), ..AgendaQuery::of(span) };
            assert_eq!(query.to_string(), address);
            assert_eq!(AgendaQuery::parse(address.trim_start_matches("/?")), query, "{address}");
        }
    }

    #[test]
    fn a_query_that_somebody_else_wrote_is_read_as_far_as_it_goes() {
        let june = Some(date("2026-06-30"));
        let (from, to) = (Some(DaysError::NoDay(End::From)), Some(DaysError::NoDay(End::To)));
        for (query, span, filter, error) in [
            ("", Span::Upcoming, "", None),
            ("show=everything&utm_source=mail&q=", Span::Upcoming, "", None),
            ("from=&to=2026-06-30", Span::Between(None, june), "", None),
            ("from=2026-02-30", Span::Upcoming, "", from),
            ("from=soon&to=2026-06-30", Span::Between(None, june), "", from),
            ("from=2026-06-30&to=10000-01-01", Span::Between(june, None), "", to),
            ("q=book+club&q=other", Span::Upcoming, "book club", None),
            ("q=%ff%", Span::Upcoming, "\u{fffd}%", None),
        ] {
            let expected = AgendaQuery { span, filter: filter.to_owned(), error };
            assert_eq!(AgendaQuery::parse(query), expected, "{query}");
        }
    }

    #[test]
    fn every_page_has_a_path_and_every_path_a_page() {
        let id = "550e8400-e29b-41d4-a716-446655440000".parse().unwrap();
        for (path, route) in [
            ("/", Route::Agenda),
            ("/calendar", Route::Calendar),
            ("/new", Route::NewEvent),
            ("/events/550e8400-e29b-41d4-a716-446655440000", Route::event(id)),
        ] {
            assert_eq!(Route::parse(path), route);
            assert_eq!(route.to_string(), path);
        }
        for end in [".", ",", ")", "!?", "…", "%2E", "%22", "%E2%80%9D.", "。", "/"] {
            let path = format!("/events/550e8400-e29b-41d4-a716-446655440000{end}");
            assert_eq!(Route::parse(&path), Route::event(id), "{path}");
        }
        for (path, route) in [
            ("", Route::Agenda),
            ("/index.html", Route::Agenda),
            ("/new/", Route::NewEvent),
            ("/events/not-an-id", Route::Event(None)),
            ("/events", Route::NotFound),
            ("/events/", Route::NotFound),
            ("/events/550e8400-e29b-41d4-a716-446655440000/more", Route::NotFound),
            ("/nowhere", Route::NotFound),
        ] {
            assert_eq!(Route::parse(path), route, "{path}");
        }
    }

    #[test]
    fn the_address_says_which_month_and_day() {
        let today = date("2026-06-12");
        let query = |month, day| Some(CalendarQuery { month: Month::of(date(month)), day });
        for (query, expected) in [
            ("", query("2026-06-01", None)),
            ("month=0001-01", query("0001-01-01", None)),
            ("month=2027-02&day=28", query("2027-02-01", Some(date("2027-02-28")))),
            ("other=1&month=2027-02", query("2027-02-01", None)),
            ("month=2027-02&day=29", None),
            ("month=2027-13", None),
            ("month=10000-01", None),
            ("month=", None),
        ] {
            assert_eq!(CalendarQuery::parse(query, today).ok(), expected, "{query}");
        }
        for query in ["month=0001-01", "month=2027-02&day=8"] {
            let address = CalendarQuery::parse(query, today).unwrap().to_string();
            assert_eq!(address, format!("/calendar?{query}"));
        }
    }
}
