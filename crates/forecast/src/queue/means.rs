//! The five means every station has, tied together by Little's law and the utilisation law.

use crate::guard;

/// Means of a station in steady state; waits and lengths are infinite when it is saturated.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Means {
    /// Offered work over capacity: the busy share of the servers; saturated from 1 up.
    pub utilisation: f64,
    /// Jobs in the station, waiting and in service (L).
    pub jobs: f64,
    /// Jobs waiting (Lq).
    pub queue: f64,
    /// Time in the station (W).
    pub response: f64,
    /// Time waiting (Wq).
    pub wait: f64,
}

impl Means {
    /// All five from the arrival rate, the mean service time, the number of servers and the mean
    /// wait.
    ///
    /// Source: Little (1961), L = lambda W; the utilisation law, Lazowska et al., Quantitative
    /// System Performance (1984), section 3.2.
    pub(crate) fn from_wait(rate: f64, service: f64, servers: f64, wait: f64) -> Self {
        let response = wait + service;
        Self {
            utilisation: rate * service / servers,
            jobs: guard::product(rate, response),
            queue: guard::product(rate, wait),
            response,
            wait,
        }
    }
}
