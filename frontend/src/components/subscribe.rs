use leptos::prelude::*;

use super::Part;

/// How the reader's own calendar shows the events, and goes on showing them. `view` is what stands
/// below the heading, once it is known.
#[component]
pub fn Subscribe(#[prop(into)] view: Callback<(), Option<AnyView>>) -> impl IntoView {
    view! {
        <details class="subscribe">
            <summary>"Subscribe"</summary>
            <Part view=move || view.run(())/>
        </details>
    }
}

/// What one does with the feed. `children` is its address, to be copied.
#[component]
pub fn SubscribeToFeed(
    /// As programs that open calendars take it.
    webcal: String,
    time_zone: Option<String>,
    children: Children,
) -> impl IntoView {
    let times = match time_zone {
        Some(zone) => format!("The times are those of {zone}."),
        None => "The times are those of the venues; a calendar may take them for UTC.".to_owned(),
    };
    view! {
        <p>
            "Your calendar shows what was in the last 30 days and what is to come, up to 1,000 events. "
            "It asks for changes by itself, as often as it likes: some every hour, some once a day. "
            {times}
        </p>
        <div class="actions">
            <a class="button" href=webcal>"Open in your calendar"</a>
            {children()}
        </div>
    }
}

/// Where there is no feed.
#[component]
pub fn NoFeed() -> impl IntoView {
    view! {
        <p>"Only members can see these events, and a calendar cannot sign in: there is no feed."</p>
    }
}
