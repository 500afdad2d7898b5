//! The event of a function: payload format 2.0 (API Gateway Developer Guide, "Create AWS Lambda
//! proxy integrations for HTTP APIs"). Rows `event-*` of `tests/local/recorded-answers.json` record
//! it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde::{Serialize, Serializer};
use time::UtcDateTime;
use uuid::Uuid;

use super::authorizer::Identity;
use super::body;
use super::routes::PathParameters;
use crate::template::{ACCOUNT, REGION};

/// Largest event: "Invocation payload (request and response)", 6 MB (Lambda Developer Guide, "Lambda
/// quotas"). The gateway refuses a larger one (rows body-of-6-5-mb and body-over-6-mb-emulator).
pub(super) const MAX: usize = 6 * 1024 * 1024;

const SOURCE_IP: &str = "127.0.0.1";

/// A request on its way to a function.
#[derive(Clone, Copy)]
pub(super) struct Payload<'a> {
    pub api_id: &'a str,
    pub authority: &'a str,
    pub stage: &'a str,
    pub route_key: &'a str,
    /// Decoded, with the stage (row event-named-stage).
    pub path: &'a str,
    /// The same without the stage.
    pub route_path: &'a str,
    pub parameters: &'a PathParameters<'a>,
    pub request_id: &'a str,
    pub parts: &'a Parts,
}

/// What a function gets. Members without content are absent (row event-minimal).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<Cow<'a, str>>,
    headers: BTreeMap<&'a str, Cow<'a, str>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "as_map")]
    path_parameters: &'a [(&'a str, &'a str)],
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_base64_encoded: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'static str,
    api_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<&'a Identity>,
    domain_name: &'a str,
    domain_prefix: &'a str,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'a str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'static str,
    source_ip: &'static str,
    user_agent: Cow<'a, str>,
}

/// What a Lambda authorizer gets (API Gateway Developer Guide, "Control access to HTTP APIs with AWS
/// Lambda authorizers", format 2.0).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizerEvent<'a> {
    r#type: &'static str,
    route_arn: &'a str,
    identity_source: &'a [String],
    #[serde(flatten)]
    event: Event<'a>,
}

/// An id in the form that API Gateway gives: 15 characters of URL-safe base64 and `=` (row
/// answer-http-api-headers).
pub(super) fn request_id() -> String {
    URL_SAFE.encode(&Uuid::new_v4().as_bytes()[..11])
}

impl<'a> Payload<'a> {
    /// The event of the route's function.
    pub(super) fn to_json(self, body: &'a [u8], identity: Option<&'a Identity>) -> Bytes {
        let mut event = self.event(body.len(), identity);
        let (body, is_base64) = if body.is_empty() {
            (None, false)
        } else {
            let content_type = self.parts.headers.get(header::CONTENT_TYPE);
            let (body, is_base64) = body::encode(body, content_type);
            (Some(body), is_base64)
        };
        event.body = body;
        event.is_base64_encoded = Some(is_base64);
        to_bytes(&event)
    }

    /// The event of the route's authorizer. It is called before the body is read.
    pub(super) fn to_authorizer_json(self, route_arn: &str, identity_source: &[String]) -> Bytes {
        let length = self.parts.headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or(0);
        to_bytes(&AuthorizerEvent {
            r#type: "REQUEST",
            route_arn,
            identity_source,
            event: self.event(length, None),
        })
    }

    /// What a policy of a Lambda authorizer names.
    pub(super) fn route_arn(self) -> String {
        let Self { api_id, stage, route_path, .. } = self;
        let method = self.parts.method.as_str();
        format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:{api_id}/{stage}/{method}{route_path}")
    }

    fn event(self, body_length: usize, authorizer: Option<&'a Identity>) -> Event<'a> {
        let Self { parts, .. } = self;
        let query = parts.uri.query().unwrap_or_default();
        let now = UtcDateTime::now();
        Event {
            version: "2.0",
            route_key: self.route_key,
            raw_path: self.path,
            raw_query_string: query,
            cookies: cookies(&parts.headers),
            headers: self.headers(body_length),
            query_string_parameters: query_parameters(query),
            request_context: RequestContext {
                account_id: ACCOUNT,
                api_id: self.api_id,
                authorizer,
                domain_name: self.authority,
                domain_prefix: self.api_id,
                http: Http {
                    method: parts.method.as_str(),
                    path: self.path,
                    // Whatever the client speaks (rows `event-http2-*`).
                    protocol: "HTTP/1.1",
                    source_ip: SOURCE_IP,
                    user_agent: parts.headers.get(header::USER_AGENT).map(text).unwrap_or_default(),
                },
                request_id: self.request_id,
                route_key: self.route_key,
                stage: self.stage,
                time: common_log_time(now),
                time_epoch: now.unix_timestamp() * 1_000 + i64::from(now.millisecond()),
            },
            path_parameters: self.parameters,
            body: None,
            is_base64_encoded: None,
        }
    }

    /// Names are lower-case, values of a repeated name are joined with commas, cookies are left out
    /// (rows event-repeated-header and event-cookies-two). A length and a trace id are added where
    /// the client sent none (row event-minimal).
    ///
    /// `host` and `x-forwarded-*` are the gateway's own (row event-whole), whatever the client sent
    /// (inferred: on AWS a request with another host does not reach the API; a record would have to
    /// show a client's `x-forwarded-for`).
    fn headers(self, body_length: usize) -> BTreeMap<&'a str, Cow<'a, str>> {
        let mut headers: BTreeMap<&str, Cow<str>> = BTreeMap::new();
        for (name, value) in &self.parts.headers {
            // The body comes in one piece, with its length.
            if name == header::COOKIE
                || name == header::TRANSFER_ENCODING
                || name.as_str().starts_with("x-forwarded-")
            {
                continue;
            }
            headers
                .entry(name.as_str())
                .and_modify(|joined| {
                    let joined = joined.to_mut();
                    joined.push(',');
                    joined.push_str(&text(value));
                })
                .or_insert_with(|| text(value));
        }
        let port = self.authority.rsplit_once(':').map_or("", |(_, port)| port);
        let length = if body_length == 0 { "0".into() } else { body_length.to_string().into() };
        headers.insert("content-length", length);
        headers.insert("host", self.authority.into());
        headers.entry("x-amzn-trace-id").or_insert_with(|| trace_id().into());
        headers.insert("x-forwarded-for", SOURCE_IP.into());
        headers.insert("x-forwarded-port", port.into());
        headers.insert("x-forwarded-proto", "http".into());
        headers
    }
}

fn to_bytes(event: &impl Serialize) -> Bytes {
    // Only maps whose keys are no strings fail.
    serde_json::to_vec(event).unwrap_or_default().into()
}

fn as_map<S: Serializer>(pairs: &[(&str, &str)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().copied())
}

/// A header's value as a JSON string. Bytes that are not UTF-8 are replaced, as in a path.
fn text(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

fn cookies(headers: &HeaderMap) -> Vec<Cow<'_, str>> {
    let mut cookies = Vec::new();
    for value in headers.get_all(header::COOKIE) {
        match text(value) {
            Cow::Borrowed(value) => cookies.extend(split_cookies(value).map(Cow::Borrowed)),
            Cow::Owned(value) => {
                cookies.extend(split_cookies(&value).map(|cookie| Cow::Owned(cookie.to_owned())));
            }
        }
    }
    cookies
}

/// RFC 6265, section 5.4, has `; ` between two; not every client sends the blank.
fn split_cookies(value: &str) -> impl Iterator<Item = &str> {
    value.split(';').map(str::trim).filter(|cookie| !cookie.is_empty())
}

/// Decoded; a plus is a blank; values of a repeated name are joined with commas (rows
/// `event-query-*`).
pub(super) fn query_parameters(query: &str) -> BTreeMap<Cow<'_, str>, Cow<'_, str>> {
    let mut parameters: BTreeMap<Cow<str>, Cow<str>> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        parameters
            .entry(decode(name))
            .and_modify(|joined| {
                let joined = joined.to_mut();
                joined.push(',');
                joined.push_str(&decode(value));
            })
            .or_insert_with(|| decode(value));
    }
    parameters
}

fn decode(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        let blanks = text.replace('+', " ");
        percent_decode_str(&blanks).decode_utf8_lossy().into_owned().into()
    } else {
        percent_decode_str(text).decode_utf8_lossy()
    }
}

/// `Root=1-66f0c1a2-5759e988bd862e3fe1be46a9`: the time and 96 random bits (rows `event-*`).
fn trace_id() -> String {
    let seconds = UtcDateTime::now().unix_timestamp();
    let random = &Uuid::new_v4().simple().to_string()[..24];
    format!("Root=1-{seconds:08x}-{random}")
}

/// `22/Nov/2026:13:05:09 +0000`, as in an access log.
fn common_log_time(at: UtcDateTime) -> String {
    let month = match at.month() {
        time::Month::January => "Jan",
        time::Month::February => "Feb",
        time::Month::March => "Mar",
        time::Month::April => "Apr",
        time::Month::May => "May",
        time::Month::June => "Jun",
        time::Month::July => "Jul",
        time::Month::August => "Aug",
        time::Month::September => "Sep",
        time::Month::October => "Oct",
        time::Month::November => "Nov",
        time::Month::December => "Dec",
    };
    let (year, day) = (at.year(), at.day());
    let (hour, minute, second) = at.as_hms();
    format!("{day:02}/{month}/{year:04}:{hour:02}:{minute:02}:{second:02} +0000")
}
