//! Reading what somebody sent, strictly: nothing is dropped in silence, and every error is reported.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::event::EventContent;
use crate::parts::{Date, Description, Location, Name, Refused, Time, When};
use crate::problem::{ProblemEntry, Target};

/// The line for a body without a name, word for word as clients know it.
pub const MISSING_NAME: &str = "Missing required field: name";

/// Why a body was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParseError {
    /// Not JSON at all (RFC 8259): the reason with its line and column.
    Syntax(String),
    /// JSON, but not an event: every broken member, a missing name first, then as they came.
    Members(Vec<FieldError>),
}

/// One broken member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// For the person who reads one line only.
    pub line: String,
    pub entry: ProblemEntry,
}

impl FieldError {
    fn new(member: &str, reason: &str) -> Self {
        Self {
            line: format!("Invalid field: {member} {reason}"),
            entry: ProblemEntry {
                target: Target::Pointer(pointer(member)),
                detail: reason.to_owned(),
            },
        }
    }

    fn whole_body(reason: &str) -> Self {
        Self {
            line: format!("Invalid request body: {reason}"),
            entry: ProblemEntry { target: Target::Pointer("#".into()), detail: reason.to_owned() },
        }
    }
}

/// What a URI fragment need not escape of a member's name: RFC 3986's unreserved characters.
const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A member's JSON pointer as a URI fragment (RFC 6901, sections 3 and 6).
fn pointer(member: &str) -> String {
    let token = member.replace('~', "~0").replace('/', "~1");
    format!("#/{}", utf8_percent_encode(&token, FRAGMENT))
}

/// Reads the body of a create request. An empty body counts as `{}`, a `null` member as absent.
pub fn parse_new_event(body: &[u8]) -> Result<EventContent, ParseError> {
    let members = if body.is_empty() { Vec::new() } else { members(body)? };
    let mut seen = HashSet::with_capacity(members.len());
    let mut refused = Vec::new();

    let mut name = Ok(None::<Name>);
    let mut date = Ok(None::<Date>);
    let mut time = Ok(None::<Time>);
    let mut location = Ok(None::<Location>);
    let mut description = Ok(None::<Description>);
    for (member, value) in &members {
        let reason = if seen.insert(member) {
            match member.as_str() {
                "name" => take(&mut name, value),
                "date" => take(&mut date, value),
                "time" => take(&mut time, value),
                "location" => take(&mut location, value),
                "description" => take(&mut description, value),
                "id" | "createdAt" => Some(Refused::new("is made by the server")),
                _ => Some(Refused::new("is not a member of an event")),
            }
        } else {
            Some(Refused::new("is given more than once"))
        };
        if let Some(reason) = reason {
            refused.push(FieldError::new(member, &reason.to_string()));
        }
    }
    if name == Ok(None) {
        let missing = FieldError::new("name", "is required");
        refused.insert(0, FieldError { line: MISSING_NAME.to_owned(), ..missing });
    }
    if let (Ok(date), Ok(time)) = (date, time)
        && let Err(reason) = When::from_parts(date, time)
    {
        refused.push(FieldError::new("time", &reason.to_string()));
    }
    match (name, date, time, location, description) {
        (Ok(Some(name)), Ok(date), Ok(time), Ok(location), Ok(description))
            if refused.is_empty() =>
        {
            let when = date.map(|date| When { date, time });
            Ok(EventContent { name, when, location, description })
        }
        _ => Err(ParseError::Members(refused)),
    }
}

/// That a member is there and broken; what is wrong with it is in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Broken;

/// Parses a member's value into its slot; gives the reason when it is refused.
fn take<T: FromStr<Err = Refused>>(
    slot: &mut Result<Option<T>, Broken>,
    value: &Value,
) -> Option<Refused> {
    let parsed = match value {
        Value::Null => return None,
        Value::String(text) => text.parse(),
        other => Err(Refused::new(format!("must be a string, not {}", kind(other)))),
    };
    match parsed {
        Ok(part) => {
            *slot = Ok(Some(part));
            None
        }
        Err(reason) => {
            *slot = Err(Broken);
            Some(reason)
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The members of the object that `body` is, as they came: also repeated and unknown ones.
fn members(body: &[u8]) -> Result<Vec<(String, Value)>, ParseError> {
    let text = std::str::from_utf8(body).map_err(|error| {
        ParseError::Syntax(format!("not UTF-8 at byte {}", error.valid_up_to()))
    })?;
    // Its recursion limit is the depth limit of a body.
    let mut json = serde_json::Deserializer::from_str(text);
    let root = json.deserialize_any(RootVisitor).and_then(|root| json.end().map(|()| root));
    match root {
        Ok(Ok(members)) => Ok(members),
        Ok(Err(kind)) => Err(ParseError::Members(vec![FieldError::whole_body(&format!(
            "must be an object, not {kind}"
        ))])),
        Err(error) => Err(ParseError::Syntax(error.to_string())),
    }
}

/// Reads any JSON text: an object into its members, anything else into the name of its kind. `Value`
/// would keep only the last of several equal members.
struct RootVisitor;

impl<'de> Visitor<'de> for RootVisitor {
    type Value = Result<Vec<(String, Value)>, &'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Ok(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Err("an array"))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Err("a string"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Err("a boolean"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Err("a number"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Err("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Err("a number"))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Err("null"))
    }
}
