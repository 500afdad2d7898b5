use leptos::prelude::*;

use crate::routes::{AgendaQuery, Route};
use crate::span::Span;

/// An invitation where the list would be.
#[component]
pub fn EmptyAgenda(span: Span) -> impl IntoView {
    let (title, text) = match span {
        Span::Upcoming => {
            ("Nothing planned yet", "Create the next event, and it stands here for everybody.")
        }
        Span::Past => ("Nothing has been on yet", "Events move here the day after they were."),
        Span::Undated => {
            ("Every event has its date", "One that is created without a date waits here for it.")
        }
        Span::Between(..) => ("Nothing on these days", "Try other days, or see what comes next."),
    };
    let (link, label) = match span {
        Span::Past | Span::Between(..) => {
            (AgendaQuery::of(Span::Upcoming).to_string(), "See what comes next")
        }
        Span::Upcoming | Span::Undated => (Route::NewEvent.to_string(), "Create an event"),
    };
    view! {
        <div class="empty">
            <svg viewBox="0 0 96 96" aria-hidden="true">
                <path class="leaf" d="M16 18h64a6 6 0 0 1 6 6v38L62 86H16a6 6 0 0 1-6-6V24a6 6 0 0 1 6-6Z" />
                <path class="fold" d="M86 62H68a6 6 0 0 0-6 6v18Z" />
                <path class="rule" d="M10 36h76" />
                <path class="ring" d="M30 10v14M66 10v14" />
            </svg>
            <p class="empty-title">{title}</p>
            <p>{text}</p>
            <a class="button primary" href=link>
                {label}
            </a>
        </div>
    }
}
