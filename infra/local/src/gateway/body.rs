//! How the body of a request reaches the function: as text or in base64. Recorded: rows `body-*` of
//! `tests/local/recorded-answers.json`.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::HeaderValue;

/// The types whose bodies are passed as text, if they have no charset or UTF-8.
const TEXT: [&str; 8] = [
    "application/graphql",
    "application/javascript",
    "application/json",
    "application/xml",
    "text/csv",
    "text/html",
    "text/plain",
    "text/xml",
];

/// The body as a function gets it, and whether that is base64.
pub(super) fn encode<'a>(
    body: &'a [u8],
    content_type: Option<&HeaderValue>,
) -> (Cow<'a, str>, bool) {
    match std::str::from_utf8(body) {
        Ok(text) if content_type.is_some_and(is_text) => (text.into(), false),
        _ => (STANDARD.encode(body).into(), true),
    }
}

fn is_text(content_type: &HeaderValue) -> bool {
    let Ok(content_type) = content_type.to_str() else { return false };
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    TEXT.iter().any(|text| text.eq_ignore_ascii_case(essence))
        && parts
            .filter_map(|parameter| parameter.split_once('='))
            .filter(|(name, _)| name.eq_ignore_ascii_case("charset"))
            .all(|(_, charset)| charset.trim_matches('"').eq_ignore_ascii_case("utf-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_decides() {
        for (content_type, is_base64) in [
            (Some("application/json"), false),
            (Some("Application/JSON;Charset=\"UTF-8\""), false),
            (Some("text/html; charset=utf-8"), false),
            (Some("text/plain; charset=iso-8859-1"), true),
            (Some("text/css"), true),
            (Some("application/x-www-form-urlencoded"), true),
            (None, true),
        ] {
            let content_type = content_type.map(HeaderValue::from_static);
            assert_eq!(encode(b"a", content_type.as_ref()).1, is_base64, "{content_type:?}");
        }
        let json = HeaderValue::from_static("application/json");
        assert_eq!(encode(b"\xff", Some(&json)), ("/w==".into(), true));
    }
}
