//! The routes, as their callers see them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod article;
mod client;
mod cors;
mod create_event;
mod delete_event;
mod faults;
mod fuzz;
mod get_event;
mod list_events;
mod openapi;
mod properties;
