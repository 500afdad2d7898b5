//! Moving between pages without loading the app again: the browser's history, and clicks on links.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

use crate::routes::Route;

/// Which page is open, and the query of its address: what a page shows of all that it could.
#[derive(Clone, Copy)]
pub struct Navigation {
    /// The page, and how many were opened before it: a page may be opened anew.
    visit: RwSignal<(Route, u32)>,
    query: RwSignal<String>,
}

impl Navigation {
    /// Starts at the browser's address and follows it, and every click on a link of the app.
    pub fn start() -> Self {
        let navigation =
            Self { visit: RwSignal::new((current(), 0)), query: RwSignal::new(current_query()) };
        window_event_listener(ev::popstate, move |_| {
            navigation.follow();
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
        self.visit.get().0
    }

    /// The page, and what tells this opening of it from others.
    pub fn visit(self) -> (Route, u32) {
        self.visit.get()
    }

    /// The query of the address, without its question mark.
    pub fn query(self) -> String {
        self.query.get()
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

    fn go(self, path: &str, record: Record) {
        // It fails only in a document that is no longer shown.
        if let Ok(history) = window().history() {
            let _ = record(&history, &JsValue::NULL, "", Some(path));
        }
        if self.follow() {
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    }

    /// Follows the address. Returns whether a page opened: when only the query differs, the page
    /// stays.
    fn follow(self) -> bool {
        let (route, query) = (current(), current_query());
        let stays = self.visit.get_untracked().0 == route
            && self.query.with_untracked(|before| *before != query);
        if stays {
            self.query.set(query);
        } else {
            // A page that opens reads it.
            self.query.update_untracked(|before| *before = query);
            self.visit.update(|(page, before)| (*page, *before) = (route, *before + 1));
        }
        !stays
    }
}

type Record = fn(&web_sys::History, &JsValue, &str, Option<&str>) -> Result<(), JsValue>;

fn current() -> Route {
    Route::parse(&window().location().pathname().unwrap_or_default())
}

fn current_query() -> String {
    let search = window().location().search().unwrap_or_default();
    search.strip_prefix('?').unwrap_or_default().to_owned()
}

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
