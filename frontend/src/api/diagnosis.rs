//! Why a call got no response. A browser does not tell a page: an API that is down and one whose
//! CORS keeps this page out probe the same to it. So the page tries what else gets through.

use gloo_net::http::{Request, RequestBuilder};
use leptos::prelude::window;
use web_sys::{AbortSignal, RequestMode};

/// How long one probe may take.
const TIME_LIMIT_MS: u32 = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// This device has no network.
    Offline,
    /// The request or the response was lost: the same call would succeed now.
    Lost,
    /// Nothing responds at the API's origin.
    NotThere,
    /// This page may read, but the preflight of this call does not allow it.
    ChangesBlocked,
    /// The API responds, but does not allow this page to read its responses.
    ReadingBlocked,
}

/// A call that changes nothing, to see whether it gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Probe {
    /// Needs the same permission as the call.
    Same,
    Read,
    /// Succeeds with any response, which the page cannot read.
    Opaque,
}

/// A kind of call, by what the browser asks in its preflight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Read,
    Create,
    Delete,
}

impl Call {
    /// A request of this kind, with what its preflight asks for.
    pub fn request(self, url: &str, key: &str, token: Option<&str>) -> RequestBuilder {
        let request = match self {
            Self::Read => Request::get(url),
            Self::Create => Request::post(url)
                .header("content-type", "application/json")
                .header("idempotency-key", key),
            Self::Delete => Request::delete(url),
        };
        match token {
            Some(token) => request.header("authorization", &["Bearer ", token].concat()),
            None => request,
        }
    }

    /// Finds out why it got no response from the API at `origin`.
    pub async fn cause(self, origin: &str, has_token: bool) -> Cause {
        let token = has_token.then_some("-");
        let gets_through = async |probe| {
            let time_limit = AbortSignal::timeout_with_u32(TIME_LIMIT_MS);
            let request = self.probe(probe, origin, token).abort_signal(Some(&time_limit)).build();
            match request {
                Ok(request) => request.send().await.is_ok(),
                Err(_) => false,
            }
        };
        cause(window().navigator().on_line(), self != Self::Read, gets_through).await
    }

    fn probe(self, probe: Probe, origin: &str, token: Option<&str>) -> RequestBuilder {
        // It has no route, so nothing is changed. Its preflight is the same.
        let nothing = format!("{origin}/");
        let events = format!("{origin}/events?limit=1");
        match (probe, self) {
            (Probe::Opaque, _) => Request::get(&events).mode(RequestMode::NoCors),
            (Probe::Same, Self::Read) => self.request(&events, "", token),
            (Probe::Same, _) => self.request(&nothing, "-", token),
            (Probe::Read, _) => Self::Read.request(&events, "", None),
        }
    }
}

async fn cause(online: bool, is_change: bool, gets_through: impl AsyncFn(Probe) -> bool) -> Cause {
    if !online {
        Cause::Offline
    } else if gets_through(Probe::Same).await {
        Cause::Lost
    } else if is_change && gets_through(Probe::Read).await {
        Cause::ChangesBlocked
    } else if gets_through(Probe::Opaque).await {
        Cause::ReadingBlocked
    } else {
        Cause::NotThere
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// The cause when exactly these probes get through.
    fn diagnose(online: bool, is_change: bool, through: &[Probe]) -> Cause {
        let cause = pin!(cause(online, is_change, async |probe| through.contains(&probe)));
        match cause.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(cause) => cause,
            Poll::Pending => panic!("it waits for nothing"),
        }
    }

    #[test]
    fn what_gets_through_tells_why_the_call_did_not() {
        use Probe::{Opaque, Read, Same};
        let (read, change) = (false, true);
        for (call, through, expected) in [
            (read, &[][..], Cause::NotThere),
            (read, &[Opaque], Cause::ReadingBlocked),
            (read, &[Same, Read, Opaque], Cause::Lost),
            (change, &[], Cause::NotThere),
            (change, &[Opaque], Cause::ReadingBlocked),
            (change, &[Read, Opaque], Cause::ChangesBlocked),
            (change, &[Same, Read, Opaque], Cause::Lost),
            // The API lets this page change and not read: the same call would succeed now.
            (change, &[Same, Opaque], Cause::Lost),
        ] {
            assert_eq!(diagnose(true, call, through), expected, "{call} {through:?}");
            assert_eq!(diagnose(false, call, through), Cause::Offline, "{call} {through:?}");
        }
    }
}
