//! Caches while they run: exact by key, so that hit ratios follow what was filled and what expired.

use rand::RngExt;

use super::task::{Line, NONE, Tasks};
use crate::network::Cache;
use crate::random::Stream;

/// What a look into a cache gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Hit,
    /// Nothing there: fetch it.
    Miss,
    /// Somebody fetches it already.
    Wait,
}

/// A cache.
pub(crate) struct CacheState {
    ttl: f64,
    coalesces: bool,
    pub(crate) fills_late: bool,
    pub(crate) is_up: bool,
    /// Until when the entry of a key is valid; zero when there is none.
    valid_until: Vec<f64>,
    /// Order of use, where entries are limited.
    order: Option<Order>,
    /// Who fetches a key, and who waits for it. Empty when fetches are not shared.
    fetching: Vec<u32>,
    waiting: Vec<Line>,
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    /// Looks that waited for somebody else's fetch.
    pub(crate) shared: u64,
}

impl CacheState {
    pub(crate) fn new(cache: &Cache, stream: &mut Stream) -> Self {
        let keys = cache.keys as usize;
        let ttl = cache.ttl.unwrap_or(f64::INFINITY);
        let coalesced = if cache.coalesce { keys } else { 0 };
        let mut state = Self {
            ttl,
            coalesces: cache.coalesce,
            fills_late: cache.late_fill,
            is_up: true,
            valid_until: vec![0.0; keys],
            order: cache.capacity.filter(|c| *c < cache.keys).map(|c| Order::new(keys, c.max(1))),
            fetching: vec![NONE; coalesced],
            waiting: vec![Line::EMPTY; coalesced],
            hits: 0,
            misses: 0,
            shared: 0,
        };
        if cache.warm {
            state.warm_up(stream);
        }
        state
    }

    /// Fills it with entries of all ages, the most popular keys first where entries are limited.
    fn warm_up(&mut self, stream: &mut Stream) {
        let fit = self.order.as_ref().map_or(self.valid_until.len(), |o| o.capacity as usize);
        for key in (0..fit).rev() {
            let left = if self.ttl.is_finite() { stream.random::<f64>() * self.ttl } else { f64::INFINITY };
            self.valid_until[key] = left;
            if let Some(order) = &mut self.order {
                order.touch(key as u32);
            }
        }
    }

    /// The key as this cache counts them.
    fn place(&self, key: u32) -> usize {
        key as usize % self.valid_until.len()
    }

    /// A task looks for a key.
    pub(crate) fn look(&mut self, tasks: &mut Tasks, id: u32, now: f64) -> Look {
        let place = self.place(tasks[id].key);
        if self.is_up && self.valid_until[place] > now {
            self.hits += 1;
            if let Some(order) = &mut self.order {
                order.touch(place as u32);
            }
            return Look::Hit;
        }
        if self.is_up && self.coalesces {
            if self.fetching[place] != NONE {
                self.shared += 1;
                self.waiting[place].push_back(tasks, id);
                return Look::Wait;
            }
            self.fetching[place] = id;
        }
        self.misses += 1;
        Look::Miss
    }

    /// A fetched key comes in; `counts` is false when it comes too late to be kept.
    pub(crate) fn fill(&mut self, key: u32, counts: bool, now: f64) {
        if !counts || !self.is_up {
            return;
        }
        let place = self.place(key);
        if let Some(order) = &mut self.order
            && let Some(gone) = order.touch(place as u32)
        {
            self.valid_until[gone as usize] = 0.0;
        }
        self.valid_until[place] = now + self.ttl;
    }

    /// A fetch of a task is over, one way or the other: takes one of those who waited for it.
    pub(crate) fn release(&mut self, tasks: &Tasks, id: u32) -> Option<u32> {
        let place = self.place(tasks[id].key);
        if self.fetching.get(place) != Some(&id) {
            return None;
        }
        let next = self.waiting[place].pop(tasks);
        if next.is_none() {
            self.fetching[place] = NONE;
        }
        next
    }

    /// Forgets everything.
    pub(crate) fn flush(&mut self) {
        self.valid_until.fill(0.0);
    }
}

/// Keys in the order of their use.
struct Order {
    before: Vec<u32>,
    after: Vec<u32>,
    newest: u32,
    oldest: u32,
    held: u32,
    capacity: u32,
}

/// The neighbour of a key that is not in the order.
const OUTSIDE: u32 = u32::MAX - 1;

impl Order {
    fn new(keys: usize, capacity: u32) -> Self {
        Self {
            before: vec![OUTSIDE; keys],
            after: vec![OUTSIDE; keys],
            newest: NONE,
            oldest: NONE,
            held: 0,
            capacity,
        }
    }

    /// Makes a key the newest; says which one had to go for it.
    fn touch(&mut self, key: u32) -> Option<u32> {
        if self.newest == key {
            return None;
        }
        let is_new = self.before[key as usize] == OUTSIDE;
        if is_new {
            self.held += 1;
        } else {
            self.unlink(key);
        }
        self.before[key as usize] = NONE;
        self.after[key as usize] = self.newest;
        if self.newest == NONE {
            self.oldest = key;
        } else {
            self.before[self.newest as usize] = key;
        }
        self.newest = key;
        if self.held <= self.capacity {
            return None;
        }
        let gone = self.oldest;
        self.unlink(gone);
        (self.before[gone as usize], self.after[gone as usize]) = (OUTSIDE, OUTSIDE);
        self.held -= 1;
        Some(gone)
    }

    fn unlink(&mut self, key: u32) {
        let (before, after) = (self.before[key as usize], self.after[key as usize]);
        if before == NONE {
            self.newest = after;
        } else {
            self.after[before as usize] = after;
        }
        if after == NONE {
            self.oldest = before;
        } else {
            self.before[after as usize] = before;
        }
    }
}
