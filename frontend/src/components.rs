//! Parts of pages: they show values that they are given, and tell their page what a person did.

mod add_to_calendar;
mod agenda_filters;
mod agenda_list;
mod agenda_tabs;
mod back_link;
mod copy_link;
mod day_events;
mod delete_dialog;
mod empty_agenda;
mod event_details;
mod failure_notice;
mod field_control;
mod month_grid;
mod page_heading;
mod skeleton;
mod theme_switch;

pub use add_to_calendar::add_to_calendar;
pub use agenda_filters::{Days, agenda_filters};
pub use agenda_list::{agenda_list, event_name, link_id};
pub use agenda_tabs::agenda_tabs;
pub use back_link::back_link;
pub use copy_link::copy_link;
pub use day_events::{OPEN_DAY, day_events};
pub use delete_dialog::{PendingDeletion, delete_dialog};
pub use empty_agenda::empty_agenda;
pub use event_details::event_details;
pub use failure_notice::{FailedCall, failure_notice};
pub use field_control::{field_control, read_draft};
pub use month_grid::{Grid, day_id, month_grid};
pub use page_heading::{HEADING, page_heading};
pub use skeleton::{agenda_skeleton, event_skeleton};
pub use theme_switch::theme_switch;
