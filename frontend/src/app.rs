//! What stands on every page.

use leptos::prelude::*;
use leptos_router::components::Router;
use leptos_router::hooks::use_location;

use crate::browser;
use crate::routes::{self, Pages};
use crate::session::Session;

#[component]
pub fn App() -> impl IntoView {
    provide_context(Session::begin());
    view! {
        <Router>
            <SkipLink />
            <Header />
            <Notice />
            <main id="main" tabindex="-1">
                <Pages />
            </main>
        </Router>
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
    let path = use_location().pathname;
    let current = move |page: &'static str| (path.get() == page).then_some("page");
    view! {
        <header class="site">
            <nav aria-label="Site">
                <a class="wordmark" href=routes::AGENDA aria-current=move || current(routes::AGENDA)>
                    <svg viewBox="0 0 32 32" aria-hidden="true">
                        <path class="leaf" d="M6 4h20a3 3 0 0 1 3 3v12L19 29H6a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3Z" />
                        <path class="fold" d="M29 19h-7a3 3 0 0 0-3 3v7Z" />
                        <path class="rule" d="M9 12h14M9 18h7" />
                    </svg>
                    "Events"
                </a>
                <a
                    class="button primary"
                    href=routes::NEW_EVENT
                    aria-current=move || current(routes::NEW_EVENT)
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
    let path = use_location().pathname;
    Effect::new(move |_| session.moved_to(&path.read()));
    view! {
        <div class="notice" role="status">
            {move || session.notice().map(|text| view! { <p dir="auto">{text}</p> })}
        </div>
    }
}
