//! CORS of the gateway (API Gateway Developer Guide, "Configure CORS for HTTP APIs in API
//! Gateway").

use anyhow::{Context, Result};
use hyper::Method;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;

/// A `CorsConfiguration`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    origins: Vec<String>,
    methods: Option<HeaderValue>,
    headers: Option<HeaderValue>,
    exposed: Option<HeaderValue>,
    max_age: Option<HeaderValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Properties {
    #[serde(default)]
    allow_origins: Vec<String>,
    #[serde(default)]
    allow_methods: Vec<String>,
    #[serde(default)]
    allow_headers: Vec<String>,
    #[serde(default)]
    expose_headers: Vec<String>,
    max_age: Option<i64>,
}

impl Cors {
    pub fn from_properties(properties: Value) -> Result<Self> {
        let properties: Properties = serde_json::from_value(properties)?;
        let list = |values: Vec<String>| {
            (!values.is_empty())
                .then(|| HeaderValue::try_from(values.join(",")).context("not a header's value"))
                .transpose()
        };
        Ok(Self {
            origins: properties.allow_origins,
            methods: list(properties.allow_methods)?,
            headers: list(properties.allow_headers)?,
            exposed: list(properties.expose_headers)?,
            max_age: properties.max_age.map(HeaderValue::from),
        })
    }

    /// The origin of a request. Two `Origin` headers count as none (inferred): no browser sends
    /// them.
    pub fn origin(headers: &HeaderMap) -> Option<HeaderValue> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        origins.next().filter(|_| origins.next().is_none()).cloned()
    }

    /// Whether a request is a preflight: `OPTIONS` with `Origin` and
    /// `Access-Control-Request-Method`. The gateway itself responds to it.
    pub fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
        method == Method::OPTIONS
            && headers.contains_key(header::ORIGIN)
            && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    }

    /// The headers of the response to a preflight. There are none for an origin that is not allowed
    /// (inferred).
    pub fn preflight_headers(&self, origin: Option<&HeaderValue>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(allowed) = self.allowed(origin) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
            insert(&mut headers, header::ACCESS_CONTROL_ALLOW_METHODS, self.methods.as_ref());
            insert(&mut headers, header::ACCESS_CONTROL_ALLOW_HEADERS, self.headers.as_ref());
            insert(&mut headers, header::ACCESS_CONTROL_MAX_AGE, self.max_age.as_ref());
        }
        headers
    }

    /// Replaces the integration's CORS headers by the gateway's: "If you configure CORS for an API,
    /// API Gateway ignores CORS headers returned from your backend integration."
    pub fn apply(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        let theirs: Vec<HeaderName> = headers
            .keys()
            .filter(|name| name.as_str().starts_with("access-control-"))
            .cloned()
            .collect();
        for name in theirs {
            headers.remove(name);
        }
        if let Some(allowed) = self.allowed(origin) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
            insert(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, self.exposed.as_ref());
            // It replaces the integration's (inferred).
            headers.insert(header::VARY, HeaderValue::from_static("origin"));
        }
    }

    /// The value of `Access-Control-Allow-Origin`, if the origin is allowed.
    fn allowed(&self, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
        let origin = origin?;
        if self.origins.iter().any(|allowed| allowed == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        self.origins.iter().any(|o| o.as_bytes() == origin.as_bytes()).then(|| origin.clone())
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<&HeaderValue>) {
    if let Some(value) = value {
        headers.insert(name, value.clone());
    }
}
