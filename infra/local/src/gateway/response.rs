//! What a function returns, read as API Gateway reads it (API Gateway Developer Guide, "Create AWS
//! Lambda proxy integrations for HTTP APIs", "Lambda function response for format 2.0"). "Row" is
//! one of `tests/local/recorded-answers.json`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::server::Response;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Of an answer with a body and without a type, whatever the body looks like (rows
/// answer-default-content-type, answer-201-without-headers and others).
const DEFAULT_TYPE: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// Headers of the connection between client and gateway (RFC 9110, section 7.6.1, and the length):
/// the server sets its own.
const OF_THE_CONNECTION: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    HeaderName::from_static("keep-alive"),
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

#[derive(Debug, PartialEq, Eq)]
pub(super) struct FunctionResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Debug, thiserror::Error)]
#[error("the function's response is malformed: {0}")]
pub(super) struct Malformed(String);

/// Tells whether a response has a status code.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Probe {
    status_code: Option<IgnoredAny>,
}

/// The JSON of a response with a status code.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Formatted {
    status_code: u16,
    headers: Option<BTreeMap<String, Value>>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

impl FunctionResponse {
    pub(super) fn from_json(payload: Bytes) -> Result<Self, Malformed> {
        let malformed = |error: &dyn ToString| Malformed(error.to_string());
        let is_object = payload.trim_ascii_start().starts_with(b"{");
        let has_status = is_object
            && serde_json::from_slice::<Probe>(&payload)
                .map_err(|e| malformed(&e))?
                .status_code
                .is_some();
        if !has_status {
            return Self::of_any_json(payload);
        }
        let formatted: Formatted = serde_json::from_slice(&payload).map_err(|e| malformed(&e))?;
        // Rows answer-status-zero and answer-status-float-emulator; 1xx answers no request.
        let status = StatusCode::from_u16(formatted.status_code)
            .ok()
            .filter(|status| !status.is_informational())
            .ok_or_else(|| Malformed(format!("statusCode is {}", formatted.status_code)))?;
        let mut headers = HeaderMap::new();
        for (name, value) in formatted.headers.unwrap_or_default() {
            let value = match value {
                Value::String(text) => text,
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                _ => return Err(Malformed(format!("the header {name} is not a string"))),
            };
            let name = HeaderName::try_from(name).map_err(|e| malformed(&e))?;
            if !OF_THE_CONNECTION.contains(&name) {
                headers.append(name, HeaderValue::try_from(value).map_err(|e| malformed(&e))?);
            }
        }
        for cookie in formatted.cookies.unwrap_or_default() {
            let value = HeaderValue::try_from(cookie).map_err(|e| malformed(&e))?;
            headers.append(header::SET_COOKIE, value);
        }
        let body = formatted.body.unwrap_or_default();
        let mut body = if formatted.is_base64_encoded == Some(true) {
            STANDARD.decode(body).map_err(|e| malformed(&e))?.into()
        } else {
            Bytes::from(body)
        };
        if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
            // Row answer-204. Neither has content (RFC 9110, sections 15.3.5 and 15.4.5).
            body = Bytes::new();
        }
        if !body.is_empty() {
            headers.entry(header::CONTENT_TYPE).or_insert(DEFAULT_TYPE);
        }
        Ok(Self { status, headers, body })
    }

    /// "If your Lambda function returns valid JSON and doesn't return a statusCode", that JSON is the
    /// body; a JSON string without its quotes (the first example there).
    fn of_any_json(payload: Bytes) -> Result<Self, Malformed> {
        let text: Option<String> = match serde_json::from_slice(&payload) {
            Ok(Value::String(text)) => Some(text),
            Ok(_) => None,
            // Row payload-not-json.
            Err(error) => return Err(Malformed(error.to_string())),
        };
        Ok(Self {
            status: StatusCode::OK,
            headers: HeaderMap::from_iter([(header::CONTENT_TYPE, JSON)]),
            body: text.map_or(payload, Bytes::from),
        })
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

    fn read(payload: &str) -> Result<FunctionResponse, Malformed> {
        FunctionResponse::from_json(Bytes::copy_from_slice(payload.as_bytes()))
    }

    #[test]
    fn json_without_a_status_code_is_the_body() {
        for (payload, body) in [
            (r#"{"a":1}"#, r#"{"a":1}"#),
            ("[200]", "[200]"),
            (" \"a\\\"b\"", "a\"b"),
            ("null", "null"),
        ] {
            let response = read(payload).unwrap();
            assert_eq!((response.status, &response.body[..]), (StatusCode::OK, body.as_bytes()));
            assert_eq!(response.headers[header::CONTENT_TYPE], "application/json");
        }
    }

    #[test]
    fn the_connection_is_the_gateways_own() {
        let headers =
            r#"{"Connection":"close","transfer-encoding":"chunked","content-length":"9"}"#;
        let response = read(&format!(r#"{{"statusCode":200,"headers":{headers}}}"#)).unwrap();
        assert!(response.headers.is_empty(), "{:?}", response.headers);
    }

    #[test]
    fn only_what_has_content_gets_the_default_type() {
        for (status, body, expected) in [
            (200, r#""a""#, Some("text/plain; charset=utf-8")),
            (404, r#""{}""#, Some("text/plain; charset=utf-8")),
            (200, r#""""#, None),
            (302, "null", None),
            (204, r#""a""#, None),
            (304, r#""a""#, None),
        ] {
            let response = read(&format!(r#"{{"statusCode":{status},"body":{body}}}"#)).unwrap();
            let content_type = response.headers.get(header::CONTENT_TYPE);
            assert_eq!(content_type.map(|of| of.to_str().unwrap()), expected, "{status} {body}");
            assert_eq!(response.body.is_empty(), expected.is_none(), "{status} {body}");
        }
    }

    #[test]
    fn malformed_responses_are_errors() {
        for payload in [
            "",
            "hello",
            r#"{"statusCode":"#,
            r#"{"statusCode":"abc"}"#,
            r#"{"statusCode":99}"#,
            r#"{"statusCode":101}"#,
            r#"{"statusCode":200.5}"#,
            r#"{"statusCode":200,"body":{"a":1}}"#,
            r#"{"statusCode":200,"headers":{"a b":"c"}}"#,
            r#"{"statusCode":200,"headers":{"a":["b"]}}"#,
            r#"{"statusCode":200,"body":"%","isBase64Encoded":true}"#,
        ] {
            assert!(read(payload).is_err(), "{payload}");
        }
    }
}
