//! Properties of all events, queries and pages.

use std::collections::HashSet;
use std::sync::Arc;

use api::list_query::ListQuery;
use domain::{Date, EventId, SortKey, Time};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::client::{TestApi, ids};

fn date() -> impl Strategy<Value = Date> {
    // Few days, so that events share them.
    prop_oneof![
        (2026..=2027, 1..=2_u8, 1..=3_u8),
        (1..=9999, 1..=12_u8, 1..=28_u8),
        Just((1, 1, 1)),
        Just((9999, 12, 31)),
    ]
    .prop_filter_map("no such day", |(y, m, d)| Date::from_ymd(y, m, d))
}

fn time() -> impl Strategy<Value = Time> {
    (0..24, 0..60).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}").parse().unwrap())
}

fn start() -> impl Strategy<Value = Option<(Date, Option<Time>)>> {
    prop::option::weighted(0.8, (date(), prop::option::of(time())))
}

fn sort_key() -> impl Strategy<Value = SortKey> {
    let id = prop_oneof![any::<u128>(), Just(0), Just(u128::MAX)];
    (start(), id).prop_map(|(start, id)| SortKey { start, id: EventId::from(Uuid::from_u128(id)) })
}

/// A text that create accepts, with or without trimming.
fn text() -> impl Strategy<Value = String> {
    "[ \u{a0}]{0,3}[\\p{Lu}\\p{Ll}\\p{Nd}\\p{P}][^\\p{Cc}]{0,40}"
}

fn body() -> impl Strategy<Value = Value> {
    (
        text(),
        (start(), prop::option::of(time())),
        prop::option::of(text()),
        prop::option::of("[^\\p{Cc}]{1,50}(\r?\n[^\\p{Cc}]{0,9}){0,3}"),
    )
        .prop_map(|(name, (start, end), location, description)| {
            let time = start.and_then(|(_, time)| time);
            // On the calendar's last day only a later end is accepted.
            let is_last = start.is_some_and(|(date, _)| date.plus_days(1).is_none());
            let end = end.filter(|end| time.is_some_and(|time| !is_last || *end > time));
            json!({
                "name": name,
                "date": start.map(|(date, _)| date.to_string()),
                "time": time.map(|time| time.to_string()),
                "endTime": end.map(|end| end.to_string()),
                "location": location,
                "description": description,
            })
        })
}

proptest! {
    #[test]
    fn parsing_a_query_never_panics(
        query in "((from|to|undated|order|limit|cursor|format|.{0,4})=?\
            (.{0,12}|[0-9]{1,4}(-[0-9]{2}){0,2})[&;]?){0,6}"
    ) {
        let _ = ListQuery::parse(&query);
    }

    #[test]
    fn a_query_parses_from_its_link(
        from in prop::option::of(date()),
        to in prop::option::of(date()),
        limit in prop::option::of(1..=100_usize),
        desc in any::<bool>(),
        ics in any::<bool>(),
        after in sort_key(),
    ) {
        prop_assume!(from.zip(to).is_none_or(|(from, to)| from <= to));
        // A feed has neither.
        let (limit, desc) = (limit.filter(|_| !ics), desc && !ics);
        let parameters = [
            from.map(|day| format!("from={day}")),
            to.map(|day| format!("to={day}")),
            limit.map(|limit| format!("limit={limit}")),
            desc.then(|| "order=desc".to_owned()),
            ics.then(|| "format=ics".to_owned()),
        ];
        let given = parameters.into_iter().flatten().collect::<Vec<_>>().join("&");
        let query = ListQuery::parse(&given).unwrap().after(after);
        prop_assert_eq!(ListQuery::parse(&query.to_query_string()).unwrap(), query);
    }
}

/// Create, get and list return the same event: that of the request, trimmed.
#[test]
fn an_accepted_event_comes_back_unchanged() {
    let runtime = Runtime::new().unwrap();
    let api = runtime.block_on(async { TestApi::in_process() });
    let run = TestRunner::new(Config::with_cases(128)).run(&body(), |body| {
        runtime.block_on(async {
            let created = api.create(&body).await;
            let event = created.json();
            let id = event["id"].as_str().unwrap();
            for (member, value) in body.as_object().unwrap() {
                let expected = match (member.as_str(), value) {
                    (_, Value::Null) => &Value::Null,
                    ("name" | "location", Value::String(text)) => &json!(text.trim()),
                    (_, value) => value,
                };
                assert_eq!(event.get(member).unwrap_or(&Value::Null), expected, "{member}");
            }
            assert_eq!(api.get(id).await.json(), event);
            assert_eq!(api.list("").await.json(), json!([event]));
            api.delete(id).await;
        });
        Ok(())
    });
    run.unwrap();
}

/// After any place and in both orders, the next page has exactly the events that follow.
#[test]
fn a_cursor_of_any_state_continues() {
    let runtime = Runtime::new().unwrap();
    let api = runtime.block_on(async { TestApi::in_process() });
    let mut keys: Vec<SortKey> = runtime.block_on(async {
        let mut runner = TestRunner::deterministic();
        let mut keys = Vec::new();
        for _ in 0..60 {
            let body = body().new_tree(&mut runner).unwrap().current();
            keys.push(SortKey::of(&api.create(&body).await.event()));
        }
        keys
    });
    keys.sort_unstable();
    let place = prop_oneof![sort_key(), prop::sample::select(keys.clone())];
    let run = TestRunner::new(Config::with_cases(128)).run(
        &(place, any::<bool>(), 1..=70_usize),
        |(place, desc, limit)| {
            let order_asked = if desc { "desc" } else { "asc" };
            let query = format!("order={order_asked}&limit={limit}");
            let query = ListQuery::parse(&query).unwrap().after(place);
            let mut expected: Vec<EventId> = keys
                .iter()
                .filter(|key| if desc { **key < place } else { **key > place })
                .map(|key| key.id)
                .collect();
            if desc {
                expected.reverse();
            }
            let page = runtime.block_on(api.store().list(&query)).unwrap();
            prop_assert_eq!(page.continues_after.is_some(), expected.len() > limit);
            expected.truncate(limit);
            prop_assert_eq!(ids(&page.events), expected);
            Ok(())
        },
    );
    run.unwrap();
}

/// A walk along `Link` returns each stable event exactly once, while others are created and
/// deleted.
#[tokio::test(flavor = "multi_thread")]
async fn a_walk_returns_every_stable_event_once_during_other_writes() {
    let api = Arc::new(TestApi::in_process());
    let mut stable = HashSet::new();
    for n in 0..120 {
        let day = (n % 7 != 0).then(|| format!("2026-06-{:02}", n % 9 + 1));
        stable.insert(api.create(&json!({ "name": "stable", "date": day })).await.event().id);
    }
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let mut others = tokio::task::JoinSet::new();
    for task in 0..4 {
        let (api, stop) = (Arc::clone(&api), Arc::clone(&stop));
        others.spawn(async move {
            let mut n = task;
            let mut deleted = 0;
            let mut passing = std::collections::VecDeque::new();
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                n += 4;
                let day = (n % 5 != 0).then(|| format!("2026-06-{:02}", n % 11 + 1));
                let event = api.create(&json!({ "name": "passing", "date": day })).await.event();
                passing.push_back(event.id.to_string());
                if passing.len() > 10
                    && let Some(oldest) = passing.pop_front()
                {
                    api.delete(&oldest).await;
                    deleted += 1;
                }
            }
            deleted
        });
    }
    for size in [1, 7, 33, 100] {
        for order in ["asc", "desc"] {
            let walked = ids(&api.walk(&format!("?limit={size}&order={order}")).await);
            let found: Vec<_> = walked.iter().filter(|id| stable.contains(id)).collect();
            assert_eq!(found.len(), stable.len(), "{order}, pages of {size}");
            let distinct: HashSet<_> = walked.iter().collect();
            assert_eq!(distinct.len(), walked.len(), "{order}, pages of {size}: no event twice");
        }
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let deleted: usize = others.join_all().await.into_iter().sum();
    assert!(deleted > 0, "no other writes");
}
