use std::sync::Arc;

use domain::Event;
use leptos::html::Dialog;
use leptos::prelude::*;

use super::FailureNotice;
use crate::api::Failure;
use crate::locale;

/// Asks before an event is deleted, and names it. Open while `event` is there; the browser keeps the
/// keyboard inside and gives it back.
#[component]
pub fn DeleteDialog(
    #[prop(into)] event: Signal<Option<Arc<Event>>>,
    #[prop(into)] deleting: Signal<bool>,
    #[prop(into)] failure: Signal<Option<Failure>>,
    on_confirm: Callback<()>,
    on_close: Callback<()>,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match (event.read().is_some(), dialog.open()) {
            // It fails when the dialog is open already.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let keep_open_while_deleting = move |cancel: leptos::ev::Event| {
        if deleting.get_untracked() {
            cancel.prevent_default();
        }
    };
    let confirm = move |()| {
        if !deleting.get_untracked() {
            on_confirm.run(());
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
            {move || {
                event
                    .get()
                    .map(|event| {
                        view! {
                            <h2 id="delete-title" dir="auto">
                                {format!("Delete “{}”?", event.content.name)}
                            </h2>
                            <p id="delete-text">
                                {event
                                    .content
                                    .when
                                    .map(|when| {
                                        view! {
                                            <span lang=locale::language()>{locale::day(when.date)}</span>
                                            ". "
                                        }
                                    })} "It will be gone for everybody, for good."
                            </p>
                            {move || {
                                failure
                                    .get()
                                    .map(|failure| {
                                        view! {
                                            <FailureNotice
                                                failure
                                                on_retry=Callback::new(confirm)
                                                retrying=deleting
                                            />
                                        }
                                    })
                            }}
                            <div class="actions">
                                <button
                                    class="button"
                                    type="button"
                                    autofocus
                                    aria-disabled=move || deleting.get().then_some("true")
                                    on:click=move |_| {
                                        if !deleting.get_untracked() {
                                            on_close.run(());
                                        }
                                    }
                                >
                                    "Keep it"
                                </button>
                                <button
                                    class="button danger"
                                    type="button"
                                    aria-disabled=move || deleting.get().then_some("true")
                                    on:click=move |_| confirm(())
                                >
                                    {move || if deleting.get() { "Deleting…" } else { "Delete event" }}
                                </button>
                            </div>
                        }
                    })
            }}
        </dialog>
    }
}
