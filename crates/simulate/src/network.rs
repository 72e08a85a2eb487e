//! What is simulated: what there is, what is asked of it, and what happens to it.
//!
//! Parts refer to each other by their index in the lists of a [`Network`]. Times are seconds.

use crate::distribution::Distribution;
use crate::parts::{Link, Queue, Replicas};

/// A system under load. [`Network::default`] is empty; push parts and refer to them by index.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Where work is done: servers with a queue.
    pub stations: Vec<Station>,
    /// What is held while other work goes on: connections, threads, places.
    pub pools: Vec<Pool>,
    /// How callers behave: time-outs, retries, breakers, hedging.
    pub calls: Vec<Call>,
    /// Caches.
    pub caches: Vec<Cache>,
    /// Rate limits.
    pub limiters: Vec<Limiter>,
    /// Chances that something fails at once, which changes can raise: links, dependencies.
    pub risks: Vec<f64>,
    /// Times that changes can stretch: the way between zones, a system of somebody else's.
    pub delays: Vec<Distribution>,
    /// Those of them that are spent in systems of others: a target is about the rest of a response.
    pub outside: Vec<usize>,
    /// Queues of messages.
    pub queues: Vec<Queue>,
    /// Copies that lag behind.
    pub replicas: Vec<Replicas>,
    /// Ways between parts that changes can cut.
    pub links: Vec<Link>,
    /// What can be asked for.
    pub operations: Vec<Operation>,
    /// Who asks.
    pub sources: Vec<Source>,
    /// What adds and removes servers by itself.
    pub autoscalers: Vec<Autoscaler>,
    /// What happens, at which time.
    pub changes: Vec<Change>,
}

/// In which order a station takes waiting work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Discipline {
    /// First come, first served.
    #[default]
    Fifo,
    /// Last come, first served (work that has begun is finished).
    Lifo,
    /// By the operation's priority, then first come; work that has begun is finished.
    Priority,
    /// By the operation's priority; more important work interrupts, and what was interrupted goes on later
    /// from where it was.
    Preemptive,
    /// All work shares the servers equally; none of it uses more than one.
    Sharing,
}

/// Servers with a queue in front of them.
#[derive(Clone, Debug)]
pub struct Station {
    /// What it is called.
    pub name: String,
    /// How many visits it serves at the same time.
    pub servers: u32,
    /// Speed of a server: a visit of demand `d` takes `d / speed` seconds.
    pub speed: f64,
    /// Order of service.
    pub discipline: Discipline,
    /// Visits that may wait; more are turned away. Absent means any number.
    pub queue_limit: Option<u32>,
    /// Visits that may wait for each server there is at the moment; more are turned away.
    pub queue_each: Option<f64>,
    /// Load shedding: by priority, the most important first, how many may wait when a visit of that priority is
    /// turned away. Priorities beyond the list are shed like the last of it; empty means nothing is shed.
    pub shed: Vec<u32>,
    /// Whether work that nobody waits for any more (its caller's time-out is over) is dropped, without being
    /// served, when its turn comes.
    pub drop_expired: bool,
    /// How long a visit stays in the queue before it is given up; absent means for ever.
    pub patience: Option<Distribution>,
}

impl Station {
    /// A station that serves `servers` visits at the same time, first come first served, with any queue.
    #[must_use]
    pub fn new(name: &str, servers: u32) -> Self {
        Self {
            name: name.to_owned(),
            servers,
            speed: 1.0,
            discipline: Discipline::Fifo,
            queue_limit: None,
            queue_each: None,
            shed: Vec::new(),
            drop_expired: false,
            patience: None,
        }
    }
}

/// Things that are held while other work goes on: connections, threads, places in a process.
#[derive(Clone, Debug)]
pub struct Pool {
    /// What it is called.
    pub name: String,
    /// How many there are.
    pub size: u32,
    /// Requests that may wait for one; more are turned away (zero makes a bulkhead). Absent means any number.
    pub queue_limit: Option<u32>,
}

/// How a caller behaves.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// What it is called.
    pub name: String,
    /// How long an attempt is waited for; what was called goes on working all the same.
    pub timeout: Option<f64>,
    /// How often a failed attempt is repeated.
    pub retries: u32,
    /// How long it waits before it repeats.
    pub backoff: Backoff,
    /// What limits repeats over all requests.
    pub budget: Option<Budget>,
    /// When it stops calling for a while.
    pub breaker: Option<Breaker>,
    /// After this time without an answer a second attempt starts; the first answer counts.
    pub hedge_after: Option<f64>,
    /// Rejects locally what exceeds this many times the accepted calls (client-side adaptive throttling).
    pub throttle: Option<f64>,
    /// Whether what is called learns the caller's own deadline too, when that is nearer.
    pub propagates_deadline: bool,
}

/// How long a caller waits before it repeats: `base * factor^(n - 1)` seconds before the n-th retry, at most `cap`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// Before the first retry, seconds.
    pub base: f64,
    /// Growth from one retry to the next.
    pub factor: f64,
    /// At most, seconds.
    pub cap: f64,
    /// How it is spread.
    pub jitter: Jitter,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: 0.0, factor: 2.0, cap: f64::INFINITY, jitter: Jitter::Full }
    }
}

/// How back-off is spread over callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// Not at all.
    None,
    /// Anything from nothing to the whole time.
    Full,
    /// Anything from half to the whole time.
    Equal,
}

/// A bucket of tokens that all retries of a call are paid from, one each. It starts full.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Tokens that a success adds.
    pub per_success: f64,
    /// Tokens that a request adds.
    pub per_request: f64,
    /// Most tokens.
    pub cap: f64,
}

/// Stops calling when too much fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breaker {
    /// Over how long outcomes are counted, seconds.
    pub window: f64,
    /// Share of failures above which it opens.
    pub threshold: f64,
    /// Outcomes it wants to see before it opens.
    pub minimum: u32,
    /// How long it stays open before it lets one attempt through, seconds.
    pub sleep: f64,
}

/// A cache in front of something. Keys are those of the operation that looks.
#[derive(Clone, Debug)]
pub struct Cache {
    /// What it is called.
    pub name: String,
    /// Number of different keys.
    pub keys: u32,
    /// How long an entry is valid, seconds; absent means for ever.
    pub ttl: Option<f64>,
    /// Entries it holds; the least recently used goes first. Absent means all.
    pub capacity: Option<u32>,
    /// Whether a reply that comes after its caller's time-out still fills it.
    pub late_fill: bool,
    /// Whether one fetch at a time goes out for a key, and others wait for it.
    pub coalesce: bool,
    /// Whether it starts filled.
    pub warm: bool,
}

/// A token bucket: `rate` tokens a second, at most `burst`; a request without a token is turned away.
#[derive(Clone, Debug)]
pub struct Limiter {
    /// What it is called.
    pub name: String,
    /// Tokens a second.
    pub rate: f64,
    /// Most tokens.
    pub burst: f64,
}

/// Which keys an operation asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Keys {
    /// All alike.
    Uniform(u32),
    /// Zipf's law: the k-th most popular of `count` keys with weight `1 / k^exponent`.
    Zipf {
        /// Number of keys.
        count: u32,
        /// Exponent; zero is uniform.
        exponent: f64,
    },
    /// With these weights.
    Weights(Vec<f64>),
}

/// Something that can be asked for.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What it is called.
    pub name: String,
    /// What it does.
    pub steps: Vec<Step>,
    /// Priority at stations and pools that look at it; zero is the most important, seven the least.
    pub priority: u8,
    /// Within how many seconds an answer is worth something; absent means always.
    pub target: Option<f64>,
    /// Which key it asks for.
    pub keys: Option<Keys>,
    /// Whether somebody waits for it, so that its response time counts in the overall one.
    pub awaited: bool,
    /// Whether it needs nothing of what happens to be struck: such requests are told apart in windows.
    pub spared: bool,
}

impl Operation {
    /// An operation that somebody waits for, without target, keys and priority.
    #[must_use]
    pub fn new(name: &str, steps: Vec<Step>) -> Self {
        Self {
            name: name.to_owned(),
            steps,
            priority: 0,
            target: None,
            keys: None,
            awaited: true,
            spared: false,
        }
    }
}

/// Which of several stations is visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balance {
    /// Any.
    Random,
    /// One after the other.
    RoundRobin,
    /// The one with the least work.
    LeastLoaded,
    /// The better of two that are picked at random.
    TwoChoices,
    /// Any; the n-th retry goes to the n-th.
    RetriesInTurn,
    /// The one that the key belongs to.
    ByKey,
}

/// What an operation does.
#[derive(Clone, Debug)]
pub enum Step {
    /// Waits for a server of a station and is served for this demand.
    Visit {
        /// The station.
        station: usize,
        /// Demand.
        demand: Distribution,
    },
    /// The same at one of several stations.
    Balanced {
        /// The stations.
        stations: Vec<usize>,
        /// Which of them.
        balance: Balance,
        /// Demand.
        demand: Distribution,
    },
    /// Time that nothing is busy.
    Wait(Distribution),
    /// Time from [`Network::delays`], which changes can stretch.
    Delay(usize),
    /// Branches side by side; goes on when `need` of them have succeeded, and fails when that cannot be any more.
    Fork {
        /// What is done side by side.
        branches: Vec<Vec<Self>>,
        /// How many have to succeed.
        need: usize,
    },
    /// One of these, with these probabilities; with what is left, nothing.
    Choose(Vec<(f64, Vec<Self>)>),
    /// These steps, and with this probability again, and so on.
    Again {
        /// Probability of another round.
        probability: f64,
        /// The steps of a round.
        steps: Vec<Self>,
    },
    /// Work that goes on by itself; the operation does not wait.
    Detach(Vec<Self>),
    /// These steps, called the way [`Network::calls`] says.
    Call {
        /// The call.
        call: usize,
        /// What is called.
        steps: Vec<Self>,
    },
    /// These steps while one of a pool is held.
    Hold {
        /// The pool.
        pool: usize,
        /// What is done meanwhile.
        steps: Vec<Self>,
    },
    /// Looks into a cache; on a miss does these steps and fills it.
    Lookup {
        /// The cache.
        cache: usize,
        /// What a miss does.
        miss: Vec<Self>,
    },
    /// Is turned away when a limiter has no token.
    Admit(usize),
    /// Fails at once, with a probability of [`Network::risks`].
    Risk(usize),
    /// These steps with a probability of [`Network::risks`]: misses of a cache that changes can empty.
    Sometimes {
        /// The probability.
        risk: usize,
        /// What is done then.
        steps: Vec<Self>,
    },
    /// These steps with a probability of [`Network::risks`], else the others.
    Either {
        /// The probability.
        risk: usize,
        /// What is done then.
        steps: Vec<Self>,
        /// What is done otherwise.
        otherwise: Vec<Self>,
    },
    /// Puts a message on a queue and goes on; a consumer does these steps with it.
    Publish {
        /// The queue.
        queue: usize,
        /// What a consumer does.
        steps: Vec<Self>,
    },
    /// A write of the operation's key is done at the leader and goes to the copies.
    Commit(usize),
    /// A read at one of the copies, the one with the least work; at the leader while the key is pinned to it or no
    /// copy is up.
    Read {
        /// The replicas.
        replicas: usize,
        /// Demand.
        demand: Distribution,
    },
    /// Goes over a link, if it carries.
    Link(usize),
}

impl Step {
    /// A visit.
    #[must_use]
    pub const fn visit(station: usize, demand: Distribution) -> Self {
        Self::Visit { station, demand }
    }
}

/// How a rate goes over time: straight lines between points of (seconds, requests a second).
///
/// Two points at the same time are a jump. Before the first point and after the last the rate stays as there.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile(pub Vec<(f64, f64)>);

impl Profile {
    /// The same rate all the time.
    #[must_use]
    pub fn constant(rate: f64) -> Self {
        Self(vec![(0.0, rate)])
    }

    /// `rate` that swings by `swing` (a share of it) within `period` seconds, lowest at the beginning: a day.
    /// The sine is drawn with 48 straight lines a period, up to `until`.
    #[must_use]
    pub fn diurnal(rate: f64, swing: f64, period: f64, until: f64) -> Self {
        let step = period / 48.0;
        let points = (until / step).ceil().clamp(1.0, 100_000.0) as usize;
        let at = |i: usize| {
            let t = i as f64 * step;
            (t, rate * (1.0 - swing * (std::f64::consts::TAU * t / period).cos()))
        };
        Self((0..=points).map(at).collect())
    }

    /// The same profile times `factor` from `from` to `until`: a flash crowd.
    #[must_use]
    pub fn scaled_between(&self, factor: f64, from: f64, until: f64) -> Self {
        let inside = |t: f64| t >= from && t < until;
        let mut points = Vec::new();
        for &(t, rate) in &self.0 {
            points.push((t, if inside(t) { rate * factor } else { rate }));
        }
        for (t, before, after) in [(from, 1.0, factor), (until, factor, 1.0)] {
            let rate = self.rate(t);
            points.retain(|p| (p.0 - t).abs() > 1e-12);
            let place = points.iter().position(|p| p.0 > t).unwrap_or(points.len());
            points.insert(place, (t, rate * after));
            points.insert(place, (t, rate * before));
        }
        Self(points)
    }

    /// The rate at a time; at a jump, the one after it.
    #[must_use]
    pub fn rate(&self, t: f64) -> f64 {
        let next = self.0.iter().position(|p| p.0 > t).unwrap_or(self.0.len());
        match (next.checked_sub(1).and_then(|i| self.0.get(i)), self.0.get(next)) {
            (Some(a), Some(b)) => a.1 + (b.1 - a.1) * (t - a.0) / (b.0 - a.0),
            (Some(p), None) | (None, Some(p)) => p.1,
            (None, None) => 0.0,
        }
    }
}

/// When requests come.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// From many people who do not wait for each other. Gaps have mean one in units of the rate: exponential
    /// ones make a Poisson process, whatever the profile.
    Open {
        /// The rate.
        profile: Profile,
        /// Gaps, of mean one.
        gaps: Distribution,
        /// Requests that come together each time.
        batch: u32,
    },
    /// From this many users, each of whom thinks before the next request.
    Closed {
        /// Number of users.
        users: u32,
        /// Time between an answer and the next request, seconds.
        think: Distribution,
    },
    /// At these times, in order.
    Trace(Vec<f64>),
}

impl Arrivals {
    /// A Poisson process.
    #[must_use]
    pub fn poisson(rate: f64) -> Self {
        Self::varying(Profile::constant(rate))
    }

    /// A Poisson process whose rate follows a profile.
    #[must_use]
    pub const fn varying(profile: Profile) -> Self {
        Self::Open { profile, gaps: Distribution::Exponential(1.0), batch: 1 }
    }
}

/// Somebody who asks for an operation.
#[derive(Clone, Debug)]
pub struct Source {
    /// The operation.
    pub operation: usize,
    /// When.
    pub arrivals: Arrivals,
}

/// Adds and removes servers of a station by how busy they were.
#[derive(Clone, Debug)]
pub struct Autoscaler {
    /// The station.
    pub station: usize,
    /// Fewest servers.
    pub least: u32,
    /// Most servers.
    pub most: u32,
    /// Servers in one step up or down: those of one copy.
    pub unit: u32,
    /// Utilisation it aims at.
    pub target: f64,
    /// How often it looks, and over how long it averages, seconds.
    pub period: f64,
    /// How old the numbers are that it sees, seconds.
    pub metric_delay: f64,
    /// From the decision until a new copy takes work, seconds.
    pub start_up: f64,
    /// After a change, how long it does not remove, seconds.
    pub cooldown: f64,
}

/// Something that happens.
#[derive(Clone, Debug)]
pub struct Change {
    /// When, seconds.
    pub at: f64,
    /// What.
    pub setting: Setting,
}

/// What a change sets.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// A station has this many servers; what has begun is finished.
    Servers(usize, u32),
    /// A station's servers work at this speed, from the next visit on.
    Speed(usize, f64),
    /// A station stops for this many seconds, in the middle of its work.
    Pause(usize, f64),
    /// A pool has this size.
    Pool(usize, u32),
    /// Something fails with this probability.
    Risk(usize, f64),
    /// A delay takes this many times as long.
    Stretch(usize, f64),
    /// A cache is empty.
    Flush(usize),
    /// A cache answers nothing and keeps nothing (false), or works (true).
    CacheUp(usize, bool),
    /// A limiter has this rate.
    Limit(usize, f64),
    /// So many of a station's servers work this many times as fast as the others, from the next visit on. Work
    /// goes to any free server. Where all work shares or interrupts, the whole station is slower by as much.
    Slow(usize, u32, f64),
    /// A queue has this many consumers; what they have taken is finished.
    Consumers(usize, u32),
    /// A link carries, refuses or hangs.
    Link(usize, Link),
    /// The copy that is furthest takes the leader's place: writes that it has not got are lost.
    Promote(usize),
}
