use std::sync::Arc;

use domain::{Date, Event, EventId};
use leptos::prelude::*;

use crate::agenda::{self, Day, Month};
use crate::locale;
use crate::routes::Route;

/// The id of an event's link in the list.
pub fn link_id(id: EventId) -> String {
    format!("event-{id}")
}

/// Events by month and day; the undated ones last. A month stays as it is while its events do, so that a long list
/// does not get slower with every page of it.
#[component]
pub fn AgendaList(
    events: Memo<Vec<Arc<Event>>>,
    /// Whether an event is still on its way to the API.
    is_pending: Callback<EventId, bool>,
    on_delete: Callback<Arc<Event>>,
) -> impl IntoView {
    let today = locale::today();
    let rows = Rows { is_pending, on_delete };
    let undated = move || {
        let undated = events.with(|events| agenda::group(events).undated);
        (!undated.is_empty()).then(|| {
            view! {
                <section class="month undated" aria-labelledby="undated">
                    <h2 id="undated">"Date to be announced"</h2>
                    {rows.list(undated)}
                </section>
            }
        })
    };
    view! {
        <div class="agenda">
            <For
                each=move || events.with(|events| agenda::group(events).months)
                key=move |month| agenda::fingerprint(month, |id| is_pending.run(id))
                children=move |month| view! { <MonthSection month today rows /> }
            />
            {undated}
        </div>
    }
}

#[component]
fn MonthSection(month: Month, today: Option<Date>, rows: Rows) -> impl IntoView {
    let first = month.first_date();
    let id = first.map(|date| format!("month-{:04}-{:02}", date.year(), date.month()));
    let days = month.days.into_iter();
    view! {
        <section class="month" aria-labelledby=id.clone()>
            <h2 id=id.clone() lang=locale::language()>
                {first.map(locale::month)}
            </h2>
            <div class="days">
                {days.map(|day| view! { <DayGroup day today rows /> }).collect_view()}
            </div>
        </section>
    }
}

#[component]
fn DayGroup(day: Day, today: Option<Date>, rows: Rows) -> impl IntoView {
    let Day { date, events } = day;
    let is_today = today == Some(date);
    let is_past = today > Some(date);
    view! {
        <div class="day" class:today=is_today>
            <h3 class="badge" class:past=is_past>
                <time datetime=date.to_string()>
                    <span class="visually-hidden" lang=locale::language()>
                        {locale::day(date)}
                    </span>
                    <span class="badge-day" aria-hidden="true">
                        {date.day()}
                    </span>
                    <span class="badge-weekday" aria-hidden="true" lang=locale::language()>
                        {locale::weekday(date)}
                    </span>
                </time>
                {is_today.then(|| view! { <span class="badge-today">"Today"</span> })}
            </h3>
            {rows.list(events)}
        </div>
    }
}

/// What rows do and tell.
#[derive(Clone, Copy)]
struct Rows {
    is_pending: Callback<EventId, bool>,
    on_delete: Callback<Arc<Event>>,
}

impl Rows {
    fn list(self, events: Vec<Arc<Event>>) -> impl IntoView {
        let rows = events.into_iter().map(|event| {
            let pending = self.is_pending.run(event.id);
            view! { <EventRow event pending on_delete=self.on_delete /> }
        });
        view! {
            // Safari forgets that a list without bullets is one.
            <ul class="events" role="list">
                {rows.collect_view()}
            </ul>
        }
    }
}

#[component]
fn EventRow(event: Arc<Event>, pending: bool, on_delete: Callback<Arc<Event>>) -> impl IntoView {
    let content = &event.content;
    let name = content.name.to_string();
    let time = content.when.and_then(|when| when.time);
    let location = content.location.as_ref().map(ToString::to_string);
    let has_meta = time.is_some() || location.is_some();
    let time = time.map(|time| {
        view! {
            <time datetime=time.to_string() lang=locale::language()>
                {locale::time(time)}
            </time>
        }
    });
    let location = location.map(|location| view! { <span dir="auto">{location}</span> });
    let meta = has_meta.then(|| view! { <p class="event-meta">{time} {location}</p> });
    if pending {
        return view! {
            <li class="event pending">
                <div>
                    <span class="event-name" dir="auto">
                        {name}
                    </span>
                    {meta}
                </div>
                <span class="saving">"Saving…"</span>
            </li>
        }
        .into_any();
    }
    let delete = format!("Delete {name}");
    view! {
        <li class="event">
            <div>
                <a
                    class="event-name"
                    id=link_id(event.id)
                    href=Route::event(event.id).to_string()
                    dir="auto"
                >
                    {name}
                </a>
                {meta}
            </div>
            <button
                class="icon"
                type="button"
                aria-label=delete
                on:click=move |_| on_delete.run(Arc::clone(&event))
            >
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v5.5M13.5 10.5v5.5" />
                </svg>
            </button>
        </li>
    }
    .into_any()
}
