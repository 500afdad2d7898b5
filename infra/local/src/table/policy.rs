//! What a role may do: the identity-based policies of IAM.
//!
//! Source: IAM User Guide, "Policy evaluation logic" and "IAM JSON policy element reference".

use crate::template::{ACCOUNT, REGION};

/// The role of a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    pub name: String,
    /// Of all of its policies.
    pub statements: Vec<Statement>,
}

/// A statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub effect: Effect,
    /// `Action` or `NotAction`.
    pub actions: Patterns,
    /// `Resource` or `NotResource`.
    pub resources: Patterns,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

/// Patterns of which one must match, or none may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patterns {
    pub patterns: Vec<String>,
    /// `NotAction`, `NotResource`.
    pub negated: bool,
}

/// An action on a resource.
#[derive(Debug, PartialEq, Eq)]
pub struct Access {
    /// Such as `dynamodb:GetItem`.
    pub action: String,
    /// An ARN, or `*` for an action that has no resource.
    pub resource: String,
}

/// Why a role may not have an access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A statement denies it, whatever others allow.
    Explicit,
    /// No statement allows it.
    Implicit,
}

impl Role {
    pub fn check(&self, access: &Access) -> Result<(), Refusal> {
        let has = |effect| {
            self.statements
                .iter()
                .any(|statement| statement.effect == effect && statement.applies(access))
        };
        match (has(Effect::Deny), has(Effect::Allow)) {
            (true, _) => Err(Refusal::Explicit),
            (false, true) => Ok(()),
            (false, false) => Err(Refusal::Implicit),
        }
    }
}

impl Statement {
    fn applies(&self, access: &Access) -> bool {
        self.actions.covers_action(&access.action) && self.resources.covers(&access.resource)
    }
}

impl Patterns {
    /// The names of actions are case-insensitive, ARNs are not.
    fn covers_action(&self, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        let is_match =
            |pattern: &String| matches(pattern.to_ascii_lowercase().as_bytes(), action.as_bytes());
        self.patterns.iter().any(is_match) != self.negated
    }

    fn covers(&self, resource: &str) -> bool {
        let is_match = |pattern: &String| matches(pattern.as_bytes(), resource.as_bytes());
        self.patterns.iter().any(is_match) != self.negated
    }

    /// Whether an action of DynamoDB may be among these actions.
    pub fn may_cover_dynamodb(&self) -> bool {
        // An excluded part of DynamoDB leaves the rest.
        self.negated
            || self.patterns.iter().any(|pattern| {
                let pattern = pattern.to_ascii_lowercase();
                let literal = pattern.split(['*', '?']).next().unwrap_or_default();
                "dynamodb:".starts_with(literal) || literal.starts_with("dynamodb:")
            })
    }
}

impl Access {
    pub fn new(action: &str, resource: impl Into<String>) -> Self {
        Self { action: format!("dynamodb:{action}"), resource: resource.into() }
    }

    /// An action on a table, which a request may name by its ARN.
    pub fn to_table(action: &str, table: &str) -> Self {
        Self::new(action, table_arn(table))
    }

    /// An action on an index, or on the table if there is none.
    pub fn to_index(action: &str, table: &str, index: Option<&str>) -> Self {
        let table = table_arn(table);
        Self::new(action, index.map_or(table.clone(), |index| format!("{table}/index/{index}")))
    }
}

fn table_arn(table: &str) -> String {
    if table.starts_with("arn:") {
        table.to_owned()
    } else {
        format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}")
    }
}

/// Whether a text matches a pattern, in which `*` stands for any characters and `?` for one.
///
/// IAM compares ARNs part by part. That makes no difference here: the parts of a table's ARN that
/// hold a colon are fixed.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut in_text) = (0, 0);
    // After the last `*`: where the pattern goes on, and where the text went on when last tried.
    let mut retry = None;
    while in_text < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                at += 1;
                retry = Some((at, in_text));
            }
            Some(&byte) if byte == b'?' || byte == text[in_text] => {
                at += 1;
                in_text += 1;
            }
            _ => match &mut retry {
                Some((after, tried)) => {
                    *tried += 1;
                    (at, in_text) = (*after, *tried);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(effect: Effect, actions: &[&str], resources: &[&str]) -> Statement {
        let patterns = |patterns: &[&str]| Patterns {
            patterns: patterns.iter().map(ToString::to_string).collect(),
            negated: false,
        };
        Statement { effect, actions: patterns(actions), resources: patterns(resources) }
    }

    fn role(statements: impl IntoIterator<Item = Statement>) -> Role {
        Role { name: "r".into(), statements: statements.into_iter().collect() }
    }

    const TABLE: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/t";

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("a", "a", true),
            ("a", "A", false),
            ("a*", "abc", true),
            ("*c", "abcc", true),
            ("*b", "abc", false),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcdef", false),
            ("**", "a", true),
            ("?", "a", true),
            ("?", "", false),
            ("?", "ab", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*?", "a", true),
            ("*ab", "aab", true),
            ("*a?b", "aacb", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn an_action_on_a_resource_needs_a_statement_that_allows_it() {
        use Refusal::Implicit;
        let index = format!("{TABLE}/index/i");
        let indexes = format!("{TABLE}/index/*");
        let of_any_region = "arn:aws:dynamodb:*:*:table/t";
        for (action, resource, expected) in [
            ("dynamodb:Query", TABLE, [Ok(()), Err(Implicit)]),
            ("dynamodb:query", TABLE, [Ok(()), Err(Implicit)]),
            ("dynamodb:*", TABLE, [Ok(()), Err(Implicit)]),
            ("dynamodb:Q*", TABLE, [Ok(()), Err(Implicit)]),
            ("dynamodb:Quer?", TABLE, [Ok(()), Err(Implicit)]),
            ("*", "*", [Ok(()), Ok(())]),
            ("dynamodb:Query", &index, [Err(Implicit), Ok(())]),
            ("dynamodb:Query", &indexes, [Err(Implicit), Ok(())]),
            ("dynamodb:Query", &format!("{TABLE}*"), [Ok(()), Ok(())]),
            ("dynamodb:Query", of_any_region, [Ok(()), Err(Implicit)]),
            ("dynamodb:Query", &TABLE.to_uppercase(), [Err(Implicit), Err(Implicit)]),
            ("dynamodb:Query", &format!("{TABLE}2"), [Err(Implicit), Err(Implicit)]),
            ("dynamodb:Scan", "*", [Err(Implicit), Err(Implicit)]),
            ("dax:Query", "*", [Err(Implicit), Err(Implicit)]),
            ("Query", "*", [Err(Implicit), Err(Implicit)]),
        ] {
            let role = role([statement(Effect::Allow, &[action], &[resource])]);
            let of_table = role.check(&Access::to_index("Query", "t", None));
            let of_index = role.check(&Access::to_index("Query", "t", Some("i")));
            assert_eq!([of_table, of_index], expected, "{action} on {resource}");
        }
    }

    #[test]
    fn a_deny_wins() {
        let allow = statement(Effect::Allow, &["dynamodb:*"], &["*"]);
        let deny = statement(Effect::Deny, &["dynamodb:Delete*"], &[TABLE]);
        for role in [role([allow.clone(), deny.clone()]), role([deny, allow])] {
            assert_eq!(role.check(&Access::to_table("DeleteItem", "t")), Err(Refusal::Explicit));
            assert_eq!(role.check(&Access::to_table("DeleteItem", "u")), Ok(()));
            assert_eq!(role.check(&Access::to_table("PutItem", "t")), Ok(()));
        }
    }

    #[test]
    fn not_action_and_not_resource() {
        let mut others = statement(Effect::Allow, &["dynamodb:Delete*", "dynamodb:Put*"], &["*"]);
        others.actions.negated = true;
        let role_of_others = role([others]);
        assert_eq!(role_of_others.check(&Access::to_table("GetItem", "t")), Ok(()));
        let refused = role_of_others.check(&Access::to_table("PutItem", "t"));
        assert_eq!(refused, Err(Refusal::Implicit));

        let mut elsewhere = statement(Effect::Deny, &["*"], &[TABLE]);
        elsewhere.resources.negated = true;
        let here = role([statement(Effect::Allow, &["*"], &["*"]), elsewhere]);
        assert_eq!(here.check(&Access::to_table("GetItem", "t")), Ok(()));
        assert_eq!(here.check(&Access::to_table("GetItem", "u")), Err(Refusal::Explicit));
    }

    #[test]
    fn an_action_without_a_resource_needs_all() {
        let all = role([statement(Effect::Allow, &["dynamodb:ListTables"], &["*"])]);
        assert_eq!(all.check(&Access::new("ListTables", "*")), Ok(()));
        let one = role([statement(Effect::Allow, &["dynamodb:ListTables"], &[TABLE])]);
        assert_eq!(one.check(&Access::new("ListTables", "*")), Err(Refusal::Implicit));
    }

    #[test]
    fn a_table_named_by_its_arn_is_the_same_table() {
        assert_eq!(Access::to_table("GetItem", TABLE), Access::to_table("GetItem", "t"));
        let index = Access::to_index("Query", TABLE, Some("i"));
        assert_eq!(index, Access::to_index("Query", "t", Some("i")));
    }

    #[test]
    fn statements_that_have_nothing_to_do_with_the_table() {
        for (pattern, expected) in [
            ("logs:PutLogEvents", false),
            ("logs:*", false),
            ("s3:*", false),
            ("dynamodb", true),
            ("dynamodb:GetItem", true),
            ("DynamoDB:getitem", true),
            ("dynamodb:*", true),
            ("dynamo*", true),
            ("dyn?modb:GetItem", true),
            ("*", true),
            ("*:GetItem", true),
            ("d*:GetItem", true),
            ("l*", false),
        ] {
            let patterns = Patterns { patterns: vec![pattern.into()], negated: false };
            assert_eq!(patterns.may_cover_dynamodb(), expected, "{pattern}");
        }
        assert!(Patterns { patterns: vec!["logs:*".into()], negated: true }.may_cover_dynamodb());
    }
}
