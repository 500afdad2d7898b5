//! Items as earlier releases wrote them. Each has the event that the API makes of it, in the order of
//! the list.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Event;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};

use crate::client::TestApi;

const ITEMS: &str = include_str!("../stored-items.json");

/// The DynamoDB JSON of an item.
fn item(json: &Value) -> HashMap<String, AttributeValue> {
    let attribute = |value: &Value| match (value["S"].as_str(), value["N"].as_str()) {
        (Some(text), None) => AttributeValue::S(text.to_owned()),
        (None, Some(number)) => AttributeValue::N(number.to_owned()),
        _ => panic!("{value}"),
    };
    let members = json.as_object().unwrap().iter();
    members.map(|(name, value)| (name.clone(), attribute(value))).collect()
}

#[tokio::test]
async fn are_read_as_they_were() {
    let stored: Vec<Value> = serde_json::from_str(ITEMS).unwrap();
    let api = TestApi::in_process();
    for row in &stored {
        api.put_item(item(&row["item"])).await;
    }
    let events: Vec<_> = stored.iter().map(|row| row["event"].clone()).collect();
    assert_eq!(api.list("").await.json(), json!(events));
    for event in &events {
        let got = api.get(event["id"].as_str().unwrap()).await;
        assert_eq!(got.json(), *event);
    }
}

/// So the release before reads what this one writes, as long as an event has no end.
#[test]
fn are_written_as_they_were() {
    for row in serde_json::from_str::<Vec<Value>>(ITEMS).unwrap() {
        let event: Event = serde_json::from_value(row["event"].clone()).unwrap();
        assert_eq!(api::store::item_of(&event, 4), item(&row["item"]), "{event:?}");
    }
}

/// Somebody else wrote or changed it. The answer shows nothing of it.
#[tokio::test]
async fn that_are_no_events_are_internal_errors() {
    const ID: &str = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";
    let stored: Vec<Value> = serde_json::from_str(ITEMS).unwrap();
    let good = item(&stored[0]["item"]);
    assert_eq!(good["id"], AttributeValue::S(ID.into()));
    for (name, value) in [
        ("sort", Some("2026-02-30T19:00#6ba7b810-9dad-41d1-80b4-00c04fd430c8")),
        ("sort", Some("2026-06-12T19:00#secret")),
        ("name", None),
        ("name", Some("secret\u{7}")),
        ("createdAt", None),
        ("createdAt", Some("secret")),
        ("endTime", Some("24:00")),
    ] {
        let api = TestApi::in_process();
        let mut item = good.clone();
        match value {
            Some(value) => item.insert(name.into(), AttributeValue::S(value.into())),
            None => item.remove(name),
        };
        api.put_item(item).await;
        for response in [api.get(ID).await, api.list("").await] {
            assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR, "{name}: {value:?}");
            let error = &response.json()["error"];
            assert_eq!(*error, "Internal server error", "{name}: {value:?}");
        }
    }
}
