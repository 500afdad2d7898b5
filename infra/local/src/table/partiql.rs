//! What a `PartiQL` statement does to which table: as much of it as IAM needs.
//!
//! Source: DynamoDB Developer Guide, "IAM security policies with `PartiQL` for DynamoDB".

use super::policy::Access;

/// The access that a statement needs. Of one that cannot be read: to everything, for the engine
/// could read it.
pub(super) fn access(statement: &str) -> Access {
    read(statement).unwrap_or_else(|| Access::new("PartiQLSelect", "*"))
}

fn read(statement: &str) -> Option<Access> {
    let mut tokens = Tokens(statement);
    let verb = tokens.next()?.to_ascii_uppercase();
    let action = match verb.as_str() {
        "SELECT" => {
            tokens.find(|token| token.eq_ignore_ascii_case("FROM"))?;
            "PartiQLSelect"
        }
        "INSERT" => {
            tokens.next().filter(|token| token.eq_ignore_ascii_case("INTO"))?;
            "PartiQLInsert"
        }
        // DynamoDB also takes an update that begins with its table.
        "UPDATE" | "FROM" => "PartiQLUpdate",
        "DELETE" => {
            tokens.next().filter(|token| token.eq_ignore_ascii_case("FROM"))?;
            "PartiQLDelete"
        }
        _ => return None,
    };
    let table = name(tokens.next()?)?;
    let index = match tokens.next() {
        Some(".") => Some(name(tokens.next()?)?),
        // An unquoted name may hold these for one reader, and end before them for another.
        Some(other) if other.starts_with(['-', '$', '@', ':', '/', '\\', '`', '\'', '"']) => {
            return None;
        }
        _ => None,
    };
    Some(Access::to_index(action, table, index))
}

/// A name, with or without quotes.
fn name(token: &str) -> Option<&str> {
    let name = match token.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?,
        None => token,
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!name.is_empty() && name.chars().all(is_plain)).then_some(name)
}

/// Words, quoted texts with their quotes, and other characters. Ends early at a quote or a comment
/// that does not end.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.skip_space()?;
        let first = self.0.chars().next()?;
        let length = match first {
            // A doubled quote is two texts side by side, which no name is.
            '"' | '\'' | '`' => self.0[1..].find(first)? + 2,
            c if is_word(c) => self.0.find(|c| !is_word(c)).unwrap_or(self.0.len()),
            c => c.len_utf8(),
        };
        let (token, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(token)
    }
}

impl Tokens<'_> {
    fn skip_space(&mut self) -> Option<()> {
        loop {
            self.0 = self.0.trim_ascii_start();
            if let Some(comment) = self.0.strip_prefix("--") {
                self.0 = &comment[comment.find('\n')?..];
            } else if let Some(comment) = self.0.strip_prefix("/*") {
                self.0 = &comment[comment.find("*/")? + 2..];
            } else {
                return Some(());
            }
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_names_its_action_and_its_table() {
        let on_index = |action, index| Access::to_index(action, "t", Some(index));
        for (statement, expected) in [
            ("SELECT * FROM t", Access::to_table("PartiQLSelect", "t")),
            (
                "select a, \"from\" from \"t\" where a='FROM u'",
                Access::to_table("PartiQLSelect", "t"),
            ),
            ("SELECT '\"' FROM t -- FROM \"u\"", Access::to_table("PartiQLSelect", "t")),
            ("/* FROM u */ SELECT/**/*\nFROM t;", Access::to_table("PartiQLSelect", "t")),
            ("-- FROM u\nSELECT * FROM t", Access::to_table("PartiQLSelect", "t")),
            ("SELECT 'it''s FROM u' FROM t", Access::to_table("PartiQLSelect", "t")),
            ("SELECT * FROM \"t\".\"i\" WHERE a = 1", on_index("PartiQLSelect", "i")),
            ("SELECT * FROM \"my-t.x\"", Access::to_table("PartiQLSelect", "my-t.x")),
            ("INSERT INTO t VALUE {'id': '1'}", Access::to_table("PartiQLInsert", "t")),
            ("UPDATE t SET a = 1 WHERE id = '1'", Access::to_table("PartiQLUpdate", "t")),
            ("FROM t WHERE id = '1' SET a = 1", Access::to_table("PartiQLUpdate", "t")),
            ("DELETE FROM t WHERE id = '1'", Access::to_table("PartiQLDelete", "t")),
        ] {
            assert_eq!(access(statement), expected, "{statement}");
        }
    }

    #[test]
    fn a_statement_that_cannot_be_read_needs_everything() {
        for statement in [
            "",
            "SELECT",
            "SELECT * FROM",
            "SELECT * FROM \"t",
            "SELECT * FROM \"t\"\"u\"",
            "SELECT * FROM t-u",
            "SELECT * FROM \"t/index/i\"",
            "SELECT * FROM 'u'",
            "SELECT 'FROM t",
            "/* SELECT * FROM t",
            "INSERT t VALUE {}",
            "DELETE t",
            "EXISTS(SELECT * FROM t)",
            "ＳELECT * FROM t",
        ] {
            assert_eq!(access(statement), Access::new("PartiQLSelect", "*"), "{statement}");
        }
    }
}
