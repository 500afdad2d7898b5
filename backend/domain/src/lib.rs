//! The event and its parts, as types that cannot hold an invalid value.
//!
//! The Lambdas and the page share this crate, so the form and the API apply the same rules. It does
//! no I/O, reads no clock, makes no randomness, and depends on neither AWS nor Leptos nor HTTP.
//!
//! | module | what is there |
//! |---|---|
//! | [`limits`] | every length and size of the contract |
//! | [`parts`] | the parts of an event, from [`Name`] to [`EventId`], made only by parsing |
//! | [`event`] | [`Event`], [`EventContent`] and their JSON |
//! | [`sort_key`] | [`SortKey`]: the order of the list |
//! | [`ics`] | calendar text (RFC 5545): `.ics` files, feeds, and links to web calendars |
//! | [`input`] | [`parse_new_event`]: the strict parser of a request body |
//! | [`problem`] | [`Problem`]: the RFC 9457 error body |

pub mod event;
pub mod ics;
pub mod input;
pub mod limits;
pub mod parts;
pub mod problem;
pub mod sort_key;

pub use event::{Event, EventContent};
pub use input::parse_new_event;
pub use parts::{
    Date, Description, EventId, InvalidValue, InvalidWhen, Location, Name, Time, Timestamp, When,
};
pub use problem::{Problem, ProblemEntry, Target};
pub use sort_key::SortKey;
