//! A blueprint under load, event by event: what formulas of means cannot show. Tails, queues that never drain,
//! retries that feed themselves, cold caches, failover, autoscaling that comes late.
//!
//! A [`Network`] says what there is (stations, pools, calls with time-outs and retries, caches, limiters) and
//! what is asked of it (operations as trees of [`Step`]s, sources that start them, changes at given times). It
//! is made by hand, from a blueprint ([`from_blueprint`]) or from a scenario file ([`from_scenario`]).
//! [`simulate`] runs independent replications of it in parallel and returns an [`Outcome`] with confidence
//! intervals. Times are seconds, rates are per second.
//!
//! The same network, run and seed give the same bytes, whatever the number of threads: every replication has
//! its own generators, one for each purpose, and results are put together in the order of replications.

mod blueprint;
mod distribution;
mod gather;
mod network;
mod outcome;
mod parts;
mod program;
mod random;
mod replicate;
mod run;
mod scenario;
mod statistics;
mod trace;
mod watch;

pub use blueprint::{Sketch, from_blueprint};
pub use distribution::Distribution;
pub use network::{
    Arrivals, Autoscaler, Backoff, Balance, Breaker, Budget, Cache, Call, Change, Discipline, Jitter, Keys,
    Limiter, Network, Operation, Pool, Profile, Setting, Source, Station, Step,
};
pub use outcome::{
    CacheOutcome, CallOutcome, Cause, OperationOutcome, Outcome, PoolOutcome, QueueOutcome, ReplicasOutcome,
    Series, StationOutcome, Window,
};
pub use parts::{Link, Queue, Replicas};
pub use program::NetworkError;
pub use replicate::{Run, WarmUp, simulate, simulate_watched};
pub use scenario::{Prepared, ScenarioError, from_scenario};
pub use statistics::Estimate;
pub use trace::from_csv;
pub use watch::Watch;
