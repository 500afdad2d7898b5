//! The model checker: random clients under random faults, and a check of all their responses.
//!
//! A seed determines the calls of each client, the fault of each request from a function to the
//! table, and when processes are killed. It does not determine how concurrent calls interleave.

mod checker;
mod clients;
mod history;

pub use checker::check;
pub use clients::{Setting, run};
pub use history::{Call, History, Operation};
