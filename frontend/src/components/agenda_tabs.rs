use leptos::prelude::*;

use crate::routes::AgendaQuery;
use crate::span::Span;

/// The three parts of the agenda, as links: each has an address.
#[component]
pub fn AgendaTabs(
    #[prop(into)] span: Signal<Span>,
    /// Goes along from one to the other.
    #[prop(into)]
    filter: Signal<String>,
) -> impl IntoView {
    let tab = move |target: Span, text: &'static str| {
        view! {
            <li>
                <a
                    class="tab"
                    href=move || AgendaQuery { span: target, filter: filter.get() }.to_string()
                    aria-current=move || (span.get() == target).then_some("page")
                >
                    {text}
                </a>
            </li>
        }
    };
    view! {
        <nav class="tabs" aria-label="Agenda">
            <ul role="list">
                {tab(Span::Upcoming, "Upcoming")} {tab(Span::Past, "Past")}
                {tab(Span::Undated, "No date yet")}
            </ul>
        </nav>
    }
}
