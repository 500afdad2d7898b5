use leptos::prelude::*;

use crate::components::PageHeading;
use crate::routes;

/// `/…` where nothing is.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <PageHeading text="Page not found".to_owned() />
        <p class="lead">"There is no page at this address."</p>
        <a class="button" href=routes::AGENDA>
            "Go to the agenda"
        </a>
    }
}
