//! Gamma quantiles at a fixed cost: a table over the coefficient of variation, made once.

use std::sync::LazyLock;

use crate::special::gamma_quantile;

/// Number of levels a row holds.
pub(crate) const LEVELS: usize = 20;

/// Survival probabilities of the levels, falling: from nearly all to 1 in 5,000.
pub(crate) const SURVIVAL: [f64; LEVELS] = [
    0.999, 0.99, 0.97, 0.93, 0.87, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.13, 0.08, 0.05, 0.025, 0.01, 0.004,
    0.001, 0.0002,
];

/// Index in [`SURVIVAL`] of the median.
pub(crate) const P50: usize = 8;
/// Index in [`SURVIVAL`] of the 95th percentile.
pub(crate) const P95: usize = 14;
/// Index in [`SURVIVAL`] of the 99th percentile.
pub(crate) const P99: usize = 16;

/// Largest coefficient of variation in the table; beyond it quantiles are computed one by one.
const LARGEST_CV: f64 = 12.0;
/// Rows for each unit of the stretched coordinate cv / (1 + cv/4), which ends at 3.
const ROWS_PER_UNIT: f64 = 48.0;
const ROWS: usize = 145;

static TABLE: LazyLock<Vec<[f64; LEVELS]>> = LazyLock::new(|| (0..ROWS).map(exact_row).collect());

/// Quantiles of a gamma distribution with mean 1, at the levels of [`SURVIVAL`].
pub(crate) type Quantiles = [f64; LEVELS];

/// The quantiles of a gamma distribution with mean 1 and coefficient of variation `cv` >= 0, by
/// cubic interpolation between exact rows. Error, against the larger of mean and quantile: below
/// 1e-6 up to cv 2, 1e-5 up to cv 12, none beyond (tested).
///
/// Source: Lagrange's four-point formula, Abramowitz and Stegun 25.2.13.
pub(crate) fn quantiles(cv: f64) -> Quantiles {
    if cv > LARGEST_CV {
        return exact(cv);
    }
    let place = cv / (1.0 + 0.25 * cv) * ROWS_PER_UNIT;
    let first = (place as usize).clamp(1, ROWS - 3) - 1;
    let x = place - first as f64;
    let (a, b, c) = (x - 1.0, x - 2.0, x - 3.0);
    let weights = [a * b * c * (-1.0 / 6.0), x * b * c * 0.5, x * a * c * -0.5, x * a * b * (1.0 / 6.0)];
    let rows: &[[f64; LEVELS]] = &TABLE[first..first + 4];
    let mut out = [0.0; LEVELS];
    for (row, weight) in rows.iter().zip(weights) {
        for (sum, value) in out.iter_mut().zip(row) {
            *sum += weight * value;
        }
    }
    // Where a quantile is next to nothing, the cubic may dip below it.
    for quantile in &mut out {
        *quantile = quantile.max(0.0);
    }
    out
}

fn exact_row(row: usize) -> Quantiles {
    let stretched = row as f64 / ROWS_PER_UNIT;
    exact(stretched / (1.0 - 0.25 * stretched))
}

fn exact(cv: f64) -> Quantiles {
    SURVIVAL.map(|survival| exact_quantile(cv, 1.0 - survival))
}

/// The p-quantile of a gamma distribution with mean 1 and coefficient of variation `cv`, exactly.
pub(crate) fn exact_quantile(cv: f64, p: f64) -> f64 {
    // Below this the distribution is a point to the precision of a double.
    if cv < 1e-9 {
        return 1.0;
    }
    // And beyond this all of it, to that precision, is at 0.
    if cv > 1e100 {
        return if p < 1.0 { 0.0 } else { f64::INFINITY };
    }
    let shape = 1.0 / (cv * cv);
    gamma_quantile(shape, p) / shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolation_keeps_its_stated_error() {
        for i in 0..3000 {
            let cv = f64::from(i) * 0.004_3;
            let (quick, exact) = (quantiles(cv), exact(cv));
            let bound = if cv <= 2.0 { 1e-6 } else { 1e-5 };
            for level in 0..LEVELS {
                let error = (quick[level] - exact[level]).abs() / exact[level].max(1.0);
                assert!(error < bound, "cv {cv}, level {level}: {} for {}", quick[level], exact[level]);
            }
        }
    }
}
