use std::time::Duration;

use domain::Date;
use leptos::prelude::*;

use crate::browser;
use crate::dom::{El, Parent, el};

/// The wait after the last key. A date is typed digit by digit, and each digit makes a valid date.
const PAUSE: Duration = Duration::from_millis(500);

const FROM: &str = "from";
const TO: &str = "to";

/// The first and the last day of a range; an end that is absent is open.
pub type Days = (Option<Date>, Option<Date>);

/// The filter of the loaded events by words, and the range of days to load.
pub fn agenda_filters(
    filter: impl Fn() -> String + 'static,
    on_filter: impl Fn(String) + 'static,
    days: impl Fn() -> Days + Copy + 'static,
    on_days: impl Fn(Days) + 'static,
) -> El {
    let message = el("p").attr("id", "range-message").class("error").attr("role", "status");
    let inputs = [FROM, TO].map(|id| {
        let input = el("input").attr("id", id).attr("type", "date").attr("max", "9999-12-31");
        input.attr("aria-describedby", "range-message")
    });
    let [first, last] = inputs.clone();
    let read = debounce(PAUSE, {
        let (message, inputs) = (message.clone(), inputs.clone());
        move |()| {
            let [from, to] =
                [FROM, TO].map(|id| browser::value_of(id).unwrap_or_default().parse().ok());
            let is_backwards = from.zip(to).is_some_and(|(from, to): (Date, Date)| from > to);
            message.set_text(if is_backwards {
                "“To” must not be before “From”."
            } else {
                ""
            });
            for input in &inputs {
                input.set("aria-invalid", is_backwards.then_some("true"));
            }
            if !is_backwards && untrack(days) != (from, to) {
                on_days((from, to));
            }
        }
    });
    let read = StoredValue::new_local(read);
    let day = move |id: &str, label: &str, input: El, value: fn(Days) -> Option<Date>| {
        let input = input
            .value_of(move || value(days()).map(|date| date.to_string()).unwrap_or_default())
            .on("input", move |_| read.update_value(|read| read(())));
        el("div").class("field").child(el("label").attr("for", id).child(label)).child(input)
    };
    let words = el("input")
        .attr("id", "filter")
        .attr("type", "search")
        .attr("placeholder", "Name, place or words")
        .attr("autocomplete", "off")
        .attr("enterkeyhint", "search")
        .value_of(filter)
        .on("input", move |_| on_filter(browser::value_of("filter").unwrap_or_default()));
    let words =
        el("div").class("field").markup("<label for=\"filter\">Filter</label>").child(words);
    el("div")
        .class("filters")
        .attr("role", "search")
        .attr("aria-label", "Lists of events")
        .child(words)
        .child(day(FROM, "From", first, |days| days.0))
        .child(day(TO, "To", last, |days| days.1))
        .child(message)
}
