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
    /// It was to be asked for again while a call was under way.
    stale: bool,
    /// How often the list began anew: a response to an earlier call is not of this list.
    begun: u32,
}

/// How much of the list is not here yet.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub enum Rest {
    #[default]
    All,
    From(NextPage),
    Nothing,
}

/// What to ask for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// `None` is the first page.
    pub from: Option<NextPage>,
    begun: u32,
}

/// As many events as there were, asked for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    pub count: usize,
    begun: u32,
}

/// How many events a search loads by itself.
const SEARCHED: usize = 2_000;

impl Listing {
    /// Forgets all, also what is under way.
    pub fn begin_anew(&mut self) {
        *self = Self { begun: self.begun + 1, ..Self::default() };
    }

    /// What to ask for; `None` when there is nothing to ask.
    pub fn start(&mut self) -> Option<Ask> {
        let from = match &self.rest {
            _ if self.loading => return None,
            Rest::All => None,
            Rest::From(next) => Some(next.clone()),
            Rest::Nothing => return None,
        };
        self.loading = true;
        Some(Ask { from, begun: self.begun })
    }

    /// Takes a page, or the failure. Returns the first event of a page after the first one, where
    /// reading continues.
    pub fn finish(&mut self, ask: &Ask, result: Result<Page, Failure>) -> Option<EventId> {
        if ask.begun != self.begun {
            return None;
        }
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

    /// Begins with what came already.
    pub fn fill(&mut self, events: Vec<Arc<Event>>, rest: Rest) {
        *self = Self { events, rest, begun: self.begun + 1, ..Self::default() };
    }

    /// Asks again for what is here, which stays until it came. `None` when nothing is here, or
    /// something is under way: then afterwards, see [`Self::take_stale`].
    pub fn start_again(&mut self) -> Option<Again> {
        self.stale |= self.loading;
        if self.loading || self.rest == Rest::All {
            return None;
        }
        self.loading = true;
        Some(Again { count: self.events.len(), begun: self.begun })
    }

    /// Takes what came in the place of what is here. Without it the list stays as it is.
    pub fn finish_again(&mut self, again: Again, result: Option<(Vec<Arc<Event>>, Rest)>) {
        if again.begun != self.begun {
            return;
        }
        self.loading = false;
        if let Some((events, rest)) = result {
            self.events = events;
            self.rest = rest;
            self.failure = None;
        }
    }

    /// Whether to ask again, now that a call has ended.
    pub fn take_stale(&mut self) -> bool {
        !self.loading && std::mem::take(&mut self.stale)
    }

    /// Nothing of it came, for want of a network.
    pub fn is_out_of_reach(&self) -> bool {
        let failure = self.failure.as_ref();
        self.rest == Rest::All && failure.is_some_and(|failure| failure.kind == Kind::Unreachable)
    }

    pub fn is_complete(&self) -> bool {
        self.rest == Rest::Nothing
    }

    /// Whether a search has to look further: there is more, and it may be asked for.
    pub fn searches_on(&self) -> bool {
        let may_ask = self.failure.is_none() && self.events.len() < SEARCHED;
        matches!(self.rest, Rest::From(_)) && may_ask
    }

    /// The state of the list, which a screen reader reads when it changes. `count` events are
    /// loaded; with a filter, `shown` of them match.
    pub fn status(&self, count: usize, shown: Option<usize>) -> String {
        match (&self.rest, count, shown) {
            (Rest::All, ..) if self.loading => "Loading events…".to_owned(),
            (Rest::All, ..) => String::new(),
            (Rest::From(_), _, Some(shown)) => {
                let rest = if self.searches_on() { ", searching on…" } else { "" };
                format!("{shown} of the first {count} events{rest}")
            }
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
        let ask = listing.start().unwrap();
        assert_eq!(ask.from, None);
        assert_eq!(listing.status(0, None), "Loading events…");
        assert_eq!(listing.start(), None, "it is under way");
        assert_eq!(listing.finish(&ask, Ok(page(&one, Some("/events?cursor=a")))), None);
        assert_eq!(listing.status(1, None), "The first 1 events");
        assert_eq!(listing.status(1, Some(0)), "0 of the first 1 events, searching on…");

        let ask = listing.start().unwrap();
        assert_eq!(ask.from, Some(NextPage::for_test("/events?cursor=a")));
        assert_eq!(listing.finish(&ask, Ok(page(&two, None))), Some(two.id));
        assert!(listing.is_complete());
        assert_eq!(listing.events, [one, two]);
        assert_eq!(listing.status(2, None), "2 events");
        assert_eq!(listing.status(1, None), "1 event");
        assert_eq!(listing.status(2, Some(1)), "1 of 2 events");
        assert_eq!(listing.start(), None, "nothing is left");
    }

    #[test]
    fn what_is_to_come_anew_during_a_call_comes_after_it() {
        let mut listing = Listing::default();
        let ask = listing.start().unwrap();
        assert!(!listing.take_stale());
        assert_eq!(listing.start_again(), None);
        assert!(!listing.take_stale(), "the call is under way");
        listing.finish(&ask, Ok(page(&event(1, ""), None)));
        assert!(listing.take_stale());
        assert!(!listing.take_stale());
        assert!(listing.start_again().is_some());
    }

    #[test]
    fn a_page_that_failed_is_asked_for_again() {
        let failure = Failure::for_test(Kind::Unreachable);
        let mut listing = Listing::default();
        let ask = listing.start().unwrap();
        listing.finish(&ask, Err(failure.clone()));
        assert_eq!(listing.failure, Some(failure));
        assert!(listing.is_out_of_reach());
        assert_eq!(listing.status(0, None), "");
        let ask = listing.start().unwrap();
        assert_eq!(ask.from, None);
        assert!(listing.failure.is_some(), "it stays until the response is there");
        listing.finish(&ask, Ok(Page { events: Vec::new(), next: None }));
        assert_eq!(listing.failure, None);
        assert_eq!(listing.status(0, None), "No events");
    }

    #[test]
    fn a_response_to_a_list_that_began_anew_is_not_of_it() {
        let mut listing = Listing::default();
        let ask = listing.start().unwrap();
        listing.begin_anew();
        listing.finish(&ask, Ok(page(&event(1, ""), None)));
        assert!(listing.events.is_empty());
        assert!(listing.start().is_some(), "nothing of the new one is under way");
    }

    #[test]
    fn what_is_asked_for_again_stays_until_it_came() {
        let (one, two) = (event(1, ""), event(2, ""));
        let mut listing = Listing::default();
        assert_eq!(listing.start_again(), None, "nothing is here");
        let ask = listing.start().unwrap();
        listing.finish(&ask, Ok(page(&one, None)));
        let again = listing.start_again().unwrap();
        assert_eq!((again.count, &listing.events), (1, &vec![Arc::clone(&one)]));
        listing.finish_again(again, None);
        assert_eq!(listing.events, [one], "no response, no change");
        let again = listing.start_again().unwrap();
        listing.finish_again(again, Some((vec![Arc::clone(&two)], Rest::Nothing)));
        assert_eq!(listing.events, [two]);
    }

    #[test]
    fn a_search_ends_somewhere() {
        let mut listing = Listing { events: vec![event(1, ""); SEARCHED], ..Listing::default() };
        listing.rest = Rest::From(NextPage::for_test("/events?cursor=a"));
        assert!(!listing.searches_on());
        assert_eq!(listing.status(SEARCHED, Some(0)), "0 of the first 2000 events");
        listing.events.pop();
        assert!(listing.searches_on());
    }
}
