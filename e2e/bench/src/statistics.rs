//! Quantiles of repeated measurements.

use std::time::Duration;

/// Repeated measurements in one unit.
#[derive(Debug, Default, Clone)]
pub struct Samples(Vec<f64>);

impl Samples {
    pub fn push(&mut self, sample: f64) {
        self.0.push(sample);
    }

    pub fn extend(&mut self, samples: impl IntoIterator<Item = f64>) {
        self.0.extend(samples);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn median(&self) -> f64 {
        self.quantile(50)
    }

    /// The value that `percent` of the samples do not exceed, interpolated between two samples.
    #[expect(clippy::cast_precision_loss, reason = "a hundredth")]
    pub fn quantile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let place = sorted.len().saturating_sub(1) * percent;
        let (at, beyond) = (place / 100, (place % 100) as f64 / 100.0);
        let lower = sorted.get(at).copied().unwrap_or_default();
        let upper = sorted.get(at + 1).copied().unwrap_or(lower);
        lower + (upper - lower) * beyond
    }

    /// Each sample of `other` divided by the sample of the same round.
    pub fn ratios(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(ours, theirs)| theirs / ours).collect())
    }
}

/// Milliseconds.
pub fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
