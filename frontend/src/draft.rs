//! The event that is about to be created: what is in the form, and the errors of its fields.

use std::str::FromStr;

use domain::{
    Date, Description, EventContent, InvalidValue, Location, Name, ProblemEntry, Target, Time, When,
};

use crate::json::{self, Value};
use crate::span::{DaysError, End};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Name,
    Date,
    Time,
    EndTime,
    Location,
    Description,
}

impl Field {
    /// In the order of the form.
    pub const ALL: [Self; 6] =
        [Self::Name, Self::Date, Self::Time, Self::EndTime, Self::Location, Self::Description];

    /// The member of the JSON body, and the control's name and id.
    pub fn member(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Date => "date",
            Self::Time => "time",
            Self::EndTime => "endTime",
            Self::Location => "location",
            Self::Description => "description",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Date => "Date",
            Self::Time => "Time",
            Self::EndTime => "End time",
            Self::Location => "Location",
            Self::Description => "Description",
        }
    }

    fn from_pointer(pointer: &str) -> Option<Self> {
        let member = pointer.strip_prefix("#/")?;
        Self::ALL.into_iter().find(|field| field.member() == member)
    }
}

/// What is in one control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    Text(String),
    /// A date or time control that is filled in only partly: the browser gives no value of it.
    Incomplete,
}

impl Default for Entry {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Entry {
    /// `is_bad` is what the browser says of a control that it cannot read.
    pub fn new(value: String, is_bad: bool) -> Self {
        if is_bad { Self::Incomplete } else { Self::Text(value) }
    }

    /// A tab, as a table has it that one copies from, is a blank. The browser leaves out line breaks.
    fn in_one_line(&self) -> Self {
        match self {
            Self::Text(text) => Self::Text(text.replace('\t', " ")),
            Self::Incomplete => Self::Incomplete,
        }
    }

    /// The day in it, if any.
    pub fn day(&self, end: End) -> Result<Option<Date>, DaysError> {
        match self {
            Self::Incomplete => Err(DaysError::Incomplete(end)),
            Self::Text(text) if text.is_empty() => Ok(None),
            Self::Text(text) => text.parse().map(Some).map_err(|_| DaysError::NoDay(end)),
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    pub name: Entry,
    pub date: Entry,
    pub time: Entry,
    pub end_time: Entry,
    pub location: Entry,
    pub description: Entry,
}

impl Draft {
    pub fn entry(&self, field: Field) -> &Entry {
        match field {
            Field::Name => &self.name,
            Field::Date => &self.date,
            Field::Time => &self.time,
            Field::EndTime => &self.end_time,
            Field::Location => &self.location,
            Field::Description => &self.description,
        }
    }

    /// The content of one control when the draft is shown again.
    pub fn text(&self, field: Field) -> &str {
        match self.entry(field) {
            Entry::Text(text) => text,
            // The browser gave no value.
            Entry::Incomplete => "",
        }
    }

    /// Whether all fields are empty.
    pub fn is_blank(&self) -> bool {
        Field::ALL.iter().all(|field| self.text(*field).trim().is_empty())
    }

    /// For the browser's storage, with the idempotency key of the draft.
    pub fn to_stored(&self, key: &str) -> String {
        let texts = Field::ALL.map(|field| self.text(field));
        json::texts(std::iter::once(key).chain(texts))
    }

    /// The draft and its key; `None` for the format of another version of the page.
    pub fn from_stored(stored: &str) -> Option<(Self, String)> {
        let mut texts = json::list(&json::parse(stored)?, Value::as_text)?;
        // Before events had an end.
        if texts.len() == Field::ALL.len() {
            texts.insert(4, String::new());
        }
        let [key, name, date, time, end_time, location, description] =
            <[String; 7]>::try_from(texts).ok()?;
        let [name, date, time, end_time, location, description] =
            [name, date, time, end_time, location, description].map(Entry::Text);
        Some((Self { name, date, time, end_time, location, description }, key))
    }

    /// The draft of another event like this one, on a day to be chosen.
    pub fn like(content: &EventContent) -> Self {
        let text = |part: Option<&dyn ToString>| {
            Entry::Text(part.map(ToString::to_string).unwrap_or_default())
        };
        let when = content.when.as_ref();
        let (time, end_time) =
            (when.and_then(|when| when.time), when.and_then(|when| when.end_time()));
        Self {
            name: text(Some(&content.name)),
            date: Entry::default(),
            time: text(time.as_ref().map(|time| time as _)),
            end_time: text(end_time.as_ref().map(|time| time as _)),
            location: text(content.location.as_ref().map(|location| location as _)),
            description: text(content.description.as_ref().map(|description| description as _)),
        }
    }

    /// The body of the create request, or every error.
    pub fn content(&self) -> Result<EventContent, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.of(Field::Name, required::<Name>(&self.name.in_one_line()));
        let date = errors.of(Field::Date, optional::<Date>(&self.date));
        let time = errors.of(Field::Time, optional::<Time>(&self.time));
        let end_time = errors.of(Field::EndTime, optional::<Time>(&self.end_time));
        let location =
            errors.of(Field::Location, optional::<Location>(&self.location.in_one_line()));
        let description = errors.of(Field::Description, optional::<Description>(&self.description));
        // A date that is invalid is an error of its own, not one of the time.
        let when = match (date, time, end_time) {
            (Some(date), Some(time), Some(end_time)) => {
                let when = When::from_parts(date, time, end_time);
                let at_end = when.as_ref().is_err_and(|error| error.member != Field::Time.member());
                let field = if at_end { Field::EndTime } else { Field::Time };
                errors.of(field, when.map_err(|error| clause(error.reason)))
            }
            _ => None,
        };
        match (name, when, location, description) {
            (Some(name), Some(when), Some(location), Some(description))
                if errors == FieldErrors::default() =>
            {
                Ok(EventContent { name, when, location, description })
            }
            _ => Err(errors),
        }
    }
}

/// How many years ahead a day is far from now.
const FAR: i32 = 10;

/// What is odd about a day that may be meant all the same, for the reader to look at it again.
pub fn doubt(date: &Entry, today: Option<Date>) -> Option<String> {
    let Entry::Text(text) = date else { return None };
    let (date, today): (Date, Date) = (text.parse().ok()?, today?);
    let years = date.year() - today.year();
    match years {
        _ if date < today && years < -1 => Some(format!("This day is over, {} years ago.", -years)),
        _ if date < today => Some("This day is over.".to_owned()),
        FAR.. => Some(format!("This day is far from now, in {years} years.")),
        _ => None,
    }
}

/// When an event ends, if that is not on its day.
pub fn later_end(draft: &Draft) -> Option<&'static str> {
    let time = |entry| optional::<Time>(entry).ok().flatten();
    let some_day = Date::from_ymd(2000, 1, 1);
    let when = When::from_parts(some_day, time(&draft.time), time(&draft.end_time));
    when.ok()??.ends_next_day().then_some("On the next day")
}

fn required<T: FromStr<Err = InvalidValue>>(entry: &Entry) -> Result<T, String> {
    match entry {
        Entry::Text(text) => text.parse().map_err(clause),
        Entry::Incomplete => Err("is incomplete".to_owned()),
    }
}

/// An optional field that holds nothing but white space was left empty.
fn optional<T: FromStr<Err = InvalidValue>>(entry: &Entry) -> Result<Option<T>, String> {
    match entry {
        Entry::Text(text) if text.trim().is_empty() => Ok(None),
        _ => required(entry).map(Some),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn clause(refused: InvalidValue) -> String {
    refused.to_string()
}

/// What is wrong, field by field, as sentences for the reader.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors {
    /// At most one a field, in the order of the form.
    fields: Vec<(Field, String)>,
    /// The server's errors that belong to no field.
    pub elsewhere: Vec<String>,
    /// The server's errors, each with the content that it is about: the page itself found nothing
    /// wrong with it.
    from_server: Vec<(Field, Entry, String)>,
}

impl FieldErrors {
    /// The errors that the server found.
    pub fn from_entries(entries: &[ProblemEntry]) -> Self {
        let mut errors = Self::default();
        for entry in entries {
            match &entry.target {
                Target::Pointer(pointer) => match Field::from_pointer(pointer) {
                    Some(field) => errors.set(field, &entry.detail),
                    None => errors.elsewhere.push(format!("{pointer} {}", entry.detail)),
                },
                Target::Parameter(name) | Target::Header(name) => {
                    errors.elsewhere.push(format!("{name} {}", entry.detail));
                }
            }
        }
        errors
    }

    pub fn get(&self, field: Field) -> Option<&str> {
        self.fields.iter().find(|(other, _)| *other == field).map(|(_, error)| error.as_str())
    }

    /// The errors that the server found in a draft stay until their fields are edited.
    pub fn of_server(entries: &[ProblemEntry], draft: &Draft) -> Self {
        let mut errors = Self::from_entries(entries);
        let fields = errors.fields.iter();
        errors.from_server = fields
            .map(|(field, error)| (*field, draft.entry(*field).clone(), error.clone()))
            .collect();
        errors
    }

    /// All errors, for where there is no form.
    pub fn sentences(self) -> Vec<String> {
        self.fields.into_iter().map(|(_, error)| error).chain(self.elsewhere).collect()
    }

    /// The first field that has an error.
    pub fn first(&self) -> Option<Field> {
        self.fields.first().map(|(field, _)| *field)
    }

    /// Checks a field that was left or edited, and again those that show an error.
    pub fn check(&mut self, draft: &Draft, left: Field) {
        let found = draft.content().err().unwrap_or_default().fields.into_iter();
        let shown: Vec<_> =
            found.filter(|(field, _)| *field == left || self.get(*field).is_some()).collect();
        self.fields = shown;
        for (field, rejected, error) in &self.from_server {
            if draft.entry(*field) == rejected
                && let Err(at) = self.fields.binary_search_by_key(field, |(other, _)| *other)
            {
                self.fields.insert(at, (*field, error.clone()));
            }
        }
    }

    fn set(&mut self, field: Field, clause: &str) {
        if let Err(at) = self.fields.binary_search_by_key(&field, |(other, _)| *other) {
            // `clause` continues the name of the field: "must not be empty".
            self.fields.insert(at, (field, format!("{} {clause}.", field.label())));
        }
    }

    fn of<T>(&mut self, field: Field, result: Result<T, String>) -> Option<T> {
        result.map_err(|clause| self.set(field, &clause)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Entry {
        Entry::Text(value.to_owned())
    }

    fn draft(name: &str, date: &str, time: &str) -> Draft {
        Draft { name: text(name), date: text(date), time: text(time), ..Draft::default() }
    }

    #[test]
    fn a_full_form_becomes_the_body_of_the_request() {
        let draft = Draft {
            end_time: text("02:00"),
            location: text("  Hall 2 "),
            description: text("One\nTwo"),
            ..draft(" CDK Workshop ", "2026-06-15", "09:30")
        };
        assert_eq!(
            serde_json::to_value(draft.content().unwrap()).unwrap(),
            serde_json::json!({
                "name": "CDK Workshop",
                "date": "2026-06-15",
                "time": "09:30",
                "endTime": "02:00",
                "location": "Hall 2",
                "description": "One\nTwo",
            })
        );
    }

    #[test]
    fn optional_fields_that_hold_only_white_space_are_left_out() {
        let draft =
            Draft { location: text("  "), description: text("\n"), ..draft("Workshop", "", "") };
        assert_eq!(
            serde_json::to_value(draft.content().unwrap()).unwrap(),
            serde_json::json!({ "name": "Workshop" })
        );
    }

    #[test]
    fn every_error_is_explained_at_its_field() {
        let draft = Draft {
            location: text(&"x".repeat(201)),
            description: text("\u{7}"),
            ..draft(" ", "2026-02-30", "")
        };
        let errors = draft.content().unwrap_err();
        assert_eq!(errors.get(Field::Name), Some("Name must not be empty."));
        assert_eq!(
            errors.get(Field::Date),
            Some("Date must be a day of the calendar, years 0001 to 9999.")
        );
        assert_eq!(errors.get(Field::Location), Some("Location must have at most 200 characters."));
        assert_eq!(
            errors.get(Field::Description),
            Some("Description must not contain the control character U+0007.")
        );
        assert_eq!(errors.get(Field::Time), None);
        assert_eq!(errors.first(), Some(Field::Name));
    }

    #[test]
    fn a_time_needs_a_date_and_an_invalid_date_is_no_error_of_the_time() {
        let alone = draft("Workshop", "", "09:30");
        assert_eq!(alone.content().unwrap_err().get(Field::Time), Some("Time needs a date."));
        let broken = draft("Workshop", "2026-02-30", "09:30");
        assert_eq!(broken.content().unwrap_err().get(Field::Time), None);
        let partial = Draft { date: Entry::Incomplete, ..alone }.content().unwrap_err();
        assert_eq!(partial.get(Field::Date), Some("Date is incomplete."));
        assert_eq!(partial.get(Field::Time), None);
    }

    #[test]
    fn an_end_needs_a_time_and_may_be_on_the_next_day() {
        let ends = |time: &str, end: &str| Draft {
            end_time: text(end),
            ..draft("Ball", "2026-06-15", time)
        };
        let alone = ends("", "02:00").content().unwrap_err();
        assert_eq!(alone.get(Field::EndTime), Some("End time needs a time."));
        assert_eq!(alone.first(), Some(Field::EndTime));
        let undated = Draft { date: text(""), ..ends("21:00", "02:00") }.content().unwrap_err();
        assert_eq!(undated.get(Field::Time), Some("Time needs a date."));
        for (end, expected) in [
            ("21:01", None),
            ("21:00", Some("On the next day")),
            ("02:00", Some("On the next day")),
        ] {
            assert_eq!(later_end(&ends("21:00", end)), expected, "{end}");
        }
        assert_eq!(
            later_end(&Draft { name: text(""), ..ends("21:00", "02:00") }),
            Some("On the next day")
        );
        assert_eq!(later_end(&ends("", "02:00")), None);
        let last = Draft { date: text("9999-12-31"), ..ends("21:00", "02:00") }.content();
        assert_eq!(
            last.unwrap_err().get(Field::EndTime),
            Some("End time must be after the time: no day follows this one.")
        );
    }

    #[test]
    fn another_event_like_one_has_all_but_its_day() {
        let draft = Draft {
            end_time: text("02:00"),
            location: text("Hall 2"),
            description: text("One\nTwo"),
            ..draft("Ball", "2026-06-15", "21:00")
        };
        let like = Draft::like(&draft.content().unwrap());
        assert_eq!(like, Draft { date: text(""), ..draft });
        let bare = self::draft("Ball", "", "");
        assert_eq!(Draft::like(&bare.content().unwrap()), bare);
    }

    #[test]
    fn an_error_appears_when_its_field_is_left_and_goes_when_it_is_corrected() {
        let mut errors = FieldErrors::default();
        errors.check(&draft("", "", "09:30"), Field::Time);
        assert_eq!(errors.get(Field::Time), Some("Time needs a date."));
        assert_eq!(errors.get(Field::Name), None, "it was not left yet");
        errors.check(&draft("", "2026-06-15", "09:30"), Field::Date);
        assert_eq!(errors, FieldErrors::default());
    }

    #[test]
    fn a_day_that_is_over_or_far_from_now_is_pointed_out() {
        let today = "2026-06-15".parse().ok();
        for (date, expected) in [
            ("2026-06-15", None),
            ("2028-02-29", None),
            ("2026-06-14", Some("This day is over.")),
            ("0006-12-05", Some("This day is over, 2020 years ago.")),
            ("2142-05-06", Some("This day is far from now, in 116 years.")),
            ("", None),
            ("2026-02-30", None),
        ] {
            assert_eq!(doubt(&text(date), today).as_deref(), expected, "{date}");
        }
        assert_eq!(doubt(&Entry::Incomplete, today), None);
        assert_eq!(doubt(&text("1999-01-01"), None), None, "a clock that is broken");
    }

    #[test]
    fn a_draft_is_the_same_after_a_reload_and_has_the_same_key() {
        let draft = Draft {
            location: text("\"Hall\" 2"),
            description: text("One\nTwo"),
            ..draft("Łódź", "2026-06-15", "")
        };
        assert_eq!(
            Draft::from_stored(&draft.to_stored("key")),
            Some((draft.clone(), "key".to_owned()))
        );
        let partly = Draft { date: Entry::Incomplete, ..draft.clone() };
        let again = Draft { date: text(""), ..draft };
        assert_eq!(Draft::from_stored(&partly.to_stored("key")), Some((again, "key".to_owned())));
        let before = r#"["key","Ball","2026-06-15","21:00","Hall 2","One"]"#;
        let before = Draft::from_stored(before).unwrap();
        let ball = self::draft("Ball", "2026-06-15", "21:00");
        let ball = Draft { location: text("Hall 2"), description: text("One"), ..ball };
        assert_eq!(before, (ball, "key".to_owned()), "of the release before");
        for other in ["", "{}", r#"["key","name"]"#, "[1,2,3,4,5,6,7]"] {
            assert_eq!(Draft::from_stored(other), None, "{other}");
        }
        assert!(Draft { name: text(" "), date: Entry::Incomplete, ..Draft::default() }.is_blank());
        assert!(!partly.is_blank());
    }

    #[test]
    fn the_servers_errors_go_to_their_fields() {
        let entries: Vec<ProblemEntry> = serde_json::from_value(serde_json::json!([
            { "pointer": "#/location", "detail": "must not be empty" },
            { "pointer": "#/date", "detail": "must be a date as YYYY-MM-DD" },
            { "pointer": "#/date", "detail": "is given more than once" },
            { "pointer": "#/colour", "detail": "is not a member of an event" },
            { "header": "Idempotency-Key", "detail": "must not be empty" },
        ]))
        .unwrap();
        let errors = FieldErrors::from_entries(&entries);
        assert_eq!(errors.first(), Some(Field::Date));
        assert_eq!(errors.get(Field::Date), Some("Date must be a date as YYYY-MM-DD."));
        assert_eq!(
            errors.elsewhere,
            ["#/colour is not a member of an event", "Idempotency-Key must not be empty"]
        );
    }

    #[test]
    fn the_servers_errors_stay_until_their_fields_are_edited() {
        let entries: Vec<ProblemEntry> = serde_json::from_value(serde_json::json!([
            { "pointer": "#/date", "detail": "is a holiday" },
            { "pointer": "#/name", "detail": "is taken" },
        ]))
        .unwrap();
        let sent = draft("Workshop", "2026-06-15", "");
        let mut errors = FieldErrors::of_server(&entries, &sent);
        errors.check(&sent, Field::Date);
        assert_eq!(errors.get(Field::Date), Some("Date is a holiday."), "left as it was");
        errors.check(&draft("Workshop", "2026-06-16", ""), Field::Date);
        assert_eq!(errors.get(Field::Date), None);
        assert_eq!(errors.get(Field::Name), Some("Name is taken."));
    }
}
