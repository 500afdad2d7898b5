//! An event as other calendars take it: as an iCalendar file (RFC 5545), and as links that fill in the form of a web
//! calendar.
//!
//! An event says when it begins and not when it ends, so it has no end here either. Its time is that at the venue: a
//! "floating" one, in no time zone. An event without a date cannot be put into a calendar.

use domain::{Date, Description, Event, Location, Time, When};

/// The longest line, in octets and without its line break (RFC 5545, section 3.1).
const LINE_MAX: usize = 75;

/// How many characters of a description fit into an address that every calendar takes.
const LINK_TEXT_MAX: usize = 600;

/// The text of an `.ics` file; `url` is the address of the event's page.
pub fn file(event: &Event, url: &str) -> Option<String> {
    let content = &event.content;
    let When { date, time } = content.when?;
    let mut file = String::new();
    line(&mut file, "BEGIN:", "VCALENDAR");
    line(&mut file, "VERSION:", "2.0");
    line(&mut file, "PRODID:", "-//Events//Events//EN");
    line(&mut file, "BEGIN:", "VEVENT");
    line(&mut file, "UID:", &(event.id.to_string() + "@events"));
    // "2026-06-15T08:30:00.000Z": an event never changes, so it was last revised when it was created.
    let created = digits(&event.created_at.to_string()[..19]);
    line(&mut file, "DTSTAMP:", &(created + "Z"));
    match time {
        Some(time) => line(&mut file, "DTSTART:", &at(date, time)),
        None => {
            line(&mut file, "DTSTART;VALUE=DATE:", &digits(&date.to_string()));
            // The end is exclusive. A day without one ends with itself (section 3.6.1): so does the last there is.
            if let Some(next) = date.plus_days(1) {
                line(&mut file, "DTEND;VALUE=DATE:", &digits(&next.to_string()));
            }
        }
    }
    line(&mut file, "SUMMARY:", &escape(content.name.as_str()));
    if let Some(location) = &content.location {
        line(&mut file, "LOCATION:", &escape(location.as_str()));
    }
    if let Some(description) = &content.description {
        line(&mut file, "DESCRIPTION:", &escape(description.as_str()));
    }
    line(&mut file, "URL:", url);
    line(&mut file, "END:", "VEVENT");
    line(&mut file, "END:", "VCALENDAR");
    Some(file)
}

/// The usual web calendars, and the address at which each asks whether to add the event.
pub fn links(event: &Event) -> Vec<(&'static str, String)> {
    let content = &event.content;
    let Some(When { date, time }) = content.when else { return Vec::new() };
    let description = content.description.as_ref().map(Description::as_str).unwrap_or_default();
    let description: String = description.chars().take(LINK_TEXT_MAX).collect();
    let location = content.location.as_ref().map(Location::as_str).unwrap_or_default();
    let next = date.plus_days(1).unwrap_or(date);

    let dates = match time {
        Some(time) => at(date, time) + "/" + &at(date, time),
        None => digits(&date.to_string()) + "/" + &digits(&next.to_string()),
    };
    let google = address(
        "https://calendar.google.com/calendar/render?action=TEMPLATE",
        &[
            ("text", content.name.as_str()),
            ("dates", &dates),
            ("location", location),
            ("details", &description),
        ],
    );

    let (start, end, all_day) = match time {
        Some(time) => (date.to_string() + "T" + &time.to_string() + ":00", String::new(), ""),
        None => (date.to_string(), next.to_string(), "true"),
    };
    let microsoft = |host: &str| {
        let path = "/calendar/0/action/compose?rru=addevent";
        address(
            &["https://", host, path].concat(),
            &[
                ("subject", content.name.as_str()),
                ("startdt", &start),
                ("enddt", &end),
                ("allday", all_day),
                ("location", location),
                ("body", &description),
            ],
        )
    };
    vec![
        ("Google Calendar", google),
        ("Outlook", microsoft("outlook.live.com")),
        ("Office 365", microsoft("outlook.office.com")),
    ]
}

/// Leaves out the parameters that have no value.
fn address(base: &str, parameters: &[(&str, &str)]) -> String {
    let mut address = base.to_owned();
    for (name, value) in parameters {
        if !value.is_empty() {
            address.push('&');
            address.push_str(name);
            address.push('=');
            encode(&mut address, value);
        }
    }
    address
}

/// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3).
fn encode(into: &mut String, value: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(byte.into());
        } else {
            into.push('%');
            into.push(HEX[usize::from(byte >> 4)].into());
            into.push(HEX[usize::from(byte & 15)].into());
        }
    }
}

/// `20260615T093000`
fn at(date: Date, time: Time) -> String {
    digits(&date.to_string()) + "T" + &digits(&time.to_string()) + "00"
}

/// The basic format of ISO 8601, made of the extended one.
fn digits(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '-' | ':')).collect()
}

/// A value of type TEXT (RFC 5545, section 3.3.11). Every kind of line break is one.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut after_return = false;
    for c in text.chars() {
        match c {
            '\n' if after_return => {}
            '\n' | '\r' => escaped.push_str("\\n"),
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
        after_return = c == '\r';
    }
    escaped
}

/// Writes a line, folded where it is too long: never inside a character (RFC 5545, section 3.1).
fn line(file: &mut String, name: &str, value: &str) {
    let mut length = 0;
    for c in name.chars().chain(value.chars()) {
        if length + c.len_utf8() > LINE_MAX {
            file.push_str("\r\n ");
            length = 1;
        }
        file.push(c);
        length += c.len_utf8();
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

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
            "date": "2026-06-15", "time": "09:30", "location": r"C:\Hall", "description": "One\r\nTwo\n\rThree",
        }));
        let expected = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Events//Events//EN",
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
        assert_eq!(file(&event, URL).unwrap(), expected.join("\r\n"));
    }

    #[test]
    fn an_event_without_a_time_takes_its_whole_day() {
        let day = |date: &str| file(&event(&serde_json::json!({ "date": date })), URL).unwrap();
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
        assert_eq!(file(&undated, URL), None);
        assert_eq!(links(&undated), []);
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        for character in ["x", "é", "語", "🎶"] {
            for shift in 0..4 {
                let name = "a".repeat(shift) + &character.repeat(190);
                let event = event(&serde_json::json!({ "name": name, "date": "2026-06-15" }));
                let file = file(&event, URL).unwrap();
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
        let found = links(&timed);
        assert_eq!(
            found.iter().map(|(_, link)| link.as_str()).collect::<Vec<_>>(),
            [
                "https://calendar.google.com/calendar/render?action=TEMPLATE&text=A%20%26%20B%3D%C3%B6%23\
                 &dates=20260615T093000%2F20260615T093000&location=%22x%22",
                "https://outlook.live.com/calendar/0/action/compose?rru=addevent&subject=A%20%26%20B%3D%C3%B6%23\
                 &startdt=2026-06-15T09%3A30%3A00&location=%22x%22",
                "https://outlook.office.com/calendar/0/action/compose?rru=addevent&subject=A%20%26%20B%3D%C3%B6%23\
                 &startdt=2026-06-15T09%3A30%3A00&location=%22x%22",
            ]
        );
        let day = event(&serde_json::json!({
            "date": "2026-06-30", "description": "語".repeat(2000),
        }));
        let found = links(&day);
        assert!(found[0].1.contains("&dates=20260630%2F20260701&"));
        assert!(found[1].1.contains("&startdt=2026-06-30&enddt=2026-07-01&allday=true&"));
        assert!(found.iter().all(|(_, link)| link.len() < 8_000));
    }
}
