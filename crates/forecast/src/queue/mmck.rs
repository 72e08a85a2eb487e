//! M/M/c/K: a bounded queue that turns away what does not fit.

use crate::guard;
use crate::queue::birth_death::steady;

/// A station with room for a limited number of jobs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limited {
    /// Share of arrivals turned away.
    pub p_block: f64,
    /// Share of time without a job.
    pub p_empty: f64,
    /// Jobs accepted and done per unit of time.
    pub throughput: f64,
    /// Jobs in the station.
    pub jobs: f64,
    /// Jobs waiting.
    pub queue: f64,
    /// Mean time in the station of an accepted job.
    pub response: f64,
    /// Mean wait of an accepted job.
    pub wait: f64,
    /// Busy share of the servers.
    pub utilisation: f64,
}

/// M/M/c/K: `rate` arrivals per unit of time, mean service time `service`, `servers` whole servers,
/// room for `places` jobs in all (at least one a server; more than
/// four million count as four million). Stable at any load.
///
/// Source: Gross, Shortle, Thompson, Harris, Fundamentals of Queueing Theory (4th ed. 2008),
/// sections 2.4 and 2.5.
#[must_use]
pub fn mmck(rate: f64, service: f64, servers: u32, places: u32) -> Limited {
    let (rate, service) = (guard::amount(rate), guard::amount(service));
    let c = f64::from(servers.max(1));
    let load = rate * service;
    let chain = steady(u64::from(places.max(servers).max(1)), c, true, |n| load / n.min(c));
    let chain = chain.unwrap_or_default();
    let throughput = rate * (1.0 - chain.last);
    let mean = |jobs: f64, idle: f64| if throughput > 0.0 { jobs / throughput } else { idle };
    Limited {
        p_block: chain.last,
        p_empty: chain.empty,
        throughput,
        jobs: chain.jobs,
        queue: chain.queue,
        response: mean(chain.jobs, service),
        wait: mean(chain.queue, 0.0),
        utilisation: chain.busy / c,
    }
}
