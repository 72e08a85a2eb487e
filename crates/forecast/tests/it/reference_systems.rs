//! Reference cases of resilience, availability and caches.

use loadcase_forecast::availability::{Structure, alternating, k_of_n, shared_repair};
use loadcase_forecast::cache::{lru, lru_exact, lru_zipf};
use loadcase_forecast::resilience::{
    RetryStation, adaptive_throttling, amplification, attempts, attempts_with_budget, failure_after_retries,
    goodput, retry_fixed_point,
};

use crate::reference::{Metrics, Params, scalars};

/// The answer to a case, if it is one of these models.
pub(crate) fn answer(_id: &str, model: &str, p: Params<'_>) -> Option<Metrics> {
    Some(match model {
        "independent failures, n retries" => {
            let (fail, retries) = (p.f64("p_fail"), p.u32("retries"));
            scalars([
                ("attempts", attempts(fail, retries)),
                ("p_user_fail", failure_after_retries(fail, retries)),
                ("goodput", goodput(fail, retries)),
            ])
        }
        "retries at every layer" => {
            let product = amplification(p.f64("p_fail"), p.u32("tries") - 1, p.u32("layers"));
            scalars([("amplification", product)])
        }
        "token bucket retries" => {
            scalars([("amplification", attempts_with_budget(p.f64("p_fail"), 3, p.f64("deposit")))])
        }
        "client-side adaptive throttling" => {
            let throttled = adaptive_throttling(p.f64("offered"), p.f64("capacity"), p.f64("K"));
            scalars([("p_reject_local", throttled.p_reject_local), ("backend_load", throttled.backend_load)])
        }
        "M/M/1, client timeout 20 service times, 3 retries, work not cancelled" => tipping(p),
        "alternating renewal" => scalars([("availability", alternating(p.f64("mtbf_h"), p.f64("mttr_h")))]),
        "2 out of 3 replicas" => scalars([("availability", k_of_n(p.u32("n"), p.u32("k"), p.f64("a")))]),
        "series of 4 with one redundant pair" => redundant_series(p),
        "2 replicas, shared repair crew" => {
            let repair = shared_repair(p.u32("n"), 1, p.f64("fail_rate_h"), p.f64("repair_rate_h"));
            scalars([
                ("p_both_up", repair.all_up),
                ("p_down", repair.down),
                ("availability", repair.availability),
            ])
        }
        "LRU, 3 keys, 2 slots, IRM" => {
            let (keys, size) = (p.list("p"), p.f64("size"));
            scalars([
                ("hit_ratio", lru_exact(&keys, size as usize).unwrap()),
                ("che_approximation", lru(&keys, size).ratio),
            ])
        }
        "LRU, Zipf 0.8, 10^4 keys, 10^3 slots" => {
            let hits = lru_zipf(p.f64("alpha"), p.f64("keys"), p.f64("size"));
            scalars([("hit_ratio", hits.ratio), ("characteristic_time", hits.characteristic_time)])
        }
        _ => return None,
    })
}

fn tipping(p: Params<'_>) -> Metrics {
    let found = retry_fixed_point(RetryStation {
        rate: p.f64("lam"),
        service: 1.0 / p.f64("mu"),
        servers: 1.0,
        timeout: p.f64("timeout"),
        retries: p.u32("retries"),
    });
    scalars([
        ("stable_load", found.stable_load.unwrap()),
        ("unstable_load", found.unstable_load.unwrap()),
        ("p_timeout_at_stable", found.p_timeout_at_stable.unwrap()),
        ("saturated_load", found.saturated_load),
    ])
}

/// Each redundant part is a set of equal copies: as many components, any of which is enough.
fn redundant_series(p: Params<'_>) -> Metrics {
    let mut components = Vec::new();
    let mut parts = Vec::new();
    for (i, availability) in p.list("a").into_iter().enumerate() {
        let copies = p.0["redundant"][i.to_string()].as_u64().unwrap_or(1);
        let first = components.len();
        components.extend((0..copies).map(|_| availability));
        parts.push(Structure::Any((first..components.len()).map(Structure::Component).collect()));
    }
    scalars([("availability", Structure::All(parts).availability(&components))])
}
