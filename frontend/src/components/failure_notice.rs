use leptos::prelude::*;

use crate::api::{Failure, Kind};

/// What went wrong. The button is there when the same call may succeed.
#[component]
pub fn FailureNotice(
    failure: Failure,
    /// The call is being made again.
    is_retrying: Memo<bool>,
    /// In how many seconds it is made again without being asked; "" when it is not.
    countdown: Memo<String>,
    on_retry: Callback<()>,
) -> impl IntoView {
    let has_countdown = Memo::new(move |_| !countdown.read().is_empty());
    let is_signed_out = failure.kind == Kind::SignedOut;
    let technical = failure.technical.clone();
    let technical = technical.map(|line| view! { <p class="failure-technical">{line}</p> });
    let button = failure.is_passing().then(|| {
        view! {
            <button
                class="button"
                type="button"
                aria-disabled=move || is_retrying.get().then_some("true")
                on:click=move |_| on_retry.run(())
                prop:textContent=move || {
                    match has_countdown.get() {
                        _ if is_retrying.get() => "Trying again…",
                        _ if is_signed_out => "Sign in",
                        true => "Try now",
                        false => "Try again",
                    }
                }
            ></button>
        }
    });
    let text = move || format!("Trying again in {} s", countdown.get());
    let line = move || {
        view! {
            <p
                class="countdown"
                role="timer"
                aria-live="off"
                prop:textContent=move || text()
            ></p>
        }
        .into_any()
    };
    view! {
        <div class="failure" role="alert">
            <p class="failure-title">{failure.title}</p>
            <p>{failure.detail}</p>
            {technical}
            // A screen reader is not told each second.
            {move || has_countdown.get().then(line)}
            {button}
        </div>
    }
}
