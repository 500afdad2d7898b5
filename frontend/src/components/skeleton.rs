//! What stands where values will be. A screen reader hears the page's status instead.

use crate::dom::{El, Parent, el};

const LINES: &str = "<span class=\"bar name-bar\"></span><span class=\"bar meta-bar\"></span>";

pub fn agenda_skeleton() -> El {
    let day = |rows: usize| {
        let rows = (0..rows).map(|_| el("div").class("event").child(el("div").markup(LINES)));
        el("div")
            .class("day")
            .markup("<span class=\"bar badge-bar\"></span>")
            .child(el("div").class("events").children(rows))
    };
    el("div")
        .class("month skeleton")
        .attr("aria-hidden", "true")
        .markup("<span class=\"bar month-bar\"></span>")
        .child(el("div").class("days").children([1, 2, 1].map(day)))
}

pub fn event_skeleton() -> El {
    el("div")
        .class("skeleton")
        .attr("aria-hidden", "true")
        .markup(LINES)
        .child(el("span").class("bar meta-bar"))
}
