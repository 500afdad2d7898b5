//! The web app: lists events by date, creates, shows and deletes them. Client-side rendered.
//!
//! | module | what is there |
//! |---|---|
//! | [`routes`] | every path of the app; nothing else knows a path |
//! | [`api`] | every call of the API, and the decoder of its responses; nothing else knows a URL |
//! | [`pages`] | own data: they call the API and hold what came back |
//! | [`components`] | show values that they are given; they call nothing |
//! | [`dom`] | how an element is made, and follows signals |
//! | [`agenda`], [`calendar`], [`changes`], [`creation`], [`draft`] | logic, tested natively |
//! | [`filter`], [`link`], [`listing`], [`retry`], [`saved`], [`span`] | logic, tested natively |
//! | [`navigation`] | which page is open: the history, and clicks on links |
//! | [`session`] | what the tab remembers from one page to the next |
//! | [`locale`], [`browser`] | the reader's language and the browser's objects, as functions |

pub mod agenda;
pub mod api;
mod app;
pub mod browser;
pub mod calendar;
pub mod changes;
pub mod components;
pub mod creation;
pub mod dom;
pub mod draft;
pub mod filter;
pub mod link;
pub mod listing;
pub mod locale;
pub mod navigation;
pub mod pages;
pub mod retry;
pub mod routes;
pub mod saved;
pub mod session;
pub mod span;

/// The app's own name, from `.cargo/config.toml`.
pub const APP_NAME: &str = env!("APP_NAME");

/// Puts the app in the place of the static shell that `index.html` shows until now.
pub fn start() {
    browser::report_panics();
    leptos::mount::mount_to_body(|| dom::show_in_body(app::app()));
    browser::remove("shell");
}
