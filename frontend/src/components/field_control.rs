use leptos::ev::FocusEvent;
use leptos::prelude::*;

use crate::draft::Field;

/// A labelled native control, with `value` in it at first. A screen reader reads what stands below
/// it: its hint, its error, or what the reader may want to look at again. That line is always
/// there, so that nothing moves when an error appears.
#[component]
pub fn FieldControl(
    field: Field,
    #[prop(optional)] hint: &'static str,
    value: String,
    /// "" is none.
    error: Memo<String>,
    /// Is no error: what stands in the field may be meant. "" is none.
    #[prop(optional)]
    doubt: Option<Memo<String>>,
    on_edit: Callback<Field>,
    on_leave: Callback<Field>,
) -> impl IntoView {
    let id = field.member();
    let message = format!("{id}-message");
    let required = field == Field::Name;
    let is_words = matches!(field, Field::Name | Field::Location | Field::Description);
    let invalid = move || (!error.read().is_empty()).then_some("true");
    // Also when the page goes, and all that it had.
    let leave = move |_: FocusEvent| {
        on_leave.try_run(field);
    };
    let control = match field {
        Field::Description => view! {
            <textarea
                rows="5"
                id=id
                name=id
                dir="auto"
                aria-describedby=message.clone()
                aria-invalid=move || invalid()
                prop:value=value
                on:input=move |_| on_edit.run(field)
                on:blur=leave
            ></textarea>
        }
        .into_any(),
        _ => view! {
            <input
                type=kind(field)
                autocomplete="off"
                id=id
                name=id
                // The browser then offers four digits for a year.
                max=(field == Field::Date).then_some("9999-12-31")
                required=required
                dir=is_words.then_some("auto")
                aria-describedby=message.clone()
                aria-invalid=move || invalid()
                prop:value=value
                on:input=move |_| on_edit.run(field)
                on:blur=leave
            />
        }
        .into_any(),
    };
    let doubt = move || doubt.map(|doubt| doubt.get()).unwrap_or_default();
    let class = move || match (error.read().is_empty(), doubt().is_empty()) {
        (false, _) => "error",
        (true, false) => "doubt",
        (true, true) => "",
    };
    let text = move || {
        let texts = [error.get(), doubt(), hint.to_owned()];
        texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
    };
    view! {
        <div class="field">
            <label for=id>
                {field.label()}
                {(!required).then(|| view! { <span class="optional">" optional"</span> })}
            </label>
            {control}
            <p id=message class="message">
                <span class=move || class() prop:textContent=move || text()></span>
            </p>
        </div>
    }
}

fn kind(field: Field) -> &'static str {
    match field {
        Field::Date => "date",
        Field::Time | Field::EndTime => "time",
        Field::Name | Field::Location | Field::Description => "text",
    }
}
