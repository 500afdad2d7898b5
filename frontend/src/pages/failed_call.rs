use std::time::Duration;

use leptos::prelude::*;

use crate::api::Failure;
use crate::components::{FailureNotice, Part};
use crate::effect::effect;
use crate::{browser, retry};

/// Why a call failed, if it did, and whether it is being made again.
#[derive(Clone, Copy)]
pub struct FailedCall {
    pub failure: Memo<Option<Failure>>,
    pub is_retrying: Memo<bool>,
}

impl FailedCall {
    pub fn new(
        failure: impl Fn() -> Option<Failure> + Send + Sync + 'static,
        is_retrying: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            failure: Memo::new(move |_| failure()),
            is_retrying: Memo::new(move |_| is_retrying()),
        }
    }

    /// One that nobody makes again but the reader.
    pub fn ended(failure: Failure) -> Self {
        Self::new(move || Some(failure.clone()), || false)
    }
}

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(200);

/// What went wrong, as long as a call has failed. `on_retry` runs on a press of the button, and at
/// the failure's `retry_at`.
#[component]
pub fn FailedCallNotice(call: FailedCall, on_retry: Callback<()>) -> impl IntoView {
    // When the call is made again, the notice stays where it is, and the focus on its button.
    let failure = Memo::new(move |_| Some(Failure { retry_at: None, ..call.failure.get()? }));
    let countdown = countdown(call, on_retry);
    let is_retrying = call.is_retrying;
    let notice =
        move |failure| view! { <FailureNotice failure is_retrying countdown on_retry/> }.into_any();
    view! { <Part view=move || failure.get().map(notice)/> }
}

/// The seconds until the call is made again without being asked; then it is. "" when it is not.
fn countdown(call: FailedCall, on_end: Callback<()>) -> Memo<String> {
    let end = Memo::new(move |_| call.failure.get().filter(|_| !call.is_retrying.get())?.retry_at);
    let left = RwSignal::new(String::new());
    effect(move || {
        let Some(end) = end.get() else {
            left.set(String::new());
            return;
        };
        let is_over = StoredValue::new(false);
        let tick = move || {
            let seconds = retry::seconds_left(end, browser::now());
            // At least one: that it is over is found at a tick.
            left.try_set(seconds.max(1).to_string());
            // Once.
            let was_over = is_over.try_update_value(|over| std::mem::replace(over, seconds == 0));
            if seconds == 0 && was_over == Some(false) {
                on_end.try_run(());
            }
        };
        tick();
        if let Ok(ticking) = set_interval_with_handle(tick, TICK) {
            on_cleanup(move || ticking.clear());
        }
    });
    Memo::new(move |_| left.get())
}
