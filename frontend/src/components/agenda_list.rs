use std::sync::Arc;

use domain::{Date, Event, EventId};
use leptos::prelude::*;

use super::keyed::{Item, Keyed};
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
    pub today: Option<Date>,
    /// The height of the rows above and below, in pixels.
    pub above: u32,
    pub below: u32,
}

/// Events by month and day; the undated ones last.
///
/// Whatever changes in a row comes by `rows`, which forgets its readers when it is set. Any other
/// signal or memo would keep something of each row that was ever drawn.
#[component]
pub fn AgendaList(
    rows: RwSignal<Rows>,
    /// Whether an event is still being created.
    is_pending: Callback<EventId, bool>,
    on_duplicate: Callback<Arc<Event>>,
    on_delete: Callback<Arc<Event>>,
) -> impl IntoView {
    let list = List { rows, is_pending, on_duplicate, on_delete };
    let has_undated = Memo::new(move |_| !rows.read().agenda.rows(None).is_empty());
    let undated = move || view! { <UndatedSection list/> }.into_any();
    view! {
        <div class="agenda">
            <div style:height=move || format!("{}px", rows.read().above)></div>
            <div id=DRAWN>
                <Keyed items=move |()| list.months()/>
                {move || has_undated.get().then(undated)}
            </div>
            <div style:height=move || format!("{}px", rows.read().below)></div>
        </div>
    }
}

#[derive(Clone, Copy)]
struct List {
    rows: RwSignal<Rows>,
    is_pending: Callback<EventId, bool>,
    on_duplicate: Callback<Arc<Event>>,
    on_delete: Callback<Arc<Event>>,
}

impl List {
    fn months(self) -> Vec<Item> {
        let item = |month: Month| {
            Item::new(month, move || view! { <MonthSection list=self month/> }.into_any())
        };
        self.rows.read().agenda.months().into_iter().map(item).collect()
    }

    fn days(self, month: Month) -> Vec<Item> {
        let item =
            |day: Date| Item::new(day, move || view! { <DayGroup list=self day/> }.into_any());
        self.rows.read().agenda.days(month).into_iter().map(item).collect()
    }

    /// The events of a day, or those without one. One that is created no longer is another row.
    fn events(self, day: Option<Date>) -> Vec<Item> {
        let item = |Row { event, .. }: &Row| {
            let event = Arc::clone(event);
            if self.is_pending.run(event.id) {
                let key = format!("{} pending", event.id);
                return Item::new(key, move || view! { <PendingRow event/> }.into_any());
            }
            Item::new(event.id, move || {
                let position = self.position(day, event.id);
                let count = Signal::derive(move || self.rows.read().count.to_string());
                let (on_duplicate, on_delete) = (self.on_duplicate, self.on_delete);
                view! { <EventRow event position count on_duplicate on_delete/> }.into_any()
            })
        };
        self.rows.read().agenda.rows(day).iter().map(item).collect()
    }

    fn position(self, day: Option<Date>, id: EventId) -> Signal<String> {
        Signal::derive(move || {
            let rows = self.rows.read();
            let row = rows.agenda.rows(day).iter().find(|row| row.event.id == id);
            row.map_or(0, |row| row.position).to_string()
        })
    }
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
                <Keyed items=move |()| list.days(month)/>
            </div>
        </section>
    }
}

#[component]
fn DayGroup(list: List, day: Date) -> impl IntoView {
    let is_today = Memo::new(move |_| list.rows.read().today == Some(day));
    let is_past = move || list.rows.read().today > Some(day);
    let today = || view! { <span class="badge-today">"Today"</span> }.into_any();
    view! {
        <div class="day" class:today=move || is_today.get()>
            <h3 class="badge" class:past=is_past>
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

#[component]
fn EventRows(list: List, day: Option<Date>) -> impl IntoView {
    view! {
        // Safari forgets that a list without bullets is one.
        <ul class="events" role="list">
            <Keyed items=move |()| list.events(day)/>
        </ul>
    }
}
