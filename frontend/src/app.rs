//! What stands on every page, and which page is at which route.

use leptos::prelude::*;

use crate::browser;
use crate::clock::Clock;
use crate::components::{AccountBar, Notice, Part, SiteHeader, SkipLink, ThemeSwitch};
use crate::listings::Listings;
use crate::navigation::Navigation;
use crate::pages::{AgendaPage, CalendarPage, EventPage, NewEventPage, NotFoundPage, SignedInPage};
use crate::routes::Route;
use crate::session::Session;
use crate::sign_in::SignIn;
use crate::way_back::Then;

/// The id of what is not the same on every page.
const MAIN: &str = "main";

#[component]
pub fn App() -> impl IntoView {
    let session = Session::begin();
    let navigation = Navigation::start();
    provide_context(session);
    provide_context(navigation);
    provide_context(Clock::start());
    let listings = Listings::start();
    provide_context(listings);
    let sign_in = SignIn::start(session, navigation, listings);
    provide_context(sign_in);
    let route = Memo::new(move |_| navigation.route());
    let notice = Memo::new(move |_| session.notice(navigation.route()).unwrap_or_default());
    let name = Memo::new(move |_| sign_in.name());
    let theme = browser::kept(browser::THEME).unwrap_or_default();
    // Each visit is another page, also one to the same address.
    let page = move || view! { <Page route=navigation.visit().route/> };
    view! {
        <SkipLink on_skip=Callback::new(|()| browser::focus(MAIN))/>
        <SiteHeader route>
            <AccountBar
                is_offered=Memo::new(move |_| sign_in.is_offered())
                name
                on_sign_in=Callback::new(move |()| sign_in.begin(Then::Nothing))
                on_sign_out=Callback::new(move |()| sign_in.end())
            />
        </SiteHeader>
        <Notice text=notice/>
        <main id=MAIN tabindex="-1">
            <Part view=page/>
        </main>
        <ThemeSwitch theme name on_choose=Callback::new(browser::show_theme)/>
    }
}

#[component]
fn Page(route: Route) -> AnyView {
    Session::of_app().moved_to(route);
    match route {
        Route::Agenda => view! { <AgendaPage/> }.into_any(),
        Route::Calendar => view! { <CalendarPage/> }.into_any(),
        Route::NewEvent => view! { <NewEventPage/> }.into_any(),
        Route::SignedIn => view! { <SignedInPage/> }.into_any(),
        Route::Event(id) => view! { <EventPage id/> }.into_any(),
        Route::NotFound => view! { <NotFoundPage/> }.into_any(),
    }
}
