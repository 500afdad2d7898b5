//! Building responses.

use domain::EventId;
use lambda_http::Body;
use lambda_http::http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::Response;

pub const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// RFC 9457, section 3.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The path of an event.
pub fn event_path(id: &EventId) -> String {
    format!("/events/{id}")
}

/// A response with `body` as JSON. `body` is an event, a list of events, or a problem.
pub fn json(status: StatusCode, content_type: HeaderValue, body: &impl Serialize) -> Response {
    let text = serde_json::to_string(body)
        .expect("these types have no map with other keys than strings, and no failing `Serialize`");
    let mut response = Response::new(Body::Text(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}
