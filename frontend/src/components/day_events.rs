use std::sync::Arc;

use domain::{Date, Event};
use leptos::prelude::*;

use crate::locale;
use crate::routes::Route;

/// The id of the heading over the events of the open day.
pub const OPEN_DAY: &str = "open-day";

/// The events of one day, below the month. `events` are in list order.
#[component]
pub fn DayEvents(day: Date, events: Vec<Arc<Event>>, is_loading: bool) -> impl IntoView {
    let is_empty = events.is_empty();
    let rows = events.into_iter().map(|event| {
        let content = &event.content;
        let time = content.when.and_then(|when| when.time).map(locale::time);
        let location = content.location.as_ref().map(ToString::to_string);
        view! {
            <li class="event">
                <div>
                    <a class="event-name" href=Route::event(event.id).to_string() dir="auto">
                        {content.name.to_string()}
                    </a>
                    <p class="event-meta">
                        {time.map(|time| view! { <time>{time}</time> })}
                        {location.map(|location| view! { <span dir="auto">{location}</span> })}
                    </p>
                </div>
            </li>
        }
    });
    let rows = rows.collect_view();
    view! {
        <section class="open-day" aria-labelledby=OPEN_DAY>
            <h2 id=OPEN_DAY tabindex="-1" lang=locale::language()>
                {locale::day(day)}
            </h2>
            {(is_empty && !is_loading).then(|| view! { <p class="lead">"Nothing planned."</p> })}
            <ul class="events" role="list">
                {rows}
            </ul>
        </section>
    }
}
