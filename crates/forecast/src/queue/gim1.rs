//! GI/M/1: arrivals with any renewal process, exponential service, one server.

use crate::guard;
use crate::queue::means::Means;

/// How the time between arrivals is distributed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arrivals {
    /// Always the same.
    Deterministic,
    /// A sum of that many equal exponential phases (1 is Poisson).
    Erlang {
        /// Number of phases, at least 1.
        phases: u32,
    },
    /// Exponential with rate `first` with probability `p`, else with rate `second`; the mean these
    /// give is scaled to the arrival rate.
    Hyperexponential {
        /// Probability of the first phase.
        p: f64,
        /// Rate of the first phase.
        first: f64,
        /// Rate of the second phase.
        second: f64,
    },
}

/// A GI/M/1 station, first come first served: response times are exponential.
///
/// Source: Gross, Shortle, Thompson, Harris, Fundamentals of Queueing Theory (4th ed. 2008),
/// section 5.3: with sigma the root in (0, 1) of z = A(mu (1 - z)), A the transform of the time
/// between arrivals, an arrival waits with probability sigma and stays 1/(mu (1 - sigma)) on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gim1 {
    rate: f64,
    service: f64,
    sigma: f64,
}

impl Gim1 {
    /// Arrivals per unit of time, how they come, and the mean service time.
    #[must_use]
    pub fn new(rate: f64, arrivals: Arrivals, service: f64) -> Self {
        let (rate, service) = (guard::amount(rate), guard::amount(service));
        let load = rate * service;
        let sigma = if load >= 1.0 {
            1.0
        } else if load <= 0.0 {
            0.0
        } else {
            arrivals.root(load)
        };
        Self { rate, service, sigma }
    }

    /// sigma: the probability that an arrival has to wait.
    #[must_use]
    pub fn chance_of_waiting(self) -> f64 {
        self.sigma
    }

    /// Utilisation, lengths and mean times.
    #[must_use]
    pub fn means(self) -> Means {
        Means::from_wait(self.rate, self.service, 1.0, guard::product(self.sigma, self.mean_response()))
    }

    /// The response time that a share `p` of the jobs stays within.
    #[must_use]
    pub fn response_percentile(self, p: f64) -> f64 {
        guard::product(-(-guard::share(p)).ln_1p(), self.mean_response())
    }

    fn mean_response(self) -> f64 {
        if self.sigma < 1.0 { self.service / (1.0 - self.sigma) } else { f64::INFINITY }
    }
}

impl Arrivals {
    /// The transform at s of the time between arrivals of mean 1, and its derivative.
    fn transform(self, s: f64) -> (f64, f64) {
        match self {
            Self::Deterministic => ((-s).exp(), -(-s).exp()),
            Self::Erlang { phases } => {
                let k = f64::from(phases.max(1));
                let value = (-k * (s / k).ln_1p()).exp();
                (value, -value / (1.0 + s / k))
            }
            Self::Hyperexponential { p, first, second } => {
                let p = guard::share(p);
                let least = 1.0 / guard::LARGEST;
                let [first, second] = [first, second].map(|rate| guard::amount(rate).max(least));
                let mean = p / first + (1.0 - p) / second;
                let (a, b) = (first * mean / (first * mean + s), second * mean / (second * mean + s));
                let slope = p * a * a / (first * mean) + (1.0 - p) * b * b / (second * mean);
                (p * a + (1.0 - p) * b, -slope)
            }
        }
    }

    /// The root in (0, 1) of z = A((1 - z) / rho), for 0 < rho < 1. z - A is concave and below 0 at
    /// 0, so Newton's method climbs to the root and never passes it.
    fn root(self, load: f64) -> f64 {
        let mut z = 0.0;
        for _ in 0..200 {
            let (value, slope) = self.transform((1.0 - z) / load);
            let step = (value - z) / (1.0 + slope / load);
            if step.is_nan() || step < 1e-17 {
                break;
            }
            z = (z + step).min(1.0);
        }
        z
    }
}
