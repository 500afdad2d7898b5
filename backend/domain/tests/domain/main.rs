//! What the event's parts accept and refuse.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod event;
mod ics;
mod input;
mod parts;
mod strategies;
