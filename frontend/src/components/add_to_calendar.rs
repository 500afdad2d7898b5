use leptos::prelude::*;

use crate::browser;

/// The ways into the reader's own calendar: an iCalendar file, and links to web calendars with their names.
#[component]
pub fn AddToCalendar(
    name: String,
    file: String,
    links: Vec<(&'static str, String)>,
) -> impl IntoView {
    let file = browser::address_of_text(file, "text/calendar;charset=utf-8");
    let shown = file.clone().unwrap_or_default();
    on_cleanup(move || browser::revoke(&shown));
    let links = links.into_iter();
    view! {
        <section class="add-to-calendar" aria-labelledby="add-to-calendar">
            <h2 id="add-to-calendar">"Add to your calendar"</h2>
            <ul class="actions" role="list">
                <li>
                    <a class="button" href=file download=name + ".ics">
                        "Download .ics"
                    </a>
                </li>
                {links
                    .map(|(name, link)| {
                        view! {
                            <li>
                                <a class="button" href=link target="_blank" rel="noopener">
                                    {name}
                                    <span class="visually-hidden">" (opens a new tab)"</span>
                                </a>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}
