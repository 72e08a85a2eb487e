//! Scenarios: what happens to a system while it is under load, and what should come of it.
//!
//! A scenario without `system` runs against a blueprint; one with a `system` of its own is complete, such as the
//! published failures that the simulator is held to.

mod demand;
mod parts;
mod time;

use indexmap::IndexMap;
use loadcase_model::Id;
use schemars::JsonSchema;
use serde::Deserialize;

pub use demand::{Demand, Shape};
pub use parts::{LinkSpec, QueueSpec, ReplicasSpec};
pub use time::Time;

/// A scenario: one file under `catalog/scenarios/`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Identifier, equal to the file name.
    pub id: Id,
    /// Name in prose.
    pub name: String,
    /// What happens, and what it shows.
    pub summary: String,
    /// Where it comes from.
    #[serde(default)]
    pub sources: Vec<String>,
    /// How long it is simulated.
    pub length: Time,
    /// What is left out of the figures at the beginning.
    #[serde(default)]
    pub warm_up: Time,
    /// A system of its own; absent when it runs against a blueprint.
    #[serde(default)]
    pub system: Option<System>,
    /// How clients of a blueprint behave: time-out, retries. Where the blueprint says how its own clients try again,
    /// they do so, and only give up as early as this says.
    #[serde(default)]
    pub client: Option<CallSpec>,
    /// Whether clients behave as `client` says whatever the blueprint says.
    #[serde(default)]
    pub stubborn: bool,
    /// How the load of a blueprint changes.
    #[serde(default)]
    pub load: Vec<LoadChange>,
    /// What happens to parts.
    #[serde(default)]
    pub changes: Vec<PartChange>,
    /// Stretches of time to report on, each from when until when.
    #[serde(default)]
    pub windows: IndexMap<String, (Time, Time)>,
    /// What a system should be able to do: in each of these windows, the share of requests that is answered in time.
    #[serde(default)]
    pub holds: IndexMap<String, f64>,
    /// The same of requests that do not need the parts which something happens to: what is left of a system that
    /// degrades gracefully. Of a blueprint only.
    #[serde(default)]
    pub spares: IndexMap<String, f64>,
    /// Whether it is among the few that run when none is named.
    #[serde(default)]
    pub short: bool,
    /// The same with other settings; absent means once as it stands.
    #[serde(default)]
    pub variants: Vec<Variant>,
}

/// A system of a scenario's own. Parts are named here and referred to by name.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// Where work is done.
    #[serde(default)]
    pub stations: IndexMap<String, StationSpec>,
    /// What is held while other work goes on: connections, threads.
    #[serde(default)]
    pub pools: IndexMap<String, PoolSpec>,
    /// How callers behave.
    #[serde(default)]
    pub calls: IndexMap<String, CallSpec>,
    /// Caches.
    #[serde(default)]
    pub caches: IndexMap<String, CacheSpec>,
    /// Rate limits.
    #[serde(default)]
    pub limiters: IndexMap<String, LimiterSpec>,
    /// Chances that something fails at once.
    #[serde(default)]
    pub risks: IndexMap<String, f64>,
    /// Times that changes can stretch.
    #[serde(default)]
    pub delays: IndexMap<String, Demand>,
    /// Queues of messages, with those who consume them.
    #[serde(default)]
    pub queues: IndexMap<String, QueueSpec>,
    /// Copies of a store that answer reads and lag behind.
    #[serde(default)]
    pub replicas: IndexMap<String, ReplicasSpec>,
    /// Ways between parts that changes can cut.
    #[serde(default)]
    pub links: IndexMap<String, LinkSpec>,
    /// What is asked for.
    pub operations: IndexMap<String, OperationSpec>,
    /// How often, by operation.
    pub load: IndexMap<String, LoadSpec>,
    /// What adds and removes servers by itself, by station.
    #[serde(default)]
    pub autoscalers: IndexMap<String, AutoscalerSpec>,
}

/// A station, or what a variant changes of it: what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StationSpec {
    /// Visits served at the same time; one unless said.
    #[serde(default)]
    pub servers: Option<u32>,
    /// Order of service; first come, first served unless said.
    #[serde(default)]
    pub order: Option<Order>,
    /// Visits that may wait; any number unless said.
    #[serde(default)]
    pub queue_limit: Option<u32>,
    /// Load shedding: by priority, the most important first, how many may wait when a visit of that priority is
    /// turned away. Nothing is shed unless said.
    #[serde(default)]
    pub shed: Option<Vec<u32>>,
    /// Whether work whose caller has given up is dropped when its turn comes.
    #[serde(default)]
    pub drop_expired: Option<bool>,
    /// How long work stays in the queue before it is given up; for ever unless said.
    #[serde(default)]
    pub patience: Option<Demand>,
}

/// Order of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// First come, first served.
    Fifo,
    /// Last come, first served.
    Lifo,
    /// By priority of the operation.
    Priority,
    /// By priority of the operation, interrupting.
    Preemptive,
    /// All at once, each slower.
    Shared,
}

/// A pool.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolSpec {
    /// How many there are; one unless said.
    #[serde(default)]
    pub size: Option<u32>,
    /// Requests that may wait for one; any number unless said.
    #[serde(default)]
    pub queue_limit: Option<u32>,
}

/// How a caller behaves, or what a variant changes of it: what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallSpec {
    /// How long an attempt is waited for; for ever unless said.
    #[serde(default)]
    pub timeout: Option<Time>,
    /// How often a failed attempt is repeated; never unless said.
    #[serde(default)]
    pub retries: Option<u32>,
    /// Pause before the first retry; none unless said. It doubles from retry to retry.
    #[serde(default)]
    pub backoff: Option<Time>,
    /// Longest pause before a retry.
    #[serde(default)]
    pub backoff_cap: Option<Time>,
    /// Whether pauses are spread between nothing and their whole length, which they are unless said.
    #[serde(default)]
    pub jitter: Option<bool>,
    /// What pays for retries over all requests; nothing has to unless said.
    #[serde(default)]
    pub budget: Option<BudgetSpec>,
    /// When calls stop for a while; never unless said.
    #[serde(default)]
    pub breaker: Option<BreakerSpec>,
    /// After which time a second attempt starts beside the first; never unless said.
    #[serde(default)]
    pub hedge_after: Option<Time>,
    /// Rejects locally what exceeds this many times the accepted calls; never unless said.
    #[serde(default)]
    pub throttle: Option<f64>,
    /// Whether what is called learns the caller's own deadline.
    #[serde(default)]
    pub propagates_deadline: Option<bool>,
}

/// A bucket of tokens that retries are paid from, one each; it starts full.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetSpec {
    /// Tokens that a success adds.
    #[serde(default)]
    pub per_success: f64,
    /// Tokens that a request adds.
    #[serde(default)]
    pub per_request: f64,
    /// Most tokens.
    pub cap: f64,
}

/// A circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BreakerSpec {
    /// Over how long outcomes are counted.
    pub window: Time,
    /// Share of failures above which it opens.
    pub threshold: f64,
    /// Outcomes it wants to see before it opens.
    #[serde(default = "twenty")]
    pub minimum: u32,
    /// How long it stays open before one attempt may try.
    pub sleep: Time,
}

const fn twenty() -> u32 {
    20
}

/// A cache, or what a variant changes of it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheSpec {
    /// Number of different keys; one unless said.
    #[serde(default)]
    pub keys: Option<u32>,
    /// How long an entry is valid; for ever unless said.
    #[serde(default)]
    pub ttl: Option<Time>,
    /// Entries it holds, the least recently used goes first; all unless said.
    #[serde(default)]
    pub capacity: Option<u32>,
    /// Whether a reply that comes too late for its caller still fills it; it does not unless said.
    #[serde(default)]
    pub late_fill: Option<bool>,
    /// Whether one fetch at a time goes out for a key, and others wait for it.
    #[serde(default)]
    pub coalesce: Option<bool>,
    /// Whether it starts filled; it does unless said.
    #[serde(default)]
    pub warm: Option<bool>,
}

/// A token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimiterSpec {
    /// Tokens a second.
    pub rate_per_s: f64,
    /// Most tokens.
    pub burst: f64,
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationSpec {
    /// Within which time an answer is worth something; always unless said.
    #[serde(default)]
    pub target: Option<Time>,
    /// Zero is the most important, seven the least.
    #[serde(default)]
    pub priority: u8,
    /// Which keys it asks for.
    #[serde(default)]
    pub keys: Option<KeySpec>,
    /// What it does.
    pub steps: Vec<StepSpec>,
}

/// Keys by Zipf's law.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeySpec {
    /// Number of keys.
    pub count: u32,
    /// How much the most popular stand out: 0 (unless said) not at all, about 1 on the web.
    #[serde(default)]
    pub exponent: f64,
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum StepSpec {
    /// Waits for a server of a station and is served.
    Visit {
        /// The station.
        station: String,
        /// For how long.
        demand: Demand,
    },
    /// The same at one of several stations.
    Balanced {
        /// The stations.
        stations: Vec<String>,
        /// Which of them.
        by: BalanceSpec,
        /// For how long.
        demand: Demand,
    },
    /// Time that nothing is busy.
    Wait(Demand),
    /// Time of a delay by name.
    Delay(String),
    /// Branches side by side.
    Fork {
        /// What is done side by side.
        branches: Vec<Vec<Self>>,
        /// How many have to succeed; all unless said.
        #[serde(default)]
        need: Option<u32>,
    },
    /// Steps that are done with a probability.
    Maybe {
        /// The probability.
        probability: f64,
        /// The steps.
        steps: Vec<Self>,
    },
    /// Work that goes on by itself.
    Detach(Vec<Self>),
    /// Steps that are called the way a call says.
    Call {
        /// The call.
        by: String,
        /// What is called.
        steps: Vec<Self>,
    },
    /// Steps while one of a pool is held.
    Hold {
        /// The pool.
        pool: String,
        /// What is done meanwhile.
        steps: Vec<Self>,
    },
    /// Looks into a cache.
    Lookup {
        /// The cache.
        cache: String,
        /// What a miss does.
        miss: Vec<Self>,
    },
    /// Is turned away when a limiter has no token.
    Admit(String),
    /// Fails at once with the probability of a risk.
    Risk(String),
    /// Puts a message on a queue; a consumer does these steps with it.
    Publish {
        /// The queue.
        queue: String,
        /// What a consumer does.
        steps: Vec<Self>,
    },
    /// A write is done at the leader of replicas and goes to the copies.
    Commit(String),
    /// A read at one of the copies.
    Read {
        /// The replicas.
        replicas: String,
        /// For how long.
        demand: Demand,
    },
    /// Goes over a link, if it carries.
    Link(String),
}

/// Which of several stations is visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BalanceSpec {
    /// Any.
    Random,
    /// One after the other.
    RoundRobin,
    /// The one with the least work.
    LeastLoaded,
    /// The better of two picked at random.
    TwoChoices,
    /// Any; the n-th retry goes to the n-th.
    RetriesInTurn,
    /// The one that the key belongs to.
    Key,
}

/// How often an operation is asked for; exactly one of `rate_per_s`, `steps`, `users` and `trace`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadSpec {
    /// Requests a second, as a Poisson process.
    #[serde(default)]
    pub rate_per_s: Option<f64>,
    /// Requests a second from each moment on.
    #[serde(default)]
    pub steps: Option<Vec<(Time, f64)>>,
    /// Users who wait for an answer before they ask again.
    #[serde(default)]
    pub users: Option<u32>,
    /// How long users think.
    #[serde(default)]
    pub think: Option<Demand>,
    /// Requests that come together; one unless said.
    #[serde(default)]
    pub batch: Option<u32>,
    /// How gaps between requests spread, as a distribution whose mean counts as one; Poisson unless said.
    #[serde(default)]
    pub gaps: Option<Demand>,
    /// With `rate_per_s`: a day's wave around it, a share of it up and down, lowest at the beginning.
    #[serde(default)]
    pub swing: Option<f64>,
    /// How long a wave is; a day unless said.
    #[serde(default)]
    pub period: Option<Time>,
    /// Requests as they were recorded: CSV, one a line, its time in seconds in the first column.
    #[serde(default)]
    pub trace: Option<String>,
}

/// An autoscaler.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AutoscalerSpec {
    /// Fewest servers.
    pub least: u32,
    /// Most servers.
    pub most: u32,
    /// Servers of one copy.
    #[serde(default = "one_server")]
    pub unit: u32,
    /// Utilisation it aims at.
    pub target: f64,
    /// How often it looks.
    pub period: Time,
    /// How old its numbers are.
    #[serde(default)]
    pub metric_delay: Time,
    /// From the decision until a copy takes work.
    pub start_up: Time,
    /// How long it does not remove after a change.
    #[serde(default)]
    pub cooldown: Time,
}

const fn one_server() -> u32 {
    1
}

/// A change of a blueprint's load.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadChange {
    /// When.
    pub at: Time,
    /// For how long; to the end unless said.
    #[serde(default, rename = "for")]
    pub lasts: Option<Time>,
    /// Times as many requests.
    #[serde(default = "one")]
    pub factor: f64,
    /// Share of the load that is one tenant's, who alone changes; everybody changes unless said. Windows and the
    /// overall numbers are then those of the others.
    #[serde(default)]
    pub tenant: Option<f64>,
    /// A wave like a day's: this share of the rate up and down, lowest at the beginning.
    #[serde(default)]
    pub swing: Option<f64>,
    /// How long a wave is; a day unless said.
    #[serde(default)]
    pub period: Option<Time>,
}

const fn one() -> f64 {
    1.0
}

/// A change of a part.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartChange {
    /// When.
    pub at: Time,
    /// For how long; to the end unless said.
    #[serde(default, rename = "for")]
    pub lasts: Option<Time>,
    /// How often it happens again, to the end; once unless said.
    #[serde(default)]
    pub every: Option<Time>,
    /// The part: a name of the `system`; of a blueprint, a component's identifier or its kind, such as `store`.
    pub on: String,
    /// What is set.
    pub set: SettingSpec,
}

/// What a change sets.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SettingSpec {
    /// Number of servers of a station; what has begun is finished.
    Servers(u32),
    /// Share of a station's servers that are up.
    Up(f64),
    /// How many copies of a station are away.
    CopiesDown(u32),
    /// A primary is lost: its standby answers after the time the catalog knows; where there is none, it is back
    /// after this time.
    FailOver(Time),
    /// One of this many zones is lost, with the copies in it.
    LoseZone(u32),
    /// Servers of a station work this many times as fast.
    Speed(f64),
    /// The station stops in the middle of its work, for this long.
    Pause(Time),
    /// Copies are replaced one after the other; each is away for this long.
    Rolling(Time),
    /// Size of a pool.
    Size(u32),
    /// Probability that something fails at once.
    Risk(f64),
    /// A delay takes this many times as long.
    Stretch(f64),
    /// A cache is emptied (`true`).
    Flush(bool),
    /// A cache works or not.
    Works(bool),
    /// A blueprint's cache misses everything, and fills again within this time.
    Cold(Time),
    /// Tokens a second of a limiter.
    RatePerS(f64),
    /// Some copies are slow: this many of them work this many times as fast as the others.
    SlowCopies {
        /// How many copies.
        count: u32,
        /// How fast, in comparison.
        speed: f64,
    },
    /// Calls to the part from another one fail, or hang until the link carries again.
    Partition {
        /// Who calls: a component or kind of a blueprint, `client` for those outside, or `everything`.
        from: String,
        /// What becomes of the calls.
        link: LinkSpec,
    },
    /// What a link of a `system` does.
    Link(LinkSpec),
    /// This share of what a store, cache or search of several copies is asked goes to one of them, besides its part
    /// of the rest.
    Hot(f64),
    /// Number of consumers of a queue.
    Consumers(u32),
    /// The copy that is furthest takes the leader's place; writes that it has not got are lost.
    Promote(bool),
    /// New copies start beside the old ones, take over all at once and are slow until they are warm.
    BlueGreen {
        /// How long the new ones take to start; the old ones serve meanwhile.
        start: Time,
        /// How long they are slow.
        warm: Time,
        /// How fast until then, in comparison.
        speed: f64,
    },
    /// A share of the copies runs a new version, which is taken back when `for` is over.
    Canary {
        /// Share of the copies.
        share: f64,
        /// How fast the new version is, in comparison.
        #[serde(default = "one")]
        speed: f64,
        /// Probability that it fails a visit.
        #[serde(default)]
        risk: f64,
    },
}

/// A scenario with other settings: what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Name in prose.
    pub name: String,
    /// Stations.
    #[serde(default)]
    pub stations: IndexMap<String, StationSpec>,
    /// Pools.
    #[serde(default)]
    pub pools: IndexMap<String, PoolSpec>,
    /// Calls.
    #[serde(default)]
    pub calls: IndexMap<String, CallSpec>,
    /// Caches.
    #[serde(default)]
    pub caches: IndexMap<String, CacheSpec>,
    /// Queues of messages.
    #[serde(default)]
    pub queues: IndexMap<String, QueueSpec>,
    /// Replicas.
    #[serde(default)]
    pub replicas: IndexMap<String, ReplicasSpec>,
    /// Load.
    #[serde(default)]
    pub load: IndexMap<String, LoadSpec>,
    /// Turns away what one tenant asks for beyond this many times its usual rate; nothing is turned away unless said.
    #[serde(default)]
    pub tenant_limit: Option<f64>,
    /// What is known to come of it, by window.
    #[serde(default)]
    pub expect: IndexMap<String, Band>,
}

/// Between which numbers something is known to lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Share of requests answered in time.
    #[serde(default)]
    pub good: Option<(f64, f64)>,
    /// Attempts for each request.
    #[serde(default)]
    pub attempts: Option<(f64, f64)>,
}

/// Replaces what is said and keeps the rest.
macro_rules! over {
    ($type:ty { $($field:ident),+ }) => {
        impl $type {
            /// This with what `other` says instead.
            #[must_use]
            pub fn with(&self, other: &Self) -> Self {
                Self { $($field: other.$field.clone().or_else(|| self.$field.clone())),+ }
            }
        }
    };
}

over!(StationSpec { servers, order, queue_limit, shed, drop_expired, patience });
over!(PoolSpec { size, queue_limit });
over!(CallSpec {
    timeout,
    retries,
    backoff,
    backoff_cap,
    jitter,
    budget,
    breaker,
    hedge_after,
    throttle,
    propagates_deadline
});
over!(CacheSpec { keys, ttl, capacity, late_fill, coalesce, warm });
over!(QueueSpec { consumers, prefetch, visibility, retry_delay, max_receives, capacity, holds_publishers });
over!(ReplicasSpec { leader, copies, keys, delay, apply, pin });

impl Scenario {
    /// The system of a variant; none when it runs against a blueprint.
    #[must_use]
    pub fn system_of(&self, variant: &Variant) -> Option<System> {
        let mut system = self.system.clone()?;
        for (name, station) in &variant.stations {
            let changed = system.stations.get(name).cloned().unwrap_or_default().with(station);
            system.stations.insert(name.clone(), changed);
        }
        for (name, pool) in &variant.pools {
            let changed = system.pools.get(name).cloned().unwrap_or_default().with(pool);
            system.pools.insert(name.clone(), changed);
        }
        for (name, call) in &variant.calls {
            let changed = system.calls.get(name).cloned().unwrap_or_default().with(call);
            system.calls.insert(name.clone(), changed);
        }
        for (name, cache) in &variant.caches {
            let changed = system.caches.get(name).cloned().unwrap_or_default().with(cache);
            system.caches.insert(name.clone(), changed);
        }
        for (name, queue) in &variant.queues {
            let changed = system.queues.get(name).cloned().unwrap_or_default().with(queue);
            system.queues.insert(name.clone(), changed);
        }
        for (name, replicas) in &variant.replicas {
            let changed = system.replicas.get(name).cloned().unwrap_or_default().with(replicas);
            system.replicas.insert(name.clone(), changed);
        }
        system.load.extend(variant.load.clone());
        Some(system)
    }
}
