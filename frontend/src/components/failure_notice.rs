use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;

use crate::api::Failure;
use crate::dom::{El, Parent, View, el, view};
use crate::{browser, retry};

/// A call that failed, and whether it is being made again.
#[derive(Clone, PartialEq)]
pub struct FailedCall {
    pub failure: Failure,
    pub retrying: bool,
}

/// What went wrong, as long as `failed` gives something. `on_retry` runs on a press of the button,
/// which is there when the same call may succeed, and at `retry_at`.
pub fn failure_notice(
    failed: impl Fn() -> Option<FailedCall> + 'static,
    on_retry: Callback<()>,
) -> View {
    let failed: Rc<dyn Fn() -> Option<FailedCall>> = Rc::new(failed);
    let notice = {
        let failed = Rc::clone(&failed);
        move |failure: Failure| notice(&failure, Rc::clone(&failed), on_retry)
    };
    // When the call is made again, the notice stays where it is, and the focus on its button.
    let failure = move || Some(Failure { retry_at: None, ..failed()?.failure });
    view().part(failure, move |failure| failure.map(&notice))
}

fn notice(
    failure: &Failure,
    failed: Rc<dyn Fn() -> Option<FailedCall>>,
    on_retry: Callback<()>,
) -> El {
    let is_passing = failure.is_passing();
    let technical = failure.technical.as_deref();
    // When it is repeated without being asked.
    let end = {
        let failed = Rc::clone(&failed);
        move || failed().filter(|failed| !failed.retrying)?.failure.retry_at
    };
    let button = is_passing.then(|| {
        let is_retrying = move || failed().is_some_and(|failed| failed.retrying);
        let is_disabled = is_retrying.clone();
        let has_end = end.clone();
        let label = move || match has_end() {
            _ if is_retrying() => "Trying again…",
            Some(_) => "Try now",
            None => "Try again",
        };
        el("button")
            .class("button")
            .attr("type", "button")
            .attr_of("aria-disabled", move || is_disabled().then_some("true"))
            .text_of(label)
            .on("click", move |_| on_retry.run(()))
    });
    el("div")
        .class("failure")
        .attr("role", "alert")
        .child(el("p").class("failure-title").child(&*failure.title))
        .child(el("p").child(&*failure.detail))
        .child(technical.map(|line| el("p").class("failure-technical").child(line)))
        .part(end, move |end| end.map(|end| countdown(end, on_retry)))
        .child(button)
}

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(200);

/// Counts the seconds down. A screen reader is not told each of them.
fn countdown(end: u64, on_end: Callback<()>) -> El {
    let countdown = el("p").class("countdown").attr("role", "timer").attr("aria-live", "off");
    let show = {
        let countdown = countdown.clone();
        // At least one: that it is over is found at a tick.
        move |left: u64| {
            countdown.set_text(&["Trying again in ", &left.max(1).to_string(), " s"].concat());
        }
    };
    show(retry::seconds_left(end, browser::now()));
    let is_over = Cell::new(false);
    let ticking = set_interval_with_handle(
        move || {
            let left = retry::seconds_left(end, browser::now());
            show(left);
            // Once.
            if left == 0 && !is_over.replace(true) {
                on_end.try_run(());
            }
        },
        TICK,
    );
    on_cleanup(move || {
        if let Ok(ticking) = ticking {
            ticking.clear();
        }
    });
    countdown
}
