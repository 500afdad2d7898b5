use std::time::{SystemTime, UNIX_EPOCH};

use domain::input::{FieldError, ParseError};
use domain::{Event, EventId, ProblemEntry, Target, Timestamp, limits};
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use uuid::{Uuid, uuid};

use crate::http::{JSON, event_path, json, json_body};
use crate::store::Created;
use crate::{ApiError, EventStore, Request, Response};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The namespace in which a key becomes an id (RFC 9562, section 5.5). Changing it would make every
/// retry that is under way create twice.
const KEY_NAMESPACE: Uuid = uuid!("9c9a4f3e-5a52-4c0b-8f0e-3d1f6a1c7b52");

/// `POST /events`: 201 with the event and its `Location`.
///
/// Exactly once for each `Idempotency-Key`: the key determines the id, the write is conditional on there
/// being no such id, and a refused write brings back what is stored, all in one call to the table.
pub async fn create_event(store: &EventStore, request: Request) -> Result<Response, ApiError> {
    let content = domain::parse_new_event(json_body(&request)?);
    let key = idempotency_key(request.headers());
    let (content, key) = match (content, key) {
        (Ok(content), Ok(key)) => (content, key),
        (content, key) => return Err(refused(content.err(), key.err())),
    };
    let id = EventId::from(match key {
        Some(key) => Uuid::new_v5(&KEY_NAMESPACE, key),
        None => Uuid::new_v4(),
    });
    let event = Event { id, content, created_at: now()? };

    let (event, replayed) = match store.create(event).await? {
        Created::New(event) => (event, false),
        // Without a key nobody but ourselves can have written a random id: our own retry after an answer
        // that was lost on the way from the table.
        Created::Same(event) => (event, key.is_some()),
        Created::Other(stored) => return Err(ApiError::KeyReused { stored }),
    };
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

/// The key's bytes: 1 to [`limits::IDEMPOTENCY_KEY_MAX`] visible ASCII characters. A header that is sent twice
/// arrives joined by a comma, and is one key.
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
        line: format!("Invalid header: Idempotency-Key {detail}"),
        entry: ProblemEntry { target: Target::Header("Idempotency-Key".into()), detail },
    })
}

/// All that is wrong with body and key, in one error; JSON that cannot be read hides the rest.
fn refused(body: Option<ParseError>, key: Option<FieldError>) -> ApiError {
    let mut members = match body {
        Some(ParseError::Members(members)) => members,
        Some(syntax @ ParseError::Syntax(_)) => return syntax.into(),
        None => Vec::new(),
    };
    members.extend(key);
    ApiError::Refused(members)
}

fn now() -> Result<Timestamp, ApiError> {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(|error| ApiError::Internal(error.into()))?;
    i64::try_from(since_epoch.as_millis())
        .ok()
        .and_then(Timestamp::from_unix_millis)
        .ok_or_else(|| ApiError::Internal("the clock is beyond the year 9999".into()))
}
