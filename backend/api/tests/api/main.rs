//! Tests of the routes, from the caller's side.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod article;
mod client;
mod cors;
mod create_event;
mod delete_event;
mod faults;
mod feed;
mod fuzz;
mod get_event;
mod list_events;
mod openapi;
mod properties;
mod startup;
mod stored_items;
