//! How often each operation is asked for.

use indexmap::IndexMap;
use loadcase_catalog::{Domain, DomainOperation, EdgePolicy, Effort};
use loadcase_model::{Access, AccessKind, Horizon, Id, OperationKind, format_number};

use crate::plan::Load;

/// Scheduled work without a share of the requests runs once an hour: a planning assumption.
const SCHEDULED_PER_S: f64 = 1.0 / 3600.0;

/// Jobs may start jobs; beyond this depth a cycle in the data is assumed and cut.
const LONGEST_CHAIN: usize = 6;

/// Largest rate taken at face value; more would overflow sums.
const LARGEST_RATE: f64 = 1e12;

/// The operation that takes in events where the domain has none of its own; they come on top of the requests.
const INTAKE: &str = "take-in-events";

/// The job that stands for jobs the domain does not name.
const JOB: &str = "run-background-job";

/// A rate, share or count as a number that can be computed with.
pub(super) fn sane(value: f64) -> f64 {
    if value > 0.0 { value.min(LARGEST_RATE) } else { 0.0 }
}

/// A number without the noise of binary arithmetic, for people to read: seven digits.
pub(super) fn tidy(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}

/// The operation that takes in a load's events: the domain's own, else one that is added; none without events.
pub(super) fn intake_of(domain: &Domain, loads: [&Load; 2]) -> Option<Id> {
    let comes = loads.into_iter().any(|l| sane(l.events_per_s) > 0.0);
    let own = domain.intake.clone().filter(|id| domain.operations.contains_key(id));
    comes.then(|| own.unwrap_or_else(|| Id::slug(INTAKE)))
}

/// One call for each event; whatever else the operation does, it does for all that came together.
fn together(mut operation: DomainOperation, domain: &Domain) -> DomainOperation {
    let grows = |a: &Access| {
        a.kind == AccessKind::Insert && domain.entities.get(&a.entity).is_some_and(|e| e.append_only)
    };
    operation.batch |= operation.accesses.iter().any(|a| grows(a) && a.rows >= 2.0);
    for access in &mut operation.accesses {
        access.rows = if grows(access) { 1.0 } else { access.rows / super::statements::EVENTS_TOGETHER };
    }
    for follow in &mut operation.follows {
        follow.count /= super::statements::EVENTS_TOGETHER;
    }
    operation
}

/// The domain's operations, and those that a load has and the domain has not.
pub(super) fn operations(domain: &Domain, loads: [&Load; 2]) -> IndexMap<Id, DomainOperation> {
    let mut operations = domain.operations.clone();
    if let Some(module) = domain.modules.keys().next() {
        if let Some(id) = intake_of(domain, loads) {
            let own = operations.get(&id).cloned().map(|o| together(o, domain));
            operations.insert(id, own.unwrap_or_else(|| intake(domain, module)));
        }
        let no_job = operations.values().all(|o| o.kind != OperationKind::Job);
        if no_job && loads.into_iter().any(|l| sane(l.jobs_per_s) > 0.0) {
            operations.insert(Id::slug(JOB), job(module));
        }
    }
    operations
}

/// Rows of an operation that go into entities which only grow.
fn events_in(domain: &Domain, operation: &DomainOperation) -> f64 {
    let grows = |a: &&Access| domain.entities.get(&a.entity).is_some_and(|e| e.append_only);
    operation
        .accesses
        .iter()
        .filter(|a| a.kind == AccessKind::Insert)
        .filter(grows)
        .map(|a| sane(a.rows))
        .sum()
}

/// The intake of events: like the busiest operation that adds to an entity which only grows.
fn intake(domain: &Domain, module: &Id) -> DomainOperation {
    let brings = |o: &DomainOperation| sane(o.share) * events_in(domain, o);
    let model = domain
        .operations
        .values()
        .filter(|o| o.kind != OperationKind::Job && !o.critical && brings(o) > 0.0)
        .max_by(|a, b| brings(a).total_cmp(&brings(b)));
    let one_row = |a: &Access| Access { rows: 1.0, ..a.clone() };
    let grows = |a: &&Access| {
        a.kind == AccessKind::Insert && domain.entities.get(&a.entity).is_some_and(|e| e.append_only)
    };
    DomainOperation {
        name: "Take in events".to_owned(),
        kind: OperationKind::Request,
        module: model.map_or_else(|| module.clone(), |o| o.module.clone()),
        method: Some("POST".to_owned()),
        path: Some("/v1/events".to_owned()),
        roles: model.map_or_else(Vec::new, |o| o.roles.clone()),
        takes: None,
        batch: model.is_some_and(|o| o.accesses.iter().any(|a| grows(&a) && a.rows >= 2.0)),
        share: 0.0,
        effort: Effort::Light,
        cache: EdgePolicy::None,
        accesses: model.and_then(|o| o.accesses.iter().find(grows)).map(one_row).into_iter().collect(),
        follows: Vec::new(),
        calls: Vec::new(),
        idempotent: false,
        critical: false,
    }
}

fn job(module: &Id) -> DomainOperation {
    DomainOperation {
        name: "Run a background job".to_owned(),
        kind: OperationKind::Job,
        module: module.clone(),
        method: None,
        path: None,
        roles: Vec::new(),
        takes: None,
        batch: false,
        share: 0.0,
        effort: Effort::Ordinary,
        cache: EdgePolicy::None,
        accesses: Vec::new(),
        follows: Vec::new(),
        calls: Vec::new(),
        idempotent: true,
        critical: false,
    }
}

/// Arrivals per second of each operation: requests by their share, events as given, jobs by what starts
/// them, raised together where the load has more jobs than that.
pub(super) fn rates(
    operations: &IndexMap<Id, DomainOperation>,
    load: &Load,
    intake: Option<&Id>,
) -> IndexMap<Id, f64> {
    let asked = requests(operations).filter(|(id, _)| Some(*id) != intake);
    let shares: f64 = asked.map(|(_, o)| sane(o.share)).sum();
    let per_share = if shares > 0.0 { sane(load.requests_per_s) / shares } else { 0.0 };
    let mut rates: IndexMap<Id, f64> = operations.keys().map(|id| (id.clone(), 0.0)).collect();
    for (id, operation) in requests(operations) {
        rates[id] = match operation.kind {
            _ if Some(id) == intake => sane(load.events_per_s),
            OperationKind::Scheduled if sane(operation.share) <= 0.0 => SCHEDULED_PER_S,
            _ => per_share * sane(operation.share),
        };
    }
    add_jobs(operations, sane(load.jobs_per_s), &mut rates);
    rates.values_mut().for_each(|rate| *rate = tidy(*rate));
    rates
}

/// Everything but jobs.
fn requests(operations: &IndexMap<Id, DomainOperation>) -> impl Iterator<Item = (&Id, &DomainOperation)> {
    operations.iter().filter(|(_, o)| o.kind != OperationKind::Job)
}

fn add_jobs(operations: &IndexMap<Id, DomainOperation>, wanted: f64, rates: &mut IndexMap<Id, f64>) {
    let mut wave = rates.clone();
    for _ in 0..LONGEST_CHAIN {
        let mut next: IndexMap<Id, f64> = IndexMap::new();
        for (id, operation) in operations {
            let rate = wave.get(id).copied().unwrap_or(0.0);
            for follow in operation.follows.iter().filter(|_| rate > 0.0) {
                if operations.get(&follow.job).is_some_and(|o| o.kind == OperationKind::Job) {
                    *next.entry(follow.job.clone()).or_default() += sane(rate * sane(follow.count));
                }
            }
        }
        if next.is_empty() {
            break;
        }
        for (id, rate) in &next {
            rates[id] = sane(rates[id] + rate);
        }
        wave = next;
    }
    raise_jobs(operations, wanted, rates);
}

/// Raises all jobs by one factor where more are wanted than operations start; without any, all alike.
fn raise_jobs(operations: &IndexMap<Id, DomainOperation>, wanted: f64, rates: &mut IndexMap<Id, f64>) {
    let jobs: Vec<&Id> =
        operations.iter().filter(|(_, o)| o.kind == OperationKind::Job).map(|(id, _)| id).collect();
    let started: f64 = jobs.iter().map(|id| rates[*id]).sum();
    if wanted <= started || jobs.is_empty() {
        return;
    }
    let count = jobs.len() as f64;
    for id in jobs {
        rates[id] = if started > 0.0 { rates[id] * (wanted / started) } else { wanted / count };
    }
}

/// How the rates were obtained.
pub(super) fn basis(operations: &IndexMap<Id, DomainOperation>, load: &Load, horizon: Horizon) -> String {
    let scheduled = operations.values().any(|o| o.kind == OperationKind::Scheduled && sane(o.share) <= 0.0);
    let mut text = format!(
        "computed: {} requests/s at peak {} times each operation's share in the domain; jobs by what starts them",
        format_number(load.requests_per_s),
        horizon.label()
    );
    if load.jobs_per_s > 0.0 {
        text.push_str(&format!(", at least {} jobs/s", format_number(load.jobs_per_s)));
    }
    if load.events_per_s > 0.0 {
        text.push_str(&format!("; {} events/s", format_number(load.events_per_s)));
    }
    if scheduled {
        text.push_str("; scheduled work once an hour (planning assumption)");
    }
    text
}
