//! The words that the reader looks for among the loaded events. Both are given folded.

use domain::Event;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    words: Vec<String>,
}

impl Filter {
    pub fn new(text: &str) -> Self {
        Self { words: text.split_whitespace().map(str::to_owned).collect() }
    }

    /// Whether every event passes.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Every word must be somewhere in the [`text`] of an event.
    pub fn matches(&self, text: &str) -> bool {
        self.words.iter().all(|word| text.contains(word.as_str()))
    }
}

/// What is searched of an event.
pub fn text(event: &Event) -> String {
    let content = &event.content;
    let location = content.location.as_ref().map(domain::Location::as_str);
    let description = content.description.as_ref().map(domain::Description::as_str);
    let parts = [Some(content.name.as_str()), location, description];
    parts.map(Option::unwrap_or_default).join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shows(filter: &str) -> bool {
        let event: Event = serde_json::from_value(serde_json::json!({
            "id": "550e8400-e29b-41d4-a716-446655440000",
            "name": "Łódź Design Week",
            "location": "Art_Inkubator",
            "description": "Bring the blue folder.",
            "createdAt": "2026-01-01T00:00:00.000Z",
        }))
        .unwrap();
        Filter::new(&filter.to_lowercase()).matches(&text(&event).to_lowercase())
    }

    #[test]
    fn every_word_is_somewhere_whatever_its_case() {
        for filter in ["", "  ", "design", "łÓDŹ", "week inkub", "BLUE  week"] {
            assert!(shows(filter), "{filter}");
        }
        for filter in ["desing", "design concert", "weekart"] {
            assert!(!shows(filter), "{filter}");
        }
        assert!(Filter::new(" ").is_empty());
        assert!(!Filter::new("a").is_empty());
    }
}
