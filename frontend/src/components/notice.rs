use leptos::prelude::*;

/// Says what just happened: to the eye, and by the live region to a screen reader.
#[component]
pub fn Notice(text: Signal<Option<String>>) -> impl IntoView {
    view! {
        <div class="notice" role="status">
            <Show when=move || text.read().is_some()>
                <p dir="auto" prop:textContent=move || text.get().unwrap_or_default()></p>
            </Show>
        </div>
    }
}
