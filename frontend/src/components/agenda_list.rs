use std::sync::Arc;

use domain::{Date, Event, EventId};
use leptos::prelude::*;

use super::{EventRow, PendingRow};
use crate::agenda::{Agenda, Row};
use crate::calendar::Month;
use crate::locale;

/// The id of the element around the rows that are drawn.
pub const DRAWN: &str = "drawn";

/// The rows of a list that are drawn, and the space for the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    pub agenda: Agenda,
    /// The number of rows in the list; -1 while it is not known.
    pub count: i64,
    /// The height of the rows above and below, in pixels.
    pub above: u32,
    pub below: u32,
}

/// Events by month and day; the undated ones last.
#[component]
pub fn AgendaList(
    rows: Memo<Rows>,
    today: Memo<Option<Date>>,
    /// Whether an event is still being created.
    is_pending: Callback<EventId, bool>,
    on_delete: Callback<Arc<Event>>,
) -> impl IntoView {
    let count = Memo::new(move |_| rows.read().count.to_string());
    let list = List { rows, count, today, is_pending, on_delete };
    let has_undated = Memo::new(move |_| !rows.read().agenda.rows(None).is_empty());
    let undated = move || view! { <UndatedSection list/> }.into_any();
    view! {
        <div class="agenda">
            <div style:height=move || format!("{}px", rows.read().above)></div>
            <div id=DRAWN>
                <For each=move || rows.read().agenda.months() key=|month| *month let:month>
                    <MonthSection list month/>
                </For>
                {move || has_undated.get().then(undated)}
            </div>
            <div style:height=move || format!("{}px", rows.read().below)></div>
        </div>
    }
}

#[derive(Clone, Copy)]
struct List {
    rows: Memo<Rows>,
    count: Memo<String>,
    today: Memo<Option<Date>>,
    is_pending: Callback<EventId, bool>,
    on_delete: Callback<Arc<Event>>,
}

#[component]
fn UndatedSection(list: List) -> impl IntoView {
    view! {
        <section class="month undated" aria-labelledby="undated">
            <h2 id="undated">"Date to be announced"</h2>
            <EventRows list day=None/>
        </section>
    }
}

#[component]
fn MonthSection(list: List, month: Month) -> impl IntoView {
    let id = format!("month-{month}");
    let labelled_by = id.clone();
    view! {
        <section class="month" aria-labelledby=labelled_by>
            <h2 id=id lang=locale::language()>{locale::month(month.first())}</h2>
            <div class="days">
                <For each=move || list.rows.read().agenda.days(month) key=|day| *day let:day>
                    <DayGroup list day/>
                </For>
            </div>
        </section>
    }
}

#[component]
fn DayGroup(list: List, day: Date) -> impl IntoView {
    let is_today = Memo::new(move |_| list.today.get() == Some(day));
    let is_past = Memo::new(move |_| list.today.get() > Some(day));
    let today = || view! { <span class="badge-today">"Today"</span> }.into_any();
    view! {
        <div class="day" class:today=move || is_today.get()>
            <h3 class="badge" class:past=move || is_past.get()>
                <time datetime=day.to_string()>
                    <span class="visually-hidden" lang=locale::language()>{locale::day(day)}</span>
                    <span class="badge-day" aria-hidden="true">{day.day().to_string()}</span>
                    <span class="badge-weekday" aria-hidden="true" lang=locale::language()>
                        {locale::weekday(day)}
                    </span>
                </time>
                {move || is_today.get().then(today)}
            </h3>
            <EventRows list day=Some(day)/>
        </div>
    }
}

/// The events of a day, or those without one.
#[component]
fn EventRows(list: List, day: Option<Date>) -> impl IntoView {
    let each = move || {
        let with_state = |Row { event, .. }: &Row| (list.is_pending.run(event.id), event.clone());
        list.rows.read().agenda.rows(day).iter().map(with_state).collect::<Vec<_>>()
    };
    let row = move |index: ReadSignal<usize>, (is_pending, event): (bool, Arc<Event>)| {
        if is_pending {
            return view! { <PendingRow event/> }.into_any();
        }
        let position = Memo::new(move |_| {
            let rows = list.rows.read();
            rows.agenda.rows(day).get(index.get()).map_or(0, |row| row.position).to_string()
        });
        view! { <EventRow event position count=list.count on_delete=list.on_delete/> }.into_any()
    };
    view! {
        // Safari forgets that a list without bullets is one.
        <ul class="events" role="list">
            <ForEnumerate
                each
                key=|(is_pending, event)| (event.id, *is_pending)
                children=row
            />
        </ul>
    }
}
