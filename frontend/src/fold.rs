//! What is one to a reader who searches: the case of letters, marks on them, and how signs are typed.

/// The folded form of a text that was decomposed for compatibility (Unicode, NFKD) and given in lower
/// case. The browser does both: its tables would be 50 kB here.
pub fn fold(decomposed: &str) -> String {
    let mut folded = String::with_capacity(decomposed.len());
    for c in decomposed.chars() {
        match c {
            _ if c.is_ascii() => folded.push(c),
            _ if is_dropped(c) => {}
            '‘' | '’' | '‚' | '‛' | '′' | '‵' | 'ʹ' | 'ʼ' | 'ʻ' | '´' => {
                folded.push('\'');
            }
            '“' | '”' | '„' | '‟' | '″' | '«' | '»' => folded.push('"'),
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '⁃' => folded.push('-'),
            // Letters that are drawn as others, with a stroke or without a dot, or two in one.
            'ł' => folded.push('l'),
            'ø' => folded.push('o'),
            'đ' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            // Katakana as hiragana.
            'ァ'..='ヶ' => folded.extend(char::from_u32(u32::from(c) - 0x60)),
            _ => folded.push(c),
        }
    }
    folded
}

/// Marks that readers leave out as they type, of Latin, Greek, Cyrillic, Hebrew and Arabic; and what
/// is not seen at all. The marks of other scripts are letters to their readers.
fn is_dropped(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36f}'
            | '\u{591}'..='\u{5bd}'
            | '\u{5bf}'..='\u{5c7}'
            | '\u{610}'..='\u{61a}'
            | '\u{640}'
            | '\u{64b}'..='\u{65f}'
            | '\u{670}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn what_is_one_to_a_reader_is_one() {
        for (texts, folded) in [
            (&["i\u{307}stanbul", "istanbul", "ıstanbul"][..], "istanbul"),
            (&["ło\u{301}dz\u{301}", "lodz"], "lodz"),
            (&["straße", "strasse"], "strasse"),
            (&["σοφός", "σοφόσ"], "σοφόσ"),
            (&["rock ’n’ roll", "rock 'n' roll"], "rock 'n' roll"),
            (&["“a” – b", "\"a\" - b"], "\"a\" - b"),
            (&["co\u{ad}op", "coop", "co\u{200b}op"], "coop"),
            (&["パ\u{309a}", "ぱ\u{309a}"], "ぱ\u{309a}"),
            (&["❤\u{fe0f}", "❤"], "❤"),
            (&["שָׁלוֹם", "שלום"], "שלום"),
            (&["हिन्दी"], "हिन्दी"),
        ] {
            for text in texts {
                assert_eq!(fold(text), folded, "{text}");
            }
        }
    }
}
