use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::api::{self, Failure};
use crate::components::{FailureNotice, FieldControl, PageHeading, read_draft};
use crate::draft::{Field, Mistakes};
use crate::session::Session;
use crate::{browser, routes};

/// `/new`: creates an event.
#[component]
pub fn NewEventPage() -> impl IntoView {
    let session = Session::of_app();
    let navigate = use_navigate();
    // One key a draft: a second click, or a retry after a lost answer, cannot create a second event.
    let key = StoredValue::new(browser::random_uuid());
    let mistakes = RwSignal::new(Mistakes::default());
    let failure = RwSignal::new(None::<Failure>);
    let saving = RwSignal::new(false);

    let save = Callback::new(move |()| {
        if saving.get_untracked() {
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
        saving.set(true);
        mistakes.set(Mistakes::default());
        let navigate = navigate.clone();
        spawn_local(async move {
            let result = api::create_event(&content, &key.get_value()).await;
            // The reader may have left the page, and its signals with it.
            let is_here = saving.try_set(false).is_none();
            match result {
                Ok(event) => {
                    session.created(&event);
                    if is_here {
                        let page = routes::event(event.id);
                        session.announce(&page, "The event was created.".to_owned());
                        let options =
                            NavigateOptions { replace: true, ..NavigateOptions::default() };
                        navigate(&page, options);
                    }
                }
                Err(why) => {
                    let found = why.problem.as_ref().map(Mistakes::from_problem);
                    let found = found.unwrap_or_default();
                    focus_first(&found);
                    mistakes.try_set(found);
                    failure.try_set(Some(why));
                }
            }
        });
    });

    // A mistake appears when a field is left, and goes as soon as it is mended.
    let check = move |field: Field| {
        let draft = read_draft();
        mistakes.update(|mistakes| {
            let shown = |other: &Field| *other == field || mistakes.get(*other).is_some();
            let fields: Vec<_> = Field::ALL.into_iter().filter(shown).collect();
            for field in fields {
                mistakes.put(field, draft.mistake(field));
            }
        });
    };
    let on_leave = Callback::new(check);
    let on_edit = Callback::new(move |field| {
        if mistakes.read_untracked().first().is_some() {
            check(field);
        }
    });
    let control = move |field: Field, hint: &'static str| {
        let mistake = Signal::derive(move || mistakes.read().get(field).map(str::to_owned));
        view! { <FieldControl field hint mistake on_edit on_leave /> }
    };

    view! {
        <a class="back" href=routes::AGENDA>
            "Agenda"
        </a>
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
            {control(Field::Location, "")} {control(Field::Description, "")}
            {move || {
                let failure = failure.get()?;
                let stored = failure.stored;
                Some(
                    view! {
                        <FailureNotice
                            failure
                            on_retry=save
                            retrying=saving
                        >
                            {move || {
                                mistakes
                                    .get()
                                    .elsewhere
                                    .into_iter()
                                    .map(|mistake| view! { <p>{mistake}</p> })
                                    .collect_view()
                            }}
                            {stored
                                .map(|id| {
                                    view! {
                                        <p>
                                            "An earlier version of it was saved already. "
                                            <a href=routes::event(id)>"Open the saved event"</a>
                                        </p>
                                    }
                                })}
                        </FailureNotice>
                    },
                )
            }}
            <div class="actions">
                <button
                    class="button primary"
                    type="submit"
                    aria-disabled=move || saving.get().then_some("true")
                >
                    {move || if saving.get() { "Creating…" } else { "Create event" }}
                </button>
                <a class="button" href=routes::AGENDA>
                    "Cancel"
                </a>
            </div>
        </form>
    }
}

fn focus_first(mistakes: &Mistakes) {
    if let Some(field) = mistakes.first() {
        browser::focus(field.member());
    }
}
