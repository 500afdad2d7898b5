use std::collections::HashMap;
use std::sync::Arc;

use domain::{Date, Event, EventId};
use leptos::prelude::*;

use super::{EventRow, PendingRow};
use crate::agenda::Agenda;
use crate::calendar::Month;
use crate::locale;

/// The id of the element around the rows that are drawn.
pub const DRAWN: &str = "drawn";

/// The rows of a list that are drawn, and the space for the others.
#[derive(Clone, Copy)]
pub struct Rows {
    pub agenda: Memo<Agenda>,
    /// Where each drawn row is in the whole list, from 1.
    pub positions: Memo<HashMap<EventId, usize>>,
    /// The number of rows in the list; -1 while it is not known.
    pub count: Signal<i64>,
    /// The height of the rows above and below, in pixels.
    pub above: Signal<f64>,
    pub below: Signal<f64>,
    pub today: Signal<Option<Date>>,
    /// Whether an event is still being created.
    pub is_pending: Callback<EventId, bool>,
    pub on_delete: Callback<Arc<Event>>,
}

/// Events by month and day; the undated ones last.
#[component]
pub fn AgendaList(rows: Rows) -> impl IntoView {
    let pixels = |height: f64| format!("{height}px");
    let undated = Signal::derive(move || rows.agenda.read().undated().to_vec());
    view! {
        <div class="agenda">
            <div style:height=move || pixels(rows.above.get())></div>
            <div id=DRAWN>
                <For each=move || rows.agenda.read().months() key=|month| *month let:month>
                    <MonthSection rows month/>
                </For>
                <Show when=move || undated.with(|events| !events.is_empty())>
                    <section class="month undated" aria-labelledby="undated">
                        <h2 id="undated">"Date to be announced"</h2>
                        <EventRows rows events=undated/>
                    </section>
                </Show>
            </div>
            <div style:height=move || pixels(rows.below.get())></div>
        </div>
    }
}

#[component]
fn MonthSection(rows: Rows, month: Month) -> impl IntoView {
    let id = format!("month-{month}");
    let labelled_by = id.clone();
    view! {
        <section class="month" aria-labelledby=labelled_by>
            <h2 id=id lang=locale::language()>{locale::month(month.first())}</h2>
            <div class="days">
                <For each=move || rows.agenda.read().days(month) key=|day| *day let:day>
                    <DayGroup rows day/>
                </For>
            </div>
        </section>
    }
}

#[component]
fn DayGroup(rows: Rows, day: Date) -> impl IntoView {
    let is_today = move || rows.today.get() == Some(day);
    let is_past = move || rows.today.get() > Some(day);
    let events = Signal::derive(move || rows.agenda.read().events(day).to_vec());
    view! {
        <div class="day" class:today=is_today>
            <h3 class="badge" class:past=is_past>
                <time datetime=day.to_string()>
                    <span class="visually-hidden" lang=locale::language()>{locale::day(day)}</span>
                    <span class="badge-day" aria-hidden="true">{day.day().to_string()}</span>
                    <span class="badge-weekday" aria-hidden="true" lang=locale::language()>
                        {locale::weekday(day)}
                    </span>
                </time>
                <Show when=is_today>
                    <span class="badge-today">"Today"</span>
                </Show>
            </h3>
            <EventRows rows events/>
        </div>
    }
}

#[component]
fn EventRows(rows: Rows, events: Signal<Vec<Arc<Event>>>) -> impl IntoView {
    let each = move || {
        let with_state = |event: Arc<Event>| (rows.is_pending.run(event.id), event);
        events.get().into_iter().map(with_state).collect::<Vec<_>>()
    };
    let row = move |(is_pending, event): (bool, Arc<Event>)| {
        if is_pending {
            return view! { <PendingRow event/> }.into_any();
        }
        let id = event.id;
        let position =
            Signal::derive(move || rows.positions.read().get(&id).copied().unwrap_or_default());
        view! { <EventRow event position count=rows.count on_delete=rows.on_delete/> }.into_any()
    };
    view! {
        // Safari forgets that a list without bullets is one.
        <ul class="events" role="list">
            <For each key=|(is_pending, event)| (event.id, *is_pending) children=row/>
        </ul>
    }
}
