//! The one decoder of responses: a 2xx becomes a value, everything else a [`Failure`].

use domain::EventId;

use super::failure::Failure;
use crate::json::{self, Value};
use crate::link;

/// A response of the API, without types of the browser: natively tested.
#[derive(Debug, Default)]
pub(super) struct Response {
    pub status: u16,
    pub link: Option<String>,
    pub location: Option<String>,
    /// When to repeat the call without being asked, in milliseconds since the epoch.
    pub retry_at: Option<u64>,
    pub body: String,
}

impl Response {
    /// The gateway wants a token, or another one.
    pub fn is_unauthorized(&self) -> bool {
        self.status == 401
    }

    /// What `read` makes of the body of a success.
    pub fn decode<T>(&self, read: impl Fn(&Value) -> Option<T>) -> Result<T, Failure> {
        self.check()?;
        let value = json::parse(&self.body);
        value.and_then(|value| read(&value)).ok_or_else(Failure::not_understood)
    }

    pub fn check(&self) -> Result<(), Failure> {
        match self.status {
            200..300 => Ok(()),
            status => {
                let body = json::parse(&self.body);
                let failure = match body.as_ref().and_then(json::problem) {
                    Some(problem) => Failure::problem(problem, self.event_at_location()),
                    // The gateway's own: it called no function, or got no response from it.
                    None => Failure::status(status, body.and_then(|body| body.text("message"))),
                };
                Err(Failure { retry_at: self.retry_at, ..failure })
            }
        }
    }

    /// The next page, as a path of the API; `None` for a URL on another host.
    pub fn next_page(&self) -> Option<&str> {
        let target = link::next(self.link.as_deref()?)?;
        (target.starts_with('/') && !target.starts_with("//")).then_some(target)
    }

    /// `Location: /events/{id}`
    fn event_at_location(&self) -> Option<EventId> {
        self.location.as_deref()?.strip_prefix("/events/")?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use domain::Event;

    use super::*;
    use crate::api::Kind;

    fn response(status: u16, body: &str) -> Response {
        Response { status, body: body.to_owned(), ..Response::default() }
    }

    #[test]
    fn a_success_becomes_a_value() {
        let events: Vec<Event> = response(
            200,
            r#"[{"id":"550e8400-e29b-41d4-a716-446655440000","name":"CDK Workshop",
                "date":"2026-06-15","createdAt":"2026-01-01T00:00:00.000Z","addedLater":1}]"#,
        )
        .decode(|value| json::list(value, json::event))
        .unwrap();
        assert_eq!(events[0].content.name.as_str(), "CDK Workshop");
        assert!(response(204, "").check().is_ok());
    }

    #[test]
    fn a_success_that_is_not_ours_is_a_failure() {
        let failure = response(200, "<!doctype html>").decode(json::event).unwrap_err();
        assert_eq!(failure.kind, Kind::Server);
    }

    #[test]
    fn a_problem_tells_its_title_detail_and_broken_members() {
        let failure = response(
            400,
            r##"{"type":"about:blank","title":"Bad Request","status":400,"detail":"It has errors.",
                "errors":[{"pointer":"#/date","detail":"must be a date as YYYY-MM-DD"}],
                "error":"Invalid field: date must be a date as YYYY-MM-DD"}"##,
        )
        .check()
        .unwrap_err();
        assert_eq!(failure.kind, Kind::Refused);
        assert_eq!(failure.title, "Bad Request");
        assert_eq!(failure.detail, "It has errors.");
        assert_eq!(failure.errors.len(), 1);
    }

    #[test]
    fn a_problem_of_the_server_tells_what_to_quote() {
        let failure = response(
            500,
            r#"{"type":"about:blank","title":"Internal Server Error","status":500,
                "error":"Internal server error","requestId":"JKJaXmPLvHcESHA="}"#,
        )
        .check()
        .unwrap_err();
        assert_eq!(failure.kind, Kind::Server);
        assert!(failure.detail.contains("JKJaXmPLvHcESHA="), "{}", failure.detail);
    }

    #[test]
    fn a_reused_key_leads_to_the_stored_event() {
        let stored = "550e8400-e29b-41d4-a716-446655440000";
        let failure = Response {
            location: Some(format!("/events/{stored}")),
            ..response(
                422,
                r#"{"type":"about:blank","title":"Unprocessable Content","status":422,
                    "error":"…"}"#,
            )
        }
        .check()
        .unwrap_err();
        assert_eq!(failure.stored, Some(stored.parse().unwrap()));
    }

    #[test]
    fn the_gateways_own_responses_are_understood() {
        let cases = [
            (401, r#"{"message":"Unauthorized"}"#, Kind::SignedOut),
            (403, r#"{"message":"Forbidden"}"#, Kind::Forbidden),
            (404, r#"{"message":"Not Found"}"#, Kind::NotFound),
            (429, r#"{"message":"Too Many Requests"}"#, Kind::Busy),
            (500, r#"{"message":"Internal Server Error"}"#, Kind::Server),
            (503, r#"{"message":"Service Unavailable"}"#, Kind::Busy),
            (418, r#"{"message":"I am a teapot"}"#, Kind::Refused),
            (502, "<html>Bad gateway</html>", Kind::Server),
            (500, "", Kind::Server),
        ];
        for (status, body, kind) in cases {
            let failure = response(status, body).check().unwrap_err();
            assert_eq!(failure.kind, kind, "{status} {body}");
            assert!(!failure.title.is_empty() && !failure.detail.is_empty(), "{status} {body}");
        }
        assert_eq!(response(418, cases[6].1).check().unwrap_err().detail, "I am a teapot");
    }

    #[test]
    fn the_next_page_is_never_on_another_host() {
        let next = |link: &str| {
            Response { link: Some(link.to_owned()), ..Response::default() }
                .next_page()
                .map(str::to_owned)
        };
        assert_eq!(next(r#"</events?cursor=a>; rel="next""#).as_deref(), Some("/events?cursor=a"));
        assert_eq!(next(r#"<https://evil.example/>; rel="next""#), None);
        assert_eq!(next(r#"<//evil.example/>; rel="next""#), None);
        assert_eq!(Response::default().next_page(), None);
    }
}
