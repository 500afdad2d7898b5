//! The `Link` header (RFC 8288): where the next page of a list is.

/// The target of the first link whose relation is `next`.
pub fn next(header: &str) -> Option<&str> {
    split_unquoted(header, ',').find_map(|link| {
        let (target, parameters) = link.trim_start().strip_prefix('<')?.split_once('>')?;
        split_unquoted(parameters, ';').any(is_rel_next).then_some(target)
    })
}

/// A separator counts unless it is in a quoted string, or in the target between `<` and `>`.
fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut in_target) = (false, false);
    text.split(move |c| {
        match c {
            '"' if !in_target => quoted = !quoted,
            '<' if !quoted => in_target = true,
            '>' if !quoted => in_target = false,
            _ => {}
        }
        c == separator && !quoted && !in_target
    })
}

/// `rel` may hold several relations, and its name and values have no case.
fn is_rel_next(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        name.trim().eq_ignore_ascii_case("rel")
            && value
                .trim()
                .trim_matches('"')
                .split_ascii_whitespace()
                .any(|relation| relation.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn finds_the_next_page() {
        let cases = [
            (r#"</events?cursor=a%2Cb>; rel="next""#, Some("/events?cursor=a%2Cb")),
            (r"</events?cursor=a>; rel=next", Some("/events?cursor=a")),
            (r#"</a>; rel="first", </b>; rel="next""#, Some("/b")),
            (r#"</a>; title="x, y; rel=next"; rel="prev", </b>; REL="last Next""#, Some("/b")),
            (r#"</a?x=1,2;3>; rel="next""#, Some("/a?x=1,2;3")),
            (r#"</a>; rel="prev""#, None),
            (r#"</a>; rel="nextish""#, None),
            ("</a", None),
            ("", None),
        ];
        for (header, expected) in cases {
            assert_eq!(next(header), expected, "{header}");
        }
    }
}
