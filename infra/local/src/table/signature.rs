//! Signatures of requests.
//!
//! Source: IAM User Guide, "AWS Signature Version 4 for API requests". The time of a signature is
//! not checked: its key is as old as the run.

use axum::http::request::Parts;
use ring::{digest, hmac};

use super::access_key::{AccessKey, hex};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// An `Authorization` header.
#[derive(Debug)]
pub(super) struct Authorization<'a> {
    /// The id of the access key.
    pub key_id: &'a str,
    /// `DATE/REGION/SERVICE/aws4_request`
    scope: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    pub fn parse(header: &'a str) -> Option<Self> {
        let mut parts = header.strip_prefix(ALGORITHM)?.split([',', ' ']).filter(|p| !p.is_empty());
        let mut part = |name: &str| parts.next()?.strip_prefix(name)?.strip_prefix('=');
        let (key_id, scope) = part("Credential")?.split_once('/')?;
        let signed_headers = part("SignedHeaders")?;
        let signature = part("Signature")?;
        Some(Self { key_id, scope, signed_headers, signature })
    }

    /// Whether `key` signed the request. The path is `/` and has no query: the front door serves
    /// no other.
    pub fn is_by(&self, key: &AccessKey, request: &Parts, body: &[u8]) -> bool {
        // What is not signed may have been changed on the way.
        let is_signed = |name: &str| self.signed_headers.split(';').any(|signed| signed == name);
        let Some(time) = request.headers.get("x-amz-date").and_then(|time| time.to_str().ok())
        else {
            return false;
        };
        if !is_signed("host") || !is_signed("x-amz-target") {
            return false;
        }
        let [date, region, "dynamodb", "aws4_request"] = *self.scope.split('/').collect::<Vec<_>>()
        else {
            return false;
        };
        let Some(headers) = self.canonical_headers(request) else { return false };
        let canonical = format!(
            "{}\n/\n\n{headers}\n{}\n{}",
            request.method,
            self.signed_headers,
            hex(digest::digest(&digest::SHA256, body).as_ref())
        );
        let canonical = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
        let text = format!("{ALGORITHM}\n{time}\n{}\n{canonical}", self.scope);

        let secret = format!("AWS4{}", key.secret);
        let signing_key = [date, region, "dynamodb", "aws4_request"]
            .iter()
            .fold(hmac_key(secret.as_bytes()), |key, part| {
                hmac_key(hmac::sign(&key, part.as_bytes()).as_ref())
            });
        hex(hmac::sign(&signing_key, text.as_bytes()).as_ref()) == self.signature
    }

    fn canonical_headers(&self, request: &Parts) -> Option<String> {
        let mut canonical = String::new();
        for name in self.signed_headers.split(';') {
            let mut values = Vec::new();
            for value in request.headers.get_all(name) {
                let words: Vec<_> = value.to_str().ok()?.split_ascii_whitespace().collect();
                values.push(words.join(" "));
            }
            for part in [name, ":", &values.join(","), "\n"] {
                canonical.push_str(part);
            }
        }
        Some(canonical)
    }
}

fn hmac_key(value: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, value)
}
