//! The event and its parts, as types that cannot hold an invalid value.
//!
//! The Lambdas and the page share this crate, so a form and the API say the same of the same input. It
//! does no I/O, reads no clock, makes no randomness, and knows neither AWS nor Leptos nor HTTP.
//!
//! | module | what is there |
//! |---|---|
//! | [`limits`] | every length and size that the contract names |
//! | [`parts`] | [`Name`], [`Date`], [`Time`], [`When`], [`Location`], [`Description`], [`Timestamp`], [`EventId`] |
//! | [`event`] | [`Event`], [`EventContent`] and their JSON |
//! | [`ics`] | calendar text: `.ics` files (RFC 5545), and links to web calendars |
//! | [`input`] | [`parse_new_event`]: a request body, read strictly |
//! | [`problem`] | [`Problem`]: the RFC 9457 error body |

pub mod event;
pub mod ics;
pub mod input;
pub mod limits;
pub mod parts;
pub mod problem;

pub use event::{Event, EventContent};
pub use input::parse_new_event;
pub use parts::{Date, Description, EventId, Location, Name, Refused, Time, Timestamp, When};
pub use problem::{Problem, ProblemEntry, Target};
