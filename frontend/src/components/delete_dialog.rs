use std::sync::Arc;

use domain::Event;
use leptos::html::Dialog;
use leptos::prelude::*;

use super::FailureNotice;
use crate::api::Failure;
use crate::locale;

/// The event that is about to be deleted, and how far that is.
#[derive(Clone)]
pub struct Doomed {
    pub event: Arc<Event>,
    pub deleting: bool,
    pub failure: Option<Failure>,
}

/// Asks before an event is deleted, and names it. Open while there is one; the browser keeps the keyboard inside
/// and gives it back.
#[component]
pub fn DeleteDialog(
    doomed: RwSignal<Option<Doomed>>,
    on_confirm: Callback<()>,
    on_close: Callback<()>,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (doomed.read().is_some(), dialog.open()) {
            // It fails when the dialog is open already.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let keep_open_while_deleting = move |cancel: leptos::ev::Event| {
        if doomed.read_untracked().as_ref().is_some_and(|doomed| doomed.deleting) {
            cancel.prevent_default();
        }
    };
    let content = move |doomed: Doomed| {
        let content = &doomed.event.content;
        let date = content.when.map(|when| format!("{}. ", locale::day(when.date)));
        let failure = doomed.failure.map(|failure| {
            view! { <FailureNotice failure on_retry=on_confirm retrying=doomed.deleting /> }
        });
        let busy = doomed.deleting.then_some("true");
        view! {
            <h2 id="delete-title" dir="auto">
                {format!("Delete “{}”?", content.name)}
            </h2>
            <p id="delete-text">
                <span lang=locale::language()>{date}</span>
                "It will be gone for everybody, for good."
            </p>
            {failure}
            <div class="actions">
                <button
                    class="button"
                    type="button"
                    autofocus
                    aria-disabled=busy
                    on:click=move |_| on_close.run(())
                >
                    "Keep it"
                </button>
                <button
                    class="button danger"
                    type="button"
                    aria-disabled=busy
                    on:click=move |_| on_confirm.run(())
                >
                    {if doomed.deleting { "Deleting…" } else { "Delete event" }}
                </button>
            </div>
        }
    };
    view! {
        <dialog
            node_ref=dialog
            aria-labelledby="delete-title"
            aria-describedby="delete-text"
            on:cancel=keep_open_while_deleting
            on:close=move |_| on_close.run(())
        >
            {move || doomed.get().map(content)}
        </dialog>
    }
}
