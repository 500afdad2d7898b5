//! Where an authorizer finds what it checks.

use std::str::FromStr;

use hyper::header::HeaderName;
use hyper::http::request::Parts;

use crate::gateway::payload::query_parameters;

/// An expression of `IdentitySource` (API Gateway Developer Guide, "Identity sources").
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentitySource {
    /// `$request.header.NAME`
    Header(HeaderName),
    /// `$request.querystring.NAME`
    Query(String),
    /// `$context.routeKey`: a cached answer counts for one route.
    RouteKey,
}

#[derive(Debug, thiserror::Error)]
#[error("the local run knows $request.header.*, $request.querystring.* and $context.routeKey")]
pub struct NotASource;

impl FromStr for IdentitySource {
    type Err = NotASource;

    fn from_str(text: &str) -> Result<Self, NotASource> {
        if text == "$context.routeKey" {
            Ok(Self::RouteKey)
        } else if let Some(name) = text.strip_prefix("$request.header.") {
            HeaderName::try_from(name).map(Self::Header).map_err(|_| NotASource)
        } else if let Some(name) = text.strip_prefix("$request.querystring.") {
            Ok(Self::Query(name.to_owned()))
        } else {
            Err(NotASource)
        }
    }
}

impl IdentitySource {
    /// Its value in a request; `None` if it is missing or empty. Values of a repeated header are
    /// joined with commas, as in an event.
    pub fn value(&self, parts: &Parts, route_key: &str) -> Option<String> {
        let value = match self {
            Self::Header(name) => {
                let mut values = parts.headers.get_all(name).iter();
                let text = |value: &hyper::header::HeaderValue| {
                    String::from_utf8_lossy(value.as_bytes()).into_owned()
                };
                values.next().map(|first| {
                    values.fold(text(first), |joined, next| joined + "," + &text(next))
                })?
            }
            Self::Query(name) => {
                let query = parts.uri.query().unwrap_or_default();
                query_parameters(query).get(name.as_str())?.clone().into_owned()
            }
            Self::RouteKey => route_key.to_owned(),
        };
        (!value.is_empty()).then_some(value)
    }
}
