//! One page a path: each owns its data, calls the API and holds what came back.

mod agenda_page;
mod calendar_page;
mod copying;
mod creation;
mod deletion;
mod event_list;
mod event_page;
mod failed_call;
mod list_window;
mod new_event_page;
mod not_found_page;
mod signed_in_page;
mod subscription;

use leptos::prelude::*;

pub use agenda_page::AgendaPage;
pub use calendar_page::CalendarPage;
pub use event_page::EventPage;
pub use new_event_page::NewEventPage;
pub use not_found_page::NotFoundPage;
pub use signed_in_page::SignedInPage;

use crate::components::HEADING;
use crate::effect::effect;
use crate::foreign::isolated;
use crate::session::Session;
use crate::{APP_NAME, browser};

/// What every page does when it opens: the document's title follows its heading, which gets the
/// focus when the reader comes from another page of the app.
fn open_page(title: Memo<String>) {
    effect(move || {
        browser::set_title(&format!("{} · {APP_NAME}", isolated(&title.read())));
    });
    if Session::of_app().takes_arrival() {
        browser::focus_soon(HEADING.to_owned());
    }
}
