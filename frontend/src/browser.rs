//! The browser's own objects behind plain functions. None of them works outside a browser.

use leptos::prelude::{document, request_animation_frame, window};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Milliseconds of the machine's clock.
pub fn now() -> f64 {
    js_sys::Date::now()
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
