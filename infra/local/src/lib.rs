//! Runs a synthesized stack on this machine: the gateway, the functions, the table and the web site are what
//! its template says, and nothing is written twice.
//!
//! A request comes in at [`server`], goes to [`gateway`], which answers it alone or has [`lambda`] hand it
//! to a process of the route's function; the function speaks with the DynamoDB engine of [`table`]. Pages
//! come from [`website`]. All of them are made from a [`stack::Stack`], which is read out of the [`template`]
//! of an [`assembly`].

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

pub use run::{Control, Options, run};
