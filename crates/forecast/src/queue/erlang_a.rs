//! Erlang A: an M/M/c queue whose jobs give up after an exponential patience.

use crate::guard;
use crate::queue::birth_death::{MOST_STATES, steady};

/// A queue that some leave before their turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Abandonment {
    /// Probability of having to wait.
    pub p_wait: f64,
    /// Share of the jobs that give up.
    pub p_abandon: f64,
    /// Jobs waiting.
    pub queue: f64,
    /// Jobs served per unit of time.
    pub throughput: f64,
    /// Mean wait over all jobs, served or not.
    pub wait: f64,
    /// Busy share of the servers.
    pub utilisation: f64,
}

/// M/M/c+M: `rate` arrivals per unit of time, mean service time `service`, `servers` whole servers,
/// mean patience `patience` of a waiting job (a client's timeout). Stable at any load if the
/// patience is finite. Where more than four million jobs matter, the fluid limit: the excess over
/// capacity gives up.
///
/// Source: Palm (1957); Garnett, Mandelbaum, Reiman, Designing a call center with impatient
/// customers, M&SOM 4 (2002).
#[must_use]
pub fn erlang_a(rate: f64, service: f64, servers: u32, patience: f64) -> Abandonment {
    let (rate, service) = (guard::amount(rate), guard::amount(service));
    let c = f64::from(servers.max(1));
    let leave = 1.0 / guard::amount(patience).max(1.0 / guard::LARGEST);
    // Everything in units of the service time; a service of no time leaves nothing to wait for.
    let (load, leave) = (rate * service, leave * service);
    let chain = steady(MOST_STATES, c, false, |n| load / (n.min(c) + (n - c).max(0.0) * leave));
    let (p_wait, busy, queue) = match chain {
        Some(chain) => (chain.all_busy, chain.busy, chain.queue),
        None => (1.0, c, (load - c).max(0.0) / leave),
    };
    let per_job = |x: f64| if load > 0.0 { x / load } else { 0.0 };
    Abandonment {
        p_wait,
        p_abandon: guard::share(per_job(queue * leave)),
        queue,
        throughput: if service > 0.0 { busy / service } else { rate },
        wait: per_job(queue) * service,
        utilisation: busy / c,
    }
}
