//! Valid parts and events, for property tests.

use domain::{
    Date, Description, Event, EventContent, EventId, Location, Name, Time, Timestamp, When,
};
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

/// Any character but control characters; half of them from ranges with different UTF-8 lengths.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        any::<char>(),
        prop::char::ranges(vec![' '..='~', '\u{a0}'..='\u{2ff}', '\u{1f300}'..='\u{1f6ff}'].into()),
    ]
    .prop_filter("control character", |c| !c.is_control())
}

fn text(max: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(character(), 1..=max)
        .prop_map(|characters| characters.into_iter().collect::<String>())
}

pub fn name() -> impl Strategy<Value = Name> {
    text(200).prop_filter_map("nothing to see", |text| text.parse().ok())
}

fn location() -> impl Strategy<Value = Location> {
    text(200).prop_filter_map("nothing to see", |text| text.parse().ok())
}

fn description() -> impl Strategy<Value = Description> {
    prop::collection::vec(prop_oneof![9 => character(), 1 => Just('\n'), 1 => Just('\t')], 1..=300)
        .prop_map(|c| c.into_iter().collect::<String>().parse().unwrap())
}

pub fn date() -> impl Strategy<Value = Date> {
    (1..=9999, 1..=12_u8, 1..=31_u8)
        .prop_filter_map("no such day", |(y, m, d)| Date::from_ymd(y, m, d))
}

pub fn time() -> impl Strategy<Value = Time> {
    (0..24, 0..60).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}").parse().unwrap())
}

pub fn when() -> impl Strategy<Value = When> {
    (date(), option::of((time(), option::of(time())))).prop_filter_map(
        "no next day",
        |(date, time)| {
            let (time, end_time) = time.unzip();
            When::from_parts(Some(date), time, end_time.flatten()).ok()?
        },
    )
}

pub fn content() -> impl Strategy<Value = EventContent> {
    (name(), option::of(when()), option::of(location()), option::of(description())).prop_map(
        |(name, when, location, description)| EventContent { name, when, location, description },
    )
}

pub fn event() -> impl Strategy<Value = Event> {
    (any::<u128>(), content(), 0..253_402_300_800_000_i64).prop_map(|(id, content, millis)| Event {
        id: EventId::from(Uuid::from_u128(id)),
        content,
        created_at: Timestamp::from_unix_millis(millis).unwrap(),
    })
}
