use leptos::prelude::*;

use crate::routes::AgendaQuery;
use crate::span::Span;

/// The three parts of the agenda as links. The filter stays the same in all of them.
#[component]
pub fn AgendaTabs(query: Memo<AgendaQuery>, words: Memo<String>) -> impl IntoView {
    let tab = move |target: Span, text: &'static str| {
        let address =
            move || AgendaQuery { filter: words.get(), ..AgendaQuery::of(target) }.to_string();
        view! {
            <li>
                <a
                    class="tab"
                    href=move || address()
                    aria-current=move || (query.read().span == target).then_some("page")
                >
                    {text}
                </a>
            </li>
        }
    };
    view! {
        <nav class="tabs" aria-label="Agenda">
            <ul role="list">
                {tab(Span::Upcoming, "Upcoming")}
                {tab(Span::Past, "Past")}
                {tab(Span::Undated, "No date yet")}
            </ul>
        </nav>
    }
}
