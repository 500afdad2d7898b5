use lambda_http::http::StatusCode;

use crate::request::path_id;
use crate::response::{JSON, json};
use crate::{ApiError, EventStore, Request, Response};

/// `GET /events/{id}`: 200 with the event, or 404.
pub async fn get_event(store: &EventStore, request: Request) -> Result<Response, ApiError> {
    let id = path_id(&request)?;
    let event = store.get(id).await?.ok_or(ApiError::EventNotFound)?;
    Ok(json(StatusCode::OK, JSON, &event))
}
