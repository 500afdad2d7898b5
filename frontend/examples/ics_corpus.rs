//! `cargo run -p frontend --example ics_corpus -- FOLDER COUNT`: writes so many events of every kind, each as the
//! `.ics` file that the page gives and as JSON. `e2e/ics/check.py` compares the two with a parser that is not ours.

#![expect(clippy::unwrap_used, reason = "a tool of the tests")]

use std::path::PathBuf;

use frontend::ics;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

#[allow(dead_code, reason = "the domain's own tests use the others")]
#[path = "../../backend/domain/tests/domain/strategies.rs"]
mod strategies;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap());
    let count: usize = arguments.next().unwrap().parse().unwrap();
    // Others every time: a failure leaves its files behind.
    let mut runner = TestRunner::default();
    let dated = strategies::event().prop_filter("undated", |event| event.content.when.is_some());
    for number in 0..count {
        let event = dated.new_tree(&mut runner).unwrap().current();
        let url = format!("https://events.example/events/{}", event.id);
        let file = ics::file(&event, &url).unwrap();
        std::fs::write(folder.join(format!("{number}.ics")), file).unwrap();
        let json = serde_json::to_vec(&event).unwrap();
        std::fs::write(folder.join(format!("{number}.json")), json).unwrap();
    }
}
