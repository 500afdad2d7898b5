//! Which route a request takes (API Gateway Developer Guide, "Create routes for HTTP APIs").

use std::cmp::Reverse;
use std::str::FromStr;

/// A route's key: a method and a path, or `$default`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteKey {
    text: String,
    pattern: Option<Pattern>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    /// `None` is `ANY`.
    method: Option<String>,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Variable(String),
    /// `{proxy+}`: one or more segments, at the end.
    Greedy(String),
}

#[derive(Debug, thiserror::Error)]
#[error("not a route key: expected METHOD /path or $default")]
pub struct NotARouteKey;

impl FromStr for RouteKey {
    type Err = NotARouteKey;

    fn from_str(text: &str) -> Result<Self, NotARouteKey> {
        if text == "$default" {
            return Ok(Self { text: text.to_owned(), pattern: None });
        }
        let (method, path) = text.split_once(' ').ok_or(NotARouteKey)?;
        let path = path.strip_prefix('/').ok_or(NotARouteKey)?;
        let segments: Vec<_> = path
            .split('/')
            .map(|segment| match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
                Some(name) => match name.strip_suffix('+') {
                    Some(name) => Segment::Greedy(name.to_owned()),
                    None => Segment::Variable(name.to_owned()),
                },
                None => Segment::Literal(segment.to_owned()),
            })
            .collect();
        let method = (method != "ANY").then(|| method.to_owned());
        Ok(Self { text: text.to_owned(), pattern: Some(Pattern { method, segments }) })
    }
}

/// The path variables of a request, by their names.
pub type PathParameters = Vec<(String, String)>;

impl RouteKey {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path variables if this route takes the request. `path` is decoded.
    pub fn matches(&self, method: &str, path: &str) -> Option<PathParameters> {
        let Some(Pattern { method: expected, segments }) = &self.pattern else {
            return Some(Vec::new());
        };
        if expected.as_ref().is_some_and(|expected| expected != method) {
            return None;
        }
        let mut given = path.strip_prefix('/')?.split('/');
        let mut parameters = Vec::new();
        for segment in segments {
            match (segment, given.next()) {
                (Segment::Literal(literal), Some(text)) if literal == text => {}
                (Segment::Variable(name), Some(text)) if !text.is_empty() => {
                    parameters.push((name.clone(), text.to_owned()));
                }
                (Segment::Greedy(name), Some(text)) if !text.is_empty() => {
                    let all = given.by_ref().fold(text.to_owned(), |all, next| all + "/" + next);
                    parameters.push((name.clone(), all));
                }
                _ => return None,
            }
        }
        given.next().is_none().then_some(parameters)
    }

    /// Greater for a more specific route: literals before variables before `{proxy+}` before
    /// `$default`, a named method before `ANY`.
    pub fn precedence(&self) -> impl Ord + use<> {
        self.pattern.as_ref().map(|Pattern { method, segments }| {
            let count =
                |wanted: fn(&Segment) -> bool| segments.iter().filter(|s| wanted(s)).count();
            (
                Reverse(count(|s| matches!(s, Segment::Greedy(_)))),
                count(|s| matches!(s, Segment::Literal(_))),
                segments.len(),
                method.is_some(),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of the route that takes the request, out of all.
    fn choose(routes: &[&str], method: &str, path: &str) -> Option<String> {
        let mut routes: Vec<RouteKey> = routes.iter().map(|key| key.parse().unwrap()).collect();
        routes.sort_by_key(|route| Reverse(route.precedence()));
        routes.iter().find(|r| r.matches(method, path).is_some()).map(|r| r.text.clone())
    }

    #[test]
    fn the_most_specific_route_wins() {
        let all = [
            "$default",
            "ANY /{proxy+}",
            "GET /{proxy+}",
            "GET /events/{id}",
            "GET /events/today",
            "ANY /events",
        ];
        for (method, path, expected) in [
            ("GET", "/events/today", "GET /events/today"),
            ("GET", "/events/1", "GET /events/{id}"),
            ("DELETE", "/events/1", "ANY /{proxy+}"),
            ("GET", "/events", "ANY /events"),
            ("GET", "/events/1/2", "GET /{proxy+}"),
            ("GET", "/events/", "GET /{proxy+}"),
            ("GET", "/", "$default"),
        ] {
            assert_eq!(choose(&all, method, path).as_deref(), Some(expected), "{method} {path}");
        }
        assert_eq!(choose(&["GET /events/{id}"], "GET", "/events/"), None);
        assert_eq!(choose(&["GET /events/{id}"], "GET", "/events/a/b"), None);
        assert_eq!(choose(&["GET /events"], "HEAD", "/events"), None);
        assert_eq!(choose(&["GET /events"], "GET", "*"), None);
    }

    #[test]
    fn variables_are_the_text_of_the_path() {
        let route: RouteKey = "GET /a/{x}/{rest+}".parse().unwrap();
        let expected = [("x", "ü"), ("rest", "c/d")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(route.matches("GET", "/a/ü/c/d"), Some(expected.into()));
    }
}
