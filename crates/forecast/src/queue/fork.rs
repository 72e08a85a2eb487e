//! Requests that fan out and wait for all: fork-join, split-merge, the largest of many times.

use crate::guard;
use crate::queue::mg1::Mg1;

/// 1 + 1/2 + ... + 1/k; beyond a thousand by its asymptotic series.
fn harmonic(k: u32) -> f64 {
    const EULER: f64 = 0.577_215_664_901_532_9;
    if k <= 1000 {
        return (1..=k).rev().map(|i| 1.0 / f64::from(i)).sum();
    }
    let n = f64::from(k);
    n.ln() + EULER + 1.0 / (2.0 * n) - 1.0 / (12.0 * n * n)
}

/// 1 + 1/4 + ... + 1/k^2; beyond a thousand by its asymptotic series.
fn harmonic_square(k: u32) -> f64 {
    if k <= 1000 {
        return (1..=k).rev().map(|i| 1.0 / (f64::from(i) * f64::from(i))).sum();
    }
    let n = f64::from(k);
    std::f64::consts::PI.powi(2) / 6.0 - 1.0 / n + 1.0 / (2.0 * n * n)
}

/// Mean response time of a fork-join over two M/M/1 stations, `rate` requests per unit of time,
/// mean service time `service` at each; exact. Infinite from saturation up.
///
/// Source: Flatto and Hahn (1984); Nelson and Tantawi (1988): (12 - rho) / 8 times M/M/1.
#[must_use]
pub fn fork_join_2(rate: f64, service: f64) -> f64 {
    let (rate, service) = (guard::amount(rate), guard::amount(service));
    let load = rate * service;
    if load < 1.0 { (12.0 - load) / 8.0 * service / (1.0 - load) } else { f64::INFINITY }
}

/// Mean response time of a fork-join over `branches` M/M/1 stations; for one and two exact, to 32
/// within 5 % (the authors' range), beyond an extrapolation.
///
/// Source: Nelson and Tantawi, "Approximate analysis of fork/join synchronization in parallel
/// queues", IEEE Trans. Computers 37 (1988).
#[must_use]
pub fn fork_join_nelson_tantawi(rate: f64, service: f64, branches: u32) -> f64 {
    let two = fork_join_2(rate, service);
    let (rate, service) = (guard::amount(rate), guard::amount(service));
    if two.is_infinite() {
        return two;
    }
    let load = rate * service;
    if branches <= 1 {
        return service / (1.0 - load);
    }
    let growth = harmonic(branches) / 1.5;
    (growth + (1.0 - growth) * 4.0 * load / 11.0) * two
}

/// Mean of the largest of `k` independent exponential times with mean `mean`; 0 for none.
///
/// Source: order statistics; David and Nagaraja, Order Statistics (3rd ed. 2003), section 4.6.
#[must_use]
pub fn max_exponential_mean(k: u32, mean: f64) -> f64 {
    guard::amount(mean) * harmonic(k)
}

/// Second moment of the largest of `k` independent exponential times with mean `mean`.
///
/// Source: as [`max_exponential_mean`]; the variance is mean^2 (1 + 1/4 + ... + 1/k^2).
#[must_use]
pub fn max_exponential_square(k: u32, mean: f64) -> f64 {
    let h = harmonic(k);
    guard::amount(mean).powi(2) * (h * h + harmonic_square(k))
}

/// The p-quantile of the largest of `k` independent exponential times with mean `mean`; infinite
/// at p = 1.
///
/// Source: P(max <= t) = (1 - exp(-t/mean))^k; Dean and Barroso, The Tail at Scale (2013).
#[must_use]
pub fn max_exponential_quantile(k: u32, mean: f64, p: f64) -> f64 {
    let p = guard::share(p);
    if k == 0 || p <= 0.0 {
        return 0.0;
    }
    let exceeding = -(p.ln() / f64::from(k)).exp_m1();
    guard::product(guard::amount(mean), -exceeding.ln())
}

/// The probability that a request which asks `k` servers is slow, when each of them is slow with
/// probability `p_slow`, independently.
///
/// Source: Dean and Barroso, The Tail at Scale, CACM 56 (2013): 1 - (1 - p)^k.
#[must_use]
pub fn fan_out_tail(k: u32, p_slow: f64) -> f64 {
    let p = guard::share(p_slow);
    if k == 0 { 0.0 } else { -(f64::from(k) * (-p).ln_1p()).exp_m1() }
}

/// Mean response time of a split-merge over `branches` exponential servers: the next request
/// starts only when all parts of the one before are done (a scatter-gather that blocks).
///
/// Source: Harrison and Zertal (2007): M/G/1 whose service is the largest of the branches.
#[must_use]
pub fn split_merge(rate: f64, service: f64, branches: u32) -> f64 {
    let mean = max_exponential_mean(branches, service);
    let square = max_exponential_square(branches, service);
    let scv = if mean > 0.0 { square / (mean * mean) - 1.0 } else { 0.0 };
    Mg1::new(rate, mean, scv).means().response
}
