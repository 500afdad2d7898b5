//! Which rows of a long list are drawn: those near what the reader sees. The rest is space.

use std::ops::Range;

/// The most rows that come in one frame: on a slow phone that is no longer than a key may take.
pub const STEP: usize = 24;

/// The most rows that are drawn: enough for three screens and a step more, however high a screen is.
/// A list of no more is drawn whole, some frames later: the browser's search finds all of it. Of a
/// longer one few are drawn until one scrolls, as they all go with the next letter in the filter.
const MOST: usize = 240;

/// So many rows, or a screen of them, are always drawn above and below what the reader sees.
const AROUND: usize = 24;

/// The rows that are drawn, as a range of all rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    pub start: usize,
    pub end: usize,
}

/// Where the drawn rows are, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// From the first drawn row down to the top of what the reader sees; negative when the row is
    /// further down.
    pub above: f64,
    /// From the bottom of what the reader sees down to the end of the last drawn row.
    pub below: f64,
    /// The height of what the reader sees.
    pub height: f64,
    /// The height of a row, its share of headings included.
    pub row: f64,
}

/// How many rows a reader sees at once, and one more; no more than come in one frame.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
pub fn screen(height: f64, row: f64) -> usize {
    ((height / row.max(1.0)).ceil() as usize + 1).min(STEP)
}

impl Window {
    /// The first rows.
    pub fn top(total: usize) -> Self {
        Self { start: 0, end: total.min(STEP) }
    }

    /// All rows, for paper.
    pub fn all(total: usize) -> Self {
        Self { start: 0, end: total }
    }

    /// Rows around the one at `index`; all of them if they are few.
    pub fn around(index: usize, total: usize) -> Self {
        if total <= MOST {
            return Self::all(total);
        }
        let end = total.min(index + STEP + AROUND);
        Self { start: index.min(end.saturating_sub(STEP)).saturating_sub(AROUND), end }
    }

    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// The window in a list that has another number of rows now. At least `screen` rows are drawn.
    #[must_use]
    pub fn fitted(self, total: usize, screen: usize) -> Self {
        let end = total.min(self.end.max(self.start + screen));
        let start = if end <= self.start { end.saturating_sub(screen) } else { self.start };
        Self { start, end }
    }

    /// The window that follows the reader. It stays as it is while rows enough are around.
    #[must_use]
    pub fn following(self, seen: Seen, total: usize) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "rows are few")]
        let margin = seen.height.max(AROUND as f64 * seen.row);
        let is_wanted = |side: f64| total <= MOST || side < margin;
        let is_above = self.start > 0 && is_wanted(seen.above);
        let is_below = self.end < total && is_wanted(seen.below);
        if !(is_above || is_below) {
            return self;
        }
        // Far from what is drawn, as after a pull at the scroll bar.
        if seen.above < -seen.height || seen.below < -seen.height {
            #[expect(clippy::cast_precision_loss, reason = "rows are few")]
            let first = self.start as f64 + seen.above / seen.row.max(1.0);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the cast saturates"
            )]
            return Self::around((first as usize).min(total.saturating_sub(1)), total);
        }
        if is_above {
            let start = self.start.saturating_sub(STEP);
            Self { start, end: self.end.min(start + MOST) }
        } else {
            let end = total.min(self.end + STEP);
            Self { start: self.start.max(end.saturating_sub(MOST)), end }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEIGHT: f64 = 800.0;
    const ROW: f64 = 50.0;

    /// What is seen when the row at `index` is at the top.
    #[expect(clippy::cast_precision_loss, reason = "rows are few")]
    fn seen(window: Window, index: usize) -> Seen {
        let above = (index as f64 - window.start as f64) * ROW;
        let below = (window.end as f64 - index as f64) * ROW - HEIGHT;
        Seen { above, below, height: HEIGHT, row: ROW }
    }

    #[test]
    fn a_short_list_is_drawn_as_a_whole() {
        assert_eq!(Window::top(STEP), Window { start: 0, end: STEP });
        assert_eq!(Window::top(1_000), Window { start: 0, end: STEP });
        assert_eq!(Window::default().fitted(250, STEP), Window { start: 0, end: STEP });
        assert_eq!(Window::around(100, MOST), Window::all(MOST));
    }

    #[test]
    fn a_list_that_is_drawn_whole_grows_until_it_is() {
        for (total, drawn) in [(MOST, MOST), (MOST + 1, 48)] {
            let mut window = Window::top(total);
            for _ in 0..MOST / STEP {
                window = window.following(seen(window, 0), total);
            }
            assert_eq!(window, Window { start: 0, end: drawn }, "of {total}");
        }
    }

    #[test]
    fn the_first_frame_draws_what_a_screen_shows() {
        assert_eq!(screen(720.0, 60.0), 13);
        assert_eq!(screen(719.0, 60.0), 13);
        assert_eq!(screen(4_000.0, 60.0), STEP);
        assert_eq!(screen(720.0, 0.0), STEP);
        assert_eq!(Window::default().fitted(250, 13), Window { start: 0, end: 13 });
        assert_eq!(Window::default().fitted(5, 13), Window { start: 0, end: 5 });
    }

    #[test]
    fn rows_that_went_are_no_longer_drawn() {
        let window = Window { start: 900, end: 1_000 };
        assert_eq!(window.fitted(950, 8), Window { start: 900, end: 950 });
        assert_eq!(window.fitted(STEP, STEP), Window { start: 0, end: STEP });
        assert_eq!(window.fitted(0, STEP), Window::default());
    }

    #[test]
    fn a_walk_through_the_list_always_has_rows_around_and_never_more_than_the_most() {
        let total = 5_000;
        let mut window = Window::top(total);
        let down = (0..4_984).step_by(7);
        let indexes: Vec<usize> = down.clone().chain(down.rev()).collect();
        for index in indexes {
            for _ in 0..MOST / STEP {
                window = window.following(seen(window, index), total);
            }
            assert!(window.start <= index.saturating_sub(16).max(window.start.min(index)));
            assert!(window.end - window.start <= MOST, "{window:?}");
            assert!(window.start <= index && index + 16 <= window.end, "{index} {window:?}");
            let settled = window.following(seen(window, index), total);
            assert_eq!(settled, window, "it comes to rest");
        }
        assert_eq!(window.start, 0);
    }

    #[test]
    fn a_jump_draws_what_is_there() {
        let window = Window::top(5_000);
        for index in [0, 150, 2_500, 4_984] {
            let jumped = window.following(seen(window, index), 5_000);
            assert!(jumped.range().contains(&index), "{index} {jumped:?}");
        }
        let end = Window { start: 4_700, end: 5_000 };
        assert_eq!(end.following(seen(end, 0), 5_000), Window { start: 0, end: STEP + AROUND });
    }
}
