use leptos::html;
use leptos::prelude::*;

use crate::effect::effect;

/// A modal dialog. The browser keeps the focus inside, and gives it back.
#[component]
pub fn Dialog(
    open: Memo<bool>,
    /// It is closed, by whatever: a button, Escape, or the browser, which asks nobody the second
    /// time that Escape is pressed.
    on_close: Callback<()>,
    labelled_by: &'static str,
    described_by: &'static str,
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    // The contents are there before the dialog opens: one of them takes the focus.
    let contents = children();
    effect(move || {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            // It fails for a dialog that is no longer in the page.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    view! {
        <dialog
            node_ref=dialog
            aria-labelledby=labelled_by
            aria-describedby=described_by
            on:close=move |_| {
                // A browser says it afterwards, when the page may be gone.
                on_close.try_run(());
            }
        >
            {contents}
        </dialog>
    }
}
