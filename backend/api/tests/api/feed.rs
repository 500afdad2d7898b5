use api::feed::{BODY_MAX, Settings};
use domain::ics::Calendar;
use domain::limits::FEED_MAX;
use domain::{Date, Event, EventContent, EventId, Target, Timestamp, When};
use harness::client::Response;
use lambda_http::http::{Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

use crate::client::{FEED, TestApi, ids, on_both};

/// A feed of every dated event.
const ALL: &str = "?format=ics&from=0001-01-01";

async fn get(api: &TestApi, query: &str, if_none_match: Option<&str>) -> Response {
    let headers: Vec<_> = if_none_match.map(|tags| ("if-none-match", tags)).into_iter().collect();
    api.send(Method::GET, &format!("/events{query}"), &headers, b"").await
}

/// The feed of these events.
fn calendar(events: &[Event], properties: &[(&str, &str)]) -> String {
    let mut calendar = Calendar::new(env!("APP_NAME"), 0);
    calendar.set("X-WR-CALNAME:", env!("APP_NAME"));
    for (name, value) in properties {
        calendar.set(name, value);
    }
    for event in events {
        calendar.push(event, &format!("{}/events/{}", FEED.page_origin, event.id));
    }
    calendar.finish()
}

#[track_caller]
fn text(response: &Response) -> &str {
    assert_eq!(response.status, StatusCode::OK, "{response:?}");
    assert_eq!(response.header("content-type"), Some("text/calendar; charset=utf-8"));
    assert_eq!(response.header("cache-control"), Some("max-age=900"));
    std::str::from_utf8(&response.body).unwrap()
}

/// The ids of a feed, in its order.
fn feed_ids(text: &str) -> Vec<EventId> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("UID:"));
    lines.map(|uid| uid.strip_suffix("@events").unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn has_the_dated_events_of_the_list_in_its_order() {
    on_both(async |api| {
        for event in [
            json!({ "name": "Later; much, later", "date": "2031-12-31", "time": "22:00",
                "endTime": "02:00", "location": "Hall", "description": "One\nTwo" }),
            json!({ "name": "First", "date": "0001-01-01" }),
            json!({ "name": "Sometime" }),
            json!({ "name": "Rehearsal ".repeat(15), "date": "2031-12-31", "time": "09:30" }),
        ] {
            assert_eq!(api.create(&event).await.status, StatusCode::CREATED);
        }
        let events = api.walk("?from=0001-01-01").await;
        assert_eq!(events.len(), 3);
        let response = get(api, ALL, None).await;
        assert_eq!(text(&response), calendar(&events, &[]));
        assert_eq!(response.header("link"), None);
        let until = get(api, "?to=2031-12-30&format=ics&order=asc&from=0001-01-01", None).await;
        assert_eq!(text(&until), calendar(&events[..1], &[]));
    })
    .await;
}

#[tokio::test]
async fn without_events_is_a_calendar_with_a_name_alone() {
    on_both(async |api| {
        let app = env!("APP_NAME");
        let expected = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//{app}//{app}//EN\r\n\
             X-WR-CALNAME:{app}\r\nEND:VCALENDAR\r\n"
        );
        api.create(&json!({ "name": "a", "date": "2020-01-01" })).await;
        // The last day may be before the first that is not named.
        for query in ["?format=ics", "?format=ics&to=2020-01-01"] {
            assert_eq!(text(&get(api, query, None).await), expected, "{query}");
        }
    })
    .await;
}

#[tokio::test]
async fn begins_thirty_days_ago_unless_it_names_a_day() {
    let api = TestApi::in_process();
    let today = || api::clock::now().unwrap().date();
    // Again if the day changes meanwhile.
    loop {
        let day = today();
        let mut created = Vec::new();
        for days in [-31, -30, 0, 400] {
            let date = day.plus_days(days).unwrap().to_string();
            created.push(api.create(&json!({ "name": "a", "date": date })).await.event());
        }
        let found = feed_ids(text(&get(&api, "?format=ics", None).await));
        if today() == day {
            assert_eq!(found, ids(&created[1..]));
            return;
        }
        for event in created {
            api.delete(&event.id.to_string()).await;
        }
    }
}

#[tokio::test]
async fn is_not_sent_again_to_who_has_it() {
    on_both(async |api| {
        let id = api.create(&json!({ "name": "a", "date": "2031-01-01" })).await.event().id;
        let response = get(api, ALL, None).await;
        let tag = response.header("etag").unwrap();
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() == 18, "{tag}");
        for tags in [
            tag.to_owned(),
            format!("W/{tag}"),
            format!("\"x\", {tag}"),
            "*".into(),
            format!(" {tag},"),
        ] {
            let known = get(api, ALL, Some(&tags)).await;
            assert_eq!(known.status, StatusCode::NOT_MODIFIED, "{tags}");
            assert!(known.body.is_empty());
            assert_eq!(known.header("etag"), Some(tag));
            assert_eq!(known.header("cache-control"), Some("max-age=900"));
            assert_eq!(known.header("content-type"), None);
            assert_eq!(known.header("vary"), Some("Origin"));
        }
        for tags in ["\"x\"", &tag[1..tag.len() - 1], "", "W/*"] {
            assert_eq!(text(&get(api, ALL, Some(tags)).await), text(&response), "{tags}");
        }
        // It changes with its events, and is the same again.
        let other = api.create(&json!({ "name": "b", "date": "2031-01-01" })).await.event().id;
        let changed = get(api, ALL, Some(tag)).await;
        assert_eq!(feed_ids(text(&changed)).len(), 2);
        assert_ne!(changed.header("etag"), Some(tag));
        api.delete(&other.to_string()).await;
        assert_eq!(get(api, ALL, Some(tag)).await.status, StatusCode::NOT_MODIFIED);
        api.delete(&id.to_string()).await;
        assert_eq!(get(api, ALL, Some(tag)).await.status, StatusCode::OK);
    })
    .await;
}

fn event(number: usize, description: Option<&str>) -> Event {
    let day = u8::try_from(number / 40 % 28 + 1).unwrap();
    Event {
        id: Uuid::from_u128(number as u128).into(),
        content: EventContent {
            name: format!("Event {number}").parse().unwrap(),
            when: When::from_parts(Date::from_ymd(2031, 5, day), None, None).unwrap(),
            location: None,
            description: description.map(|text| text.parse().unwrap()),
        },
        created_at: Timestamp::from_unix_millis(0).unwrap(),
    }
}

/// Stores events, and walks along the feeds. Returns the texts of all.
async fn walk(api: &TestApi, events: &[Event]) -> Vec<String> {
    for event in events {
        api.store().create(event.clone()).await.unwrap();
    }
    let mut texts = Vec::new();
    let mut next = Some(ALL.to_owned());
    while let Some(query) = next {
        let response = get(api, &query, None).await;
        texts.push(text(&response).to_owned());
        next = response.next_query();
        assert!(next.iter().all(|query| query.contains("format=ics&cursor=")), "{next:?}");
        assert!(texts.len() < 10, "{next:?}");
    }
    texts
}

#[tokio::test]
async fn of_many_events_has_the_first_thousand_and_leads_to_the_rest() {
    let api = TestApi::in_process();
    let mut events: Vec<Event> = (0..FEED_MAX).map(|number| event(number, None)).collect();
    assert_eq!(walk(&api, &events).await, [calendar(&events, &[])]);
    events.push(event(FEED_MAX, None));
    let note = ("X-WR-CALDESC:", "Only the first 1000 events fit into this calendar.");
    assert_eq!(
        walk(&api, &events[FEED_MAX..]).await,
        [calendar(&events[..FEED_MAX], &[note]), calendar(&events[FEED_MAX..], &[])]
    );
    // The first day that is not named stands in the link, so the next feed has the same one.
    let link = get(&api, "?format=ics", None).await.next_query().unwrap();
    assert!(link.starts_with("?from=2"), "{link}");
    assert_eq!(feed_ids(text(&get(&api, &link, None).await)), [events[FEED_MAX].id]);
}

#[tokio::test]
async fn of_long_events_has_as_many_as_its_answer_may_hold() {
    let api = TestApi::in_process();
    // In JSON a backslash of the calendar's text is two: four for each of these.
    let events: Vec<Event> =
        (0..500).map(|number| event(number, Some(&"\\".repeat(2_000)))).collect();
    let texts = walk(&api, &events).await;
    let found: Vec<EventId> = texts.iter().flat_map(|text| feed_ids(text)).collect();
    assert_eq!(found, ids(&events));
    assert!(texts.len() > 1);
    let length = |text: &str| serde_json::to_string(text).unwrap().len();
    for text in &texts[..texts.len() - 1] {
        // Less than one event is left of the room.
        let length = length(text);
        assert!((BODY_MAX - 10_000..BODY_MAX + 200).contains(&length), "{length}");
        let count = feed_ids(text).len();
        assert!(text.contains(&format!("X-WR-CALDESC:Only the first {count} events ")));
    }
}

#[tokio::test]
async fn names_the_time_zone_of_the_stage() {
    let api = TestApi::in_process();
    api.create(&json!({ "name": "a", "date": "2031-01-01", "time": "10:00" })).await;
    let events = api.walk("").await;
    let page_origin = FEED.page_origin.clone();
    let settings = Settings { page_origin, time_zone: Some("Europe/Zurich".to_owned()) };
    let response = api.feed(Some(&settings), ALL).await;
    assert_eq!(text(&response), calendar(&events, &[("X-WR-TIMEZONE:", "Europe/Zurich")]));
}

#[tokio::test]
async fn has_no_order_but_one_and_no_pages() {
    on_both(async |api| {
        for (query, expected) in [
            ("?format=xml", vec![("format", "must be json or ics")]),
            ("?format=ics&format=ics", vec![("format", "is given more than once")]),
            (
                "?format=ics&order=desc&limit=7&undated=true",
                vec![
                    ("undated", "is not for a calendar feed"),
                    ("order", "is not for a calendar feed"),
                    ("limit", "is not for a calendar feed"),
                ],
            ),
            ("?format=ics&from=2026-06-16&to=2026-06-15", vec![("from", "must not be after to")]),
            (
                "?format=ics&cursor=AAAA",
                vec![("cursor", "must be the cursor of a Link of this very query")],
            ),
        ] {
            let response = get(api, query, Some("*")).await;
            assert_eq!(response.status, StatusCode::BAD_REQUEST, "{query}");
            let errors = response.problem().errors;
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(name, detail)| (Target::Parameter(name.into()), detail.to_owned()))
                .collect();
            let found: Vec<_> = errors.into_iter().map(|e| (e.target, e.detail)).collect();
            assert_eq!(found, expected, "{query}");
        }
        assert_eq!(api.list("?format=json").await.json(), json!([]));
        text(&get(api, "?format=ics&order=asc&undated=false", None).await);
    })
    .await;
}

#[tokio::test]
async fn is_refused_where_there_is_none() {
    let response = TestApi::in_process().feed(None, "?format=ics").await;
    assert_eq!(response.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        response.problem().error,
        "Invalid query parameter: format must be json: there is no calendar feed here"
    );
}
