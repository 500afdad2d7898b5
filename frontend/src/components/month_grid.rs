use std::sync::Arc;

use domain::{Date, Event};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::calendar::{self, Month, View};
use crate::routes::Route;
use crate::{agenda, locale};

/// How many events of a day have room in its cell; more of them are counted.
const ROOM: usize = 3;

/// The id of a day's cell.
pub fn day_id(day: Date) -> String {
    "day-".to_owned() + &day.to_string()
}

#[expect(clippy::needless_pass_by_value, reason = "a component owns what it is given")]
/// A month with its events: a grid as the ARIA practices describe it. One cell can be reached by Tab, the arrow keys
/// lead from it, Enter opens a day.
#[component]
pub fn MonthGrid(
    view: View,
    today: Option<Date>,
    /// The day that Tab reaches.
    reachable: Date,
    /// In list order.
    events: Vec<Arc<Event>>,
    on_move: Callback<Date>,
    on_open: Callback<Date>,
) -> impl IntoView {
    let week_start = locale::week_start();
    let weeks = view.month.weeks(week_start);
    // Any week has every day of a week; that of the 15th is whole.
    let names = weeks[1].into_iter().flatten().map(|day| {
        view! { <th scope="col">{locale::weekday(day)}</th> }
    });
    let names = names.collect_view();
    let keyboard = move |event: KeyboardEvent| {
        let key = event.key();
        if key == "Enter" || key == " " {
            event.prevent_default();
            on_open.run(reachable);
            return;
        }
        let control = event.ctrl_key() || event.meta_key();
        if event.alt_key() || event.shift_key() {
            return;
        }
        if let Some(day) = calendar::day_after_key(reachable, &key, control, week_start) {
            event.prevent_default();
            on_move.run(day);
        }
    };
    let cell = |day: Option<Date>| match day {
        Some(day) => {
            let is_today = today == Some(day);
            let events = agenda::events_of(&events, day);
            let selected = view.day == Some(day);
            let reachable = reachable == day;
            let month = view.month;
            view! { <DayCell day month is_today selected reachable events on_open keyboard /> }
                .into_any()
        }
        None => view! { <td></td> }.into_any(),
    };
    let rows = weeks.into_iter().map(|week| {
        view! { <tr>{week.into_iter().map(cell).collect_view()}</tr> }
    });
    let rows = rows.collect_view();
    view! {
        <table class="grid" role="grid" aria-labelledby="heading">
            <thead>
                <tr lang=locale::language()>{names}</tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn DayCell(
    day: Date,
    month: Month,
    is_today: bool,
    selected: bool,
    reachable: bool,
    events: Vec<Arc<Event>>,
    on_open: Callback<Date>,
    keyboard: impl Fn(KeyboardEvent) + 'static,
) -> impl IntoView {
    let mut name = locale::day(day);
    if is_today {
        name.push_str(", today");
    }
    name.push_str(", ");
    name.push_str(&count(events.len()));
    let dots = events.iter().take(ROOM).map(|_| view! { <i></i> }).collect_view();
    // The last line is for those that have no room, unless all have.
    let fits = if events.len() > ROOM { ROOM - 1 } else { ROOM };
    let rest = events.len().saturating_sub(fits);
    let chips = events.into_iter().take(fits).map(|event| {
        let time = event.content.when.and_then(|when| when.time).map(locale::time);
        let name = event.content.name.to_string();
        let whole_name = name.clone();
        view! {
            <li>
                <a
                    href=Route::event(event.id).to_string()
                    tabindex="-1"
                    title=whole_name
                    dir="auto"
                >
                    {time.map(|time| view! { <time>{time} " "</time> })}
                    {name}
                </a>
            </li>
        }
    });
    let chips = chips.collect_view();
    let rest = (rest > 0).then(|| {
        let query = View { month: Month::of(day), day: Some(day) }.query();
        view! {
            <li>
                <a
                    class="rest"
                    href=Route::Calendar.to_string() + "?" + &query
                    tabindex="-1"
                    aria-label=rest.to_string() + " more, " + &locale::day(day)
                >
                    {"+".to_owned() + &rest.to_string() + " more"}
                </a>
            </li>
        }
    });
    view! {
        <td
            id=day_id(day)
            role="gridcell"
            class:elsewhere=Month::of(day) != month
            aria-label=name
            aria-selected=if selected { "true" } else { "false" }
            aria-current=is_today.then_some("date")
            tabindex=if reachable { "0" } else { "-1" }
            on:keydown=keyboard
            on:click=move |click| {
                // A link in the cell leads elsewhere.
                if !click.default_prevented() && !is_on_link(&click) {
                    on_open.run(day);
                }
            }
        >
            <span class="grid-day">{day.day()}</span>
            <ul class="chips" role="list">
                {chips} {rest}
            </ul>
            <span class="dots" aria-hidden="true">
                {dots}
            </span>
        </td>
    }
}

fn is_on_link(click: &leptos::ev::MouseEvent) -> bool {
    use wasm_bindgen::JsCast;
    let element: Option<web_sys::Element> =
        click.target().and_then(|target| target.dyn_into().ok());
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
