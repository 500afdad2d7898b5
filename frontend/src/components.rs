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

pub use add_to_calendar::AddToCalendar;
pub use agenda_filters::AgendaFilters;
pub use agenda_list::{AgendaList, link_id};
pub use agenda_tabs::AgendaTabs;
pub use back_link::BackLink;
pub use copy_link::CopyLink;
pub use day_events::{DayEvents, OPEN_DAY};
pub use delete_dialog::{DeleteDialog, Doomed};
pub use empty_agenda::EmptyAgenda;
pub use event_details::EventDetails;
pub use failure_notice::FailureNotice;
pub use field_control::{FieldControl, read_draft};
pub use month_grid::{MonthGrid, day_id};
pub use page_heading::{HEADING, PageHeading};
pub use skeleton::{AgendaSkeleton, EventSkeleton};
pub use theme_switch::ThemeSwitch;
