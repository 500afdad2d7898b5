use std::sync::Arc;

use domain::Event;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;

use super::{FailedCall, failure_notice};
use crate::api::Failure;
use crate::dom::{self, El, Parent, el, view};
use crate::locale;

/// The event that is about to be deleted, and the state of its deletion.
#[derive(Clone)]
pub struct PendingDeletion {
    pub event: Arc<Event>,
    pub deleting: bool,
    pub failure: Option<Failure>,
}

/// Asks before an event is deleted, and names it. Open while an event is pending. The browser keeps
/// the focus inside, and gives it back.
pub fn delete_dialog(
    pending: RwSignal<Option<PendingDeletion>>,
    on_confirm: Callback<()>,
    on_close: Callback<()>,
) -> El {
    let is_deleting = move || pending.read().as_ref().is_some_and(|pending| pending.deleting);
    let contents = move |event: Arc<Event>| {
        let content = &event.content;
        let date = content.when.map(|when| locale::day(when.date) + ". ");
        let date = el("span").attr("lang", &locale::language()).child(date.as_deref());
        let failed = move || {
            let pending = pending.get()?;
            Some(FailedCall { failure: pending.failure?, retrying: pending.deleting })
        };
        let button = |class: &str| {
            let button = el("button").class(class).attr("type", "button");
            button.attr_of("aria-disabled", move || is_deleting().then_some("true"))
        };
        let keep = button("button").attr("autofocus", "").child("Keep it");
        let delete = button("button danger")
            .text_of(move || if is_deleting() { "Deleting…" } else { "Delete event" });
        let actions = el("div")
            .class("actions")
            .child(keep.on("click", move |_| on_close.run(())))
            .child(delete.on("click", move |_| on_confirm.run(())));
        let title = ["Delete “", content.name.as_str(), "”?"].concat();
        view()
            .child(el("h2").attr("id", "delete-title").attr("dir", "auto").child(&*title))
            .child(
                el("p")
                    .attr("id", "delete-text")
                    .child(date)
                    .child("It will be deleted for everyone. This cannot be undone."),
            )
            .child(failure_notice(failed, on_confirm))
            .child(actions)
    };
    let dialog = el("dialog")
        .attr("aria-labelledby", "delete-title")
        .attr("aria-describedby", "delete-text")
        .on("cancel", move |cancel| {
            if untrack(is_deleting) {
                cancel.prevent_default();
            }
        })
        .on("close", move |_| on_close.run(()))
        .part(
            move || Some(Arc::clone(&pending.read().as_ref()?.event)),
            move |event| event.map(contents),
        );
    let element: HtmlDialogElement = dialog.element().clone().unchecked_into();
    dom::on_change(
        move || pending.read().is_some(),
        move |is_wanted| match (is_wanted, element.open()) {
            // It fails when the dialog is open already.
            (true, false) => drop(element.show_modal()),
            (false, true) => element.close(),
            _ => {}
        },
    );
    dialog
}
