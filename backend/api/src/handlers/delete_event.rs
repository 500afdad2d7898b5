use lambda_http::Body;
use lambda_http::http::StatusCode;

use crate::http::path_id;
use crate::{ApiError, EventStore, Request, Response};

/// `DELETE /events/{id}`: 204, or 404 when there is no such event. A client that lost the answer and asks
/// again gets the 404 and takes it as done.
pub async fn delete_event(store: &EventStore, request: Request) -> Result<Response, ApiError> {
    let id = path_id(&request)?;
    if !store.delete(id).await? {
        return Err(ApiError::EventNotFound);
    }
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}
