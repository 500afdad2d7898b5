//! Tests of the program: its command line, its processes, its data.

#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod durability;
mod faults;
mod fuzz;
mod gateway;
mod issuer;
mod members;
mod recorded;
mod roles;
mod runner;
mod table;
