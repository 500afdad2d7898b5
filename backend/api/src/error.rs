//! Every error of the API, with its status and its texts.
//!
//! - An invalid request is [`ApiError::Validation`] or [`ApiError::InvalidJson`].
//! - A failed call to the table is [`ApiError::Unavailable`] if a retry may help, and
//!   [`ApiError::Internal`] if not. Both are logged here, once. The caller gets the request id and
//!   no cause.

use std::error::Error;

use domain::input::{FieldError, ParseError};
use domain::{EventId, Problem, ProblemEntry, limits};
use lambda_http::http::{HeaderValue, StatusCode, header};

use crate::Response;
use crate::clock::ClockError;
use crate::response::{PROBLEM_JSON, event_path, json};

/// Seconds before a retry when the table throttles or does not respond. DynamoDB counts throughput
/// by the second, and a person can wait for one.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("Event not found")]
    EventNotFound,
    #[error("Invalid JSON in request body")]
    InvalidJson { detail: String },
    /// Every invalid field of the request, from body, headers and query parameters.
    #[error("{}", .0.first().map_or("Invalid request", |first| &first.message))]
    Validation(Vec<FieldError>),
    #[error("Content-Type must be application/json")]
    UnsupportedMediaType,
    #[error("Content-Encoding is not supported")]
    UnsupportedEncoding,
    #[error("Request body is larger than {} bytes", limits::BODY_MAX_BYTES)]
    BodyTooLarge,
    /// The idempotency key belongs to an event with other content.
    #[error("Idempotency-Key was used for another event")]
    KeyReused { stored: EventId },
    #[error("Service temporarily unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    #[error("Internal server error")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl From<ParseError> for ApiError {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Syntax(detail) => Self::InvalidJson { detail },
            ParseError::Fields(errors) => Self::Validation(errors),
        }
    }
}

impl From<ClockError> for ApiError {
    fn from(error: ClockError) -> Self {
        Self::Internal(error.into())
    }
}

impl ApiError {
    fn status(&self) -> StatusCode {
        match self {
            Self::EventNotFound => StatusCode::NOT_FOUND,
            Self::InvalidJson { .. } | Self::Validation(_) => StatusCode::BAD_REQUEST,
            Self::UnsupportedMediaType | Self::UnsupportedEncoding => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::KeyReused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::InvalidJson { detail } => Some(detail.clone()),
            Self::KeyReused { stored } => Some(format!(
                "This Idempotency-Key has made an event with other content: {}",
                event_path(stored)
            )),
            Self::UnsupportedMediaType => {
                Some("Send the event as JSON with Content-Type: application/json".into())
            }
            Self::UnsupportedEncoding => Some("Send the body as it is, without a coding".into()),
            _ => None,
        }
    }

    /// The problem response. Logs a 5xx with its causes, which the body does not show.
    pub fn into_response(self, request_id: &str) -> Response {
        let status = self.status();
        if let Self::Unavailable(source) | Self::Internal(source) = &self {
            tracing::error!(
                request_id,
                status = status.as_u16(),
                error = %chain(source.as_ref()),
                "{self}"
            );
        }
        let (detail, error) = (self.detail(), self.to_string());
        let stored = match &self {
            Self::KeyReused { stored } => Some(event_path(stored)),
            _ => None,
        };
        let is_encoded = matches!(self, Self::UnsupportedEncoding);
        let errors: Vec<ProblemEntry> = match self {
            Self::Validation(errors) => errors.into_iter().map(|error| error.entry).collect(),
            _ => Vec::new(),
        };
        let problem = Problem {
            kind: "about:blank".into(),
            title: status.canonical_reason().unwrap_or_default().into(),
            status: status.as_u16(),
            detail,
            errors,
            error,
            request_id: status.is_server_error().then(|| request_id.to_owned()),
        };
        let mut response = json(status, PROBLEM_JSON, &problem);
        let headers = response.headers_mut();
        if let Some(location) = stored.and_then(|path| HeaderValue::try_from(path).ok()) {
            headers.insert(header::LOCATION, location);
        }
        if is_encoded {
            // RFC 9110, section 15.5.16
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

/// The message of an error, followed by the messages of its causes, in one line.
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        next = cause.source();
    }
    line
}
