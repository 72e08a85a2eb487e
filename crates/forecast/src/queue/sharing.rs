//! M/G/1 processor sharing: all jobs in the station advance at once, at equal shares.

use crate::guard;
use crate::queue::means::Means;

/// A processor-sharing station; its means depend on the mean service time alone.
///
/// Source: Kleinrock, Queueing Systems vol. 2 (1976), section 4.4: E\[T(x)\] = x / (1 - rho);
/// Harchol-Balter, Performance Modeling and Design of Computer Systems (2013), chapter 30.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sharing {
    rate: f64,
    service: f64,
}

impl Sharing {
    /// Arrivals per unit of time and the mean service time a job would need alone, both >= 0.
    #[must_use]
    pub fn new(rate: f64, service: f64) -> Self {
        Self { rate: guard::amount(rate), service: guard::amount(service) }
    }

    /// How much longer than alone every job takes on average: 1 / (1 - rho).
    #[must_use]
    pub fn slowdown(self) -> f64 {
        let load = self.rate * self.service;
        if load < 1.0 { 1.0 / (1.0 - load) } else { f64::INFINITY }
    }

    /// Mean response time of a job that needs `size` alone.
    #[must_use]
    pub fn response_of(self, size: f64) -> f64 {
        guard::product(guard::amount(size), self.slowdown())
    }

    /// Utilisation, lengths and mean times; `wait` is the time lost to sharing, `queue` goes with it.
    #[must_use]
    pub fn means(self) -> Means {
        let lost =
            if self.slowdown().is_finite() { self.service * (self.slowdown() - 1.0) } else { f64::INFINITY };
        Means::from_wait(self.rate, self.service, 1.0, lost)
    }
}
