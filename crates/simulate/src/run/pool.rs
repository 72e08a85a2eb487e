//! Pools, limiters and risks while they run.

use super::record::StationBin;
use super::task::{Line, Tasks};
use crate::network::{Limiter, Pool};

/// A pool.
pub(crate) struct PoolState {
    pub(crate) size: u32,
    pub(crate) taken: u32,
    pub(crate) waiting: u32,
    limit: u32,
    line: Line,
    /// Integrals at the end of the last bin.
    binned: [f64; 3],
    pub(crate) tally: PoolTally,
}

/// What a pool counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct PoolTally {
    last: f64,
    /// Integrals over time.
    pub(crate) taken: f64,
    pub(crate) waiting: f64,
    pub(crate) size: f64,
    pub(crate) grants: u64,
    pub(crate) wait: f64,
    pub(crate) turned_away: u64,
}

impl PoolTally {
    const fn integrals(&self) -> [f64; 3] {
        [self.taken, self.waiting, self.size]
    }
}

/// What became of asking for one of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Granted,
    Waits,
    TurnedAway,
}

impl PoolState {
    pub(crate) fn new(pool: &Pool) -> Self {
        Self {
            size: pool.size,
            taken: 0,
            waiting: 0,
            limit: pool.queue_limit.unwrap_or(u32::MAX),
            line: Line::EMPTY,
            binned: [0.0; 3],
            tally: PoolTally::default(),
        }
    }

    /// Brings the integrals up to now; call before anything changes.
    pub(crate) fn catch_up(&mut self, now: f64) {
        let passed = now - self.tally.last;
        self.tally.last = now;
        self.tally.taken += passed * f64::from(self.taken.min(self.size));
        self.tally.waiting += passed * f64::from(self.waiting);
        self.tally.size += passed * f64::from(self.size);
    }

    /// A task asks for one.
    pub(crate) fn ask(&mut self, tasks: &mut Tasks, id: u32, now: f64) -> Asked {
        self.catch_up(now);
        if self.taken < self.size {
            self.taken += 1;
            self.tally.grants += 1;
            Asked::Granted
        } else if self.waiting >= self.limit {
            self.tally.turned_away += 1;
            Asked::TurnedAway
        } else {
            self.waiting += 1;
            tasks[id].mark = now;
            self.line.push_back(tasks, id);
            Asked::Waits
        }
    }

    /// One comes back; says who has it now.
    pub(crate) fn give_back(&mut self, tasks: &Tasks, now: f64) -> Option<u32> {
        self.catch_up(now);
        self.taken -= 1;
        self.grant(tasks, now)
    }

    /// Gives a free one to who waits longest.
    pub(crate) fn grant(&mut self, tasks: &Tasks, now: f64) -> Option<u32> {
        if self.taken >= self.size {
            return None;
        }
        let id = self.line.pop(tasks)?;
        self.waiting -= 1;
        self.taken += 1;
        self.tally.grants += 1;
        self.tally.wait += now - tasks[id].mark;
        Some(id)
    }

    /// What happened since the last bin ended, as averages.
    pub(crate) fn bin(&mut self, width: f64) -> StationBin {
        let now = self.tally.integrals();
        let passed = |i: usize| ((now[i] - self.binned[i]) / width) as f32;
        let bin = StationBin { busy: passed(0), waiting: passed(1), servers: passed(2) };
        self.binned = now;
        bin
    }

    /// Starts counting anew.
    pub(crate) fn reset(&mut self, now: f64) {
        let counted = self.tally.integrals();
        self.binned.iter_mut().zip(counted).for_each(|(b, c)| *b -= c);
        self.tally = PoolTally { last: now, ..PoolTally::default() };
    }
}

/// A token bucket.
pub(crate) struct LimiterState {
    pub(crate) rate: f64,
    burst: f64,
    tokens: f64,
    last: f64,
    pub(crate) turned_away: u64,
}

impl LimiterState {
    pub(crate) const fn new(limiter: &Limiter) -> Self {
        Self { rate: limiter.rate, burst: limiter.burst, tokens: limiter.burst, last: 0.0, turned_away: 0 }
    }

    /// Fills up to now.
    pub(crate) fn catch_up(&mut self, now: f64) {
        self.tokens = (self.tokens + (now - self.last) * self.rate).min(self.burst);
        self.last = now;
    }

    /// Takes a token, if there is one.
    pub(crate) fn take(&mut self, now: f64) -> bool {
        self.catch_up(now);
        let has_token = self.tokens >= 1.0;
        if has_token {
            self.tokens -= 1.0;
        } else {
            self.turned_away += 1;
        }
        has_token
    }
}
