//! Independent replications in parallel, and what they say together.

use rayon::prelude::*;

use crate::network::Network;
use crate::outcome::{
    CacheOutcome, CallOutcome, Cause, OperationOutcome, Outcome, PoolOutcome, Series, StationOutcome, Window,
    quantile,
};
use crate::program::{NetworkError, Program};
use crate::run::{Bin, Course, Engine, Finished, OperationTally, SLICES, Slices, StationBin, histogram};
use crate::statistics::{Estimate, warm_up_length};
use crate::watch::Watch;

/// What is left out at the beginning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WarmUp {
    /// This many seconds.
    Seconds(f64),
    /// As long as response times say: the MSER-5 rule over the first replications, at most half of the run.
    Automatic,
}

/// How long and how often a network is run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Seconds of a replication, warm-up included.
    pub horizon: f64,
    /// What is left out at the beginning.
    pub warm_up: WarmUp,
    /// Replications at first.
    pub replications: u32,
    /// Goes on, up to `most_replications`, until half the 95 % confidence interval of the mean response time is
    /// within this share of it.
    pub precision: Option<f64>,
    /// Most replications.
    pub most_replications: u32,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Bins of the time series.
    pub bins: usize,
    /// Stretches of time to report on: name, from, until. Bins that begin inside count.
    pub windows: Vec<(String, f64, f64)>,
}

impl Run {
    /// Eight replications of `horizon` seconds, the warm-up found automatically.
    #[must_use]
    pub const fn new(horizon: f64) -> Self {
        Self {
            horizon,
            warm_up: WarmUp::Automatic,
            replications: 8,
            precision: None,
            most_replications: 1024,
            seed: 1,
            bins: 200,
            windows: Vec::new(),
        }
    }

    /// The same from another length of warm-up.
    #[must_use]
    pub const fn warm_up(mut self, seconds: f64) -> Self {
        self.warm_up = WarmUp::Seconds(seconds);
        self
    }

    /// The same with another number of replications.
    #[must_use]
    pub const fn replications(mut self, count: u32) -> Self {
        self.replications = count;
        self
    }
}

/// Replications of the pilot that finds the warm-up.
const PILOTS: u32 = 4;
/// Bins on end that make a station saturated and not only busy for a moment.
const FULL_BINS: usize = 5;
/// Level of the interval that decides about stopping.
const LEVEL: f64 = 0.95;

/// Runs a network.
///
/// # Errors
/// When the network refers to parts that are not there or holds numbers that cannot be computed with.
pub fn simulate(network: &Network, run: &Run) -> Result<Outcome, NetworkError> {
    let outcome = simulate_watched(network, run, &Watch::new())?;
    Ok(outcome.expect("nobody holds the watch, so nobody stops it"))
}

/// Runs a network that somebody follows and may stop. What had run by then counts; nothing when no replication
/// was complete.
///
/// # Errors
/// As [`simulate`].
pub fn simulate_watched(
    network: &Network,
    run: &Run,
    watch: &Watch,
) -> Result<Option<Outcome>, NetworkError> {
    let program = Program::new(network)?;
    if !(run.horizon.is_finite() && run.horizon > 0.0) {
        return Err(NetworkError::BadNumber("the length of the run".to_owned()));
    }
    let bins = run.bins.clamp(1, 10_000);
    let warm_up = match run.warm_up {
        WarmUp::Seconds(seconds) => seconds.clamp(0.0, 0.99 * run.horizon),
        WarmUp::Automatic => automatic(&program, run, bins, watch),
    };
    let course = |replication| Course {
        until: run.horizon,
        warm_up,
        bins,
        seed: run.seed,
        replication: u64::from(replication),
    };
    let replicate = |from: u32, to: u32| -> Vec<Finished> {
        let one = |r| Engine::new(&program, course(r), watch).run();
        (from..to).into_par_iter().map(one).collect::<Vec<_>>().into_iter().flatten().collect()
    };
    let mut all = replicate(0, run.replications.max(1));
    while let Some(precision) = run.precision {
        let count = all.len() as u32;
        let mean = Estimate::of(all.iter().map(|f| overall_mean(network, f)));
        if count >= run.most_replications
            || watch.is_stopped()
            || mean.half_width(LEVEL) <= precision * mean.value.abs()
        {
            break;
        }
        all.extend(replicate(count, (2 * count).min(run.most_replications)));
    }
    let partial = watch.is_stopped();
    Ok((!all.is_empty()).then(|| Gathered { network, run, warm_up, all, partial }.outcome()))
}

/// The warm-up that the first replications show: the longest that the mean of their series has.
fn automatic(program: &Program, run: &Run, bins: usize, watch: &Watch) -> f64 {
    let course = |replication| Course { until: run.horizon, warm_up: 0.0, bins, seed: run.seed, replication };
    let pilots: Vec<Vec<Bin>> = (0..u64::from(PILOTS.min(run.replications.max(1))))
        .into_par_iter()
        .filter_map(|r| Engine::new(program, course(r), watch).run().map(|f| f.records.bins))
        .collect();
    let mean = |i: usize| {
        let sum: f64 = pilots.iter().map(|b| b[i].sum).sum();
        let answered: u64 = pilots.iter().map(|b| b[i].answered).sum();
        sum / answered as f64
    };
    let values: Vec<f64> = (0..bins).map(mean).collect();
    warm_up_length(&values) as f64 * run.horizon / bins as f64
}

/// Mean response time of what somebody waits for, in one replication.
fn overall_mean(network: &Network, finished: &Finished) -> f64 {
    let awaited = network.operations.iter().zip(&finished.records.operations).filter(|(o, _)| o.awaited);
    let (sum, answered) = awaited.fold((0.0, 0), |(sum, count), (_, t)| (sum + t.sum, count + t.answered));
    sum / answered as f64
}

/// All replications, to be told as one outcome.
struct Gathered<'a> {
    network: &'a Network,
    run: &'a Run,
    warm_up: f64,
    all: Vec<Finished>,
    partial: bool,
}

impl Gathered<'_> {
    fn outcome(&self) -> Outcome {
        let network = self.network;
        let awaited: Vec<usize> =
            (0..network.operations.len()).filter(|i| network.operations[*i].awaited).collect();
        Outcome {
            replications: self.all.len() as u32,
            partial: self.partial,
            horizon: self.run.horizon,
            warm_up: self.warm_up,
            events: self.all.iter().map(|f| f.events).sum(),
            unfinished: self.each(|f| f.unfinished as f64),
            overall: self.operation("overall", &awaited),
            operations: (0..network.operations.len())
                .map(|i| self.operation(&network.operations[i].name, &[i]))
                .collect(),
            stations: (0..network.stations.len()).map(|i| self.station(i)).collect(),
            pools: (0..network.pools.len()).map(|i| self.pool(i)).collect(),
            calls: (0..network.calls.len()).map(|i| self.call(i)).collect(),
            caches: (0..network.caches.len()).map(|i| self.cache(i)).collect(),
            limited: (0..network.limiters.len())
                .map(|i| self.each(|f| f.limited[i] as f64 / self.run.horizon))
                .collect(),
            windows: self.run.windows.iter().map(|w| self.window(w)).collect(),
            series: self.series(),
        }
    }

    /// One value of each replication.
    fn each(&self, value: impl Fn(&Finished) -> f64) -> Estimate {
        Estimate::of(self.all.iter().map(value))
    }

    /// Several operations as one.
    fn operation(&self, name: &str, members: &[usize]) -> OperationOutcome {
        let parts: Vec<OperationTally> = self.all.iter().map(|f| together(f, members)).collect();
        let each = |value: &dyn Fn(&OperationTally) -> f64| Estimate::of(parts.iter().map(value));
        let counted = self.run.horizon - self.warm_up;
        let mut times = histogram();
        for part in &parts {
            times.add(&part.times).expect("all histograms have the same bounds");
        }
        let at = |p: f64| Estimate { value: quantile(&times, p), ..each(&|t| quantile(&t.times, p)) };
        let failed = Cause::ALL.into_iter().filter(|c| parts.iter().any(|t| t.failed[*c as usize] > 0));
        OperationOutcome {
            name: name.to_owned(),
            offered: each(&|t| t.offered as f64 / counted),
            throughput: each(&|t| t.answered as f64 / counted),
            good: each(&|t| t.good as f64 / t.offered as f64),
            mean: each(&|t| t.sum / t.answered as f64),
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            failed: failed.map(|c| (c, each(&|t| t.failed[c as usize] as f64 / t.offered as f64))).collect(),
            times,
        }
    }

    fn station(&self, i: usize) -> StationOutcome {
        let share = |part: u64, f: &Finished| part as f64 / f.stations[i].arrivals as f64;
        StationOutcome {
            name: self.network.stations[i].name.clone(),
            utilisation: self.each(|f| f.stations[i].busy / f.stations[i].servers),
            throughput: self.each(|f| f.stations[i].served as f64 / f.counted),
            inside: self.each(|f| f.stations[i].inside / f.counted),
            wait: self.each(|f| f.stations[i].wait / f.stations[i].begun as f64),
            waited: self.each(|f| share(f.stations[i].waited, f)),
            turned_away: self.each(|f| share(f.stations[i].turned_away, f)),
            dropped: self.each(|f| share(f.stations[i].dropped, f)),
            saturated_at: self.each(|f| self.saturated(&f.records.stations[i])),
        }
    }

    fn pool(&self, i: usize) -> PoolOutcome {
        PoolOutcome {
            name: self.network.pools[i].name.clone(),
            utilisation: self.each(|f| f.pools[i].taken / f.pools[i].size),
            waiting: self.each(|f| f.pools[i].waiting / f.counted),
            wait: self.each(|f| f.pools[i].wait / f.pools[i].grants as f64),
            turned_away: self.each(|f| f.pools[i].turned_away as f64 / f.counted),
            saturated_at: self.each(|f| self.saturated(&f.records.pools[i])),
        }
    }

    /// When all servers were first busy for several bins on end, with work waiting all the time.
    fn saturated(&self, bins: &[StationBin]) -> f64 {
        let is_full = |b: &StationBin| b.busy >= 0.99 * b.servers && b.waiting > 0.0;
        let full = bins.windows(FULL_BINS).position(|w| w.iter().all(is_full));
        let width = self.run.horizon / bins.len().max(1) as f64;
        full.map_or(f64::NAN, |i| i as f64 * width)
    }

    fn call(&self, i: usize) -> CallOutcome {
        let share = |part: u64, whole: u64| part as f64 / whole as f64;
        CallOutcome {
            name: self.network.calls[i].name.clone(),
            attempts: self.each(|f| share(f.calls[i].attempts, f.calls[i].requests)),
            timed_out: self.each(|f| share(f.calls[i].timeouts, f.calls[i].attempts)),
            failed: self.each(|f| share(f.calls[i].failures, f.calls[i].attempts)),
            hedged: self.each(|f| share(f.calls[i].hedges, f.calls[i].attempts)),
            refused: self.each(|f| share(f.calls[i].refused, f.calls[i].requests)),
        }
    }

    fn cache(&self, i: usize) -> CacheOutcome {
        let share = |part: u64, (hits, misses, shared): (u64, u64, u64)| {
            part as f64 / (hits + misses + shared) as f64
        };
        CacheOutcome {
            name: self.network.caches[i].name.clone(),
            hits: self.each(|f| share(f.caches[i].0, f.caches[i])),
            shared: self.each(|f| share(f.caches[i].2, f.caches[i])),
        }
    }

    fn window(&self, (name, from, until): &(String, f64, f64)) -> Window {
        let sums = |f: &Finished| {
            let width = self.run.horizon / f.records.bins.len() as f64;
            let place = |t: f64| ((t / width - 1e-9).ceil().max(0.0) as usize).min(f.records.bins.len());
            let mut sum = Bin::default();
            for bin in &f.records.bins[place(*from).min(place(*until))..place(*until)] {
                sum.offered += bin.offered;
                sum.good += bin.good;
                sum.attempts += bin.attempts;
                sum.answered += bin.answered;
                sum.sum += bin.sum;
            }
            sum
        };
        Window {
            name: name.clone(),
            good: self.each(|f| sums(f).good as f64 / sums(f).offered as f64),
            attempts: self.each(|f| sums(f).attempts as f64 / sums(f).offered as f64),
            mean: self.each(|f| sums(f).sum / sums(f).answered as f64),
        }
    }

    /// Quantiles over time, of all replications together.
    fn quantiles(&self) -> Vec<[f64; 3]> {
        let mut all = Slices::new();
        self.all.iter().for_each(|f| all.join(&f.records.slices));
        (0..SLICES).map(|i| [0.5, 0.95, 0.99].map(|p| all.quantile(i, p))).collect()
    }

    fn series(&self) -> Series {
        let bins = self.all.first().map_or(0, |f| f.records.bins.len());
        let width = self.run.horizon / bins.max(1) as f64;
        let count = self.all.len() as f64;
        let sum = |i: usize, value: &dyn Fn(&Bin) -> f64| -> f64 {
            self.all.iter().map(|f| value(&f.records.bins[i])).sum()
        };
        let rate = |value: &dyn Fn(&Bin) -> f64| -> Vec<f64> {
            (0..bins).map(|i| sum(i, value) / count / width).collect()
        };
        let longest = |i: usize| self.all.iter().map(|f| f.records.bins[i].longest).fold(0.0, f64::max);
        let stations = |of: &dyn Fn(&Finished) -> Vec<Vec<StationBin>>| averaged(&self.all, of);
        Series {
            width,
            offered: rate(&|b| b.offered as f64),
            good: rate(&|b| b.good as f64),
            failed: rate(&|b| b.failed as f64),
            attempts: rate(&|b| b.attempts as f64),
            mean: (0..bins).map(|i| sum(i, &|b| b.sum) / sum(i, &|b| b.answered as f64)).collect(),
            longest: (0..bins).map(longest).collect(),
            slice: self.run.horizon / SLICES as f64,
            quantiles: self.quantiles(),
            stations: stations(&|f| f.records.stations.clone()),
            pools: stations(&|f| f.records.pools.clone()),
        }
    }
}

/// Means over replications, bin by bin.
fn averaged(all: &[Finished], of: &dyn Fn(&Finished) -> Vec<Vec<StationBin>>) -> Vec<Vec<(f64, f64, f64)>> {
    let mut sums: Vec<Vec<(f64, f64, f64)>> = Vec::new();
    for finished in all {
        for (i, bins) in of(finished).into_iter().enumerate() {
            if sums.len() <= i {
                sums.push(vec![(0.0, 0.0, 0.0); bins.len()]);
            }
            for (sum, bin) in sums[i].iter_mut().zip(bins) {
                sum.0 += f64::from(bin.busy) / all.len() as f64;
                sum.1 += f64::from(bin.waiting) / all.len() as f64;
                sum.2 += f64::from(bin.servers) / all.len() as f64;
            }
        }
    }
    sums
}

/// Operations of one replication as one.
fn together(finished: &Finished, members: &[usize]) -> OperationTally {
    if let [only] = members {
        return finished.records.operations[*only].clone();
    }
    let mut sum = OperationTally::new();
    for member in members {
        let tally = &finished.records.operations[*member];
        sum.offered += tally.offered;
        sum.answered += tally.answered;
        sum.good += tally.good;
        sum.sum += tally.sum;
        sum.failed.iter_mut().zip(tally.failed).for_each(|(a, b)| *a += b);
        sum.times.add(&tally.times).expect("all histograms have the same bounds");
    }
    sum
}
