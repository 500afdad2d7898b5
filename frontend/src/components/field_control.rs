use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};

use crate::dom::{El, Parent, el};
use crate::draft::{Draft, Entry, Field, FieldErrors};

/// A labelled native control, with `value` in it at first. A screen reader reads its hint or its
/// error with it. Their line is always there, so that nothing moves when an error appears.
pub fn field_control(
    field: Field,
    hint: &'static str,
    value: &str,
    errors: RwSignal<FieldErrors>,
    on_edit: Callback<Field>,
    on_leave: Callback<Field>,
) -> El {
    let id = field.member();
    let message = id.to_owned() + "-message";
    let error = move || errors.read().get(field).map(str::to_owned);
    let required = field == Field::Name;
    let control = match field {
        Field::Description => el("textarea").attr("rows", "5"),
        _ => el("input").attr("type", kind(field)).attr("autocomplete", "off"),
    };
    let is_words = matches!(field, Field::Name | Field::Location | Field::Description);
    let control = control
        .attr("id", id)
        .attr("name", id)
        // The browser then offers four digits for a year.
        .maybe("max", (field == Field::Date).then_some("9999-12-31"))
        .maybe("required", required.then_some(""))
        .maybe("dir", is_words.then_some("auto"))
        .attr("aria-describedby", &message)
        .attr_of("aria-invalid", move || error().map(|_| "true"))
        .value(value)
        .on("input", move |_| on_edit.run(field))
        .on("blur", move |_| on_leave.run(field));
    let optional = (!required).then(|| el("span").class("optional").child(" optional"));
    let text = el("span")
        .attr_of("class", move || error().map(|_| "error"))
        .text_of(move || error().unwrap_or_else(|| hint.to_owned()));
    el("div")
        .class("field")
        .child(el("label").attr("for", id).child(field.label()).child(optional))
        .child(control)
        .child(el("p").attr("id", &message).class("message").child(text))
}

fn kind(field: Field) -> &'static str {
    match field {
        Field::Date => "date",
        Field::Time => "time",
        Field::Name | Field::Location | Field::Description => "text",
    }
}

/// What is in the controls now. It is read from them: a browser sends no event for a date that is
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
