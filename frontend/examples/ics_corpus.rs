//! `cargo run -p frontend --example ics_corpus -- FOLDER COUNT`: writes so many events of every kind, each as the
//! `.ics` file that the page gives and as JSON. `e2e/ics/check.py` compares the two with a parser that is not ours.
//! First come those of `ics_corpus.jsonl`, which are hard to write into a calendar, then events near them and others.

#![expect(clippy::unwrap_used, reason = "a tool of the tests")]

use std::path::PathBuf;

use domain::Event;
use frontend::ics;
use proptest::prelude::any;
use proptest::prop_oneof;
use proptest::sample::{Index, select};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

#[allow(dead_code, reason = "the domain's own tests use the others")]
#[path = "../../backend/domain/tests/domain/strategies.rs"]
mod strategies;

const CORPUS: &str = include_str!("ics_corpus.jsonl");

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap());
    let count: usize = arguments.next().unwrap().parse().unwrap();
    let corpus: Vec<Event> =
        CORPUS.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // Others every time: a failure leaves its files behind.
    let mut runner = TestRunner::default();
    let dated = strategies::event().prop_filter("undated", |event| event.content.when.is_some());
    let others = prop_oneof![near(corpus.clone()), dated];
    let others = std::iter::repeat_with(|| others.new_tree(&mut runner).unwrap().current());
    for (number, event) in corpus.into_iter().chain(others).take(count).enumerate() {
        let url = format!("https://events.example/events/{}", event.id);
        let file = ics::file(&event, &url).unwrap();
        std::fs::write(folder.join(format!("{number}.ics")), file).unwrap();
        let json = serde_json::to_vec(&event).unwrap();
        std::fs::write(folder.join(format!("{number}.json")), json).unwrap();
    }
}

/// An event of the corpus, with the text of another somewhere within its own.
fn near(corpus: Vec<Event>) -> impl Strategy<Value = Event> {
    let parts = (select(corpus), strategies::name(), any::<Index>());
    parts.prop_filter_map("too long, or refused", |(mut event, other, at)| {
        let within = |text: &str| {
            let mut characters: Vec<char> = text.chars().collect();
            let at = at.index(characters.len() + 1);
            characters.splice(at..at, other.to_string().chars().take(20));
            characters.into_iter().collect::<String>()
        };
        let content = &mut event.content;
        content.name = within(&content.name.to_string()).parse().ok()?;
        if let Some(text) = &mut content.location {
            *text = within(&text.to_string()).parse().ok()?;
        }
        if let Some(text) = &mut content.description {
            *text = within(&text.to_string()).parse().ok()?;
        }
        Some(event)
    })
}
