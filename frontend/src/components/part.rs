use std::sync::atomic::{AtomicU32, Ordering};

use leptos::children::ViewFn;
use leptos::prelude::*;

use super::keyed::{Item, Keyed};

/// A part of the page that is made anew whenever what `view` reads has changed. Leptos would give
/// the same nodes other texts, and a translator may have put its own in their place; a control
/// would keep what stands in it.
#[component]
pub fn Part(#[prop(into)] view: ViewFn) -> impl IntoView {
    let count = AtomicU32::new(0);
    let items = move |()| {
        let view = view.run();
        vec![Item::new(count.fetch_add(1, Ordering::Relaxed), move || view)]
    };
    view! { <Keyed items/> }
}
