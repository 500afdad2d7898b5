//! The function's environment variables.

use std::env;

#[derive(Debug, thiserror::Error)]
pub enum EnvError {
    #[error("the environment variable {0} is missing or not Unicode")]
    Missing(&'static str),
    #[error("the environment variable {0} is not a whole number")]
    NotANumber(&'static str),
}

/// The value of a required variable; it may be empty.
pub fn variable(name: &'static str) -> Result<String, EnvError> {
    env::var(name).map_err(|_| EnvError::Missing(name))
}

/// The value of a variable that may be missing or empty.
pub fn optional(name: &'static str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The value of a required variable as a number.
pub fn number(name: &'static str) -> Result<u32, EnvError> {
    variable(name)?.parse().map_err(|_| EnvError::NotANumber(name))
}
