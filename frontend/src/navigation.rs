//! Moving between pages without loading the app again: the browser's history, and clicks on links.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

use crate::browser;
use crate::routes::Route;

/// Which page is open, and the query of its address: what a page shows of all that it could.
#[derive(Clone, Copy)]
pub struct Navigation {
    visit: RwSignal<Visit>,
    query: RwSignal<String>,
    /// Whether the Back or Forward button led here: the reader was here before.
    is_return: StoredValue<bool>,
    /// Runs before the address changes, while what it shows is still there.
    leaving: StoredValue<Option<Callback<()>>>,
}

/// One opening of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Visit {
    pub route: Route,
    /// How many pages were opened before: a page may be opened anew.
    pub number: u32,
}

impl Navigation {
    /// Starts at the browser's address and follows it, and every click on a link of the app.
    pub fn start() -> Self {
        browser::leave_scrolling_to_us();
        let (path, query) = browser::path_and_query();
        let visit = Visit { route: Route::parse(&path), number: 0 };
        let navigation = Self {
            visit: RwSignal::new(visit),
            query: RwSignal::new(query),
            is_return: StoredValue::new(false),
            leaving: StoredValue::new(None),
        };
        window_event_listener(ev::popstate, move |_| {
            let (path, query) = browser::path_and_query();
            if navigation.follow(&path, query, true) {
                browser::scroll_to(0.0);
            }
        });
        window_event_listener(ev::click, move |click| {
            if let Some(path) = path_to_follow(&click) {
                click.prevent_default();
                navigation.push(&path);
            }
        });
        navigation
    }

    /// The navigation of the app that a component is in.
    pub fn of_app() -> Self {
        expect_context()
    }

    pub fn route(self) -> Route {
        self.visit.get().route
    }

    pub fn visit(self) -> Visit {
        self.visit.get()
    }

    /// The query of the address, without its question mark.
    pub fn query(self) -> String {
        self.query.get()
    }

    pub fn is_return(self) -> bool {
        self.is_return.get_value()
    }

    /// Runs `keep` before the reader leaves what the address shows now.
    pub fn on_leave(self, keep: Callback<()>) {
        self.leaving.set_value(Some(keep));
    }

    /// The reader leaves what the address shows now.
    pub fn leave(self) {
        if let Some(keep) = self.leaving.get_value() {
            keep.try_run(());
        }
    }

    /// Opens a path with its query. The page that is open stays when only the query differs.
    pub fn push(self, path: &str) {
        self.go(path, web_sys::History::push_state_with_url);
    }

    /// Opens a page in the place of this one: the Back button skips this one.
    pub fn replace(self, route: Route) {
        self.replace_path(&route.to_string());
    }

    /// Like [`Self::replace`], with a query.
    pub fn replace_path(self, path: &str) {
        self.go(path, web_sys::History::replace_state_with_url);
    }

    /// Like [`Self::replace_path`], for a reader who was there before.
    pub fn return_to(self, path: &str) {
        write(path, web_sys::History::replace_state_with_url);
        self.follow_address(path, true);
    }

    /// Takes the query out of the browser's address and history; the page stays.
    pub fn hide_query(self) {
        let path = untrack(|| self.route()).to_string();
        write(&path, web_sys::History::replace_state_with_url);
    }

    fn go(self, address: &str, record: Record) {
        write(address, record);
        self.follow_address(address, false);
    }

    fn follow_address(self, address: &str, is_return: bool) {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        if self.follow(path, query.to_owned(), is_return) {
            browser::scroll_to(0.0);
        }
    }

    /// Follows an address. Returns whether a page opened: when only the query differs, the page
    /// stays.
    fn follow(self, path: &str, query: String, is_return: bool) -> bool {
        self.leave();
        self.is_return.set_value(is_return);
        let route = Route::parse(path);
        let stays = self.visit.get_untracked().route == route
            && self.query.with_untracked(|before| *before != query);
        if stays {
            self.query.set(query);
            return false;
        }
        // A page that opens reads it.
        self.query.update_untracked(|before| *before = query);
        let number = self.visit.get_untracked().number + 1;
        self.visit.set(Visit { route, number });
        true
    }
}

/// Writes an address into the browser's history. A browser limits how often an app may do this, and
/// some then throw. The page goes on without its address.
fn write(address: &str, record: Record) {
    if let Ok(history) = window().history() {
        let _ = record(&history, &JsValue::NULL, "", Some(address));
    }
}

type Record = fn(&web_sys::History, &JsValue, &str, Option<&str>) -> Result<(), JsValue>;

/// The path and query that a plain click on a link of the app leads to. All other clicks are the
/// browser's: for a new tab, a download, or another site.
fn path_to_follow(click: &MouseEvent) -> Option<String> {
    let modified = click.meta_key() || click.ctrl_key() || click.shift_key() || click.alt_key();
    if click.default_prevented() || click.button() != 0 || modified {
        return None;
    }
    let element: Element = click.target()?.dyn_into().ok()?;
    let link: HtmlAnchorElement = element.closest("a[href]").ok()??.dyn_into().ok()?;
    let is_ours = link.target().is_empty()
        && !link.has_attribute("download")
        && link.hash().is_empty()
        && Some(link.origin()) == window().location().origin().ok();
    let path = link.pathname();
    (is_ours && Route::parse(&path) != Route::NotFound).then(|| path + &link.search())
}
