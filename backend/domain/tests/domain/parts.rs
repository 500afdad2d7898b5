use std::fmt::Display;
use std::str::FromStr;

use domain::{Date, Description, EventId, Location, Name, Refused, Time, Timestamp};
use proptest::prelude::*;

/// What `text` becomes, or why it is refused.
fn read<T: FromStr<Err = Refused> + Display>(text: &str) -> Result<String, String> {
    text.parse::<T>().map(|part| part.to_string()).map_err(|reason| reason.to_string())
}

fn accepted<T: FromStr<Err = Refused> + Display>(text: &str, expected: &str) {
    assert_eq!(read::<T>(text).as_deref(), Ok(expected), "{text:?}");
}

fn refused<T: FromStr<Err = Refused> + Display>(text: &str, reason: &str) {
    assert_eq!(read::<T>(text), Err(reason.to_owned()), "{text:?}");
}

#[test]
fn a_name_is_trimmed_and_has_1_to_200_characters() {
    accepted::<Name>("a", "a");
    accepted::<Name>(" \u{a0}\ta b\n", "a b");
    // Scalar values count, not bytes and not what a reader calls a character.
    accepted::<Name>(&"🎉".repeat(200), &"🎉".repeat(200));
    accepted::<Name>(&format!("  {}  ", "a".repeat(200)), &"a".repeat(200));
    refused::<Name>(&"a".repeat(201), "must have at most 200 characters");
    refused::<Name>(&"🎉".repeat(201), "must have at most 200 characters");
    refused::<Name>("", "must not be empty");
    refused::<Name>(" \u{2003}\n", "must not be empty");
    refused::<Name>("a\nb", "must not contain the control character U+000A");
    refused::<Name>("a\u{0}b", "must not contain the control character U+0000");
    refused::<Name>("a\u{9f}b", "must not contain the control character U+009F");
}

#[test]
fn a_location_is_read_like_a_name() {
    accepted::<Location>(" Hall 3 ", "Hall 3");
    accepted::<Location>(&"é".repeat(200), &"é".repeat(200));
    refused::<Location>(&"é".repeat(201), "must have at most 200 characters");
    refused::<Location>("a\tb", "must not contain the control character U+0009");
    refused::<Location>(" ", "must not be empty");
}

#[test]
fn a_description_keeps_every_character_and_may_break_lines() {
    accepted::<Description>(" a\r\n\n b ", " a\r\n\n b ");
    accepted::<Description>(&"x".repeat(2_000), &"x".repeat(2_000));
    refused::<Description>(&"x".repeat(2_001), "must have at most 2000 characters");
    refused::<Description>("", "must not be empty");
    refused::<Description>("a\tb", "must not contain the control character U+0009");
    refused::<Description>("a\u{1b}[2J", "must not contain the control character U+001B");
}

#[test]
fn a_date_is_a_day_of_the_calendar() {
    for day in ["0001-01-01", "9999-12-31", "2024-02-29", "2000-02-29", "2026-06-30"] {
        accepted::<Date>(day, day);
    }
    for day in ["0000-01-01", "2026-02-29", "1900-02-29", "2026-06-31", "2026-13-01", "2026-00-10"]
    {
        refused::<Date>(day, "must be a day of the calendar, years 0001 to 9999");
    }
    for day in [
        "",
        "2026-6-1",
        "26-06-01",
        "2026/06/01",
        "2026-06-01T10:00",
        " 2026-06-01",
        "+026-06-01",
        "２０２６-06-01",
        "10000-01-01",
    ] {
        refused::<Date>(day, "must be a date as YYYY-MM-DD");
    }
}

#[test]
fn a_time_is_a_minute_of_the_day() {
    for time in ["00:00", "09:05", "23:59"] {
        accepted::<Time>(time, time);
    }
    for time in ["24:00", "12:60", "99:99"] {
        refused::<Time>(time, "must be a time of day, 00:00 to 23:59");
    }
    for time in ["", "9:05", "09:05:00", "09.05", "0905", "-1:00"] {
        refused::<Time>(time, "must be a time as HH:MM");
    }
}

#[test]
fn an_id_has_one_spelling() {
    let id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    accepted::<EventId>(id, id);
    for id in [
        "6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
        "6ba7b8109dad11d180b400c04fd430c8",
        "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}",
        "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "",
        "x",
    ] {
        refused::<EventId>(id, "must be a UUID");
    }
}

#[test]
fn an_instant_has_milliseconds_and_is_utc() {
    let first = Timestamp::from_unix_millis(0).unwrap();
    assert_eq!(first.to_string(), "1970-01-01T00:00:00.000Z");
    let last = Timestamp::from_unix_millis(253_402_300_799_999).unwrap();
    assert_eq!(last.to_string(), "9999-12-31T23:59:59.999Z");
    assert_eq!(Timestamp::from_unix_millis(253_402_300_800_000), None);
    for instant in [
        "2026-06-15T08:30:00Z",
        "2026-06-15T08:30:00.000+00:00",
        "2026-06-15 08:30:00.000Z",
        "2026-06-15T24:00:00.000Z",
    ] {
        refused::<Timestamp>(instant, "must be an instant as YYYY-MM-DDTHH:MM:SS.mmmZ");
    }
}

proptest! {
    #[test]
    fn parsing_never_panics(text in any::<String>()) {
        let _ = (read::<Name>(&text), read::<Location>(&text), read::<Description>(&text));
        let _ = (read::<Date>(&text), read::<Time>(&text), read::<Timestamp>(&text), read::<EventId>(&text));
    }

    #[test]
    fn what_looks_like_a_date_or_a_time_never_panics(
        text in "[0-9]{1,5}[-:/][0-9]{1,3}([-:][0-9]{1,3})?(T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z)?"
    ) {
        let _ = (read::<Date>(&text), read::<Time>(&text), read::<Timestamp>(&text));
    }

    #[test]
    fn parts_print_what_they_were_parsed_from(when in crate::strategies::when(), millis in 0..253_402_300_800_000_i64) {
        prop_assert_eq!(when.date.to_string().parse(), Ok(when.date));
        if let Some(time) = when.time {
            prop_assert_eq!(time.to_string().parse(), Ok(time));
        }
        let instant = Timestamp::from_unix_millis(millis).unwrap();
        prop_assert_eq!(instant.to_string().parse(), Ok(instant));
    }
}

#[test]
fn days_are_counted_over_months_and_years_and_not_out_of_the_calendar() {
    let date = |text: &str| text.parse::<Date>().unwrap();
    for (from, days, to) in [
        ("2026-06-30", 1, "2026-07-01"),
        ("2024-03-01", -1, "2024-02-29"),
        ("1999-12-31", 366, "2000-12-31"),
        ("0001-01-01", 3_652_058, "9999-12-31"),
    ] {
        assert_eq!(date(from).plus_days(days), Some(date(to)), "{from} {days}");
        assert_eq!(date(to).plus_days(-days), Some(date(from)), "{from} {days}");
    }
    for (from, days) in
        [("9999-12-31", 1), ("0001-01-01", -1), ("2026-06-15", i32::MAX), ("2026-06-15", i32::MIN)]
    {
        assert_eq!(date(from).plus_days(days), None, "{from} {days}");
    }
}

#[test]
fn a_week_begins_on_monday_with_1() {
    let weekday = |text: &str| text.parse::<Date>().unwrap().weekday();
    assert_eq!([weekday("2026-06-15"), weekday("2026-06-21")], [1, 7]);
    assert_eq!([weekday("0001-01-01"), weekday("9999-12-31")], [1, 5]);
}
