//! Clients that repeat a call for some time.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::try_join_all;

use super::call::Call;
use crate::process;
use crate::statistics::ms;

/// The measurements of one load.
pub struct Load {
    /// Milliseconds of each request.
    pub latency: Vec<f64>,
    time: Duration,
    /// Microseconds of CPU time of the function's processes.
    cpu: Option<f64>,
}

impl Load {
    pub async fn run(
        call: &Call,
        clients: usize,
        duration: Duration,
        code: Option<&Path>,
    ) -> Result<Self> {
        let cpu = || process::cpu_time(&process::of(code?));
        let next = AtomicUsize::new(0);
        let (cpu_before, start) = (cpu(), Instant::now());
        let client = async || {
            let mut latency = Vec::new();
            while start.elapsed() < duration {
                let sent = Instant::now();
                if !call.make(next.fetch_add(1, Ordering::Relaxed)).await? {
                    break;
                }
                latency.push(ms(sent.elapsed()));
            }
            anyhow::Ok(latency)
        };
        let latency = try_join_all((0..clients).map(|_| client())).await?.concat();
        let time = start.elapsed();
        let cpu = cpu().zip(cpu_before).map(|(after, before)| after - before);
        Ok(Self { latency, time, cpu })
    }

    #[expect(clippy::cast_precision_loss, reason = "nobody sends 2^52 requests")]
    fn requests(&self) -> f64 {
        self.latency.len() as f64
    }

    /// Requests a second.
    pub fn throughput(&self) -> f64 {
        self.requests() / self.time.as_secs_f64()
    }

    /// Microseconds.
    pub fn cpu_a_request(&self) -> Option<f64> {
        Some(self.cpu? / self.requests()).filter(|time| time.is_finite())
    }
}
