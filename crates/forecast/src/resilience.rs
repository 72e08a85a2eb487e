//! What retries do to the load, what limits them, and where a system tips over.

use crate::guard;
use crate::queue::Mmc;
use crate::special::root;

/// Mean number of attempts a request makes when each fails with probability `p_fail`,
/// independently, and a failed one is repeated up to `retries` times.
///
/// Source: geometric series (1 - p^(n+1)) / (1 - p); Brooker, Fixing retries with token buckets
/// and circuit breakers (2022).
#[must_use]
pub fn attempts(p_fail: f64, retries: u32) -> f64 {
    let p = guard::share(p_fail);
    let tries = f64::from(retries) + 1.0;
    if p >= 1.0 {
        tries
    } else if p <= 0.0 {
        1.0
    } else {
        -(tries * p.ln()).exp_m1() / (1.0 - p)
    }
}

/// The share of requests that fail after all retries: `p_fail` to the power of tries.
///
/// Source: independent attempts, as [`attempts`].
#[must_use]
pub fn failure_after_retries(p_fail: f64, retries: u32) -> f64 {
    guard::share(p_fail).powf(f64::from(retries) + 1.0)
}

/// The share of requests that succeed, retries included.
///
/// Source: as [`attempts`].
#[must_use]
pub fn goodput(p_fail: f64, retries: u32) -> f64 {
    1.0 - failure_after_retries(p_fail, retries)
}

/// Attempts that reach the bottom of a chain of `layers` callers for each request at the top, when
/// every layer repeats up to `retries` times what fails, and the bottom fails with probability
/// `p_fail`.
///
/// Source: Amazon Builders' Library, Timeouts, retries and backoff with jitter (3 tries over 5
/// layers: 243); Google, Site Reliability Engineering (2016), chapter 22 (4 tries over 3: 64).
#[must_use]
pub fn amplification(p_fail: f64, retries: u32, layers: u32) -> f64 {
    let mut p = guard::share(p_fail);
    let mut product = 1.0;
    // Past a thousand layers either nothing fails any more or the product is infinite.
    for _ in 0..layers.min(1000) {
        product *= attempts(p, retries);
        p = failure_after_retries(p, retries);
    }
    product
}

/// Mean number of attempts when retries are paid from a budget of `ratio` retries per request (a
/// token bucket, a retry ratio): never more than 1 + ratio.
///
/// Source: Google, Site Reliability Engineering (2016), chapter 21 (10 %: at most 1.1 times);
/// Brooker (2022).
#[must_use]
pub fn attempts_with_budget(p_fail: f64, retries: u32, ratio: f64) -> f64 {
    attempts(p_fail, retries).min(1.0 + guard::amount(ratio))
}

/// What client-side adaptive throttling lets through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Throttled {
    /// Share of requests the client rejects by itself.
    pub p_reject_local: f64,
    /// Requests per unit of time that reach the backend.
    pub backend_load: f64,
}

/// Adaptive throttling in steady state: `offered` requests per unit of time to a backend that
/// accepts at most `capacity`; the client sends no more than `k` (>= 1) times what is accepted.
///
/// Source: Google, Site Reliability Engineering (2016), chapter 21: reject with probability
/// max(0, (requests - K accepts) / (requests + 1)), here for large numbers.
#[must_use]
pub fn adaptive_throttling(offered: f64, capacity: f64, k: f64) -> Throttled {
    let (offered, capacity) = (guard::amount(offered), guard::amount(capacity));
    let backend_load = offered.min(guard::amount(k).max(1.0) * capacity);
    let p_reject_local = if offered > 0.0 { 1.0 - backend_load / offered } else { 0.0 };
    Throttled { p_reject_local, backend_load }
}

/// A station whose clients time out and try again, while it still works on what they gave up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryStation {
    /// Requests per unit of time, before retries.
    pub rate: f64,
    /// Mean service time (exponential).
    pub service: f64,
    /// Servers, at least 1.
    pub servers: f64,
    /// How long a client waits for an attempt.
    pub timeout: f64,
    /// How often a client tries again.
    pub retries: u32,
}

/// The loads at which a station with retries stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryFixedPoint {
    /// Load (attempts per unit of time) of the good state; none when retries alone saturate it.
    pub stable_load: Option<f64>,
    /// Share of attempts that time out there.
    pub p_timeout_at_stable: Option<f64>,
    /// The tipping point: pushed beyond this load, it does not come back by itself. None when it
    /// recovers from any load.
    pub unstable_load: Option<f64>,
    /// The load when every attempt times out.
    pub saturated_load: f64,
}

/// Steps in which the spare capacity is searched for fixed points.
const SCAN: u32 = 1000;

/// Mean-field fixed point of the load under retries: l = l0 (1 - q^(n+1)) / (1 - q), with
/// q = P(response > timeout) of M/M/c at load l. Retries count as Poisson arrivals and work is
/// never cancelled. Two roots closer than a thousandth of the spare capacity are not told apart.
///
/// Source: the metastable failures of Bronson, Aghayev, Charapko, Zhu (HotOS 2021), Huang et al.
/// (OSDI 2022), with the tail of Gross et al., Fundamentals of Queueing Theory (4th ed.),
/// section 2.3.
#[must_use]
pub fn retry_fixed_point(station: RetryStation) -> RetryFixedPoint {
    let rate = guard::amount(station.rate);
    let service = guard::amount(station.service);
    let timeout = guard::amount(station.timeout);
    let capacity = guard::servers(station.servers) / service.max(1.0 / guard::LARGEST);
    let late = |load: f64| Mmc::fast(load, service, station.servers).response_tail(timeout);
    // Positive where the load falls back, negative where retries push it up.
    let pull = |load: f64| load - rate * attempts(late(load), station.retries);
    let mut found = RetryFixedPoint {
        stable_load: None,
        p_timeout_at_stable: None,
        unstable_load: None,
        saturated_load: rate * (f64::from(station.retries) + 1.0),
    };
    if rate >= capacity {
        return found;
    }
    let step = (capacity - rate) / f64::from(SCAN);
    let mut before = rate;
    let mut falling = pull(rate) >= 0.0;
    if falling {
        found.stable_load = Some(rate);
    }
    for i in 1..SCAN {
        let load = rate + f64::from(i) * step;
        let falls = pull(load) > 0.0;
        if falls && !falling && found.stable_load.is_none() {
            found.stable_load = Some(root::increasing(before, load, pull));
        }
        if !falls && falling {
            found.unstable_load = Some(root::increasing(before, load, |x| -pull(x)));
            break;
        }
        (before, falling) = (load, falls);
    }
    found.p_timeout_at_stable = found.stable_load.map(late);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_stay_between_one_and_all_tries() {
        for p in [0.0, 1e-12, 0.3, 0.999_999_999, 1.0, f64::NAN, -1.0, 2.0] {
            let mean = attempts(p, 3);
            assert!((1.0..=4.0).contains(&mean), "{p}: {mean}");
        }
        assert!((attempts(0.5, 2) - 1.75).abs() < 1e-15);
    }

    #[test]
    fn overload_has_no_good_state_and_idle_has_no_tipping_point() {
        let station = RetryStation { rate: 2.0, service: 1.0, servers: 1.0, timeout: 5.0, retries: 3 };
        assert_eq!(retry_fixed_point(station).stable_load, None);
        let idle = retry_fixed_point(RetryStation { rate: 0.1, retries: 1, ..station });
        assert!(idle.stable_load.is_some() && idle.unstable_load.is_none());
    }
}
