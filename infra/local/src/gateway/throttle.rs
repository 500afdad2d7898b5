//! The stage's rate and burst limits, as a token bucket (API Gateway Developer Guide, "Throttle
//! requests to your HTTP APIs").

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Requests a second, and how many may come at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    rate: f64,
    burst: f64,
}

impl Limits {
    /// The defaults are those of an account: 10,000 a second, 5,000 at once.
    pub fn new(rate: Option<u64>, burst: Option<u64>) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "limits are far below 2^53")]
        let number = |limit: Option<u64>, default| limit.unwrap_or(default) as f64;
        Self { rate: number(rate, 10_000), burst: number(burst, 5_000) }
    }

    /// One in each interval, and a burst.
    pub fn slow(interval: Duration, burst: u32) -> Self {
        Self { rate: interval.as_secs_f64().recip(), burst: burst.into() }
    }
}

/// A bucket that holds `burst` tokens and is filled at `rate`; a request takes one.
#[derive(Debug)]
pub struct Throttle {
    limits: Limits,
    state: Mutex<(f64, Instant)>,
}

impl Throttle {
    pub fn new(limits: Limits) -> Self {
        Self { limits, state: Mutex::new((limits.burst, Instant::now())) }
    }

    /// Whether a request may pass.
    pub fn admit(&self) -> bool {
        self.admit_at(Instant::now())
    }

    fn admit_at(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, since) = *state;
        let refilled = now.saturating_duration_since(since).as_secs_f64() * self.limits.rate;
        let tokens = (tokens + refilled).min(self.limits.burst);
        let admitted = tokens >= 1.0;
        *state = (if admitted { tokens - 1.0 } else { tokens }, now);
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_the_rate_refills_it() {
        let throttle = Throttle::new(Limits::new(Some(10), Some(3)));
        let start = Instant::now();
        let admitted = |at: Duration, count: usize| {
            (0..count).filter(|_| throttle.admit_at(start + at)).count()
        };
        assert_eq!(admitted(Duration::ZERO, 5), 3);
        assert_eq!(admitted(Duration::from_millis(200), 5), 2);
        assert_eq!(admitted(Duration::from_mins(1), 5), 3);
    }
}
