use domain::Date;
use leptos::html;
use leptos::prelude::*;

use crate::draft::Entry;
use crate::effect::effect;
use crate::routes::AgendaQuery;
use crate::span::End;

/// The id of the field for words.
pub const FILTER: &str = "filter";

/// What stands in the two fields for days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayEntries {
    pub from: Entry,
    pub to: Entry,
}

/// The filter of the events by words, and the range of days to load. What stands in a field is the
/// reader's: it is set only when `words` or the days of `query` change, which is with the address.
#[component]
pub fn AgendaFilters(
    words: Memo<String>,
    on_words: Callback<String>,
    /// The field for words was left.
    on_words_left: Callback<String>,
    query: Memo<AgendaQuery>,
    /// What is wrong with the days; "" is nothing.
    error: Memo<String>,
    is_from_wrong: Memo<bool>,
    is_to_wrong: Memo<bool>,
    /// The field of this end was edited.
    on_edit: Callback<(End, DayEntries)>,
    /// The field of this end was left.
    on_leave: Callback<(End, DayEntries)>,
) -> impl IntoView {
    let (from, to) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let entries = move || DayEntries { from: entry(from), to: entry(to) };
    let on_edit = Callback::new(move |end| on_edit.run((end, entries())));
    let on_leave = Callback::new(move |end| on_leave.run((end, entries())));
    let first = Memo::new(move |_| query.read().span.days().0);
    let last = Memo::new(move |_| query.read().span.days().1);
    view! {
        <div class="filters" role="search" aria-label="Lists of events">
            <WordsField words on_words on_left=on_words_left/>
            <DayField end=End::From field=from day=first is_wrong=is_from_wrong on_edit on_leave/>
            <DayField end=End::To field=to day=last is_wrong=is_to_wrong on_edit on_leave/>
            <p id=MESSAGE class="error" role="status" prop:textContent=move || error.get()></p>
        </div>
    }
}

/// The id of the line below the fields.
const MESSAGE: &str = "range-message";

#[component]
fn WordsField(
    words: Memo<String>,
    on_words: Callback<String>,
    on_left: Callback<String>,
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    effect(move || show(field, &words.read()));
    let value = move || field.get_untracked().map(|field| field.value()).unwrap_or_default();
    view! {
        <div class="field">
            <label for=FILTER>"Filter"</label>
            <input
                node_ref=field
                id=FILTER
                type="search"
                placeholder="Name, place or words"
                autocomplete="off"
                enterkeyhint="search"
                on:input=move |_| on_words.run(value())
                on:change=move |_| {
                    // Also when the page goes, and all that it had.
                    on_left.try_run(value());
                }
            />
        </div>
    }
}

#[component]
fn DayField(
    end: End,
    field: NodeRef<html::Input>,
    day: Memo<Option<Date>>,
    is_wrong: Memo<bool>,
    on_edit: Callback<End>,
    on_leave: Callback<End>,
) -> impl IntoView {
    effect(move || show(field, &day.get().map(|day| day.to_string()).unwrap_or_default()));
    view! {
        <div class="field">
            <label for=end.name()>{end.label()}</label>
            <input
                node_ref=field
                id=end.name()
                type="date"
                max="9999-12-31"
                aria-describedby=MESSAGE
                aria-invalid=move || is_wrong.get().then_some("true")
                on:input=move |_| on_edit.run(end)
                on:blur=move |_| {
                    // Also when the page goes, and all that it had.
                    on_leave.try_run(end);
                }
            />
        </div>
    }
}

fn show(field: NodeRef<html::Input>, value: &str) {
    // To set what stands there already would move the caret.
    if let Some(field) = field.get()
        && field.value() != value
    {
        field.set_value(value);
    }
}

fn entry(field: NodeRef<html::Input>) -> Entry {
    field.get_untracked().map_or_else(Entry::default, |field| {
        Entry::new(field.value(), field.validity().bad_input())
    })
}
