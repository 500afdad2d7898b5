//! Sentences that depend on a value.

/// What the list holds, for eyes and for screen readers.
pub fn count(events: usize, complete: bool) -> String {
    match (events, complete) {
        (1, true) => "1 event".to_owned(),
        (_, true) => format!("{events} events"),
        (_, false) => format!("The first {events} events"),
    }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn counts() {
        assert_eq!(count(0, true), "0 events");
        assert_eq!(count(1, true), "1 event");
        assert_eq!(count(100, true), "100 events");
        assert_eq!(count(100, false), "The first 100 events");
    }
}
