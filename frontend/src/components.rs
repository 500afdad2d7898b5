//! Parts of pages: they show values that they are given, and tell their page what a person did. No
//! component calls the API, keeps anything or waits.
//!
//! Browsers translate pages by putting other nodes in the place of text nodes. So a text that
//! changes is the `textContent` of its own element (`prop:textContent`); a part that comes and goes
//! has an element around it; and one that is shown for another value is made anew ([`Part`]).

mod account_bar;
mod add_to_calendar;
mod agenda_filters;
mod agenda_list;
mod agenda_tabs;
mod back_link;
mod copy_link;
mod day_events;
mod delete_dialog;
mod dialog;
mod empty_agenda;
mod event_details;
mod event_row;
mod failure_notice;
mod field_control;
mod keyed;
mod month_grid;
mod more_button;
mod notice;
mod page_heading;
mod part;
mod site_header;
mod skeleton;
mod subscribe;
mod theme_switch;

pub use account_bar::AccountBar;
pub use add_to_calendar::AddToCalendar;
pub use agenda_filters::{AgendaFilters, DayEntries, FILTER};
pub use agenda_list::{AgendaList, DRAWN, Rows};
pub use agenda_tabs::AgendaTabs;
pub use back_link::BackLink;
pub use copy_link::{CopyLink, CopyTexts, LINK_FIELD};
pub use day_events::{DayEvents, OPEN_DAY};
pub use delete_dialog::DeleteDialog;
pub use dialog::Dialog;
pub use empty_agenda::{EmptyAgenda, NoMatch};
pub use event_details::EventDetails;
pub use event_row::{EVENT, EventName, EventRow, PendingRow, link_id};
pub use failure_notice::FailureNotice;
pub use field_control::FieldControl;
pub use month_grid::{MonthGrid, day_id};
pub use more_button::{MORE, MoreButton};
pub use notice::Notice;
pub use page_heading::{HEADING, PageHeading};
pub use part::Part;
pub use site_header::{SiteHeader, SkipLink};
pub use skeleton::{AgendaSkeleton, EventSkeleton};
pub use subscribe::{NoFeed, Subscribe, SubscribeToFeed};
pub use theme_switch::ThemeSwitch;
