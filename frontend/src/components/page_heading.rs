use leptos::html::H1;
use leptos::prelude::*;

use crate::browser;
use crate::session::Session;

/// The one `h1` of a page, also its title. Whoever comes from another page of the app starts reading here.
#[component]
pub fn PageHeading(#[prop(into)] text: Signal<String>) -> impl IntoView {
    let heading = NodeRef::<H1>::new();
    let takes_focus = Session::of_app().arrives_from_inside();
    Effect::new(move |_| browser::set_title(&format!("{} · Events", text.read())));
    heading.on_load(move |heading| {
        if takes_focus {
            let _ = heading.focus();
        }
    });
    view! {
        <h1 id="heading" tabindex="-1" dir="auto" node_ref=heading>
            {text}
        </h1>
    }
}
