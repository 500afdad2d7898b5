use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;

/// Of the field that shows the link.
const FIELD: &str = "link-to-copy";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Copied {
    NotYet,
    Yes,
    /// The browser has no clipboard for us: the reader copies it.
    ByHand,
}

/// Puts the address of the page on the clipboard, to share it.
#[component]
pub fn CopyLink(address: String) -> impl IntoView {
    let copied = RwSignal::new(Copied::NotYet);
    let link = address.clone();
    let copy = move |_| {
        let link = link.clone();
        spawn_local(async move {
            let done = browser::copy(&link).await;
            // The reader may have left the page, and its signals with it.
            copied.try_set(if done { Copied::Yes } else { Copied::ByHand });
            if !done {
                browser::select_soon(FIELD);
            }
        });
    };
    view! {
        <input
            id=FIELD
            class="link-to-copy"
            readonly
            aria-label="Link to this event"
            hidden=move || copied.get() != Copied::ByHand
            value=address
        />
        <button class="button" type="button" on:click=copy>
            "Copy link"
        </button>
        <span class="copied" role="status">
            {move || match copied.get() {
                Copied::NotYet => "",
                Copied::Yes => "Link copied",
                Copied::ByHand => "Copy it from the field",
            }}
        </span>
    }
}
