use crate::dom::{El, Parent, el};
use crate::routes::AgendaQuery;
use crate::span::Span;

/// The three parts of the agenda as links. The filter stays the same in all of them.
pub fn agenda_tabs(
    span: impl Fn() -> Span + Copy + 'static,
    filter: impl Fn() -> String + Copy + 'static,
) -> El {
    let tab = |(target, text): (Span, &str)| {
        let link = el("a")
            .class("tab")
            .attr_of("href", move || {
                Some(AgendaQuery { span: target, filter: filter() }.to_string())
            })
            .attr_of("aria-current", move || (span() == target).then_some("page"));
        el("li").child(link.child(text))
    };
    let tabs = [(Span::Upcoming, "Upcoming"), (Span::Past, "Past"), (Span::Undated, "No date yet")];
    el("nav")
        .class("tabs")
        .attr("aria-label", "Agenda")
        .child(el("ul").attr("role", "list").children(tabs.map(tab)))
}
