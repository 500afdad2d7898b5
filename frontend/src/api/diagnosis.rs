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
    /// Finds out why it got no response from the API at `origin`.
    pub async fn cause(self, origin: &str) -> Cause {
        let gets_through = async |probe| {
            let time_limit = AbortSignal::timeout_with_u32(TIME_LIMIT_MS);
            let request = self.probe(probe, origin).abort_signal(Some(&time_limit)).build();
            match request {
                Ok(request) => request.send().await.is_ok(),
                Err(_) => false,
            }
        };
        cause(window().navigator().on_line(), self != Self::Read, gets_through).await
    }

    fn probe(self, probe: Probe, origin: &str) -> RequestBuilder {
        // It has no route, so nothing is changed. Its preflight is the same.
        let nothing = format!("{origin}/");
        match (probe, self) {
            (Probe::Same, Self::Create) => Request::post(&nothing)
                .header("content-type", "application/json")
                .header("idempotency-key", "-"),
            (Probe::Same, Self::Delete) => Request::delete(&nothing),
            (Probe::Opaque, _) => read(origin).mode(RequestMode::NoCors),
            (Probe::Same | Probe::Read, _) => read(origin),
        }
    }
}

fn read(origin: &str) -> RequestBuilder {
    Request::get(&format!("{origin}/events?limit=1"))
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
