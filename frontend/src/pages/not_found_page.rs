use leptos::prelude::*;

use super::open_page;
use crate::components::PageHeading;
use crate::routes::Route;

/// Where no page is.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    let title = Memo::new(|_| "Page not found".to_owned());
    open_page(title);
    view! {
        <PageHeading text=title/>
        <p class="lead">"There is no page at this address."</p>
        <a class="button" href=Route::Agenda.to_string()>"Go to the agenda"</a>
    }
}
