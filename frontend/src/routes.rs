//! Every path of the app, and the queries that go with them.

use std::fmt::{self, Write};
use std::str::FromStr;

use domain::{Date, EventId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::span::Span;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// All events by date.
    Agenda,
    /// A month; its address says which.
    Calendar,
    NewEvent,
    /// One event; `None` when the address holds no id of an event.
    Event(Option<EventId>),
    NotFound,
}

impl Route {
    pub fn event(id: EventId) -> Self {
        Self::Event(Some(id))
    }

    pub fn parse(path: &str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        match path.split_once('/') {
            None if path.is_empty() => Self::Agenda,
            None if path == "calendar" => Self::Calendar,
            None if path == "new" => Self::NewEvent,
            Some(("events", id)) if !id.contains('/') => Self::Event(id.parse().ok()),
            _ => Self::NotFound,
        }
    }
}

/// The path, for `href` and the history.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agenda => f.write_str("/"),
            Self::Calendar => f.write_str("/calendar"),
            Self::NewEvent => f.write_str("/new"),
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
}

impl AgendaQuery {
    pub fn of(span: Span) -> Self {
        Self { span, filter: String::new() }
    }

    /// Unknown parameters are ignored.
    pub fn parse(query: &str) -> Self {
        let date = |name| value(query, name).and_then(|text| Date::from_str(&text).ok());
        let (from, to) = (date("from"), date("to"));
        let span = match value(query, "show").as_deref() {
            _ if from.is_some() || to.is_some() => Span::Between(from, to),
            Some("past") => Span::Past,
            Some("undated") => Span::Undated,
            _ => Span::Upcoming,
        };
        Self { span, filter: value(query, "q").unwrap_or_default() }
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
                for (name, date) in [("from", from), ("to", to)] {
                    if let Some(date) = date {
                        add(name, &date.to_string())?;
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

/// The first value of a name in a query.
fn value(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(other, _)| *other == name)?;
    Some(percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::{AgendaQuery, Route};
    use crate::span::Span;

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
            let query = AgendaQuery { span, filter: filter.to_owned() };
            assert_eq!(query.to_string(), address);
            assert_eq!(AgendaQuery::parse(address.trim_start_matches("/?")), query, "{address}");
        }
    }

    #[test]
    fn a_query_that_somebody_else_wrote_is_read_as_far_as_it_goes() {
        for (query, span, filter) in [
            ("", Span::Upcoming, ""),
            ("show=everything&utm_source=mail&q=", Span::Upcoming, ""),
            ("from=2026-02-30", Span::Upcoming, ""),
            (
                "from=soon&to=2026-06-30",
                Span::Between(None, Some("2026-06-30".parse().unwrap())),
                "",
            ),
            ("q=book+club&q=other", Span::Upcoming, "book club"),
            ("q=%ff%", Span::Upcoming, "\u{fffd}%"),
        ] {
            let expected = AgendaQuery { span, filter: filter.to_owned() };
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
        for (path, route) in [
            ("", Route::Agenda),
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
}
