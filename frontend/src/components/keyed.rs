use leptos::prelude::*;

/// One item of a [`Keyed`] list: `view` is asked when the key is new.
pub struct Item {
    key: String,
    view: Box<dyn FnOnce() -> AnyView + Send>,
}

impl Item {
    pub fn new(key: impl ToString, view: impl FnOnce() -> AnyView + Send + 'static) -> Self {
        Self { key: key.to_string(), view: Box::new(view) }
    }
}

/// `For` with one type for all lists of the page: each further one would be 4 kB of code.
#[component]
pub fn Keyed(#[prop(into)] items: Callback<(), Vec<Item>>) -> impl IntoView {
    view! {
        <For each=move || items.run(()) key=|item| item.key.clone() children=|item| (item.view)()/>
    }
}
