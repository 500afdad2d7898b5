use leptos::prelude::*;

use crate::components::PageHeading;
use crate::routes::Route;

/// Where no page is.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <PageHeading text="Page not found".to_owned() />
        <p class="lead">"There is no page at this address."</p>
        <a class="button" href=Route::Agenda.to_string()>
            "Go to the agenda"
        </a>
    }
}
