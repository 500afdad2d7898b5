//! Building responses.

use domain::{EventId, SortKey};
use lambda_http::Body;
use lambda_http::http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::list_query::ListQuery;
use crate::{ApiError, Response};

pub const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// RFC 9457, section 3.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The path of an event.
pub fn event_path(id: &EventId) -> String {
    format!("/events/{id}")
}

/// The `Link` to the next page of a list (RFC 8288), whose last event is `last`.
pub fn next_link(query: &ListQuery, last: SortKey) -> Result<HeaderValue, ApiError> {
    let next = format!("</events?{}>; rel=\"next\"", query.after(last).to_query_string());
    HeaderValue::try_from(next).map_err(|error| ApiError::Internal(error.into()))
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
