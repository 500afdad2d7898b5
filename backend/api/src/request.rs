//! Reading requests.

use domain::{EventId, limits};
use lambda_http::RequestExt;
use lambda_http::http::{HeaderMap, HeaderValue, header};
use lambda_http::request::RequestContext;

use crate::{ApiError, Request};

/// The event id in the path. A segment that is not an id is the id of no event.
pub fn path_id(request: &Request) -> Result<EventId, ApiError> {
    request
        .path_parameters_ref()
        .and_then(|parameters| parameters.first("id"))
        .and_then(|id| id.parse().ok())
        .ok_or(ApiError::EventNotFound)
}

/// Who calls: the claim `sub` of the token that the gateway verified. `None` on a route that anyone
/// may call.
pub fn subject(request: &Request) -> Option<&str> {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
        return None;
    };
    context.authorizer.as_ref()?.jwt.as_ref()?.claims.get("sub").map(String::as_str)
}

/// The body of a JSON request. The media type is checked first, then the encoding, then the size.
/// A byte order mark is no part of it (RFC 8259, section 8.1).
///
/// A page on another origin can send a body with no type, or with `text/plain`, without a preflight
/// (Fetch, "CORS-safelisted request-header"). The check of the type keeps such pages from writing.
///
/// Unproven on AWS: API Gateway may put U+FFFD in the place of bytes that are not UTF-8. Then the
/// 400 for such a body never happens, and the event has the U+FFFD. Locally the gateway passes the
/// bytes on, in base64.
pub fn json_body(request: &Request) -> Result<&[u8], ApiError> {
    if !is_json(request.headers().get(header::CONTENT_TYPE)) {
        return Err(ApiError::UnsupportedMediaType);
    }
    if !is_plain(request.headers()) {
        return Err(ApiError::UnsupportedEncoding);
    }
    let body: &[u8] = request.body();
    if body.len() > limits::BODY_MAX_BYTES {
        return Err(ApiError::BodyTooLarge);
    }
    Ok(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body))
}

/// Whether no coding but `identity` was applied to the body (RFC 9110, section 8.4).
fn is_plain(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::CONTENT_ENCODING).into_iter();
    values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).all(|coding| {
        let coding = coding.trim_ascii();
        coding.is_empty() || coding.eq_ignore_ascii_case(b"identity")
    })
}

/// Whether a `Content-Type` is `application/json`, with any parameters (RFC 9110, section 8.3.1).
fn is_json(content_type: Option<&HeaderValue>) -> bool {
    content_type
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}
