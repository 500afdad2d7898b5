use std::sync::Arc;

use domain::{Date, Event};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use crate::calendar::{self, CalendarQuery, Month};
use crate::dom::{self, El, Parent, el};
use crate::routes::Route;
use crate::{agenda, locale};

/// How many events of a day have room in its cell; more of them are counted.
const ROOM: usize = 3;

/// The id of a day's cell.
pub fn day_id(day: Date) -> String {
    "day-".to_owned() + &day.to_string()
}

/// What a grid shows and tells.
#[derive(Clone, Copy)]
pub struct Grid {
    pub month: Month,
    pub today: Date,
    /// In list order.
    pub events: Memo<Vec<Arc<Event>>>,
    pub on_move: Callback<Date>,
    pub on_open: Callback<Date>,
}

/// A month with its events: the grid pattern of the ARIA Authoring Practices. Tab reaches one cell,
/// `reachable`; the arrow keys move it; Enter opens a day, `open`.
pub fn month_grid(
    grid: Grid,
    reachable: impl Fn() -> Date + Copy + 'static,
    open: impl Fn() -> Option<Date> + Copy + 'static,
) -> El {
    let week_start = locale::week_start();
    let weeks = grid.month.weeks(week_start);
    // Any week has every day of a week; that of the 15th is whole.
    let names = weeks[1].into_iter().flatten();
    let names = names.map(|day| el("th").attr("scope", "col").child(&*locale::weekday(day)));
    let names = el("tr").attr("lang", &locale::language()).children(names);
    let cell = |day: Option<Date>| {
        let Some(day) = day else { return el("td") };
        let is_at = move |at: bool, yes, no| Some(if at { yes } else { no });
        day_cell(grid, day)
            .attr_of("aria-selected", move || is_at(open() == Some(day), "true", "false"))
            .attr_of("tabindex", move || is_at(reachable() == day, "0", "-1"))
    };
    let rows = weeks.into_iter().map(|week| el("tr").children(week.map(cell)));
    el("table")
        .class("grid")
        .attr("role", "grid")
        .attr("aria-labelledby", "heading")
        .child(el("thead").child(names))
        .child(el("tbody").children(rows))
        .on("keydown", move |event| {
            let event: KeyboardEvent = event.unchecked_into();
            let (key, day) = (event.key(), untrack(reachable));
            if key == "Enter" || key == " " {
                event.prevent_default();
                grid.on_open.run(day);
                return;
            }
            let control = event.ctrl_key() || event.meta_key();
            if event.alt_key() || event.shift_key() {
                return;
            }
            if let Some(day) = calendar::day_after_key(day, &key, control, week_start) {
                event.prevent_default();
                grid.on_move.run(day);
            }
        })
}

fn day_cell(grid: Grid, day: Date) -> El {
    let is_today = grid.today == day;
    let events = move || grid.events.with(|events| agenda::events_of(events, day));
    let cell = el("td")
        .attr("id", &day_id(day))
        .attr("role", "gridcell")
        .maybe("class", (Month::of(day) != grid.month).then_some("elsewhere"))
        .maybe("aria-current", is_today.then_some("date"))
        .on("click", move |click| {
            // A link in the cell leads elsewhere.
            if !click.default_prevented() && !is_on_link(&click) {
                grid.on_open.run(day);
            }
        });
    let chips = el("ul").class("chips").attr("role", "list");
    let dots = el("span").class("dots").attr("aria-hidden", "true");
    let name = locale::day(day) + if is_today { ", today, " } else { ", " };
    dom::on_change(events, {
        let (cell, chips, dots) = (cell.clone(), chips.clone(), dots.clone());
        move |events: &Vec<_>| {
            cell.set("aria-label", Some(&(name.clone() + &count(events.len()))));
            chips.set_text("");
            dots.set_text("");
            fill(&chips, day, events);
            for _ in events.iter().take(ROOM) {
                dots.add(el("i"));
            }
        }
    });
    let number = el("span").class("grid-day").child(&*day.day().to_string());
    cell.child(number).child(chips).child(dots)
}

fn fill(chips: &El, day: Date, events: &[Arc<Event>]) {
    // The last line is for those that have no room, unless all have.
    let fits = if events.len() > ROOM { ROOM - 1 } else { ROOM };
    let rest = events.len().saturating_sub(fits);
    for event in events.iter().take(fits) {
        let name = event.content.name.as_str();
        let time = event.content.when.and_then(|when| when.time).map(locale::time);
        let time = time.map(|time| el("time").child(&*(time + " ")));
        let link = el("a").attr("href", &Route::event(event.id).to_string());
        let link = link.attr("tabindex", "-1").attr("title", name).attr("dir", "auto");
        chips.add(el("li").child(link.child(time).child(name)));
    }
    if rest > 0 {
        let more = rest.to_string() + " more";
        let query = CalendarQuery { month: Month::of(day), day: Some(day) };
        let link = el("a")
            .class("rest")
            .attr("href", &query.path())
            .attr("tabindex", "-1")
            .attr("aria-label", &[&more, ", ", &locale::day(day)].concat())
            .child(&*("+".to_owned() + &more));
        chips.add(el("li").child(link));
    }
}

fn is_on_link(click: &web_sys::Event) -> bool {
    let element: Option<Element> = click.target().and_then(|target| target.dyn_into().ok());
    element.is_some_and(|element| element.closest("a").is_ok_and(|link| link.is_some()))
}

/// "2 events"
fn count(events: usize) -> String {
    match events {
        0 => "no events".to_owned(),
        1 => "1 event".to_owned(),
        _ => events.to_string() + " events",
    }
}
