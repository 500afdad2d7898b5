//! An event as an item of the table.

use std::collections::HashMap;
use std::str::FromStr;

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
    if let Some(when) = &content.when {
        item.insert("date".into(), text(&when.date));
        if let Some(time) = &when.time {
            item.insert("time".into(), text(time));
        }
        if let Some(end_time) = &when.end_time() {
            item.insert("endTime".into(), text(end_time));
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
/// none. One that an earlier release wrote lacks the members that were added since.
pub(super) fn to_event(mut item: Item) -> Result<Event, ApiError> {
    let when =
        When::from_parts(parsed(&item, "date")?, parsed(&item, "time")?, parsed(&item, "endTime")?)
            .map_err(|error| invalid_attribute(&item, error.member, &error.reason))?;
    let id = required(&item, "id", parsed(&item, "id")?)?;
    let created_at = required(&item, "createdAt", parsed(&item, "createdAt")?)?;
    let name = taken(&mut item, "name")?;
    let content = EventContent {
        name: required(&item, "name", name)?,
        when,
        location: taken(&mut item, "location")?,
        description: taken(&mut item, "description")?,
    };
    Ok(Event { id, content, created_at })
}

fn required<T>(item: &Item, name: &str, value: Option<T>) -> Result<T, ApiError> {
    value.ok_or_else(|| ApiError::Internal(format!("{} has no {name}", id_of(item)).into()))
}

fn parsed<T>(item: &Item, name: &str) -> Result<Option<T>, ApiError>
where
    T: FromStr<Err = InvalidValue>,
{
    match item.get(name) {
        None => Ok(None),
        Some(AttributeValue::S(text)) => {
            text.parse().map(Some).map_err(|reason| invalid_attribute(item, name, &reason))
        }
        Some(_) => Err(not_a_string(item, name)),
    }
}

/// Takes a text out of the item, as it is stored.
fn taken<T>(item: &mut Item, name: &str) -> Result<Option<T>, ApiError>
where
    T: TryFrom<String, Error = InvalidValue>,
{
    match item.remove(name) {
        None => Ok(None),
        Some(AttributeValue::S(text)) => {
            text.try_into().map(Some).map_err(|reason| invalid_attribute(item, name, &reason))
        }
        Some(_) => Err(not_a_string(item, name)),
    }
}

fn not_a_string(item: &Item, name: &str) -> ApiError {
    ApiError::Internal(format!("{}: {name} is not a string", id_of(item)).into())
}

fn invalid_attribute(item: &Item, name: &str, reason: &InvalidValue) -> ApiError {
    ApiError::Internal(format!("{}: {name} {reason}", id_of(item)).into())
}

fn id_of(item: &Item) -> String {
    format!("the stored item {:?}", item.get("id"))
}
