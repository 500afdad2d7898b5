use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};

use crate::draft::{Draft, Entry, Field, Mistakes};

/// A labelled native control. Its hint and its mistake are read out with it, and have their line kept free,
/// so that nothing moves under the pointer when a mistake appears.
#[component]
pub fn FieldControl(
    field: Field,
    #[prop(optional)] hint: &'static str,
    /// What stands in it when it is shown.
    value: String,
    mistakes: RwSignal<Mistakes>,
    on_edit: Callback<Field>,
    on_leave: Callback<Field>,
) -> impl IntoView {
    let id = field.member();
    let message = format!("{id}-message");
    let mistake = move || mistakes.read().get(field).map(str::to_owned);
    let invalid = move || mistake().map(|_| "true");
    // A browser takes the focus from a control that it removes, when its page and callbacks are gone already.
    let left = move |_| {
        on_leave.try_run(field);
    };
    let required = field == Field::Name;
    let control = match field {
        Field::Description => view! {
            <textarea
                id=id
                name=id
                rows="5"
                dir="auto"
                prop:value=value
                aria-describedby=message.clone()
                aria-invalid=invalid
                on:input=move |_| on_edit.run(field)
                on:blur=left
            ></textarea>
        }
        .into_any(),
        _ => view! {
            <input
                id=id
                name=id
                type=kind(field)
                // The browser then offers four digits for a year.
                max=(field == Field::Date).then_some("9999-12-31")
                autocomplete="off"
                required=required
                prop:value=value
                dir=matches!(field, Field::Name | Field::Location).then_some("auto")
                aria-describedby=message.clone()
                aria-invalid=invalid
                on:input=move |_| on_edit.run(field)
                on:blur=left
            />
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label for=id>
                {field.label()}
                {(!required).then(|| view! { <span class="optional">" optional"</span> })}
            </label>
            {control}
            <p id=message class="message">
                {move || match mistake() {
                    Some(mistake) => view! { <span class="mistake">{mistake}</span> },
                    None => view! { <span class="">{hint.to_owned()}</span> },
                }}
            </p>
        </div>
    }
}

fn kind(field: Field) -> &'static str {
    match field {
        Field::Date => "date",
        Field::Time => "time",
        Field::Name | Field::Location | Field::Description => "text",
    }
}

/// What stands in the controls now. They are asked themselves: a browser sends no event for a date that is
/// filled in partly.
pub fn read_draft() -> Draft {
    Draft {
        name: read(Field::Name),
        date: read(Field::Date),
        time: read(Field::Time),
        location: read(Field::Location),
        description: read(Field::Description),
    }
}

fn read(field: Field) -> Entry {
    let Some(control) = document().get_element_by_id(field.member()) else {
        return Entry::default();
    };
    match control.dyn_into::<HtmlInputElement>() {
        Ok(input) if input.validity().bad_input() => Entry::Incomplete,
        Ok(input) => Entry::Text(input.value()),
        Err(control) => Entry::Text(control.unchecked_into::<HtmlTextAreaElement>().value()),
    }
}
