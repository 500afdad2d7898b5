//! Why a call failed, in words for the reader.

use domain::{EventId, Problem, ProblemEntry};

use super::diagnosis::Cause;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No response: no network, no server, or it took too long.
    Unreachable,
    /// The server is there, but CORS keeps this page out.
    Blocked,
    /// The site's `config.json` names no API.
    Misconfigured,
    /// It needs a sign-in.
    SignedOut,
    /// The account lacks a permission.
    Forbidden,
    NotFound,
    /// Too many requests, by us or by all.
    Busy,
    /// The request is invalid: the same one would be rejected again.
    Refused,
    /// Something broke behind the API.
    Server,
}

/// The one error that pages show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub kind: Kind,
    /// What happened, as a heading.
    pub title: String,
    /// What the reader can do about it.
    pub detail: String,
    /// For the site operator.
    pub technical: Option<String>,
    /// The invalid members of the request, named by the API.
    pub errors: Vec<ProblemEntry>,
    /// The event that the same idempotency key created before.
    pub stored: Option<EventId>,
    /// When the same call is repeated without being asked, in milliseconds since the epoch.
    pub retry_at: Option<u64>,
}

impl Failure {
    pub(super) fn unreachable() -> Self {
        Self::new(
            Kind::Unreachable,
            "The server could not be reached",
            "Check your connection, then try again.",
        )
    }

    /// Of a call from the origin `page` to the origin `api`.
    pub(super) fn caused_by(cause: Cause, page: &str, api: &str) -> Self {
        let (title, detail, technical) = match cause {
            Cause::Offline => {
                return Self::new(
                    Kind::Unreachable,
                    "You are offline",
                    "Check your connection, then try again.",
                );
            }
            Cause::Lost | Cause::NotThere => return Self::unreachable(),
            Cause::ReadingBlocked => (
                "This page may not read the events",
                "The server responds, but does not allow this page to read its responses. The \
                 site operator needs to fix this.",
                " to read its responses.",
            ),
            Cause::ChangesBlocked => (
                "This page may not change events",
                "The server allows it to read only. Nothing was changed. The site operator needs \
                 to fix this.",
                " to send this request: see the response to the preflight.",
            ),
        };
        let technical = ["CORS: ", api, " does not allow the origin ", page, technical].concat();
        Self { technical: Some(technical), ..Self::new(Kind::Blocked, title, detail) }
    }

    pub(super) fn timed_out() -> Self {
        Self::new(
            Kind::Unreachable,
            "The server took too long to respond",
            "It may be busy. Try again in a moment.",
        )
    }

    pub(super) fn misconfigured() -> Self {
        Self::new(
            Kind::Misconfigured,
            "This site is not set up completely",
            "Its config.json is missing or does not contain the server’s address. The site \
             operator needs to fix this.",
        )
    }

    /// Nobody is signed in, and the call is not made.
    pub(super) fn signed_out() -> Self {
        Self::status(401, None)
    }

    /// The one who gives tokens does not answer.
    pub(crate) fn no_provider() -> Self {
        Self::new(
            Kind::Unreachable,
            "The sign-in service could not be reached",
            "Your sign-in needs to be renewed there. Try again in a moment.",
        )
    }

    pub(super) fn not_understood() -> Self {
        Self::new(
            Kind::Server,
            "The server’s response could not be read",
            "Try again, or reload the page to get its newest version.",
        )
    }

    /// A response that is not a problem document: of the gateway, or of a proxy before it.
    pub(super) fn status(status: u16, message: Option<String>) -> Self {
        let kind = kind(status);
        let (title, detail) = words(kind);
        let detail = match message {
            Some(message) if kind == Kind::Refused => message,
            _ => detail.to_owned(),
        };
        Self::new(kind, title, detail)
    }

    pub(super) fn problem(problem: Problem, stored: Option<EventId>) -> Self {
        let kind = kind(problem.status);
        let failure = if kind == Kind::Refused {
            Self::new(kind, problem.title, problem.detail.unwrap_or(problem.error))
        } else {
            let (title, detail) = words(kind);
            let quote = problem.request_id.filter(|_| kind == Kind::Server);
            let quote =
                quote.map(|id| format!(" If it happens again, report it with the ID {id}."));
            Self::new(kind, title, format!("{detail}{}", quote.unwrap_or_default()))
        };
        Self { errors: problem.errors, stored, ..failure }
    }

    /// Whether the same call may succeed later.
    pub fn is_passing(&self) -> bool {
        !matches!(self.kind, Kind::Forbidden | Kind::NotFound | Kind::Refused)
    }

    #[cfg(test)]
    pub(crate) fn for_test(kind: Kind) -> Self {
        let (title, detail) = words(kind);
        Self::new(kind, title, detail)
    }

    fn new(kind: Kind, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            kind,
            title: title.into(),
            detail: detail.into(),
            technical: None,
            errors: Vec::new(),
            stored: None,
            retry_at: None,
        }
    }
}

fn kind(status: u16) -> Kind {
    match status {
        401 => Kind::SignedOut,
        403 => Kind::Forbidden,
        404 => Kind::NotFound,
        429 | 503 => Kind::Busy,
        400..500 => Kind::Refused,
        _ => Kind::Server,
    }
}

fn words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::SignedOut => ("You are not signed in", "Sign in to go on."),
        Kind::Forbidden => {
            ("You may not do this", "Your account lacks the permission. Ask the site operator.")
        }
        Kind::NotFound => ("Not found", "It was deleted, or it never existed."),
        Kind::Busy => ("The server is busy", "Wait a moment, then try again."),
        Kind::Refused => ("The server rejected this", "Check what you entered, then try again."),
        Kind::Unreachable | Kind::Blocked | Kind::Misconfigured | Kind::Server => {
            ("Something went wrong on the server", "It is not your fault. Try again in a moment.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blocked_call_is_explained_to_the_reader_and_to_the_operator() {
        let (page, api) = ("https://page.example", "https://api.example");
        for cause in [Cause::ReadingBlocked, Cause::ChangesBlocked] {
            let failure = Failure::caused_by(cause, page, api);
            assert_eq!(failure.kind, Kind::Blocked);
            let technical = failure.technical.unwrap();
            assert!(technical.contains(page) && technical.contains(api), "{technical}");
            assert!(!failure.detail.contains("http"), "{}", failure.detail);
        }
        for cause in [Cause::Offline, Cause::Lost, Cause::NotThere] {
            let failure = Failure::caused_by(cause, page, api);
            assert_eq!((failure.kind, failure.technical), (Kind::Unreachable, None));
        }
        assert_ne!(Failure::caused_by(Cause::Offline, page, api), Failure::unreachable());
    }
}
