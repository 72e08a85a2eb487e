//! The system of a scenario as a network.

use loadcase_catalog::Time;
use loadcase_catalog::scenario::{
    BalanceSpec, CacheSpec, CallSpec, Demand, LinkSpec, LoadSpec, OperationSpec, Order, QueueSpec,
    ReplicasSpec, Shape, StationSpec, StepSpec, System,
};

use super::change::{Place, Places};
use super::{ScenarioError, index};
use crate::distribution::Distribution;
use crate::network::{
    Arrivals, Autoscaler, Backoff, Balance, Breaker, Budget, Cache, Call, Discipline, Jitter, Keys, Limiter,
    Network, Operation, Pool, Profile, Source, Station, Step,
};
use crate::parts::{Link, Queue, Replicas};

/// The network of a system, and what its names stand for.
pub(super) fn build(system: &System, length: f64) -> Result<(Network, Places), ScenarioError> {
    let mut network = Network {
        stations: system.stations.iter().map(|(n, s)| station_of(n, s)).collect(),
        pools: (system.pools.iter())
            .map(|(n, p)| Pool { name: n.clone(), size: p.size.unwrap_or(1), queue_limit: p.queue_limit })
            .collect(),
        calls: system.calls.iter().map(|(n, c)| call_of(n, c)).collect(),
        caches: system.caches.iter().map(|(n, c)| cache_of(n, c)).collect(),
        limiters: (system.limiters.iter())
            .map(|(n, l)| Limiter { name: n.clone(), rate: l.rate_per_s, burst: l.burst })
            .collect(),
        risks: system.risks.values().copied().collect(),
        delays: system.delays.values().map(distribution).collect(),
        queues: system.queues.iter().map(|(n, q)| queue_of(n, q)).collect(),
        links: system.links.values().copied().map(link_of).collect(),
        ..Network::default()
    };
    for (name, replicas) in &system.replicas {
        network.replicas.push(replicas_of(system, name, replicas)?);
    }
    for (name, operation) in &system.operations {
        network.operations.push(operation_of(system, name, operation)?);
    }
    for (name, load) in &system.load {
        let operation = index("operation", &system.operations, name)?;
        network.sources.push(Source { operation, arrivals: arrivals(name, load, length)? });
    }
    for (name, scaler) in &system.autoscalers {
        network.autoscalers.push(Autoscaler {
            station: index("station", &system.stations, name)?,
            least: scaler.least,
            most: scaler.most,
            unit: scaler.unit,
            target: scaler.target,
            period: scaler.period.seconds(),
            metric_delay: scaler.metric_delay.seconds(),
            start_up: scaler.start_up.seconds(),
            cooldown: scaler.cooldown.seconds(),
        });
    }
    Ok((network, places(system)))
}

/// What the names of a system stand for.
fn places(system: &System) -> Places {
    let mut places = Places::default();
    let mut add = |name: &str, place: Place| places.entry(name.to_owned()).or_default().push(place);
    system.stations.keys().enumerate().for_each(|(i, n)| {
        add(n, Place::Station { index: i, copies: 1, failover: None, follows: false, fallback: None });
    });
    system.pools.keys().enumerate().for_each(|(i, n)| add(n, Place::Pool(i)));
    system.caches.keys().enumerate().for_each(|(i, n)| add(n, Place::Cache(i)));
    system.limiters.keys().enumerate().for_each(|(i, n)| add(n, Place::Limiter(i)));
    system.risks.keys().enumerate().for_each(|(i, n)| add(n, Place::Risk(i)));
    system.delays.keys().enumerate().for_each(|(i, n)| add(n, Place::Delay(i)));
    system.queues.keys().enumerate().for_each(|(i, n)| add(n, Place::Queue(i)));
    system.replicas.keys().enumerate().for_each(|(i, n)| add(n, Place::Replicas(i)));
    system.links.keys().enumerate().for_each(|(i, n)| add(n, Place::Link(i)));
    places
}

fn station_of(name: &str, spec: &StationSpec) -> Station {
    Station {
        discipline: match spec.order.unwrap_or(Order::Fifo) {
            Order::Fifo => Discipline::Fifo,
            Order::Lifo => Discipline::Lifo,
            Order::Priority => Discipline::Priority,
            Order::Preemptive => Discipline::Preemptive,
            Order::Shared => Discipline::Sharing,
        },
        queue_limit: spec.queue_limit,
        shed: spec.shed.clone().unwrap_or_default(),
        drop_expired: spec.drop_expired.unwrap_or(false),
        patience: spec.patience.as_ref().map(distribution),
        ..Station::new(name, spec.servers.unwrap_or(1))
    }
}

/// A call of the engine's.
pub(crate) fn call_of(name: &str, spec: &CallSpec) -> Call {
    Call {
        name: name.to_owned(),
        timeout: spec.timeout.map(Time::seconds),
        retries: spec.retries.unwrap_or(0),
        backoff: Backoff {
            base: spec.backoff.map_or(0.0, Time::seconds),
            factor: 2.0,
            cap: spec.backoff_cap.map_or(f64::INFINITY, Time::seconds),
            jitter: if spec.jitter.unwrap_or(true) { Jitter::Full } else { Jitter::None },
        },
        budget: spec.budget.map(|b| Budget {
            per_success: b.per_success,
            per_request: b.per_request,
            cap: b.cap,
        }),
        breaker: spec.breaker.map(|b| Breaker {
            window: b.window.seconds(),
            threshold: b.threshold,
            minimum: b.minimum,
            sleep: b.sleep.seconds(),
        }),
        hedge_after: spec.hedge_after.map(Time::seconds),
        throttle: spec.throttle,
        propagates_deadline: spec.propagates_deadline.unwrap_or(false),
    }
}

fn cache_of(name: &str, spec: &CacheSpec) -> Cache {
    Cache {
        name: name.to_owned(),
        keys: spec.keys.unwrap_or(1),
        ttl: spec.ttl.map(Time::seconds),
        capacity: spec.capacity,
        late_fill: spec.late_fill.unwrap_or(false),
        coalesce: spec.coalesce.unwrap_or(false),
        warm: spec.warm.unwrap_or(true),
    }
}

fn queue_of(name: &str, spec: &QueueSpec) -> Queue {
    Queue {
        prefetch: spec.prefetch.unwrap_or(1),
        visibility: spec.visibility.map(Time::seconds),
        retry_delay: spec.retry_delay.map_or(0.0, Time::seconds),
        max_receives: spec.max_receives,
        capacity: spec.capacity,
        holds_publishers: spec.holds_publishers.unwrap_or(false),
        ..Queue::new(name, spec.consumers.unwrap_or(1))
    }
}

fn replicas_of(system: &System, name: &str, spec: &ReplicasSpec) -> Result<Replicas, ScenarioError> {
    let station = |name: &String| index("station", &system.stations, name);
    let needed = || ScenarioError::Replicas(name.to_owned());
    let copies = spec.copies.as_ref().ok_or_else(needed)?;
    let time = |demand: &Option<Demand>| demand.as_ref().map_or(Distribution::Constant(0.0), distribution);
    Ok(Replicas {
        name: name.to_owned(),
        leader: station(spec.leader.as_ref().ok_or_else(needed)?)?,
        copies: copies.iter().map(station).collect::<Result<_, _>>()?,
        keys: spec.keys.unwrap_or(1),
        delay: time(&spec.delay),
        apply: time(&spec.apply),
        pin: spec.pin.map(Time::seconds),
    })
}

/// A link of the engine's.
pub(super) const fn link_of(spec: LinkSpec) -> Link {
    match spec {
        LinkSpec::Up => Link::Up,
        LinkSpec::Fails => Link::Fails,
        LinkSpec::Hangs => Link::Hangs,
    }
}

fn distribution(demand: &Demand) -> Distribution {
    let (mean, scv) = (demand.mean.seconds(), demand.scv);
    if !demand.values.is_empty() {
        return Distribution::Empirical(demand.values.iter().map(|t| t.seconds()).collect());
    }
    match demand.shape {
        Some(Shape::Lognormal) if scv > 0.0 && mean > 0.0 => Distribution::Lognormal { mean, scv },
        Some(Shape::Gamma) if scv > 0.0 && mean > 0.0 => Distribution::Gamma { mean, scv },
        Some(Shape::Uniform) => Distribution::Uniform(0.0, 2.0 * mean),
        _ => Distribution::with_scv(mean, scv),
    }
}

fn operation_of(system: &System, name: &str, spec: &OperationSpec) -> Result<Operation, ScenarioError> {
    Ok(Operation {
        priority: spec.priority,
        target: spec.target.map(Time::seconds),
        keys: spec.keys.map(|k| Keys::Zipf { count: k.count, exponent: k.exponent }),
        ..Operation::new(name, steps(system, &spec.steps)?)
    })
}

fn steps(system: &System, specs: &[StepSpec]) -> Result<Vec<Step>, ScenarioError> {
    specs.iter().map(|s| step(system, s)).collect()
}

fn step(system: &System, spec: &StepSpec) -> Result<Step, ScenarioError> {
    let station = |name: &String| index("station", &system.stations, name);
    Ok(match spec {
        StepSpec::Visit { station: name, demand } => Step::visit(station(name)?, distribution(demand)),
        StepSpec::Balanced { stations, by, demand } => Step::Balanced {
            stations: stations.iter().map(station).collect::<Result<_, _>>()?,
            balance: match by {
                BalanceSpec::Random => Balance::Random,
                BalanceSpec::RoundRobin => Balance::RoundRobin,
                BalanceSpec::LeastLoaded => Balance::LeastLoaded,
                BalanceSpec::TwoChoices => Balance::TwoChoices,
                BalanceSpec::RetriesInTurn => Balance::RetriesInTurn,
                BalanceSpec::Key => Balance::ByKey,
            },
            demand: distribution(demand),
        },
        StepSpec::Wait(demand) => Step::Wait(distribution(demand)),
        StepSpec::Delay(name) => Step::Delay(index("delay", &system.delays, name)?),
        StepSpec::Fork { branches, need } => Step::Fork {
            branches: branches.iter().map(|b| steps(system, b)).collect::<Result<_, _>>()?,
            need: need.map_or(branches.len(), |n| n as usize),
        },
        StepSpec::Maybe { probability, steps: inner } => {
            Step::Choose(vec![(*probability, steps(system, inner)?)])
        }
        StepSpec::Detach(inner) => Step::Detach(steps(system, inner)?),
        StepSpec::Call { by, steps: inner } => {
            Step::Call { call: index("call", &system.calls, by)?, steps: steps(system, inner)? }
        }
        StepSpec::Hold { pool, steps: inner } => {
            Step::Hold { pool: index("pool", &system.pools, pool)?, steps: steps(system, inner)? }
        }
        StepSpec::Lookup { cache, miss } => {
            Step::Lookup { cache: index("cache", &system.caches, cache)?, miss: steps(system, miss)? }
        }
        StepSpec::Admit(name) => Step::Admit(index("limiter", &system.limiters, name)?),
        StepSpec::Risk(name) => Step::Risk(index("risk", &system.risks, name)?),
        StepSpec::Publish { queue, steps: inner } => {
            Step::Publish { queue: index("queue", &system.queues, queue)?, steps: steps(system, inner)? }
        }
        StepSpec::Commit(name) => Step::Commit(index("replicas", &system.replicas, name)?),
        StepSpec::Read { replicas, demand } => Step::Read {
            replicas: index("replicas", &system.replicas, replicas)?,
            demand: distribution(demand),
        },
        StepSpec::Link(name) => Step::Link(index("link", &system.links, name)?),
    })
}

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// Gaps of mean one with the spread of a distribution.
fn gaps(demand: &Demand) -> Distribution {
    let mean = demand.mean.seconds().max(1e-12);
    let one = Demand {
        mean: Time(1.0),
        values: demand.values.iter().map(|t| Time(t.seconds() / mean)).collect(),
        ..demand.clone()
    };
    distribution(&one)
}

/// When requests of an operation come, within a run of this many seconds.
fn arrivals(name: &str, load: &LoadSpec, length: f64) -> Result<Arrivals, ScenarioError> {
    let open = |profile| Arrivals::Open {
        profile,
        gaps: load.gaps.as_ref().map_or(Distribution::Exponential(1.0), gaps),
        batch: load.batch.unwrap_or(1),
    };
    match (load.rate_per_s, &load.steps, load.users, &load.trace) {
        (Some(rate), None, None, None) => Ok(open(match load.swing {
            None => Profile::constant(rate),
            Some(swing) => {
                let period = load.period.map_or(DAY, Time::seconds).max(1e-3);
                Profile::diurnal(rate, swing.clamp(0.0, 1.0), period, length)
            }
        })),
        (None, None, None, Some(csv)) => crate::trace::from_csv(csv)
            .map_err(|error| ScenarioError::Trace { name: name.to_owned(), message: error.message }),
        (None, Some(steps), None, None) => {
            let mut points: Vec<(f64, f64)> = Vec::new();
            for (at, rate) in steps {
                points.extend(points.last().map(|before| (at.seconds(), before.1)));
                points.push((at.seconds(), *rate));
            }
            Ok(open(Profile(points)))
        }
        (None, None, Some(users), None) => Ok(Arrivals::Closed {
            users,
            think: load.think.as_ref().map_or(Distribution::Constant(0.0), distribution),
        }),
        _ => Err(ScenarioError::Load(name.to_owned())),
    }
}
