//! Independent replications in parallel, and what they say together.

use rayon::prelude::*;

use crate::gather::Gathered;
use crate::network::Network;
use crate::outcome::Outcome;
use crate::program::{NetworkError, Program};
use crate::run::{Bin, Course, Engine, Finished};
use crate::statistics::warm_up_length;
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
/// Replications that run before they are put together: what they wrote down is in memory until then. Any number
/// gives the same result, because they are put together in their order.
const AT_ONCE: usize = 16;
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
    let mut gathered = Gathered::new(network, run, warm_up);
    let replicate = |from: u32, to: u32, gathered: &mut Gathered| {
        for first in (from..to).step_by(AT_ONCE) {
            let some = first..to.min(first + AT_ONCE as u32);
            let ended: Vec<Option<Finished>> =
                some.into_par_iter().map(|r| Engine::new(&program, course(r), watch).run()).collect();
            ended.into_iter().flatten().for_each(|finished| gathered.add(finished));
        }
    };
    replicate(0, run.replications.max(1), &mut gathered);
    while let Some(precision) = run.precision {
        let (count, mean) = (gathered.count(), gathered.overall_mean());
        if count >= run.most_replications
            || watch.is_stopped()
            || mean.half_width(LEVEL) <= precision * mean.value.abs()
        {
            break;
        }
        replicate(count, (2 * count).min(run.most_replications), &mut gathered);
    }
    Ok((gathered.count() > 0).then(|| gathered.outcome(watch.is_stopped())))
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
