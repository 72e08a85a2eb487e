//! Following a run from outside, and ending it early.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What a run and whoever waits for it share: how far it is, and whether it should stop.
#[derive(Debug, Default)]
pub struct Watch {
    stopped: AtomicBool,
    simulated_ms: AtomicU64,
}

impl Watch {
    /// A watch that has seen nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { stopped: AtomicBool::new(false), simulated_ms: AtomicU64::new(0) }
    }

    /// Asks the run to stop. Replications that are not complete are thrown away; the others count.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether it should stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Seconds simulated so far, over all replications.
    #[must_use]
    pub fn simulated(&self) -> f64 {
        self.simulated_ms.load(Ordering::Relaxed) as f64 / 1e3
    }

    pub(crate) fn went(&self, seconds: f64) {
        self.simulated_ms.fetch_add((seconds * 1e3) as u64, Ordering::Relaxed);
    }
}
