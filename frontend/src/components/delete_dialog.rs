use std::sync::Arc;

use domain::Event;
use leptos::prelude::*;

use super::{Dialog, Part};
use crate::foreign::isolated;
use crate::locale;

/// Asks before an event is deleted, and names it. Open while there is one. `children` say why it was
/// not deleted.
#[component]
pub fn DeleteDialog(
    event: Memo<Option<Arc<Event>>>,
    is_deleting: Memo<bool>,
    needs_sign_in: Memo<bool>,
    on_confirm: Callback<()>,
    on_close: Callback<()>,
    children: ChildrenFn,
) -> impl IntoView {
    let question = move || {
        let event = event.get()?;
        let children = ChildrenFn::clone(&children);
        Some(
            view! {
                <DeleteQuestion event is_deleting needs_sign_in on_confirm on_close>
                    {children()}
                </DeleteQuestion>
            }
            .into_any(),
        )
    };
    view! {
        <Dialog
            open=Memo::new(move |_| event.read().is_some())
            on_close
            labelled_by="delete-title"
            described_by="delete-text"
        >
            <Part view=question/>
        </Dialog>
    }
}

#[component]
fn DeleteQuestion(
    event: Arc<Event>,
    is_deleting: Memo<bool>,
    needs_sign_in: Memo<bool>,
    on_confirm: Callback<()>,
    on_close: Callback<()>,
    children: Children,
) -> impl IntoView {
    let content = &event.content;
    let date = content.when.map(|when| {
        view! { <span lang=locale::language()>{locale::day(when.date)}". "</span> }
    });
    let title = format!("Delete “{}”?", isolated(content.name.as_str()));
    let disabled = move || is_deleting.get().then_some("true");
    let label = move || match () {
        () if is_deleting.get() => "Deleting…",
        () if needs_sign_in.get() => "Sign in and delete event",
        () => "Delete event",
    };
    view! {
        <div>
            <h2 id="delete-title">{title}</h2>
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
