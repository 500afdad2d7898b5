//! Why a call got no answer. A browser does not tell a page: an API that is down and one that does not let this page in
//! look the same to it. So we look at what else gets through.

use gloo_net::http::{Request, RequestBuilder};
use leptos::prelude::window;
use web_sys::{AbortSignal, RequestMode};

/// How long one look may take.
const TIME_LIMIT_MS: u32 = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// This device has no network.
    Offline,
    /// It was lost on its way: the same would get through now.
    Lost,
    /// Nobody answers.
    NotThere,
    /// This page may read, but the question whether it may send this (the preflight) is not answered with yes.
    ChangesBlocked,
    /// The API answers, but this page may not see it.
    ReadingBlocked,
}

/// A call that changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Asks for the same permission as the call did.
    Same,
    Read,
    /// Whatever the answer is, the page gets to know only that there is one.
    Opaque,
}

/// A call as far as the browser asks the API about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Read,
    Create,
    Delete,
}

impl Call {
    /// Looks why it got no answer from the API at `origin`.
    pub async fn cause(self, origin: &str) -> Cause {
        let gets_through = async |look| {
            let time_limit = AbortSignal::timeout_with_u32(TIME_LIMIT_MS);
            let request = self.look(look, origin).abort_signal(Some(&time_limit)).build();
            match request {
                Ok(request) => request.send().await.is_ok(),
                Err(_) => false,
            }
        };
        cause(window().navigator().on_line(), self != Self::Read, gets_through).await
    }

    fn look(self, look: Look, origin: &str) -> RequestBuilder {
        // There is no route: nothing is changed. What the browser asks about before is the same.
        let nothing = format!("{origin}/");
        match (look, self) {
            (Look::Same, Self::Create) => Request::post(&nothing)
                .header("content-type", "application/json")
                .header("idempotency-key", "-"),
            (Look::Same, Self::Delete) => Request::delete(&nothing),
            (Look::Opaque, _) => read(origin).mode(RequestMode::NoCors),
            (Look::Same | Look::Read, _) => read(origin),
        }
    }
}

fn read(origin: &str) -> RequestBuilder {
    Request::get(&format!("{origin}/events?limit=1"))
}

async fn cause(online: bool, is_change: bool, gets_through: impl AsyncFn(Look) -> bool) -> Cause {
    if !online {
        Cause::Offline
    } else if gets_through(Look::Same).await {
        Cause::Lost
    } else if is_change && gets_through(Look::Read).await {
        Cause::ChangesBlocked
    } else if gets_through(Look::Opaque).await {
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

    /// The cause when exactly these looks get through.
    fn diagnose(online: bool, is_change: bool, through: &[Look]) -> Cause {
        let cause = pin!(cause(online, is_change, async |look| through.contains(&look)));
        match cause.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(cause) => cause,
            Poll::Pending => panic!("it waits for nothing"),
        }
    }

    #[test]
    fn what_gets_through_tells_why_the_call_did_not() {
        use Look::{Opaque, Read, Same};
        let (read, change) = (false, true);
        for (call, through, expected) in [
            (read, &[][..], Cause::NotThere),
            (read, &[Opaque], Cause::ReadingBlocked),
            (read, &[Same, Read, Opaque], Cause::Lost),
            (change, &[], Cause::NotThere),
            (change, &[Opaque], Cause::ReadingBlocked),
            (change, &[Read, Opaque], Cause::ChangesBlocked),
            (change, &[Same, Read, Opaque], Cause::Lost),
            // The API lets this page change and not read: whatever it was, the same would get through now.
            (change, &[Same, Opaque], Cause::Lost),
        ] {
            assert_eq!(diagnose(true, call, through), expected, "{call} {through:?}");
            assert_eq!(diagnose(false, call, through), Cause::Offline, "{call} {through:?}");
        }
    }
}
