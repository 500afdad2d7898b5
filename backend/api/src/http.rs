//! Reading requests and building answers.

use domain::{EventId, limits};
use lambda_http::Body;
use lambda_http::RequestExt;
use lambda_http::http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::{ApiError, Request, Response};

pub const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// RFC 9457, section 3.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The path of an event's own resource.
pub fn event_path(id: &EventId) -> String {
    format!("/events/{id}")
}

/// An answer with `body` as JSON.
pub fn json(status: StatusCode, content_type: HeaderValue, body: &impl Serialize) -> Response {
    match serde_json::to_string(body) {
        Ok(text) => {
            let mut response = Response::new(Body::Text(text));
            *response.status_mut() = status;
            response.headers_mut().insert(header::CONTENT_TYPE, content_type);
            response
        }
        // Our types have string keys only and no failing `Serialize`, so this does not happen; if it ever
        // does, it is a 500 like any other.
        Err(error) => ApiError::Internal(error.into()).into_response(""),
    }
}

/// The id in the path; what is no id names no event.
pub fn path_id(request: &Request) -> Result<EventId, ApiError> {
    request
        .path_parameters_ref()
        .and_then(|parameters| parameters.first("id"))
        .and_then(|id| id.parse().ok())
        .ok_or(ApiError::EventNotFound)
}

/// The body of a request that must be JSON: its type is looked at first, then its size.
///
/// A body without a type, or of `text/plain`, is what a foreign page can send without a preflight (Fetch,
/// "CORS-safelisted request-header"): refusing it keeps such pages from writing.
pub fn json_body(request: &Request) -> Result<&[u8], ApiError> {
    if !is_json(request.headers().get(header::CONTENT_TYPE)) {
        return Err(ApiError::UnsupportedMediaType);
    }
    let body: &[u8] = request.body();
    if body.len() > limits::BODY_MAX_BYTES {
        return Err(ApiError::BodyTooLarge);
    }
    Ok(body)
}

/// Whether a `Content-Type` is `application/json`, with any parameters (RFC 9110, section 8.3.1).
fn is_json(content_type: Option<&HeaderValue>) -> bool {
    content_type
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}
