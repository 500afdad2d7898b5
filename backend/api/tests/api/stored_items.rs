//! Items as earlier releases wrote them. Each has the event that the API makes of it, in the order of
//! the list.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Event;
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
