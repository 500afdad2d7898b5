//! A record of requests and responses, for tests: browsers hide preflights from pages.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use hyper::header::HeaderMap;
use hyper::{Request, Response};
use serde_json::{Map, Value, json};

/// A file with one JSON object a line: `{"request": {"method", "target", "headers"}, "response":
/// {"status", "headers"}}`. Headers map a name to the list of its values.
#[derive(Debug)]
pub struct Record(Mutex<File>);

impl Record {
    /// Starts an empty record.
    pub fn create(path: &Path) -> Result<Self> {
        let file =
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self(Mutex::new(file)))
    }

    /// Adds a request, as it was received, and its response.
    pub fn add<B>(&self, request: &Value, response: &Response<B>) {
        let response =
            json!({ "status": response.status().as_u16(), "headers": headers(response.headers()) });
        let line = format!("{}\n", json!({ "request": request, "response": response }));
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write_all(line.as_bytes()) {
            tracing::error!("the record of requests is incomplete: {error}");
        }
    }
}

/// A request as the record holds it.
pub fn request<B>(request: &Request<B>) -> Value {
    json!({
        "method": request.method().as_str(),
        "target": request.uri().to_string(),
        "headers": headers(request.headers()),
    })
}

fn headers(headers: &HeaderMap) -> Value {
    let mut all = Map::new();
    for name in headers.keys() {
        let values = headers.get_all(name).iter();
        let values = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        all.insert(name.to_string(), values);
    }
    all.into()
}
