//! What other calendars get of events. `e2e/ics/check.py` and `check.mjs` read the files of
//! [`corpus`], and one calendar of them all, with parsers that are not ours:
//! `ICS_CORPUS=DIR cargo test -p domain ics` writes them.

use std::path::PathBuf;
use std::{env, fs};

use domain::ics::{Calendar, file, links};
use domain::limits::FEED_MAX;
use domain::{Event, SortKey};
use proptest::prelude::any;
use proptest::prop_oneof;
use proptest::sample::{Index, select};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::strategies;

/// How many files are written.
const FILES: usize = 500;

/// Events that are hard to write into a calendar.
const HARD: &str = include_str!("ics_corpus.jsonl");

const URL: &str = "https://events.example/events/550e8400-e29b-41d4-a716-446655440000";

fn event(more: &serde_json::Value) -> Event {
    let mut json = serde_json::json!({
        "id": "550e8400-e29b-41d4-a716-446655440000",
        "name": "Choir; alto, bass",
        "createdAt": "2026-01-02T03:04:05.678Z",
    });
    for (member, value) in more.as_object().unwrap() {
        json[member] = value.clone();
    }
    serde_json::from_value(json).unwrap()
}

#[test]
fn an_event_with_a_time_begins_then_wherever_one_is() {
    let event = event(&serde_json::json!({
        "date": "2026-06-15",
        "time": "09:30",
        "location": r"C:\Hall",
        "description": "One\r\nTwo\n\rThree",
    }));
    let expected = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Meet Ups//Meet Ups//EN",
        "BEGIN:VEVENT",
        "UID:550e8400-e29b-41d4-a716-446655440000@events",
        "DTSTAMP:20260102T030405Z",
        "DTSTART:20260615T093000",
        r"SUMMARY:Choir\; alto\, bass",
        r"LOCATION:C:\\Hall",
        r"DESCRIPTION:One\nTwo\n\nThree",
        "URL:https://events.example/events/550e8400-e29b-41d4-a716-446655440000",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ];
    assert_eq!(file(&event, URL, "Meet Ups").unwrap(), expected.join("\r\n"));
}

#[test]
fn an_event_with_an_end_ends_then_on_its_day_or_the_next() {
    for (end, expected) in [
        ("09:31", "20261231T093100"),
        ("23:59", "20261231T235900"),
        ("09:30", "20270101T093000"),
        ("00:00", "20270101T000000"),
    ] {
        let event =
            event(&serde_json::json!({ "date": "2026-12-31", "time": "09:30", "endTime": end }));
        let file = file(&event, URL, "Meet Ups").unwrap();
        let lines = format!("\r\nDTSTART:20261231T093000\r\nDTEND:{expected}\r\nSUMMARY:");
        assert!(file.contains(&lines), "{file}");
        let found = links(&event, URL, str::floor_char_boundary);
        let google = format!("&dates=20261231T093000%2F{expected}");
        assert!(found[0].1.contains(&google), "{}", found[0].1);
        let date = if expected.starts_with("2027") { "2027-01-01" } else { "2026-12-31" };
        let time = end.replace(':', "%3A");
        let outlook = format!("&startdt=2026-12-31T09%3A30%3A00&enddt={date}T{time}%3A00");
        assert!(found[1].1.contains(&outlook), "{}", found[1].1);
    }
}

#[test]
fn a_calendar_has_the_events_of_files_byte_for_byte() {
    let events: Vec<Event> = corpus().take(100).collect();
    let mut calendar = Calendar::new("Meet Ups", 0);
    calendar.set("X-WR-CALNAME:", "Choir; alto, bass");
    let head = calendar.text().len();
    let mut expected = calendar.text().to_owned();
    for event in &events {
        let url = format!("https://events.example/events/{}", event.id);
        assert!(calendar.push(event, &url));
        let file = file(event, &url, "Meet Ups").unwrap();
        let at = file.find("BEGIN:VEVENT").unwrap();
        expected.push_str(file[at..].strip_suffix("END:VCALENDAR\r\n").unwrap());
    }
    assert_eq!(calendar.text(), expected);
    // An event that is taken back leaves nothing; the calendar's own properties stay.
    let length = calendar.text().len();
    calendar.push(&events[0], URL);
    calendar.truncate(length);
    assert_eq!(calendar.text(), expected);
    calendar.truncate(0);
    assert_eq!(calendar.text(), &expected[..head]);
    assert!(!calendar.push(&event(&serde_json::json!({})), URL));
    // A property comes before the events.
    calendar.push(&events[0], URL);
    calendar.set("X-WR-CALDESC:", "d");
    let text = calendar.finish();
    let names: Vec<_> = text.split("\r\n").filter_map(|line| line.split_once(':')).collect();
    let first = [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Meet Ups//Meet Ups//EN"),
        ("X-WR-CALNAME", "Choir\\; alto\\, bass"),
        ("X-WR-CALDESC", "d"),
        ("BEGIN", "VEVENT"),
    ];
    assert_eq!(names[..first.len()], first);
    assert!(text.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
}

#[test]
fn an_event_without_a_time_takes_its_whole_day() {
    let day =
        |date: &str| file(&event(&serde_json::json!({ "date": date })), URL, "Meet Ups").unwrap();
    let whole = day("2027-12-31");
    assert!(whole.contains("\r\nDTSTART;VALUE=DATE:20271231\r\n"), "{whole}");
    assert!(whole.contains("\r\nDTEND;VALUE=DATE:20280101\r\n"), "{whole}");
    assert!(day("0001-01-01").contains("DTSTART;VALUE=DATE:00010101\r\n"));
    let last = day("9999-12-31");
    assert!(last.contains("DTSTART;VALUE=DATE:99991231\r\n") && !last.contains("DTEND"));
}

#[test]
fn an_event_without_a_date_is_in_no_calendar() {
    let undated = event(&serde_json::json!({}));
    assert_eq!(file(&undated, URL, "Meet Ups"), None);
    assert_eq!(links(&undated, URL, str::floor_char_boundary), []);
}

#[test]
fn long_lines_are_folded_between_characters() {
    for character in ["x", "é", "語", "🎶"] {
        for shift in 0..4 {
            let name = "a".repeat(shift) + &character.repeat(190);
            let event = event(&serde_json::json!({ "name": name, "date": "2026-06-15" }));
            let file = file(&event, URL, "Meet Ups").unwrap();
            assert!(file.split("\r\n").all(|line| line.len() <= 75), "{file}");
            assert!(file.replace("\r\n ", "").contains(&format!("SUMMARY:{name}\r\n")));
            let longest = file.split("\r\n").map(str::len).max().unwrap();
            assert!(longest > 71, "{longest}");
        }
    }
}

#[test]
fn the_web_calendars_are_given_encoded_values() {
    let timed = event(&serde_json::json!({
        "name": "A & B=ö#", "date": "2026-06-15", "time": "09:30", "location": "\"x\"",
    }));
    let found = links(&timed, URL, str::floor_char_boundary);
    assert_eq!(
        found.iter().map(|(_, link)| link.as_str()).collect::<Vec<_>>(),
        [
            "https://calendar.google.com/calendar/render?action=TEMPLATE\
             &text=A%20%26%20B%3D%C3%B6%23\
             &dates=20260615T093000%2F20260615T093000&location=%22x%22",
            "https://outlook.live.com/calendar/0/action/compose?rru=addevent\
             &subject=A%20%26%20B%3D%C3%B6%23&startdt=2026-06-15T09%3A30%3A00&location=%22x%22",
            "https://outlook.office.com/calendar/0/action/compose?rru=addevent\
             &subject=A%20%26%20B%3D%C3%B6%23&startdt=2026-06-15T09%3A30%3A00&location=%22x%22",
        ]
    );
    let day = event(&serde_json::json!({
        "date": "2026-06-30", "description": "語".repeat(2000),
    }));
    let found = links(&day, URL, str::floor_char_boundary);
    assert!(found[0].1.contains("&dates=20260630%2F20260701&"));
    assert!(found[1].1.contains("&startdt=2026-06-30&enddt=2026-07-01&allday=true&"));
    assert!(found.iter().all(|(_, link)| link.len() < 8_000));
    // It takes no time of its day.
    assert!(found[0].1.ends_with("&trp=false"), "{}", found[0].1);
    assert!(found[1].1.ends_with("&freebusy=free"), "{}", found[1].1);
}

#[test]
fn a_long_description_is_cut_where_it_may_be_and_leads_to_the_rest() {
    let details = |description: &str| {
        let day = serde_json::json!({ "date": "2026-06-30", "description": description });
        // Never before an "x".
        let boundary = |text: &str, at: usize| {
            if text[at..].starts_with('x') { text[..at].rfind(|c| c != 'x').unwrap() } else { at }
        };
        let found = links(&event(&day), URL, boundary);
        let (_, details) = found[0].1.split_once("&details=").unwrap();
        let details = details.strip_suffix("&trp=false").unwrap();
        percent_encoding::percent_decode_str(details).decode_utf8().unwrap().into_owned()
    };
    let whole = "a".repeat(600);
    assert_eq!(details(&whole), whole);
    assert_eq!(details(&format!("{whole}b")), format!("{whole}…\n\n{URL}"));
    assert_eq!(details(&("a".repeat(598) + "bxxx")), format!("{}…\n\n{URL}", "a".repeat(598)));
    assert_eq!(details(&("語".repeat(599) + " bc")), format!("{}…\n\n{URL}", "語".repeat(599)));
}

#[test]
fn files_of_all_kinds_of_events_are_well_formed() {
    let dir = env::var_os("ICS_CORPUS").map(PathBuf::from);
    for (number, event) in corpus().take(FILES).enumerate() {
        let url = format!("https://events.example/events/{}", event.id);
        let text = file(&event, &url, "Meet Ups").unwrap();
        if let Some(dir) = &dir {
            fs::write(dir.join(format!("{number}.ics")), &text).unwrap();
            let json = serde_json::to_vec(&event).unwrap();
            fs::write(dir.join(format!("{number}.json")), json).unwrap();
        }
        let lines: Vec<_> = text.split("\r\n").collect();
        assert!(lines.iter().all(|line| line.len() <= 75), "{text}");
        let is_line = |line: &str| line.starts_with(|c: char| c == ' ' || c.is_ascii_uppercase());
        let (end, lines) = lines.split_last().unwrap();
        assert!(end.is_empty() && lines.iter().all(|line| is_line(line)), "{text}");
        assert!(!lines.iter().any(|line| line.contains(['\r', '\n'])), "{text}");
        let unfolded = text.replace("\r\n ", "");
        let names = unfolded.lines().map(|line| line.split_once([':', ';']).unwrap().0);
        let content = &event.content;
        let has_end = content.when.is_some_and(|when| match when.time {
            Some(_) => when.end_time().is_some(),
            None => when.date.plus_days(1).is_some(),
        });
        let expected = ["BEGIN", "VERSION", "PRODID", "BEGIN", "UID", "DTSTAMP", "DTSTART"]
            .into_iter()
            .chain(has_end.then_some("DTEND"))
            .chain(content.when.is_some_and(|when| when.time.is_none()).then_some("TRANSP"))
            .chain(["SUMMARY"])
            .chain(content.location.as_ref().map(|_| "LOCATION"))
            .chain(content.description.as_ref().map(|_| "DESCRIPTION"))
            .chain(["URL", "END", "END"]);
        assert!(names.eq(expected), "{text}");
    }
}

#[test]
fn a_calendar_of_all_kinds_of_events_is_written_for_other_parsers() {
    let Some(dir) = env::var_os("ICS_CORPUS").map(PathBuf::from) else { return };
    let mut events: Vec<Event> = corpus().take(FEED_MAX).collect();
    events.sort_by_key(SortKey::of);
    let mut calendar = Calendar::new("Meet Ups", 0);
    calendar.set("X-WR-CALNAME:", "Meet Ups");
    for event in &events {
        assert!(calendar.push(event, &format!("https://events.example/events/{}", event.id)));
    }
    fs::write(dir.join("feed.ics"), calendar.finish()).unwrap();
    fs::write(dir.join("feed.json"), serde_json::to_vec(&events).unwrap()).unwrap();
}

/// The hard events, then events near them and others: not the same ones in each run.
fn corpus() -> impl Iterator<Item = Event> {
    let hard: Vec<Event> = HARD.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let dated = strategies::event().prop_filter("undated", |event| event.content.when.is_some());
    let others = prop_oneof![near(hard.clone()), dated];
    let mut runner = TestRunner::default();
    let others = std::iter::repeat_with(move || others.new_tree(&mut runner).unwrap().current());
    hard.into_iter().chain(others)
}

/// One of these events, with the text of another within its own.
fn near(events: Vec<Event>) -> impl Strategy<Value = Event> {
    let parts = (select(events), strategies::name(), any::<Index>());
    parts.prop_filter_map("too long, or invalid", |(mut event, other, at)| {
        let within = |text: &str| {
            let mut characters: Vec<char> = text.chars().collect();
            let at = at.index(characters.len() + 1);
            characters.splice(at..at, other.to_string().chars().take(20));
            characters.into_iter().collect::<String>()
        };
        let content = &mut event.content;
        content.name = within(&content.name.to_string()).parse().ok()?;
        if let Some(text) = &mut content.location {
            *text = within(&text.to_string()).parse().ok()?;
        }
        if let Some(text) = &mut content.description {
            *text = within(&text.to_string()).parse().ok()?;
        }
        Some(event)
    })
}
