//! What this reader created and deleted a moment ago. The list may lag behind a write by moments:
//! the page shows its own writes at once, and a lagging response does not undo them.

use std::sync::Arc;

use domain::{Event, EventId};

use crate::span::Selection;

/// For how long a response may lack an event that was created here. After that the response is
/// right: somebody else deleted it.
const LAG_MS: f64 = 60_000.0;

#[derive(Debug, Clone, Default)]
pub struct Changes {
    created: Vec<(Arc<Event>, f64)>,
    deleted: Vec<EventId>,
    /// On its way to the API, with an id that only this tab knows.
    pending: Option<Arc<Event>>,
}

impl Changes {
    /// An event that is not created yet stands in the list as if it were.
    pub fn pending(&mut self, event: Arc<Event>) {
        self.pending = Some(event);
    }

    /// What became of it is known.
    pub fn settle(&mut self) {
        self.pending = None;
    }

    pub fn is_pending(&self, id: EventId) -> bool {
        self.pending.as_ref().is_some_and(|event| event.id == id)
    }

    /// `now` in milliseconds.
    pub fn created(&mut self, event: Arc<Event>, now: f64) {
        self.created.retain(|(other, at)| other.id != event.id && now - at < LAG_MS);
        self.deleted.retain(|id| *id != event.id);
        self.created.push((event, now));
    }

    pub fn deleted(&mut self, id: EventId) {
        self.created.retain(|(event, _)| event.id != id);
        self.deleted.push(id);
    }

    /// An event that was created here less than the lag ago.
    pub fn recent(&self, id: EventId, now: f64) -> Option<Arc<Event>> {
        self.fresh(now).find(|event| event.id == id).cloned()
    }

    pub fn is_deleted(&self, id: EventId) -> bool {
        self.deleted.contains(&id)
    }

    /// What the list of a selection shows. `loaded` is in its order; `complete` says that nothing
    /// follows it. An event that belongs after the last one of an incomplete list comes with its
    /// page.
    pub fn apply(
        &self,
        loaded: &[Arc<Event>],
        complete: bool,
        selection: &Selection,
        now: f64,
    ) -> Vec<Arc<Event>> {
        // Time goes on: what was to come when it was loaded may be over.
        let stays = |event: &&Arc<Event>| !self.is_deleted(event.id) && selection.holds(event);
        let mut events: Vec<_> = loaded.iter().filter(stays).cloned().collect();
        // What is only on its way is shown wherever the list ends.
        let all = |event: &Event| complete || loaded.is_empty() || self.is_pending(event.id);
        let added = self.fresh(now).chain(&self.pending);
        for event in added.filter(|event| selection.holds(event)) {
            if let Err(at) = events.binary_search_by(|other| selection.compare(other, event))
                && (all(event)
                    || loaded.last().is_some_and(|end| selection.compare(event, end).is_lt()))
            {
                events.insert(at, Arc::clone(event));
            }
        }
        events
    }

    fn fresh(&self, now: f64) -> impl Iterator<Item = &Arc<Event>> {
        self.created.iter().filter(move |(_, at)| now - at < LAG_MS).map(|(event, _)| event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agenda::tests::event;
    use crate::span::Span;

    const ALL: Selection =
        Selection { from: None, to: None, undated: false, descending: false, over: None };
    const UNDATED: Selection = Selection { undated: true, ..ALL };

    #[test]
    fn a_created_event_is_shown_once_and_in_its_place() {
        let loaded = [event(1, "2026-06-01"), event(3, "2026-06-03")];
        let mut changes = Changes::default();
        changes.created(event(2, "2026-06-02"), 0.0);
        let expected = [event(1, "2026-06-01"), event(2, "2026-06-02"), event(3, "2026-06-03")];
        assert_eq!(changes.apply(&loaded, true, &ALL, 1.0), expected);
        assert_eq!(changes.apply(&expected, true, &ALL, 1.0), expected);
        assert_eq!(changes.apply(&[], true, &ALL, 1.0), [event(2, "2026-06-02")]);
    }

    #[test]
    fn a_created_event_that_belongs_on_a_later_page_waits_for_it() {
        let loaded = [event(1, "2026-06-01")];
        let mut changes = Changes::default();
        changes.created(event(2, "2026-06-02"), 0.0);
        assert_eq!(changes.apply(&loaded, false, &ALL, 1.0), loaded);
    }

    #[test]
    fn a_created_event_that_stays_away_was_deleted_by_somebody_else() {
        let mut changes = Changes::default();
        changes.created(event(1, ""), 0.0);
        assert_eq!(changes.recent(event(1, "").id, LAG_MS - 1.0), Some(event(1, "")));
        assert_eq!(changes.recent(event(1, "").id, LAG_MS), None);
        assert!(changes.apply(&[], true, &UNDATED, LAG_MS).is_empty());
    }

    #[test]
    fn a_deleted_event_does_not_come_back() {
        let loaded = [event(1, ""), event(2, "")];
        let mut changes = Changes::default();
        changes.created(event(1, ""), 0.0);
        changes.deleted(event(1, "").id);
        assert_eq!(changes.apply(&loaded, true, &UNDATED, 1.0), [event(2, "")]);
    }

    #[test]
    fn a_created_event_is_shown_where_it_belongs_only() {
        let now = Some(("2026-06-12".parse().unwrap(), "09:00".parse().unwrap()));
        let mut changes = Changes::default();
        changes.created(event(2, "2026-06-02"), 0.0);
        let apply = |span: Span, loaded: &[Arc<Event>]| {
            changes.apply(loaded, true, &span.selection(now), 1.0)
        };
        assert!(apply(Span::Upcoming, &[]).is_empty());
        assert!(apply(Span::Undated, &[]).is_empty());
        let (one, two, three) =
            (event(1, "2026-06-01"), event(2, "2026-06-02"), event(3, "2026-06-03"));
        let past = apply(Span::Past, &[Arc::clone(&three), Arc::clone(&one)]);
        assert_eq!(past, [three, two, one], "the latest first");
    }

    #[test]
    fn a_pending_event_is_shown_until_it_is_settled() {
        let (loaded, pending) = ([event(1, "2026-06-01")], event(2, "2026-06-02"));
        let mut changes = Changes::default();
        changes.pending(Arc::clone(&pending));
        assert!(changes.is_pending(pending.id));
        assert_eq!(changes.apply(&loaded, true, &ALL, 1.0).last(), Some(&pending));
        assert_eq!(changes.apply(&loaded, false, &ALL, 1.0).last(), Some(&pending));
        changes.settle();
        assert!(!changes.is_pending(pending.id));
        assert_eq!(changes.apply(&loaded, true, &ALL, 1.0), loaded);
    }
}
