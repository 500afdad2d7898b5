//! Events for other calendars: as iCalendar text (RFC 5545), and as links that fill in the form of a
//! web calendar.
//!
//! An event without an end has none here either. Times are those at the venue: "floating" ones, in
//! no time zone. An event without a date cannot be put into a calendar.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Date, Description, Event, Location, Time};

/// The longest line, in octets and without its line break (RFC 5545, section 3.1).
const LINE_MAX: usize = 75;

/// Bytes that nearly every file of one event fits into.
const FILE_CAPACITY: usize = 1_024;

/// How many characters of a description fit into a URL that every calendar accepts.
const LINK_TEXT_MAX: usize = 600;

/// All but the unreserved characters (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The text of an `.ics` file; `None` for an event without a date. `url` is the address of the
/// event's page, `app` the name of the app, without control characters.
pub fn file(event: &Event, url: &str, app: &str) -> Option<String> {
    let mut calendar = Calendar::new(app, FILE_CAPACITY);
    calendar.push(event, url).then(|| calendar.finish())
}

/// A calendar that is written into one text, event by event.
#[derive(Debug)]
pub struct Calendar {
    text: String,
    /// Where its own properties end and the events begin.
    events_at: usize,
}

impl Calendar {
    /// A calendar without events. `app` is the name of the app, without control characters;
    /// `capacity` is the length in bytes that it will have.
    pub fn new(app: &str, capacity: usize) -> Self {
        let mut text = String::with_capacity(capacity);
        text.push_str("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
        Line::new(&mut text, "PRODID:").push("-//").push(app).push("//").push(app).end("//EN");
        Self { events_at: text.len(), text }
    }

    /// Adds a property of the whole calendar, of type TEXT. It stands before the events, whenever
    /// it is added. `name` ends with a colon.
    pub fn set(&mut self, name: &str, value: &str) {
        let mut line = String::new();
        Line::new(&mut line, name).push_text(value).end("");
        self.text.insert_str(self.events_at, &line);
        self.events_at += line.len();
    }

    /// Adds an event, whose page is at `url`. `false` if it has no date: then it is left out.
    pub fn push(&mut self, event: &Event, url: &str) -> bool {
        let content = &event.content;
        let Some(when) = content.when else { return false };
        let text = &mut self.text;
        text.push_str("BEGIN:VEVENT\r\n");
        // The same for ever, whatever the app's name: a calendar knows an event by it.
        let mut id = uuid::Uuid::encode_buffer();
        let id = event.id.as_uuid().hyphenated().encode_lower(&mut id);
        Line::new(text, "UID:").push(id).end("@events");
        // An event never changes: its last revision is its creation.
        let created = event.created_at;
        Line::new(text, "DTSTAMP:").date(created.date()).clock(created.clock()).end("Z");
        match when.time {
            Some(time) => {
                Line::new(text, "DTSTART:").date(when.date).time(time).end("");
                if let Some((date, time)) = when.end() {
                    Line::new(text, "DTEND:").date(date).time(time).end("");
                }
            }
            None => {
                Line::new(text, "DTSTART;VALUE=DATE:").date(when.date).end("");
                // The end is exclusive. Without one, the event takes its day (section 3.6.1): so
                // does an event on the last day of the calendar.
                if let Some(next) = when.date.plus_days(1) {
                    Line::new(text, "DTEND;VALUE=DATE:").date(next).end("");
                }
                // It does not take up its day: nobody is busy (section 3.8.2.7).
                text.push_str("TRANSP:TRANSPARENT\r\n");
            }
        }
        Line::new(text, "SUMMARY:").push_text(content.name.as_str()).end("");
        if let Some(location) = &content.location {
            Line::new(text, "LOCATION:").push_text(location.as_str()).end("");
        }
        if let Some(description) = &content.description {
            Line::new(text, "DESCRIPTION:").push_text(description.as_str()).end("");
        }
        Line::new(text, "URL:").end(url);
        text.push_str("END:VEVENT\r\n");
        true
    }

    /// What is written so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes the events back that were added since the text had this length.
    pub fn truncate(&mut self, length: usize) {
        self.text.truncate(length.max(self.events_at));
    }

    /// The whole text.
    pub fn finish(mut self) -> String {
        self.text.push_str("END:VCALENDAR\r\n");
        self.text
    }
}

/// A line that is being written. A long one is folded, never inside a character (RFC 5545, section
/// 3.1).
struct Line<'a> {
    text: &'a mut String,
    /// The length of its last part, in octets.
    length: usize,
}

impl<'a> Line<'a> {
    fn new(text: &'a mut String, name: &str) -> Self {
        text.push_str(name);
        Self { text, length: name.len() }
    }

    fn push(mut self, mut value: &str) -> Self {
        while self.length + value.len() > LINE_MAX {
            let room = LINE_MAX - self.length;
            let (part, rest) = value.split_at(value.floor_char_boundary(room));
            self.text.push_str(part);
            self.text.push_str("\r\n ");
            self.length = 1;
            value = rest;
        }
        self.text.push_str(value);
        self.length += value.len();
        self
    }

    /// A value of type TEXT (section 3.3.11): CR, LF and CRLF become `\\n` each.
    fn push_text(mut self, mut value: &str) -> Self {
        while let Some(at) = first_special(value) {
            let (plain, special) = value.split_at(at);
            let (escaped, length) = match special.as_bytes() {
                [b'\\', ..] => ("\\\\", 1),
                [b';', ..] => ("\\;", 1),
                [b',', ..] => ("\\,", 1),
                [b'\r', b'\n', ..] => ("\\n", 2),
                _ => ("\\n", 1),
            };
            self = self.push(plain).push(escaped);
            value = &special[length..];
        }
        self.push(value)
    }

    /// `20260615`
    fn date(self, date: Date) -> Self {
        let year = date.year().unsigned_abs();
        self.digits([year / 100, year % 100, date.month().into(), date.day().into()])
    }

    /// `T093000`
    fn time(self, time: Time) -> Self {
        self.clock([time.hour(), time.minute(), 0])
    }

    fn clock(self, parts: [u8; 3]) -> Self {
        self.push("T").digits(parts.map(u32::from))
    }

    /// The last two digits of each number. Dates and times fit into a line.
    fn digits<const N: usize>(mut self, numbers: [u32; N]) -> Self {
        for digit in numbers.into_iter().flat_map(|number| [number / 10 % 10, number % 10]) {
            self.text.push(char::from_digit(digit, 10).unwrap_or_default());
        }
        self.length += 2 * N;
        self
    }

    fn end(self, value: &str) {
        self.push(value).text.push_str("\r\n");
    }
}

/// Where the first character is that a value of type TEXT escapes.
fn first_special(text: &str) -> Option<usize> {
    const SPECIAL: [u8; 5] = [b'\\', b';', b',', b'\r', b'\n'];
    // Without branches, so that the processor takes many bytes at a time.
    let is_special = |byte: &u8| SPECIAL.iter().map(|other| u8::from(byte == other)).sum::<u8>();
    let (chunks, _) = text.as_bytes().as_chunks::<16>();
    let is_plain = |chunk: &&[u8; 16]| chunk.iter().map(is_special).sum::<u8>() == 0;
    let plain = chunks.iter().take_while(is_plain).count() * 16;
    let mut rest = text.as_bytes()[plain..].iter();
    rest.position(|byte| SPECIAL.contains(byte)).map(|at| plain + at)
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
    let Some(when) = content.when else { return Vec::new() };
    let description = content.description.as_ref().map(Description::as_str).unwrap_or_default();
    let description = match description.char_indices().nth(LINK_TEXT_MAX) {
        Some((end, _)) => {
            &[description[..boundary(description, end)].trim_end(), "…\n\n", url].concat()
        }
        None => description,
    };
    let location = content.location.as_ref().map(Location::as_str).unwrap_or_default();
    let is_whole_day = when.time.is_none();
    let end = match when.time {
        Some(_) => when.end().map(|(date, time)| (date, Some(time))),
        None => Some((when.date.plus_days(1).unwrap_or(when.date), None)),
    };

    // Google takes no event without an end: there it ends when it begins.
    let (end_date, end_time) = end.unwrap_or((when.date, when.time));
    let dates = basic(when.date, when.time) + "/" + &basic(end_date, end_time);
    let google = address(
        "https://calendar.google.com/calendar/render?action=TEMPLATE",
        &[
            ("text", content.name.as_str()),
            ("dates", &dates),
            ("location", location),
            ("details", description),
            ("trp", if is_whole_day { "false" } else { "" }),
        ],
    );

    let extended = |(date, time): (Date, Option<Time>)| {
        date.to_string()
            + &time.map_or(String::new(), |time| ["T", &time.to_string(), ":00"].concat())
    };
    let start = extended((when.date, when.time));
    let end = end.map_or(String::new(), extended);
    let microsoft = |host: &str| {
        let path = "/calendar/0/action/compose?rru=addevent";
        address(
            &["https://", host, path].concat(),
            &[
                ("subject", content.name.as_str()),
                ("startdt", &start),
                ("enddt", &end),
                ("allday", if is_whole_day { "true" } else { "" }),
                ("location", location),
                ("body", description),
                ("freebusy", if is_whole_day { "free" } else { "" }),
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

/// `20260615`, or `20260615T093000` with a time.
fn basic(date: Date, time: Option<Time>) -> String {
    let mut text = String::new();
    let line = Line::new(&mut text, "").date(date);
    if let Some(time) = time {
        line.time(time);
    }
    text
}
