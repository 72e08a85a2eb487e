//! Service-time distributions as briefs give them: by percentiles, or by mean and variability.

use crate::guard;
use crate::special::normal_quantile;

/// A lognormal distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lognormal {
    /// The median, exp(mu).
    pub median: f64,
    /// Standard deviation of the logarithm.
    pub sigma: f64,
}

impl Lognormal {
    /// The one with this median and this value at percentile `p` (above the median, 0.5 < p < 1).
    /// A value below the median, or a p outside, gives no spread.
    ///
    /// Source: ln X is normal, so sigma = ln(value / median) / z_p.
    #[must_use]
    pub fn from_percentiles(median: f64, p: f64, value: f64) -> Self {
        let (median, value) = (guard::amount(median), guard::amount(value));
        let z = normal_quantile(guard::share(p));
        let spread = median > 0.0 && value > median && z > 0.0 && z.is_finite();
        Self { median, sigma: if spread { (value / median).ln() / z } else { 0.0 } }
    }

    /// The mean, median exp(sigma^2 / 2); at most 1e15.
    #[must_use]
    pub fn mean(self) -> f64 {
        guard::amount(self.median * (0.5 * self.sigma * self.sigma).exp())
    }

    /// The squared coefficient of variation, exp(sigma^2) - 1; at most 1e15.
    #[must_use]
    pub fn scv(self) -> f64 {
        guard::amount((self.sigma * self.sigma).exp_m1())
    }
}

/// The two-phase hyperexponential distribution with balanced means: gives (probability of the
/// first phase, its rate, rate of the second) for a mean > 0 and an scv >= 1 (less counts as 1).
///
/// Source: Allen, Probability, Statistics and Queueing Theory (2nd ed. 1990), section 3.2.9;
/// p = (1 + sqrt((scv - 1) / (scv + 1))) / 2, rates 2p/mean and 2(1-p)/mean.
#[must_use]
pub fn balanced_hyperexponential(mean: f64, scv: f64) -> (f64, f64, f64) {
    let scv = guard::amount(scv).max(1.0);
    let mean = guard::amount(mean).max(1.0 / guard::LARGEST);
    let root = ((scv - 1.0) / (scv + 1.0)).sqrt();
    // 1 - p without cancellation for a large scv.
    let other = 1.0 / ((scv + 1.0) * (1.0 + root));
    (1.0 - other, 2.0 * (1.0 - other) / mean, 2.0 * other / mean)
}
