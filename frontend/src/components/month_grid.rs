use std::sync::Arc;

use domain::{Date, Event};
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

use crate::agenda::{Agenda, Row};
use crate::calendar::{self, Month};
use crate::foreign::isolated;
use crate::locale;
use crate::routes::{CalendarQuery, Route};

/// How many events of a day have room in its cell; more of them are counted.
const ROOM: usize = 3;

/// The id of a day's cell.
pub fn day_id(day: Date) -> String {
    format!("day-{day}")
}

/// A month with its events: the grid pattern of the ARIA Authoring Practices. Tab reaches one cell,
/// `reachable`; the arrow keys move it; Enter opens a day, `open`.
#[component]
pub fn MonthGrid(
    month: Month,
    today: Memo<Option<Date>>,
    agenda: Memo<Agenda>,
    reachable: Memo<Date>,
    open: Memo<Option<Date>>,
    on_move: Callback<Date>,
    on_open: Callback<Date>,
) -> impl IntoView {
    let week_start = locale::week_start();
    let weeks = month.weeks(week_start);
    // Any week has every day of a week; that of the 15th is whole.
    let names = weeks[1].into_iter().flatten().map(|day| {
        view! { <th scope="col">{locale::weekday(day)}</th> }
    });
    let names = names.collect_view();
    let cell = move |day: Option<Date>| match day {
        Some(day) => view! { <DayCell day month today agenda reachable open on_open/> }.into_any(),
        None => view! { <td></td> }.into_any(),
    };
    let rows = weeks.into_iter().map(|week| {
        view! { <tr>{week.into_iter().map(cell).collect_view()}</tr> }
    });
    let rows = rows.collect_view();
    let on_key = move |event: KeyboardEvent| {
        let key = event.key();
        let day = day_at(event.target()).unwrap_or_else(|| reachable.get_untracked());
        if key == "Enter" || key == " " {
            // A link in a cell leads elsewhere.
            if !is_on_link(event.target()) {
                event.prevent_default();
                on_open.run(day);
            }
            return;
        }
        let control = event.ctrl_key() || event.meta_key();
        if event.alt_key() || event.shift_key() {
            return;
        }
        if let Some(day) = calendar::day_after_key(day, &key, control, week_start) {
            event.prevent_default();
            on_move.run(day);
        }
    };
    view! {
        <table class="grid" role="grid" aria-labelledby="heading" on:keydown=on_key>
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
    today: Memo<Option<Date>>,
    agenda: Memo<Agenda>,
    reachable: Memo<Date>,
    open: Memo<Option<Date>>,
    on_open: Callback<Date>,
) -> impl IntoView {
    let is_today = move || today.get() == Some(day);
    let events = Memo::new(move |_| agenda.read().rows(Some(day)).to_vec());
    let date = locale::day(day);
    let label = move || {
        let today = if is_today() { ", today, " } else { ", " };
        format!("{date}{today}{}", count(events.read().len()))
    };
    view! {
        <td
            id=day_id(day)
            role="gridcell"
            class=(Month::of(day) != month).then_some("elsewhere")
            aria-current=move || is_today().then_some("date")
            aria-selected=move || (open.get() == Some(day)).to_string()
            tabindex=move || if reachable.get() == day { "0" } else { "-1" }
            aria-label=move || label()
            on:click=move |click: MouseEvent| {
                // A link in the cell leads elsewhere.
                if !click.default_prevented() && !is_on_link(click.target()) {
                    on_open.run(day);
                }
            }
        >
            <span class="grid-day">{day.day().to_string()}</span>
            <ul class="chips" role="list">{move || chips(day, &events.read())}</ul>
            <span class="dots" aria-hidden="true">{move || dots(events.read().len())}</span>
        </td>
    }
}

/// How many there are, where there is no room for names.
fn dots(events: usize) -> Vec<AnyView> {
    (0..events.min(ROOM)).map(|_| view! { <i></i> }.into_any()).collect()
}

/// The events that have room, and a line for the others.
fn chips(day: Date, events: &[Row]) -> Vec<AnyView> {
    let fits = if events.len() > ROOM { ROOM - 1 } else { ROOM };
    let rest = events.len().saturating_sub(fits);
    let mut chips: Vec<_> = events
        .iter()
        .take(fits)
        .map(|row| view! { <Chip event=Arc::clone(&row.event)/> }.into_any())
        .collect();
    if rest > 0 {
        let address = CalendarQuery { month: Month::of(day), day: Some(day) }.to_string();
        let label = format!("{rest} more, {}", locale::day(day));
        let more = view! {
            <li>
                <a class="rest" href=address tabindex="-1" aria-label=label>
                    {format!("+{rest} more")}
                </a>
            </li>
        };
        chips.push(more.into_any());
    }
    chips
}

#[component]
fn Chip(event: Arc<Event>) -> impl IntoView {
    let name = isolated(event.content.name.as_str());
    let time = event.content.when.and_then(|when| when.time).map(locale::time);
    let time = time.map(|time| view! { <time>{time}" "</time> });
    let title = name.clone();
    view! {
        <li>
            <a
                href=Route::event(event.id).to_string()
                tabindex="-1"
                title=title
            >
                {time}
                {name}
            </a>
        </li>
    }
}

/// The day of the cell that something is in.
fn day_at(target: Option<EventTarget>) -> Option<Date> {
    let element: Element = target?.dyn_into().ok()?;
    element.closest("td").ok()??.id().strip_prefix("day-")?.parse().ok()
}

fn is_on_link(target: Option<EventTarget>) -> bool {
    let element: Option<Element> = target.and_then(|target| target.dyn_into().ok());
    element.is_some_and(|element| element.closest("a").is_ok_and(|link| link.is_some()))
}

/// "2 events"
fn count(events: usize) -> String {
    match events {
        0 => "no events".to_owned(),
        1 => "1 event".to_owned(),
        _ => format!("{events} events"),
    }
}
