//! The local run as those see it who start it: its command line, its processes, its data.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod durability;
mod faults;
mod fuzz;
mod gateway;
mod runner;
