//! The calendar feed: the list as iCalendar text (RFC 5545), for calendars that subscribe to it.
//!
//! A feed has the events of the list in its order, from a day on, as many as fit. It is written
//! event by event while the list is read, into one text.

use std::hash::{DefaultHasher, Hasher};
use std::ops::ControlFlow;

use domain::SortKey;
use domain::ics::Calendar;
use domain::limits::FEED_MAX;
use lambda_http::Body;
use lambda_http::http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::list_query::ListQuery;
use crate::response::next_link;
use crate::{ApiError, EventStore, Response, clock, env};

/// How many days before today a feed begins that names no first day.
const PAST_DAYS: i32 = 30;

/// Largest body, in bytes of the JSON in which the function returns it: with its headers, less than
/// 4 MB. Lambda takes 6 MB (Lambda Developer Guide, "Lambda quotas").
pub const BODY_MAX: usize = 4_000_000 - 4_096;

/// Bytes for 1,000 events of the usual length. What is not written to takes no memory.
const CAPACITY: usize = 512 * 1024;

/// Seconds after which a calendar asks again.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("max-age=900");
const CALENDAR: HeaderValue = HeaderValue::from_static("text/calendar; charset=utf-8");

/// What a feed says that the table does not.
#[derive(Debug)]
pub struct Settings {
    /// The origin of the page, on which each event has a page of its own.
    pub page_origin: String,
    /// The time zone of the venues, by its name in the IANA database.
    pub time_zone: Option<String>,
}

impl Settings {
    /// The settings that the environment variables `FEED_PAGE_ORIGIN` and `FEED_TIME_ZONE` describe,
    /// for as long as the process lives. Without the first one there is no feed.
    pub fn from_env() -> Option<&'static Self> {
        let page_origin = env::optional("FEED_PAGE_ORIGIN")?;
        let settings = Self { page_origin, time_zone: env::optional("FEED_TIME_ZONE") };
        Some(Box::leak(Box::new(settings)))
    }
}

/// 200 with the feed, or 304 if the client has it already.
pub async fn respond(
    store: &EventStore,
    settings: &Settings,
    query: &ListQuery,
    request: &HeaderMap,
) -> Result<Response, ApiError> {
    let today = clock::now()?.date();
    let query = query.from_day(today.plus_days(-PAST_DAYS).unwrap_or(today));
    let Feed { text, continues_after } = read(store, settings, &query).await?;
    let etag = etag(&text)?;
    let is_known = is_known(request, &etag);
    let mut response = Response::new(if is_known { Body::Empty } else { Body::Text(text) });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    // Those that a 304 has too (RFC 9110, section 15.4.5).
    headers.insert(header::ETAG, etag);
    headers.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    if !is_known {
        headers.insert(header::CONTENT_TYPE, CALENDAR);
        if let Some(last) = continues_after {
            headers.insert(header::LINK, next_link(&query, last)?);
        }
    }
    Ok(response)
}

struct Feed {
    text: String,
    /// The key of the last event, if more events follow it.
    continues_after: Option<SortKey>,
}

async fn read(
    store: &EventStore,
    settings: &Settings,
    query: &ListQuery,
) -> Result<Feed, ApiError> {
    const APP: &str = env!("APP_NAME");
    let mut calendar = Calendar::new(APP, CAPACITY);
    calendar.set("X-WR-CALNAME:", APP);
    if let Some(time_zone) = &settings.time_zone {
        calendar.set("X-WR-TIMEZONE:", time_zone);
    }
    // The address of the page of an event (`frontend/src/routes.rs`).
    let mut url = format!("{}/events/", settings.page_origin);
    let path_at = url.len();

    let (mut size, mut sized) = (0, 0);
    let (mut count, mut last, mut is_cut) = (0, None, false);
    // One event more than the feed has shows that there are more.
    store
        .read(query, FEED_MAX + 1, |event| {
            let begin = calendar.text().len();
            url.truncate(path_at);
            url.push_str(
                event.id.as_uuid().hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()),
            );
            calendar.push(&event, &url);
            let text = calendar.text();
            // A byte takes two at most: what is far from the limit need not be counted.
            if 2 * text.len() > BODY_MAX {
                size += json_length(&text[sized..]);
                sized = text.len();
            }
            if count == FEED_MAX || size > BODY_MAX {
                calendar.truncate(begin);
                is_cut = true;
                return ControlFlow::Break(());
            }
            count += 1;
            last = Some(SortKey::of(&event));
            ControlFlow::Continue(())
        })
        .await?;
    if is_cut {
        let note = format!("Only the first {count} events fit into this calendar.");
        calendar.set("X-WR-CALDESC:", &note);
    }
    Ok(Feed { text: calendar.finish(), continues_after: last.filter(|_| is_cut) })
}

/// The length of a text within a JSON string. It has no control characters but those that JSON
/// writes as two characters.
fn json_length(text: &str) -> usize {
    const ESCAPED: [u8; 5] = [b'"', b'\\', b'\r', b'\n', b'\t'];
    // Without branches, so that the processor takes many bytes at a time.
    let is_escaped = |byte: &u8| ESCAPED.iter().map(|other| u8::from(byte == other)).sum::<u8>();
    // The counts of a part fit into a byte.
    let parts = text.as_bytes().chunks(255);
    let count = |part: &[u8]| part.iter().map(is_escaped).sum::<u8>();
    text.len() + parts.map(|part| usize::from(count(part))).sum::<usize>()
}

/// A strong validator (RFC 9110, section 8.8.3): a hash of the text, in hexadecimal. SHA-256 takes
/// longer, and nobody gains by a text with the tag of another. If a release of Rust hashes in
/// another way, a feed is sent once more.
fn etag(text: &str) -> Result<HeaderValue, ApiError> {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    let tag = format!("\"{:016x}\"", hasher.finish());
    HeaderValue::try_from(tag).map_err(|error| ApiError::Internal(error.into()))
}

/// Whether `If-None-Match` names the feed (RFC 9110, section 13.1.2). None of our tags has a comma.
fn is_known(request: &HeaderMap, etag: &HeaderValue) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .into_iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes())
}
