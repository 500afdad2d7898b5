//! What stands on every page, and which page is at which route.

use leptos::prelude::*;

use crate::components::theme_switch;
use crate::dom::{El, Parent, View, el, view};
use crate::navigation::Navigation;
use crate::pages;
use crate::routes::Route;
use crate::session::Session;
use crate::{APP_NAME, browser};

pub fn app() -> View {
    let session = Session::begin();
    let navigation = Navigation::start();
    provide_context(session);
    provide_context(navigation);
    let page = move |(route, _)| {
        session.moved_to(route);
        match route {
            Route::Agenda => pages::agenda(),
            Route::Calendar => pages::calendar(),
            Route::NewEvent => pages::new_event(),
            Route::Event(id) => pages::event(id),
            Route::NotFound => pages::not_found(),
        }
    };
    let main = el("main").attr("id", "main").attr("tabindex", "-1");
    view()
        .child(skip_link())
        .child(header(navigation))
        .child(notice(session, navigation))
        .child(main.part(move || navigation.visit(), page))
        .child(theme_switch())
}

fn skip_link() -> El {
    el("a").class("skip").attr("href", "#main").child("Skip to content").on("click", |click| {
        click.prevent_default();
        browser::focus("main");
    })
}

fn header(navigation: Navigation) -> El {
    let link = |class: &str, page: Route, markup: &'static str| {
        el("a")
            .class(class)
            .attr("href", &page.to_string())
            .attr_of("aria-current", move || (navigation.route() == page).then_some("page"))
            .markup(markup)
    };
    let links = el("nav")
        .attr("aria-label", "Site")
        .child(link("wordmark", Route::Agenda, WORDMARK).child(APP_NAME))
        .child(link("calendar-link", Route::Calendar, CALENDAR))
        .child(link("button primary", Route::NewEvent, "New event"));
    el("header").class("site").child(links)
}

const WORDMARK: &str = "<svg viewBox=\"0 0 32 32\" aria-hidden=\"true\">\
    <path class=\"leaf\" d=\"M6 4h20a3 3 0 0 1 3 3v12L19 29H6a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3Z\"/>\
    <path class=\"fold\" d=\"M29 19h-7a3 3 0 0 0-3 3v7Z\"/>\
    <path class=\"rule\" d=\"M9 12h14M9 18h7\"/></svg>";

const CALENDAR: &str = "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\">\
    <path d=\"M4 6h16v14H4zM4 10.5h16M8.5 3.5V8M15.5 3.5V8\"/></svg><span>Calendar</span>";

/// Says what just happened: to the eye, and by the live region to a screen reader.
fn notice(session: Session, navigation: Navigation) -> El {
    el("div").class("notice").attr("role", "status").part(
        move || session.notice(navigation.route()),
        |text| text.map(|text| el("p").attr("dir", "auto").child(&*text)),
    )
}
