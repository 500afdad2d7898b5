//! Parts of pages: they show values that they are given, and tell their page what a person did.

mod agenda_list;
mod back_link;
mod delete_dialog;
mod event_details;
mod failure_notice;
mod field_control;
mod page_heading;
mod skeleton;

pub use agenda_list::{AgendaList, link_id};
pub use back_link::BackLink;
pub use delete_dialog::{DeleteDialog, Doomed};
pub use event_details::EventDetails;
pub use failure_notice::FailureNotice;
pub use field_control::{FieldControl, read_draft};
pub use page_heading::{HEADING, PageHeading};
pub use skeleton::{AgendaSkeleton, EventSkeleton};
