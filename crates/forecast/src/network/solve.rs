//! Solves an open network: utilisation and wait at each station, response time of each class.

use super::build::{MAX_CLASSES, MAX_STATIONS, NetworkOf, Row};
use super::mixture::Mixture;
use super::shape::{self, P50, P95, P99};
use crate::queue::erlang;

/// Response time of a class, in milliseconds; infinite when a station on its path is saturated.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassResult {
    /// Mean.
    pub mean_ms: f64,
    /// Standard deviation.
    pub sd_ms: f64,
    /// Median.
    pub p50_ms: f64,
    /// 95th percentile.
    pub p95_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
}

impl ClassResult {
    /// The same value everywhere: a constant, or infinity.
    pub(crate) const fn constant(ms: f64) -> Self {
        Self { mean_ms: ms, sd_ms: 0.0, p50_ms: ms, p95_ms: ms, p99_ms: ms }
    }

    /// Of a class that has to wait at a saturated station.
    pub(crate) const NEVER: Self = Self { sd_ms: f64::INFINITY, ..Self::constant(f64::INFINITY) };
}

/// What happens at a station.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StationResult {
    /// Offered work over capacity: the busy share of its processors; saturated from 1 up.
    pub utilisation: f64,
    /// Visits a second that are offered to it, asynchronous ones included.
    pub throughput_per_s: f64,
    /// Mean wait for a free processor at one visit, in milliseconds; infinite when saturated.
    pub wait_ms: f64,
}

/// The solution of a [`super::Network`].
pub type Solution = SolutionOf<MAX_STATIONS, MAX_CLASSES>;

/// The solution of a network with room for `S` stations and `C` classes; entries beyond the
/// network's own are 0.
#[derive(Clone, Debug, PartialEq)]
pub struct SolutionOf<const S: usize, const C: usize> {
    /// By class.
    pub classes: [ClassResult; C],
    /// By station.
    pub stations: [StationResult; S],
    /// Over the requests of all interactive classes: the distribution is the mixture of theirs,
    /// weighted by rate, so a percentile here is no average of percentiles. The share of requests
    /// beyond a percentile is right to 1 % of itself for ordinary classes;
    /// [`NetworkOf::overall_percentile`] is exact.
    pub overall: ClassResult,
    /// Multiply all rates by this and the bottleneck is saturated; infinite without load.
    pub saturation_factor: f64,
    /// The station that saturates first.
    pub bottleneck: usize,
}

/// Mean and variance of the wait at a station, or that it never ends.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wait {
    pub(crate) mean: f64,
    pub(crate) variance: f64,
    pub(crate) saturated: bool,
}

/// First two moments of each class's response.
pub(crate) struct Moments<const C: usize> {
    pub(crate) mean: [f64; C],
    pub(crate) fixed: [f64; C],
    pub(crate) variance: [f64; C],
}

impl<const S: usize, const C: usize> NetworkOf<S, C> {
    /// Solves the network: mean, median, 95th and 99th percentile of every class and of their mix,
    /// utilisation and wait of every station, how far the load can grow and what gives way first.
    ///
    /// Stations are independent M/G/c queues with first-come-first-served order (exact for
    /// M/M/c with one service time for all classes, where the network is Jackson's; exact in the
    /// mean and variance of the wait for one processor; Allen-Cunneen otherwise, within about 10 %).
    /// Percentiles fit a gamma distribution, shifted by what is constant, to mean and variance:
    /// exact for one exponential station and for equal M/M/1 stations in series.
    ///
    /// Source: Jackson (1957, 1963); Baskett, Chandy, Muntz, Palacios (1975); Allen, Probability,
    /// Statistics and Queueing Theory (2nd ed. 1990), section 5.3.7 (Allen-Cunneen); Takacs (1962)
    /// for the second moment of the wait; Lazowska et al., Quantitative System Performance (1984),
    /// chapter 5 for saturation.
    #[must_use]
    pub fn solve(&self) -> SolutionOf<S, C> {
        let mut stations = [StationResult::default(); S];
        let mut waits = [Wait::default(); S];
        let (mut highest, mut bottleneck, mut saturated) = (0.0, 0, 0_u64);
        for station in 0..self.stations {
            let (result, wait) = self.station_wait(&self.rows[station], self.servers[station]);
            if result.utilisation > highest {
                (highest, bottleneck) = (result.utilisation, station);
            }
            saturated |= u64::from(wait.saturated) << station;
            (stations[station], waits[station]) = (result, wait);
        }
        let moments = self.moments(&waits);
        let (classes, overall) = self.responses(&moments, |class| self.path[class] & saturated != 0);
        SolutionOf { classes, stations, overall, saturation_factor: 1.0 / highest, bottleneck }
    }

    /// The wait at each station.
    pub(crate) fn waits(&self) -> [Wait; S] {
        let mut waits = [Wait::default(); S];
        for (wait, (row, servers)) in
            waits.iter_mut().zip(self.rows.iter().zip(self.servers)).take(self.stations)
        {
            *wait = self.station_wait(row, servers).1;
        }
        waits
    }

    /// Load and wait at one station.
    fn station_wait(&self, row: &Row<C>, servers: f64) -> (StationResult, Wait) {
        let (mut visits, mut work, mut square, mut cube) = (0.0, 0.0, 0.0, 0.0);
        for class in 0..self.classes {
            let rate = self.rate[class];
            visits += rate * row.visits[class];
            work += rate * row.moments[0][class];
            square += rate * row.moments[1][class];
            cube += rate * row.moments[2][class];
        }
        let wait = queue_wait(servers, work, square, cube);
        let wait_ms = if wait.saturated { f64::INFINITY } else { wait.mean };
        (StationResult { utilisation: work / servers, throughput_per_s: visits * 1e3, wait_ms }, wait)
    }

    /// Mean and variance of each class's response, everything queueing included.
    pub(crate) fn moments(&self, waits: &[Wait; S]) -> Moments<C> {
        let mut sum = Moments { mean: [0.0; C], fixed: [0.0; C], variance: [0.0; C] };
        for (row, wait) in self.rows.iter().zip(waits).take(self.stations) {
            let square = wait.mean * wait.mean;
            for class in 0..self.classes {
                sum.mean[class] += row.own[0][class] + row.sync[class] * wait.mean;
                sum.fixed[class] += row.own[1][class];
                sum.variance[class] += row.own[2][class]
                    + row.sync[class] * wait.variance
                    + row.spread[0][class] * wait.mean
                    + row.spread[1][class] * square;
            }
        }
        sum
    }

    /// Percentiles of each class and of the mix of the interactive ones.
    pub(crate) fn responses(
        &self,
        moments: &Moments<C>,
        endless: impl Fn(usize) -> bool,
    ) -> ([ClassResult; C], ClassResult) {
        let mut classes = [ClassResult::default(); C];
        let mut mixture = Mixture::<C>::new();
        for (class, result) in classes.iter_mut().enumerate().take(self.classes) {
            let weight =
                if self.interactive[class] && self.path[class] != 0 { self.rate[class] } else { 0.0 };
            if endless(class) || moments.variance[class] == f64::INFINITY {
                *result = ClassResult::NEVER;
                mixture.add_endless(weight);
                continue;
            }
            let (mean, fixed) = (moments.mean[class], moments.fixed[class]);
            let sd = moments.variance[class].max(0.0).sqrt();
            let varying = mean - fixed;
            let mut quantiles =
                if varying > 0.0 { shape::quantiles(sd / varying) } else { [0.0; shape::LEVELS] };
            for quantile in &mut quantiles {
                *quantile = fixed + varying * *quantile;
            }
            *result = ClassResult {
                mean_ms: mean,
                sd_ms: sd,
                p50_ms: quantiles[P50],
                p95_ms: quantiles[P95],
                p99_ms: quantiles[P99],
            };
            mixture.add(weight, result, quantiles);
        }
        let overall = mixture.result();
        (classes, overall)
    }
}

/// Mean and variance of the wait in M/G/c: `work` is the offered load in erlangs, `square` and
/// `cube` the arrival rate times the second and third moment of service.
///
/// The wait of those who wait is scaled from M/G/1, exactly in its first two moments for one
/// server and for exponential service:
/// E\[W\] = C E\[S^2\] / (2 E\[S\] (c - a)), E\[W^2 | W > 0\] = E\[W | W > 0\]^2 (2 rho + (1 - rho) 4/3 E\[S\] E\[S^3\] / E\[S^2\]^2).
///
/// Source: Allen (1990), section 5.3.7; Takacs (1962) for M/G/1's second moment.
pub(crate) fn queue_wait(servers: f64, work: f64, square: f64, cube: f64) -> Wait {
    if work >= servers {
        return Wait { mean: 0.0, variance: 0.0, saturated: true };
    }
    if square <= 0.0 {
        return Wait::default();
    }
    let utilisation = work / servers;
    let chance = erlang::fast(servers, work);
    let when_waiting = square / (2.0 * work * (servers - work));
    wait_moments(utilisation, chance, when_waiting, work * cube / (square * square))
}

/// [`queue_wait`] at a station that never holds more than `population` jobs.
pub(crate) fn bounded_wait(servers: f64, work: f64, square: f64, cube: f64, population: f64) -> Wait {
    if population.is_infinite() {
        return queue_wait(servers, work, square, cube);
    }
    let spare = population - servers;
    if spare <= 0.0 || square <= 0.0 {
        return Wait { saturated: work.is_infinite(), ..Wait::default() };
    }
    let bound = spare / (spare + 1.0);
    let utilisation = bound * work / servers;
    if utilisation >= 1.0 || work.is_infinite() {
        return Wait { mean: 0.0, variance: 0.0, saturated: true };
    }
    let chance = erlang::fast(servers, work);
    let when_waiting = bound * square / (2.0 * work * servers * (1.0 - utilisation));
    wait_moments(utilisation, chance, when_waiting, work * cube / (square * square))
}

/// Moments of the wait from the chance of waiting, its mean when it happens, and the service's
/// E\[S\] E\[S^3\] / E\[S^2\]^2.
fn wait_moments(utilisation: f64, chance: f64, when_waiting: f64, skew: f64) -> Wait {
    let mean = chance * when_waiting;
    let second = when_waiting * mean * (2.0 * utilisation + (1.0 - utilisation) * (4.0 / 3.0) * skew);
    Wait { mean, variance: (second - mean * mean).max(0.0), saturated: false }
}
