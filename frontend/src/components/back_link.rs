use crate::dom::{El, Parent, el};
use crate::routes::Route;

/// The way up from every other page.
pub fn back_link() -> El {
    el("a").class("back").attr("href", &Route::Agenda.to_string()).child("Agenda")
}
