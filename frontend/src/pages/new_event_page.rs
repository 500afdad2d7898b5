use domain::EventContent;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::creation::{self, SavedEarlier};
use crate::api::Failure;
use crate::components::{BackLink, FailureNotice, FieldControl, PageHeading, read_draft};
use crate::creation::Creation;
use crate::draft::{Draft, Field, Mistakes};
use crate::navigation::Navigation;
use crate::routes::Route;
use crate::session::Session;
use crate::{browser, locale};

/// `/new`: creates an event.
#[component]
pub fn NewEventPage() -> impl IntoView {
    let session = Session::of_app();
    let navigation = Navigation::of_app();
    let Opening { draft, key, failure } = Opening::now(untrack(|| session.creation()));
    let restored = !draft.is_blank();
    let mistakes = RwSignal::new(
        failure.as_ref().map(|failure| Mistakes::from_entries(&failure.errors)).unwrap_or_default(),
    );
    mistakes.with_untracked(|mistakes| {
        if let Some(field) = mistakes.first() {
            browser::focus_soon(field.member().to_owned());
        }
    });
    let key = StoredValue::new(key);
    let is_busy = move || session.creation().is_some_and(|creation| creation.is_under_way());

    let save = Callback::new(move |()| {
        let draft = read_draft();
        match draft.content() {
            Err(found) => {
                focus_first(&found);
                mistakes.set(found);
            }
            // One after the other.
            Ok(_) if untrack(is_busy) => {}
            Ok(content) => {
                if let Some(creation) = creation(draft, content, key.get_value()) {
                    creation::create(session, navigation, creation);
                }
            }
        }
    });

    // A mistake appears when a field is left, and goes as soon as it is mended.
    let check = move |field| mistakes.write().check(&read_draft(), field);
    let on_leave = Callback::new(check);
    let on_edit = Callback::new(move |field| {
        key.with_value(|key| creation::store_draft(&read_draft(), key));
        if mistakes.read_untracked().first().is_some() {
            check(field);
        }
    });
    let control = |field: Field, hint: &'static str| {
        let value = draft.text(field).to_owned();
        view! { <FieldControl field hint value mistakes on_edit on_leave /> }
    };
    let start_over = move |_| {
        key.with_value(|key| creation::forget_draft(key));
        session.forget_creation();
        navigation.replace(Route::NewEvent);
    };
    let from_before = restored.then(|| {
        view! {
            <p class="restored">
                "This is what you wrote before. "
                <button class="link" type="button" on:click=start_over>
                    "Start over"
                </button>
            </p>
        }
    });
    view! {
        <BackLink />
        <PageHeading text="New event".to_owned() />
        {from_before}
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
            {control(Field::Location, "")} {control(Field::Description, "")}
            {failure.map(|failure| save_failure(failure, save))}
            <div class="actions">
                <button
                    class="button primary"
                    type="submit"
                    aria-disabled=move || is_busy().then_some("true")
                >
                    {move || if is_busy() { "Creating the one before…" } else { "Create event" }}
                </button>
                <a class="button" href=Route::Agenda.to_string()>
                    "Cancel"
                </a>
            </div>
        </form>
    }
}

/// What the form opens with.
struct Opening {
    draft: Draft,
    /// One a draft.
    key: String,
    /// Why the draft is no event yet.
    failure: Option<Failure>,
}

impl Opening {
    fn now(creation: Option<Creation>) -> Self {
        let stored = creation::stored_draft();
        match (creation, stored) {
            // What is on its way is no draft any more: the form is for the next event.
            (Some(creation), stored) if creation.is_under_way() => match stored {
                Some((draft, key)) if key != creation.key => Self { draft, key, failure: None },
                _ => Self::blank(),
            },
            // A draft that was changed since is the same draft, by its key.
            (Some(Creation { key, failure, .. }), Some((draft, stored))) if key == stored => {
                Self { draft, key, failure }
            }
            (_, Some((draft, key))) => Self { draft, key, failure: None },
            (Some(Creation { draft, key, failure, .. }), None) => Self { draft, key, failure },
            (None, None) => Self::blank(),
        }
    }

    fn blank() -> Self {
        Self { draft: Draft::default(), key: browser::random_uuid(), failure: None }
    }
}

fn creation(draft: Draft, content: EventContent, key: String) -> Option<Creation> {
    // Neither fails: a fresh UUID is an id, and a clock that shows no year of four digits is broken.
    let id = browser::random_uuid().parse().ok()?;
    let at = locale::now()?;
    Some(Creation { draft, content, key, id, at, failure: None })
}

/// What the fields do not say.
fn save_failure(failure: Failure, on_retry: Callback<()>) -> impl IntoView {
    let elsewhere = Mistakes::from_entries(&failure.errors).elsewhere.into_iter();
    let stored = failure.stored.map(|id| view! { <SavedEarlier id /> });
    view! {
        <FailureNotice failure on_retry retrying=false />
        {elsewhere.map(|line| view! { <p>{line}</p> }).collect_view()}
        {stored}
    }
}

fn focus_first(mistakes: &Mistakes) {
    if let Some(field) = mistakes.first() {
        browser::focus(field.member());
    }
}
