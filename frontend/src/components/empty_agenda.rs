use leptos::prelude::*;

use crate::foreign::isolated;
use crate::routes::{AgendaQuery, Route};
use crate::span::Span;

/// In the place of a list without events: what to do next.
#[component]
pub fn EmptyAgenda(span: Span) -> impl IntoView {
    let (title, text) = match span {
        Span::Upcoming => ("No upcoming events", "Create an event, and everyone can see it here."),
        Span::Past => ("No past events", "Events move here the day after they take place."),
        Span::Undated => ("No undated events", "Events that are created without a date are here."),
        Span::Between(..) => {
            ("No events on these days", "Choose other days, or see the upcoming events.")
        }
    };
    let (link, label) = match span {
        Span::Past | Span::Between(..) => {
            (AgendaQuery::of(Span::Upcoming).to_string(), "Show upcoming events")
        }
        Span::Upcoming | Span::Undated => (Route::NewEvent.to_string(), "Create an event"),
    };
    view! {
        <div class="empty">
            <svg viewBox="0 0 96 96" aria-hidden="true">
                <path
                    class="leaf"
                    d="M16 18h64a6 6 0 0 1 6 6v38L62 86H16a6 6 0 0 1-6-6V24a6 6 0 0 1 6-6Z"
                ></path>
                <path class="fold" d="M86 62H68a6 6 0 0 0-6 6v18Z"></path>
                <path class="rule" d="M10 36h76"></path>
                <path class="ring" d="M30 10v14M66 10v14"></path>
            </svg>
            <p class="empty-title">{title}</p>
            <p>{text}</p>
            <a class="button primary" href=link>{label}</a>
        </div>
    }
}

/// In the place of a list that the filter leaves nothing of.
#[component]
pub fn NoMatch(words: Memo<String>, on_clear: Callback<()>) -> impl IntoView {
    let title = move || format!("No events match “{}”", isolated(words.read().trim()));
    view! {
        <div class="empty">
            <p class="empty-title" prop:textContent=move || title()></p>
            <p>"The filter searches the names, locations and descriptions of the loaded events."</p>
            <button class="button" type="button" on:click=move |_| on_clear.run(())>
                "Clear the filter"
            </button>
        </div>
    }
}
