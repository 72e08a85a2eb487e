//! M/G/infinity: a server for everybody; how many things are in use at once.

use crate::guard;
use crate::special::gamma_cdf;

/// A station without a queue: the number in use is Poisson distributed, whatever the time of use
/// is distributed like.
///
/// Source: Gross, Shortle, Thompson, Harris, Fundamentals of Queueing Theory (4th ed. 2008),
/// section 5.2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mginf {
    load: f64,
}

impl Mginf {
    /// Arrivals per unit of time and mean time of use, both >= 0.
    #[must_use]
    pub fn new(rate: f64, service: f64) -> Self {
        Self { load: guard::amount(guard::amount(rate) * guard::amount(service)) }
    }

    /// Mean number in use.
    #[must_use]
    pub fn mean(self) -> f64 {
        self.load
    }

    /// P(more than `n` in use).
    ///
    /// Source: a Poisson tail is an incomplete gamma function, Abramowitz and Stegun 26.4.21.
    #[must_use]
    pub fn more_than(self, n: u32) -> f64 {
        gamma_cdf(f64::from(n) + 1.0, self.load)
    }

    /// P(none in use).
    #[must_use]
    pub fn none(self) -> f64 {
        (-self.load).exp()
    }
}
