//! Putting a text on the clipboard.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;
use crate::components::{CopyLink, CopyTexts, LINK_FIELD};

#[component]
pub fn Copying(
    address: String,
    texts: &'static CopyTexts,
    /// The field is there before anybody copies.
    #[prop(optional)]
    shows_field: bool,
) -> impl IntoView {
    let status = RwSignal::new(String::new());
    let is_field_shown = RwSignal::new(shows_field);
    let copied = address.clone();
    let on_copy = Callback::new(move |()| {
        let address = copied.clone();
        spawn_local(async move {
            let is_copied = browser::copy(&address).await;
            let text = if is_copied { texts.copied } else { texts.failed };
            status.try_set(text.to_owned());
            if !is_copied {
                is_field_shown.try_set(true);
                browser::select_soon(LINK_FIELD);
            }
        });
    });
    view! {
        <CopyLink
            address
            texts
            status=Memo::new(move |_| status.get())
            is_field_shown=Memo::new(move |_| is_field_shown.get())
            on_copy
        />
    }
}
