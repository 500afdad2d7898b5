use std::sync::Arc;

use domain::{Event, ics};
use leptos::prelude::*;

use super::{add_to_calendar, copy_link};
use crate::dom::{El, Parent, View, el, view};
use crate::{APP_NAME, locale};

/// All that is known of an event, but its name; `address` is that of its page.
pub fn event_details(event: Arc<Event>, address: String, on_delete: Callback<Arc<Event>>) -> View {
    let content = &event.content;
    let date = content.when.map(|when| locale::day(when.date));
    let time = content.when.and_then(|when| when.time).map(locale::time);
    let language = date.is_some().then(locale::language);
    let date = el("dd")
        .maybe("lang", language.as_deref())
        .child(date.as_deref().unwrap_or("To be announced"));
    let facts = el("dl")
        .class("facts")
        .child(el("div").markup("<dt>Date</dt>").child(date))
        .child(time.map(|time| fact("Time", &time)))
        .child(content.location.as_ref().map(|location| fact("Location", location.as_str())));
    let description = content.description.as_ref().map(|description| {
        el("p").class("description").attr("dir", "auto").child(description.as_str())
    });
    let file = ics::file(&event, &address, APP_NAME);
    let calendars =
        file.map(|file| add_to_calendar(content.name.as_str(), file, ics::links(&event)));
    let added = locale::instant(event.created_at);
    let added = el("span").attr("lang", &locale::language()).child(&*added);
    let delete = el("button").class("button").attr("type", "button").child("Delete event");
    let delete = delete.on("click", move |_| on_delete.run(Arc::clone(&event)));
    let foot = el("footer")
        .class("event-foot")
        .child(el("p").child("Added ").child(added))
        .child(el("div").class("actions").child(copy_link(address)).child(delete));
    view().child(facts).child(description).child(calendars).child(foot)
}

fn fact(term: &str, definition: &str) -> El {
    let definition = el("dd").attr("dir", "auto").child(definition);
    el("div").child(el("dt").child(term)).child(definition)
}
