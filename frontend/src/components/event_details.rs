use std::sync::Arc;

use domain::Event;
use leptos::prelude::*;

use crate::locale;

/// All that is known of an event, but its name. `children` are what one can do with it.
#[component]
pub fn EventDetails(
    event: Arc<Event>,
    /// Stands between the description and what one can do.
    calendars: AnyView,
    children: Children,
) -> impl IntoView {
    let content = &event.content;
    let date = match content.when {
        Some(when) => {
            view! { <dd lang=locale::language()>{locale::day(when.date)}</dd> }.into_any()
        }
        None => view! { <dd>"To be announced"</dd> }.into_any(),
    };
    let time = content.when.and_then(|when| Some((when, locale::times(when)?)));
    let time = time.map(|(when, times)| {
        let definition = if when.ends_next_day() { times + ", next day" } else { times };
        view! { <Fact term="Time" definition/> }
    });
    let location = content.location.as_ref().map(ToString::to_string);
    let location = location.map(|text| view! { <Fact term="Location" definition=text/> });
    let description = content.description.as_ref().map(ToString::to_string);
    let description =
        description.map(|text| view! { <p class="description" dir="auto">{text}</p> });
    view! {
        <dl class="facts">
            <div>
                <dt>"Date"</dt>
                {date}
            </div>
            {time}
            {location}
        </dl>
        {description}
        {calendars}
        <footer class="event-foot">
            <p>"Added "<span lang=locale::language()>{locale::instant(event.created_at)}</span></p>
            <div class="actions">{children()}</div>
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
