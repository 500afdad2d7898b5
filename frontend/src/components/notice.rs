use leptos::prelude::*;

/// Says what just happened, if anything: to the eye, and by the live region to a screen reader.
#[component]
pub fn Notice(text: Memo<String>) -> impl IntoView {
    let has_text = Memo::new(move |_| !text.read().is_empty());
    let line = move || view! { <p prop:textContent=move || text.get()></p> }.into_any();
    view! {
        <div class="notice" role="status">
            {move || has_text.get().then(line)}
        </div>
    }
}
