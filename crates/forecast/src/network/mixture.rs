//! The distribution over all requests: a mixture of the classes' distributions, weighted by rate.

use super::shape::{LEVELS, P50, P95, P99, SURVIVAL};
use super::solve::ClassResult;

/// ln of [`SURVIVAL`].
const LOG_SURVIVAL: [f64; LEVELS] = [
    -0.0010005003335835344,
    -0.01005033585350145,
    -0.030459207484708574,
    -0.07257069283483537,
    -0.13926206733350766,
    -0.2231435513142097,
    -0.35667494393873245,
    -0.5108256237659907,
    -std::f64::consts::LN_2,
    -0.916290731874155,
    -1.2039728043259361,
    -1.6094379124341003,
    -2.0402208285265546,
    -2.5257286443082556,
    -2.995732273553991,
    -3.6888794541139363,
    -4.605170185988091,
    -5.521460917862246,
    -6.907755278982137,
    -8.517193191416238,
];

/// The finite parts of the mixture and the share of it that never ends.
pub(crate) struct Mixture<const C: usize> {
    parts: usize,
    weight: [f64; C],
    /// Quantiles of each part at the levels of [`SURVIVAL`].
    nodes: [[f64; LEVELS]; C],
    only: ClassResult,
    mean: f64,
    square: f64,
    total: f64,
    endless: f64,
}

impl<const C: usize> Mixture<C> {
    /// An empty mixture.
    pub(crate) fn new() -> Self {
        Self {
            parts: 0,
            weight: [0.0; C],
            nodes: [[0.0; LEVELS]; C],
            only: ClassResult::default(),
            mean: 0.0,
            square: 0.0,
            total: 0.0,
            endless: 0.0,
        }
    }

    /// Adds a class with `weight` (its rate) and the quantiles of its response.
    pub(crate) fn add(&mut self, weight: f64, class: &ClassResult, quantiles: [f64; LEVELS]) {
        if weight > 0.0 && self.parts < C {
            self.weight[self.parts] = weight;
            self.nodes[self.parts] = quantiles;
            self.parts += 1;
            self.only = *class;
            self.mean += weight * class.mean_ms;
            self.square += weight * (class.mean_ms * class.mean_ms + class.sd_ms * class.sd_ms);
            self.total += weight;
        }
    }

    /// Adds a class that waits for ever.
    pub(crate) fn add_endless(&mut self, weight: f64) {
        self.endless += weight;
    }

    /// Mean, standard deviation and percentiles of the mixture. Between levels the logarithm of the
    /// survival function is a parabola: the number of requests beyond a percentile is right to 1 %
    /// of itself, and to 10 % where some class is very irregular (its varying part has a coefficient
    /// of variation above 1.5; both tested). [`super::NetworkOf::overall_percentile`] is exact.
    pub(crate) fn result(&self) -> ClassResult {
        if self.parts == 0 {
            return if self.endless > 0.0 { ClassResult::NEVER } else { ClassResult::default() };
        }
        if self.parts == 1 && self.endless <= 0.0 {
            return self.only;
        }
        let mean = self.mean / self.total;
        let sd = (self.square / self.total - mean * mean).max(0.0).sqrt();
        let (mean_ms, sd_ms) = if self.endless > 0.0 { (f64::INFINITY, f64::INFINITY) } else { (mean, sd) };
        let p50_ms = self.percentile(P50, 0.0);
        let p95_ms = self.percentile(P95, p50_ms);
        let p99_ms = self.percentile(P99, p95_ms);
        ClassResult { mean_ms, sd_ms, p50_ms, p95_ms, p99_ms }
    }

    /// The time that a share of SURVIVAL\[level\] of all requests exceeds, not below `floor`.
    fn percentile(&self, level: usize, floor: f64) -> f64 {
        let exceeding = SURVIVAL[level] * (self.total + self.endless) - self.endless;
        if exceeding <= 0.0 {
            return f64::INFINITY;
        }
        let parts = &self.nodes[..self.parts];
        let smallest = parts.iter().map(|nodes| nodes[level]).fold(f64::INFINITY, f64::min);
        let largest = parts.iter().map(|nodes| nodes[level]).fold(0.0, f64::max);
        let (mut low, mut high) =
            (smallest.max(floor), if self.endless > 0.0 { f64::INFINITY } else { largest });
        let mut time = self.start(level, exceeding).min(high).max(low);
        for _ in 0..60 {
            let (survival, density) = self.survival(time);
            if survival > exceeding {
                low = time;
            } else {
                high = time;
            }
            if high - low <= 1e-12 * high {
                break;
            }
            let excess = (survival / exceeding).ln();
            let step = excess * survival / density;
            let mut next = time + step;
            if !(next >= low && next <= high) {
                next = if high.is_finite() { 0.5 * (low + high) } else { 2.0 * time };
            }
            // Newton's error is of the order of the square of what it corrects.
            let done = excess.abs() <= 0.01 || (next - time).abs() <= 2e-3 * time;
            time = next;
            if done {
                break;
            }
        }
        time
    }

    /// Where to start looking: the average of the parts' own percentiles, or the time at which one
    /// part alone has enough left, whichever is later.
    fn start(&self, level: usize, exceeding: f64) -> f64 {
        let (mut average, mut alone) = (0.0, 0.0_f64);
        for (nodes, weight) in self.nodes.iter().zip(self.weight).take(self.parts) {
            average += nodes[level] * weight;
            if SURVIVAL[0] * weight >= exceeding {
                let enough = SURVIVAL[..=level].iter().rposition(|s| s * weight >= exceeding);
                alone = alone.max(nodes[enough.unwrap_or(0)]);
            }
        }
        alone.max(average / self.total)
    }

    /// Weight of the requests that take longer than `time`, and the density there.
    fn survival(&self, time: f64) -> (f64, f64) {
        let (mut survival, mut density) = (0.0, 0.0);
        for (nodes, weight) in self.nodes.iter().zip(self.weight).take(self.parts) {
            let (s, d) = part(nodes, time);
            survival += weight * s;
            density += weight * d;
        }
        (survival, density)
    }
}

/// Survival and density of one part at `time`, from its quantiles: ln S as a parabola through the
/// three nearest levels, linear below the first (in S) and above the last (in ln S).
pub(crate) fn part(nodes: &[f64; LEVELS], time: f64) -> (f64, f64) {
    let below = nodes.iter().filter(|&&node| node <= time).count();
    if below == 0 {
        let slope = (1.0 - SURVIVAL[0]) / nodes[0];
        return (1.0 - slope * time, slope);
    }
    if below == LEVELS {
        let slope =
            (LOG_SURVIVAL[LEVELS - 1] - LOG_SURVIVAL[LEVELS - 2]) / (nodes[LEVELS - 1] - nodes[LEVELS - 2]);
        let s = (LOG_SURVIVAL[LEVELS - 1] + slope * (time - nodes[LEVELS - 1])).exp();
        return if s > 0.0 { (s, -slope * s) } else { (0.0, 0.0) };
    }
    let i = below.clamp(1, LEVELS - 2);
    let ([a, b, c], [la, lb, lc]) =
        ([nodes[i - 1], nodes[i], nodes[i + 1]], [LOG_SURVIVAL[i - 1], LOG_SURVIVAL[i], LOG_SURVIVAL[i + 1]]);
    let first = (lb - la) / (b - a);
    let second = ((lc - lb) / (c - b) - first) / (c - a);
    let log = la + (time - a) * (first + (time - b) * second);
    let slope = first + second * (2.0 * time - a - b);
    let s = log.exp();
    (s, -slope * s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_belong_to_their_levels() {
        for (log, survival) in LOG_SURVIVAL.into_iter().zip(SURVIVAL) {
            assert!((log - survival.ln()).abs() < 1e-15 * survival.ln().abs());
        }
        for (level, survival) in [(P50, 0.5), (P95, 0.05), (P99, 0.01)] {
            assert!((SURVIVAL[level] - survival).abs() < 1e-15);
        }
    }
}
