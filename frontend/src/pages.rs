//! One page a path: each owns its data, calls the API and holds what came back.

mod agenda_page;
mod calendar_page;
mod creation;
mod deletion;
mod event_page;
mod new_event_page;
mod not_found_page;

pub use agenda_page::agenda;
pub use calendar_page::calendar;
pub use event_page::event;
pub use new_event_page::new_event;
pub use not_found_page::not_found;
