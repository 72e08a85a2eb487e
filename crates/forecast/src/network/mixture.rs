//! The distribution over all requests: a mixture of the classes' distributions, weighted by rate.

use super::shape::{LEVELS, P50, P95, P99, SURVIVAL};
use super::solve::ClassResult;

/// ln of [`SURVIVAL`].
const LOG_SURVIVAL: [f64; LEVELS] = [
    -0.001_000_500_333_583_533_5,
    -0.010_050_335_853_501_44,
    -0.051_293_294_387_550_58,
    -0.105_360_515_657_826_3,
    -0.223_143_551_314_209_76,
    -0.430_782_916_092_454_3,
    -std::f64::consts::LN_2,
    -1.049_822_124_498_677_7,
    -1.609_437_912_434_100_3,
    -std::f64::consts::LN_10,
    -2.995_732_273_553_991,
    -3.912_023_005_428_146,
    -4.605_170_185_988_091,
    -5.521_460_917_862_246,
    -6.907_755_278_982_137,
    -8.517_193_191_416_238,
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

    /// Mean, standard deviation and percentiles of the mixture. Error of a percentile below 1e-3
    /// of its value: between levels the logarithm of the survival function is a parabola.
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
            let done = excess.abs() <= 0.03 || (next - time).abs() <= 2e-3 * time;
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
fn part(nodes: &[f64; LEVELS], time: f64) -> (f64, f64) {
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
