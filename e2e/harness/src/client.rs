//! A client of the API: one method a route.

use domain::{Event, Problem};
use reqwest::header::{CONTENT_TYPE, HeaderMap, IF_NONE_MATCH, LINK};
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A client with its own connections. It never retries.
#[derive(Debug, Clone)]
pub struct Client(reqwest::Client);

/// A response with its whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Client {
    pub fn new() -> reqwest::Result<Self> {
        Ok(Self(reqwest::Client::builder().retry(reqwest::retry::never()).build()?))
    }

    /// `query` is empty or begins with `?`.
    pub async fn list(&self, api: &str, query: &str) -> reqwest::Result<Response> {
        self.send(Method::GET, &format!("{api}/events{query}"), &[], Vec::new()).await
    }

    /// The list as a calendar feed, unless the client has the one with this `ETag`.
    pub async fn feed(
        &self,
        api: &str,
        query: &str,
        known: Option<&str>,
    ) -> reqwest::Result<Response> {
        let headers: Vec<_> = known.map(|tag| (IF_NONE_MATCH.as_str(), tag)).into_iter().collect();
        self.send(Method::GET, &format!("{api}/events{query}"), &headers, Vec::new()).await
    }

    pub async fn create(
        &self,
        api: &str,
        event: &Value,
        key: Option<&str>,
    ) -> reqwest::Result<Response> {
        let mut headers = vec![(CONTENT_TYPE.as_str(), "application/json")];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        self.send(Method::POST, &format!("{api}/events"), &headers, event.to_string().into()).await
    }

    pub async fn get(&self, api: &str, id: &str) -> reqwest::Result<Response> {
        self.send(Method::GET, &format!("{api}/events/{id}"), &[], Vec::new()).await
    }

    pub async fn delete(&self, api: &str, id: &str) -> reqwest::Result<Response> {
        self.send(Method::DELETE, &format!("{api}/events/{id}"), &[], Vec::new()).await
    }

    /// Sends any request.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> reqwest::Result<Response> {
        let mut request = self.0.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(body).send().await?;
        Ok(Response {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes().await?.into(),
        })
    }
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON: an [`Event`], a list of them, a [`Problem`].
    pub fn decode<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.body)
    }

    /// The body, which must be JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        self.must_decode()
    }

    /// The event of a response that must be a 200 or a 201.
    #[track_caller]
    pub fn event(&self) -> Event {
        assert!(matches!(self.status, StatusCode::OK | StatusCode::CREATED), "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"));
        self.must_decode()
    }

    /// The events of a response that must be a page.
    #[track_caller]
    pub fn events(&self) -> Vec<Event> {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self.must_decode()
    }

    /// The problem of a response that must be an error of the functions.
    #[track_caller]
    pub fn problem(&self) -> Problem {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem: Problem = self.must_decode();
        assert_eq!(problem.status, self.status.as_u16());
        problem
    }

    #[track_caller]
    fn must_decode<T: DeserializeOwned>(&self) -> T {
        self.decode().unwrap_or_else(|error| panic!("{error}: {}", self.body.escape_ascii()))
    }

    /// The query of the next page, as [`Client::list`] takes it.
    #[track_caller]
    pub fn next_query(&self) -> Option<String> {
        let link = self.header(LINK.as_str())?;
        let query = link.strip_prefix("</events").and_then(|l| l.strip_suffix(">; rel=\"next\""));
        Some(query.unwrap_or_else(|| panic!("{link}")).to_owned())
    }
}
