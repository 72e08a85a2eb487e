//! M\[X\]/M/1: jobs that arrive in batches.

use crate::guard;
use crate::queue::means::Means;

/// Means over single jobs: `batch_rate` batches per unit of time with mean size `size` (>= 1) and
/// squared coefficient of variation of the size `size_scv` (0 for a fixed size), mean service time
/// `service` of a job.
///
/// Source: Gross, Shortle, Thompson, Harris, Fundamentals of Queueing Theory (4th ed. 2008),
/// section 3.1: L = rho (E\[X\] + E\[X^2\]) / (2 E\[X\] (1 - rho)).
#[must_use]
pub fn batch_mm1(batch_rate: f64, size: f64, size_scv: f64, service: f64) -> Means {
    let (batch_rate, service) = (guard::amount(batch_rate), guard::amount(service));
    let size = guard::amount(size).max(1.0);
    let rate = batch_rate * size;
    let load = rate * service;
    let ahead = 0.5 * (1.0 + size * (1.0 + guard::amount(size_scv)));
    let response = if load < 1.0 { ahead * service / (1.0 - load) } else { f64::INFINITY };
    Means::from_wait(rate, service, 1.0, response - service)
}
