//! The lists of this tab, by the part of the agenda that they show. They live beside the pages: who
//! comes back finds the list, and the place in it.

use std::sync::Arc;

use domain::{Event, EventId};
use leptos::prelude::*;

use crate::listing::{Listing, Rest};
use crate::search::Search;
use crate::span::Span;
use crate::way_back::SeenList;

/// Lists of other days than these are forgotten.
const MOST: usize = 6;

#[derive(Clone, Copy)]
pub struct Listings {
    /// The one that was opened last is at the end.
    all: StoredValue<Vec<(Span, Held)>>,
    /// A list lives longer than the page that opened it.
    owner: StoredValue<Owner>,
}

/// A list that outlives its page.
#[derive(Clone, Copy)]
pub struct Held {
    pub listing: RwSignal<Listing>,
    /// The folded texts of its events.
    pub search: StoredValue<Search>,
    pub place: StoredValue<Option<Place>>,
}

/// Where the reader is in a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The first row in view.
    pub row: EventId,
    /// Its distance from the top of the window, in pixels.
    pub top: f64,
    /// The row that has the focus.
    pub focus: Option<EventId>,
}

impl Listings {
    pub fn start() -> Self {
        let owner = Owner::current().unwrap_or_default();
        Self { all: StoredValue::new(Vec::new()), owner: StoredValue::new(owner) }
    }

    /// The lists of the app that a component is in.
    pub fn of_app() -> Self {
        expect_context()
    }

    /// The list of a part: as it was left for a reader who returns, and else a new one.
    pub fn open(self, span: Span, is_return: bool) -> Held {
        let all = self.all.try_update_value(|all| {
            let before = all.iter().position(|(other, _)| *other == span);
            let held = match before.map(|at| all.remove(at)) {
                Some((_, held)) => {
                    if !is_return {
                        held.begin_anew();
                    }
                    held
                }
                None => self.owner.with_value(|owner| owner.with(Held::new)),
            };
            all.push((span, held));
            if all.len() > MOST {
                all.remove(0).1.dispose();
            }
            held
        });
        all.unwrap_or_else(Held::new)
    }
}

impl Listings {
    /// How much of the list that is open is here, and where the reader is in it.
    pub fn seen(self) -> Option<SeenList> {
        self.all.with_value(|all| {
            let (_, held) = all.last()?;
            let count = held.listing.read_untracked().events.len();
            Some(SeenList { count, place: held.place.get_value()? })
        })
    }

    /// Holds a list that the reader left, for the return to it.
    pub fn put(self, span: Span, events: Vec<Arc<Event>>, rest: Rest, place: Place) {
        let held = self.open(span, false);
        held.listing.update(|listing| listing.fill(events, rest));
        held.place.set_value(Some(place));
    }
}

impl Held {
    fn new() -> Self {
        Self {
            listing: RwSignal::default(),
            search: StoredValue::new(Search::default()),
            place: StoredValue::new(None),
        }
    }

    fn begin_anew(self) {
        self.listing.update(Listing::begin_anew);
        self.place.set_value(None);
    }

    /// A response that is still under way finds nothing to fill.
    fn dispose(self) {
        self.listing.dispose();
        self.search.dispose();
        self.place.dispose();
    }
}
