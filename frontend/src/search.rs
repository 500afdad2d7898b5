//! The search of what is loaded: the text of each event is folded once, and only when one searches.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{Event, EventId};

use crate::filter::{self, Filter};

/// The folded text of every event that was looked at.
#[derive(Debug, Default)]
pub struct Search {
    texts: HashMap<EventId, String>,
}

impl Search {
    /// The events that a filter lets pass, in their order. `fold` is the browser's.
    pub fn matching(
        &mut self,
        events: &[Arc<Event>],
        filter: &Filter,
        fold: impl Fn(&str) -> String,
    ) -> Vec<Arc<Event>> {
        let mut matches = |event: &&Arc<Event>| {
            let text = self.texts.entry(event.id).or_insert_with(|| fold(&filter::text(event)));
            filter.matches(text)
        };
        events.iter().filter(|event| matches(event)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::agenda::tests::event;

    #[test]
    fn a_text_is_folded_once() {
        let events = [event(1, ""), event(2, ""), event(12, "")];
        let folded = Cell::new(0);
        let fold = |text: &str| {
            folded.set(folded.get() + 1);
            text.to_lowercase()
        };
        let mut search = Search::default();
        let mut find = |word| search.matching(&events, &Filter::new(word), fold);
        assert_eq!(find("event 1"), [event(1, ""), event(12, "")]);
        assert_eq!(find("event 2"), [event(2, ""), event(12, "")]);
        assert_eq!(find("none"), []);
        assert_eq!(folded.get(), events.len());
    }
}
