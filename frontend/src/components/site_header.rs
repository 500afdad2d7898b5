use leptos::prelude::*;

use crate::APP_NAME;
use crate::routes::Route;

/// The way past the header, for the keyboard.
#[component]
pub fn SkipLink(on_skip: Callback<()>) -> impl IntoView {
    view! {
        <a
            class="skip"
            href="#main"
            on:click=move |click| {
                click.prevent_default();
                on_skip.run(());
            }
        >
            "Skip to content"
        </a>
    }
}

/// What leads to every page, and which one is open.
#[component]
pub fn SiteHeader(
    route: Memo<Route>,
    /// Who is signed in.
    children: Children,
) -> impl IntoView {
    let current = move |page| (route.get() == page).then_some("page");
    view! {
        <header class="site">
            <nav aria-label="Site">
                <a
                    class="wordmark"
                    href=Route::Agenda.to_string()
                    aria-current=move || current(Route::Agenda)
                >
                    <svg viewBox="0 0 32 32" aria-hidden="true">
                        <path
                            class="leaf"
                            d="M6 4h20a3 3 0 0 1 3 3v12L19 29H6a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3Z"
                        ></path>
                        <path class="fold" d="M29 19h-7a3 3 0 0 0-3 3v7Z"></path>
                        <path class="rule" d="M9 12h14M9 18h7"></path>
                    </svg>
                    {APP_NAME}
                </a>
                {children()}
                <a
                    class="calendar-link"
                    href=Route::Calendar.to_string()
                    aria-current=move || current(Route::Calendar)
                >
                    <svg viewBox="0 0 24 24" aria-hidden="true">
                        <path d="M4 6h16v14H4zM4 10.5h16M8.5 3.5V8M15.5 3.5V8"></path>
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
