use leptos::prelude::*;

/// The id and the class of the field that shows the link.
pub const LINK_FIELD: &str = "link-to-copy";

/// What is said of an address.
#[derive(Debug)]
pub struct CopyTexts {
    /// What it is.
    pub label: &'static str,
    pub action: &'static str,
    pub copied: &'static str,
    /// There is no clipboard.
    pub failed: &'static str,
}

/// Puts an address on the clipboard. Where the browser allows no clipboard, the reader copies it
/// from a field.
#[component]
pub fn CopyLink(
    address: String,
    texts: &'static CopyTexts,
    /// What came of the last press.
    status: Memo<String>,
    is_field_shown: Memo<bool>,
    on_copy: Callback<()>,
) -> impl IntoView {
    view! {
        <input
            id=LINK_FIELD
            class=LINK_FIELD
            readonly
            aria-label=texts.label
            hidden=move || !is_field_shown.get()
            value=address
        />
        <button class="button" type="button" on:click=move |_| on_copy.run(())>
            {texts.action}
        </button>
        <span class="copied" role="status" prop:textContent=move || status.get()></span>
    }
}
