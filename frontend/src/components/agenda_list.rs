use std::sync::Arc;

use domain::{Date, Event, EventId};
use leptos::prelude::*;

use crate::agenda::{self, Agenda, Day, Month};
use crate::dom::{El, Parent, el};
use crate::locale;
use crate::routes::Route;

/// The id of an event's link in the list.
pub fn link_id(id: EventId) -> String {
    format!("event-{id}")
}

/// The link to an event's page.
pub fn event_name(event: &Event) -> El {
    let link = el("a").class("event-name").attr("href", &Route::event(event.id).to_string());
    link.attr("dir", "auto").child(event.content.name.as_str())
}

/// Events by month and day; the undated ones last. A month whose events stay the same is not drawn
/// again, so that a long list does not get slower with each page. `is_pending` says whether an
/// event is still being created.
pub fn agenda_list(
    events: Memo<Vec<Arc<Event>>>,
    is_pending: impl Fn(EventId) -> bool + Copy + 'static,
    on_delete: Callback<Arc<Event>>,
) -> El {
    let today = locale::today();
    let row = move |event: &Arc<Event>| {
        if is_pending(event.id) { pending_row(event) } else { event_row(event, on_delete) }
    };
    let sections = move || {
        let Agenda { months, undated } = events.with(|events| agenda::group(events));
        let undated = (!undated.is_empty()).then_some(Section::Undated(undated));
        let sections = months.into_iter().map(Section::Month).chain(undated);
        sections.map(|section| (section.fingerprint(is_pending), section)).collect()
    };
    el("div").class("agenda").list(sections, move |section| section.element(today, &row))
}

enum Section {
    Month(Month),
    Undated(Vec<Arc<Event>>),
}

impl Section {
    fn fingerprint(&self, is_pending: impl Fn(EventId) -> bool) -> u64 {
        match self {
            Self::Month(month) => {
                agenda::fingerprint(month.days.iter().flat_map(|day| &day.events), is_pending)
            }
            Self::Undated(events) => agenda::fingerprint(events, is_pending),
        }
    }

    fn element(self, today: Option<Date>, row: &dyn Fn(&Arc<Event>) -> El) -> El {
        let section = el("section");
        match self {
            Self::Month(month) => {
                let first = month.first_date();
                let id = first.map(|date| format!("month-{:04}-{:02}", date.year(), date.month()));
                let heading = el("h2").maybe("id", id.as_deref()).attr("lang", &locale::language());
                let heading = heading.child(first.map(locale::month).as_deref());
                let days = month.days.into_iter().map(|day| day_group(&day, today, row));
                section
                    .class("month")
                    .maybe("aria-labelledby", id.as_deref())
                    .child(heading)
                    .child(el("div").class("days").children(days))
            }
            Self::Undated(events) => section
                .class("month undated")
                .attr("aria-labelledby", "undated")
                .markup("<h2 id=\"undated\">Date to be announced</h2>")
                .child(list(&events, row)),
        }
    }
}

fn day_group(day: &Day, today: Option<Date>, row: &dyn Fn(&Arc<Event>) -> El) -> El {
    let date = day.date;
    let is_today = today == Some(date);
    let span = |class: &str, text: &str| el("span").class(class).child(text);
    let language = locale::language();
    let time = el("time")
        .attr("datetime", &date.to_string())
        .child(span("visually-hidden", &locale::day(date)).attr("lang", &language))
        .child(span("badge-day", &date.day().to_string()).attr("aria-hidden", "true"))
        .child(
            span("badge-weekday", &locale::weekday(date))
                .attr("aria-hidden", "true")
                .attr("lang", &language),
        );
    let badge = el("h3")
        .class(if today > Some(date) { "badge past" } else { "badge" })
        .child(time)
        .child(is_today.then(|| span("badge-today", "Today")));
    el("div")
        .class(if is_today { "day today" } else { "day" })
        .child(badge)
        .child(list(&day.events, row))
}

fn list(events: &[Arc<Event>], row: &dyn Fn(&Arc<Event>) -> El) -> El {
    // Safari forgets that a list without bullets is one.
    el("ul").class("events").attr("role", "list").children(events.iter().map(row))
}

fn pending_row(event: &Event) -> El {
    let name = el("span").class("event-name").attr("dir", "auto");
    let name = name.child(event.content.name.as_str());
    el("li")
        .class("event pending")
        .child(el("div").child(name).child(meta(event)))
        .child(el("span").class("saving").child("Saving…"))
}

fn event_row(event: &Arc<Event>, on_delete: Callback<Arc<Event>>) -> El {
    let name = event_name(event).attr("id", &link_id(event.id));
    let delete = el("button")
        .class("icon")
        .attr("type", "button")
        .attr("aria-label", &("Delete ".to_owned() + event.content.name.as_str()))
        .markup(BIN);
    let row = el("li").class("event").child(el("div").child(name).child(meta(event)));
    let event = Arc::clone(event);
    row.child(delete.on("click", move |_| on_delete.run(Arc::clone(&event))))
}

const BIN: &str = "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\">\
    <path d=\"M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v5.5M13.5 10.5v5.5\"/></svg>";

/// When on its day, and where.
fn meta(event: &Event) -> Option<El> {
    let content = &event.content;
    let time = content.when.and_then(|when| when.time).map(|time| {
        let element = el("time").attr("datetime", &time.to_string());
        element.attr("lang", &locale::language()).child(&*locale::time(time))
    });
    let location = content.location.as_ref();
    let location = location.map(|location| el("span").attr("dir", "auto").child(location.as_str()));
    let has_meta = time.is_some() || location.is_some();
    has_meta.then(|| el("p").class("event-meta").child(time).child(location))
}
