use std::sync::Arc;

use domain::Date;
use leptos::prelude::*;

use super::EventName;
use super::event_row::EventMeta;
use crate::agenda::Agenda;
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
                <For
                    each=move || agenda.read().rows(Some(day)).to_vec()
                    key=|row| row.event.id
                    let:row
                >
                    <li class="event">
                        <div>
                            <EventName event=Arc::clone(&row.event)/>
                            <EventMeta event=row.event/>
                        </div>
                    </li>
                </For>
            </ul>
        </section>
    }
}
