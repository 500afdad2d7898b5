//! The strict parser of a request body: it ignores nothing, and reports every error.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::event::EventContent;
use crate::parts::{Date, Description, InvalidValue, Location, Name, Time, When};
use crate::problem::{ProblemEntry, Target};

/// The message for a body without a name, as the first version of this API has it.
pub const MISSING_NAME: &str = "Missing required field: name";

/// Why a body is invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParseError {
    /// Not JSON (RFC 8259): the reason with its line and column.
    Syntax(String),
    /// JSON, but not an event: every invalid member, a missing name first, then in the order of the
    /// body.
    Fields(Vec<FieldError>),
}

/// One invalid field of a request: a member of the body, a query parameter or a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The whole error in one line.
    pub message: String,
    pub entry: ProblemEntry,
}

impl FieldError {
    fn new(member: &str, reason: &str) -> Self {
        Self {
            message: format!("Invalid field: {member} {reason}"),
            entry: ProblemEntry {
                target: Target::Pointer(pointer(member)),
                detail: reason.to_owned(),
            },
        }
    }

    fn whole_body(reason: &str) -> Self {
        Self {
            message: format!("Invalid request body: {reason}"),
            entry: ProblemEntry { target: Target::Pointer("#".into()), detail: reason.to_owned() },
        }
    }
}

/// All characters but the unreserved ones of RFC 3986, which a URI fragment does not escape.
const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A member's JSON pointer as a URI fragment (RFC 6901, sections 3 and 6).
fn pointer(member: &str) -> String {
    let token = member.replace('~', "~0").replace('/', "~1");
    format!("#/{}", utf8_percent_encode(&token, FRAGMENT))
}

/// Parses the body of a create request. An empty body is read as `{}`, a `null` member as absent.
pub fn parse_new_event(body: &[u8]) -> Result<EventContent, ParseError> {
    let members = if body.is_empty() { Vec::new() } else { members(body)? };
    let mut seen = HashSet::with_capacity(members.len());
    let mut errors = Vec::new();

    let mut name = Ok(None::<Name>);
    let mut date = Ok(None::<Date>);
    let mut time = Ok(None::<Time>);
    let mut end_time = Ok(None::<Time>);
    let mut location = Ok(None::<Location>);
    let mut description = Ok(None::<Description>);
    for (member, value) in &members {
        let reason = if seen.insert(member) {
            match member.as_str() {
                "name" => take(&mut name, value),
                "date" => take(&mut date, value),
                "time" => take(&mut time, value),
                "endTime" => take(&mut end_time, value),
                "location" => take(&mut location, value),
                "description" => take(&mut description, value),
                "id" | "createdAt" => Some(InvalidValue::new("is made by the server")),
                _ => Some(InvalidValue::new("is not a member of an event")),
            }
        } else {
            Some(InvalidValue::new("is given more than once"))
        };
        if let Some(reason) = reason {
            errors.push(FieldError::new(member, &reason.to_string()));
        }
    }
    if name == Ok(None) {
        let missing = FieldError::new("name", "is required");
        errors.insert(0, FieldError { message: MISSING_NAME.to_owned(), ..missing });
    }
    // An invalid part has an error of its own, and the others none because of it.
    let when = match (date, time, end_time) {
        (Ok(date), Ok(time), end_time) => {
            When::from_parts(date, time, end_time.unwrap_or_default())
        }
        (Err(Invalid), Ok(None), Ok(end_time)) => When::from_parts(None, None, end_time),
        _ => Ok(None),
    };
    if let Err(error) = &when {
        errors.push(FieldError::new(error.member, &error.reason.to_string()));
    }
    match (name, when, location, description) {
        (Ok(Some(name)), Ok(when), Ok(location), Ok(description)) if errors.is_empty() => {
            Ok(EventContent { name, when, location, description })
        }
        _ => Err(ParseError::Fields(errors)),
    }
}

/// The member is present and invalid; its error is in the list of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Invalid;

/// Parses a member's value into its slot; returns the reason if it is invalid.
fn take<T: FromStr<Err = InvalidValue>>(
    slot: &mut Result<Option<T>, Invalid>,
    value: &Value,
) -> Option<InvalidValue> {
    let parsed = match value {
        Value::Null => return None,
        Value::String(text) => text.parse(),
        other => Err(InvalidValue::new(format!("must be a string, not {}", type_name(other)))),
    };
    match parsed {
        Ok(part) => {
            *slot = Ok(Some(part));
            None
        }
        Err(reason) => {
            *slot = Err(Invalid);
            Some(reason)
        }
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The members of the JSON object `body` in their order, repeated and unknown ones too.
fn members(body: &[u8]) -> Result<Vec<(String, Value)>, ParseError> {
    let text = std::str::from_utf8(body).map_err(|error| {
        ParseError::Syntax(format!("not UTF-8 at byte {}", error.valid_up_to()))
    })?;
    // The recursion limit of `serde_json` (128) limits the depth of a body.
    let mut json = serde_json::Deserializer::from_str(text);
    let root = json.deserialize_any(RootVisitor).and_then(|root| json.end().map(|()| root));
    match root {
        Ok(Ok(members)) => Ok(members),
        Ok(Err(type_name)) => Err(ParseError::Fields(vec![FieldError::whole_body(&format!(
            "must be an object, not {type_name}"
        ))])),
        Err(error) => Err(ParseError::Syntax(error.to_string())),
    }
}

/// Deserializes an object into its members, and any other JSON value into the name of its type.
/// `Value` would keep only the last of several members with one name.
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
