use leptos::prelude::*;

use crate::browser;
use crate::session::Session;

/// The id of every page's heading.
pub const HEADING: &str = "heading";

/// The one `h1` of a page, also its title. Whoever comes from another page of the app starts reading here.
#[component]
pub fn PageHeading(
    /// It may change while the page stands: the element stays, and with it the focus.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    Effect::new(move |_| browser::set_title(&format!("{} · Events", text.read())));
    if Session::of_app().takes_arrival() {
        browser::focus_soon(HEADING.to_owned());
    }
    view! {
        <h1 id=HEADING tabindex="-1" dir="auto">
            {text}
        </h1>
    }
}
