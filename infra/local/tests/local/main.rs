//! The local run as those see it who start it: its command line, its processes, its data.

mod durability;
mod faults;
mod runner;
