use crate::components::page_heading;
use crate::dom::{Parent, View, el, view};
use crate::routes::Route;

/// Where no page is.
pub fn not_found() -> View {
    view()
        .child(page_heading(|| "Page not found".to_owned()))
        .child(el("p").class("lead").child("There is no page at this address."))
        .child(
            el("a")
                .class("button")
                .attr("href", &Route::Agenda.to_string())
                .child("Go to the agenda"),
        )
}
