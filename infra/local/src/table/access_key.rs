//! Access keys: random for each run, so that none is worth keeping.

use std::fmt;

use ring::hmac;
use serde::Serialize;
use uuid::Uuid;

/// An access key as the AWS SDKs take it. It needs no session token; the front door reads none.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct AccessKey {
    pub id: String,
    pub secret: String,
}

impl AccessKey {
    pub fn random() -> Self {
        FunctionKeys::random().of("")
    }
}

impl fmt::Debug for AccessKey {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The access keys of a run's functions. A function keeps its key when the stack is reloaded,
/// because its processes may go on.
#[derive(Debug)]
pub struct FunctionKeys {
    seed: hmac::Key,
}

impl FunctionKeys {
    pub fn random() -> Self {
        let seed = [Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes).concat();
        Self { seed: hmac::Key::new(hmac::HMAC_SHA256, &seed) }
    }

    /// The key of the function with this name.
    pub fn of(&self, function: &str) -> AccessKey {
        let hex = |purpose: &str| {
            let tag = hmac::sign(&self.seed, format!("{purpose} {function}").as_bytes());
            hex(tag.as_ref())
        };
        // `ASIA`: a key that a role lends (IAM User Guide, "IAM identifiers").
        let id = format!("ASIA{}", hex("id")[..16].to_uppercase());
        AccessKey { id, secret: hex("secret") }
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |half: u8| DIGITS[usize::from(half & 15)];
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_of_each_run_has_a_key_of_its_own() {
        let (run, next_run) = (FunctionKeys::random(), FunctionKeys::random());
        assert_eq!(run.of("get"), run.of("get"));
        let keys = [run.of("get"), run.of("list"), next_run.of("get"), AccessKey::random()];
        for (at, key) in keys.iter().enumerate() {
            for other in &keys[at + 1..] {
                assert_ne!(key.id, other.id);
                assert_ne!(key.secret, other.secret);
            }
        }
    }

    #[test]
    fn a_key_in_a_log_is_without_its_secret() {
        let key = AccessKey::random();
        let text = format!("{key:?}");
        assert!(text.contains(&key.id) && !text.contains(&key.secret), "{text}");
    }
}
