use crate::dom::{El, Parent, el};
use crate::routes::{AgendaQuery, Route};
use crate::span::Span;

/// In the place of a list without events: what to do next.
pub fn empty_agenda(span: Span) -> El {
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
    el("div")
        .class("empty")
        .markup(PICTURE)
        .child(el("p").class("empty-title").child(title))
        .child(el("p").child(text))
        .child(el("a").class("button primary").attr("href", &link).child(label))
}

const PICTURE: &str = "<svg viewBox=\"0 0 96 96\" aria-hidden=\"true\">\
    <path class=\"leaf\" \
    d=\"M16 18h64a6 6 0 0 1 6 6v38L62 86H16a6 6 0 0 1-6-6V24a6 6 0 0 1 6-6Z\"/>\
    <path class=\"fold\" d=\"M86 62H68a6 6 0 0 0-6 6v18Z\"/>\
    <path class=\"rule\" d=\"M10 36h76\"/>\
    <path class=\"ring\" d=\"M30 10v14M66 10v14\"/></svg>";
