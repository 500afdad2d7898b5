//! The handlers: one file for each route.

mod create_event;
mod delete_event;
mod get_event;
mod list_events;

pub use create_event::create_event;
pub use delete_event::delete_event;
pub use get_event::get_event;
pub use list_events::list_events;
