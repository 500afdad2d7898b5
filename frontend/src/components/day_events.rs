use std::sync::Arc;

use domain::Date;
use leptos::prelude::*;

use super::EventName;
use super::event_row::EventMeta;
use super::keyed::{Item, Keyed};
use crate::agenda::{Agenda, Row};
use crate::locale;

/// The id of the heading over the events of the open day.
pub const OPEN_DAY: &str = "open-day";

/// The events of one day, in list order, below the month.
#[component]
pub fn DayEvents(
    day: Date,
    agenda: Memo<Agenda>,
    /// More of them are on their way.
    is_loading: Memo<bool>,
) -> impl IntoView {
    let is_empty =
        Memo::new(move |_| agenda.read().rows(Some(day)).is_empty() && !is_loading.get());
    let nothing = || view! { <p class="lead">"No events on this day."</p> }.into_any();
    view! {
        <section class="open-day" aria-labelledby=OPEN_DAY>
            <h2 id=OPEN_DAY tabindex="-1" lang=locale::language()>{locale::day(day)}</h2>
            {move || is_empty.get().then(nothing)}
            <ul class="events" role="list">
                <Keyed items=move |()| events(&agenda.read(), day)/>
            </ul>
        </section>
    }
}

fn events(agenda: &Agenda, day: Date) -> Vec<Item> {
    let item = |Row { event, .. }: &Row| {
        let event = Arc::clone(event);
        Item::new(event.id, move || {
            let row = view! {
                <li class="event">
                    <div>
                        <EventName event=Arc::clone(&event)/>
                        <EventMeta event/>
                    </div>
                </li>
            };
            row.into_any()
        })
    };
    agenda.rows(Some(day)).iter().map(item).collect()
}
