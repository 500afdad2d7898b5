//! What the event's parts accept and refuse.

mod event;
mod input;
mod parts;
mod strategies;
