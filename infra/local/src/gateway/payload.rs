//! What a function gets and returns: payload format 2.0 (API Gateway Developer Guide, "Create AWS
//! Lambda proxy integrations for HTTP APIs").

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};
use time::UtcDateTime;
use uuid::Uuid;

use super::routes::PathParameters;
use crate::server::Response;
use crate::template::ACCOUNT;

/// A request on its way to a function.
pub(super) struct Payload<'a> {
    pub api_id: &'a str,
    pub authority: &'a str,
    pub route_key: &'a str,
    /// Decoded.
    pub path: &'a str,
    pub parameters: PathParameters,
    pub request_id: &'a str,
    pub parts: &'a Parts,
    pub body: Bytes,
}

/// An id in the form that API Gateway gives: 16 characters of base64.
pub(super) fn request_id() -> String {
    STANDARD.encode(&Uuid::new_v4().as_bytes()[..11])
}

impl Payload<'_> {
    pub(super) fn to_json(&self) -> Bytes {
        let Self { parts, .. } = self;
        let user_agent = parts.headers.get(header::USER_AGENT).map(text).unwrap_or_default();
        let now = UtcDateTime::now();
        let mut payload = json!({
            "version": "2.0",
            "routeKey": self.route_key,
            "rawPath": self.path,
            "rawQueryString": parts.uri.query().unwrap_or_default(),
            "headers": self.headers(),
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": self.api_id,
                "domainName": self.authority,
                "domainPrefix": self.api_id,
                "http": {
                    "method": parts.method.as_str(),
                    "path": self.path,
                    "protocol": format!("{:?}", parts.version),
                    "sourceIp": SOURCE_IP,
                    "userAgent": user_agent,
                },
                "requestId": self.request_id,
                "routeKey": self.route_key,
                "stage": "$default",
                "time": common_log_time(now),
                "timeEpoch": now.unix_timestamp() * 1_000 + i64::from(now.millisecond()),
            },
            "isBase64Encoded": false,
        });
        let cookies: Vec<String> = parts
            .headers
            .get_all(header::COOKIE)
            .iter()
            .flat_map(|value| text(value).split("; ").map(str::to_owned).collect::<Vec<_>>())
            .collect();
        if !cookies.is_empty() {
            payload["cookies"] = json!(cookies);
        }
        if let Some(query) = parts.uri.query().filter(|query| !query.is_empty()) {
            payload["queryStringParameters"] = json!(query_parameters(query));
        }
        if !self.parameters.is_empty() {
            payload["pathParameters"] = self.parameters.iter().cloned().collect::<Value>();
        }
        if !self.body.is_empty() {
            let (body, encoded) = self.body();
            payload["body"] = body.into();
            payload["isBase64Encoded"] = encoded.into();
        }
        Bytes::from(payload.to_string())
    }

    /// Names are lower-case, values of a repeated name are joined with commas, cookies are left
    /// out. `host` and `x-forwarded-*` are the gateway's own, whatever the client sent.
    fn headers(&self) -> BTreeMap<&str, String> {
        let mut headers: BTreeMap<&str, String> = BTreeMap::new();
        for (name, value) in &self.parts.headers {
            if name == header::COOKIE || name.as_str().starts_with("x-forwarded-") {
                continue;
            }
            headers
                .entry(name.as_str())
                .and_modify(|joined| {
                    joined.push(',');
                    joined.push_str(&text(value));
                })
                .or_insert_with(|| text(value));
        }
        let port = self.authority.rsplit_once(':').map_or("", |(_, port)| port);
        headers.insert("host", self.authority.to_owned());
        headers.insert("x-forwarded-for", SOURCE_IP.to_owned());
        headers.insert("x-forwarded-port", port.to_owned());
        headers.insert("x-forwarded-proto", "http".to_owned());
        headers
    }

    /// Text types and JSON are text if they are UTF-8; anything else is base64 (inferred).
    fn body(&self) -> (String, bool) {
        let content_type =
            self.parts.headers.get(header::CONTENT_TYPE).map(text).unwrap_or_default();
        let essence =
            content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_text = essence.is_empty()
            || essence.starts_with("text/")
            || essence.ends_with("+json")
            || essence.ends_with("+xml")
            || matches!(
                essence.as_str(),
                "application/json"
                    | "application/javascript"
                    | "application/xml"
                    | "application/x-www-form-urlencoded"
            );
        match std::str::from_utf8(&self.body) {
            Ok(body) if is_text => (body.to_owned(), false),
            _ => (STANDARD.encode(&self.body), true),
        }
    }
}

const SOURCE_IP: &str = "127.0.0.1";

/// A header's value as a JSON string; bytes that are not UTF-8 are replaced (inferred).
fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// Decoded; values of a repeated name joined with commas.
fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let decode =
        |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        parameters
            .entry(decode(name))
            .and_modify(|joined| {
                joined.push(',');
                joined.push_str(&decode(value));
            })
            .or_insert_with(|| decode(value));
    }
    parameters
}

/// `22/Nov/2026:13:05:09 +0000`, as in an access log.
fn common_log_time(at: UtcDateTime) -> String {
    let month = at.month().to_string();
    let month = month.get(..3).unwrap_or_default();
    let (year, day) = (at.year(), at.day());
    let (hour, minute, second) = at.as_hms();
    format!("{day:02}/{month}/{year:04}:{hour:02}:{minute:02}:{second:02} +0000")
}

/// What a function returned, read as API Gateway reads it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FunctionResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Debug, thiserror::Error)]
#[error("the function's response is malformed: {0}")]
pub(super) struct Malformed(String);

/// The JSON of a response with a status code.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Formatted {
    status_code: u16,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

impl FunctionResponse {
    pub(super) fn from_json(payload: &[u8]) -> Result<Self, Malformed> {
        let malformed = |error: &dyn ToString| Malformed(error.to_string());
        let value: Value = serde_json::from_slice(payload).map_err(|e| malformed(&e))?;
        if value.get("statusCode").is_none() {
            // "If your Lambda function returns valid JSON and doesn't return a statusCode", that
            // JSON is the body.
            let json = HeaderValue::from_static("application/json");
            return Ok(Self {
                status: StatusCode::OK,
                headers: HeaderMap::from_iter([(header::CONTENT_TYPE, json)]),
                body: Bytes::copy_from_slice(payload),
            });
        }
        let formatted: Formatted = serde_json::from_value(value).map_err(|e| malformed(&e))?;
        let status = StatusCode::from_u16(formatted.status_code).map_err(|e| malformed(&e))?;
        let mut headers = HeaderMap::new();
        for (name, value) in formatted.headers.unwrap_or_default() {
            let value = match value {
                Value::String(text) => text,
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                _ => return Err(Malformed(format!("the header {name} is not a string"))),
            };
            headers.append(
                HeaderName::try_from(name).map_err(|e| malformed(&e))?,
                HeaderValue::try_from(value).map_err(|e| malformed(&e))?,
            );
        }
        for cookie in formatted.cookies.unwrap_or_default() {
            let value = HeaderValue::try_from(cookie).map_err(|e| malformed(&e))?;
            headers.append(header::SET_COOKIE, value);
        }
        let body = formatted.body.unwrap_or_default();
        let body = if formatted.is_base64_encoded {
            STANDARD.decode(body).map_err(|e| malformed(&e))?.into()
        } else {
            Bytes::from(body)
        };
        // The server sets the length of the body that it sends.
        headers.remove(header::CONTENT_LENGTH);
        Ok(Self { status, headers, body })
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_without_a_status_code_is_the_body() {
        let response = FunctionResponse::from_json(br#"{"a":1}"#).unwrap();
        assert_eq!((response.status, &response.body[..]), (StatusCode::OK, &br#"{"a":1}"#[..]));
        assert_eq!(response.headers[header::CONTENT_TYPE], "application/json");
    }

    #[test]
    fn malformed_responses_are_errors() {
        for payload in [
            r#"{"statusCode":"#,
            r#"{"statusCode":"abc"}"#,
            r#"{"statusCode":99}"#,
            r#"{"statusCode":200,"body":{"a":1}}"#,
            r#"{"statusCode":200,"headers":{"a b":"c"}}"#,
            r#"{"statusCode":200,"headers":{"a":["b"]}}"#,
            r#"{"statusCode":200,"body":"%","isBase64Encoded":true}"#,
        ] {
            assert!(FunctionResponse::from_json(payload.as_bytes()).is_err(), "{payload}");
        }
    }
}
