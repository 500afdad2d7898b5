//! Which values the parts of an event accept and reject, and the order of the list.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

mod event;
mod ics;
mod input;
mod parts;
mod sort_key;
mod strategies;
