use crate::dom::{El, Parent, el};
use crate::routes::{AgendaQuery, Route};
use crate::span::Span;

/// An invitation where the list would be.
pub fn empty_agenda(span: Span) -> El {
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
    el("div")
        .class("empty")
        .markup(PICTURE)
        .child(el("p").class("empty-title").child(title))
        .child(el("p").child(text))
        .child(el("a").class("button primary").attr("href", &link).child(label))
}

const PICTURE: &str = "<svg viewBox=\"0 0 96 96\" aria-hidden=\"true\">\
    <path class=\"leaf\" d=\"M16 18h64a6 6 0 0 1 6 6v38L62 86H16a6 6 0 0 1-6-6V24a6 6 0 0 1 6-6Z\"/>\
    <path class=\"fold\" d=\"M86 62H68a6 6 0 0 0-6 6v18Z\"/>\
    <path class=\"rule\" d=\"M10 36h76\"/>\
    <path class=\"ring\" d=\"M30 10v14M66 10v14\"/></svg>";
