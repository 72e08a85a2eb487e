//! M/H2/1: Poisson arrivals, a mixture of fast and slow exponential services, one server.

use crate::guard;
use crate::queue::means::Means;
use crate::special::root;

/// An M/H2/1 station, first come first served, with the exact waiting-time distribution: a mixture
/// of two exponentials above 0.
///
/// Source: the Pollaczek-Khinchine transform has two poles for this service; Kleinrock, Queueing
/// Systems vol. 1 (1975), section 5.7.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mh21 {
    rate: f64,
    service: f64,
    wait: f64,
    /// (weight, rate) of the two exponentials of the waiting time.
    phases: [(f64, f64); 2],
}

impl Mh21 {
    /// `rate` arrivals per unit of time; service is exponential with rate `mu1` with probability
    /// `p`, else with rate `mu2` (both > 0).
    #[must_use]
    pub fn new(rate: f64, p: f64, mu1: f64, mu2: f64) -> Self {
        let rate = guard::amount(rate);
        let p = guard::share(p);
        let [m1, m2] = [mu1, mu2].map(|mu| guard::amount(mu).max(1.0 / guard::LARGEST));
        let service = p / m1 + (1.0 - p) / m2;
        let load = rate * service;
        if load >= 1.0 {
            return Self { rate, service, wait: f64::INFINITY, phases: [(1.0, 0.0); 2] };
        }
        let square = 2.0 * (p / (m1 * m1) + (1.0 - p) / (m2 * m2));
        // The poles -r of (1 - rho) s / (s - lambda + lambda B(s)): r^2 - b r + c = 0.
        let b = m1 + m2 - rate;
        let c = m1 * m2 * (1.0 - load);
        // Written so that it never goes negative: ((m1 - m2) - lambda (2p - 1))^2 + 4 p (1-p) lambda^2.
        let lean = m1 - m2 - rate * (2.0 * p - 1.0);
        let width = (lean * lean + 4.0 * p * (1.0 - p) * rate * rate).sqrt();
        let fast = 0.5 * (b + width);
        let slow = c / fast;
        let weight = |r: f64, other: f64| (1.0 - load) * (m1 - r) * (m2 - r) / (r * (other - r));
        let phases = if width > 1e-12 * fast {
            [(weight(slow, fast), slow), (weight(fast, slow), fast)]
        } else {
            [(load, slow), (0.0, fast)]
        };
        Self { rate, service, wait: 0.5 * rate * square / (1.0 - load), phases }
    }

    /// Utilisation, lengths and mean times.
    #[must_use]
    pub fn means(self) -> Means {
        Means::from_wait(self.rate, self.service, 1.0, self.wait)
    }

    /// P(waiting time > t).
    #[must_use]
    pub fn wait_tail(self, t: f64) -> f64 {
        if self.wait.is_infinite() {
            return 1.0;
        }
        let t = guard::amount(t);
        self.phases.iter().map(|(weight, rate)| weight.max(0.0) * (-rate * t).exp()).sum()
    }

    /// The waiting time that a share `p` of the jobs stays within.
    #[must_use]
    pub fn wait_percentile(self, p: f64) -> f64 {
        let p = guard::share(p);
        if self.wait.is_infinite() || p >= 1.0 {
            return f64::INFINITY;
        }
        if p <= 1.0 - self.rate * self.service {
            return 0.0;
        }
        let target = (-p).ln_1p();
        root::increasing_from(0.0, self.service, |t| target - self.wait_tail(t).ln())
    }
}
