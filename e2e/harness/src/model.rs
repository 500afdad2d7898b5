//! Random clients under random faults, and a checker of everything that they were told.
//!
//! One seed gives each client its calls, each request between functions and table its fault, and the moments
//! at which processes are killed. What really happens side by side is up to the machine, so a seed replays
//! its schedule and its faults, not every interleaving.

mod checker;
mod clients;
mod history;

pub use checker::check;
pub use clients::{Setting, run};
pub use history::{Call, History, What};
