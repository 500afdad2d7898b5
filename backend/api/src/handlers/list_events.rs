use lambda_http::http::{HeaderValue, StatusCode, header};

use crate::list_query::ListQuery;
use crate::response::{JSON, json};
use crate::{ApiError, EventStore, Request, Response};

/// `GET /events`: 200 with one page of the list, and a `Link` to the next page (RFC 8288) if there
/// is one.
pub async fn list_events(store: &EventStore, request: Request) -> Result<Response, ApiError> {
    let query = ListQuery::parse(request.uri().query().unwrap_or_default())?;
    let page = store.list(&query).await?;
    let mut response = json(StatusCode::OK, JSON, &page.events);
    if let Some(last) = page.continues_after {
        let next = format!("</events?{}>; rel=\"next\"", query.after(last).to_query_string());
        let link = HeaderValue::try_from(next).map_err(|error| ApiError::Internal(error.into()))?;
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}
