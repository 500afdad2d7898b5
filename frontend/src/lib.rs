//! The web app: lists events by date, creates, shows and deletes them. Client-side rendered.
//!
//! | module | what is there |
//! |---|---|
//! | [`app`] | what stands on every page, and which page is at which route |
//! | [`routes`] | every path of the app; nothing else knows a path |
//! | [`api`] | every call of the API, and the decoder of its responses; nothing else knows a URL |
//! | [`pages`] | own data: they call the API and hold what came back |
//! | [`components`] | show values that they are given; they call nothing |
//! | [`clock`], [`listings`], [`navigation`], [`session`] | what all pages share, in the context |
//! | [`sign_in`] | who is signed in; in the context, too |
//! | [`agenda`], [`calendar`], [`changes`], [`creation`], [`draft`] | logic, tested natively |
//! | [`filter`], [`fold`], [`foreign`], [`json`], [`link`], [`listing`] | logic, tested natively |
//! | [`retry`], [`saved`], [`search`], [`span`], [`way_back`], [`window`] | logic, tested natively |
//! | [`drafts`], [`kept_list`] | what the browser keeps from one visit to the next |
//! | [`locale`], [`browser`] | the reader's language and the browser's objects, as functions |
//! | [`effect`] | effects whose code is compiled once |

// `move || name()` in a view says that this part is drawn again. A component owns what it is given.
#![allow(clippy::redundant_closure, clippy::needless_pass_by_value)]

pub mod agenda;
pub mod api;
pub mod app;
pub mod browser;
pub mod calendar;
pub mod changes;
pub mod clock;
pub mod components;
pub mod creation;
pub mod draft;
pub mod drafts;
pub mod effect;
pub mod filter;
pub mod fold;
pub mod foreign;
pub mod json;
pub mod kept_list;
pub mod link;
pub mod listing;
pub mod listings;
pub mod locale;
pub mod navigation;
pub mod pages;
pub mod retry;
pub mod routes;
pub mod saved;
pub mod search;
pub mod session;
pub mod sign_in;
pub mod span;
pub mod way_back;
pub mod window;

/// The app's own name, from `.cargo/config.toml`.
pub const APP_NAME: &str = env!("APP_NAME");

/// Puts the app in the place of the static shell that `index.html` shows until now.
pub fn start() {
    if browser::is_too_old() {
        return;
    }
    browser::report_panics();
    leptos::mount::mount_to_body(app::App);
    browser::remove("shell");
}
