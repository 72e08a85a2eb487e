//! What came of a simulation.

use hdrhistogram::Histogram;

use crate::run::RESOLUTION;
use crate::statistics::Estimate;

/// Why a request got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Its caller gave up.
    TimedOut,
    /// A queue or pool was full.
    QueueFull,
    /// A breaker was open, or the caller throttled itself.
    Refused,
    /// A limiter had no token.
    RateLimited,
    /// Something failed.
    Fault,
    /// Nobody waited any more when its turn came, or it lost patience.
    Expired,
    /// More requests were on their way than the simulation holds.
    TooManyOpen,
}

impl Cause {
    /// Number of causes.
    pub(crate) const COUNT: usize = 7;

    /// Every cause.
    pub const ALL: [Self; Self::COUNT] = [
        Self::TimedOut,
        Self::QueueFull,
        Self::Refused,
        Self::RateLimited,
        Self::Fault,
        Self::Expired,
        Self::TooManyOpen,
    ];

    /// The cause in a few words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::TimedOut => "timed out",
            Self::QueueFull => "queue full",
            Self::Refused => "refused by breaker or throttle",
            Self::RateLimited => "rate limited",
            Self::Fault => "fault",
            Self::Expired => "expired in a queue",
            Self::TooManyOpen => "too many requests open",
        }
    }
}

/// What came of all replications. Rates are per second, times in seconds; the warm-up is left out everywhere but
/// in [`Outcome::series`] and [`Outcome::windows`].
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Replications that ran.
    pub replications: u32,
    /// Whether it was stopped before all that were asked for had run.
    pub partial: bool,
    /// Seconds of each, warm-up included.
    pub horizon: f64,
    /// Seconds of each that were left out.
    pub warm_up: f64,
    /// Events handled in all of them.
    pub events: u64,
    /// Requests still on their way at the end, mean.
    pub unfinished: Estimate,
    /// All operations that somebody waits for.
    pub overall: OperationOutcome,
    /// Median, 95th and 99th percentile of them without the time in systems of others.
    pub own: [Estimate; 3],
    /// By operation, in the order of the network.
    pub operations: Vec<OperationOutcome>,
    /// By station.
    pub stations: Vec<StationOutcome>,
    /// By pool.
    pub pools: Vec<PoolOutcome>,
    /// By call.
    pub calls: Vec<CallOutcome>,
    /// By cache.
    pub caches: Vec<CacheOutcome>,
    /// By limiter: requests turned away each second.
    pub limited: Vec<Estimate>,
    /// By queue of messages.
    pub queues: Vec<QueueOutcome>,
    /// By replicas.
    pub replicas: Vec<ReplicasOutcome>,
    /// By window of the run.
    pub windows: Vec<Window>,
    /// Over time.
    pub series: Series,
}

/// What came of an operation.
#[derive(Clone, Debug)]
pub struct OperationOutcome {
    /// Its name.
    pub name: String,
    /// Requests a second.
    pub offered: Estimate,
    /// Answers a second.
    pub throughput: Estimate,
    /// Share of requests answered within the target.
    pub good: Estimate,
    /// Mean response time of answers.
    pub mean: Estimate,
    /// Median.
    pub p50: Estimate,
    /// 95th percentile.
    pub p95: Estimate,
    /// 99th percentile.
    pub p99: Estimate,
    /// Share of requests that failed, by cause; only causes that occurred.
    pub failed: Vec<(Cause, Estimate)>,
    /// Response times of all replications.
    pub(crate) times: Histogram<u32>,
}

impl OperationOutcome {
    /// A quantile of the response times of all replications, in seconds; not a number without answers.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        quantile(&self.times, p)
    }

    /// Share of answers that took longer than `seconds`.
    #[must_use]
    pub fn slower_than(&self, seconds: f64) -> f64 {
        let units = (seconds / RESOLUTION) as u64;
        1.0 - self.times.quantile_below(units)
    }
}

/// A quantile of a histogram in seconds: three significant digits.
pub(crate) fn quantile(times: &Histogram<u32>, p: f64) -> f64 {
    if times.is_empty() {
        return f64::NAN;
    }
    let highest = times.value_at_quantile(p);
    // The middle of the values that the histogram does not tell apart.
    0.5 * (times.lowest_equivalent(highest) as f64 + highest as f64) * RESOLUTION
}

/// What came of a station.
#[derive(Clone, Debug)]
pub struct StationOutcome {
    /// Its name.
    pub name: String,
    /// Busy share of its servers.
    pub utilisation: Estimate,
    /// Visits served a second.
    pub throughput: Estimate,
    /// Mean number waiting or served.
    pub inside: Estimate,
    /// Mean wait of a visit whose service began.
    pub wait: Estimate,
    /// Share of visits that had to wait.
    pub waited: Estimate,
    /// Share of visits turned away at a full queue.
    pub turned_away: Estimate,
    /// Share of visits dropped before they were served.
    pub dropped: Estimate,
    /// When it was busy all the time first, in seconds; not a number when never.
    pub saturated_at: Estimate,
}

/// What came of a pool.
#[derive(Clone, Debug)]
pub struct PoolOutcome {
    /// Its name.
    pub name: String,
    /// Share that was taken.
    pub utilisation: Estimate,
    /// Mean number waiting for one.
    pub waiting: Estimate,
    /// Mean wait for one.
    pub wait: Estimate,
    /// Requests turned away a second.
    pub turned_away: Estimate,
    /// When all were taken all the time first, in seconds; not a number when never.
    pub saturated_at: Estimate,
}

/// What came of a call.
#[derive(Clone, Debug)]
pub struct CallOutcome {
    /// Its name.
    pub name: String,
    /// Attempts for each request.
    pub attempts: Estimate,
    /// Share of attempts that timed out.
    pub timed_out: Estimate,
    /// Share of attempts that failed, time-outs included.
    pub failed: Estimate,
    /// Share of attempts that were hedges.
    pub hedged: Estimate,
    /// Refused by breaker or throttle for each request.
    pub refused: Estimate,
}

/// What came of a cache.
#[derive(Clone, Debug)]
pub struct CacheOutcome {
    /// Its name.
    pub name: String,
    /// Share of looks that hit.
    pub hits: Estimate,
    /// Share of looks that waited for somebody else's fetch.
    pub shared: Estimate,
}

/// What came of a queue of messages.
#[derive(Clone, Debug)]
pub struct QueueOutcome {
    /// Its name.
    pub name: String,
    /// Messages published a second.
    pub published: Estimate,
    /// Messages finished a second.
    pub finished: Estimate,
    /// Consumer lag in messages: mean number that waits to be delivered.
    pub waiting: Estimate,
    /// Most that waited.
    pub most: Estimate,
    /// Consumer lag in time: mean from publishing until a message was finished, seconds.
    pub lag: Estimate,
    /// The longest.
    pub longest_lag: Estimate,
    /// Busy share of its consumers.
    pub busy: Estimate,
    /// Share of deliveries that were not the first of their message.
    pub redelivered: Estimate,
    /// Share of messages that were put aside as dead letters.
    pub dead: Estimate,
    /// Share of messages refused because the queue was full.
    pub refused: Estimate,
    /// Publishers held back a second because the queue was full.
    pub held: Estimate,
}

/// What came of copies of a store.
#[derive(Clone, Debug)]
pub struct ReplicasOutcome {
    /// Their name.
    pub name: String,
    /// Share of reads that did not see the last write of their key.
    pub stale: Estimate,
    /// Share of reads that went to the leader.
    pub led: Estimate,
    /// Mean time from a write until a copy had applied it, seconds.
    pub lag: Estimate,
    /// The longest.
    pub longest_lag: Estimate,
    /// Writes that a new leader did not have.
    pub lost: Estimate,
}

/// What came of a stretch of time: requests that came in it, of operations that somebody waits for.
#[derive(Clone, Debug)]
pub struct Window {
    /// Its name.
    pub name: String,
    /// Share of requests answered within the target.
    pub good: Estimate,
    /// The same of requests that need nothing of what is struck.
    pub spared: Estimate,
    /// Attempts of requests' own calls for each request.
    pub attempts: Estimate,
    /// Mean response time of answers, seconds.
    pub mean: Estimate,
}

/// How things went over time: means over replications, bin by bin.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// Seconds of a bin.
    pub width: f64,
    /// Requests a second that came in the bin.
    pub offered: Vec<f64>,
    /// Of those, answered within the target, a second.
    pub good: Vec<f64>,
    /// Of those, failed, a second.
    pub failed: Vec<f64>,
    /// Attempts of requests' own calls a second.
    pub attempts: Vec<f64>,
    /// Mean response time of requests that came in the bin, seconds.
    pub mean: Vec<f64>,
    /// The longest.
    pub longest: Vec<f64>,
    /// Seconds of a slice: quantiles need more requests than a bin has.
    pub slice: f64,
    /// Median, 95th and 99th percentile of what somebody waits for, by the slice it came in, in seconds, within
    /// three per cent; not a number where nothing was answered.
    pub quantiles: Vec<[f64; 3]>,
    /// By station: busy servers, visits waiting, servers.
    pub stations: Vec<Vec<(f64, f64, f64)>>,
    /// By pool: taken, waiting, size.
    pub pools: Vec<Vec<(f64, f64, f64)>>,
    /// By queue of messages: busy consumers, messages waiting to be delivered (consumer lag), consumers.
    pub queues: Vec<Vec<(f64, f64, f64)>>,
}

impl Series {
    /// Seconds from `from` (when a disturbance began) until the share of good requests is back at `share` of what
    /// it was before and stays there for `calm` seconds and to the end; none when it does not come back. The last
    /// fiftieth of the run is left out: requests that came in it had no time to be answered.
    #[must_use]
    pub fn recovery(&self, from: f64, share: f64, calm: f64) -> Option<f64> {
        let end = self.good.len() - (self.good.len() / 50).max(1).min(self.good.len());
        let first = ((from / self.width) as usize).min(end);
        let ratio = |range: std::ops::Range<usize>| {
            let offered: f64 = self.offered[range.clone()].iter().sum();
            if offered > 0.0 { self.good[range].iter().sum::<f64>() / offered } else { 1.0 }
        };
        let wanted = share * if first > 0 { ratio(0..first) } else { 1.0 };
        let length = ((calm / self.width).ceil() as usize).max(1);
        // A bin of few requests is bad for one of them: the calm seconds that begin with it have to be, too.
        let is_bad = |i: &usize| ratio(*i..i + 1) < wanted && ratio(*i..(i + length).min(end)) < wanted;
        let Some(last_bad) = (first..end).rev().find(is_bad) else { return Some(0.0) };
        (last_bad + 1 + length <= end).then(|| (last_bad + 1) as f64 * self.width - from)
    }
}
