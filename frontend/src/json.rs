//! JSON by the browser's own parser: one in the app would be 11 kB of the download. Outside of a
//! browser, for tests, it is `serde_json`'s.

use domain::{Event, EventContent, Problem, ProblemEntry, Target, When};

pub use parser::{Value, parse, quoted};

/// A member that is not what it should be.
struct Wrong;

impl Value {
    /// A member that must be there, and be a text.
    pub fn text(&self, member: &str) -> Option<String> {
        self.get(member)?.as_text()
    }

    /// A member whose text is a value of its own.
    fn parsed<T: TryFrom<String>>(&self, member: &str) -> Option<T> {
        self.text(member)?.try_into().ok()
    }

    /// A member that may be missing. The error is one that is there and is wrong.
    fn optional<T: TryFrom<String>>(&self, member: &str) -> Result<Option<T>, Wrong> {
        let Some(value) = self.get(member) else { return Ok(None) };
        let text = value.as_text().ok_or(Wrong)?;
        text.try_into().map(Some).map_err(|_| Wrong)
    }
}

/// A list of what `read` reads, all of it.
pub fn list<T>(value: &Value, read: fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    value.items()?.iter().map(read).collect()
}

/// Unknown members are ignored: a cached page works with a newer API.
pub fn event(value: &Value) -> Option<Event> {
    let when = When::from_parts(
        value.optional("date").ok()?,
        value.optional("time").ok()?,
        value.optional("endTime").ok()?,
    )
    .ok()?;
    let content = EventContent {
        name: value.parsed("name")?,
        when,
        location: value.optional("location").ok()?,
        description: value.optional("description").ok()?,
    };
    Some(Event { id: value.parsed("id")?, content, created_at: value.parsed("createdAt")? })
}

pub fn problem(value: &Value) -> Option<Problem> {
    let errors = match value.get("errors") {
        Some(errors) => list(&errors, problem_entry)?,
        None => Vec::new(),
    };
    Some(Problem {
        kind: value.text("type")?,
        title: value.text("title")?,
        status: value.number("status")?,
        detail: value.optional("detail").ok()?,
        errors,
        error: value.text("error")?,
        request_id: value.optional("requestId").ok()?,
    })
}

fn problem_entry(value: &Value) -> Option<ProblemEntry> {
    let target = value.text("pointer").map(Target::Pointer);
    let target = target.or_else(|| value.text("parameter").map(Target::Parameter));
    let target = target.or_else(|| value.text("header").map(Target::Header))?;
    Some(ProblemEntry { target, detail: value.text("detail")? })
}

/// The body of a create request.
pub fn content_text(content: &EventContent) -> String {
    object(&content_members(content))
}

pub fn event_text(event: &Event) -> String {
    let mut members = vec![("id", event.id.to_string())];
    members.extend(content_members(&event.content));
    members.push(("createdAt", event.created_at.to_string()));
    object(&members)
}

fn content_members(content: &EventContent) -> Vec<(&'static str, String)> {
    let EventContent { name, when, location, description } = content;
    let time = when.and_then(|when| when.time);
    let end_time = when.and_then(When::end_time);
    [
        ("name", Some(name.to_string())),
        ("date", when.map(|when| when.date.to_string())),
        ("time", time.map(|time| time.to_string())),
        ("endTime", end_time.map(|time| time.to_string())),
        ("location", location.as_ref().map(ToString::to_string)),
        ("description", description.as_ref().map(ToString::to_string)),
    ]
    .into_iter()
    .filter_map(|(member, text)| Some((member, text?)))
    .collect()
}

fn object(members: &[(&str, String)]) -> String {
    let members: Vec<_> =
        members.iter().map(|(name, text)| format!("\"{name}\":{}", quoted(text))).collect();
    format!("{{{}}}", members.join(","))
}

/// An array of texts.
pub fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    array(texts.map(quoted))
}

/// An array of values, each written already.
pub fn array(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(","))
}

#[cfg(target_arch = "wasm32")]
mod parser {
    use js_sys::{Array, JSON, Reflect};
    use wasm_bindgen::{JsCast, JsValue};

    pub struct Value(JsValue);

    /// `None` for what is no JSON.
    pub fn parse(text: &str) -> Option<Value> {
        JSON::parse(text).ok().map(Value)
    }

    /// A text as JSON.
    pub fn quoted(text: &str) -> String {
        // It fails for no text.
        JSON::stringify(&JsValue::from_str(text)).map(String::from).unwrap_or_default()
    }

    impl Value {
        /// `None` for what is `null`, missing, or in no object.
        pub fn get(&self, member: &str) -> Option<Self> {
            let value = Reflect::get(&self.0, &JsValue::from_str(member)).ok()?;
            let is_there = !value.is_undefined() && !value.is_null();
            is_there.then_some(Self(value))
        }

        pub fn as_text(&self) -> Option<String> {
            self.0.as_string()
        }

        pub fn items(&self) -> Option<Vec<Self>> {
            Some(self.0.dyn_ref::<Array>()?.iter().map(Self).collect())
        }

        /// A whole number.
        pub fn number<T: TryFrom<u64>>(&self, member: &str) -> Option<T> {
            let number = self.get(member)?.0.as_f64()?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as asked")]
            let whole = number as u64;
            #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "whole or not")]
            let is_whole = whole as f64 == number;
            whole.try_into().ok().filter(|_| is_whole)
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod parser {
    pub struct Value(serde_json::Value);

    pub fn parse(text: &str) -> Option<Value> {
        serde_json::from_str(text).ok().map(Value)
    }

    pub fn quoted(text: &str) -> String {
        serde_json::Value::from(text).to_string()
    }

    impl Value {
        pub fn get(&self, member: &str) -> Option<Self> {
            let value = self.0.get(member)?;
            (!value.is_null()).then(|| Self(value.clone()))
        }

        pub fn as_text(&self) -> Option<String> {
            self.0.as_str().map(str::to_owned)
        }

        pub fn items(&self) -> Option<Vec<Self>> {
            Some(self.0.as_array()?.iter().cloned().map(Self).collect())
        }

        pub fn number<T: TryFrom<u64>>(&self, member: &str) -> Option<T> {
            self.0.get(member)?.as_u64()?.try_into().ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agenda::tests;

    #[test]
    fn an_event_is_read_as_the_api_writes_it() {
        for when in ["", "2026-06-15", "2026-06-15 09:30", "2026-06-15 21:00 02:00"] {
            let made = tests::event(1, when);
            let text = serde_json::to_string(&*made).unwrap();
            assert_eq!(event(&parse(&text).unwrap()).as_ref(), Some(&*made), "{text}");
            assert_eq!(event_text(&made), text);
            assert_eq!(content_text(&made.content), serde_json::to_string(&made.content).unwrap());
        }
    }

    #[test]
    fn what_is_no_event_is_none() {
        let read = |member: &str| {
            let text = format!(
                r#"{{"id":"550e8400-e29b-41d4-a716-446655440000",
                "createdAt":"2026-01-01T00:00:00.000Z",{member}}}"#
            );
            event(&parse(&text).unwrap())
        };
        assert!(read(r#""name":"Choir","date":null,"later":{}"#).is_some());
        for member in [
            r#""names":"a""#,
            r#""name":1"#,
            r#""name":"a","date":"1""#,
            r#""name":"a","time":"09:00""#,
        ] {
            assert!(read(member).is_none(), "{member}");
        }
        assert!(parse("<!doctype html>").is_none());
    }
}
