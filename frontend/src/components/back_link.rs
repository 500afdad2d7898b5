use leptos::prelude::*;

use crate::routes::Route;

/// The way up from every other page.
#[component]
pub fn BackLink() -> impl IntoView {
    view! { <a class="back" href=Route::Agenda.to_string()>"Agenda"</a> }
}
