//! M/M/c//N: a fixed number of clients that think, ask, wait for the answer, and think again.

use crate::guard;
use crate::queue::birth_death::steady;

/// A station asked by a finite number of clients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FiniteSource {
    /// Jobs done per unit of time.
    pub throughput: f64,
    /// Jobs in the station.
    pub jobs: f64,
    /// Mean time in the station.
    pub response: f64,
    /// Busy share of the servers.
    pub utilisation: f64,
}

/// `clients` clients with mean think time `think`, `servers` whole servers with mean service time
/// `service`. Stable at any load.
///
/// Source: Gross, Shortle, Thompson, Harris, Fundamentals of Queueing Theory (4th ed. 2008),
/// section 2.7 (finite-source queues); also a closed network with one multi-server station.
#[must_use]
pub fn finite_source(clients: u32, servers: u32, think: f64, service: f64) -> FiniteSource {
    let (think, service) = (guard::amount(think), guard::amount(service));
    let (all, c) = (f64::from(clients), f64::from(servers.max(1)));
    if clients == 0 || service <= 0.0 {
        let cycles = if think > 0.0 { 1.0 / think } else { f64::INFINITY };
        let throughput = guard::product(all, cycles);
        return FiniteSource { throughput, jobs: 0.0, response: service, utilisation: 0.0 };
    }
    let (jobs, busy) = if think <= 0.0 {
        (all, all.min(c))
    } else {
        let load = service / think;
        let chain = steady(u64::from(clients), c, true, |n| (all - n + 1.0) * load / n.min(c));
        chain.map_or((0.0, 0.0), |chain| (chain.jobs, chain.busy))
    };
    let throughput = busy / service;
    let response = if throughput > 0.0 { jobs / throughput } else { service };
    FiniteSource { throughput, jobs, response, utilisation: busy / c }
}
