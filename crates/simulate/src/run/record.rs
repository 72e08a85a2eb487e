//! What a replication writes down: response times, failures by cause, and how things went over time. Memory
//! does not grow with the length of the run.

use hdrhistogram::Histogram;

use crate::network::Network;
use crate::outcome::Cause;
use crate::run::slice::Slices;

/// Seconds of one unit of a histogram.
pub(crate) const RESOLUTION: f64 = 1e-7;
/// Longest response time that is told apart, in those units: about a day.
const LONGEST: u64 = 1_000_000_000_000;

/// An empty histogram of response times: three significant digits. It takes the room that its longest time needs.
pub(crate) fn histogram() -> Histogram<u32> {
    Histogram::new(3).expect("three digits are a number of digits that the histogram accepts")
}

/// Counts a time in seconds.
#[inline]
fn count(times: &mut Histogram<u32>, seconds: f64) {
    let units = ((seconds * (1.0 / RESOLUTION)) as u64).min(LONGEST);
    times.record(units).expect("a histogram that grows has room for every bounded time");
}

/// What is known of an operation.
#[derive(Clone)]
pub(crate) struct OperationTally {
    /// Whether somebody waits for it: only such requests show in the time series.
    awaited: bool,
    spared: bool,
    pub(crate) offered: u64,
    /// Answers, of requests that came after the warm-up.
    pub(crate) answered: u64,
    /// Answers within the target.
    pub(crate) good: u64,
    pub(crate) sum: f64,
    pub(crate) failed: [u64; Cause::COUNT],
    pub(crate) times: Histogram<u32>,
}

impl OperationTally {
    pub(crate) fn new(awaited: bool, spared: bool) -> Self {
        Self {
            awaited,
            spared,
            offered: 0,
            answered: 0,
            good: 0,
            sum: 0.0,
            failed: [0; Cause::COUNT],
            times: histogram(),
        }
    }
}

/// One bin of time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bin {
    /// Requests that came in it, of operations that somebody waits for.
    pub(crate) offered: u64,
    /// Of those, answered within the target; answered at all; failed.
    pub(crate) good: u64,
    pub(crate) answered: u64,
    pub(crate) failed: u64,
    /// Attempts of calls that a request itself makes, in it.
    pub(crate) attempts: u64,
    /// Sum of response times of requests that came in it, seconds.
    pub(crate) sum: f64,
    /// The longest.
    pub(crate) longest: f64,
    /// Requests of operations that need nothing of what is struck, and those of them that were good.
    pub(crate) spared: (u64, u64),
}

impl Bin {
    /// Adds another one to it.
    pub(crate) fn join(&mut self, other: &Self) {
        self.offered += other.offered;
        self.good += other.good;
        self.answered += other.answered;
        self.failed += other.failed;
        self.attempts += other.attempts;
        self.sum += other.sum;
        self.longest = self.longest.max(other.longest);
        self.spared = (self.spared.0 + other.spared.0, self.spared.1 + other.spared.1);
    }
}

/// A station (or pool) in one bin of time: averages over it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StationBin {
    pub(crate) busy: f32,
    pub(crate) waiting: f32,
    pub(crate) servers: f32,
}

/// What a replication writes down as it goes.
pub(crate) struct Records {
    /// Requests that came before this do not count.
    pub(crate) from: f64,
    pub(crate) operations: Vec<OperationTally>,
    /// Response times of what somebody waits for, without the time in systems of others.
    pub(crate) own: Histogram<u32>,
    pub(crate) bins: Vec<Bin>,
    per_second: f64,
    /// One over the length of the run.
    share: f64,
    /// Over time, of operations that somebody waits for.
    pub(crate) slices: Slices,
    /// By station, then by bin.
    pub(crate) stations: Vec<Vec<StationBin>>,
    /// By pool, then by bin.
    pub(crate) pools: Vec<Vec<StationBin>>,
    /// By queue, then by bin.
    pub(crate) queues: Vec<Vec<StationBin>>,
}

impl Records {
    pub(crate) fn new(from: f64, until: f64, bins: usize, network: &Network) -> Self {
        let bins = bins.max(1);
        let series = |parts: usize| vec![Vec::with_capacity(bins); parts];
        Self {
            from,
            operations: (network.operations.iter())
                .map(|o| OperationTally::new(o.awaited, o.spared))
                .collect(),
            own: histogram(),
            bins: vec![Bin::default(); bins],
            per_second: bins as f64 / until,
            share: 1.0 / until,
            slices: Slices::new(),
            stations: series(network.stations.len()),
            pools: series(network.pools.len()),
            queues: series(network.queues.len()),
        }
    }

    #[inline]
    fn bin(&mut self, t: f64) -> &mut Bin {
        let last = self.bins.len() - 1;
        &mut self.bins[((t * self.per_second) as usize).min(last)]
    }

    #[inline]
    pub(crate) fn offered(&mut self, operation: u16, now: f64) {
        let tally = &mut self.operations[usize::from(operation)];
        tally.offered += u64::from(now >= self.from);
        let (awaited, spared) = (tally.awaited, u64::from(tally.spared));
        if awaited {
            let bin = self.bin(now);
            bin.offered += 1;
            bin.spared.0 += spared;
        }
    }

    #[inline]
    pub(crate) fn attempt(&mut self, operation: u16, now: f64) {
        if self.operations[usize::from(operation)].awaited {
            self.bin(now).attempts += 1;
        }
    }

    /// An answer to a request that came and is answered at `(start, now)`. The target is about what it took without
    /// the seconds in systems of others.
    #[inline]
    pub(crate) fn answered(&mut self, operation: u16, (start, now): (f64, f64), outside: f64, target: f64) {
        let took = now - start;
        let own = (took - outside).max(0.0);
        let is_good = own <= target;
        let tally = &mut self.operations[usize::from(operation)];
        let (awaited, spared) = (tally.awaited, tally.spared);
        if start >= self.from {
            tally.answered += 1;
            tally.good += u64::from(is_good);
            tally.sum += took;
            count(&mut tally.times, took);
            if awaited {
                count(&mut self.own, own);
            }
        }
        if awaited {
            self.slices.add(start * self.share, took);
            let bin = self.bin(start);
            bin.answered += 1;
            bin.good += u64::from(is_good);
            bin.spared.1 += u64::from(is_good && spared);
            bin.sum += took;
            bin.longest = bin.longest.max(took);
        }
    }

    pub(crate) fn failed(&mut self, operation: u16, start: f64, cause: Cause) {
        let tally = &mut self.operations[usize::from(operation)];
        tally.failed[cause as usize] += u64::from(start >= self.from);
        if tally.awaited {
            self.bin(start).failed += 1;
        }
    }
}
