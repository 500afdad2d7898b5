//! What stands on every page, and which page is at which route.

use leptos::prelude::*;

use crate::browser;
use crate::components::ThemeSwitch;
use crate::navigation::Navigation;
use crate::pages::{AgendaPage, CalendarPage, EventPage, NewEventPage, NotFoundPage};
use crate::routes::Route;
use crate::session::Session;

#[component]
pub fn App() -> impl IntoView {
    let session = Session::begin();
    let navigation = Navigation::start();
    provide_context(session);
    provide_context(navigation);
    let page = move || {
        let route = navigation.route();
        session.moved_to(route);
        match route {
            Route::Agenda => view! { <AgendaPage /> }.into_any(),
            Route::Calendar => view! { <CalendarPage /> }.into_any(),
            Route::NewEvent => view! { <NewEventPage /> }.into_any(),
            Route::Event(id) => view! { <EventPage id /> }.into_any(),
            Route::NotFound => view! { <NotFoundPage /> }.into_any(),
        }
    };
    view! {
        <SkipLink />
        <Header />
        <Notice />
        <main id="main" tabindex="-1">
            {page}
        </main>
        <ThemeSwitch />
    }
}

#[component]
fn SkipLink() -> impl IntoView {
    let skip = |click: leptos::ev::MouseEvent| {
        click.prevent_default();
        browser::focus("main");
    };
    view! { <a class="skip" href="#main" on:click=skip>"Skip to content"</a> }
}

#[component]
fn Header() -> impl IntoView {
    let navigation = Navigation::of_app();
    let current = move |page| (navigation.route() == page).then_some("page");
    view! {
        <header class="site">
            <nav aria-label="Site">
                <a
                    class="wordmark"
                    href=Route::Agenda.to_string()
                    aria-current=move || current(Route::Agenda)
                >
                    <svg viewBox="0 0 32 32" aria-hidden="true">
                        <path class="leaf" d="M6 4h20a3 3 0 0 1 3 3v12L19 29H6a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3Z" />
                        <path class="fold" d="M29 19h-7a3 3 0 0 0-3 3v7Z" />
                        <path class="rule" d="M9 12h14M9 18h7" />
                    </svg>
                    "Events"
                </a>
                <a
                    class="calendar-link"
                    href=Route::Calendar.to_string()
                    aria-current=move || current(Route::Calendar)
                >
                    <svg viewBox="0 0 24 24" aria-hidden="true">
                        <path d="M4 6h16v14H4zM4 10.5h16M8.5 3.5V8M15.5 3.5V8" />
                    </svg>
                    <span>"Calendar"</span>
                </a>
                <a
                    class="button primary"
                    href=Route::NewEvent.to_string()
                    aria-current=move || current(Route::NewEvent)
                >
                    "New event"
                </a>
            </nav>
        </header>
    }
}

/// Says what just happened: to the eye, and by the live region to a screen reader.
#[component]
fn Notice() -> impl IntoView {
    let session = Session::of_app();
    let navigation = Navigation::of_app();
    view! {
        <div class="notice" role="status">
            {move || session.notice(navigation.route()).map(|text| view! { <p dir="auto">{text}</p> })}
        </div>
    }
}
