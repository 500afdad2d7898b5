use std::sync::Arc;

use domain::Event;
use leptos::prelude::*;

use super::{AddToCalendar, CopyLink};
use crate::{ics, locale};

/// All that is known of an event, but its name; `address` is that of its page.
#[component]
pub fn EventDetails(
    event: Arc<Event>,
    address: String,
    on_delete: Callback<Arc<Event>>,
) -> impl IntoView {
    let content = &event.content;
    let date = content.when.map(|when| locale::day(when.date));
    let time = content.when.and_then(|when| when.time).map(locale::time);
    let location = content.location.as_ref().map(ToString::to_string);
    let description = content.description.as_ref().map(ToString::to_string);
    let added = locale::instant(event.created_at);
    let name = content.name.to_string();
    let file = ics::file(&event, &address);
    let links = ics::links(&event);
    let language = date.is_some().then(locale::language);
    view! {
        <dl class="facts">
            <div>
                <dt>"Date"</dt>
                <dd lang=language>{date.unwrap_or_else(|| "To be announced".to_owned())}</dd>
            </div>
            {time.map(|time| view! { <Fact term="Time" definition=time /> })}
            {location.map(|location| view! { <Fact term="Location" definition=location /> })}
        </dl>
        {description
            .map(|description| {
                view! {
                    <p class="description" dir="auto">
                        {description}
                    </p>
                }
            })}
        {file.map(|file| view! { <AddToCalendar name file links /> })}
        <footer class="event-foot">
            <p>"Added " <span lang=locale::language()>{added}</span></p>
            <div class="actions">
                <CopyLink address />
                <button
                    class="button"
                    type="button"
                    on:click=move |_| on_delete.run(Arc::clone(&event))
                >
                    "Delete event"
                </button>
            </div>
        </footer>
    }
}

#[component]
fn Fact(term: &'static str, definition: String) -> impl IntoView {
    view! {
        <div>
            <dt>{term}</dt>
            <dd dir="auto">{definition}</dd>
        </div>
    }
}
