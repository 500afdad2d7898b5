use std::sync::Arc;

use domain::{Event, EventId};
use leptos::prelude::*;

use crate::foreign::isolated;
use crate::locale;
use crate::routes::Route;

/// What the ids of events' links in the list begin with.
pub const EVENT: &str = "event-";

/// The id of an event's link in the list.
pub fn link_id(id: EventId) -> String {
    format!("{EVENT}{id}")
}

/// The link to an event's page.
#[component]
pub fn EventName(event: Arc<Event>, #[prop(optional, into)] id: Option<String>) -> impl IntoView {
    view! {
        <a class="event-name" id=id href=Route::event(event.id).to_string() dir="auto">
            {event.content.name.to_string()}
        </a>
    }
}

/// An event in a list of which not all rows are drawn.
#[component]
pub fn EventRow(
    event: Arc<Event>,
    position: Signal<String>,
    count: Signal<String>,
    on_duplicate: Callback<Arc<Event>>,
    on_delete: Callback<Arc<Event>>,
) -> impl IntoView {
    let name = isolated(event.content.name.as_str());
    let copied = Arc::clone(&event);
    view! {
        <li
            class="event"
            aria-posinset=position
            aria-setsize=count
        >
            <div>
                <EventName event=Arc::clone(&event) id=link_id(event.id)/>
                <EventMeta event=Arc::clone(&event)/>
            </div>
            <button
                class="icon"
                type="button"
                aria-label=format!("Duplicate {name}")
                on:click=move |_| on_duplicate.run(Arc::clone(&copied))
            >
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9"></path>
                </svg>
            </button>
            <button
                class="icon danger"
                type="button"
                aria-label=format!("Delete {name}")
                on:click=move |_| on_delete.run(Arc::clone(&event))
            >
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v5.5M13.5 10.5v5.5"></path>
                </svg>
            </button>
        </li>
    }
}

/// An event that is still being created.
#[component]
pub fn PendingRow(event: Arc<Event>) -> impl IntoView {
    view! {
        <li class="event pending">
            <div>
                <span class="event-name" dir="auto">{event.content.name.to_string()}</span>
                <EventMeta event/>
            </div>
            <span class="saving">"Saving…"</span>
        </li>
    }
}

/// When on its day, and where.
#[component]
pub fn EventMeta(event: Arc<Event>) -> impl IntoView {
    let content = &event.content;
    let time = content.when.and_then(|when| Some((when, when.time?, locale::times(when)?)));
    let location = content.location.as_ref().map(ToString::to_string);
    let has_meta = time.is_some() || location.is_some();
    let time = time.map(|(when, begin, times)| {
        let next_day = when.ends_next_day().then(|| view! { <span>"next day"</span> });
        view! {
            <time datetime=begin.to_string() lang=locale::language()>{times}</time>
            {next_day}
        }
    });
    let location = location.map(|location| view! { <span dir="auto">{location}</span> });
    has_meta.then(|| view! { <p class="event-meta">{time}{location}</p> })
}
