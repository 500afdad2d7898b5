use std::time::Duration;

use domain::Date;
use leptos::prelude::*;

use crate::browser;

/// Between the last key and what follows from it: a date is typed digit by digit, and each of them makes a date.
const PAUSE: Duration = Duration::from_millis(500);

const FROM: &str = "from";
const TO: &str = "to";

/// Looks for words among the events that are here, and for days among all of them.
#[component]
pub fn AgendaFilters(
    #[prop(into)] filter: Signal<String>,
    on_filter: Callback<String>,
    /// The first and the last day.
    #[prop(into)]
    range: Signal<(Option<Date>, Option<Date>)>,
    on_range: Callback<(Option<Date>, Option<Date>)>,
) -> impl IntoView {
    let backwards = RwSignal::new(false);
    let read = debounce(PAUSE, move |()| {
        let day = |id| browser::value_of(id).unwrap_or_default().parse::<Date>().ok();
        let (from, to) = (day(FROM), day(TO));
        let is_backwards = from.zip(to).is_some_and(|(from, to)| from > to);
        backwards.set(is_backwards);
        if !is_backwards && range.get_untracked() != (from, to) {
            on_range.run((from, to));
        }
    });
    let read = StoredValue::new_local(read);
    let day = move |id: &'static str, label: &'static str, value: Signal<String>| {
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <input
                    id=id
                    type="date"
                    max="9999-12-31"
                    prop:value=value
                    aria-invalid=move || backwards.get().then_some("true")
                    aria-describedby="range-message"
                    on:input=move |_| read.update_value(|read| read(()))
                />
            </div>
        }
    };
    let text = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
    view! {
        <div class="filters" role="search" aria-label="Events">
            <div class="field">
                <label for="filter">"Filter"</label>
                <input
                    id="filter"
                    type="search"
                    placeholder="Name, place or words"
                    autocomplete="off"
                    enterkeyhint="search"
                    prop:value=filter
                    on:input:target=move |input| on_filter.run(input.target().value())
                />
            </div>
            {day(FROM, "From", Signal::derive(move || text(range.get().0)))}
            {day(TO, "To", Signal::derive(move || text(range.get().1)))}
            <p id="range-message" class="mistake" role="status">
                {move || backwards.get().then_some("“To” must not be before “From”.")}
            </p>
        </div>
    }
}
