use domain::{Event, Problem, ProblemEntry, Target};
use proptest::prelude::*;
use serde_json::json;

#[test]
fn members_are_written_in_order_and_absent_ones_are_absent() {
    let text = concat!(
        r#"{"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","name":"a","date":"2026-06-15","#,
        r#""time":"18:30","endTime":"01:00","location":"l","description":"d","#,
        r#""createdAt":"2026-06-01T08:30:00.000Z"}"#,
    );
    let event: Event = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&event).unwrap(), text);

    let text = concat!(
        r#"{"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","name":"a","#,
        r#""createdAt":"2026-06-01T08:30:00.000Z"}"#,
    );
    let event: Event = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&event).unwrap(), text);
}

#[test]
fn an_invalid_event_cannot_be_deserialized() {
    let valid = json!({
        "id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "name": "a",
        "createdAt": "2026-06-01T08:30:00.000Z",
    });
    assert!(serde_json::from_value::<Event>(valid.clone()).is_ok());
    for (member, value) in [
        ("id", "1"),
        ("name", " "),
        ("createdAt", "now"),
        ("date", "2026-02-30"),
        ("time", "10:00"),
        ("endTime", "10:00"),
    ] {
        let mut event = valid.clone();
        event[member] = json!(value);
        assert!(serde_json::from_value::<Event>(event).is_err(), "{member}");
    }
}

#[test]
fn a_problem_has_the_members_of_its_json() {
    let problem = Problem {
        kind: "about:blank".into(),
        title: "Bad Request".into(),
        status: 400,
        detail: None,
        errors: vec![
            ProblemEntry { target: Target::Pointer("#/date".into()), detail: "x".into() },
            ProblemEntry { target: Target::Parameter("limit".into()), detail: "y".into() },
            ProblemEntry { target: Target::Header("Idempotency-Key".into()), detail: "z".into() },
        ],
        error: "e".into(),
        request_id: None,
    };
    let expected = json!({
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "errors": [
            { "pointer": "#/date", "detail": "x" },
            { "parameter": "limit", "detail": "y" },
            { "header": "Idempotency-Key", "detail": "z" },
        ],
        "error": "e",
    });
    assert_eq!(serde_json::to_value(&problem).unwrap(), expected);
    assert_eq!(serde_json::from_value::<Problem>(expected).unwrap(), problem);
}

proptest! {
    #[test]
    fn an_event_parses_from_its_json(event in crate::strategies::event()) {
        let text = serde_json::to_string(&event).unwrap();
        prop_assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
    }
}
