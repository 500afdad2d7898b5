//! The browser's own objects behind plain functions. None of them works outside a browser.

use std::time::Duration;

use leptos::prelude::{document, request_animation_frame, set_timeout, window};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, BlobPropertyBag, Element, HtmlElement, HtmlInputElement, IntersectionObserver,
    IntersectionObserverEntry, IntersectionObserverInit, Url,
};

/// Milliseconds of the machine's clock.
pub fn now() -> f64 {
    js_sys::Date::now()
}

pub fn lower_case(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

/// The origin of this page, as the browser names it to other ones.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

pub fn set_title(title: &str) {
    document().set_title(title);
}

pub fn remove(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.remove();
    }
}

/// Something is under way. The stylesheet lets it appear when it takes a while.
pub fn show_progress(is_under_way: bool) {
    if let Some(progress) = document().get_element_by_id("progress") {
        let _ = progress.toggle_attribute_with_force("hidden", !is_under_way);
    }
}

pub fn has_open_dialog() -> bool {
    document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_some())
}

/// Does something when the next frame is on its way to the screen.
pub fn after_frame(run: impl FnOnce() + 'static) {
    request_animation_frame(|| set_timeout(run, Duration::ZERO));
}

/// Moves the keyboard once what was just changed is drawn.
pub fn focus_soon(id: String) {
    request_animation_frame(move || focus(&id));
}

pub fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // An element that cannot take the focus leaves it where it is.
        let _ = element.focus();
    }
}

/// The whole address of a path of the app.
pub fn address(path: &str) -> String {
    origin() + path
}

/// An address under which a text can be downloaded, until [`revoke`].
pub fn address_of_text(text: String, kind: &str) -> Option<String> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = js_sys::Array::of1(&JsValue::from(text));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options).ok()?;
    Url::create_object_url_with_blob(&blob).ok()
}

pub fn revoke(address: &str) {
    // It fails for no string.
    let _ = Url::revoke_object_url(address);
}

/// Puts a text on the clipboard. A browser may have none, or refuse.
pub async fn copy(text: &str) -> bool {
    // Without a secure context there is no clipboard, and calling it would end the app.
    let clipboard = window().navigator().clipboard();
    !clipboard.is_undefined() && clipboard.write_text(text).await.is_ok()
}

/// Selects what stands in a text field, for the reader to copy, once the field is drawn.
pub fn select_soon(id: &'static str) {
    request_animation_frame(move || {
        focus(id);
        let field = document().get_element_by_id(id);
        if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
            field.select();
        }
    });
}

/// What is kept under this name from one visit to the next. A browser may keep nothing.
pub fn kept(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(name).ok()?
}

pub fn keep(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // It fails when there is no room left.
        let _ = storage.set_item(name, value);
    }
}

/// Under what name the theme is kept. `start.js` reads it.
pub const THEME: &str = "theme";

/// "light", "dark", or "" for the system's.
pub fn show_theme(theme: &str) {
    keep(THEME, theme);
    let show = js_sys::Reflect::get(&window(), &JsValue::from_str("showTheme"));
    if let Some(show) = show.ok().and_then(|show| show.dyn_into::<js_sys::Function>().ok()) {
        let _ = show.call1(&JsValue::UNDEFINED, &JsValue::from_str(theme));
    }
}

pub fn forget(key: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.remove_item(key);
    }
}

pub fn prefers_reduced_motion() -> bool {
    let query = window().match_media("(prefers-reduced-motion: reduce)");
    query.ok().flatten().is_some_and(|query| query.matches())
}

/// What stands in a control.
pub fn value_of(id: &str) -> Option<String> {
    let control: HtmlInputElement = document().get_element_by_id(id)?.dyn_into().ok()?;
    Some(control.value())
}

pub fn has_focus(id: &str) -> bool {
    document().active_element().is_some_and(|element| element.id() == id)
}

/// Hides the elements that a selector finds, or shows them: one flag each, in the order of the
/// page. Elements whose flag is the same in `before` are not touched.
pub fn hide(selector: &str, before: &[bool], hidden: &[bool]) {
    if before == hidden {
        return;
    }
    let Ok(elements) = document().query_selector_all(selector) else { return };
    for (at, hidden) in hidden.iter().enumerate() {
        if before.get(at) != Some(hidden)
            && let Some(element) = u32::try_from(at).ok().and_then(|at| elements.item(at))
        {
            element.unchecked_into::<HtmlElement>().set_hidden(*hidden);
        }
    }
}

/// Tells when an element comes near what the reader sees.
pub struct Watcher {
    observer: IntersectionObserver,
    _callback: Closure<dyn Fn(Vec<IntersectionObserverEntry>)>,
}

impl Watcher {
    /// `None` where the browser cannot tell.
    pub fn new(on_near: impl Fn() + 'static) -> Option<Self> {
        let callback = Closure::new(move |entries: Vec<IntersectionObserverEntry>| {
            if entries.last().is_some_and(IntersectionObserverEntry::is_intersecting) {
                on_near();
            }
        });
        let options = IntersectionObserverInit::new();
        options.set_root_margin("600px 0px");
        let function = callback.as_ref().unchecked_ref();
        let observer = IntersectionObserver::new_with_options(function, &options).ok()?;
        Some(Self { observer, _callback: callback })
    }

    /// Watches one element from now on, and tells at once when it is near already.
    pub fn watch(&self, element: &Element) {
        self.observer.disconnect();
        self.observer.observe(element);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// A fresh UUID v4. `crypto.randomUUID` would be missing where the page is not served securely.
pub fn random_uuid() -> String {
    let mut bytes = [0; 16];
    if let Ok(crypto) = window().crypto() {
        // It fails for more than 65,536 bytes only.
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// A panic ends the app: say so in the page, and why in the console.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        leptos::logging::error!("{panic}");
        if let Some(message) = document().get_element_by_id("broken") {
            let _ = message.remove_attribute("hidden");
        }
    }));
}
