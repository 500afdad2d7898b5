//! CORS of the gateway (API Gateway Developer Guide, "Configure CORS for HTTP APIs in API
//! Gateway"). "Row" is one of `tests/local/recorded-answers.json`.

use anyhow::{Context, Result};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;

/// A `CorsConfiguration`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    origins: Vec<Allowed>,
    methods: Option<HeaderValue>,
    headers: Option<HeaderValue>,
    exposed: Option<HeaderValue>,
    max_age: Option<HeaderValue>,
    credentials: bool,
}

/// A member of `AllowOrigins`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowed {
    /// `*`
    All,
    /// `http://*` or `https://*`, without the asterisk.
    Scheme(&'static str),
    Origin(String),
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
    #[serde(default)]
    allow_credentials: bool,
    max_age: Option<i64>,
}

impl Cors {
    /// Methods and headers are answered sorted, headers in lower case (rows `preflight-*`).
    pub fn from_properties(properties: Value) -> Result<Self> {
        let Properties {
            allow_origins,
            mut allow_methods,
            mut allow_headers,
            expose_headers,
            allow_credentials,
            max_age,
        } = serde_json::from_value(properties)?;
        allow_methods.sort();
        for name in &mut allow_headers {
            name.make_ascii_lowercase();
        }
        allow_headers.sort();
        let list = |values: Vec<String>| {
            (!values.is_empty())
                .then(|| HeaderValue::try_from(values.join(",")).context("not a header's value"))
                .transpose()
        };
        Ok(Self {
            origins: allow_origins.into_iter().map(Allowed::from).collect(),
            methods: list(allow_methods)?,
            headers: list(allow_headers)?,
            exposed: list(expose_headers)?,
            max_age: max_age.map(HeaderValue::from),
            credentials: allow_credentials,
        })
    }

    /// The origin of a request. Two `Origin` headers are one value with a comma (row
    /// event-repeated-header), which is no origin.
    pub fn origin(headers: &HeaderMap) -> Option<HeaderValue> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        origins.next().filter(|_| origins.next().is_none()).cloned()
    }

    /// The headers of the gateway's own answer to an `OPTIONS` request: those of CORS if it is a
    /// preflight from an allowed origin, none for any other (rows preflight-of-a-foreign-origin and
    /// options-without-origin).
    pub fn preflight_headers(
        &self,
        request: &HeaderMap,
        origin: Option<&HeaderValue>,
    ) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if !request.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
            return headers;
        }
        if let Some(allowed) = self.allowed(origin) {
            self.allow(allowed, &mut headers);
            insert(&mut headers, header::ACCESS_CONTROL_ALLOW_METHODS, self.methods.as_ref());
            insert(&mut headers, header::ACCESS_CONTROL_ALLOW_HEADERS, self.headers.as_ref());
            insert(&mut headers, header::ACCESS_CONTROL_MAX_AGE, self.max_age.as_ref());
        }
        headers
    }

    /// Replaces the integration's CORS headers by the gateway's: "If you configure CORS for an API,
    /// API Gateway ignores CORS headers returned from your backend integration" (also row
    /// own-cors-headers-ignored). The gateway's own answers get them too (rows `cors-on-*`).
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
            self.allow(allowed, headers);
            insert(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, self.exposed.as_ref());
            // It takes the place of the integration's, with and without credentials (inferred: the
            // one record of it, row cors-on-gateways-401, is of the gateway's own answer; another
            // would have to show the answer of a function that says `vary` itself).
            headers.insert(header::VARY, HeaderValue::from_static("origin"));
        }
    }

    /// What every answer to an allowed origin carries.
    fn allow(&self, origin: HeaderValue, headers: &mut HeaderMap) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if self.credentials {
            headers
                .insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }

    /// The value of `Access-Control-Allow-Origin`, if the origin is allowed. A star is answered with
    /// a star (row preflight-any-origin). A pattern (row origin-pattern-https) is answered with the
    /// origin: a browser takes no pattern (Fetch Standard, "CORS check").
    fn allowed(&self, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
        let origin = origin?;
        if self.origins.contains(&Allowed::All) {
            return Some(HeaderValue::from_static("*"));
        }
        self.origins.iter().any(|allowed| allowed.is(origin.as_bytes())).then(|| origin.clone())
    }
}

impl From<String> for Allowed {
    fn from(text: String) -> Self {
        match text.as_str() {
            "*" => Self::All,
            "http://*" => Self::Scheme("http://"),
            "https://*" => Self::Scheme("https://"),
            _ => Self::Origin(text),
        }
    }
}

impl Allowed {
    fn is(&self, origin: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Scheme(scheme) => {
                origin.strip_prefix(scheme.as_bytes()).is_some_and(|host| !host.is_empty())
            }
            Self::Origin(allowed) => allowed.as_bytes() == origin,
        }
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<&HeaderValue>) {
    if let Some(value) = value {
        headers.insert(name, value.clone());
    }
}
