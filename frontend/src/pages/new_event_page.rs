use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, Failure};
use crate::browser;
use crate::components::{BackLink, FailureNotice, FieldControl, PageHeading, read_draft};
use crate::draft::{Field, Mistakes};
use crate::navigation::Navigation;
use crate::routes::Route;
use crate::session::Session;

/// How far saving the draft is.
#[derive(Clone, Default)]
struct Saving {
    under_way: bool,
    failure: Option<Failure>,
}

/// `/new`: creates an event.
#[component]
pub fn NewEventPage() -> impl IntoView {
    let session = Session::of_app();
    let navigation = Navigation::of_app();
    // One key a draft: a second click, or a retry after a lost answer, cannot create a second event.
    let key = browser::random_uuid();
    let mistakes = RwSignal::new(Mistakes::default());
    let saving = RwSignal::new(Saving::default());

    let save = Callback::new(move |()| {
        if saving.read_untracked().under_way {
            return;
        }
        let content = match read_draft().content() {
            Ok(content) => content,
            Err(found) => {
                focus_first(&found);
                mistakes.set(found);
                return;
            }
        };
        saving.write().under_way = true;
        mistakes.set(Mistakes::default());
        let key = key.clone();
        spawn_local(async move {
            match api::create_event(&content, &key).await {
                Ok(event) => {
                    session.created(&event);
                    // Whoever has left the page meanwhile stays where they are.
                    if saving.try_read_untracked().is_some() {
                        let page = Route::event(event.id);
                        session.announce(page, "The event was created.".to_owned());
                        navigation.replace(page);
                    }
                }
                Err(failure) => {
                    let found = Mistakes::from_entries(&failure.errors);
                    focus_first(&found);
                    mistakes.try_set(found);
                    saving.try_set(Saving { under_way: false, failure: Some(failure) });
                }
            }
        });
    });

    // A mistake appears when a field is left, and goes as soon as it is mended.
    let check = move |field| mistakes.write().check(&read_draft(), field);
    let on_leave = Callback::new(check);
    let on_edit = Callback::new(move |field| {
        if mistakes.read_untracked().first().is_some() {
            check(field);
        }
    });
    let control = move |field: Field, hint: &'static str| {
        view! { <FieldControl field hint mistakes on_edit on_leave /> }
    };
    let outcome = move || {
        let Saving { under_way, failure } = saving.get();
        view! {
            {failure.map(|failure| save_failure(failure, save, under_way))}
            <div class="actions">
                <button
                    class="button primary"
                    type="submit"
                    aria-disabled=under_way.then_some("true")
                >
                    {if under_way { "Creating…" } else { "Create event" }}
                </button>
                <a class="button" href=Route::Agenda.to_string()>
                    "Cancel"
                </a>
            </div>
        }
    };
    view! {
        <BackLink />
        <PageHeading text="New event".to_owned() />
        <form
            novalidate
            on:submit=move |submit: SubmitEvent| {
                submit.prevent_default();
                save.run(());
            }
        >
            {control(Field::Name, "")}
            <div class="side-by-side">
                {control(Field::Date, "")} {control(Field::Time, "At the venue")}
            </div>
            {control(Field::Location, "")} {control(Field::Description, "")} {outcome}
        </form>
    }
}

/// What the fields do not say.
fn save_failure(failure: Failure, on_retry: Callback<()>, retrying: bool) -> impl IntoView {
    let elsewhere = Mistakes::from_entries(&failure.errors).elsewhere.into_iter();
    let stored = failure.stored.map(|id| {
        view! {
            <p>
                "An earlier version of it was saved already. "
                <a href=Route::event(id).to_string()>"Open the saved event"</a>
            </p>
        }
    });
    view! {
        <FailureNotice failure on_retry retrying />
        {elsewhere.map(|line| view! { <p>{line}</p> }).collect_view()}
        {stored}
    }
}

fn focus_first(mistakes: &Mistakes) {
    if let Some(field) = mistakes.first() {
        browser::focus(field.member());
    }
}
