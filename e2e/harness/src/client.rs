//! The API as its callers see it: one method a route.

use domain::{Event, EventContent, Problem};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LINK};
use reqwest::{Method, StatusCode};

/// One caller, with a connection of its own. Nothing is sent twice unless it is asked for twice.
#[derive(Debug, Clone)]
pub struct Client(reqwest::Client);

/// What the API answered, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Client {
    pub fn new() -> reqwest::Result<Self> {
        Ok(Self(reqwest::Client::builder().retry(reqwest::retry::never()).build()?))
    }

    /// `query` is empty or begins with `?`.
    pub async fn list(&self, api: &str, query: &str) -> reqwest::Result<Answer> {
        self.send(Method::GET, &format!("{api}/events{query}"), &[], Vec::new()).await
    }

    pub async fn create(
        &self,
        api: &str,
        content: &EventContent,
        key: Option<&str>,
    ) -> reqwest::Result<Answer> {
        // Strings and nothing that could not be written as JSON.
        let body = serde_json::to_vec(content).unwrap_or_default();
        let mut headers = vec![(CONTENT_TYPE.as_str(), "application/json")];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        self.send(Method::POST, &format!("{api}/events"), &headers, body).await
    }

    pub async fn get(&self, api: &str, id: &str) -> reqwest::Result<Answer> {
        self.send(Method::GET, &format!("{api}/events/{id}"), &[], Vec::new()).await
    }

    pub async fn delete(&self, api: &str, id: &str) -> reqwest::Result<Answer> {
        self.send(Method::DELETE, &format!("{api}/events/{id}"), &[], Vec::new()).await
    }

    /// Sends any request.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> reqwest::Result<Answer> {
        let mut request = self.0.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(body).send().await?;
        Ok(Answer {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes().await?.into(),
        })
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn event(&self) -> serde_json::Result<Event> {
        serde_json::from_slice(&self.body)
    }

    pub fn events(&self) -> serde_json::Result<Vec<Event>> {
        serde_json::from_slice(&self.body)
    }

    pub fn problem(&self) -> serde_json::Result<Problem> {
        serde_json::from_slice(&self.body)
    }

    /// The query of the next page, as [`Client::list`] takes it.
    pub fn next_query(&self) -> Option<&str> {
        let link = self.header(LINK.as_str())?;
        link.strip_prefix("</events")?.strip_suffix(">; rel=\"next\"")
    }
}
