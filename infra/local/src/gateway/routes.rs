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
    /// `{proxy+}`: the rest of the path.
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

/// The path variables of a request: names and values.
pub type PathParameters<'a> = Vec<(&'a str, &'a str)>;

impl RouteKey {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The method and the path of the key, for the ARN that invokes its function: `*` is any method,
    /// and `$default` has no path.
    pub fn method_and_path(&self) -> (&str, &str) {
        self.text
            .split_once(' ')
            .map_or(("*", ""), |(method, path)| (if method == "ANY" { "*" } else { method }, path))
    }

    /// The path variables if this route takes the request. `path` is decoded, and has no stage.
    ///
    /// A variable takes an empty last segment, and a greedy one an empty rest; a literal path takes
    /// no slash more (recorded: rows `route-*` and `event-greedy-empty`).
    pub fn matches<'a>(&'a self, method: &str, path: &'a str) -> Option<PathParameters<'a>> {
        let Some(Pattern { method: expected, segments }) = &self.pattern else {
            return Some(Vec::new());
        };
        if expected.as_ref().is_some_and(|expected| expected != method) {
            return None;
        }
        let mut parameters = Vec::new();
        let mut rest = Some(path.strip_prefix('/')?);
        for segment in segments {
            let given = rest?;
            let (first, others) = given
                .split_once('/')
                .map_or((given, None), |(first, others)| (first, Some(others)));
            rest = others;
            match segment {
                Segment::Literal(literal) if literal == first => {}
                Segment::Variable(name) if !first.is_empty() || others.is_none() => {
                    parameters.push((name.as_str(), first));
                }
                Segment::Greedy(name) => {
                    parameters.push((name.as_str(), given));
                    rest = None;
                }
                _ => return None,
            }
        }
        rest.is_none().then_some(parameters)
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
            ("GET", "/events/", "GET /events/{id}"),
            ("DELETE", "/events/", "ANY /{proxy+}"),
            ("GET", "/", "GET /{proxy+}"),
            ("OPTIONS", "*", "$default"),
        ] {
            assert_eq!(choose(&all, method, path).as_deref(), Some(expected), "{method} {path}");
        }
        assert_eq!(choose(&["GET /events/{id}"], "GET", "/events"), None);
        assert_eq!(choose(&["GET /events/{id}/x"], "GET", "/events//x"), None);
        assert_eq!(choose(&["GET /events"], "GET", "/events/"), None);
        assert_eq!(choose(&["GET /events/{id}"], "GET", "/events/a/b"), None);
        assert_eq!(choose(&["GET /events"], "HEAD", "/events"), None);
        assert_eq!(choose(&["GET /events"], "GET", "*"), None);
    }

    #[test]
    fn variables_are_the_text_of_the_path() {
        let route: RouteKey = "GET /a/{x}/{rest+}".parse().unwrap();
        assert_eq!(route.matches("GET", "/a/ü/c/d"), Some(vec![("x", "ü"), ("rest", "c/d")]));
        assert_eq!(route.matches("GET", "/a/b/"), Some(vec![("x", "b"), ("rest", "")]));
        assert_eq!(route.matches("GET", "/a/b"), None);
    }
}
