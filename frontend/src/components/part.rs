use std::sync::atomic::{AtomicU32, Ordering};

use leptos::children::ViewFn;
use leptos::prelude::*;

/// A part of the page that is made anew whenever what `view` reads has changed. Leptos would give
/// the same nodes other texts, and a translator may have put its own in their place; a control
/// would keep what stands in it.
#[component]
pub fn Part(#[prop(into)] view: ViewFn) -> impl IntoView {
    let count = AtomicU32::new(0);
    let each = move || [(count.fetch_add(1, Ordering::Relaxed), view.run())];
    view! { <For each key=|(number, _)| *number children=|(_, view)| view/> }
}
