use std::time::Duration;

use leptos::prelude::*;

use crate::api::Failure;
use crate::{browser, retry};

/// What went wrong, and a way on where there is one. A call that the server had no room for is made again by itself.
#[component]
pub fn FailureNotice(
    failure: Failure,
    /// Is offered when the same call may succeed later.
    on_retry: Callback<()>,
    retrying: bool,
) -> impl IntoView {
    let countdown = failure.retry_at.filter(|_| !retrying);
    let label = match countdown {
        _ if retrying => "Trying again…",
        Some(_) => "Try now",
        None => "Try again",
    };
    let countdown = countdown.map(|end| view! { <Countdown end on_end=on_retry /> });
    let retry = failure.is_passing().then(|| {
        view! {
            <button
                class="button"
                type="button"
                aria-disabled=retrying.then_some("true")
                on:click=move |_| on_retry.run(())
            >
                {label}
            </button>
        }
    });
    view! {
        <div class="failure" role="alert">
            <p class="failure-title">{failure.title}</p>
            <p>{failure.detail}</p>
            {failure.technical.map(|line| view! { <p class="failure-technical">{line}</p> })}
            {countdown}
            {retry}
        </div>
    }
}

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(200);

/// Counts the seconds down. A screen reader is not told each of them.
#[component]
fn Countdown(end: u64, on_end: Callback<()>) -> impl IntoView {
    // At least one: that it is over is found at a tick.
    let left = RwSignal::new(retry::seconds_left(end, browser::now()).max(1));
    let ticking = set_interval_with_handle(
        move || {
            let now_left = retry::seconds_left(end, browser::now());
            // Once: `left` is nothing from now on.
            if now_left == 0 && left.try_get_untracked().is_some_and(|left| left > 0) {
                on_end.try_run(());
            }
            left.try_set(now_left);
        },
        TICK,
    );
    on_cleanup(move || {
        if let Ok(ticking) = ticking {
            ticking.clear();
        }
    });
    view! {
        <p class="countdown" role="timer" aria-live="off">
            {move || ["Trying again in ", &left.get().to_string(), " s"].concat()}
        </p>
    }
}
