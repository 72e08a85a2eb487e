//! M/M/1: Poisson arrivals, exponential service, one server, first come first served.

use crate::guard;
use crate::queue::means::Means;

/// An M/M/1 station.
///
/// Source: Gross, Shortle, Thompson, Harris, Fundamentals of Queueing Theory (4th ed. 2008),
/// section 2.2; the response time is exponential with rate mu - lambda.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mm1 {
    rate: f64,
    service: f64,
}

impl Mm1 {
    /// Arrivals per unit of time and mean service time, both >= 0.
    #[must_use]
    pub fn new(rate: f64, service: f64) -> Self {
        Self { rate: guard::amount(rate), service: guard::amount(service) }
    }

    /// Utilisation, lengths and mean times.
    #[must_use]
    pub fn means(self) -> Means {
        Means::from_wait(self.rate, self.service, 1.0, self.load() * self.mean_response())
    }

    /// The response time that a share `p` of the jobs stays within; infinite at p = 1.
    #[must_use]
    pub fn response_percentile(self, p: f64) -> f64 {
        guard::product(-(-guard::share(p)).ln_1p(), self.mean_response())
    }

    /// The waiting time that a share `p` of the jobs stays within; 0 for p up to 1 - rho.
    #[must_use]
    pub fn wait_percentile(self, p: f64) -> f64 {
        if self.load() >= 1.0 {
            return f64::INFINITY;
        }
        let exceeding = 1.0 - guard::share(p);
        if self.load() <= exceeding { 0.0 } else { (self.load() / exceeding).ln() * self.mean_response() }
    }

    fn load(self) -> f64 {
        self.rate * self.service
    }

    fn mean_response(self) -> f64 {
        if self.load() < 1.0 { self.service / (1.0 - self.load()) } else { f64::INFINITY }
    }
}
