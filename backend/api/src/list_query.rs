//! The strict parser of the query parameters of the list and of its calendar feed, and the cursor of
//! the next page.

use std::borrow::Cow;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::input::FieldError;
use domain::{Date, InvalidValue, ProblemEntry, SortKey, Target, limits};
use uuid::{Uuid, uuid};

use crate::ApiError;

/// Which events a page has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    pub range: Range,
    pub order: Order,
    /// `None` if the request has no `limit`: a `Link` repeats only the parameters of the request.
    limit: Option<usize>,
    /// The last event of the previous page.
    pub after: Option<SortKey>,
    pub format: Format,
}

/// What the list is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    #[default]
    Json,
    /// A calendar feed (RFC 5545): dated events from a day on, in ascending order, as many as fit.
    Ics,
}

/// Which events the list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// All events.
    All,
    /// The events from a date to a date, both inclusive. At least one is `Some`.
    Dates { from: Option<Date>, to: Option<Date> },
    /// The events without a date.
    Undated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    Asc,
    Desc,
}

impl ListQuery {
    /// Parses a query string (WHATWG URL, "application/x-www-form-urlencoded parsing"). Reports
    /// every error, not only the first.
    pub fn parse(query: &str) -> Result<Self, ApiError> {
        let mut errors = Vec::new();
        let mut given: [Option<Cow<str>>; PARAMETERS.len()] = Default::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match PARAMETERS.iter().position(|known| *known == name).map(|at| &mut given[at]) {
                Some(slot @ None) => *slot = Some(value),
                Some(Some(_)) => errors.push(error(&name, "is given more than once")),
                None => errors.push(error(&name, "is not a parameter of the list")),
            }
        }
        let [from, to, undated, order, limit, cursor, format] = given;
        let mut reader = Reader { errors };
        let from = reader.read("from", from, parse_date);
        let to = reader.read("to", to, parse_date);
        let undated = reader.read("undated", undated, parse_undated).unwrap_or_default();
        let order = reader.read("order", order, parse_order).unwrap_or_default();
        let limit = reader.read("limit", limit, parse_limit);
        let format = reader.read("format", format, parse_format).unwrap_or_default();
        if format == Format::Ics {
            let not_of_a_feed =
                [("undated", undated), ("order", order == Order::Desc), ("limit", limit.is_some())];
            for (name, _) in not_of_a_feed.into_iter().filter(|(_, is_given)| *is_given) {
                reader.reject(name, "is not for a calendar feed");
            }
        }
        let range = match (from, to) {
            (None, None) if undated => Range::Undated,
            (None, None) => Range::All,
            (from, to) => {
                if undated && format == Format::Json {
                    reader.reject("undated", "cannot be combined with from or to");
                }
                if from.zip(to).is_some_and(|(from, to)| from > to) {
                    reader.reject("from", "must not be after to");
                }
                Range::Dates { from, to }
            }
        };
        let mut query = Self { range, order, limit, after: None, format };
        // The check of the cursor needs the other parameters, so it is parsed only if they are
        // valid.
        if reader.errors.is_empty() {
            query.after = reader.read("cursor", cursor, |value| query.parse_cursor(value));
        }
        if reader.errors.is_empty() { Ok(query) } else { Err(ApiError::Validation(reader.errors)) }
    }

    /// The maximum number of events on a page.
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(limits::PAGE_MAX)
    }

    /// The same query with the first day `from`, if it names none itself.
    #[must_use]
    pub fn from_day(&self, from: Date) -> Self {
        let range = match self.range {
            Range::All => Range::Dates { from: Some(from), to: None },
            Range::Dates { from: None, to } => Range::Dates { from: Some(from), to },
            named => named,
        };
        Self { range, ..self.clone() }
    }

    /// The query of the page after the event `last`.
    #[must_use]
    pub fn after(&self, last: SortKey) -> Self {
        Self { after: Some(last), ..self.clone() }
    }

    /// The query string that parses to this query. None of its characters needs to be escaped.
    pub fn to_query_string(&self) -> String {
        let mut text = self.selection();
        let mut add = |name: &str, value: &str| {
            let separator = if text.is_empty() { "" } else { "&" };
            // `write!` to a string cannot fail.
            let _ = write!(text, "{separator}{name}={value}");
        };
        if self.format == Format::Ics {
            add("format", "ics");
        }
        if let Some(limit) = self.limit {
            add("limit", &limit.to_string());
        }
        if let Some(after) = self.after {
            add("cursor", &self.cursor(after));
        }
        text
    }

    /// The parameters that a cursor is bound to: which events, in which order.
    fn selection(&self) -> String {
        let mut parameters = Vec::new();
        match self.range {
            Range::All => {}
            Range::Undated => parameters.push("undated=true".to_owned()),
            Range::Dates { from, to } => {
                parameters.extend(from.map(|from| format!("from={from}")));
                parameters.extend(to.map(|to| format!("to={to}")));
            }
        }
        if self.order == Order::Desc {
            parameters.push("order=desc".to_owned());
        }
        parameters.join("&")
    }

    /// A cursor is a checksum of eight bytes and the sort key of the last event, in base64url (RFC
    /// 4648, section 5). It has no secret. The checksum detects a cursor that was altered by
    /// accident, or that belongs to another query, where the page would silently lack events.
    fn cursor(&self, after: SortKey) -> String {
        let key = after.to_string();
        let mut bytes = self.checksum(&key).to_vec();
        bytes.extend_from_slice(key.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn checksum(&self, key: &str) -> [u8; CHECKSUM_LEN] {
        let text = format!("{}\n{key}", self.selection());
        let hash = Uuid::new_v5(&CURSOR_NAMESPACE, text.as_bytes()).into_bytes();
        std::array::from_fn(|at| hash[at])
    }

    fn parse_cursor(&self, cursor: &str) -> Result<SortKey, String> {
        const INVALID: &str = "must be the cursor of a Link of this very query";
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| INVALID)?;
        let (checksum, key) = bytes.split_at_checked(CHECKSUM_LEN).ok_or(INVALID)?;
        let key = std::str::from_utf8(key).map_err(|_| INVALID)?;
        if checksum != self.checksum(key) {
            return Err(INVALID.into());
        }
        key.parse().map_err(|_| INVALID.into())
    }
}

/// The parameters of the list, in the order in which [`ListQuery::parse`] destructures them.
pub const PARAMETERS: [&str; 7] = ["from", "to", "undated", "order", "limit", "cursor", "format"];

const CHECKSUM_LEN: usize = 8;
const CURSOR_NAMESPACE: Uuid = uuid!("f1c86d0e-8e0b-4a2b-9d0c-5c7b8f0f6f3a");

struct Reader {
    errors: Vec<FieldError>,
}

impl Reader {
    fn read<T>(
        &mut self,
        name: &str,
        value: Option<Cow<str>>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        parse(&value?).map_err(|reason| self.reject(name, &reason)).ok()
    }

    fn reject(&mut self, name: &str, reason: &str) {
        self.errors.push(error(name, reason));
    }
}

/// The error of a query parameter.
pub fn error(parameter: &str, reason: &str) -> FieldError {
    FieldError {
        message: format!("Invalid query parameter: {parameter} {reason}"),
        entry: ProblemEntry {
            target: Target::Parameter(parameter.to_owned()),
            detail: reason.to_owned(),
        },
    }
}

fn parse_date(value: &str) -> Result<Date, String> {
    value.parse().map_err(|error: InvalidValue| error.to_string())
}

fn parse_undated(value: &str) -> Result<bool, String> {
    value.parse().map_err(|_| "must be true or false".into())
}

fn parse_order(value: &str) -> Result<Order, String> {
    match value {
        "asc" => Ok(Order::Asc),
        "desc" => Ok(Order::Desc),
        _ => Err("must be asc or desc".into()),
    }
}

fn parse_format(value: &str) -> Result<Format, String> {
    match value {
        "json" => Ok(Format::Json),
        "ics" => Ok(Format::Ics),
        _ => Err("must be json or ics".into()),
    }
}

fn parse_limit(value: &str) -> Result<usize, String> {
    // `parse` would also accept a sign.
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    value
        .parse()
        .ok()
        .filter(|limit| digits && (1..=limits::PAGE_MAX).contains(limit))
        .ok_or_else(|| format!("must be a whole number from 1 to {}", limits::PAGE_MAX))
}
