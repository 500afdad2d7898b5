//! The keys of an issuer of tokens: its discovery document and its key set, over HTTP ("`OpenID`
//! Connect Discovery 1.0").
//!
//! Limits are those of API Gateway (Developer Guide, "Quotas for configuring and running an HTTP
//! API"): 1,500 ms a call, 150,000 B an answer. Keys are kept for two hours ("Control access to HTTP
//! APIs with JWT authorizers").

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::gateway::throttle::{Limits, Throttle};

const CALL_LIMIT: Duration = Duration::from_millis(1_500);
const ANSWER_MAX: usize = 150_000;
const KEEP: Duration = Duration::from_hours(2);

/// An issuer and its keys.
#[derive(Debug)]
pub struct Issuer {
    url: String,
    cached: Mutex<Option<Cached>>,
    /// One fetch at a time: who waits for it uses what it brought.
    fetching: tokio::sync::Mutex<()>,
    /// Tokens with made-up key ids must not hammer the issuer.
    fetches: Throttle,
}

#[derive(Debug)]
struct Cached {
    keys: HashMap<String, Arc<Jwk>>,
    since: Instant,
}

#[derive(Deserialize)]
struct Configuration {
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

impl Issuer {
    /// An issuer by its URL, which must be one of HTTP.
    pub fn new(url: String) -> Result<Self> {
        ensure!(url.starts_with("http://"), "{url}: the local run reads keys over http only");
        Ok(Self {
            url,
            cached: Mutex::new(None),
            fetching: tokio::sync::Mutex::new(()),
            fetches: Throttle::new(Limits::slow(Duration::from_secs(10), 5)),
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The key with an id. An unknown id has the keys fetched again; known ones stay in use while
    /// the issuer cannot be reached.
    pub async fn key(&self, id: &str) -> Option<Arc<Jwk>> {
        if let (Some(key), true) = self.cached(id) {
            return Some(key);
        }
        let _fetching = self.fetching.lock().await;
        let (key, fresh) = self.cached(id);
        if (key.is_some() && fresh) || !self.fetches.admit() {
            return key;
        }
        match self.fetch().await {
            Ok(keys) => {
                let cached = Cached { keys, since: Instant::now() };
                *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some(cached);
            }
            Err(error) => tracing::warn!("the keys of {} cannot be read: {error:#}", self.url),
        }
        self.cached(id).0
    }

    /// The key with an id, if there is one, and whether the keys are fresh.
    fn cached(&self, id: &str) -> (Option<Arc<Jwk>>, bool) {
        let cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        cached.as_ref().map_or((None, false), |Cached { keys, since }| {
            (keys.get(id).cloned(), since.elapsed() < KEEP)
        })
    }

    async fn fetch(&self) -> Result<HashMap<String, Arc<Jwk>>> {
        let discovery =
            format!("{}/.well-known/openid-configuration", self.url.trim_end_matches('/'));
        let Configuration { jwks_uri } = get(&discovery).await?;
        let KeySet { keys } = get(&jwks_uri).await?;
        let keys = keys
            .into_iter()
            // A set may hold keys of types that this program does not know.
            .filter_map(|key| serde_json::from_value::<Jwk>(key).ok())
            .filter(|key| {
                key.common.public_key_use.as_ref().is_none_or(|of| *of == PublicKeyUse::Signature)
            })
            .filter_map(|key| Some((key.common.key_id.clone()?, Arc::new(key))))
            .collect();
        Ok(keys)
    }
}

/// Reads JSON from a URL.
async fn get<T: DeserializeOwned>(url: &str) -> Result<T> {
    let call = async {
        let uri: Uri = url.parse()?;
        if uri.scheme_str() != Some("http") {
            bail!("not http");
        }
        let authority = uri.authority().context("no host")?;
        let host = authority.host().trim_matches(['[', ']']);
        let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80))).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // It ends with the sender; its errors are those of the request.
        tokio::spawn(async { drop(connection.await) });
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let request = Request::get(target)
            .header(header::HOST, authority.as_str())
            .header(header::ACCEPT, "application/json")
            .body(Empty::<Bytes>::new())?;
        let response = sender.send_request(request).await?;
        ensure!(response.status() == StatusCode::OK, "status {}", response.status());
        let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!(error))?.to_bytes();
        Ok(serde_json::from_slice(&body)?)
    };
    tokio::time::timeout(CALL_LIMIT, call)
        .await
        .unwrap_or_else(|_| bail!("no answer within {} ms", CALL_LIMIT.as_millis()))
        .with_context(|| url.to_owned())
}
