//! One page a path: each owns its data, calls the API and holds what came back.

mod agenda_page;
mod calendar_page;
mod creation;
mod deletion;
mod event_page;
mod new_event_page;
mod not_found_page;

pub use agenda_page::AgendaPage;
pub use calendar_page::CalendarPage;
pub use event_page::EventPage;
pub use new_event_page::NewEventPage;
pub use not_found_page::NotFoundPage;
