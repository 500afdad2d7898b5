//! The CORS headers of the Lambdas' responses. The gateway handles preflight requests. If CORS is
//! configured there, it replaces these headers with its own; if not, the browser gets these.

use std::collections::HashSet;

use lambda_http::http::{HeaderMap, HeaderValue, header};

use crate::env::{self, EnvError};

/// The response headers that a page on another origin may read.
const EXPOSED_HEADERS: HeaderValue =
    HeaderValue::from_static("link,location,idempotency-replayed,retry-after");

/// The origins whose pages may read the responses. They are compared byte by byte with the
/// request's `Origin`, because an origin has only one serialization (RFC 6454, section 6.2).
#[derive(Debug, Default)]
pub struct AllowedOrigins(HashSet<String>);

impl AllowedOrigins {
    /// Reads `ALLOWED_ORIGINS`, a comma-separated list. An empty list allows no origin.
    pub fn from_env() -> Result<Self, EnvError> {
        env::variable("ALLOWED_ORIGINS").map(|list| Self::from_list(&list))
    }

    /// Parses a comma-separated list.
    pub fn from_list(list: &str) -> Self {
        Self(list.split(',').filter(|origin| !origin.is_empty()).map(str::to_owned).collect())
    }

    /// Adds the headers to the response to a request from `origin`. Every response has `Vary`, so
    /// that no cache gives the response for one origin to another.
    pub fn apply(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        let allowed =
            |origin: &&HeaderValue| origin.to_str().is_ok_and(|origin| self.0.contains(origin));
        if let Some(origin) = origin.filter(allowed) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
        }
    }
}
