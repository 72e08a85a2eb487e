//! Calls while they run: budgets, breakers and throttles shared by all requests, and lanes of timers.

use std::collections::VecDeque;

use rand::RngExt;

use crate::network::{Backoff, Breaker, Call, Jitter};
use crate::random::Stream;

/// What all requests of a call share.
pub(crate) struct CallState {
    pub(crate) timeout_lane: Option<u32>,
    pub(crate) hedge_lane: Option<u32>,
    tokens: f64,
    breaker: Option<BreakerState>,
    throttle: Option<Throttle>,
    pub(crate) tally: CallTally,
}

/// What a call counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallTally {
    pub(crate) requests: u64,
    pub(crate) attempts: u64,
    pub(crate) hedges: u64,
    pub(crate) timeouts: u64,
    pub(crate) failures: u64,
    pub(crate) refused: u64,
}

impl CallState {
    pub(crate) fn new(call: &Call) -> Self {
        Self {
            timeout_lane: None,
            hedge_lane: None,
            tokens: call.budget.map_or(0.0, |b| b.cap),
            breaker: call.breaker.map(BreakerState::new),
            throttle: call.throttle.map(Throttle::new),
            tally: CallTally::default(),
        }
    }

    /// A request begins.
    pub(crate) fn begin(&mut self, call: &Call) {
        self.tally.requests += 1;
        if let Some(budget) = call.budget {
            self.tokens = (self.tokens + budget.per_request).min(budget.cap);
        }
    }

    /// Whether an attempt may go out.
    pub(crate) fn admits(&mut self, now: f64, stream: &mut Stream) -> bool {
        let open = self.breaker.as_mut().is_some_and(|b| !b.admits(now));
        let refused = open || self.throttle.as_mut().is_some_and(|t| !t.admits(now, stream));
        self.tally.refused += u64::from(refused);
        !refused
    }

    /// An attempt succeeded.
    pub(crate) fn succeeded(&mut self, call: &Call, now: f64) {
        if let Some(budget) = call.budget {
            self.tokens = (self.tokens + budget.per_success).min(budget.cap);
        }
        self.note(true, now);
    }

    /// An attempt failed or took too long.
    pub(crate) fn failed(&mut self, now: f64) {
        self.tally.failures += 1;
        self.note(false, now);
    }

    fn note(&mut self, fine: bool, now: f64) {
        if let Some(breaker) = &mut self.breaker {
            breaker.note(fine, now);
        }
        if let Some(throttle) = &mut self.throttle {
            throttle.note(fine, now);
        }
    }

    /// Pays for a retry, if the budget allows one.
    pub(crate) fn pays(&mut self, call: &Call) -> bool {
        if call.budget.is_none() {
            return true;
        }
        let has_token = self.tokens >= 1.0;
        if has_token {
            self.tokens -= 1.0;
        }
        has_token
    }
}

/// Seconds before retry number `attempt`, counted from one.
pub(crate) fn pause(backoff: &Backoff, attempt: u16, stream: &mut Stream) -> f64 {
    let whole = (backoff.base * backoff.factor.powi(i32::from(attempt) - 1)).min(backoff.cap);
    if whole <= 0.0 {
        return 0.0;
    }
    match backoff.jitter {
        Jitter::None => whole,
        Jitter::Full => whole * stream.random::<f64>(),
        Jitter::Equal => whole * (0.5 + 0.5 * stream.random::<f64>()),
    }
}

/// Slices of a window in which outcomes are counted.
const SLICES: usize = 20;

/// Outcomes of the last seconds, in slices: memory does not grow with the load.
struct Recent {
    width: f64,
    slices: [(u32, u32); SLICES],
    /// Number of the newest slice since the beginning of time.
    newest: u64,
    good: u32,
    bad: u32,
}

impl Recent {
    fn new(window: f64) -> Self {
        let width = (window / SLICES as f64).max(1e-6);
        Self { width, slices: [(0, 0); SLICES], newest: 0, good: 0, bad: 0 }
    }

    /// Forgets what is older than the window.
    fn catch_up(&mut self, now: f64) {
        let current = (now / self.width) as u64;
        for _ in 0..(current.saturating_sub(self.newest)).min(SLICES as u64) {
            self.newest += 1;
            let slice = &mut self.slices[self.newest as usize % SLICES];
            self.good -= slice.0;
            self.bad -= slice.1;
            *slice = (0, 0);
        }
        self.newest = current;
    }

    fn note(&mut self, fine: bool, now: f64) {
        self.catch_up(now);
        let slice = &mut self.slices[self.newest as usize % SLICES];
        slice.0 += u32::from(fine);
        slice.1 += u32::from(!fine);
        self.good += u32::from(fine);
        self.bad += u32::from(!fine);
    }

    fn clear(&mut self) {
        self.slices = [(0, 0); SLICES];
        (self.good, self.bad) = (0, 0);
    }
}

/// A circuit breaker.
struct BreakerState {
    settings: Breaker,
    recent: Recent,
    mode: Mode,
    opens_until: f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Closed,
    Open,
    /// One attempt is out to see whether it works again.
    Probing,
}

impl BreakerState {
    fn new(settings: Breaker) -> Self {
        Self { settings, recent: Recent::new(settings.window), mode: Mode::Closed, opens_until: 0.0 }
    }

    fn admits(&mut self, now: f64) -> bool {
        match self.mode {
            Mode::Closed => true,
            Mode::Open if now >= self.opens_until => {
                self.mode = Mode::Probing;
                true
            }
            Mode::Open | Mode::Probing => false,
        }
    }

    fn note(&mut self, fine: bool, now: f64) {
        self.recent.note(fine, now);
        let (bad, all) = (self.recent.bad, self.recent.bad + self.recent.good);
        let is_bad =
            all >= self.settings.minimum && f64::from(bad) > self.settings.threshold * f64::from(all);
        match (self.mode, fine) {
            (Mode::Probing, true) => {
                self.mode = Mode::Closed;
                self.recent.clear();
            }
            (Mode::Probing, false) => self.open(now),
            (Mode::Closed, _) if is_bad => self.open(now),
            (Mode::Closed | Mode::Open, _) => {}
        }
    }

    fn open(&mut self, now: f64) {
        self.mode = Mode::Open;
        self.opens_until = now + self.settings.sleep;
    }
}

/// Client-side adaptive throttling over two minutes.
///
/// Source: Google, Site Reliability Engineering (2016), chapter 21: reject locally with probability
/// `max(0, (requests - K accepts) / (requests + 1))`.
struct Throttle {
    k: f64,
    requests: Recent,
    accepts: Recent,
}

/// Seconds over which a throttle counts.
const THROTTLE_WINDOW: f64 = 120.0;

impl Throttle {
    fn new(k: f64) -> Self {
        Self { k, requests: Recent::new(THROTTLE_WINDOW), accepts: Recent::new(THROTTLE_WINDOW) }
    }

    fn admits(&mut self, now: f64, stream: &mut Stream) -> bool {
        self.requests.catch_up(now);
        self.accepts.catch_up(now);
        let (requests, accepts) = (f64::from(self.requests.good), f64::from(self.accepts.good));
        let rejects = ((requests - self.k * accepts) / (requests + 1.0)).max(0.0);
        self.requests.note(true, now);
        rejects <= 0.0 || stream.random::<f64>() >= rejects
    }

    fn note(&mut self, fine: bool, now: f64) {
        if fine {
            self.accepts.note(true, now);
        }
    }
}

/// Timers of the same length. They are due in the order in which they were set, so a queue holds them, and only
/// the first one stands in the event list; most are void before they are due and cost no event.
pub(crate) struct Lane {
    pub(crate) length: f64,
    pub(crate) action: Action,
    timers: VecDeque<Timer>,
    is_armed: bool,
}

/// What a timer does to its call, or its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    TimeOut,
    Hedge,
    Redeliver,
}

/// A timer of a task in one of its epochs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timer {
    pub(crate) due: f64,
    pub(crate) task: u32,
    pub(crate) epoch: u32,
}

impl Lane {
    pub(crate) const fn new(length: f64, action: Action) -> Self {
        Self { length, action, timers: VecDeque::new(), is_armed: false }
    }

    /// Sets a timer; says when the lane wants to be woken, if it is not yet.
    #[inline]
    pub(crate) fn set(&mut self, now: f64, task: u32, epoch: u32) -> Option<f64> {
        let due = now + self.length;
        self.timers.push_back(Timer { due, task, epoch });
        let wakes = !self.is_armed;
        self.is_armed = true;
        wakes.then_some(due)
    }

    /// The next timer that is due, and void ones before it out of the way; or when to look again.
    pub(crate) fn next(&mut self, now: f64, is_current: impl Fn(&Timer) -> bool) -> Next {
        while let Some(timer) = self.timers.front().copied() {
            let counts = is_current(&timer);
            if counts && timer.due > now {
                return Next::At(timer.due);
            }
            self.timers.pop_front();
            if counts {
                return Next::Due(timer);
            }
        }
        self.is_armed = false;
        Next::Nothing
    }
}

/// What a lane has next.
pub(crate) enum Next {
    Due(Timer),
    At(f64),
    Nothing,
}
