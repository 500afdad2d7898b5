use leptos::prelude::*;

use crate::api::Failure;

/// What went wrong, and a way on where there is one.
#[component]
pub fn FailureNotice(
    failure: Failure,
    /// Is offered when the same call may succeed later.
    on_retry: Callback<()>,
    #[prop(into)] retrying: Signal<bool>,
    /// More to say or to do, such as a link.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let passing = failure.is_passing();
    view! {
        <div class="failure" role="alert">
            <p class="failure-title">{failure.title}</p>
            <p>{failure.detail}</p>
            {children.map(|children| children())}
            {passing
                .then(|| {
                    view! {
                        <button
                            class="button"
                            type="button"
                            aria-disabled=move || retrying.get().then_some("true")
                            on:click=move |_| {
                                if !retrying.get_untracked() {
                                    on_retry.run(());
                                }
                            }
                        >
                            {move || if retrying.get() { "Trying again…" } else { "Try again" }}
                        </button>
                    }
                })}
        </div>
    }
}
