use leptos::prelude::*;
use leptos::task::spawn_local;

use super::event_list::first_pages;
use super::{creation, deletion, open_page};
use crate::components::{BackLink, PageHeading, Part};
use crate::listings::Listings;
use crate::locale;
use crate::navigation::Navigation;
use crate::routes::{AgendaQuery, Route};
use crate::session::Session;
use crate::sign_in::SignIn;
use crate::way_back::{SeenList, Then, WayBack};

/// `/signed-in`: where the sign-in service leads back to.
#[component]
pub fn SignedInPage() -> impl IntoView {
    let sign_in = SignIn::of_app();
    let way = Way { navigation: Navigation::of_app(), session: Session::of_app() };
    let listings = Listings::of_app();
    let has_failed = RwSignal::new(false);
    let text = move || if has_failed.get() { "Not signed in" } else { "Signing in…" };
    let title = Memo::new(move |_| text().to_owned());
    open_page(title);
    spawn_local(async move {
        match sign_in.finish().await {
            Some(back) => way.follow(back, listings).await,
            // It was opened once more.
            None if untrack(|| sign_in.name()).is_some() => way.navigation.replace(Route::Agenda),
            None => drop(has_failed.try_set(true)),
        }
    });
    let on_again = Callback::new(move |()| sign_in.begin_at(Route::Agenda.to_string()));
    let failure = move || view! { <SignInFailure on_again/> }.into_any();
    view! {
        <BackLink/>
        <PageHeading text=title/>
        <Part view=move || has_failed.get().then(failure)/>
    }
}

#[component]
fn SignInFailure(on_again: Callback<()>) -> impl IntoView {
    view! {
        <p class="lead" role="alert">
            "The sign-in was not completed. What you typed is kept."
        </p>
        <button class="button primary" type="button" on:click=move |_| on_again.run(())>
            "Sign in"
        </button>
    }
}

#[derive(Clone, Copy)]
struct Way {
    navigation: Navigation,
    session: Session,
}

impl Way {
    /// Goes back to what the reader saw, and does what needed the sign-in.
    async fn follow(self, WayBack { to, then, list }: WayBack, listings: Listings) {
        if let Some(list) = list {
            restore(&to, list, listings).await;
        }
        match then {
            Then::Create(key) if creation::resume(self.session, self.navigation, &key) => {}
            then => {
                self.navigation.return_to(&to);
                if let Then::Delete(id, name) = then {
                    deletion::resume(self.session, self.navigation, id, &name).await;
                }
            }
        }
    }
}

/// Brings what was there of the list at this address. What does not come is loaded there again.
async fn restore(to: &str, SeenList { count, place }: SeenList, listings: Listings) {
    let (path, query) = to.split_once('?').unwrap_or((to, ""));
    if Route::parse(path) != Route::Agenda {
        return;
    }
    let span = AgendaQuery::parse(query).span;
    let selection = span.selection(locale::moment());
    if let Some((events, rest)) = first_pages(count, &selection).await {
        listings.put(span, events, rest, place);
    }
}
