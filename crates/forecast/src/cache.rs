//! Caches: from popularity and size to the share of requests they answer.

use crate::guard;
use crate::special::root;

/// Ranks of a Zipf law taken one by one; later ones in blocks a fiftieth wide.
const SINGLE_RANKS: u64 = 500;
/// Keys at most; more count as this many.
const MOST_KEYS: f64 = 1e12;

/// What a cache answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hits {
    /// Share of requests answered from the cache.
    pub ratio: f64,
    /// How long an entry stays without being asked for, in requests (Che's characteristic time);
    /// infinite when everything fits.
    pub characteristic_time: f64,
}

/// Some keys that are asked for equally often.
#[derive(Clone, Copy)]
struct Keys {
    count: f64,
    probability: f64,
}

/// LRU hit ratio by Che's approximation, for any popularity: weights of the keys (any scale), and
/// the number of entries that fit.
///
/// Source: Che, Tung, Wang, Hierarchical Web Caching Systems, IEEE JSAC 20 (2002); its accuracy:
/// Fricker, Robert, Roberts (2012).
#[must_use]
pub fn lru(popularity: &[f64], size: f64) -> Hits {
    let total: f64 = popularity.iter().copied().map(guard::amount).sum();
    let keys: Vec<Keys> = popularity
        .iter()
        .map(|p| Keys { count: 1.0, probability: guard::amount(*p) / total })
        .filter(|key| key.probability > 0.0)
        .collect();
    che(&keys, guard::amount(size))
}

/// LRU hit ratio by Che's approximation when popularity follows Zipf's law: the key of rank i is
/// asked for in proportion to i^-`alpha` (alpha >= 0; 0 is uniform), `keys` keys, `size` entries
/// fit. Sums over ranks beyond 500 are taken in blocks; relative error of that below 1e-4.
///
/// Source: as [`lru`]; Breslau et al., Web Caching and Zipf-like Distributions (INFOCOM 1999).
#[must_use]
pub fn lru_zipf(alpha: f64, keys: f64, size: f64) -> Hits {
    che(&zipf(alpha, keys), guard::amount(size))
}

/// Hit ratio of a cache with unlimited room whose entries expire `ttl` after they were fetched:
/// `rate` requests per unit of time over `keys` keys under Zipf's law with exponent `alpha`.
///
/// Source: renewal argument, a key with rate r is hit r T times for each fetch: r T / (1 + r T);
/// Jung, Berger, Balakrishnan, Modeling TTL-based Internet Caches (INFOCOM 2003).
#[must_use]
pub fn ttl_zipf(alpha: f64, keys: f64, rate: f64, ttl: f64) -> f64 {
    let requests = guard::amount(rate) * guard::amount(ttl);
    let share = |key: &Keys| {
        let expected = key.probability * requests;
        key.count * key.probability * expected / (1.0 + expected)
    };
    guard::share(zipf(alpha, keys).iter().map(share).sum())
}

/// Hit ratio of a cache of `cache_bytes` in front of data whose regularly used part, the working
/// set, is `working_set_bytes` in entries of `entry_bytes`, asked for under Zipf's law with
/// exponent `alpha`. 1 when the working set fits (cold misses aside), 0 without a cache.
///
/// Source: [`lru_zipf`]; the working set after Denning (1968).
#[must_use]
pub fn working_set(cache_bytes: f64, working_set_bytes: f64, entry_bytes: f64, alpha: f64) -> f64 {
    let entry = guard::amount(entry_bytes).max(1.0);
    let (cache, set) = (guard::amount(cache_bytes), guard::amount(working_set_bytes));
    if cache >= set {
        return if cache > 0.0 { 1.0 } else { 0.0 };
    }
    lru_zipf(alpha, set / entry, cache / entry).ratio
}

/// Exact LRU hit ratio under independent references, for at most 20 keys (`None` above): weights
/// of the keys (any scale) and the whole number of entries that fit.
///
/// Source: King, Analysis of Demand Paging Algorithms (IFIP 1971), summed over sets of keys
/// instead of orders: the cache holds the set S with probability
/// f(S) = sum over j in S of f(S - j) p_j / (1 - p(S - j)).
#[must_use]
pub fn lru_exact(popularity: &[f64], size: usize) -> Option<f64> {
    if popularity.len() > 20 {
        return None;
    }
    let total: f64 = popularity.iter().copied().map(guard::amount).sum();
    let keys: Vec<f64> = popularity.iter().map(|p| guard::amount(*p) / total).filter(|p| *p > 0.0).collect();
    if size >= keys.len() {
        return Some(if keys.is_empty() || size == 0 { 0.0 } else { 1.0 });
    }
    let sets = 1_usize << keys.len();
    let mut held = vec![0.0; sets];
    held[0] = 1.0;
    let mut ratio = 0.0;
    for set in 0..sets {
        let inside = |j: usize| set >> j & 1 == 1;
        let mass: f64 = (0..keys.len()).filter(|&j| inside(j)).map(|j| keys[j]).sum();
        let rest: f64 = (0..keys.len()).filter(|&j| !inside(j)).map(|j| keys[j]).sum();
        let count = set.count_ones() as usize;
        if count == size {
            ratio += held[set] * mass;
        }
        if count < size {
            for j in (0..keys.len()).filter(|&j| !inside(j)) {
                held[set | 1 << j] += held[set] * keys[j] / rest;
            }
        }
    }
    Some(guard::share(ratio))
}

/// Zipf's law as keys and blocks of keys.
fn zipf(alpha: f64, keys: f64) -> Vec<Keys> {
    let alpha = guard::amount(alpha).min(100.0);
    let last = guard::amount(keys).clamp(1.0, MOST_KEYS).floor() as u64;
    let mut all: Vec<Keys> = (1..=last.min(SINGLE_RANKS))
        .map(|rank| Keys { count: 1.0, probability: (rank as f64).powf(-alpha) })
        .collect();
    let mut first = SINGLE_RANKS + 1;
    while first <= last {
        let end = (first + first / 50).min(last);
        let count = (end - first + 1) as f64;
        let mass = power_integral(first as f64 - 0.5, end as f64 + 0.5, alpha);
        all.push(Keys { count, probability: mass / count });
        first = end + 1;
    }
    let total: f64 = all.iter().map(|key| key.count * key.probability).sum();
    for key in &mut all {
        key.probability /= total;
    }
    all
}

/// The integral of x^-alpha from `low` to `high`.
fn power_integral(low: f64, high: f64, alpha: f64) -> f64 {
    let span = (high / low).ln();
    let exponent = 1.0 - alpha;
    let growth = if exponent.abs() < 1e-12 { span } else { (exponent * span).exp_m1() / exponent };
    low.powf(exponent) * growth
}

/// Solves sum (1 - exp(-p T)) = size for T; the hit ratio is sum p (1 - exp(-p T)).
fn che(keys: &[Keys], size: f64) -> Hits {
    let number: f64 = keys.iter().map(|key| key.count).sum();
    if size <= 0.0 || keys.is_empty() {
        return Hits { ratio: 0.0, characteristic_time: 0.0 };
    }
    if size >= number {
        return Hits { ratio: 1.0, characteristic_time: f64::INFINITY };
    }
    let held =
        |time: f64| keys.iter().map(|key| -key.count * (-key.probability * time).exp_m1()).sum::<f64>();
    let time = root::increasing_from(0.0, size, |time| held(time) - size);
    let ratio =
        keys.iter().map(|key| -key.count * key.probability * (-key.probability * time).exp_m1()).sum();
    Hits { ratio: guard::share(ratio), characteristic_time: time }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_keep_their_stated_error() {
        for alpha in [0.0, 0.6, 0.8, 1.0, 1.2] {
            let keys = 200_000;
            let weights: Vec<f64> = (1..=keys).map(|rank| f64::from(rank).powf(-alpha)).collect();
            for size in [10.0, 1000.0, 50_000.0] {
                let (exact, quick) = (lru(&weights, size), lru_zipf(alpha, f64::from(keys), size));
                let error = quick.ratio / exact.ratio - 1.0;
                assert!(error.abs() < 1e-4, "alpha {alpha}, size {size}: {error:e}");
            }
        }
    }

    #[test]
    fn uniform_popularity_hits_its_share() {
        assert!((lru_zipf(0.0, 1000.0, 250.0).ratio - 0.25).abs() < 1e-12);
        assert!((lru_exact(&[1.0; 8], 2).unwrap() - 0.25).abs() < 1e-14);
        assert_eq!(lru_exact(&[1.0; 21], 2), None);
    }
}
