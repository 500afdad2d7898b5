use domain::input::{FieldError, MISSING_NAME, ParseError};
use domain::{Target, parse_new_event};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The errors of a body, as (pointer, detail).
fn errors(body: &str) -> Vec<(String, String)> {
    match parse_new_event(body.as_bytes()) {
        Err(ParseError::Fields(errors)) => errors
            .into_iter()
            .map(|FieldError { entry, .. }| match entry.target {
                Target::Pointer(pointer) => (pointer, entry.detail),
                other => panic!("{other:?}"),
            })
            .collect(),
        other => panic!("{body}: {other:?}"),
    }
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(pointer, detail)| (pointer.to_owned(), detail.to_owned())).into()
}

fn message(body: &str) -> String {
    match parse_new_event(body.as_bytes()) {
        Err(ParseError::Fields(errors)) => errors.first().unwrap().message.clone(),
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn the_smallest_and_the_largest_event() {
    let smallest = parse_new_event(br#"{"name":"a"}"#).unwrap();
    assert_eq!((smallest.when, smallest.location, smallest.description), (None, None, None));
    let body = json!({
        "name": "n".repeat(200),
        "date": "2026-06-15",
        "time": "18:30",
        "endTime": "18:30",
        "location": "l".repeat(200),
        "description": "d".repeat(2_000),
    });
    let largest = parse_new_event(body.to_string().as_bytes()).unwrap();
    assert_eq!(serde_json::to_value(largest).unwrap(), body);
}

#[test]
fn null_and_an_empty_body_mean_absent() {
    let event = parse_new_event(
        br#"{"name":"a","date":null,"time":null,"endTime":null,"location":null,"description":null}"#,
    );
    assert_eq!(event, parse_new_event(br#"{"name":"a"}"#));
    for body in ["", "{}", r#"{"name":null}"#] {
        assert_eq!(errors(body), pairs([("#/name", "is required")]), "{body}");
        assert_eq!(message(body), MISSING_NAME);
    }
}

#[test]
fn every_invalid_member_is_reported_a_missing_name_first() {
    let body = r#"{"x":1,"date":"2026-02-30","time":"7","location":7,"description":"","id":"1"}"#;
    assert_eq!(
        errors(body),
        pairs([
            ("#/name", "is required"),
            ("#/x", "is not a member of an event"),
            ("#/date", "must be a day of the calendar, years 0001 to 9999"),
            ("#/time", "must be a time as HH:MM"),
            ("#/location", "must be a string, not a number"),
            ("#/description", "must not be empty"),
            ("#/id", "is made by the server"),
        ])
    );
    assert_eq!(message(body), MISSING_NAME);
    assert_eq!(message(r#"{"x":1,"name":""}"#), "Invalid field: x is not a member of an event");
}

#[test]
fn members_of_the_server_and_unknown_members_are_rejected() {
    assert_eq!(
        errors(r#"{"name":"a","createdAt":"2026-06-15T08:30:00.000Z","a/b~c ü":0}"#),
        pairs([
            ("#/createdAt", "is made by the server"),
            ("#/a~1b~0c%20%C3%BC", "is not a member of an event"),
        ])
    );
}

#[test]
fn a_repeated_member_is_rejected_even_with_equal_values() {
    assert_eq!(
        errors(r#"{"name":"a","name":"a"}"#),
        pairs([("#/name", "is given more than once")])
    );
    assert_eq!(
        errors(r#"{"name":"a","n\u0061me":"b","x":0,"x":0}"#),
        pairs([
            ("#/name", "is given more than once"),
            ("#/x", "is not a member of an event"),
            ("#/x", "is given more than once"),
        ])
    );
}

#[test]
fn a_time_needs_a_date() {
    assert_eq!(errors(r#"{"name":"a","time":"10:00"}"#), pairs([("#/time", "needs a date")]));
    // An invalid date has only its own error.
    assert_eq!(
        errors(r#"{"name":"a","time":"10:00","date":"x"}"#),
        pairs([("#/date", "must be a date as YYYY-MM-DD")])
    );
}

#[test]
fn an_end_needs_a_time_and_a_day() {
    let needs_a_time = ("#/endTime", "needs a time");
    let no_day = ("#/endTime", "must be after the time: no day follows this one");
    let no_date = ("#/date", "must be a date as YYYY-MM-DD");
    let (no_time, no_end) =
        (("#/time", "must be a time as HH:MM"), ("#/endTime", "must be a time as HH:MM"));
    for (members, expected) in [
        (r#""endTime":"10:00""#, vec![needs_a_time]),
        (r#""date":"2026-06-15","endTime":"10:00""#, vec![needs_a_time]),
        (r#""time":"10:00","endTime":"11:00""#, vec![("#/time", "needs a date")]),
        (r#""date":"9999-12-31","time":"10:00","endTime":"10:00""#, vec![no_day]),
        (r#""date":"9999-12-31","time":"10:00","endTime":"09:59""#, vec![no_day]),
        // A part that is invalid has only its own error; the others keep theirs.
        (r#""date":"x","endTime":"10:00""#, vec![no_date, needs_a_time]),
        (r#""date":"x","time":"10:00","endTime":"10:00""#, vec![no_date]),
        (r#""date":"2026-06-15","time":"x","endTime":"10:00""#, vec![no_time]),
        (r#""time":"10:00","endTime":"x""#, vec![no_end, ("#/time", "needs a date")]),
    ] {
        let body = format!(r#"{{"name":"a",{members}}}"#);
        let expected: Vec<_> =
            expected.iter().map(|(at, why)| ((*at).to_owned(), (*why).to_owned())).collect();
        assert_eq!(errors(&body), expected, "{members}");
    }
    let last = br#"{"name":"a","date":"9999-12-31","time":"10:00","endTime":"10:01"}"#;
    assert!(parse_new_event(last).is_ok());
}

#[test]
fn members_have_types() {
    for (value, kind) in [
        ("true", "a boolean"),
        ("1.5", "a number"),
        ("[]", "an array"),
        (r#"{"a":1}"#, "an object"),
    ] {
        let body = format!(r#"{{"name":{value}}}"#);
        let reason = format!("must be a string, not {kind}");
        assert_eq!(errors(&body), pairs([("#/name", &reason)]));
    }
    for (body, kind) in [
        ("[]", "an array"),
        (r#"[{"name":"a"}]"#, "an array"),
        (r#""name""#, "a string"),
        ("1", "a number"),
        ("-1", "a number"),
        ("0.5", "a number"),
        ("false", "a boolean"),
        ("null", "null"),
    ] {
        assert_eq!(errors(body), pairs([("#", &format!("must be an object, not {kind}"))]));
    }
}

#[test]
fn invalid_json_is_a_syntax_error_with_its_place() {
    let deep = "[".repeat(200) + &"]".repeat(200);
    let deep_member = format!(r#"{{"name":{deep}}}"#);
    for (body, detail) in [
        (&b"{"[..], "EOF while parsing an object at line 1 column 1"),
        (b" ", "EOF while parsing a value at line 1 column 1"),
        (b"{\"name\":\"a\"} x", "trailing characters at line 1 column 14"),
        (b"{\"name\":\"a\",}", "trailing comma at line 1 column 13"),
        (b"{'name':'a'}", "key must be a string at line 1 column 2"),
        (b"{\"name\":\"\xff\"}", "not UTF-8 at byte 9"),
        (b"\xef\xbb\xbf{}", "expected value at line 1 column 1"),
        (
            b"{\"name\":\"a\nb\"}",
            "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0",
        ),
        (br#"{"name":"\ud800"}"#, "unexpected end of hex escape at line 1 column 16"),
        (deep_member.as_bytes(), "recursion limit exceeded at line 1 column 135"),
    ] {
        let error = parse_new_event(body).unwrap_err();
        assert_eq!(error, ParseError::Syntax(detail.to_owned()), "{}", body.escape_ascii());
    }
}

proptest! {
    #[test]
    fn parsing_a_body_never_panics(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse_new_event(&body);
    }

    #[test]
    fn parsing_json_never_panics(
        members in prop::collection::vec(
            ("name|date|time|endTime|location|description|id|[a-z/~]{0,3}", json_value()),
            0..6,
        )
    ) {
        let members: Vec<String> =
            members.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
        let _ = parse_new_event(format!("{{{}}}", members.join(",")).as_bytes());
    }

    #[test]
    fn a_content_parses_from_its_json(content in crate::strategies::content()) {
        let body = serde_json::to_vec(&content).unwrap();
        prop_assert_eq!(parse_new_event(&body), Ok(content));
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}:[0-9]{2}|.{0,9}".prop_map(Value::from),
        prop::collection::vec(any::<i64>(), 0..3).prop_map(Value::from),
    ]
}
