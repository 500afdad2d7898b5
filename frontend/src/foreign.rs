//! Text that somebody else wrote, in a sentence of ours: the isolating characters of Unicode keep it
//! from turning the words around it. `<bdi>` would not keep a text in that ends an isolate.

const ISOLATE: char = '\u{2068}';
const END: char = '\u{2069}';

/// The text for a place inside of a string. One that cannot turn anything stays as it is.
pub fn isolated(text: &str) -> String {
    if !text.chars().any(can_turn) {
        return text.to_owned();
    }
    let mut isolated = String::from(ISOLATE);
    let mut open = 0_usize;
    for character in text.chars() {
        match character {
            '\u{2066}'..=ISOLATE => open += 1,
            // It would end our own isolate.
            END if open == 0 => continue,
            END => open -= 1,
            _ => {}
        }
        isolated.push(character);
    }
    isolated.extend(std::iter::repeat_n(END, open + 1));
    isolated
}

/// Letters that are written from right to left, and what controls the direction (UAX #9).
fn can_turn(character: char) -> bool {
    matches!(
        character,
        '\u{590}'..='\u{8ff}'
            | '\u{200e}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}'
            | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}'
    )
}

#[cfg(test)]
mod tests {
    use super::isolated;

    #[test]
    fn a_text_that_turns_its_surroundings_is_isolated() {
        for (text, expected) in [
            ("Choir", "Choir"),
            ("Łódź – 東京", "Łódź – 東京"),
            ("\u{202e}Choir", "\u{2068}\u{202e}Choir\u{2069}"),
            ("שלום", "\u{2068}שלום\u{2069}"),
            ("مرحبا 1", "\u{2068}مرحبا 1\u{2069}"),
            ("a\u{2069}b", "\u{2068}ab\u{2069}"),
            ("a\u{2067}b", "\u{2068}a\u{2067}b\u{2069}\u{2069}"),
            ("\u{2066}a\u{2069}\u{2069}b", "\u{2068}\u{2066}a\u{2069}b\u{2069}"),
        ] {
            assert_eq!(isolated(text), expected, "{text:?}");
        }
    }
}
