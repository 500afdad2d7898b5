//! What stands on every page, and which page is at which route.

use leptos::prelude::*;

use crate::browser;
use crate::clock::Clock;
use crate::components::{Notice, Part, SiteHeader, SkipLink, ThemeSwitch};
use crate::listings::Listings;
use crate::navigation::Navigation;
use crate::pages::{AgendaPage, CalendarPage, EventPage, NewEventPage, NotFoundPage};
use crate::routes::Route;
use crate::session::Session;

/// The id of what is not the same on every page.
const MAIN: &str = "main";

#[component]
pub fn App() -> impl IntoView {
    let session = Session::begin();
    let navigation = Navigation::start();
    provide_context(session);
    provide_context(navigation);
    provide_context(Clock::start());
    provide_context(Listings::start());
    let route = Memo::new(move |_| navigation.route());
    let notice = Memo::new(move |_| session.notice(navigation.route()).unwrap_or_default());
    let theme = browser::kept(browser::THEME).unwrap_or_default();
    // Each visit is another page, also one to the same address.
    let page = move || view! { <Page route=navigation.visit().route/> };
    view! {
        <SkipLink on_skip=Callback::new(|()| browser::focus(MAIN))/>
        <SiteHeader route/>
        <Notice text=notice/>
        <main id=MAIN tabindex="-1">
            <Part view=page/>
        </main>
        <ThemeSwitch theme on_choose=Callback::new(browser::show_theme)/>
    }
}

#[component]
fn Page(route: Route) -> AnyView {
    Session::of_app().moved_to(route);
    match route {
        Route::Agenda => view! { <AgendaPage/> }.into_any(),
        Route::Calendar => view! { <CalendarPage/> }.into_any(),
        Route::NewEvent => view! { <NewEventPage/> }.into_any(),
        Route::Event(id) => view! { <EventPage id/> }.into_any(),
        Route::NotFound => view! { <NotFoundPage/> }.into_any(),
    }
}
