//! Runs a synthesized stack on this machine: the gateway, the functions, the table and the web site
//! of its template.
//!
//! [`server`] receives a request and passes it to [`gateway`]. The gateway responds itself, or has
//! [`lambda`] invoke the route's function in a process; the function uses the DynamoDB engine of
//! [`table`]. [`website`] serves pages. [`stack`] reads the configuration of all of them from the
//! [`template`] of an [`assembly`].

pub mod assembly;
pub mod gateway;
pub mod lambda;
mod log;
pub mod record;
mod run;
pub mod server;
pub mod stack;
pub mod table;
pub mod template;
pub mod website;

pub use run::{Addresses, Control, Options, Run, run};
