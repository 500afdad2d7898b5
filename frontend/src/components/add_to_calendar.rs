use leptos::prelude::on_cleanup;

use crate::browser;
use crate::dom::{El, Parent, el};

/// Ways to the reader's own calendar: an iCalendar file, and links to web calendars by name.
pub fn add_to_calendar(name: &str, file: String, links: Vec<(&'static str, String)>) -> El {
    let file = browser::address_of_text(file, "text/calendar;charset=utf-8");
    let download = el("a").class("button").maybe("href", file.as_deref());
    let download = download.attr("download", &(name.to_owned() + ".ics")).child("Download .ics");
    on_cleanup(move || browser::revoke(&file.unwrap_or_default()));
    let links = links.into_iter().map(|(name, link)| {
        let link = el("a").class("button").attr("href", &link);
        let new_tab = el("span").class("visually-hidden").child(" (opens a new tab)");
        let link = link.attr("target", "_blank").attr("rel", "noopener").child(name).child(new_tab);
        el("li").child(link)
    });
    let actions = el("ul").class("actions").attr("role", "list");
    el("section")
        .class("add-to-calendar")
        .attr("aria-labelledby", "add-to-calendar")
        .markup("<h2 id=\"add-to-calendar\">Add to your calendar</h2>")
        .child(actions.child(el("li").child(download)).children(links))
}
