use std::sync::Arc;

use domain::{Date, Event, EventId};
use leptos::prelude::*;

use crate::agenda::{Agenda, Day, Month};
use crate::locale;
use crate::routes::Route;

/// The id of an event's link in the list.
pub fn link_id(id: EventId) -> String {
    format!("event-{id}")
}

/// Events by month and day; the undated ones last.
#[component]
pub fn AgendaList(agenda: Agenda, on_delete: Callback<Arc<Event>>) -> impl IntoView {
    let today = locale::today();
    let Agenda { months, undated } = agenda;
    let months = months.into_iter();
    let undated = (!undated.is_empty()).then_some(undated);
    view! {
        {months.map(|month| view! { <MonthSection month today on_delete /> }).collect_view()}
        {undated
            .map(|events| {
                view! {
                    <section class="month undated" aria-labelledby="undated">
                        <h2 id="undated">"Date to be announced"</h2>
                        <EventRows events on_delete />
                    </section>
                }
            })}
    }
}

#[component]
fn MonthSection(
    month: Month,
    today: Option<Date>,
    on_delete: Callback<Arc<Event>>,
) -> impl IntoView {
    let first = month.first_date();
    let id = first.map(|date| format!("month-{:04}-{:02}", date.year(), date.month()));
    let days = month.days.into_iter();
    view! {
        <section class="month" aria-labelledby=id.clone()>
            <h2 id=id.clone() lang=locale::language()>
                {first.map(locale::month)}
            </h2>
            <div class="days">
                {days.map(|day| view! { <DayGroup day today on_delete /> }).collect_view()}
            </div>
        </section>
    }
}

#[component]
fn DayGroup(day: Day, today: Option<Date>, on_delete: Callback<Arc<Event>>) -> impl IntoView {
    let Day { date, events } = day;
    let is_today = today == Some(date);
    let is_past = today > Some(date);
    view! {
        <div class="day">
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
            <EventRows events on_delete />
        </div>
    }
}

#[component]
fn EventRows(events: Vec<Arc<Event>>, on_delete: Callback<Arc<Event>>) -> impl IntoView {
    let events = events.into_iter();
    view! {
        // Safari forgets that a list without bullets is one.
        <ul class="events" role="list">
            {events.map(|event| view! { <EventRow event on_delete /> }).collect_view()}
        </ul>
    }
}

#[component]
fn EventRow(event: Arc<Event>, on_delete: Callback<Arc<Event>>) -> impl IntoView {
    let content = &event.content;
    let name = content.name.to_string();
    let time = content.when.and_then(|when| when.time);
    let location = content.location.as_ref().map(ToString::to_string);
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
                {(time.is_some() || location.is_some())
                    .then(|| {
                        view! {
                            <p class="event-meta">
                                {time
                                    .map(|time| {
                                        view! {
                                            <time datetime=time.to_string() lang=locale::language()>
                                                {locale::time(time)}
                                            </time>
                                        }
                                    })}
                                {location.map(|location| view! { <span dir="auto">{location}</span> })}
                            </p>
                        }
                    })}
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
}
