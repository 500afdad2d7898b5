use domain::{Event, SortKey, Target};
use lambda_http::http::StatusCode;
use serde_json::{Value, json};

use crate::client::{TestApi, ids, on_both};

/// The body of an event with a date and a time, if given.
fn event(day: Option<&str>, time: Option<&str>) -> Value {
    json!({ "name": "a", "date": day, "time": time })
}

/// Creates events that differ in each part of the sort key, and returns them in the order of the
/// list.
async fn created(api: &TestApi) -> Vec<Event> {
    let mut events = Vec::new();
    for day in
        [Some("0001-01-01"), Some("2026-06-15"), Some("2026-06-16"), Some("9999-12-31"), None]
    {
        let times = if day.is_some() { &[None, Some("00:00"), Some("23:59")][..] } else { &[None] };
        for time in times {
            for _ in 0..3 {
                events.push(api.create(&event(day, *time)).await.event());
            }
        }
    }
    events.sort_by_key(SortKey::of);
    events
}

#[tokio::test]
async fn pages_of_any_size_visit_every_event_once_in_order() {
    on_both(async |api| {
        assert_eq!(api.list("").await.json(), json!([]));
        let mut expected = ids(&created(api).await);
        let sizes = [1, 2, 7, expected.len() - 1, expected.len(), 100];
        for order in ["asc", "desc"] {
            for size in sizes {
                let walked = api.walk(&format!("?limit={size}&order={order}")).await;
                assert_eq!(ids(&walked), expected, "{order}, pages of {size}");
            }
            expected.reverse();
        }
    })
    .await;
}

#[tokio::test]
async fn a_link_leads_to_the_next_page_and_repeats_the_parameters() {
    on_both(async |api| {
        let events = created(api).await;
        let exact = api.list(&format!("?limit={}", events.len())).await;
        assert_eq!((exact.events().len(), exact.next_query()), (events.len(), None));
        let page = api.list("?order=desc&limit=2&to=2026-06-15&from=2026-01-01").await;
        let next = page.next_query().unwrap();
        let (asked, cursor) = next.split_once("&cursor=").unwrap();
        assert_eq!(asked, "?from=2026-01-01&to=2026-06-15&order=desc&limit=2");
        assert!(cursor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        // The next page may have another limit.
        let rest = api.list(&next.replace("limit=2", "limit=100")).await;
        assert_eq!(page.events().len() + rest.events().len(), 9);
    })
    .await;
}

#[tokio::test]
async fn from_and_to_are_inclusive_and_leave_undated_events_out() {
    on_both(async |api| {
        let events = created(api).await;
        let days = |events: &[Event]| -> Vec<String> {
            events
                .iter()
                .map(|e| e.content.when.map_or("-".into(), |w| w.date.to_string()))
                .collect()
        };
        for (query, from, to) in [
            ("?from=2026-06-15", "2026-06-15", "9999-12-31"),
            ("?to=2026-06-15", "0001-01-01", "2026-06-15"),
            ("?from=2026-06-15&to=2026-06-15", "2026-06-15", "2026-06-15"),
            ("?from=2026-06-16&to=2026-06-30", "2026-06-16", "2026-06-30"),
            ("?from=2026-06-17&to=2026-06-30", "2026-06-17", "2026-06-30"),
        ] {
            let expected: Vec<String> = days(&events)
                .into_iter()
                .filter(|day| day != "-" && **day >= *from && **day <= *to)
                .collect();
            assert_eq!(days(&api.walk(query).await), expected, "{query}");
            assert_eq!(days(&api.walk(&format!("{query}&limit=2")).await), expected, "{query}");
            let backwards = days(&api.walk(&format!("{query}&limit=2&order=desc")).await);
            assert_eq!(backwards.into_iter().rev().collect::<Vec<_>>(), expected, "{query}");
        }
        assert_eq!(days(&api.walk("?undated=true&limit=2").await), ["-"; 3]);
        assert_eq!(api.walk("?undated=false").await, events);
    })
    .await;
}

#[tokio::test]
async fn every_invalid_parameter_is_reported() {
    on_both(async |api| {
        let parameter = |name: &str| Target::Parameter(name.to_owned());
        for (query, expected) in [
            ("?limit=0", vec![("limit", "must be a whole number from 1 to 100")]),
            ("?limit=101", vec![("limit", "must be a whole number from 1 to 100")]),
            ("?limit=%2B5", vec![("limit", "must be a whole number from 1 to 100")]),
            ("?limit=", vec![("limit", "must be a whole number from 1 to 100")]),
            ("?limit=5&limit=5", vec![("limit", "is given more than once")]),
            ("?order=up", vec![("order", "must be asc or desc")]),
            ("?undated=yes", vec![("undated", "must be true or false")]),
            (
                "?from=2026-02-30",
                vec![("from", "must be a day of the calendar, years 0001 to 9999")],
            ),
            ("?to=soon", vec![("to", "must be a date as YYYY-MM-DD")]),
            ("?from=2026-06-16&to=2026-06-15", vec![("from", "must not be after to")]),
            (
                "?undated=true&to=2026-06-15",
                vec![("undated", "cannot be combined with from or to")],
            ),
            ("?page=2", vec![("page", "is not a parameter of the list")]),
            (
                "?%C3%BC=1&&Limit=1",
                vec![
                    ("ü", "is not a parameter of the list"),
                    ("Limit", "is not a parameter of the list"),
                ],
            ),
            ("?cursor=", vec![("cursor", "must be the cursor of a Link of this very query")]),
            ("?cursor=AAAA", vec![("cursor", "must be the cursor of a Link of this very query")]),
            (
                "?limit=x&order=x&from=x&a",
                vec![
                    ("a", "is not a parameter of the list"),
                    ("from", "must be a date as YYYY-MM-DD"),
                    ("order", "must be asc or desc"),
                    ("limit", "must be a whole number from 1 to 100"),
                ],
            ),
        ] {
            let response = api.list(query).await;
            assert_eq!(response.status, StatusCode::BAD_REQUEST, "{query}");
            let problem = response.problem();
            let found: Vec<_> =
                problem.errors.iter().map(|e| (e.target.clone(), e.detail.as_str())).collect();
            let expected_entries: Vec<_> =
                expected.iter().map(|(name, detail)| (parameter(name), *detail)).collect();
            assert_eq!(found, expected_entries, "{query}");
            let (name, detail) = expected[0];
            assert_eq!(problem.error, format!("Invalid query parameter: {name} {detail}"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_cursor_belongs_to_its_query_and_cannot_be_altered() {
    let api = TestApi::in_process();
    created(&api).await;
    let next = api.list("?limit=2&from=2026-06-15").await.next_query().unwrap();
    assert_eq!(api.list(&next).await.status, StatusCode::OK);
    let (_, cursor) = next.split_once("cursor=").unwrap();
    for at in 0..cursor.len() {
        let mut altered = cursor.as_bytes().to_vec();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        let response = api.list(&format!("?from=2026-06-15&cursor={altered}")).await;
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{altered}");
    }
    for query in [
        format!("?cursor={cursor}"),
        format!("?from=2026-06-14&cursor={cursor}"),
        format!("?from=2026-06-15&to=2026-06-15&cursor={cursor}"),
        format!("?from=2026-06-15&order=desc&cursor={cursor}"),
        format!("?from=2026-06-15&cursor={cursor}="),
        format!("?from=2026-06-15&cursor={}", &cursor[1..]),
    ] {
        assert_eq!(api.list(&query).await.status, StatusCode::BAD_REQUEST, "{query}");
    }
    // Default values make no other query.
    let same = format!("?from=2026-06-15&order=asc&undated=false&cursor={cursor}");
    assert_eq!(api.list(&same).await.status, StatusCode::OK);
}
