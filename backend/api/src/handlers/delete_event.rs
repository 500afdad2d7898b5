use lambda_http::Body;
use lambda_http::http::StatusCode;

use crate::request::{path_id, subject};
use crate::{ApiError, EventStore, Request, Response};

/// `DELETE /events/{id}`: 204, or 404 if there is no such event. A client that retries after a lost
/// response takes the 404 as success.
pub async fn delete_event(store: &EventStore, request: Request) -> Result<Response, ApiError> {
    let id = path_id(&request)?;
    if !store.delete(id).await? {
        return Err(ApiError::EventNotFound);
    }
    if let Some(subject) = subject(&request) {
        tracing::info!(subject, %id, "event deleted");
    }
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}
