//! The web site as CloudFront serves it: the uploaded files with their cache rules, the response
//! headers policy, the rewrite of page paths, and compression.

mod compression;

use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;

use crate::server::Response;

/// The viewer-request function. This module does the same in Rust.
const REWRITE: &str = include_str!("../../lib/site/rewrite.js");

/// The files and rules of a site. Files are held in memory: a site is small, and a build that
/// writes files meanwhile cannot mix two versions.
#[derive(Debug)]
pub struct Site {
    /// `host:port`, from the output `SiteUrl`.
    pub authority: String,
    policy: HeadersPolicy,
    rewrites: bool,
    /// Whether the distribution compresses, and its cache policy allows Brotli.
    pub compresses: bool,
    /// Whether its uploads keep the files of earlier releases.
    pub keeps_old_files: bool,
    /// By path, with its leading slash.
    files: HashMap<String, File>,
}

#[derive(Debug, Clone)]
struct File {
    content: Bytes,
    headers: HeaderMap,
    /// Made at the first request; `None` if CloudFront does not compress this file.
    compressed: OnceLock<Option<Bytes>>,
}

/// The headers that CloudFront adds to every response (CloudFront Developer Guide, "Understand
/// response headers policies").
#[derive(Debug, PartialEq, Eq)]
pub struct HeadersPolicy(HeaderMap);

impl Site {
    pub fn new(authority: String, policy: HeadersPolicy) -> Self {
        Self {
            authority,
            policy,
            rewrites: false,
            compresses: false,
            keeps_old_files: false,
            files: HashMap::new(),
        }
    }

    /// Applies a CloudFront Function to requests. Any other than `rewrite.js` is an error.
    pub fn rewrite_with(&mut self, code: &str) -> Result<()> {
        ensure!(
            code.trim() == REWRITE.trim(),
            "this CloudFront Function is not infra/lib/site/rewrite.js, the only one that the \
             local run supports"
        );
        self.rewrites = true;
        Ok(())
    }

    /// Adds the files of an upload, and replaces the markers in them by their values.
    pub fn add_folder(
        &mut self,
        folder: &Path,
        cache_control: Option<&str>,
        markers: &Value,
    ) -> Result<()> {
        let cache_control = cache_control.map(HeaderValue::try_from).transpose()?;
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            let entries = std::fs::read_dir(&next)
                .with_context(|| format!("cannot read {}", next.display()))?;
            for entry in entries {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name =
                    path.strip_prefix(folder)?.to_str().context("a file name is not UTF-8")?;
                let content = std::fs::read(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                let mut headers = HeaderMap::new();
                let content_type = mime_guess::from_path(name).first_or_octet_stream();
                headers.insert(header::CONTENT_TYPE, content_type.as_ref().try_into()?);
                headers.insert(header::ETAG, etag(&content)?);
                if let Some(cache_control) = &cache_control {
                    headers.insert(header::CACHE_CONTROL, cache_control.clone());
                }
                let content = fill_in(content, markers).into();
                let file = File { content, headers, compressed: OnceLock::new() };
                self.files.insert(format!("/{name}"), file);
            }
        }
        Ok(())
    }

    /// What the page learns of its deployment: `config.json`.
    pub fn config(&self) -> Option<Value> {
        serde_json::from_slice(&self.files.get("/config.json")?.content).ok()
    }

    /// Replaces another release in the same bucket.
    pub fn replace(&mut self, old: &Self) {
        if self.keeps_old_files {
            for (path, file) in &old.files {
                self.files.entry(path.clone()).or_insert_with(|| file.clone());
            }
        }
    }

    /// Responds to a request for a file or a page.
    pub fn respond<B>(&self, request: &Request<B>) -> Response {
        let mut response = self.find(request);
        response.headers_mut().extend(self.policy.0.clone());
        response
    }

    fn find<B>(&self, request: &Request<B>) -> Response {
        let empty = |status| {
            let mut response = Response::new(Full::default());
            *response.status_mut() = status;
            response
        };
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return empty(StatusCode::FORBIDDEN);
        }
        // The CloudFront Function gets the path as it was sent; S3 decodes it.
        let path = request.uri().path();
        let path = if self.rewrites && is_page(path) { "/index.html" } else { path };
        let path = percent_decode_str(path).decode_utf8_lossy();
        let Some(file) = self.files.get(path.as_ref()) else { return empty(StatusCode::NOT_FOUND) };

        let compressed = (self.compresses && compression::is_wanted(request.headers()))
            .then(|| file.compressed())
            .flatten();
        let mut headers = file.headers.clone();
        if compressed.is_some() {
            compression::describe(&mut headers);
        }
        let known = request.headers().get(header::IF_NONE_MATCH);
        let mut response = if known.is_some() && known == headers.get(header::ETAG) {
            empty(StatusCode::NOT_MODIFIED)
        } else {
            Response::new(Full::new(compressed.unwrap_or(&file.content).clone()))
        };
        response.headers_mut().extend(headers);
        response
    }
}

impl File {
    fn compressed(&self) -> Option<&Bytes> {
        let make = || compression::compress(&self.content, self.headers.get(header::CONTENT_TYPE)?);
        self.compressed.get_or_init(make).as_ref()
    }
}

/// Replaces the markers that stand for values known only at deployment.
fn fill_in(content: Vec<u8>, markers: &Value) -> Vec<u8> {
    let Some(markers) = markers.as_object().filter(|markers| !markers.is_empty()) else {
        return content;
    };
    match String::from_utf8(content) {
        Ok(mut text) => {
            for (marker, value) in markers {
                text = text.replace(marker, value.as_str().unwrap_or_default());
            }
            text.into_bytes()
        }
        Err(binary) => binary.into_bytes(),
    }
}

fn etag(content: &[u8]) -> Result<HeaderValue> {
    use std::hash::{DefaultHasher, Hasher};
    let mut hasher = DefaultHasher::new();
    hasher.write(content);
    Ok(format!("\"{:016x}\"", hasher.finish()).try_into()?)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PolicyConfig {
    #[serde(rename = "Name")]
    _name: String,
    #[serde(rename = "Comment")]
    _comment: Option<String>,
    custom_headers_config: Option<CustomHeaders>,
    security_headers_config: Option<SecurityHeaders>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CustomHeaders {
    items: Vec<CustomHeader>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CustomHeader {
    header: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SecurityHeaders {
    content_security_policy: Option<ContentSecurityPolicy>,
    content_type_options: Option<Value>,
    frame_options: Option<FrameOptions>,
    referrer_policy: Option<ReferrerPolicy>,
    strict_transport_security: Option<StrictTransportSecurity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContentSecurityPolicy {
    content_security_policy: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FrameOptions {
    frame_option: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReferrerPolicy {
    referrer_policy: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StrictTransportSecurity {
    access_control_max_age_sec: u64,
    #[serde(default)]
    include_subdomains: bool,
    #[serde(default)]
    preload: bool,
}

impl HeadersPolicy {
    /// Reads a `ResponseHeadersPolicyConfig`; an unsupported part is an error.
    pub fn from_properties(properties: Value) -> Result<Self> {
        let config: PolicyConfig = serde_json::from_value(properties)?;
        let mut headers = HeaderMap::new();
        for CustomHeader { header, value } in
            config.custom_headers_config.into_iter().flat_map(|custom| custom.items)
        {
            headers.insert(HeaderName::try_from(header)?, value.try_into()?);
        }
        let Some(security) = config.security_headers_config else { return Ok(Self(headers)) };
        if let Some(policy) = security.content_security_policy {
            let value = policy.content_security_policy.try_into()?;
            headers.insert(header::CONTENT_SECURITY_POLICY, value);
        }
        if security.content_type_options.is_some() {
            let nosniff = HeaderValue::from_static("nosniff");
            headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        }
        if let Some(options) = security.frame_options {
            headers.insert(header::X_FRAME_OPTIONS, options.frame_option.try_into()?);
        }
        if let Some(policy) = security.referrer_policy {
            headers.insert(header::REFERRER_POLICY, policy.referrer_policy.try_into()?);
        }
        if let Some(hsts) = security.strict_transport_security {
            let mut value = format!("max-age={}", hsts.access_control_max_age_sec);
            if hsts.include_subdomains {
                value.push_str("; includeSubDomains");
            }
            if hsts.preload {
                value.push_str("; preload");
            }
            headers.insert(header::STRICT_TRANSPORT_SECURITY, value.try_into()?);
        }
        Ok(Self(headers))
    }
}

/// As the CloudFront Function of the site has it (`infra/lib/site/rewrite.js`): a path is a page
/// unless it ends as a file of the site does.
fn is_page(path: &str) -> bool {
    const EXTENSIONS: [&str; 12] = [
        "css",
        "html",
        "ico",
        "js",
        "json",
        "png",
        "svg",
        "txt",
        "wasm",
        "webmanifest",
        "woff2",
        "xml",
    ];
    let (_, last) = path.rsplit_once('/').unwrap_or_default();
    !last
        .rsplit_once('.')
        .is_some_and(|(name, extension)| !name.is_empty() && EXTENSIONS.contains(&extension))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::body::Body;
    use serde_json::json;

    fn site() -> Site {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("fonts")).unwrap();
        for (name, content) in
            [("index.html", "page"), ("fonts/a.woff2", "font"), ("config.json", "<api>")]
        {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let policy = HeadersPolicy::from_properties(json!({
            "Name": "test",
            "CustomHeadersConfig": {
                "Items": [{ "Header": "x-custom", "Override": true, "Value": "c" }],
            },
            "SecurityHeadersConfig": {
                "ContentSecurityPolicy": {
                    "ContentSecurityPolicy": "default-src 'none'",
                    "Override": true,
                },
                "ContentTypeOptions": { "Override": true },
                "StrictTransportSecurity": {
                    "AccessControlMaxAgeSec": 1,
                    "IncludeSubdomains": true,
                    "Override": true,
                },
            },
        }));
        let mut site = Site::new("localhost:0".into(), policy.unwrap());
        site.rewrite_with(REWRITE).unwrap();
        site.add_folder(folder.path(), Some("no-cache"), &json!({ "<api>": "filled in" })).unwrap();
        site
    }

    /// The CloudFront Function is tested on the same paths: `infra/test/rewrite.test.ts`.
    #[test]
    fn paths_are_rewritten_as_at_cloudfront() {
        #[derive(Deserialize)]
        struct Row {
            requested: String,
            served: Option<String>,
        }
        let rows: Vec<Row> =
            serde_json::from_str(include_str!("../../test/page-paths.json")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for file in rows.iter().filter_map(|row| row.served.as_deref()) {
            let path = folder.path().join(&file[1..]);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file).unwrap();
        }
        let policy = HeadersPolicy::from_properties(json!({ "Name": "none" })).unwrap();
        let mut site = Site::new("localhost:0".into(), policy);
        site.rewrite_with(REWRITE).unwrap();
        site.add_folder(folder.path(), None, &json!({})).unwrap();

        for Row { requested, served } in rows {
            let request = Request::builder().uri(&requested).body(()).unwrap();
            let response = site.respond(&request);
            let expected = served.as_ref().map_or(404, |_| 200);
            assert_eq!(response.status(), expected, "{requested}");
            let length = response.into_body().size_hint().exact();
            // Each file holds its own name.
            assert_eq!(length, Some(served.map_or(0, |file| file.len() as u64)), "{requested}");
        }
    }

    #[test]
    fn pages_are_index_html_and_missing_files_are_missing() {
        let site = site();
        for (method, path, status, content_type) in [
            ("GET", "/", 200, "text/html"),
            ("GET", "/events/1", 200, "text/html"),
            ("GET", "/a/b/", 200, "text/html"),
            ("HEAD", "/new?x=1", 200, "text/html"),
            ("GET", "/fonts/a.woff2", 200, "font/woff2"),
            ("GET", "/config.json", 200, "application/json"),
            ("GET", "/missing.js", 404, ""),
            ("GET", "/../index.html", 404, ""),
            ("GET", "/%2e%2e/index.html", 404, ""),
            ("POST", "/", 403, ""),
        ] {
            let request = Request::builder().method(method).uri(path).body(()).unwrap();
            let response = site.respond(&request);
            assert_eq!(response.status(), status, "{path}");
            let found = response.headers().get(header::CONTENT_TYPE);
            assert_eq!(found.map_or("", |v| v.to_str().unwrap()), content_type, "{path}");
            assert_eq!(response.headers()["x-custom"], "c", "{path}");
            assert_eq!(
                response.headers()["strict-transport-security"],
                "max-age=1; includeSubDomains"
            );
            assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
        }
    }

    #[test]
    fn a_release_keeps_the_old_files_unless_its_uploads_prune() {
        let old = site();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.html"), "another page").unwrap();
        for keeps_old_files in [true, false] {
            let policy = HeadersPolicy::from_properties(json!({ "Name": "none" })).unwrap();
            let mut new = Site::new("localhost:0".into(), policy);
            new.keeps_old_files = keeps_old_files;
            new.add_folder(folder.path(), None, &json!({})).unwrap();
            new.replace(&old);
            assert_eq!(new.files["/index.html"].content, "another page");
            assert_eq!(new.files.contains_key("/fonts/a.woff2"), keeps_old_files);
        }
    }

    #[test]
    fn a_file_that_the_client_has_is_not_sent_again() {
        let site = site();
        let request = Request::builder().uri("/config.json").body(()).unwrap();
        let response = site.respond(&request);
        let etag = response.headers()[header::ETAG].clone();
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
        assert_eq!(site.files["/config.json"].content, "filled in");
        let request =
            Request::builder().uri("/config.json").header(header::IF_NONE_MATCH, etag).body(());
        assert_eq!(site.respond(&request.unwrap()).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn clients_that_accept_brotli_get_what_cloudfront_compresses() {
        let page = "<p>page</p>".repeat(100);
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in
            [("a.html", page.as_str()), ("a.woff2", &page), ("small.html", "page")]
        {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let policy = HeadersPolicy::from_properties(json!({ "Name": "none" })).unwrap();
        let mut site = Site::new("localhost:0".into(), policy);
        site.add_folder(folder.path(), None, &json!({})).unwrap();
        let ask = |site: &Site, path: &str, accepted: &str, known: &str| {
            let request = Request::builder()
                .uri(path)
                .header(header::ACCEPT_ENCODING, accepted)
                .header(header::IF_NONE_MATCH, known);
            site.respond(&request.body(()).unwrap())
        };
        let encoding = |response: &Response| {
            let encoding = response.headers().get(header::CONTENT_ENCODING);
            encoding.map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(encoding(&ask(&site, "/a.html", "gzip, br", "")), None);

        site.compresses = true;
        for (path, accepted, expected) in [
            ("/a.html", "gzip, deflate, br, zstd", Some("br")),
            ("/a.html", "br;q=0.5", Some("br")),
            ("/a.html", "gzip", None),
            ("/a.html", "br;q=0", None),
            ("/a.woff2", "br", None),
            ("/small.html", "br", None),
            ("/none.html", "br", None),
        ] {
            let response = ask(&site, path, accepted, "");
            assert_eq!(encoding(&response).as_deref(), expected, "{path} for {accepted}");
        }

        let compressed = ask(&site, "/a.html", "br", "");
        assert!(compressed.body().size_hint().exact().unwrap() < 100);
        assert_eq!(compressed.headers()[header::VARY], "accept-encoding");
        let etag = compressed.headers()[header::ETAG].to_str().unwrap();
        assert!(etag.starts_with("W/\""), "{etag}");
        assert_eq!(ask(&site, "/a.html", "br", etag).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn unsupported_functions_and_policies_are_errors() {
        let mut site = site();
        assert!(site.rewrite_with("function handler(event) { return event.request; }").is_err());
        for policy in [
            json!({ "Name": "x", "CorsConfig": {} }),
            json!({ "Name": "x", "SecurityHeadersConfig": { "XSSProtection": {} } }),
        ] {
            assert!(HeadersPolicy::from_properties(policy).is_err());
        }
    }
}
