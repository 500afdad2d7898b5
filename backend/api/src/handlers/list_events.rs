use lambda_http::http::{StatusCode, header};

use crate::feed::{self, Settings};
use crate::list_query::{self, Format, ListQuery};
use crate::response::{JSON, json, next_link};
use crate::{ApiError, EventStore, Request, Response};

/// `GET /events`: 200 with one page of the list, and a `Link` to the next page if there is one; or
/// the list as a calendar feed, if the API has one.
pub async fn list_events(
    store: &EventStore,
    feed: Option<&Settings>,
    request: Request,
) -> Result<Response, ApiError> {
    let query = ListQuery::parse(request.uri().query().unwrap_or_default())?;
    match (query.format, feed) {
        (Format::Json, _) => page(store, &query).await,
        (Format::Ics, Some(settings)) => {
            feed::respond(store, settings, &query, request.headers()).await
        }
        (Format::Ics, None) => {
            let error = list_query::error("format", "must be json: there is no calendar feed here");
            Err(ApiError::Validation(vec![error]))
        }
    }
}

async fn page(store: &EventStore, query: &ListQuery) -> Result<Response, ApiError> {
    let page = store.list(query).await?;
    let mut response = json(StatusCode::OK, JSON, &page.events);
    if let Some(last) = page.continues_after {
        response.headers_mut().insert(header::LINK, next_link(query, last)?);
    }
    Ok(response)
}
