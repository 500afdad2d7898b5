use leptos::task::spawn_local;

use crate::browser;
use crate::dom::{Parent, View, el, view};

/// The id and the class of the field that shows the link.
const FIELD: &str = "link-to-copy";

/// Puts the page's URL on the clipboard. Where the browser allows no clipboard, the reader copies
/// it from a field.
pub fn copy_link(address: String) -> View {
    let field = el("input")
        .attr("id", FIELD)
        .class(FIELD)
        .attr("readonly", "")
        .attr("aria-label", "Link to this event")
        .attr("hidden", "")
        .attr("value", &address);
    let status = el("span").class("copied").attr("role", "status");
    let copy = {
        let (field, status) = (field.clone(), status.clone());
        move |_| {
            let (field, status, address) = (field.clone(), status.clone(), address.clone());
            spawn_local(async move {
                let is_copied = browser::copy(&address).await;
                field.set("hidden", is_copied.then_some(""));
                status.set_text(if is_copied {
                    "Link copied"
                } else {
                    "Copy the link from the field"
                });
                if !is_copied {
                    browser::select_soon(FIELD);
                }
            });
        }
    };
    let button = el("button").class("button").attr("type", "button").on("click", copy);
    view().child(field).child(button.child("Copy link")).child(status)
}
