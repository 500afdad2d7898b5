//! Dates and times as the reader writes them, by the browser's `Intl`: no tables are shipped.

use domain::{Date, Time, Timestamp, When};
use js_sys::Intl::{DateTimeFormat, RelativeTimeFormat};
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::span::Moment;
use crate::{calendar, saved};

/// Formats of the reader's language. Making one is slow, so there is one of each.
struct Formats {
    language: String,
    month: Function,
    weekday: Function,
    day: Function,
    time: Function,
    instant: Function,
}

thread_local! {
    static FORMATS: Formats = Formats {
        language: language_of(&format(&[])),
        month: utc(&[("month", "long"), ("year", "numeric")]),
        weekday: utc(&[("weekday", "short")]),
        day: utc(&[("dateStyle", "full")]),
        time: utc(&[("timeStyle", "short")]),
        instant: format(&[
            ("dateStyle", "medium"),
            ("timeStyle", "short"),
            ("calendar", "gregory"),
        ])
        .format(),
    };
}

/// The language of what the other functions give (BCP 47), for `lang`.
pub fn language() -> String {
    FORMATS.with(|formats| formats.language.clone())
}

/// "June 2026"
pub fn month(date: Date) -> String {
    FORMATS.with(|formats| apply(&formats.month, &midnight(date)))
}

/// "Mon"
pub fn weekday(date: Date) -> String {
    FORMATS.with(|formats| apply(&formats.weekday, &midnight(date)))
}

/// "Monday, June 15, 2026"
pub fn day(date: Date) -> String {
    FORMATS.with(|formats| apply(&formats.day, &midnight(date)))
}

/// "9:30 AM": the time at the venue, whatever the reader's time zone is.
pub fn time(time: Time) -> String {
    FORMATS.with(|formats| apply(&formats.time, &format!("2000-01-01T{time}:00Z")))
}

/// "9:30 AM", or "9:30 AM – 11:00 AM" with an end.
pub fn times(when: When) -> Option<String> {
    let begin = when.time.map(time)?;
    Some(match when.end_time() {
        Some(end) => begin + " – " + &time(end),
        None => begin,
    })
}

/// "Jan 1, 2026, 10:00 AM" in the reader's time zone.
pub fn instant(instant: Timestamp) -> String {
    FORMATS.with(|formats| apply(&formats.instant, &instant.to_string()))
}

/// The day and the time that it is for the reader.
pub fn moment() -> Option<Moment> {
    let now = js_sys::Date::new_0();
    let year = i32::try_from(now.get_full_year()).ok()?;
    let month = u8::try_from(now.get_month() + 1).ok()?;
    let date = Date::from_ymd(year, month, u8::try_from(now.get_date()).ok()?)?;
    let time = format!("{:02}:{:02}", now.get_hours(), now.get_minutes());
    Some((date, time.parse().ok()?))
}

/// "5 minutes ago", of so many milliseconds.
pub fn ago(milliseconds: f64) -> String {
    let (count, unit) = saved::age(milliseconds);
    RelativeTimeFormat::new(&Array::new(), &Object::new()).format(count, unit).into()
}

/// The day that a week begins with: 1 (Monday) to 7. Where the browser does not know, by region.
pub fn week_start() -> u8 {
    let get = |object: &JsValue, member: &str| Reflect::get(object, &JsValue::from_str(member));
    let first_day = || {
        let constructor =
            get(&get(&js_sys::global(), "Intl")?, "Locale")?.dyn_into::<Function>()?;
        let locale =
            Reflect::construct(&constructor, &Array::of1(&JsValue::from_str(&language())))?;
        // A method by the standard, a member in browsers before it.
        let week = match get(&locale, "getWeekInfo")?.dyn_into::<Function>() {
            Ok(method) => method.call0(&locale)?,
            Err(_) => get(&locale, "weekInfo")?,
        };
        if week.is_undefined() {
            let likely = get(&locale, "maximize")?.dyn_into::<Function>()?.call0(&locale)?;
            let region = get(&likely, "region")?.as_string().unwrap_or_default();
            return Ok(calendar::week_start(&region).into());
        }
        get(&week, "firstDay")
    };
    let first_day = first_day().ok().and_then(|day: JsValue| day.as_f64());
    (1..=7).find(|day| Some(f64::from(*day)) == first_day).unwrap_or(calendar::week_start(""))
}

/// The instant that it is.
pub fn now() -> Option<Timestamp> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds of a clock are whole and small"
    )]
    Timestamp::from_unix_millis(js_sys::Date::now() as i64)
}

fn midnight(date: Date) -> String {
    format!("{date}T00:00:00Z")
}

/// A day of an event is one of the Gregorian calendar, in no time zone.
fn utc(options: &[(&str, &str)]) -> Function {
    format(&[options, &[("calendar", "gregory"), ("timeZone", "UTC")]].concat()).format()
}

fn format(options: &[(&str, &str)]) -> DateTimeFormat {
    let object = Object::new();
    for (option, value) in options {
        // Setting a member of a fresh object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(option), &JsValue::from_str(value));
    }
    DateTimeFormat::new(&Array::new(), &object)
}

fn language_of(format: &DateTimeFormat) -> String {
    let options = format.resolved_options();
    let locale = Reflect::get(&options, &JsValue::from_str("locale"));
    locale.ok().and_then(|locale| locale.as_string()).unwrap_or_default()
}

/// `instant` is in RFC 3339.
fn apply(format: &Function, instant: &str) -> String {
    let date = js_sys::Date::new(&JsValue::from_str(instant));
    let text = format.call1(&JsValue::UNDEFINED, &date);
    text.ok().and_then(|text| text.as_string()).unwrap_or_else(|| instant.to_owned())
}
