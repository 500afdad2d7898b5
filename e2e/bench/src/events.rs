//! The events of the measurements.

use anyhow::{Context, Result};
use domain::{Date, Event, EventContent, EventId, Timestamp, When};
use uuid::Uuid;

/// Event number `n`: on 28 days of 120 months, every fifth without a time, every hundredth without
/// a date.
pub fn event(n: usize) -> Result<Event> {
    let part = |divisor: usize, modulus: usize| u8::try_from(n / divisor % modulus).unwrap_or(0);
    let year = 2020 + i32::from(part(336, 10));
    let date = Date::from_ymd(year, part(28, 12) + 1, part(1, 28) + 1).context("no such day")?;
    let time = format!("{:02}:{:02}", part(7, 24), part(3, 60)).parse()?;
    Ok(Event {
        id: EventId::from(Uuid::new_v5(&Uuid::NAMESPACE_OID, &n.to_be_bytes())),
        content: EventContent {
            name: format!("Benchmark event number {n}").parse()?,
            when: When::from_parts(
                (!n.is_multiple_of(100)).then_some(date),
                (!n.is_multiple_of(5)).then_some(time),
                None,
            )?,
            location: Some("Hall 3, Convention Centre".parse()?),
            description: Some(
                "A description of the length that people write, more or less.".parse()?,
            ),
        },
        created_at: Timestamp::from_unix_millis(1_767_225_600_000).context("no such time")?,
    })
}
