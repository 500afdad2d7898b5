//! The browser's own objects behind plain functions. None of them works outside a browser.

use std::time::Duration;

use js_sys::Intl::Segmenter;
use js_sys::{Array, Object, Reflect};
use leptos::prelude::{document, request_animation_frame, set_timeout, window};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, BlobPropertyBag, Element, FocusOptions, HtmlElement, HtmlInputElement,
    IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit, Url,
};

use crate::fold;

/// Milliseconds of the machine's clock.
pub fn now() -> f64 {
    js_sys::Date::now()
}

/// The text as a search compares it.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let text = js_sys::JsString::from(text).normalize("NFKD");
    // Letters that have one upper case are one: the long s, the Greek sigmas.
    fold::fold(&String::from(text.to_upper_case().to_lower_case()))
}

/// The last place at or before `at`, in bytes, where no character is cut that a reader sees as one.
pub fn boundary(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    let intl = Reflect::get(&js_sys::global(), &JsValue::from_str("Intl")).unwrap_or_default();
    // Browsers have it since 2021, Firefox since 2024.
    if !Reflect::has(&intl, &JsValue::from_str("Segmenter")).unwrap_or_default() {
        return at;
    }
    let units = u32::try_from(text[..at].encode_utf16().count()).unwrap_or(u32::MAX);
    let segments = Segmenter::new(&Array::new(), &Object::new()).segment(text);
    let Some(cut) = segments.containing(units) else { return at };
    let kept = js_sys::JsString::from(text).slice(0, cut.index());
    String::from(kept).len()
}

/// The path of the page's address, and its query without the question mark.
pub fn path_and_query() -> (String, String) {
    let location = window().location();
    let query = location.search().unwrap_or_default();
    let query = query.strip_prefix('?').unwrap_or_default().to_owned();
    (location.pathname().unwrap_or_default(), query)
}

/// The page's address without its origin.
pub fn address_here() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

pub fn whole_address() -> String {
    window().location().href().unwrap_or_default()
}

/// Loads the page anew.
pub fn reload() {
    // It fails in no page that is shown.
    let _ = window().location().reload();
}

/// The app puts the reader where a page begins, or where the reader was in it.
pub fn leave_scrolling_to_us() {
    if let Ok(history) = window().history() {
        // It fails only in a document that is no longer shown.
        let _ = history.set_scroll_restoration(web_sys::ScrollRestoration::Manual);
    }
}

pub fn scroll_to(top: f64) {
    window().scroll_to_with_x_and_y(0.0, top);
}

pub fn scroll_by(distance: f64) {
    window().scroll_by_with_x_and_y(0.0, distance);
}

/// The height of what the reader sees, in pixels.
pub fn view_height() -> f64 {
    document().document_element().map_or(0.0, |root| f64::from(root.client_height()))
}

/// The height of the whole page, in pixels.
pub fn page_height() -> f64 {
    document().document_element().map_or(0.0, |root| f64::from(root.scroll_height()))
}

/// The distance of an element from the top of what the reader sees, and its height.
pub fn position(id: &str) -> Option<(f64, f64)> {
    let area = document().get_element_by_id(id)?.get_bounding_client_rect();
    Some((area.top(), area.height()))
}

/// Runs each time that the page is looked at again.
pub fn on_visible(run: impl Fn() + 'static) {
    let told = Closure::<dyn Fn()>::new(move || {
        if !document().hidden() {
            run();
        }
    });
    // It never fails in a browser.
    let _ = document()
        .add_event_listener_with_callback("visibilitychange", told.as_ref().unchecked_ref());
    told.forget();
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
    if let Some(element) = element(id) {
        // An element that cannot take the focus leaves it where it is.
        let _ = element.focus();
    }
}

/// Like [`focus`], and the reader goes on seeing what is seen now.
pub fn focus_in_place(id: &str) {
    if let Some(element) = element(id) {
        focus_element_in_place(&element);
    }
}

fn focus_element_in_place(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.focus_with_options(&options);
}

/// The element that has the focus.
pub fn focused() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

/// Gives the focus back to an element that had it, if that is in the document still.
pub fn focus_again(element: &HtmlElement) {
    if element.is_connected() && focused().as_ref() != Some(element) {
        focus_element_in_place(element);
    }
}

fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// The id of the element that has the focus; "" for one without an id.
pub fn focused_id() -> Option<String> {
    document().active_element().map(|element| element.id())
}

/// The id of the link in the list's row that has the focus, on its link or elsewhere in it.
pub fn focused_link_in_row() -> Option<String> {
    let row = document().active_element()?.closest("li").ok()??;
    Some(row.query_selector("a").ok()??.id())
}

/// The whole address of a path of the app.
pub fn address(path: &str) -> String {
    origin() + path
}

/// An address under which a text can be downloaded, until [`revoke`].
pub fn address_of_text(text: String, kind: &str) -> Option<String> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = Array::of1(&JsValue::from(text));
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

/// Whether the browser keeps anything until the tab is closed.
pub fn keeps_in_tab() -> bool {
    window().session_storage().is_ok_and(|storage| storage.is_some())
}

/// What is kept under this name until the tab is closed.
pub fn kept_in_tab(name: &str) -> Option<String> {
    window().session_storage().ok()??.get_item(name).ok()?
}

pub fn keep_in_tab(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = storage.set_item(name, value);
    }
}

pub fn forget_in_tab(name: &str) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = storage.remove_item(name);
    }
}

/// What stands in a control, and whether the browser cannot read it.
pub fn control(id: &str) -> Option<(String, bool)> {
    // A text area has the same members.
    let control: HtmlInputElement = document().get_element_by_id(id)?.unchecked_into();
    Some((control.value(), control.validity().bad_input()))
}

/// Under what name the theme is kept. `start.js` reads it.
pub const THEME: &str = "theme";

/// "light", "dark", or "" for the system's.
pub fn show_theme(theme: &str) {
    keep(THEME, theme);
    let show = Reflect::get(&window(), &JsValue::from_str("showTheme"));
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

pub fn has_focus(id: &str) -> bool {
    focused_id().is_some_and(|focused| focused == id)
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

/// Whether it lacks what the app needs: the page says so already (`start.js`).
pub fn is_too_old() -> bool {
    document().document_element().is_some_and(|page| page.has_attribute("data-too-old"))
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
