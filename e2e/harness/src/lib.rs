//! Fault injection for tests, the model checker and the load check.
//!
//! - [`client`]: a client of the API, one method a route
//! - [`corpus`]: random changes of known inputs
//! - [`load`]: sends twice as many requests as the machine can serve
//! - [`model`]: random clients under faults, and a check of every response
//! - [`proxy`]: injects faults between two ends of a connection
//! - [`runner`]: a run of the stack that can be killed and restarted on its data

pub mod client;
pub mod corpus;
pub mod load;
pub mod model;
pub mod proxy;
pub mod runner;
