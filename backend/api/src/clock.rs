//! The clock.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::Timestamp;

#[derive(Debug, thiserror::Error)]
#[error("the clock is not between 1970 and 9999")]
pub struct ClockError;

pub fn now() -> Result<Timestamp, ClockError> {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| ClockError)?;
    let millis = i64::try_from(since_epoch.as_millis()).map_err(|_| ClockError)?;
    Timestamp::from_unix_millis(millis).ok_or(ClockError)
}
