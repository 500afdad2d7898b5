use leptos::prelude::*;

/// Ways to the reader's own calendar: an iCalendar file, and links to web calendars by name.
/// `file` is the address of the file, and `name` how it is called when it is kept.
#[component]
pub fn AddToCalendar(
    name: String,
    file: Option<String>,
    links: Vec<(&'static str, String)>,
) -> impl IntoView {
    let links = links.into_iter().map(|(name, link)| {
        view! {
            <li>
                <a class="button" href=link target="_blank" rel="noopener">
                    {name}
                    <span class="visually-hidden">" (opens a new tab)"</span>
                </a>
            </li>
        }
    });
    view! {
        <section class="add-to-calendar" aria-labelledby="add-to-calendar">
            <h2 id="add-to-calendar">"Add to your calendar"</h2>
            <ul class="actions" role="list">
                <li>
                    <a class="button" href=file download=name + ".ics">"Download .ics"</a>
                </li>
                {links.collect_view()}
            </ul>
        </section>
    }
}
