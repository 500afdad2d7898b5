use domain::EventContent;
use leptos::prelude::*;

use super::creation::{self, saved_earlier};
use crate::api::Failure;
use crate::components::{
    FailedCall, back_link, failure_notice, field_control, page_heading, read_draft,
};
use crate::creation::Creation;
use crate::dom::{Parent, View, el, view};
use crate::draft::{Draft, Field, FieldErrors};
use crate::navigation::Navigation;
use crate::routes::Route;
use crate::session::Session;
use crate::{browser, locale};

/// `/new`: creates an event.
pub fn new_event() -> View {
    let session = Session::of_app();
    let navigation = Navigation::of_app();
    let Opening { draft, key, failure } = Opening::now(untrack(|| session.creation()));
    let restored = !draft.is_blank();
    let errors = RwSignal::new(
        failure
            .as_ref()
            .map(|failure| FieldErrors::of_server(&failure.errors, &draft))
            .unwrap_or_default(),
    );
    let key = StoredValue::new(key);
    let is_busy = move || session.creation().is_some_and(|creation| creation.is_under_way());

    let save = Callback::new(move |()| {
        let draft = read_draft();
        match draft.content() {
            Err(found) => {
                focus_first(&found);
                errors.set(found);
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

    // An error appears when a field is left, and goes as soon as it is corrected.
    let check = move |field| errors.write().check(&read_draft(), field);
    let on_leave = Callback::new(check);
    let on_edit = Callback::new(move |field| {
        key.with_value(|key| creation::store_draft(&read_draft(), key));
        if errors.read_untracked().first().is_some() {
            check(field);
        }
    });
    // Another tab that has the draft, too, created an event of it, or started over.
    let opened = draft.clone();
    let listener = window_event_listener(leptos::ev::storage, move |change| {
        let is_draft = change.key().as_deref() == Some(creation::DRAFT);
        let gone = change.old_value().filter(|_| is_draft && change.new_value().is_none());
        let gone = gone.and_then(|gone| Draft::from_stored(&gone));
        if gone.is_none_or(|(_, gone)| key.with_value(|key| *key != gone)) {
            return;
        }
        let draft = read_draft();
        if draft == opened {
            navigation.replace(Route::NewEvent);
        } else {
            key.set_value(browser::random_uuid());
            key.with_value(|key| creation::store_draft(&draft, key));
        }
    });
    on_cleanup(move || listener.remove());
    let control = |field: Field, hint: &'static str| {
        field_control(field, hint, draft.text(field), errors, on_edit, on_leave)
    };
    let start_over = move |_| {
        key.with_value(|key| creation::forget_draft(key));
        session.forget_creation();
        navigation.replace(Route::NewEvent);
    };
    let from_before = restored.then(|| {
        let button = el("button").class("link").attr("type", "button").child("Start over");
        el("p")
            .class("restored")
            .child("Your earlier draft was restored. ")
            .child(button.on("click", start_over))
    });
    let submit = el("button")
        .class("button primary")
        .attr("type", "submit")
        .attr_of("aria-disabled", move || is_busy().then_some("true"))
        .text_of(move || if is_busy() { "Saving the previous event…" } else { "Create event" });
    let cancel = el("a").class("button").attr("href", &Route::Agenda.to_string()).child("Cancel");
    let date_and_time = el("div")
        .class("side-by-side")
        .child(control(Field::Date, ""))
        .child(control(Field::Time, "At the venue"));
    let form = el("form")
        .attr("novalidate", "")
        .on("submit", move |submit| {
            submit.prevent_default();
            save.run(());
        })
        .child(control(Field::Name, ""))
        .child(date_and_time)
        .child(control(Field::Location, ""))
        .child(control(Field::Description, ""))
        .child(failure.map(|failure| save_failure(failure, save)))
        .child(el("div").class("actions").child(submit).child(cancel));
    let heading = page_heading(|| "New event".to_owned());
    // After the heading, which asks for the keyboard, too.
    errors.with_untracked(|errors| {
        if let Some(field) = errors.first() {
            browser::focus_soon(field.member().to_owned());
        }
    });
    view().child(back_link()).child(heading).child(from_before).child(form)
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
    // Neither fails: a new UUID is a valid id, and the clock's year has four digits.
    let id = browser::random_uuid().parse().ok()?;
    let at = locale::now()?;
    Some(Creation { draft, content, key, id, at, failure: None })
}

/// What the fields do not say.
fn save_failure(failure: Failure, on_retry: Callback<()>) -> View {
    let elsewhere = FieldErrors::from_entries(&failure.errors).elsewhere;
    let stored = failure.stored.map(saved_earlier);
    let failed = FailedCall { failure, retrying: false };
    view()
        .child(failure_notice(move || Some(failed.clone()), on_retry))
        .children(elsewhere.iter().map(|line| el("p").child(&**line)))
        .child(stored)
}

fn focus_first(errors: &FieldErrors) {
    if let Some(field) = errors.first() {
        browser::focus(field.member());
    }
}
