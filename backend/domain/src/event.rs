//! The event and its JSON.

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::parts::{
    Date, Description, EventId, InvalidWhen, Location, Name, Time, Timestamp, When,
};

/// An event as the table stores it and the API sends it. Its JSON members are `id`, `name`, `date`,
/// `time`, `endTime`, `location`, `description`, `createdAt`, in this order. An absent part has no
/// member, and never a `null`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "EventJson")]
pub struct Event {
    pub id: EventId,
    pub content: EventContent,
    pub created_at: Timestamp,
}

/// The parts of an event that a person enters; the server adds the rest. As JSON it is the body of
/// a create request. Two create requests with one idempotency key are the same if their contents
/// are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventContent {
    pub name: Name,
    pub when: Option<When>,
    pub location: Option<Location>,
    pub description: Option<Description>,
}

impl EventContent {
    fn serialize_members<M: SerializeMap>(&self, members: &mut M) -> Result<(), M::Error> {
        members.serialize_entry("name", &self.name)?;
        if let Some(when) = &self.when {
            members.serialize_entry("date", &when.date)?;
            if let Some(time) = &when.time {
                members.serialize_entry("time", time)?;
            }
            if let Some(end_time) = &when.end_time() {
                members.serialize_entry("endTime", end_time)?;
            }
        }
        if let Some(location) = &self.location {
            members.serialize_entry("location", location)?;
        }
        if let Some(description) = &self.description {
            members.serialize_entry("description", description)?;
        }
        Ok(())
    }
}

impl Serialize for EventContent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        self.serialize_members(&mut members)?;
        members.end()
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("id", &self.id)?;
        self.content.serialize_members(&mut members)?;
        members.serialize_entry("createdAt", &self.created_at)?;
        members.end()
    }
}

/// The JSON members, before date, time and end become a [`When`]. Unknown members are ignored, because a
/// cached page must work with a newer API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventJson {
    id: EventId,
    name: Name,
    date: Option<Date>,
    time: Option<Time>,
    end_time: Option<Time>,
    location: Option<Location>,
    description: Option<Description>,
    created_at: Timestamp,
}

impl TryFrom<EventJson> for Event {
    type Error = InvalidWhen;

    fn try_from(json: EventJson) -> Result<Self, InvalidWhen> {
        let EventJson { id, name, date, time, end_time, location, description, created_at } = json;
        let when = When::from_parts(date, time, end_time)?;
        Ok(Self { id, content: EventContent { name, when, location, description }, created_at })
    }
}
