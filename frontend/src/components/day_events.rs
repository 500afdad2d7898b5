use std::sync::Arc;

use domain::{Date, Event};

use super::event_name;
use crate::dom::{El, Parent, el, view};
use crate::locale;

/// The id of the heading over the events of the open day.
pub const OPEN_DAY: &str = "open-day";

/// The events of one day, in list order, below the month. `events` also says whether more of them
/// are loading.
pub fn day_events(day: Date, events: impl Fn() -> (Vec<Arc<Event>>, bool) + 'static) -> El {
    let heading = el("h2").attr("id", OPEN_DAY).attr("tabindex", "-1");
    let heading = heading.attr("lang", &locale::language()).child(&*locale::day(day));
    let list = |(events, is_loading): (Vec<Arc<Event>>, bool)| {
        let nothing = events.is_empty() && !is_loading;
        let list = el("ul").class("events").attr("role", "list").children(events.iter().map(row));
        let lead = nothing.then(|| el("p").class("lead").child("No events on this day."));
        view().child(lead).child(list)
    };
    el("section")
        .class("open-day")
        .attr("aria-labelledby", OPEN_DAY)
        .child(heading)
        .part(events, list)
}

fn row(event: &Arc<Event>) -> El {
    let content = &event.content;
    let time = content.when.and_then(|when| when.time).map(locale::time);
    let location = content.location.as_ref();
    let meta = el("p")
        .class("event-meta")
        .child(time.map(|time| el("time").child(&*time)))
        .child(location.map(|location| el("span").attr("dir", "auto").child(location.as_str())));
    el("li").class("event").child(el("div").child(event_name(event)).child(meta))
}
