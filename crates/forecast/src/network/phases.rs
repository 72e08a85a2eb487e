//! Sums of exponential phases, some of them skipped: exact distributions of responses in series.

use super::build::NetworkOf;
use super::solve::ClassResult;
use crate::guard;
use crate::queue::erlang;
use crate::special::root;

/// Phases at most; a longer sum is as good as its gamma fit.
const MOST_PHASES: usize = 64;

/// A time made of independent exponential phases one after the other, each entered with its own
/// probability.
///
/// Source: phase-type distributions, Neuts, Matrix-Geometric Solutions in Stochastic Models
/// (1981), chapter 2. The matrix exponential is a Taylor series with no negative term
/// (uniformisation) over a short time, squared up to the time asked for: relative error of a tail
/// about 1e-16 times the largest rate times t.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Phases {
    /// (probability of being entered, rate), in order.
    phases: Vec<(f64, f64)>,
}

impl Phases {
    /// Adds a phase with mean `mean` that is entered with probability `p`. One that takes no time
    /// or never happens is left out. `false` when there is no room for it (64 phases).
    pub fn push(&mut self, p: f64, mean: f64) -> bool {
        let (p, mean) = (guard::share(p), guard::amount(mean));
        if p <= 0.0 || mean <= 1.0 / guard::LARGEST {
            return true;
        }
        let room = self.phases.len() < MOST_PHASES;
        if room {
            self.phases.push((p, 1.0 / mean));
        }
        room
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.phases.iter().map(|(p, rate)| p / rate).sum()
    }

    /// The variance.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.phases.iter().map(|(p, rate)| p * (2.0 - p) / (rate * rate)).sum()
    }

    /// P(time > t).
    #[must_use]
    pub fn tail(&self, t: f64) -> f64 {
        let t = guard::amount(t);
        let fastest = self.phases.iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
        if fastest <= 0.0 {
            return 0.0;
        }
        let halvings = (fastest * t / 0.5).log2().ceil().clamp(0.0, 200.0) as i32;
        let mut matrix = self.short(t * 0.5_f64.powi(halvings));
        for _ in 0..halvings {
            matrix = square(&matrix);
        }
        let mut skip = 1.0;
        let mut tail = 0.0;
        for (row, (p, _)) in matrix.iter().zip(&self.phases) {
            tail += skip * p * row.iter().sum::<f64>();
            skip *= 1.0 - p;
        }
        tail.min(1.0)
    }

    /// The time that a share `p` stays within; infinite at p = 1.
    #[must_use]
    pub fn percentile(&self, p: f64) -> f64 {
        let p = guard::share(p);
        if self.phases.is_empty() || self.tail(0.0) <= 1.0 - p {
            return 0.0;
        }
        let target = (-p).ln_1p();
        root::increasing_from(0.0, self.mean(), |t| target - self.tail(t).ln())
    }

    /// exp(Q h) for rates times h up to one half.
    fn short(&self, h: f64) -> Vec<Vec<f64>> {
        let n = self.phases.len();
        let fastest = self.phases.iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
        // P = I + Q / fastest, of which every entry is a probability.
        let mut jump = vec![vec![0.0; n]; n];
        for (i, (row, (_, rate))) in jump.iter_mut().zip(&self.phases).enumerate() {
            row[i] = 1.0 - rate / fastest;
            let mut skip = rate / fastest;
            for (entry, (p, _)) in row.iter_mut().zip(&self.phases).skip(i + 1) {
                *entry = skip * p;
                skip *= 1.0 - p;
            }
        }
        let steps = fastest * h;
        let mut power = identity(n);
        let mut sum = vec![vec![0.0; n]; n];
        let mut weight = (-steps).exp();
        for term in 1..=24 {
            for (sums, powers) in sum.iter_mut().zip(&power) {
                sums.iter_mut().zip(powers).for_each(|(s, p)| *s += weight * p);
            }
            weight *= steps / f64::from(term);
            power = multiply(&power, &jump);
        }
        sum
    }
}

fn identity(n: usize) -> Vec<Vec<f64>> {
    (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect()
}

fn square(a: &[Vec<f64>]) -> Vec<Vec<f64>> {
    multiply(a, a)
}

/// The product of two upper triangular matrices.
fn multiply(a: &[Vec<f64>], b: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = a.len();
    let mut out = vec![vec![0.0; n]; n];
    for i in 0..n {
        for k in i..n {
            let factor = a[i][k];
            for j in k..n {
                out[i][j] += factor * b[k][j];
            }
        }
    }
    out
}

impl<const S: usize, const C: usize> NetworkOf<S, C> {
    /// The response of `class` as a sum of phases, in milliseconds: exact where stations are M/M/1
    /// in tandem (or a single M/M/c). `None` when a step on its path is not exponential or not
    /// certain, a station there is saturated or serves classes with different times, or the phases
    /// are more than 64; then [`NetworkOf::solve`]'s gamma fit is the answer.
    ///
    /// Source: Jackson (1957), Reich (1957): times in a tandem of M/M/1 stations are independent.
    #[must_use]
    pub fn phases(&self, class: usize) -> Option<Phases> {
        let mut phases = Phases::default();
        for station in 0..self.stations {
            let demand = self.demand(class, station);
            if !demand.sync || demand.visits <= 0.0 {
                continue;
            }
            let (chance, drain) = self.exponential_wait(station)?;
            let exponential = |time: f64| time <= 0.0 || (demand.scv - 1.0).abs() < 1e-12;
            // A visit that may not happen would skip its wait and its service together.
            let certain = demand.visits.fract() == 0.0 && demand.visits <= MOST_PHASES as f64;
            if !certain || !exponential(demand.cpu_ms + demand.wait_ms) {
                return None;
            }
            for _ in 0..demand.visits.trunc() as usize {
                let fits = phases.push(chance, drain)
                    && phases.push(1.0, demand.cpu_ms)
                    && phases.push(1.0, demand.wait_ms);
                fits.then_some(())?;
            }
        }
        Some(phases)
    }

    /// Mean and percentiles of [`NetworkOf::phases`].
    #[must_use]
    pub fn exact_response(&self, class: usize) -> Option<ClassResult> {
        let phases = self.phases(class)?;
        Some(ClassResult {
            mean_ms: phases.mean(),
            sd_ms: phases.variance().sqrt(),
            p50_ms: phases.percentile(0.5),
            p95_ms: phases.percentile(0.95),
            p99_ms: phases.percentile(0.99),
        })
    }

    /// Probability and mean of the wait at a station whose service is one exponential for all.
    fn exponential_wait(&self, station: usize) -> Option<(f64, f64)> {
        let mut work = 0.0;
        let mut service: Option<f64> = None;
        for class in 0..self.classes {
            let demand = self.demand(class, station);
            if demand.visits <= 0.0 || self.rate[class] <= 0.0 || demand.cpu_ms <= 0.0 {
                continue;
            }
            let same = service.is_none_or(|s| (s / demand.cpu_ms - 1.0).abs() < 1e-12);
            if !same || (demand.scv - 1.0).abs() > 1e-12 {
                return None;
            }
            service = Some(demand.cpu_ms);
            work += self.rate[class] * demand.visits * demand.cpu_ms;
        }
        let servers = self.servers[station];
        if work >= servers {
            return None;
        }
        Some((erlang::erlang_c(servers, work), service.unwrap_or(0.0) / (servers - work)))
    }
}
