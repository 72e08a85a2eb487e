//! What replications say together.

use hdrhistogram::Histogram;

use crate::network::Network;
use crate::outcome::{
    CacheOutcome, CallOutcome, Cause, OperationOutcome, Outcome, PoolOutcome, QueueOutcome, ReplicasOutcome,
    Series, StationOutcome, Window, quantile,
};
use crate::replicate::Run;
use crate::run::{
    Bin, CallTally, Finished, OperationTally, PoolTally, QueueTally, ReplicasTally, SLICES, Slices,
    StationBin, StationTally, histogram,
};
use crate::statistics::Estimate;

/// What is kept of one replication.
struct Kept {
    operations: Vec<Numbers>,
    /// All operations that somebody waits for.
    overall: Numbers,
    /// Percentiles of all of it without the time in systems of others.
    own: [f64; 3],
    stations: Vec<StationTally>,
    pools: Vec<PoolTally>,
    /// When stations, and pools, were saturated first.
    saturated: (Vec<f64>, Vec<f64>),
    calls: Vec<CallTally>,
    caches: Vec<(u64, u64, u64)>,
    limited: Vec<u64>,
    queues: Vec<QueueTally>,
    replicas: Vec<ReplicasTally>,
    windows: Vec<Bin>,
    events: u64,
    counted: f64,
    unfinished: u64,
}

/// What is kept of an operation in one replication.
struct Numbers {
    offered: u64,
    answered: u64,
    good: u64,
    sum: f64,
    failed: [u64; Cause::COUNT],
    quantiles: [f64; 3],
}

impl Numbers {
    fn of(tally: &OperationTally) -> Self {
        Self {
            offered: tally.offered,
            answered: tally.answered,
            good: tally.good,
            sum: tally.sum,
            failed: tally.failed,
            quantiles: QUANTILES.map(|p| quantile(&tally.times, p)),
        }
    }
}

const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];
/// Bins on end that make a station saturated and not only busy for a moment.
const FULL_BINS: usize = 5;

/// All replications, to be told as one outcome. Histograms and time series are added up as replications come in,
/// so that memory does not grow with their number.
pub(crate) struct Gathered<'a> {
    network: &'a Network,
    run: &'a Run,
    warm_up: f64,
    awaited: Vec<usize>,
    all: Vec<Kept>,
    /// Response times by operation, and of all that somebody waits for.
    times: Vec<Histogram<u32>>,
    overall: Histogram<u32>,
    own: Histogram<u32>,
    slices: Slices,
    bins: Vec<Bin>,
    stations: Vec<Vec<(f64, f64, f64)>>,
    pools: Vec<Vec<(f64, f64, f64)>>,
    queues: Vec<Vec<(f64, f64, f64)>>,
}

impl<'a> Gathered<'a> {
    pub(crate) fn new(network: &'a Network, run: &'a Run, warm_up: f64) -> Self {
        let awaited = (0..network.operations.len()).filter(|i| network.operations[*i].awaited).collect();
        Self {
            network,
            run,
            warm_up,
            awaited,
            all: Vec::new(),
            times: network.operations.iter().map(|_| histogram()).collect(),
            overall: histogram(),
            own: histogram(),
            slices: Slices::new(),
            bins: Vec::new(),
            stations: Vec::new(),
            pools: Vec::new(),
            queues: Vec::new(),
        }
    }

    /// Replications so far.
    pub(crate) const fn count(&self) -> u32 {
        self.all.len() as u32
    }

    /// Mean response time of what somebody waits for.
    pub(crate) fn overall_mean(&self) -> Estimate {
        self.each(|k| k.overall.sum / k.overall.answered as f64)
    }

    /// Takes one more replication in.
    pub(crate) fn add(&mut self, finished: Finished) {
        let records = finished.records;
        let overall = together(&records.operations, &self.awaited);
        for (sum, tally) in self.times.iter_mut().zip(&records.operations) {
            sum.add(&tally.times).expect("histograms grow");
        }
        self.overall.add(&overall.times).expect("histograms grow");
        self.own.add(&records.own).expect("histograms grow");
        self.slices.join(&records.slices);
        self.bins.resize(records.bins.len(), Bin::default());
        self.bins.iter_mut().zip(&records.bins).for_each(|(sum, bin)| sum.join(bin));
        join(&mut self.stations, &records.stations);
        join(&mut self.pools, &records.pools);
        join(&mut self.queues, &records.queues);
        let full = |all: &[Vec<StationBin>]| all.iter().map(|b| self.saturated(b)).collect();
        self.all.push(Kept {
            operations: records.operations.iter().map(Numbers::of).collect(),
            overall: Numbers::of(&overall),
            own: QUANTILES.map(|p| quantile(&records.own, p)),
            saturated: (full(&records.stations), full(&records.pools)),
            windows: self.run.windows.iter().map(|w| self.within(&records.bins, (w.1, w.2))).collect(),
            stations: finished.stations,
            pools: finished.pools,
            calls: finished.calls,
            caches: finished.caches,
            limited: finished.limited,
            queues: finished.queues,
            replicas: finished.replicas,
            events: finished.events,
            counted: finished.counted,
            unfinished: finished.unfinished,
        });
    }

    pub(crate) fn outcome(&self, partial: bool) -> Outcome {
        let network = self.network;
        Outcome {
            replications: self.all.len() as u32,
            partial,
            horizon: self.run.horizon,
            warm_up: self.warm_up,
            events: self.all.iter().map(|f| f.events).sum(),
            unfinished: self.each(|f| f.unfinished as f64),
            overall: self.operation("overall", &self.overall, |k| &k.overall),
            own: [0, 1, 2]
                .map(|i| Estimate { value: quantile(&self.own, QUANTILES[i]), ..self.each(|k| k.own[i]) }),
            operations: (0..network.operations.len())
                .map(|i| self.operation(&network.operations[i].name, &self.times[i], |k| &k.operations[i]))
                .collect(),
            stations: (0..network.stations.len()).map(|i| self.station(i)).collect(),
            pools: (0..network.pools.len()).map(|i| self.pool(i)).collect(),
            calls: (0..network.calls.len()).map(|i| self.call(i)).collect(),
            caches: (0..network.caches.len()).map(|i| self.cache(i)).collect(),
            limited: (0..network.limiters.len())
                .map(|i| self.each(|f| f.limited[i] as f64 / self.run.horizon))
                .collect(),
            queues: (0..network.queues.len()).map(|i| self.queue(i)).collect(),
            replicas: (0..network.replicas.len()).map(|i| self.replicas(i)).collect(),
            windows: (self.run.windows.iter().enumerate()).map(|(i, w)| self.window(i, &w.0)).collect(),
            series: self.series(),
        }
    }

    /// One value of each replication.
    fn each(&self, value: impl Fn(&Kept) -> f64) -> Estimate {
        Estimate::of(self.all.iter().map(value))
    }

    /// An operation, or several as one.
    fn operation(
        &self,
        name: &str,
        times: &Histogram<u32>,
        of: impl Fn(&Kept) -> &Numbers,
    ) -> OperationOutcome {
        let each = |value: &dyn Fn(&Numbers) -> f64| self.each(|k| value(of(k)));
        let counted = self.run.horizon - self.warm_up;
        let at = |i: usize| Estimate { value: quantile(times, QUANTILES[i]), ..each(&|t| t.quantiles[i]) };
        let failed =
            Cause::ALL.into_iter().filter(|c| self.all.iter().any(|k| of(k).failed[*c as usize] > 0));
        OperationOutcome {
            name: name.to_owned(),
            offered: each(&|t| t.offered as f64 / counted),
            throughput: each(&|t| t.answered as f64 / counted),
            good: each(&|t| t.good as f64 / t.offered as f64),
            mean: each(&|t| t.sum / t.answered as f64),
            p50: at(0),
            p95: at(1),
            p99: at(2),
            failed: failed.map(|c| (c, each(&|t| t.failed[c as usize] as f64 / t.offered as f64))).collect(),
            times: times.clone(),
        }
    }

    fn station(&self, i: usize) -> StationOutcome {
        let share = |part: u64, f: &Kept| part as f64 / f.stations[i].arrivals as f64;
        StationOutcome {
            name: self.network.stations[i].name.clone(),
            utilisation: self.each(|f| f.stations[i].busy / f.stations[i].servers),
            throughput: self.each(|f| f.stations[i].served as f64 / f.counted),
            inside: self.each(|f| f.stations[i].inside / f.counted),
            wait: self.each(|f| f.stations[i].wait / f.stations[i].begun as f64),
            waited: self.each(|f| share(f.stations[i].waited, f)),
            turned_away: self.each(|f| share(f.stations[i].turned_away, f)),
            dropped: self.each(|f| share(f.stations[i].dropped, f)),
            saturated_at: self.each(|f| f.saturated.0[i]),
        }
    }

    fn pool(&self, i: usize) -> PoolOutcome {
        PoolOutcome {
            name: self.network.pools[i].name.clone(),
            utilisation: self.each(|f| f.pools[i].taken / f.pools[i].size),
            waiting: self.each(|f| f.pools[i].waiting / f.counted),
            wait: self.each(|f| f.pools[i].wait / f.pools[i].grants as f64),
            turned_away: self.each(|f| f.pools[i].turned_away as f64 / f.counted),
            saturated_at: self.each(|f| f.saturated.1[i]),
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

    fn queue(&self, i: usize) -> QueueOutcome {
        let share = |part: u64, whole: u64| part as f64 / whole as f64;
        QueueOutcome {
            name: self.network.queues[i].name.clone(),
            published: self.each(|f| f.queues[i].published as f64 / f.counted),
            finished: self.each(|f| f.queues[i].finished as f64 / f.counted),
            waiting: self.each(|f| f.queues[i].waiting / f.counted),
            most: self.each(|f| f64::from(f.queues[i].most)),
            lag: self.each(|f| f.queues[i].age / f.queues[i].finished as f64),
            longest_lag: self.each(|f| f.queues[i].oldest),
            busy: self.each(|f| f.queues[i].busy / f.queues[i].consumers),
            redelivered: self.each(|f| share(f.queues[i].redelivered, f.queues[i].delivered)),
            dead: self.each(|f| share(f.queues[i].dead, f.queues[i].published)),
            refused: self.each(|f| share(f.queues[i].refused, f.queues[i].published + f.queues[i].refused)),
            held: self.each(|f| f.queues[i].blocked as f64 / f.counted),
        }
    }

    fn replicas(&self, i: usize) -> ReplicasOutcome {
        let share = |part: u64, whole: u64| part as f64 / whole as f64;
        ReplicasOutcome {
            name: self.network.replicas[i].name.clone(),
            stale: self.each(|f| share(f.replicas[i].stale, f.replicas[i].reads)),
            led: self.each(|f| share(f.replicas[i].led, f.replicas[i].reads)),
            lag: self.each(|f| f.replicas[i].lag / f.replicas[i].applied as f64),
            longest_lag: self.each(|f| f.replicas[i].longest),
            lost: self.each(|f| f.replicas[i].lost as f64),
        }
    }

    /// What came in a stretch of time of one replication: bins that begin inside count.
    fn within(&self, bins: &[Bin], (from, until): (f64, f64)) -> Bin {
        let width = self.run.horizon / bins.len() as f64;
        let place = |t: f64| ((t / width - 1e-9).ceil().max(0.0) as usize).min(bins.len());
        let mut sum = Bin::default();
        bins[place(from).min(place(until))..place(until)].iter().for_each(|b| sum.join(b));
        sum
    }

    fn window(&self, i: usize, name: &str) -> Window {
        Window {
            name: name.to_owned(),
            good: self.each(|f| f.windows[i].good as f64 / f.windows[i].offered as f64),
            spared: self.each(|f| f.windows[i].spared.1 as f64 / f.windows[i].spared.0 as f64),
            attempts: self.each(|f| f.windows[i].attempts as f64 / f.windows[i].offered as f64),
            mean: self.each(|f| f.windows[i].sum / f.windows[i].answered as f64),
        }
    }

    fn series(&self) -> Series {
        let count = self.all.len() as f64;
        let width = self.run.horizon / self.bins.len().max(1) as f64;
        let rate =
            |value: &dyn Fn(&Bin) -> u64| self.bins.iter().map(|b| value(b) as f64 / count / width).collect();
        let averaged = |sums: &[Vec<(f64, f64, f64)>]| {
            let one = |s: &(f64, f64, f64)| (s.0 / count, s.1 / count, s.2 / count);
            sums.iter().map(|bins| bins.iter().map(one).collect()).collect()
        };
        Series {
            width,
            offered: rate(&|b| b.offered),
            good: rate(&|b| b.good),
            failed: rate(&|b| b.failed),
            attempts: rate(&|b| b.attempts),
            mean: self.bins.iter().map(|b| b.sum / b.answered as f64).collect(),
            longest: self.bins.iter().map(|b| b.longest).collect(),
            slice: self.run.horizon / SLICES as f64,
            quantiles: (0..SLICES).map(|i| QUANTILES.map(|p| self.slices.quantile(i, p))).collect(),
            stations: averaged(&self.stations),
            pools: averaged(&self.pools),
            queues: averaged(&self.queues),
        }
    }
}

/// Adds series of one replication to the sums, part by part and bin by bin.
fn join(sums: &mut Vec<Vec<(f64, f64, f64)>>, series: &[Vec<StationBin>]) {
    sums.resize(series.len(), Vec::new());
    for (sums, bins) in sums.iter_mut().zip(series) {
        sums.resize(bins.len(), (0.0, 0.0, 0.0));
        for (sum, bin) in sums.iter_mut().zip(bins) {
            sum.0 += f64::from(bin.busy);
            sum.1 += f64::from(bin.waiting);
            sum.2 += f64::from(bin.servers);
        }
    }
}

/// Operations of one replication as one.
fn together(operations: &[OperationTally], members: &[usize]) -> OperationTally {
    let mut sum = OperationTally::new(true, false);
    for tally in members.iter().map(|m| &operations[*m]) {
        sum.offered += tally.offered;
        sum.answered += tally.answered;
        sum.good += tally.good;
        sum.sum += tally.sum;
        sum.failed.iter_mut().zip(tally.failed).for_each(|(a, b)| *a += b);
        sum.times.add(&tally.times).expect("histograms grow");
    }
    sum
}
