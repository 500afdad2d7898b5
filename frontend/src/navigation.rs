//! Moving between pages without loading the app again: the browser's history and the clicks on links.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

use crate::routes::Route;

/// Which page is open.
#[derive(Clone, Copy)]
pub struct Navigation {
    route: RwSignal<Route>,
}

impl Navigation {
    /// Starts at the browser's address and follows it, and every click on a link of the app.
    pub fn start() -> Self {
        let navigation = Self { route: RwSignal::new(current()) };
        window_event_listener(ev::popstate, move |_| navigation.route.set(current()));
        window_event_listener(ev::click, move |click| {
            if let Some(route) = route_to_follow(&click) {
                click.prevent_default();
                navigation.push(route);
            }
        });
        navigation
    }

    /// The navigation of the app that a component is in.
    pub fn of_app() -> Self {
        expect_context()
    }

    pub fn route(self) -> Route {
        self.route.get()
    }

    fn push(self, route: Route) {
        self.go(route, |history, path| history.push_state_with_url(&JsValue::NULL, "", Some(path)));
    }

    /// Opens a page in the place of this one, to which nobody should go back.
    pub fn replace(self, route: Route) {
        self.go(route, |history, path| {
            history.replace_state_with_url(&JsValue::NULL, "", Some(path))
        });
    }

    fn go(self, route: Route, record: impl FnOnce(&web_sys::History, &str) -> Result<(), JsValue>) {
        // It fails only in a document that is no longer shown.
        if let Ok(history) = window().history() {
            let _ = record(&history, &route.to_string());
        }
        window().scroll_to_with_x_and_y(0.0, 0.0);
        self.route.set(route);
    }
}

fn current() -> Route {
    Route::parse(&window().location().pathname().unwrap_or_default())
}

/// The page that a plain click on a link leads to. Other clicks are the browser's: for a new tab, a download, or
/// another site.
fn route_to_follow(click: &MouseEvent) -> Option<Route> {
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
    let route = Route::parse(&link.pathname());
    (is_ours && route != Route::NotFound).then_some(route)
}
