use leptos::html;
use leptos::prelude::*;

/// The id of the button that asks for more.
pub const MORE: &str = "more";

/// Asks for the next page of a list.
#[component]
pub fn MoreButton(
    is_loading: Memo<bool>,
    on_press: Callback<()>,
    button: NodeRef<html::Button>,
) -> impl IntoView {
    view! {
        <button
            node_ref=button
            id=MORE
            class="button more"
            type="button"
            aria-disabled=move || is_loading.get().then_some("true")
            on:click=move |_| on_press.run(())
            prop:textContent=move || {
                if is_loading.get() { "Loading…" } else { "Show more events" }
            }
        ></button>
    }
}
