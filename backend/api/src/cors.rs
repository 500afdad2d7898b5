//! The Lambdas' half of CORS. The gateway's half answers preflights and, while it is configured, puts its
//! own headers in the place of these; without it, these are what the browser sees.

use std::collections::HashSet;

use lambda_http::http::{HeaderMap, HeaderValue, header};

/// The response headers that a page on another origin may read.
const EXPOSED_HEADERS: HeaderValue =
    HeaderValue::from_static("link,location,idempotency-replayed,retry-after");

/// The origins whose pages may read the answers, compared byte by byte with the request's `Origin`
/// (RFC 6454, section 7: an origin has one serialization).
#[derive(Debug, Default)]
pub struct AllowedOrigins(HashSet<String>);

impl AllowedOrigins {
    /// Reads `ALLOWED_ORIGINS`, comma-separated; empty allows none.
    pub fn from_env() -> Result<Self, crate::store::MissingVariable> {
        crate::store::variable("ALLOWED_ORIGINS").map(|list| Self::from_list(&list))
    }

    /// Reads a comma-separated list.
    pub fn from_list(list: &str) -> Self {
        Self(list.split(',').filter(|origin| !origin.is_empty()).map(str::to_owned).collect())
    }

    /// Puts the headers on an answer to a request from `origin`. `Vary` stands on every answer, so that
    /// no cache hands one origin's answer to another.
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
