use std::fmt::Display;
use std::str::FromStr;

use domain::{Date, Description, EventId, InvalidValue, Location, Name, Time, Timestamp, When};
use proptest::prelude::*;

/// The text of the part that `text` parses to, or the reason why it is invalid.
fn parse<T: FromStr<Err = InvalidValue> + Display>(text: &str) -> Result<String, String> {
    text.parse::<T>().map(|part| part.to_string()).map_err(|reason| reason.to_string())
}

fn accepted<T: FromStr<Err = InvalidValue> + Display>(text: &str, expected: &str) {
    assert_eq!(parse::<T>(text).as_deref(), Ok(expected), "{text:?}");
}

fn rejected<T: FromStr<Err = InvalidValue> + Display>(text: &str, reason: &str) {
    assert_eq!(parse::<T>(text), Err(reason.to_owned()), "{text:?}");
}

#[test]
fn a_name_is_trimmed_and_has_1_to_200_characters() {
    accepted::<Name>("a", "a");
    accepted::<Name>(" \u{a0}\ta b\n", "a b");
    // The limit counts scalar values: not bytes, and not graphemes.
    accepted::<Name>(&"🎉".repeat(200), &"🎉".repeat(200));
    accepted::<Name>(&format!("  {}  ", "a".repeat(200)), &"a".repeat(200));
    rejected::<Name>(&"a".repeat(201), "must have at most 200 characters");
    rejected::<Name>(&"🎉".repeat(201), "must have at most 200 characters");
    rejected::<Name>("", "must not be empty");
    rejected::<Name>(" \u{2003}\n", "must not be empty");
    for blank in [
        "\u{200b}",
        "\u{ad}\u{200d}\u{2060}",
        "\u{202e}",
        "\u{2800}",
        "\u{3164}",
        "\u{115f}\u{1160}",
        "\u{ffa0}",
        "\u{feff} \u{fe0f}",
        "\u{e0001}",
        "\u{e0100}",
        "\u{1d173}",
    ] {
        rejected::<Name>(blank, "must have a character that can be seen");
        rejected::<Location>(blank, "must have a character that can be seen");
        // One that is stored from before is read.
        assert!(Name::try_from(blank.to_owned()).is_ok(), "{blank:?}");
        let seen = format!("{blank}x");
        accepted::<Name>(&seen, &seen);
    }
    // A sign of its own, a letter of another script, a mark without a letter.
    for seen in ["\u{301}", "\u{1f3fb}", "\u{0e01}", "."] {
        accepted::<Name>(seen, seen);
    }
    rejected::<Name>("a\nb", "must not contain the control character U+000A");
    rejected::<Name>("a\u{0}b", "must not contain the control character U+0000");
    rejected::<Name>("a\u{9f}b", "must not contain the control character U+009F");
}

#[test]
fn a_location_has_the_rules_of_a_name() {
    accepted::<Location>(" Hall 3 ", "Hall 3");
    accepted::<Location>(&"é".repeat(200), &"é".repeat(200));
    rejected::<Location>(&"é".repeat(201), "must have at most 200 characters");
    rejected::<Location>("a\tb", "must not contain the control character U+0009");
    rejected::<Location>(" ", "must not be empty");
}

#[test]
fn a_description_keeps_every_character_and_may_break_lines() {
    accepted::<Description>(" a\r\n\n\tb ", " a\r\n\n\tb ");
    accepted::<Description>("\u{200b}", "\u{200b}");
    accepted::<Description>(&"x".repeat(2_000), &"x".repeat(2_000));
    rejected::<Description>(&"x".repeat(2_001), "must have at most 2000 characters");
    rejected::<Description>("", "must not be empty");
    rejected::<Description>("a\u{1b}[2J", "must not contain the control character U+001B");
}

#[test]
fn a_date_is_a_day_of_the_calendar() {
    for day in ["0001-01-01", "9999-12-31", "2024-02-29", "2000-02-29", "2026-06-30"] {
        accepted::<Date>(day, day);
    }
    for day in ["0000-01-01", "2026-02-29", "1900-02-29", "2026-06-31", "2026-13-01", "2026-00-10"]
    {
        rejected::<Date>(day, "must be a day of the calendar, years 0001 to 9999");
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
        rejected::<Date>(day, "must be a date as YYYY-MM-DD");
    }
}

#[test]
fn a_time_is_a_minute_of_the_day() {
    for time in ["00:00", "09:05", "23:59"] {
        accepted::<Time>(time, time);
    }
    for time in ["24:00", "12:60", "99:99"] {
        rejected::<Time>(time, "must be a time of day, 00:00 to 23:59");
    }
    for time in ["", "9:05", "09:05:00", "09.05", "0905", "-1:00"] {
        rejected::<Time>(time, "must be a time as HH:MM");
    }
}

#[test]
fn an_id_is_read_in_any_case_and_has_one_form() {
    let id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    accepted::<EventId>(id, id);
    accepted::<EventId>(&id.to_uppercase(), id);
    accepted::<EventId>("6Ba7b810-9dad-11D1-80b4-00c04fd430C8", id);
    for id in [
        "6ba7b8109dad11d180b400c04fd430c8",
        "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}",
        "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "",
        "x",
    ] {
        rejected::<EventId>(id, "must be a UUID");
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
        rejected::<Timestamp>(instant, "must be an instant as YYYY-MM-DDTHH:MM:SS.mmmZ");
    }
}

proptest! {
    #[test]
    fn parsing_never_panics(text in any::<String>()) {
        let _ = (parse::<Name>(&text), parse::<Location>(&text), parse::<Description>(&text));
        let _ = (parse::<Date>(&text), parse::<Time>(&text));
        let _ = (parse::<Timestamp>(&text), parse::<EventId>(&text));
    }

    #[test]
    fn parsing_near_dates_and_times_never_panics(
        text in "[0-9]{1,5}[-:/][0-9]{1,3}([-:][0-9]{1,3})?\
            (T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z)?"
    ) {
        let _ = (parse::<Date>(&text), parse::<Time>(&text), parse::<Timestamp>(&text));
    }

    #[test]
    fn parts_display_as_their_parsed_text(
        when in crate::strategies::when(),
        millis in 0..253_402_300_800_000_i64,
    ) {
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

/// The event that begins on a day at a time and has this end.
fn when(date: &str, time: &str, end: Option<&str>) -> When {
    let time_of = |text: &str| text.parse().unwrap();
    When::from_parts(Some(date.parse().unwrap()), Some(time_of(time)), end.map(time_of))
        .unwrap()
        .unwrap()
}

#[test]
fn an_end_at_or_before_the_time_is_on_the_next_day() {
    for (end, date, is_next_day) in [
        ("18:31", "2026-06-30", false),
        ("23:59", "2026-06-30", false),
        ("18:30", "2026-07-01", true),
        ("00:00", "2026-07-01", true),
    ] {
        let when = when("2026-06-30", "18:30", Some(end));
        assert_eq!(when.end(), Some((date.parse().unwrap(), end.parse().unwrap())), "{end}");
        assert_eq!(when.ends_next_day(), is_next_day, "{end}");
    }
    let open = when("2026-06-30", "18:30", None);
    assert_eq!((open.end(), open.ends_next_day()), (None, false));
}

#[test]
fn an_event_is_over_after_its_day_or_after_its_end_on_the_next() {
    let day = |date: &str| When::from_parts(Some(date.parse().unwrap()), None, None).unwrap();
    let whole_day = day("2026-06-15").unwrap();
    let evening = when("2026-06-15", "18:00", Some("20:00"));
    let night = when("2026-06-15", "22:00", Some("02:00"));
    let open = when("2026-06-15", "22:00", None);
    for (now, over) in [
        // Who has missed an event of today still finds it with today's.
        (("2026-06-15", "23:59"), [false, false, false, false]),
        (("2026-06-16", "00:00"), [true, true, false, true]),
        (("2026-06-16", "01:59"), [true, true, false, true]),
        (("2026-06-16", "02:00"), [true, true, true, true]),
        (("2026-06-17", "00:00"), [true, true, true, true]),
        (("2026-06-14", "23:59"), [false, false, false, false]),
    ] {
        let (today, time) = (now.0.parse().unwrap(), now.1.parse().unwrap());
        let found = [whole_day, evening, night, open].map(|when| when.is_over(today, time));
        assert_eq!(found, over, "{now:?}");
    }
}
