//! The list as far as it is here: it comes page by page, and any page may fail.

use std::sync::Arc;

use domain::{Event, EventId};

use crate::api::{Failure, Kind, NextPage, Page};

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listing {
    pub events: Vec<Arc<Event>>,
    pub rest: Rest,
    pub loading: bool,
    pub failure: Option<Failure>,
}

/// How much of the list is not here yet.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Rest {
    #[default]
    All,
    From(NextPage),
    Nothing,
}

impl Listing {
    /// What to ask for now: `None` when there is nothing to ask, `Some(None)` for the first page.
    pub fn start(&mut self) -> Option<Option<NextPage>> {
        let from = match &self.rest {
            _ if self.loading => return None,
            Rest::All => None,
            Rest::From(next) => Some(next.clone()),
            Rest::Nothing => return None,
        };
        self.loading = true;
        Some(from)
    }

    /// Takes a page, or the failure. Returns the first event of a page after the first one, where
    /// reading continues.
    pub fn finish(&mut self, result: Result<Page, Failure>) -> Option<EventId> {
        self.loading = false;
        match result {
            Ok(page) => {
                let is_more = self.rest != Rest::All;
                let first = page.events.first().map(|event| event.id).filter(|_| is_more);
                self.events.extend(page.events);
                self.rest = page.next.map_or(Rest::Nothing, Rest::From);
                self.failure = None;
                first
            }
            Err(failure) => {
                self.failure = Some(failure);
                None
            }
        }
    }

    /// Nothing of it came, for want of a network.
    pub fn is_out_of_reach(&self) -> bool {
        let failure = self.failure.as_ref();
        self.rest == Rest::All && failure.is_some_and(|failure| failure.kind == Kind::Unreachable)
    }

    pub fn is_complete(&self) -> bool {
        self.rest == Rest::Nothing
    }

    /// The state of the list, which a screen reader reads when it changes. `count` events are
    /// loaded; with a filter, `shown` of them are visible.
    pub fn status(&self, count: usize, shown: Option<usize>) -> String {
        match (&self.rest, count, shown) {
            (Rest::All, ..) if self.loading => "Loading events…".to_owned(),
            (Rest::All, ..) => String::new(),
            (Rest::From(_), _, Some(shown)) => format!("{shown} of the first {count} events"),
            (Rest::Nothing, _, Some(shown)) => format!("{shown} of {}", events(count)),
            (Rest::From(_), _, None) => format!("The first {count} events"),
            (Rest::Nothing, 0, None) => "No events".to_owned(),
            (Rest::Nothing, _, None) => events(count),
        }
    }
}

fn events(count: usize) -> String {
    if count == 1 { "1 event".to_owned() } else { format!("{count} events") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agenda::tests::event;

    fn page(event: &Arc<Event>, next: Option<&str>) -> Page {
        Page { events: vec![Arc::clone(event)], next: next.map(NextPage::for_test) }
    }

    #[test]
    fn comes_page_by_page() {
        let (one, two) = (event(1, ""), event(2, ""));
        let mut listing = Listing::default();
        assert_eq!(listing.start(), Some(None));
        assert_eq!(listing.status(0, None), "Loading events…");
        assert_eq!(listing.start(), None, "it is under way");
        assert_eq!(listing.finish(Ok(page(&one, Some("/events?cursor=a")))), None);
        assert_eq!(listing.status(1, None), "The first 1 events");

        assert_eq!(listing.start(), Some(Some(NextPage::for_test("/events?cursor=a"))));
        assert_eq!(listing.finish(Ok(page(&two, None))), Some(two.id));
        assert!(listing.is_complete());
        assert_eq!(listing.events, [one, two]);
        assert_eq!(listing.status(2, None), "2 events");
        assert_eq!(listing.status(1, None), "1 event");
        assert_eq!(listing.status(2, Some(1)), "1 of 2 events");
        assert_eq!(listing.start(), None, "nothing is left");
    }

    #[test]
    fn a_page_that_failed_is_asked_for_again() {
        let failure = Failure::for_test(Kind::Unreachable);
        let mut listing = Listing::default();
        listing.start();
        listing.finish(Err(failure.clone()));
        assert_eq!(listing.failure, Some(failure));
        assert!(listing.is_out_of_reach());
        assert_eq!(listing.status(0, None), "");
        assert_eq!(listing.start(), Some(None));
        assert!(listing.failure.is_some(), "it stays until the response is there");
        listing.finish(Ok(Page { events: Vec::new(), next: None }));
        assert_eq!(listing.failure, None);
        assert_eq!(listing.status(0, None), "No events");
    }
}
