//! The window of a long list: which of its rows are drawn, as the reader moves.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use domain::{Event, EventId};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::{spawn_local, tick};

use crate::agenda::{self, Agenda};
use crate::browser;
use crate::components::{DRAWN, EVENT, Rows, link_id};
use crate::effect::effect;
use crate::filter::Filter;
use crate::listings::Place;
use crate::navigation::Navigation;
use crate::window::{self, Seen, Window};

/// The height of a row before one was seen, in pixels.
const ROW: f64 = 90.0;

/// The wait after a letter in the filter until more is drawn than a screen shows.
const PAUSE: Duration = Duration::from_millis(200);

type Events = Memo<Vec<Arc<Event>>>;

/// What is drawn.
#[derive(Debug, Clone, Default, PartialEq)]
struct Chosen {
    /// Under another filter the window is at the top.
    filter: Filter,
    window: Window,
    /// The row that has the focus is drawn wherever the window is.
    focus: Option<EventId>,
    /// The height of the rows above the drawn ones: as it was when they were drawn.
    above: f64,
    /// The mean height of a row, its share of headings included; of those at the top, once they
    /// were seen. From there on it stays, and the page as long: one may be on the way to its end.
    row: Option<f64>,
    /// How many rows the reader sees at once.
    screen: usize,
}

#[derive(Clone, Copy)]
pub struct ListWindow {
    /// All rows of the list.
    events: Events,
    chosen: RwSignal<Chosen>,
    filter: Memo<Filter>,
    /// What was drawn before all rows were, for paper.
    before_print: StoredValue<Option<Window>>,
}

impl ListWindow {
    /// Begins at the top, or where the reader was.
    pub fn open(events: Events, filter: Memo<Filter>, place: StoredValue<Option<Place>>) -> Self {
        let list = Self {
            events,
            chosen: RwSignal::new(Chosen {
                screen: window::screen(browser::view_height(), ROW),
                ..Chosen::default()
            }),
            filter,
            before_print: StoredValue::new(None),
        };
        if let Some(place) = place.get_value() {
            list.restore(place);
        }
        let navigation = Navigation::of_app();
        navigation.on_leave(Callback::new(move |()| place.set_value(list.place())));
        list.listen();
        list
    }

    fn listen(self) {
        let listeners = [
            window_event_listener(ev::scroll, move |_| self.follow()),
            window_event_listener(ev::resize, move |_| self.follow()),
            window_event_listener(ev::keydown, move |key| {
                if key.key() == "Tab" {
                    self.follow_focus();
                }
            }),
            window_event_listener(ev::beforeprint, move |_| self.draw_all()),
            window_event_listener(ev::afterprint, move |_| self.draw_window()),
        ];
        on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
        // Another list, or more of it.
        effect(move || {
            self.events.track();
            let filter = self.filter.get();
            if self.begin(&filter) {
                // Each letter takes all drawn rows away: few come until no more letters do.
                let settle = move || {
                    if self.filter.try_get_untracked() == Some(filter) {
                        self.settle();
                    }
                };
                set_timeout(settle, PAUSE);
            } else {
                self.follow_soon();
            }
        });
    }

    /// At the top, if the filter is another one. Whoever reads the window has that already.
    fn begin(self, filter: &Filter) -> bool {
        let is_other = self.chosen.read_untracked().filter != *filter;
        if is_other {
            self.chosen.update_untracked(|chosen| {
                chosen.filter.clone_from(filter);
                chosen.window = Window::default();
                chosen.above = 0.0;
            });
        }
        is_other
    }

    fn window(self) -> Window {
        let chosen = self.chosen.read();
        let is_other = chosen.filter != *self.filter.read();
        let window = if is_other { Window::default() } else { chosen.window };
        window.fitted(self.events.read().len(), chosen.screen)
    }

    fn choose(self, window: Window, above: f64) {
        let (filter, focus) = (self.filter.get_untracked(), Self::focused());
        self.chosen.update(|chosen| {
            *chosen = Chosen { filter, window, focus, above, ..*chosen };
        });
    }

    fn row(self) -> f64 {
        self.chosen.read_untracked().row.unwrap_or(ROW)
    }

    fn now(self) -> (Window, usize) {
        untrack(|| (self.window(), self.events.read().len()))
    }

    /// The rows that are drawn.
    pub fn rows(self) -> Rows {
        let (events, window) = (self.events.read(), self.window());
        let rows = |range: Range<usize>| {
            agenda::rows(events.get(range.clone()).unwrap_or_default(), range.start + 1)
        };
        let focus = self.chosen.read().focus.and_then(|id| position(&events, id));
        let (before, after) = match focus {
            Some(at) if at < window.start => (at..at + 1, 0..0),
            Some(at) if at >= window.end => (0..0, at..at + 1),
            _ => (0..0, 0..0),
        };
        let chosen = self.chosen.read();
        let above = if window.start == 0 { 0.0 } else { chosen.above };
        Rows {
            agenda: Agenda::new(rows(before).chain(rows(window.range())).chain(rows(after))),
            above: whole(above),
            below: whole(pixels(events.len() - window.end, self.row())),
            ..Rows::default()
        }
    }

    /// The row that has the focus.
    fn focused() -> Option<EventId> {
        browser::focused_link_in_row()?.strip_prefix(EVENT)?.parse().ok()
    }

    /// Draws the rows that the reader comes near to.
    fn follow(self) {
        let is_printing = self.before_print.try_with_value(Option::is_some);
        if is_printing != Some(false) {
            return;
        }
        let Some(seen) = self.look() else { return };
        let (before, total) = self.now();
        let after = before.following(seen, total);
        if after != before {
            self.draw(before, after);
        }
    }

    /// Not in the frame that shows what has just changed: it would come later for that.
    fn follow_soon(self) {
        request_animation_frame(move || request_animation_frame(move || self.settle()));
    }

    fn settle(self) {
        if !self.chosen.is_disposed() {
            self.measure();
            self.follow();
        }
    }

    fn look(self) -> Option<Seen> {
        let (top, height) = browser::position(DRAWN)?;
        let view = browser::view_height();
        let row = self.row();
        Some(Seen { above: -top, below: top + height - view, height: view, row })
    }

    fn measure(self) {
        let (window, _) = self.now();
        let count = window.end - window.start;
        let before = self.chosen.read_untracked().row;
        if (window.start == 0 || before.is_none())
            && count > 0
            && let Some((_, height)) = browser::position(DRAWN)
        {
            let row = height / pixels(count, 1.0);
            if row > 0.0 && before.is_none_or(|before| (row - before).abs() > 0.5) {
                let screen = window::screen(browser::view_height(), row);
                self.chosen.update(|chosen| {
                    chosen.row = Some(row);
                    chosen.screen = screen;
                });
            }
        }
    }

    /// Other rows are drawn, and those that stay do not move.
    fn draw(self, before: Window, after: Window) {
        let anchor = self.anchor(before, after);
        let height = browser::page_height();
        let focus = browser::focused();
        let row = self.row();
        let moved = pixels(after.start, row) - pixels(before.start, row);
        let above = (self.chosen.read_untracked().above + moved).max(0.0);
        self.choose(after, if after.start == 0 { 0.0 } else { above });
        // When the rows are there, and before anybody sees them.
        spawn_local(async move {
            tick().await;
            if self.chosen.is_disposed() {
                return;
            }
            // `For` takes some of the rows that stay out of the document for a moment.
            if let Some(focus) = focus {
                browser::focus_again(&focus);
            }
            let moved = match anchor {
                Some((id, top)) => browser::position(&link_id(id)).map(|(now, _)| now - top),
                // After a jump the page is as long as before: who jumps to its end gets there.
                None => Some(browser::page_height() - height),
            };
            self.put_back(moved.unwrap_or_default());
            self.follow_soon();
        });
    }

    /// A row near the top of what the reader sees, which is drawn before and after.
    fn anchor(self, before: Window, after: Window) -> Option<(EventId, f64)> {
        let range = before.start.max(after.start)..before.end.min(after.end);
        let events = self.events.read_untracked();
        let mut tops = events.get(range)?.iter().filter_map(|event| {
            browser::position(&link_id(event.id)).map(|(top, _)| (event.id, top))
        });
        // After a jump there is none.
        tops.find(|(_, top)| *top >= 0.0).filter(|(_, top)| *top < browser::view_height())
    }

    /// The rows are further down by so much than they were.
    fn put_back(self, distance: f64) {
        if distance.abs() < 0.5 {
            return;
        }
        let wanted = self.chosen.read_untracked().above - distance;
        if self.now().0.start > 0 && wanted >= 0.0 {
            self.chosen.update(|chosen| chosen.above = wanted);
        } else {
            browser::scroll_by(distance);
        }
    }

    /// Draws the row of an event and gives it the focus.
    pub fn go_to(self, id: EventId) {
        // The event may come with this very change.
        request_animation_frame(move || {
            if self.chosen.is_disposed() {
                return;
            }
            let at = self.index(id);
            let (before, total) = self.now();
            if let Some(at) = at.filter(|at| !before.range().contains(at)) {
                self.draw(before, Window::around(at, total));
            }
            browser::focus_soon(link_id(id));
        });
    }

    /// The keyboard goes on from the row that has the focus: its neighbours are drawn first.
    fn follow_focus(self) {
        let at = Self::focused().and_then(|id| self.index(id));
        let (window, total) = self.now();
        let Some(at) = at else { return };
        if at.saturating_sub(1) < window.start || window.end < total.min(at + 2) {
            self.draw(window, Window::around(at, total));
        }
    }

    fn index(self, id: EventId) -> Option<usize> {
        self.events.with_untracked(|events| position(events, id))
    }

    /// Where the reader is.
    fn place(self) -> Option<Place> {
        let (window, _) = self.now();
        let events = self.events.read_untracked();
        let drawn = events.get(window.range())?;
        let has_focus = |event: &&Arc<Event>| browser::has_focus(&link_id(event.id));
        let focus = drawn.iter().find(has_focus).map(|event| event.id);
        let in_view = drawn.iter().find_map(|event| {
            let (top, height) = browser::position(&link_id(event.id))?;
            (top + height > 0.0).then_some((event.id, top))
        });
        let (row, top) = in_view?;
        Some(Place { row, top, focus })
    }

    fn restore(self, Place { row, top, focus }: Place) {
        let Some(at) = self.index(row) else { return };
        let window = Window::around(at, self.now().1);
        self.choose(window, pixels(window.start, self.row()));
        request_animation_frame(move || {
            if let Some((now, _)) = browser::position(&link_id(row)) {
                browser::scroll_by(now - top);
            }
            if let Some(focus) = focus {
                browser::focus_in_place(&link_id(focus));
            }
        });
    }

    fn draw_all(self) {
        let (window, total) = self.now();
        self.before_print.set_value(Some(window));
        self.choose(Window::all(total), 0.0);
    }

    fn draw_window(self) {
        if let Some(window) = self.before_print.try_update_value(Option::take).flatten() {
            self.choose(window, pixels(window.start, self.row()));
        }
    }
}

fn position(events: &[Arc<Event>], id: EventId) -> Option<usize> {
    events.iter().position(|event| event.id == id)
}

/// The height of so many rows.
#[expect(clippy::cast_precision_loss, reason = "rows are few")]
fn pixels(rows: usize, row: f64) -> f64 {
    rows as f64 * row
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn whole(pixels: f64) -> u32 {
    pixels.round() as u32
}
