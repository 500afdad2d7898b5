//! The drafts of events that the browser keeps. Each tab has its own, over a reload too; one that a
//! tab left is offered again. No tab overwrites what another one wrote since.

use crate::browser;
use crate::draft::Draft;
use crate::json::{self, Value};

/// Where the browser keeps the drafts of all tabs.
pub const DRAFTS: &str = "drafts";

/// Where it keeps the draft of this tab, as the tab knows it.
const OWN: &str = "draft";

/// The draft of this tab with its key, or one that was left.
pub fn open() -> Option<(Draft, String)> {
    if let Some(own) = browser::kept_in_tab(OWN).as_deref().and_then(Draft::from_stored) {
        return Some(own);
    }
    let mut shelf = Shelf::kept();
    let left = shelf.take()?;
    shelf.keep();
    browser::keep_in_tab(OWN, &left);
    Draft::from_stored(&left)
}

/// Keeps the draft of this tab. Returns its key, which is another one when another tab went on with
/// the draft of this key.
pub fn store(draft: &Draft, key: &str) -> String {
    let mut shelf = Shelf::kept();
    let known = browser::kept_in_tab(OWN);
    let is_ours = shelf.get(key).is_none_or(|kept| known.as_deref() == Some(kept));
    let key = if is_ours { key.to_owned() } else { browser::random_uuid() };
    let stored = draft.to_stored(&key);
    browser::keep_in_tab(OWN, &stored);
    if draft.is_blank() {
        shelf.remove(&key);
    } else {
        shelf.put(stored);
    }
    shelf.keep();
    key
}

/// Forgets the draft of a key; others stay.
pub fn forget(key: &str) {
    let mut shelf = Shelf::kept();
    shelf.remove(key);
    shelf.keep();
    let own = browser::kept_in_tab(OWN).as_deref().and_then(Draft::from_stored);
    if own.is_some_and(|(_, own)| own == key) {
        browser::forget_in_tab(OWN);
    }
}

/// Forgets the draft of a key, and offers no other in its place: the tab starts over.
pub fn start_over(key: &str) {
    forget(key);
    store(&Draft::default(), &browser::random_uuid());
}

/// Keeps a draft that did not become an event, if it is kept no more.
pub fn keep_if_gone(draft: &Draft, key: &str) {
    let mut shelf = Shelf::kept();
    if shelf.get(key).is_none() {
        shelf.put(draft.to_stored(key));
        shelf.keep();
    }
}

/// Whether the draft of a key went from the browser's [`DRAFTS`] in this change of theirs.
pub fn is_gone(key: &str, before: Option<&str>, after: Option<&str>) -> bool {
    Shelf::read(before).get(key).is_some() && Shelf::read(after).get(key).is_none()
}

/// Drafts as they are stored; the one that is offered next is at the end.
#[derive(Debug, Default, PartialEq, Eq)]
struct Shelf(Vec<String>);

impl Shelf {
    fn read(text: Option<&str>) -> Self {
        let drafts = text.and_then(json::parse);
        let drafts = drafts.and_then(|drafts| json::list(&drafts, Value::as_text));
        Self(drafts.unwrap_or_default())
    }

    fn kept() -> Self {
        Self::read(browser::kept(DRAFTS).as_deref())
    }

    fn keep(&self) {
        if self.0.is_empty() {
            browser::forget(DRAFTS);
        } else {
            browser::keep(DRAFTS, &json::texts(self.0.iter().map(String::as_str)));
        }
    }

    fn position(&self, key: &str) -> Option<usize> {
        self.0.iter().position(|kept| Draft::from_stored(kept).is_some_and(|(_, own)| own == key))
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.position(key).map(|at| self.0[at].as_str())
    }

    fn put(&mut self, stored: String) {
        if let Some((_, key)) = Draft::from_stored(&stored) {
            self.remove(&key);
            self.0.push(stored);
        }
    }

    fn remove(&mut self, key: &str) {
        if let Some(at) = self.position(key) {
            self.0.remove(at);
        }
    }

    /// The one that was written last. It stays; the next tab is offered another one first.
    fn take(&mut self) -> Option<String> {
        let taken = self.0.pop()?;
        self.0.insert(0, taken.clone());
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Entry;

    fn stored(name: &str, key: &str) -> String {
        Draft { name: Entry::Text(name.to_owned()), ..Draft::default() }.to_stored(key)
    }

    #[test]
    fn each_key_has_one_draft() {
        let mut shelf = Shelf::default();
        for (name, key) in [("One", "a"), ("Two", "b"), ("One more", "a")] {
            shelf.put(stored(name, key));
        }
        assert_eq!(shelf, Shelf(vec![stored("Two", "b"), stored("One more", "a")]));
        assert_eq!(shelf.get("a"), Some(&*stored("One more", "a")));
        shelf.remove("a");
        shelf.remove("c");
        assert_eq!(shelf, Shelf(vec![stored("Two", "b")]));
    }

    #[test]
    fn what_was_left_is_offered_one_after_the_other() {
        let mut shelf = Shelf(vec![stored("One", "a"), stored("Two", "b")]);
        let taken: Vec<_> = (0..3).filter_map(|_| shelf.take()).collect();
        assert_eq!(taken, [stored("Two", "b"), stored("One", "a"), stored("Two", "b")]);
        assert_eq!(Shelf::default().take(), None);
    }

    #[test]
    fn a_draft_that_went_is_told_from_one_that_stays() {
        let text = |drafts: &[String]| serde_json::to_string(drafts).unwrap();
        let both = text(&[stored("One", "a"), stored("Two", "b")]);
        let one = text(&[stored("One", "a")]);
        assert!(is_gone("b", Some(&both), Some(&one)));
        assert!(is_gone("a", Some(&one), None));
        assert!(!is_gone("a", Some(&both), Some(&one)));
        assert!(!is_gone("c", Some(&both), None), "it never was there");
        assert!(!is_gone("a", Some("not ours"), None));
    }
}
