//! Every error that a caller can meet, with its status and its words, in one place.
//!
//! - What `domain` refuses becomes [`ApiError::Refused`] or [`ApiError::InvalidJson`].
//! - What the table does not do becomes [`ApiError::Unavailable`] (worth a retry) or
//!   [`ApiError::Internal`]: logged here, once; the caller sees the request's id and nothing of the inside.

use std::error::Error;

use domain::input::{FieldError, ParseError};
use domain::{EventId, Problem, ProblemEntry, limits};
use lambda_http::http::{HeaderValue, StatusCode, header};

use crate::Response;
use crate::http::{PROBLEM_JSON, event_path, json};

/// Seconds after which a retry makes sense when the table is throttled or does not answer. Long enough
/// for DynamoDB to split a hot partition's next second, short enough for a person to wait.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("Event not found")]
    EventNotFound,
    #[error("Invalid JSON in request body")]
    InvalidJson { detail: String },
    /// Broken members of the body, headers or query parameters: all of one request.
    #[error("{}", .0.first().map_or("Invalid request", |first| &first.line))]
    Refused(Vec<FieldError>),
    #[error("Content-Type must be application/json")]
    UnsupportedMediaType,
    #[error("Request body is larger than {} bytes", limits::BODY_MAX_BYTES)]
    BodyTooLarge,
    /// The key made another event before.
    #[error("Idempotency-Key was used for another event")]
    KeyReused { stored: EventId },
    #[error("Service temporarily unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    #[error("Internal server error")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl From<ParseError> for ApiError {
    fn from(refused: ParseError) -> Self {
        match refused {
            ParseError::Syntax(detail) => Self::InvalidJson { detail },
            ParseError::Members(members) => Self::Refused(members),
        }
    }
}

impl ApiError {
    fn status(&self) -> StatusCode {
        match self {
            Self::EventNotFound => StatusCode::NOT_FOUND,
            Self::InvalidJson { .. } | Self::Refused(_) => StatusCode::BAD_REQUEST,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
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
            _ => None,
        }
    }

    /// The answer. A 5xx is logged here, with everything that its body leaves out.
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
        let errors: Vec<ProblemEntry> = match self {
            Self::Refused(errors) => errors.into_iter().map(|error| error.entry).collect(),
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
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

/// An error with all its causes on one line.
fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        next = cause.source();
    }
    line
}
