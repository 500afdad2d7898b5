//! When a call that the server had no room for is made again by itself.

/// Statuses that say "not now": too many requests, by us or by all.
pub fn is_busy(status: u16) -> bool {
    matches!(status, 429 | 503)
}

/// After so many refusals in a row the reader decides.
const PATIENCE: u32 = 6;

/// A longer wait is not counted down: the reader decides.
const LONGEST_WAIT_S: u32 = 300;

/// The wait after the first refusal that does not say how long; it doubles with each further one.
const FIRST_WAIT_MS: f64 = 1_000.0;

/// How often in a row the server had no capacity (429 or 503). There is one count for all calls.
#[derive(Debug, Clone, Copy, Default)]
pub struct Refusals(u32);

impl Refusals {
    /// Counts a response. Returns how many milliseconds to wait before the call is repeated; `None`
    /// when it is not repeated without being asked. `random` is from 0 to 1: those who were refused
    /// together must not all come back together.
    pub fn wait(&mut self, status: u16, retry_after: Option<&str>, random: f64) -> Option<f64> {
        if !is_busy(status) {
            self.0 = 0;
            return None;
        }
        let before = self.0;
        self.0 += 1;
        if before >= PATIENCE {
            return None;
        }
        match retry_after.and_then(seconds) {
            Some(seconds) if seconds > LONGEST_WAIT_S => None,
            Some(seconds) => Some(f64::from(seconds) * 1_000.0),
            None => {
                let longest = FIRST_WAIT_MS * f64::from(1 << before);
                Some(longest / 2.0 * (1.0 + random))
            }
        }
    }
}

/// `Retry-After` as seconds (RFC 9110, section 10.2.3); our API sends no dates.
fn seconds(retry_after: &str) -> Option<u32> {
    retry_after.trim().parse().ok()
}

/// When a wait that begins `now` is over, in whole milliseconds of the machine's clock.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a clock after 1970")]
pub fn end(now: f64, wait: f64) -> u64 {
    (now + wait) as u64
}

/// The seconds that a countdown shows.
pub fn seconds_left(end: u64, now: f64) -> u64 {
    end.saturating_sub(self::end(now, 0.0)).div_ceil(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_as_long_as_the_server_says() {
        let wait = |retry_after| Refusals::default().wait(503, Some(retry_after), 0.7);
        assert_eq!(wait("7"), Some(7_000.0));
        assert_eq!(wait(" 0 "), Some(0.0));
        assert_eq!(wait("301"), None, "too long to count down");
        let by_itself = Refusals::default().wait(503, None, 0.7);
        for broken in ["", "-1", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"] {
            assert_eq!(wait(broken), by_itself, "{broken}");
        }
    }

    #[test]
    fn backs_off_with_jitter_and_gives_up() {
        for (random, expected) in [
            (0.0, [500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0]),
            (1.0, [1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0, 32_000.0]),
        ] {
            let mut refusals = Refusals::default();
            for wait in expected {
                assert_eq!(refusals.wait(429, None, random), Some(wait));
            }
            assert_eq!(refusals.wait(429, None, random), None);
            assert_eq!(refusals.wait(503, Some("1"), random), None);
        }
    }

    #[test]
    fn begins_anew_after_any_other_response() {
        for status in [200, 204, 404, 500] {
            let mut refusals = Refusals::default();
            refusals.wait(429, None, 0.0);
            refusals.wait(429, None, 0.0);
            assert_eq!(refusals.wait(status, Some("9"), 0.0), None);
            assert_eq!(refusals.wait(429, None, 0.0), Some(500.0));
        }
    }

    #[test]
    fn counts_whole_seconds_down_to_none() {
        let end = end(1_000.0, 4_000.0);
        for (now, left) in
            [(0.0, 5), (0.5, 5), (1_000.0, 4), (4_999.0, 1), (5_000.0, 0), (9_000.0, 0)]
        {
            assert_eq!(seconds_left(end, now), left, "{now}");
        }
    }
}
