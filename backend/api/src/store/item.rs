//! An event as an item of the table.

use std::borrow::Cow;
use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Event, EventContent, EventId, InvalidValue, SortKey, When};
use serde::Deserialize;

use crate::ApiError;

/// The index's partition key: a number less than the number of shards.
pub(super) const SHARD: &str = "shard";
/// The index's sort key.
pub(super) const SORT: &str = "sort";

/// What an event is read from. The index's sort key says its id, date and time.
pub(super) const PROJECTION: &str = "#sort, #name, endTime, #location, description, createdAt";
/// The reserved words in it (DynamoDB Developer Guide, "Reserved words in DynamoDB"), but for the
/// sort key's.
pub(super) const RESERVED: [(&str, &str); 2] = [("#name", "name"), ("#location", "location")];

pub type Item = HashMap<String, AttributeValue>;

/// The shard of an id. All bits of a UUID of version 4 or 5 are evenly distributed, but for the six
/// of version and variant, which are not among the last 32.
fn shard(id: &EventId, shards: u32) -> u32 {
    let [.., a, b, c, d] = *id.as_uuid().as_bytes();
    u32::from_be_bytes([a, b, c, d]) % shards
}

/// The item of an event, for an index with `shards` partition keys. Nothing reads `date` and `time`
/// but releases before this one, and people: they are in the sort key too.
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

/// The event of an item. Attributes that are none are an internal error: the API writes none.
pub fn to_event(item: &Item) -> Result<Event, ApiError> {
    let event = Attributes::of(item).and_then(Attributes::into_event);
    event.map_err(|reason| ApiError::Internal(reason.into()))
}

/// The event of an item, read from the item's JSON.
#[derive(Deserialize)]
#[serde(try_from = "Attributes")]
pub(super) struct Stored(pub Event);

impl TryFrom<Attributes<'_>> for Stored {
    type Error = String;

    fn try_from(attributes: Attributes) -> Result<Self, String> {
        attributes.into_event().map(Self)
    }
}

/// The attributes of an event as an item has them, in the table's client or in its JSON. An item that
/// an earlier release wrote lacks those that were added since.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attributes<'a> {
    #[serde(borrow)]
    sort: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    end_time: Option<Text<'a>>,
    #[serde(borrow)]
    location: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    #[serde(borrow)]
    created_at: Option<Text<'a>>,
}

/// An attribute of type string, as DynamoDB writes it: `{"S": "…"}`.
#[derive(Deserialize)]
enum Text<'a> {
    S(#[serde(borrow)] Cow<'a, str>),
}

impl<'a> Attributes<'a> {
    fn of(item: &'a Item) -> Result<Self, String> {
        let text = |name| match item.get(name) {
            None => Ok(None),
            Some(AttributeValue::S(text)) => Ok(Some(Text::S(text.into()))),
            Some(_) => Err(format!("the item {:?}: {name} is not a string", item.get("id"))),
        };
        Ok(Self {
            sort: text(SORT)?,
            name: text("name")?,
            end_time: text("endTime")?,
            location: text("location")?,
            description: text("description")?,
            created_at: text("createdAt")?,
        })
    }

    fn into_event(self) -> Result<Event, String> {
        let Text::S(key) = &self.sort.ok_or("an item without a sort key")?;
        let invalid =
            |name: &str, reason: &InvalidValue| format!("the item {key}: {name} {reason}");
        let missing = |name: &str| format!("the item {key} has no {name}");

        let SortKey { start, id } = key.parse().map_err(|reason| invalid(SORT, &reason))?;
        let (date, time) = start.unzip();
        let end_time = parsed(self.end_time).map_err(|reason| invalid("endTime", &reason))?;
        let when = When::from_parts(date, time.flatten(), end_time)
            .map_err(|error| invalid(error.member, &error.reason))?;
        let name = owned(self.name).map_err(|reason| invalid("name", &reason))?;
        let location = owned(self.location).map_err(|reason| invalid("location", &reason))?;
        let description =
            owned(self.description).map_err(|reason| invalid("description", &reason))?;
        let created_at = parsed(self.created_at).map_err(|reason| invalid("createdAt", &reason))?;
        Ok(Event {
            id,
            content: EventContent {
                name: name.ok_or_else(|| missing("name"))?,
                when,
                location,
                description,
            },
            created_at: created_at.ok_or_else(|| missing("createdAt"))?,
        })
    }
}

fn parsed<T: FromStr>(text: Option<Text>) -> Result<Option<T>, T::Err> {
    text.map(|Text::S(text)| text.parse()).transpose()
}

/// Of what is stored: a text from before there was a rule is taken too.
fn owned<T: TryFrom<String>>(text: Option<Text>) -> Result<Option<T>, T::Error> {
    text.map(|Text::S(text)| text.into_owned().try_into()).transpose()
}
