//! M/G/1: Poisson arrivals, any service time, one server, first come first served.

use crate::guard;
use crate::queue::means::Means;

/// An M/G/1 station, known by the mean and the squared coefficient of variation of its service.
///
/// Source: Pollaczek (1930), Khinchine (1932); Gross, Shortle, Thompson, Harris, Fundamentals of
/// Queueing Theory (4th ed. 2008), section 5.1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mg1 {
    rate: f64,
    service: f64,
    scv: f64,
}

impl Mg1 {
    /// Arrivals per unit of time, mean service time, and its squared coefficient of variation
    /// (0 constant, 1 exponential), all >= 0.
    #[must_use]
    pub fn new(rate: f64, service: f64, scv: f64) -> Self {
        Self { rate: guard::amount(rate), service: guard::amount(service), scv: guard::amount(scv) }
    }

    /// Utilisation, lengths and mean times.
    #[must_use]
    pub fn means(self) -> Means {
        Means::from_wait(self.rate, self.service, 1.0, self.mean_wait())
    }

    /// Variance of the waiting time, given the third moment of service E\[S^3\] >= 0.
    ///
    /// Source: Takacs (1962); Gross et al., section 5.1.5:
    /// Var W = (E W)^2 + lambda E\[S^3\] / (3 (1 - rho)).
    #[must_use]
    pub fn wait_variance(self, third_moment: f64) -> f64 {
        let wait = self.mean_wait();
        if wait.is_infinite() {
            return wait;
        }
        wait * wait + self.rate * guard::amount(third_moment) / (3.0 * (1.0 - self.rate * self.service))
    }

    /// E\[S^3\] of the gamma distribution with this mean and variability, for [`Self::wait_variance`].
    #[must_use]
    pub fn gamma_third_moment(self) -> f64 {
        self.service.powi(3) * (1.0 + self.scv) * (1.0 + 2.0 * self.scv)
    }

    fn mean_wait(self) -> f64 {
        let load = self.rate * self.service;
        if load < 1.0 { 0.5 * load * self.service * (1.0 + self.scv) / (1.0 - load) } else { f64::INFINITY }
    }
}
