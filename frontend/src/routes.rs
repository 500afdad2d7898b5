//! Every path of the app, and which page is at it.

use domain::EventId;
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route};
use leptos_router::hooks::use_params_map;
use leptos_router::path;

use crate::pages::{AgendaPage, EventPage, NewEventPage, NotFoundPage};

pub const AGENDA: &str = "/";
pub const NEW_EVENT: &str = "/new";

pub fn event(id: EventId) -> String {
    format!("/events/{id}")
}

#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <FlatRoutes fallback=NotFoundPage>
            <Route path=path!("/") view=AgendaPage />
            <Route path=path!("/new") view=NewEventPage />
            <Route path=path!("/events/:id") view=EventPage />
        </FlatRoutes>
    }
}

/// The event that the address names; `None` when that is no id of an event.
pub fn use_event_id() -> Memo<Option<EventId>> {
    let params = use_params_map();
    Memo::new(move |_| params.read().get_str("id").and_then(|id| id.parse().ok()))
}
