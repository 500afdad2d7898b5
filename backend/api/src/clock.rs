//! The clock.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::Timestamp;

/// `None` if the clock is before 1970 or after the year 9999.
pub fn now() -> Option<Timestamp> {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Timestamp::from_unix_millis(i64::try_from(since_epoch.as_millis()).ok()?)
}
