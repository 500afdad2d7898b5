use leptos::prelude::*;

use crate::api::Failure;

/// What went wrong. The button is there when the same call may succeed.
#[component]
pub fn FailureNotice(
    failure: Failure,
    /// The call is being made again.
    is_retrying: Signal<bool>,
    /// Seconds until it is made again without being asked.
    seconds_left: Signal<Option<u64>>,
    on_retry: Callback<()>,
) -> impl IntoView {
    let label = move || match seconds_left.get() {
        _ if is_retrying.get() => "Trying again…",
        Some(_) => "Try now",
        None => "Try again",
    };
    // At least one: that it is over is found at a tick.
    let countdown = move || format!("Trying again in {} s", seconds_left.get().unwrap_or(1).max(1));
    let technical = failure.technical.clone();
    let technical = technical.map(|line| view! { <p class="failure-technical">{line}</p> });
    let button = failure.is_passing().then(|| {
        view! {
            <button
                class="button"
                type="button"
                aria-disabled=move || is_retrying.get().then_some("true")
                on:click=move |_| on_retry.run(())
                prop:textContent=label
            ></button>
        }
    });
    view! {
        <div class="failure" role="alert">
            <p class="failure-title">{failure.title}</p>
            <p>{failure.detail}</p>
            {technical}
            // A screen reader is not told each second.
            <Show when=move || seconds_left.read().is_some()>
                <p class="countdown" role="timer" aria-live="off" prop:textContent=countdown></p>
            </Show>
            {button}
        </div>
    }
}
