//! What tests use to break the system on purpose, and the checker of what must hold all the same.
//!
//! - [`proxy`] stands between the functions and the table, and between a caller and the gateway
//! - [`runner`] is a run of the stack that can be killed and comes back with its data
//! - [`client`] is the API as its callers see it: one method a route
//! - [`load`] asks for twice as much as there is
//! - [`corpus`] changes known inputs at random
//! - [`model`] has random clients use the API under faults and checks every answer afterwards

pub mod client;
pub mod corpus;
pub mod load;
pub mod model;
pub mod proxy;
pub mod runner;
