//! How the path of a request is read. Each rule is recorded: rows `path-*` and `event-path-decoded`
//! of `tests/local/recorded-answers.json`.

use std::borrow::Cow;

use percent_encoding::percent_decode;

/// A path that the gateway refuses.
#[derive(Debug, PartialEq, Eq)]
pub struct BadPath;

/// The path that routes and functions see.
///
/// It is decoded twice. After the first round a question mark ends it, and a percent sign that is
/// no escape is refused. Dot segments are resolved after the second; none may lead above the root.
/// Bytes that are no UTF-8 are replaced (inferred: a record would have to show `rawPath` for
/// `/%FF`).
pub fn read(raw: &str) -> Result<Cow<'_, str>, BadPath> {
    let decoded = if raw.contains('%') { Cow::Owned(decode_twice(raw)?) } else { raw.into() };
    if decoded.contains("/.") { resolve(&decoded).map(Cow::Owned) } else { Ok(decoded) }
}

fn decode_twice(raw: &str) -> Result<String, BadPath> {
    let mut once: Vec<u8> = percent_decode(raw.as_bytes()).collect();
    if let Some(end) = once.iter().position(|byte| *byte == b'?') {
        once.truncate(end);
    }
    let is_escape = |at: usize| {
        once.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let mut percents = once.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    if !percents.all(|(at, _)| is_escape(at)) {
        return Err(BadPath);
    }
    Ok(percent_decode(&once).decode_utf8_lossy().into_owned())
}

/// Removes dot segments, as in RFC 3986, section 5.2.4.
fn resolve(path: &str) -> Result<String, BadPath> {
    let Some(path) = path.strip_prefix('/') else { return Err(BadPath) };
    let mut kept = Vec::new();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." => {}
            ".." => drop(kept.pop().ok_or(BadPath)?),
            _ => {
                kept.push(segment);
                continue;
            }
        }
        // A last dot segment stands for the folder, which ends with a slash.
        if segments.peek().is_none() {
            kept.push("");
        }
    }
    Ok(format!("/{}", kept.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_decoded_twice_and_resolved() {
        for (raw, expected) in [
            ("/", "/"),
            ("/a//b/", "/a//b/"),
            ("/a%20b%C3%BC", "/a bü"),
            ("/a%2Fb%252Fc", "/a/b/c"),
            ("/a%3Fb", "/a"),
            ("/a%3F%25", "/a"),
            ("/a%253Fb", "/a?b"),
            ("/a%23b", "/a#b"),
            ("/a%2525", "/a%"),
            ("/a/./b/../c", "/a/c"),
            ("/a/..", "/"),
            ("/a/b/.", "/a/b/"),
            ("/a/%2e%2E%2fb", "/b"),
            ("/a/%252e%252e/b", "/b"),
            ("/a/...", "/a/..."),
            ("/.a", "/.a"),
            ("/%FF", "/\u{fffd}"),
            ("*", "*"),
        ] {
            assert_eq!(read(raw).as_deref(), Ok(expected), "{raw}");
        }
        for raw in ["/%", "/a%2", "/%zz", "/a%25b", "/%25%32", "/..", "/a/../..", "/..%2fa"] {
            assert_eq!(read(raw), Err(BadPath), "{raw}");
        }
    }
}
