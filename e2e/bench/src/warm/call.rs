//! The calls that are measured.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use api::EventStore;
use api::list_query::ListQuery;
use domain::EventId;
use reqwest::{Client, Method};
use serde_json::Value;

use crate::function::{CREATE, DELETE, LIST};

type Done = Pin<Box<dyn Future<Output = Result<bool>> + Send>>;

/// A call by its number. It returns `false` when no call is left.
pub struct Call(Box<dyn Fn(usize) -> Done + Send + Sync>);

/// The ids of created events, for deletes.
pub type Created = Arc<Mutex<Vec<String>>>;

impl Call {
    pub fn make(&self, number: usize) -> Done {
        (self.0)(number)
    }

    /// A request to a route of the API.
    pub fn route(route: &'static str, api: &str, ids: &Arc<[EventId]>, created: &Created) -> Self {
        let (http, url) = (Client::new(), format!("{api}/events"));
        let (ids, created) = (Arc::clone(ids), Arc::clone(created));
        Self(Box::new(move |number| {
            let (http, url, created) = (http.clone(), url.clone(), Arc::clone(&created));
            let id = ids[number % ids.len()];
            Box::pin(async move {
                match route {
                    LIST => send(&http, Method::GET, &url, 200).await.map(drop)?,
                    CREATE => {
                        let event: Value =
                            serde_json::from_slice(&send(&http, Method::POST, &url, 201).await?)?;
                        let id = event["id"].as_str().unwrap_or_default().to_owned();
                        created.lock().unwrap_or_else(PoisonError::into_inner).push(id);
                    }
                    DELETE => {
                        let next = created.lock().unwrap_or_else(PoisonError::into_inner).pop();
                        let Some(id) = next else { return Ok(false) };
                        send(&http, Method::DELETE, &format!("{url}/{id}"), 204).await?;
                    }
                    _ => send(&http, Method::GET, &format!("{url}/{id}"), 200).await.map(drop)?,
                }
                Ok(true)
            })
        }))
    }

    /// A preflight, which reaches neither a function nor the throttle.
    pub fn preflight(api: &str) -> Self {
        let (http, url) = (Client::new(), format!("{api}/events"));
        Self(Box::new(move |_| {
            let request = http
                .request(Method::OPTIONS, &url)
                .header("origin", "http://localhost:8080")
                .header("access-control-request-method", "POST");
            Box::pin(async move {
                let status = request.send().await?.status();
                ensure!(status == 204, "a preflight: {status}");
                Ok(true)
            })
        }))
    }

    /// The read of `get-event`, without gateway and function.
    pub fn store_get(store: &EventStore, ids: &Arc<[EventId]>) -> Self {
        let (store, ids) = (store.clone(), Arc::clone(ids));
        Self(Box::new(move |number| {
            let (store, id) = (store.clone(), ids[number % ids.len()]);
            Box::pin(async move { Ok(store.get(id).await?.is_some()) })
        }))
    }

    /// The queries of `list-events`, without gateway and function.
    pub fn store_list(store: &EventStore) -> Self {
        let store = store.clone();
        Self(Box::new(move |_| {
            let store = store.clone();
            Box::pin(
                async move { Ok(!store.list(&ListQuery::parse("")?).await?.events.is_empty()) },
            )
        }))
    }
}

/// Sends a request. Returns the body of the response, which must have this status.
async fn send(http: &Client, method: Method, url: &str, status: u16) -> Result<Vec<u8>> {
    let mut request = http.request(method.clone(), url);
    if method == Method::POST {
        // Later than all other events, so that the first page of the list does not change.
        let body = r#"{"name":"Benchmark","date":"2040-06-15","location":"Hall 3"}"#;
        request = request.header("content-type", "application/json").body(body);
    }
    let response = request.send().await?;
    ensure!(response.status() == status, "{method} {url}: {}", response.status());
    Ok(response.bytes().await?.into())
}
