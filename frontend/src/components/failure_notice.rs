use leptos::prelude::*;

use crate::api::Failure;

/// What went wrong, and a way on where there is one.
#[component]
pub fn FailureNotice(
    failure: Failure,
    /// Is offered when the same call may succeed later.
    on_retry: Callback<()>,
    retrying: bool,
) -> impl IntoView {
    let retry = failure.is_passing().then(|| {
        view! {
            <button
                class="button"
                type="button"
                aria-disabled=retrying.then_some("true")
                on:click=move |_| on_retry.run(())
            >
                {if retrying { "Trying again…" } else { "Try again" }}
            </button>
        }
    });
    view! {
        <div class="failure" role="alert">
            <p class="failure-title">{failure.title}</p>
            <p>{failure.detail}</p>
            {failure.technical.map(|line| view! { <p class="failure-technical">{line}</p> })}
            {retry}
        </div>
    }
}
