//! M/D/1: Poisson arrivals, constant service, one server; with the exact waiting-time distribution.

use crate::guard;
use crate::queue::means::Means;
use crate::special::{gamma_cdf, root};

/// Queue lengths computed one by one; beyond them the tail is geometric to the last bit.
const STATES: usize = 1024;

/// An M/D/1 station, first come first served.
///
/// Source: Erlang (1909) and Franx, "A simple solution for the M/D/c waiting time distribution",
/// Operations Research Letters 29 (2001), which has no cancelling terms; Tijms, A First Course in
/// Stochastic Models (2003), section 9.2 for the state probabilities; Pollaczek-Khinchine for the
/// means.
#[derive(Clone, Debug, PartialEq)]
pub struct Md1 {
    rate: f64,
    service: f64,
    /// P(at most n jobs waiting), n = 0, 1, ...
    waiting: Vec<f64>,
}

impl Md1 {
    /// Arrivals per unit of time and the constant service time, both >= 0.
    #[must_use]
    pub fn new(rate: f64, service: f64) -> Self {
        let (rate, service) = (guard::amount(rate), guard::amount(service));
        let load = rate * service;
        let waiting = if load < 1.0 { at_most_waiting(load) } else { Vec::new() };
        Self { rate, service, waiting }
    }

    /// Utilisation, lengths and mean times.
    #[must_use]
    pub fn means(&self) -> Means {
        let load = self.load();
        let wait = if load < 1.0 { 0.5 * load * self.service / (1.0 - load) } else { f64::INFINITY };
        Means::from_wait(self.rate, self.service, 1.0, wait)
    }

    /// The probability of having to wait.
    #[must_use]
    pub fn chance_of_waiting(&self) -> f64 {
        self.load().min(1.0)
    }

    /// P(waiting time <= t).
    #[must_use]
    pub fn wait_cdf(&self, t: f64) -> f64 {
        if self.load() >= 1.0 {
            return 0.0;
        }
        if self.service <= 0.0 {
            return 1.0;
        }
        let services = guard::amount(t) / self.service;
        let whole = services.floor();
        if whole >= (STATES - 1) as f64 {
            return 1.0 - self.far_tail(services);
        }
        // Arrivals expected in the part of a service that is left: P(W <= t) is a Poisson mixture.
        let left = self.load() * (whole + 1.0 - services);
        let most = whole as usize;
        let mut probability = (-left).exp();
        let mut sum = 0.0;
        for arrivals in 0..=most {
            sum += probability * self.waiting[most - arrivals];
            probability *= left / (arrivals as f64 + 1.0);
        }
        sum.min(1.0)
    }

    /// The waiting time that a share `p` of the jobs stays within; infinite at p = 1.
    #[must_use]
    pub fn wait_percentile(&self, p: f64) -> f64 {
        let p = guard::share(p);
        if self.load() >= 1.0 || p >= 1.0 {
            return f64::INFINITY;
        }
        if p <= 1.0 - self.load() || self.service <= 0.0 {
            return 0.0;
        }
        root::increasing_from(0.0, self.service, |t| self.wait_cdf(t) - p)
    }

    /// P(W > t) beyond the last state: it decays like exp(-theta t), theta from two far states.
    fn far_tail(&self, services: f64) -> f64 {
        let (last, before) = (self.waiting[STATES - 1], self.waiting[STATES - 2]);
        let decay = if before < 1.0 { ((1.0 - last) / (1.0 - before)).min(1.0) } else { 0.0 };
        if decay <= 0.0 {
            return 0.0;
        }
        let reference = 1.0 - self.wait_cdf((STATES - 2) as f64 * self.service);
        reference * decay.powf(services - (STATES - 2) as f64)
    }

    fn load(&self) -> f64 {
        self.rate * self.service
    }
}

/// P(at most n jobs waiting) from the state probabilities, by a recursion of positive terms.
fn at_most_waiting(load: f64) -> Vec<f64> {
    // later[n] = P(more than n arrivals during a service) = lambda times the time in service that
    // sees n arrivals so far.
    let later: Vec<f64> =
        (0..STATES).map(|n| gamma_cdf(n as f64 + 1.0, load)).take_while(|p| *p > 1e-300).collect();
    let mut states = vec![1.0 - load];
    let mut sum = 1.0 - load;
    let mut at_most = Vec::with_capacity(STATES);
    let leave = 1.0 - later.first().copied().unwrap_or(0.0);
    for n in 1..=STATES {
        let mut p = states[0] * later.get(n - 1).copied().unwrap_or(0.0);
        for (k, state) in states.iter().enumerate().skip(1).skip(n.saturating_sub(1 + later.len())) {
            p += state * later.get(n - k).copied().unwrap_or(0.0);
        }
        let p = p / leave;
        states.push(p);
        sum += p;
        at_most.push(sum.min(1.0));
    }
    at_most
}
