//! Compression by CloudFront (CloudFront Developer Guide, "Serve compressed files"), with Brotli
//! only: clients that do not accept it get no gzip here.

use std::io::Write;

use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderValue};

/// The types of the guide's list that the page uses. Fonts are not on it: they are compressed
/// already.
const TYPES: [&str; 6] = [
    "application/json",
    "application/wasm",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
];

const SIZES: std::ops::RangeInclusive<usize> = 1_000..=10_000_000;

/// Of 11. The guide names none. Servers that compress on the fly use about this quality; 11 would
/// make measurements look better than they are on AWS.
const QUALITY: u32 = 5;

/// `None` if CloudFront does not compress it.
pub fn compress(content: &[u8], content_type: &HeaderValue) -> Option<Bytes> {
    if !TYPES.contains(&content_type.to_str().ok()?) || !SIZES.contains(&content.len()) {
        return None;
    }
    let mut compressor = brotli::CompressorWriter::new(Vec::new(), 4096, QUALITY, 22);
    compressor.write_all(content).ok()?;
    Some(compressor.into_inner().into())
}

/// Whether a client accepts Brotli.
pub fn is_wanted(request: &HeaderMap) -> bool {
    let accepted = request.get_all(header::ACCEPT_ENCODING);
    accepted.iter().filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(',')).any(
        |item| {
            let (coding, weight) = item.split_once(';').unwrap_or((item, ""));
            let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
            coding.trim() == "br" && !refused
        },
    )
}

/// Changes the headers of a file to those of its compressed form. Its `ETag` becomes weak, for the
/// bytes differ.
pub fn describe(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(etag) = headers.get(header::ETAG) {
        let weak = [b"W/", etag.as_bytes()].concat();
        if let Ok(weak) = HeaderValue::from_bytes(&weak) {
            headers.insert(header::ETAG, weak);
        }
    }
}
