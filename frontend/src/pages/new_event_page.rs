use leptos::ev;
use leptos::prelude::*;

use super::creation::{self, SavedEarlier};
use super::failed_call::{FailedCall, FailedCallNotice};
use super::open_page;
use crate::api::Failure;
use crate::clock::Clock;
use crate::components::{BackLink, FieldControl, PageHeading};
use crate::creation::Creation;
use crate::draft::{self, Draft, Entry, Field, FieldErrors};
use crate::navigation::Navigation;
use crate::routes::Route;
use crate::session::Session;
use crate::sign_in::SignIn;
use crate::way_back::Then;
use crate::{browser, drafts};

/// `/new`: creates an event.
#[component]
pub fn NewEventPage() -> impl IntoView {
    let title = Memo::new(|_| "New event".to_owned());
    open_page(title);
    let opening = Opening::now(untrack(|| Session::of_app().creation()));
    let failure = opening.failure.clone();
    let is_copy = Session::of_app().takes_copy();
    let restored = !is_copy && !opening.draft.is_blank();
    let form = Form::open(opening);
    let on_save = Callback::new(move |()| form.save());
    let on_start_over = Callback::new(move |()| form.start_over());
    // After the heading, which asks for the keyboard, too.
    let field = form.errors.with_untracked(FieldErrors::first);
    if let Some(field) = field.or(is_copy.then_some(Field::Date)) {
        browser::focus_soon(field.member().to_owned());
    }
    view! {
        <BackLink/>
        <PageHeading text=title/>
        {restored.then(|| view! { <Restored on_start_over/> })}
        <form
            novalidate
            on:submit=move |submit| {
                submit.prevent_default();
                on_save.run(());
            }
        >
            <Controls form/>
            {failure.map(|failure| view! { <SaveFailure failure on_retry=on_save/> })}
            <Actions form/>
        </form>
    }
}

#[component]
fn Restored(on_start_over: Callback<()>) -> impl IntoView {
    view! {
        <p class="restored">
            "Your earlier draft was restored. "
            <button class="link" type="button" on:click=move |_| on_start_over.run(())>
                "Start over"
            </button>
        </p>
    }
}

#[component]
fn Controls(form: Form) -> impl IntoView {
    let clock = Clock::of_app();
    let on_edit = Callback::new(move |field| form.edited(field));
    let on_leave = Callback::new(move |field| form.check(field));
    let doubt = Memo::new(move |_| {
        draft::doubt(&form.typed.read().date, clock.today()).unwrap_or_default()
    });
    let later_end =
        Memo::new(move |_| draft::later_end(&form.typed.read()).unwrap_or_default().to_owned());
    let error = move |field| {
        Memo::new(move |_| form.errors.read().get(field).unwrap_or_default().to_owned())
    };
    let value = move |field| form.opened.with_value(|draft| draft.text(field).to_owned());
    view! {
        <FieldControl
            field=Field::Name
            value=value(Field::Name)
            error=error(Field::Name)
            on_edit
            on_leave
        />
        <FieldControl
            field=Field::Date
            value=value(Field::Date)
            error=error(Field::Date)
            doubt
            on_edit
            on_leave
        />
        <div class="side-by-side">
            <FieldControl
                field=Field::Time
                hint="At the venue"
                value=value(Field::Time)
                error=error(Field::Time)
                on_edit
                on_leave
            />
            <FieldControl
                field=Field::EndTime
                value=value(Field::EndTime)
                error=error(Field::EndTime)
                doubt=later_end
                on_edit
                on_leave
            />
        </div>
        <FieldControl
            field=Field::Location
            value=value(Field::Location)
            error=error(Field::Location)
            on_edit
            on_leave
        />
        <FieldControl
            field=Field::Description
            value=value(Field::Description)
            error=error(Field::Description)
            on_edit
            on_leave
        />
    }
}

#[component]
fn Actions(form: Form) -> impl IntoView {
    let is_busy = Memo::new(move |_| form.is_busy());
    view! {
        <div class="actions">
            <button
                class="button primary"
                type="submit"
                aria-disabled=move || is_busy.get().then_some("true")
                prop:textContent=move || match () {
                    () if is_busy.get() => "Saving the previous event…",
                    () if form.sign_in.is_missing() => "Sign in and create event",
                    () => "Create event",
                }
            ></button>
            <a class="button" href=Route::Agenda.to_string()>"Cancel"</a>
        </div>
    }
}

/// What the fields do not say.
#[component]
fn SaveFailure(failure: Failure, on_retry: Callback<()>) -> impl IntoView {
    let elsewhere = FieldErrors::from_entries(&failure.errors).elsewhere;
    let elsewhere = elsewhere.into_iter().map(|line| view! { <p>{line}</p> }).collect_view();
    let stored = failure.stored.map(|id| view! { <SavedEarlier id/> });
    let call = FailedCall::ended(failure);
    view! {
        <FailedCallNotice call on_retry/>
        {elsewhere}
        {stored}
    }
}

/// The form that is open. What stands in its controls is read from them: a browser sends no event
/// for a date that is filled in partly.
#[derive(Clone, Copy)]
struct Form {
    session: Session,
    sign_in: SignIn,
    navigation: Navigation,
    /// The draft's idempotency key.
    key: StoredValue<String>,
    /// What the form opened with.
    opened: StoredValue<Draft>,
    /// What stands in the controls, as far as the browser told of it.
    typed: RwSignal<Draft>,
    errors: RwSignal<FieldErrors>,
}

impl Form {
    fn open(Opening { draft, key, failure }: Opening) -> Self {
        let errors = failure.map(|failure| FieldErrors::of_server(&failure.errors, &draft));
        let form = Self {
            session: Session::of_app(),
            sign_in: SignIn::of_app(),
            navigation: Navigation::of_app(),
            key: StoredValue::new(key),
            typed: RwSignal::new(draft.clone()),
            opened: StoredValue::new(draft),
            errors: RwSignal::new(errors.unwrap_or_default()),
        };
        let listener = window_event_listener(ev::storage, move |change| {
            let is_drafts = change.key().as_deref() == Some(drafts::DRAFTS);
            let (before, after) = (change.old_value(), change.new_value());
            let is_gone = |key: &String| drafts::is_gone(key, before.as_deref(), after.as_deref());
            if is_drafts && form.key.with_value(is_gone) {
                form.go_on_alone();
            }
        });
        on_cleanup(move || listener.remove());
        form
    }

    fn is_busy(self) -> bool {
        self.session.creation().is_some_and(|creation| creation.is_under_way())
    }

    fn edited(self, field: Field) {
        let draft = read_draft();
        self.key.update_value(|key| *key = drafts::store(&draft, key));
        self.typed.set(draft);
        // An error goes as soon as it is corrected.
        if self.errors.read_untracked().first().is_some() {
            self.check(field);
        }
    }

    fn check(self, field: Field) {
        // A field is left by leaving the page, too.
        self.errors.try_update(|errors| errors.check(&read_draft(), field));
    }

    fn save(self) {
        let draft = read_draft();
        match draft.content() {
            Err(found) => {
                if let Some(field) = found.first() {
                    browser::focus(field.member());
                }
                self.errors.set(found);
            }
            // One after the other.
            Ok(_) if untrack(|| self.is_busy()) => {}
            Ok(content) => {
                let key = self.key.get_value();
                if self.sign_in.first(Then::Create(key.clone())) {
                    return;
                }
                if let Some(creation) = creation::new(draft, content, key) {
                    creation::create(self.session, self.navigation, creation);
                }
            }
        }
    }

    fn start_over(self) {
        self.key.with_value(|key| drafts::start_over(key));
        self.session.forget_creation();
        self.navigation.replace(Route::NewEvent);
    }

    /// Another tab that has the draft, too, created an event of it, or started over.
    fn go_on_alone(self) {
        let draft = read_draft();
        if self.opened.with_value(|opened| *opened == draft) {
            self.key.with_value(|key| drafts::forget(key));
            self.navigation.replace(Route::NewEvent);
        } else {
            self.key.set_value(drafts::store(&draft, &browser::random_uuid()));
        }
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
        match (creation, drafts::open()) {
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

fn read_draft() -> Draft {
    let entry = |field: Field| {
        let control = browser::control(field.member());
        control.map_or_else(Entry::default, |(value, is_bad)| Entry::new(value, is_bad))
    };
    Draft {
        name: entry(Field::Name),
        date: entry(Field::Date),
        time: entry(Field::Time),
        end_time: entry(Field::EndTime),
        location: entry(Field::Location),
        description: entry(Field::Description),
    }
}
