use std::time::Duration;

use leptos::prelude::*;

use crate::api::Failure;
use crate::components::FailureNotice;
use crate::{browser, retry};

/// A call that failed, and whether it is being made again.
#[derive(Clone, PartialEq)]
pub struct FailedCall {
    pub failure: Failure,
    pub retrying: bool,
}

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(200);

/// What went wrong, as long as `failed` gives something. `on_retry` runs on a press of the button,
/// and at the failure's `retry_at`.
#[component]
pub fn FailedCallNotice(
    failed: Signal<Option<FailedCall>>,
    on_retry: Callback<()>,
) -> impl IntoView {
    // When the call is made again, the notice stays where it is, and the focus on its button.
    let failure = Memo::new(move |_| Some(Failure { retry_at: None, ..failed.get()?.failure }));
    let is_retrying =
        Signal::derive(move || failed.read().as_ref().is_some_and(|failed| failed.retrying));
    let countdown = countdown(failed, on_retry);
    let notice =
        move |failure| view! { <FailureNotice failure is_retrying countdown on_retry/> }.into_any();
    view! { {move || failure.get().map(notice)} }
}

/// The seconds until the call is made again without being asked; then it is. "" when it is not.
fn countdown(failed: Signal<Option<FailedCall>>, on_end: Callback<()>) -> Signal<String> {
    let end = Memo::new(move |_| failed.get().filter(|failed| !failed.retrying)?.failure.retry_at);
    let left = RwSignal::new(String::new());
    Effect::new(move |_| {
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
            if seconds == 0
                && is_over.try_update_value(|over| std::mem::replace(over, true)) == Some(false)
            {
                on_end.try_run(());
            }
        };
        tick();
        if let Ok(ticking) = set_interval_with_handle(tick, TICK) {
            on_cleanup(move || ticking.clear());
        }
    });
    left.into()
}
