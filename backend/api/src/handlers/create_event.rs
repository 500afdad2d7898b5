use domain::input::{FieldError, ParseError};
use domain::{Event, EventId, ProblemEntry, Target, limits};
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use uuid::{Uuid, uuid};

use crate::request::{json_body, subject};
use crate::response::{JSON, event_path, json};
use crate::store::Created;
use crate::{ApiError, EventStore, Request, Response, clock};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The namespace for an id from a key (RFC 9562, section 5.5). After a change, the retry of an
/// earlier request would create a second event.
const KEY_NAMESPACE: Uuid = uuid!("9c9a4f3e-5a52-4c0b-8f0e-3d1f6a1c7b52");

/// `POST /events`: 201 with the event and its `Location`.
///
/// Creates exactly once for each `Idempotency-Key`, with one call to the table: the key determines
/// the id, the write has the condition that the id is not stored, and a failed condition returns
/// the stored event.
pub async fn create_event(store: &EventStore, request: Request) -> Result<Response, ApiError> {
    let content = domain::parse_new_event(json_body(&request)?);
    let key = idempotency_key(request.headers());
    let (content, key) = match (content, key) {
        (Ok(content), Ok(key)) => (content, key),
        (content, key) => return Err(validation_error(content.err(), key.err())),
    };
    let id = EventId::from(match key {
        Some(key) => Uuid::new_v5(&KEY_NAMESPACE, key),
        None => Uuid::new_v4(),
    });
    let event = Event { id, content, created_at: clock::now()? };

    let (event, replayed) = match store.create(event).await? {
        Created::New(event) => (event, false),
        // Without a key the id is random, so this request wrote it itself: the SDK retried after it
        // lost the first response of the table.
        Created::Same(event) => (event, key.is_some()),
        Created::Other(stored) => return Err(ApiError::KeyReused { stored }),
    };
    if let Some(subject) = subject(&request).filter(|_| !replayed) {
        tracing::info!(subject, id = %event.id, "event created");
    }
    let mut response = json(StatusCode::CREATED, JSON, &event);
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::try_from(event_path(&event.id)) {
        headers.insert(header::LOCATION, location);
    }
    if replayed {
        headers.insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// The key: 1 to [`limits::IDEMPOTENCY_KEY_MAX`] visible ASCII characters. The gateway joins
/// repeated headers with a comma, so they are one key.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<&[u8]>, FieldError> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY).map(HeaderValue::as_bytes) else {
        return Ok(None);
    };
    if (1..=limits::IDEMPOTENCY_KEY_MAX).contains(&key.len())
        && key.iter().all(u8::is_ascii_graphic)
    {
        return Ok(Some(key));
    }
    let detail = format!("must be 1 to {} visible ASCII characters", limits::IDEMPOTENCY_KEY_MAX);
    Err(FieldError {
        message: format!("Invalid header: Idempotency-Key {detail}"),
        entry: ProblemEntry { target: Target::Header("Idempotency-Key".into()), detail },
    })
}

/// The errors of body and key in one. Invalid JSON has no field errors, and hides that of the key.
fn validation_error(body: Option<ParseError>, key: Option<FieldError>) -> ApiError {
    let mut errors = match body {
        Some(ParseError::Fields(errors)) => errors,
        Some(syntax @ ParseError::Syntax(_)) => return syntax.into(),
        None => Vec::new(),
    };
    errors.extend(key);
    ApiError::Validation(errors)
}
