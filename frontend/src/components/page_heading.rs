use leptos::prelude::*;

/// The id of every page's heading.
pub const HEADING: &str = "heading";

/// The one `h1` of a page. When the text changes, the element stays, and with it the focus.
#[component]
pub fn PageHeading(text: Memo<String>) -> impl IntoView {
    view! { <h1 id=HEADING tabindex="-1" dir="auto" prop:textContent=move || text.get()></h1> }
}
