use std::sync::Arc;

use domain::Event;
use leptos::prelude::*;

use super::Dialog;
use crate::api::Failure;
use crate::locale;

/// The event that is about to be deleted, and the state of its deletion.
#[derive(Clone, PartialEq)]
pub struct PendingDeletion {
    pub event: Arc<Event>,
    pub deleting: bool,
    pub failure: Option<Failure>,
}

/// Asks before an event is deleted, and names it. Open while an event is pending. `failure` is
/// shown above the buttons.
#[component]
pub fn DeleteDialog(
    pending: Signal<Option<PendingDeletion>>,
    on_confirm: Callback<()>,
    on_close: Callback<()>,
    children: ChildrenFn,
) -> impl IntoView {
    let event = Memo::new(move |_| Some(Arc::clone(&pending.read().as_ref()?.event)));
    let is_deleting =
        Signal::derive(move || pending.read().as_ref().is_some_and(|pending| pending.deleting));
    let question =
        move || {
            let event = event.get()?;
            let children = ChildrenFn::clone(&children);
            Some(view! {
            <DeleteQuestion event is_deleting on_confirm on_close>{children()}</DeleteQuestion>
        }
        .into_any())
        };
    view! {
        <Dialog
            open=Signal::derive(move || event.read().is_some())
            on_close
            labelled_by="delete-title"
            described_by="delete-text"
        >
            {move || question()}
        </Dialog>
    }
}

#[component]
fn DeleteQuestion(
    event: Arc<Event>,
    is_deleting: Signal<bool>,
    on_confirm: Callback<()>,
    on_close: Callback<()>,
    children: Children,
) -> impl IntoView {
    let content = &event.content;
    let date = content.when.map(|when| {
        view! { <span lang=locale::language()>{locale::day(when.date)}". "</span> }
    });
    let disabled = move || is_deleting.get().then_some("true");
    let label = move || if is_deleting.get() { "Deleting…" } else { "Delete event" };
    view! {
        <div>
            <h2 id="delete-title">"Delete “"<bdi>{content.name.to_string()}</bdi>"”?"</h2>
            <p id="delete-text">
                {date}"It will be deleted for everyone. This cannot be undone."
            </p>
            {children()}
            <div class="actions">
                <button
                    class="button"
                    type="button"
                    autofocus
                    aria-disabled=move || disabled()
                    on:click=move |_| {
                        if !is_deleting.get_untracked() {
                            on_close.run(());
                        }
                    }
                >
                    "Keep it"
                </button>
                <button
                    class="button danger"
                    type="button"
                    aria-disabled=move || disabled()
                    on:click=move |_| on_confirm.run(())
                    prop:textContent=move || label()
                ></button>
            </div>
        </div>
    }
}
