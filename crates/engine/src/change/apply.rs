//! Changes of a blueprint: understood, carried out, and told.

use loadcase_catalog::Time;
use loadcase_catalog::scenario::{BreakerSpec, BudgetSpec, CallSpec};
use loadcase_model::{Blueprint, Capacity, ComponentKind, Id, Operation, Step, Understood, Unit};
use loadcase_simulate::{Autoscaler, Network};

use super::{ChangeError, Given, Value, component, is_kind, names, understood, unknown};

/// A size of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Property {
    Copies,
    Vcpu,
    Memory,
    Storage,
    Standbys,
    ReadReplicas,
    Places,
}

impl Property {
    /// Every property with the words for it, the first of which is told.
    const WORDS: [(Self, &'static [&'static str]); 7] = [
        (Self::Copies, &["copies", "instances", "shards", "nodes"]),
        (Self::Vcpu, &["vcpu", "cpu", "vcpus"]),
        (Self::Memory, &["memory", "memory-gb", "ram"]),
        (Self::Storage, &["storage", "storage-gb", "disk"]),
        (Self::Standbys, &["standbys", "standby"]),
        (Self::ReadReplicas, &["read-replicas", "read_replicas"]),
        (Self::Places, &["places", "concurrency", "pool", "threads"]),
    ];

    fn find(word: &str, kind: ComponentKind) -> Option<Self> {
        if word == "replicas" {
            // People call the copies of a store that answer reads its replicas.
            return Some(if kind == ComponentKind::Store { Self::ReadReplicas } else { Self::Copies });
        }
        Self::WORDS.iter().find(|(_, words)| words.contains(&word)).map(|(p, _)| *p)
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Copies => "copies",
            Self::Vcpu => "vCPU of each copy",
            Self::Memory => "memory of each copy",
            Self::Storage => "storage",
            Self::Standbys => "standbys",
            Self::ReadReplicas => "read replicas",
            Self::Places => "requests at once in each copy",
        }
    }

    const fn unit(self) -> Unit {
        match self {
            Self::Memory | Self::Storage => Unit::Gigabytes,
            _ => Unit::One,
        }
    }

    /// Largest value that means anything.
    const fn most(self) -> f64 {
        match self {
            Self::Memory | Self::Storage => 1e9,
            Self::Vcpu => 4096.0,
            _ => 100_000.0,
        }
    }

    fn of(self, capacity: &Capacity) -> f64 {
        match self {
            Self::Copies => f64::from(capacity.replicas),
            Self::Vcpu => capacity.vcpu,
            Self::Memory => capacity.memory_gb,
            Self::Storage => capacity.storage_gb,
            Self::Standbys => f64::from(capacity.standbys),
            Self::ReadReplicas => f64::from(capacity.read_replicas),
            Self::Places => capacity.concurrency.map_or(0.0, f64::from),
        }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded when it was read")]
    fn set(self, capacity: &mut Capacity, value: f64) {
        let whole = value.ceil() as u32;
        match self {
            Self::Copies => capacity.replicas = whole,
            Self::Vcpu => capacity.vcpu = value,
            Self::Memory => capacity.memory_gb = value,
            Self::Storage => capacity.storage_gb = value,
            Self::Standbys => capacity.standbys = whole,
            Self::ReadReplicas => capacity.read_replicas = whole,
            Self::Places => capacity.concurrency = Some(whole),
        }
    }
}

/// What a change does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Edit {
    /// A component has another size.
    Size { component: Id, property: Property, to: f64 },
    /// A component is not there: what it answered goes to what is behind it.
    Off { component: Id },
    /// All rates, times this.
    Load { factor: f64 },
    /// The rate of an operation.
    Rate { operation: Id, per_s: f64 },
    /// How a flow waits.
    Flow { index: usize, timeout_s: Option<f64>, retries: Option<u32> },
    /// How callers behave: `client`, or a flow's call by its name.
    Call { name: String, with: Box<CallSpec>, stretch: Option<f64> },
    /// How much may wait at a part, for each of its servers.
    Queue { part: String, each: Option<f64>, exactly: Option<u32> },
    /// Work that nobody waits for is dropped at a part.
    DropExpired { part: String },
    /// A part grows by itself, up to this many times its size.
    Autoscale { part: String, most: f64 },
    /// The system of a scenario's own is another one.
    System(Box<loadcase_catalog::scenario::System>),
}

impl Edit {
    /// Whether it changes the blueprint; otherwise it changes how the system behaves, which only a simulation shows.
    pub(crate) const fn is_structural(&self) -> bool {
        matches!(
            self,
            Self::Size { .. } | Self::Off { .. } | Self::Load { .. } | Self::Rate { .. } | Self::Flow { .. }
        )
    }

    /// Understands a change of a blueprint.
    pub(crate) fn read(given: &Given<'_>, blueprint: &Blueprint) -> Result<(Self, Understood), ChangeError> {
        match (given.name, given.property) {
            ("load", None) => load(given, blueprint),
            ("client", Some(property)) => call(given, "client", "each client", property),
            (EVERY, Some(property)) => call(given, EVERY, "every caller", property),
            (name, Some(property)) if name.contains("->") => flow(given, blueprint, property),
            (name, Some("rate")) if blueprint.operations.contains_key(name) => rate(given, blueprint),
            (name, None) => switched(given, blueprint, name),
            (_, Some(property)) => part(given, blueprint, property),
        }
    }

    /// Carries it out on a blueprint.
    pub(crate) fn on_blueprint(&self, blueprint: &mut Blueprint) {
        match self {
            Self::Size { component, property, to } => {
                if let Some(capacity) =
                    blueprint.components.get_mut(component).and_then(|c| c.capacity.as_mut())
                {
                    property.set(capacity, *to);
                    capacity.basis = "changed by you".to_owned();
                }
            }
            Self::Off { component } => remove(blueprint, component),
            Self::Load { factor } => {
                blueprint.workloads = blueprint.workloads.iter().map(|w| w.scaled(*factor)).collect();
            }
            Self::Rate { operation, per_s } => {
                for workload in &mut blueprint.workloads {
                    workload.rate_per_s.insert(operation.clone(), *per_s);
                }
            }
            Self::Flow { index, timeout_s, retries } => {
                if let Some(flow) = blueprint.flows.get_mut(*index) {
                    flow.timeout_ms = timeout_s.map(|t| t * 1e3).or(flow.timeout_ms);
                    flow.retries = retries.or(flow.retries);
                }
            }
            _ => {}
        }
    }

    /// Carries it out on what is simulated; `false` when there is nothing there that it could change.
    pub(crate) fn on_network(&self, network: &mut Network) -> bool {
        match self {
            Self::Call { name, with, stretch } => {
                let calls = network.calls.iter_mut().filter(|c| name == EVERY || c.name == *name);
                calls.map(|c| set_call(c, with, *stretch)).count() > 0
            }
            Self::Queue { part, each, exactly } => queue(network, part, *each, *exactly),
            Self::DropExpired { part } => {
                let stations = network.stations.iter_mut().filter(|s| is_of(&s.name, part));
                stations.map(|s| s.drop_expired = true).count() > 0
            }
            Self::Autoscale { part, most } => autoscale(network, part, *most),
            _ => true,
        }
    }
}

/// The name for all callers at once.
pub(super) const EVERY: &str = "calls";

/// Whether a station or a pool belongs to a component: read replicas and places are named after it.
pub(crate) fn is_of(name: &str, part: &str) -> bool {
    name == part || name.strip_prefix(part).is_some_and(|r| r.starts_with(".replicas") || r.starts_with(": "))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded to what a count can be")]
fn queue(network: &mut Network, part: &str, each: Option<f64>, exactly: Option<u32>) -> bool {
    let limit = |servers: u32| {
        let many = each.map(|e| (e * f64::from(servers)).clamp(1.0, 1e6) as u32);
        many.or(exactly)
    };
    let mut found = false;
    // Where places in processes are limited, requests wait for one of them; else they wait for a processor.
    let mut servers = 0;
    for station in network.stations.iter_mut().filter(|s| is_of(&s.name, part)) {
        (found, servers) = (true, servers + station.servers);
        station.queue_limit = limit(station.servers);
    }
    for pool in network.pools.iter_mut().filter(|p| is_of(&p.name, part)) {
        found = true;
        pool.queue_limit = limit(if servers > 0 { servers } else { pool.size });
    }
    found
}

/// How often an autoscaler looks, over how long it averages, and how old its numbers are: the defaults of the
/// Horizontal Pod Autoscaler of Kubernetes; a copy takes a minute to start.
const LOOKS_EACH_S: f64 = 15.0;
const STARTS_IN_S: f64 = 60.0;
/// How busy it keeps processors.
const AIM: f64 = 0.6;

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded to what a count can be")]
fn autoscale(network: &mut Network, part: &str, most: f64) -> bool {
    let Some(station) = network.stations.iter().position(|s| s.name == *part) else { return false };
    let servers = network.stations[station].servers;
    network.autoscalers.push(Autoscaler {
        station,
        least: servers,
        most: (f64::from(servers) * most).clamp(1.0, 1e6) as u32,
        unit: 1,
        target: AIM,
        period: LOOKS_EACH_S,
        metric_delay: LOOKS_EACH_S,
        start_up: STARTS_IN_S,
        cooldown: 300.0,
    });
    true
}

/// Sets what a patch says of a call.
fn set_call(call: &mut loadcase_simulate::Call, with: &CallSpec, stretch: Option<f64>) {
    use loadcase_simulate::{Breaker, Budget};
    call.timeout = match (stretch, with.timeout) {
        (Some(factor), _) => call.timeout.map(|t| t * factor),
        (None, Some(time)) => Some(time.seconds()),
        (None, None) => call.timeout,
    };
    call.retries = with.retries.unwrap_or(call.retries);
    // A budget pays for retries: whoever does not try again has no use for one.
    if let Some(b) = with.budget.filter(|_| call.retries > 0) {
        call.budget = Some(Budget { per_success: b.per_success, per_request: b.per_request, cap: b.cap });
    }
    if let Some(b) = with.breaker {
        call.breaker = Some(Breaker {
            window: b.window.seconds(),
            threshold: b.threshold,
            minimum: b.minimum,
            sleep: b.sleep.seconds(),
        });
    }
    if let Some(base) = with.backoff {
        call.backoff.base = base.seconds();
    }
    call.hedge_after = with.hedge_after.map(Time::seconds).or(call.hedge_after);
}

fn load(given: &Given<'_>, blueprint: &Blueprint) -> Result<(Edit, Understood), ChangeError> {
    let total = blueprint.workloads.last().map_or(0.0, loadcase_model::Workload::total_per_s);
    let factor = match given.parsed()? {
        Value::Times(factor) => factor,
        Value::Share(share) => share,
        Value::Exactly(rate) if total > 0.0 => rate / total,
        _ => {
            return Err(ChangeError::new(
                "the load needs a factor or a rate",
                "write `load=2x` or `load=500`",
            ));
        }
    };
    let told = understood(
        given.text,
        "requests of the largest workload".to_owned(),
        Unit::PerSecond,
        Some(total),
        Some(total * factor),
    );
    Ok((Edit::Load { factor }, told))
}

fn rate(given: &Given<'_>, blueprint: &Blueprint) -> Result<(Edit, Understood), ChangeError> {
    let operation = Id::slug(given.name);
    let before =
        blueprint.workloads.last().and_then(|w| w.rate_per_s.get(&operation)).copied().unwrap_or_default();
    let per_s = given.parsed()?.of(before).ok_or_else(|| {
        ChangeError::new("a rate is a number of requests each second", "write `OPERATION.rate=50` or `=2x`")
    })?;
    let name = blueprint.operations.get(&operation).map_or_else(|| operation.to_string(), |o| o.name.clone());
    let told = understood(given.text, format!("{name}, rate"), Unit::PerSecond, Some(before), Some(per_s));
    Ok((Edit::Rate { operation, per_s }, told))
}

fn switched(given: &Given<'_>, blueprint: &Blueprint, name: &str) -> Result<(Edit, Understood), ChangeError> {
    let (id, found) = component(blueprint, name).map_err(|e| absent(blueprint, name, e))?;
    if given.parsed()? != Value::Switch(false) {
        return Err(ChangeError::new(
            format!("what of `{name}` should be `{}`?", given.value),
            format!("write `{id}=off`, or one of its sizes: {}", sizes(id)),
        ));
    }
    let removable = matches!(
        found.kind,
        ComponentKind::Cache | ComponentKind::Edge | ComponentKind::Search | ComponentKind::Pooler
    );
    if !removable {
        return Err(ChangeError::new(
            format!("{} cannot be left out: nothing else does what it does", found.name),
            "caches, edge caches, search indexes and poolers can be turned off",
        ));
    }
    let told = Understood {
        given: given.text.to_owned(),
        what: format!("{} is left out", found.name),
        before: None,
        after: None,
    };
    Ok((Edit::Off { component: id.clone() }, told))
}

/// An error that says so where a kind of component is meant that the blueprint does not have.
fn absent(blueprint: &Blueprint, name: &str, error: ChangeError) -> ChangeError {
    if !is_kind(name) || blueprint.components.values().any(|c| c.kind.word() == name) {
        return error;
    }
    ChangeError::new(
        format!("there is no {name} in this blueprint"),
        format!(
            "what it has: {}",
            blueprint.components.keys().map(Id::as_str).collect::<Vec<_>>().join(", ")
        ),
    )
}

/// The sizes of a component as they are written.
fn sizes(id: &Id) -> String {
    let words: Vec<String> = Property::WORDS.iter().map(|(_, w)| format!("{id}.{}", w[0])).collect();
    words.join(", ")
}

fn part(given: &Given<'_>, blueprint: &Blueprint, property: &str) -> Result<(Edit, Understood), ChangeError> {
    let (id, found) = component(blueprint, given.name)?;
    let value = given.parsed()?;
    match (property, value) {
        ("queue", Value::Times(each)) => {
            let what = format!("{}: {each} may wait for each server, more are refused", found.name);
            let edit = Edit::Queue { part: id.to_string(), each: Some(each), exactly: None };
            return Ok((edit, told(given, what)));
        }
        ("queue", Value::Exactly(limit)) if limit < 1e6 => {
            let what = format!("{}: {limit} may wait, more are refused", found.name);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above")]
            let edit = Edit::Queue { part: id.to_string(), each: None, exactly: Some(limit as u32) };
            return Ok((edit, told(given, what)));
        }
        ("drop-expired", Value::Switch(true)) => {
            let what = format!("{}: work that nobody waits for any more is dropped", found.name);
            return Ok((Edit::DropExpired { part: id.to_string() }, told(given, what)));
        }
        ("autoscale", Value::Times(most)) if (1.0..=1000.0).contains(&most) => {
            let what =
                format!("{}: copies are added when it is busy, up to {most} times as many", found.name);
            return Ok((Edit::Autoscale { part: id.to_string(), most }, told(given, what)));
        }
        _ => {}
    }
    let Some(size) = Property::find(property, found.kind) else {
        return Err(ChangeError::new(
            format!("{} has no `{property}` to change", found.name),
            format!("what can be changed: {}, {id}.queue, {id}.drop-expired, {id}.autoscale", sizes(id)),
        ));
    };
    let Some(capacity) = found.capacity.as_ref() else {
        return Err(ChangeError::new(
            format!("{} is not sized: somebody else runs it", found.name),
            format!("what can be changed: {}", names(blueprint).join(", ")),
        ));
    };
    let before = size.of(capacity);
    let to = value.of(before).filter(|v| *v <= size.most()).ok_or_else(|| {
        ChangeError::new(
            format!("`{}` is no size that {} can have", given.value, found.name),
            format!("write a number (`{id}.{property}=4`), a factor (`2x`) or a difference (`+1`)"),
        )
    })?;
    let to =
        if matches!(size, Property::Vcpu | Property::Memory | Property::Storage) { to } else { to.ceil() };
    let none = matches!(size, Property::Copies | Property::Vcpu | Property::Places) && to <= 0.0;
    if none {
        return Err(ChangeError::new(
            format!("{} needs at least something of its {}", found.name, size.text()),
            "write a number above zero",
        ));
    }
    let what = format!("{}, {}", found.name, size.text());
    let told = understood(given.text, what, size.unit(), Some(before), Some(to));
    Ok((Edit::Size { component: id.clone(), property: size, to }, told))
}

pub(super) fn told(given: &Given<'_>, what: String) -> Understood {
    Understood { given: given.text.to_owned(), what, before: None, after: None }
}

/// A change of how something is called: of `client`, or of the call of a flow.
pub(super) fn call(
    given: &Given<'_>,
    name: &str,
    who: &str,
    property: &str,
) -> Result<(Edit, Understood), ChangeError> {
    let value = given.parsed()?;
    let mut with = CallSpec::default();
    let mut stretch = None;
    let what = match (property, value) {
        ("retries", Value::Exactly(n)) if n <= 100.0 => {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above")]
            let count = n as u32;
            with.retries = Some(count);
            if count == 0 { "does not retry".to_owned() } else { format!("retries {count} times") }
        }
        ("retries", Value::Switch(false)) => {
            with.retries = Some(0);
            "does not retry".to_owned()
        }
        ("timeout", Value::Times(factor)) => {
            stretch = Some(factor);
            format!("waits {factor} times as long")
        }
        ("timeout", Value::Time(time)) => {
            with.timeout = Some(time);
            format!("waits {} ms", time.seconds() * 1e3)
        }
        ("backoff", Value::Time(time)) => {
            with.backoff = Some(time);
            format!("pauses {} ms before the first retry", time.seconds() * 1e3)
        }
        ("budget", Value::Share(share)) => {
            with.budget = Some(BudgetSpec { per_success: share, per_request: 0.0, cap: 10.0 });
            format!("may retry {}% of its successes", share * 100.0)
        }
        ("breaker", Value::Share(threshold)) => {
            let (window, sleep) = (Time(10.0), Time(2.0));
            with.breaker = Some(BreakerSpec { window, threshold, minimum: 20, sleep });
            format!("stops calling for 2 s when more than {}% of 10 s fail", threshold * 100.0)
        }
        ("hedge", Value::Time(time)) => {
            with.hedge_after = Some(time);
            format!("asks a second time after {} ms", time.seconds() * 1e3)
        }
        _ => {
            return Err(ChangeError::new(
                format!("`{}` says nothing of how `{name}` calls", given.text),
                format!(
                    "what can be changed: {name}.retries=0, {name}.timeout=500ms, {name}.backoff=200ms, \
                     {name}.budget=10%, {name}.breaker=50%, {name}.hedge=100ms"
                ),
            ));
        }
    };
    Ok((
        Edit::Call { name: name.to_owned(), with: Box::new(with), stretch },
        told(given, format!("{who} {what}")),
    ))
}

/// A change of how a flow waits.
fn flow(given: &Given<'_>, blueprint: &Blueprint, property: &str) -> Result<(Edit, Understood), ChangeError> {
    let (from, to) = given.name.split_once("->").unwrap_or((given.name, ""));
    let (from, to) = (component(blueprint, from.trim())?.0, component(blueprint, to.trim())?.0);
    let Some(index) = blueprint.flows.iter().position(|f| f.from == *from && f.to == *to) else {
        return Err(ChangeError::new(
            format!("nothing flows from `{from}` to `{to}`"),
            "the flows of a blueprint stand under `flows`",
        ));
    };
    let before = &blueprint.flows[index];
    let name = format!("{from} to {to}");
    match (property, given.parsed()?) {
        ("timeout", value @ (Value::Times(_) | Value::Time(_))) => {
            let was = before.timeout_ms.map(|t| t / 1e3);
            let Some(seconds) = value.seconds(was) else {
                return Err(ChangeError::new(
                    format!("the flow {name} has no time-out that could be multiplied"),
                    "write a length of time, such as `200ms`",
                ));
            };
            let what = format!("{name}, time-out");
            let told =
                understood(given.text, what, Unit::Milliseconds, before.timeout_ms, Some(seconds * 1e3));
            Ok((Edit::Flow { index, timeout_s: Some(seconds), retries: None }, told))
        }
        ("retries", Value::Exactly(n)) if n <= 100.0 => {
            let was = before.retries.map(f64::from);
            let told = understood(given.text, format!("{name}, retries"), Unit::One, was, Some(n));
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above")]
            let retries = Some(n as u32);
            Ok((Edit::Flow { index, timeout_s: None, retries }, told))
        }
        _ => {
            let told =
                |id: &Id| blueprint.components.get(id).map_or_else(|| id.to_string(), |c| c.name.clone());
            let who = format!("{}, calling {},", told(from), told(to));
            call(given, &name, &who, property)
        }
    }
}

/// Leaves a component out. What a cache answered goes to what stands behind it.
fn remove(blueprint: &mut Blueprint, id: &Id) {
    let kind = blueprint.components.get(id).map(|c| c.kind);
    for operation in blueprint.operations.values_mut() {
        match kind {
            Some(ComponentKind::Cache) => without_cache(operation, id),
            Some(ComponentKind::Edge) => without_edge(operation, id),
            _ => operation.steps.retain(|s| s.component != *id),
        }
    }
    blueprint.flows.retain(|f| f.from != *id && f.to != *id);
    blueprint.components.shift_remove(id);
}

/// Steps after a cache are visited as often as it was looked into.
fn without_cache(operation: &mut Operation, cache: &Id) {
    let looks = operation.steps.iter().position(|s| s.component == *cache);
    let Some(at) = looks else { return };
    let visits = operation.steps[at].visits;
    // The first thing after it that is visited less often is what it spares.
    let spared = operation.steps[at + 1..].iter_mut().find(|s| s.visits < visits && s.visits > 0.0);
    if let Some(step) = spared {
        step.visits = visits;
    }
    operation.steps.retain(|s| s.component != *cache);
}

/// Everything behind an edge is visited for each request.
fn without_edge(operation: &mut Operation, edge: &Id) {
    let Some(at) = operation.steps.iter().position(|s| s.component == *edge) else { return };
    let first = operation.steps[at + 1..].iter().map(|s: &Step| s.visits).find(|v| *v > 0.0);
    if let Some(through) = first.filter(|v| *v < 1.0) {
        operation.steps[at + 1..].iter_mut().for_each(|s| s.visits /= through);
    }
    operation.steps.remove(at);
}

/// Names for an error about a part of a network.
pub(super) fn no_part(name: &str, known: &[String]) -> ChangeError {
    unknown(name, known)
}
