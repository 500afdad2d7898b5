use std::sync::Arc;

use domain::Event;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::deletion::Deletion;
use crate::api::{self, Failure, Kind};
use crate::components::{EventSkeleton, FailureNotice, PageHeading};
use crate::session::Session;
use crate::{locale, routes};

/// What is known of the event that the address names.
#[derive(Clone)]
enum Found {
    Loading,
    Event(Arc<Event>),
    Missing,
    Failed(Failure),
}

/// `/events/{id}`: all of one event.
#[component]
pub fn EventPage() -> impl IntoView {
    let session = Session::of_app();
    let id = routes::use_event_id();
    let answer = LocalResource::new(move || {
        let id = id.get();
        async move {
            match id {
                None => Ok(None),
                Some(id) => match session.recent(id) {
                    Some(event) => Ok(Some(event)),
                    None => api::get_event(id).await.map(Some),
                },
            }
        }
    });
    let retrying = RwSignal::new(false);
    Effect::new(move |_| {
        answer.track();
        retrying.set(false);
    });
    let found = Signal::derive(move || match answer.get() {
        None => Found::Loading,
        Some(Ok(Some(event))) if !session.is_deleted(event.id) => Found::Event(event),
        Some(Ok(_)) => Found::Missing,
        Some(Err(failure)) if failure.kind == Kind::NotFound => Found::Missing,
        Some(Err(failure)) => Found::Failed(failure),
    });

    let navigate = use_navigate();
    let deletion = Deletion::new(move |event| {
        session.announce(routes::AGENDA, format!("“{}” was deleted.", event.content.name));
        navigate(routes::AGENDA, NavigateOptions { replace: true, ..NavigateOptions::default() });
    });

    let heading = Signal::derive(move || match found.get() {
        Found::Loading => "Loading…".to_owned(),
        Found::Event(event) => event.content.name.to_string(),
        Found::Missing => "This event is not here".to_owned(),
        Found::Failed(_) => "Event".to_owned(),
    });
    view! {
        <a class="back" href=routes::AGENDA>
            "Agenda"
        </a>
        <article class="event-page">
            <PageHeading text=heading />
            {move || match found.get() {
                Found::Loading => view! { <EventSkeleton /> }.into_any(),
                Found::Event(event) => {
                    view! { <EventDetails event on_delete=Callback::new(move |event| deletion.ask(event)) /> }
                        .into_any()
                }
                Found::Missing => {
                    view! {
                        <p class="lead">"It was deleted, or the address is not quite right."</p>
                        <a class="button" href=routes::AGENDA>
                            "Go to the agenda"
                        </a>
                    }
                        .into_any()
                }
                Found::Failed(failure) => {
                    let retry = move |()| {
                        retrying.set(true);
                        answer.refetch();
                    };
                    view! { <FailureNotice failure on_retry=Callback::new(retry) retrying /> }.into_any()
                }
            }}
        </article>
        {deletion.dialog()}
    }
}

#[component]
fn EventDetails(event: Arc<Event>, on_delete: Callback<Arc<Event>>) -> impl IntoView {
    let content = event.content.clone();
    let when = content.when;
    view! {
        <dl class="facts">
            <div>
                <dt>"Date"</dt>
                <dd>
                    {when
                        .map_or_else(
                            || "To be announced".into_any(),
                            |when| {
                                view! {
                                    <time datetime=when.date.to_string() lang=locale::language()>
                                        {locale::day(when.date)}
                                    </time>
                                }
                                    .into_any()
                            },
                        )}
                </dd>
            </div>
            {when
                .and_then(|when| when.time)
                .map(|time| {
                    view! {
                        <div>
                            <dt>"Time"</dt>
                            <dd>
                                <time datetime=time.to_string() lang=locale::language()>
                                    {locale::time(time)}
                                </time>
                            </dd>
                        </div>
                    }
                })}
            {content
                .location
                .map(|location| {
                    view! {
                        <div>
                            <dt>"Location"</dt>
                            <dd dir="auto">{location.to_string()}</dd>
                        </div>
                    }
                })}
        </dl>
        {content
            .description
            .map(|description| {
                view! {
                    <p class="description" dir="auto">
                        {description.to_string()}
                    </p>
                }
            })}
        <footer class="event-foot">
            <p>
                "Added "
                <time datetime=event.created_at.to_string() lang=locale::language()>
                    {locale::instant(event.created_at)}
                </time>
            </p>
            <button class="button" type="button" on:click=move |_| on_delete.run(Arc::clone(&event))>
                "Delete event"
            </button>
        </footer>
    }
}
