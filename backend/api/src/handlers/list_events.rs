use lambda_http::http::{HeaderValue, StatusCode, header};

use crate::http::{JSON, json};
use crate::list_query::ListQuery;
use crate::{ApiError, EventStore, Request, Response};

/// `GET /events`: 200 with one page in order, and a `Link` to the next while there is more (RFC 8288).
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
