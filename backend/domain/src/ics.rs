//! An event for other calendars: as an iCalendar file (RFC 5545), and as links that fill in the
//! form of a web calendar.
//!
//! An event has a start and no end, so it has no end here either. Its time is the time at the
//! venue: a "floating" one, in no time zone. An event without a date cannot be put into a calendar.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Date, Description, Event, Location, Time, When};

/// The longest line, in octets and without its line break (RFC 5545, section 3.1).
const LINE_MAX: usize = 75;

/// How many characters of a description fit into a URL that every calendar accepts.
const LINK_TEXT_MAX: usize = 600;

/// All but the unreserved characters (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The text of an `.ics` file; `None` for an event without a date. `url` is the address of the
/// event's page, `app` the name of the app, without control characters.
pub fn file(event: &Event, url: &str, app: &str) -> Option<String> {
    let content = &event.content;
    let When { date, time } = content.when?;
    let mut file = String::new();
    line(&mut file, "BEGIN:", "VCALENDAR");
    line(&mut file, "VERSION:", "2.0");
    line(&mut file, "PRODID:", &["-//", app, "//", app, "//EN"].concat());
    line(&mut file, "BEGIN:", "VEVENT");
    // The same for ever, whatever the app's name: a calendar knows an event by it.
    line(&mut file, "UID:", &(event.id.to_string() + "@events"));
    // Of "2026-06-15T08:30:00.000Z". An event never changes: its last revision is its creation.
    let created = digits(&event.created_at.to_string()[..19]);
    line(&mut file, "DTSTAMP:", &(created + "Z"));
    match time {
        Some(time) => line(&mut file, "DTSTART:", &at(date, time)),
        None => {
            line(&mut file, "DTSTART;VALUE=DATE:", &digits(&date.to_string()));
            // The end is exclusive. Without one, the event takes its day (section 3.6.1): so does
            // an event on the last day of the calendar.
            if let Some(next) = date.plus_days(1) {
                line(&mut file, "DTEND;VALUE=DATE:", &digits(&next.to_string()));
            }
            // It does not take up its day: nobody is busy (section 3.8.2.7).
            line(&mut file, "TRANSP:", "TRANSPARENT");
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

/// The names of the usual web calendars, each with the URL that offers to add the event. Empty for
/// an event without a date.
///
/// Of a long description there is the begin, with `url` for the rest. `boundary(text, at)` is the last
/// place at or before `at`, in bytes, where the text may be cut.
pub fn links(
    event: &Event,
    url: &str,
    boundary: impl Fn(&str, usize) -> usize,
) -> Vec<(&'static str, String)> {
    let content = &event.content;
    let Some(When { date, time }) = content.when else { return Vec::new() };
    let description = content.description.as_ref().map(Description::as_str).unwrap_or_default();
    let description = match description.char_indices().nth(LINK_TEXT_MAX) {
        Some((end, _)) => {
            &[description[..boundary(description, end)].trim_end(), "…\n\n", url].concat()
        }
        None => description,
    };
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
            ("details", description),
            ("trp", if time.is_none() { "false" } else { "" }),
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
                ("body", description),
                ("freebusy", if time.is_none() { "free" } else { "" }),
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
            address.extend(utf8_percent_encode(value, RESERVED));
        }
    }
    address
}

/// `20260615T093000`
fn at(date: Date, time: Time) -> String {
    digits(&date.to_string()) + "T" + &digits(&time.to_string()) + "00"
}

/// The basic format of ISO 8601, from the extended one.
fn digits(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '-' | ':')).collect()
}

/// A value of type TEXT (RFC 5545, section 3.3.11): CR, LF and CRLF become `\\n` each.
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

/// Writes a line. Folds a long one, never inside a character (RFC 5545, section 3.1).
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
