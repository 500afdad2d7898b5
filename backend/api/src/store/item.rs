//! An event as an item of the table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Event, EventContent, EventId, InvalidValue, SortKey, When};

use crate::ApiError;

/// The index's partition key: a number less than the number of shards.
pub(super) const SHARD: &str = "shard";
/// The index's sort key.
pub(super) const SORT: &str = "sort";

pub type Item = HashMap<String, AttributeValue>;

/// The shard of an id. All bits of a UUID of version 4 or 5 are evenly distributed, but for the six
/// of version and variant, which are not among the last 32.
fn shard(id: &EventId, shards: u32) -> u32 {
    let [.., a, b, c, d] = *id.as_uuid().as_bytes();
    u32::from_be_bytes([a, b, c, d]) % shards
}

/// The item of an event, for an index with `shards` partition keys.
pub fn from_event(event: &Event, shards: u32) -> Item {
    let Event { id, content, created_at } = event;
    let text = |value: &dyn ToString| AttributeValue::S(value.to_string());
    let mut item = Item::from([
        ("id".into(), text(id)),
        ("name".into(), text(&content.name)),
        ("createdAt".into(), text(created_at)),
        (SHARD.into(), AttributeValue::N(shard(id, shards).to_string())),
        (SORT.into(), text(&SortKey::of(event))),
    ]);
    if let Some(When { date, time }) = &content.when {
        item.insert("date".into(), text(date));
        if let Some(time) = time {
            item.insert("time".into(), text(time));
        }
    }
    if let Some(location) = &content.location {
        item.insert("location".into(), text(location));
    }
    if let Some(description) = &content.description {
        item.insert("description".into(), text(description));
    }
    item
}

/// The event of an item. An item that is not a valid event is an internal error: the API writes
/// none.
pub(super) fn to_event(item: &Item) -> Result<Event, ApiError> {
    let when = When::from_parts(optional(item, "date")?, optional(item, "time")?)
        .map_err(|reason| invalid_attribute(item, "time", &reason))?;
    Ok(Event {
        id: required(item, "id")?,
        content: EventContent {
            name: required(item, "name")?,
            when,
            location: optional(item, "location")?,
            description: optional(item, "description")?,
        },
        created_at: required(item, "createdAt")?,
    })
}

fn required<T: TryFrom<String, Error = InvalidValue>>(
    item: &Item,
    name: &str,
) -> Result<T, ApiError> {
    optional(item, name)?
        .ok_or_else(|| ApiError::Internal(format!("{} has no {name}", id_of(item)).into()))
}

fn optional<T: TryFrom<String, Error = InvalidValue>>(
    item: &Item,
    name: &str,
) -> Result<Option<T>, ApiError> {
    match item.get(name) {
        None => Ok(None),
        Some(AttributeValue::S(text)) => text
            .clone()
            .try_into()
            .map(Some)
            .map_err(|reason| invalid_attribute(item, name, &reason)),
        Some(_) => {
            Err(ApiError::Internal(format!("{}: {name} is not a string", id_of(item)).into()))
        }
    }
}

fn invalid_attribute(item: &Item, name: &str, reason: &InvalidValue) -> ApiError {
    ApiError::Internal(format!("{}: {name} {reason}", id_of(item)).into())
}

fn id_of(item: &Item) -> String {
    format!("the stored item {:?}", item.get("id"))
}
