//! The query parameters of the list, read strictly, and the cursor that continues it.

use std::borrow::Cow;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::input::FieldError;
use domain::{Date, ProblemEntry, Target, limits};
use uuid::{Uuid, uuid};

use crate::ApiError;
use crate::store::SortKey;

/// What to list, from where on, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    pub range: Range,
    pub order: Order,
    /// As asked for: a `Link` repeats what the caller said and no more.
    limit: Option<usize>,
    /// The last event of the page before.
    pub after: Option<SortKey>,
}

/// Which events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// All: the dated ones in order, then those without a date (in `asc`).
    All,
    /// From and to a date, both inclusive; at least one of them is given.
    Dates { from: Option<Date>, to: Option<Date> },
    /// Those without a date.
    Undated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    Asc,
    Desc,
}

impl ListQuery {
    /// Reads a query string (WHATWG URL, "application/x-www-form-urlencoded parsing"); reports every error,
    /// not just the first.
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
        let [from, to, undated, order, limit, cursor] = given;
        let mut reader = Reader { errors };
        let from = reader
            .read("from", from, |value| value.parse().map_err(|e: domain::Refused| e.to_string()));
        let to = reader
            .read("to", to, |value| value.parse().map_err(|e: domain::Refused| e.to_string()));
        let undated = reader.read("undated", undated, parse_undated).unwrap_or_default();
        let order = reader.read("order", order, parse_order).unwrap_or_default();
        let limit = reader.read("limit", limit, parse_limit);
        let range = match (from, to) {
            (None, None) if undated => Range::Undated,
            (None, None) => Range::All,
            (from, to) => {
                if undated {
                    reader.refuse("undated", "cannot be combined with from or to");
                }
                if from.zip(to).is_some_and(|(from, to): (Date, Date)| from > to) {
                    reader.refuse("from", "must not be after to");
                }
                Range::Dates { from, to }
            }
        };
        let mut query = Self { range, order, limit, after: None };
        // What a cursor means depends on the other parameters: it is looked at when those are right.
        if reader.errors.is_empty() {
            query.after = reader.read("cursor", cursor, |value| query.parse_cursor(value));
        }
        if reader.errors.is_empty() { Ok(query) } else { Err(ApiError::Refused(reader.errors)) }
    }

    /// Events on a page.
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(limits::PAGE_MAX)
    }

    /// The same query, continued after an event.
    #[must_use]
    pub fn after(&self, last: SortKey) -> Self {
        Self { after: Some(last), ..self.clone() }
    }

    /// The query string that parses to this query. All of its characters may stand in a URI as they are.
    pub fn to_query_string(&self) -> String {
        let mut text = self.selection();
        let mut add = |name: &str, value: &str| {
            let separator = if text.is_empty() { "" } else { "&" };
            // Writing to a string does not fail.
            let _ = write!(text, "{separator}{name}={value}");
        };
        if let Some(limit) = self.limit {
            add("limit", &limit.to_string());
        }
        if let Some(after) = self.after {
            add("cursor", &self.cursor(after));
        }
        text
    }

    /// The parameters that say which events in which order: what a cursor is bound to.
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

    /// A cursor is a check of eight bytes and the sort key of the last event, in base64url (RFC 4648,
    /// section 5). It holds no secret; the check keeps a cursor from being altered by accident or used
    /// with another query, where it would leave events out in silence.
    fn cursor(&self, after: SortKey) -> String {
        let key = after.to_string();
        let mut bytes = self.check(&key).to_vec();
        bytes.extend_from_slice(key.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn check(&self, key: &str) -> [u8; CHECK_LEN] {
        let text = format!("{}\n{key}", self.selection());
        let hash = Uuid::new_v5(&CURSOR_NAMESPACE, text.as_bytes()).into_bytes();
        std::array::from_fn(|at| hash[at])
    }

    fn parse_cursor(&self, cursor: &str) -> Result<SortKey, String> {
        const REFUSED: &str = "must be the cursor of a Link of this very query";
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| REFUSED)?;
        let (check, key) = bytes.split_at_checked(CHECK_LEN).ok_or(REFUSED)?;
        let key = std::str::from_utf8(key).map_err(|_| REFUSED)?;
        if check != self.check(key) {
            return Err(REFUSED.into());
        }
        key.parse().map_err(|_| REFUSED.into())
    }
}

/// The parameters of the list, in the order in which `parse` takes them apart.
pub const PARAMETERS: [&str; 6] = ["from", "to", "undated", "order", "limit", "cursor"];

const CHECK_LEN: usize = 8;
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
        parse(&value?).map_err(|reason| self.refuse(name, &reason)).ok()
    }

    fn refuse(&mut self, name: &str, reason: &str) {
        self.errors.push(error(name, reason));
    }
}

fn error(parameter: &str, reason: &str) -> FieldError {
    FieldError {
        line: format!("Invalid query parameter: {parameter} {reason}"),
        entry: ProblemEntry {
            target: Target::Parameter(parameter.to_owned()),
            detail: reason.to_owned(),
        },
    }
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

fn parse_limit(value: &str) -> Result<usize, String> {
    // `parse` alone would take a sign too.
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    value
        .parse()
        .ok()
        .filter(|limit| digits && (1..=limits::PAGE_MAX).contains(limit))
        .ok_or_else(|| format!("must be a whole number from 1 to {}", limits::PAGE_MAX))
}
