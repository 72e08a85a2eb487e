//! How often each operation is asked for.

use indexmap::IndexMap;
use loadcase_catalog::{Domain, DomainOperation, EdgePolicy, Effort};
use loadcase_model::{Access, AccessKind, Horizon, Horizons, Id, OperationKind, format_number, stored};

use crate::plan::Load;

/// Jobs may start jobs; beyond this depth a cycle in the data is assumed and cut.
const LONGEST_CHAIN: usize = 6;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// What runs less often than this finds the rows of quiet hours too, seconds.
const SELDOM_S: f64 = 3_600.0;

/// Part of the requests that registrations take at most.
const MOST_REGISTRATIONS: f64 = 0.1;

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

/// The domain's operations, and those that a load has and the domain has not.
pub(super) fn operations(domain: &Domain, loads: [&Load; 2]) -> IndexMap<Id, DomainOperation> {
    let mut operations = domain.operations.clone();
    if let Some(module) = domain.modules.keys().next() {
        if let Some(id) = intake_of(domain, loads) {
            operations.entry(id).or_insert_with(|| intake(domain, module));
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
    operation.accesses.iter().filter(|a| domain.adds_events(a)).map(|a| sane(a.rows)).sum()
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
    let grows = |a: &&Access| domain.adds_events(a);
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
        every: None,
        after: None,
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
        every: None,
        after: None,
        accesses: Vec::new(),
        follows: Vec::new(),
        calls: Vec::new(),
        idempotent: true,
        critical: false,
    }
}

/// Arrivals per second of each operation: requests by their share, the intake by the load's events and how many of
/// them one call brings, jobs by what starts them, raised together where the load has more jobs than that.
pub(super) fn rates(
    operations: &IndexMap<Id, DomainOperation>,
    load: &Load,
    intake: Option<(&Id, f64)>,
    counts: &IndexMap<Id, Horizons<f64>>,
) -> IndexMap<Id, f64> {
    let (intake, events_per_call) = (intake.map(|(id, _)| id), intake.map_or(1.0, |(_, events)| events));
    let mut rates = shares(operations, intake);
    share_out(operations, &mut rates, load, counts);
    if let Some(id) = intake.filter(|id| operations.contains_key(*id)) {
        rates[id] = sane(load.events_per_s) / events_per_call;
    }
    for (id, operation) in operations.iter().filter(|(_, o)| runs_by_the_clock(o)) {
        rates[id] = operation.runs_per_s();
    }
    job_chain(operations, &mut rates);
    raise_jobs(operations, sane(load.jobs_per_s), &mut rates);
    rates.values_mut().for_each(|rate| *rate = tidy(*rate));
    rates
}

/// Turns shares into rates. What registers things whose number is known is asked for as often as that number grows;
/// the rest shares what remains of the requests.
fn share_out(
    operations: &IndexMap<Id, DomainOperation>,
    shares: &mut IndexMap<Id, f64>,
    load: &Load,
    counts: &IndexMap<Id, Horizons<f64>>,
) {
    let requests = sane(load.requests_per_s);
    let known: IndexMap<Id, f64> = operations
        .iter()
        .filter(|(id, _)| shares.get(*id).is_some_and(|s| *s > 0.0))
        .filter_map(|(id, o)| Some((id.clone(), registers(o, counts)? * load.peak_factor.max(1.0))))
        .collect();
    let fixed: f64 = known.values().sum();
    let rest: f64 = shares.iter().filter(|(id, _)| !known.contains_key(*id)).map(|(_, s)| s).sum();
    // Where people would do little else than register, the shares are kept.
    let holds = fixed <= requests * MOST_REGISTRATIONS && rest > 0.0;
    for (id, share) in shares.iter_mut() {
        *share = match known.get(id).filter(|_| holds) {
            Some(rate) => *rate,
            None if holds => *share / rest * (requests - fixed),
            None => *share * requests,
        };
    }
}

/// How often an operation registers things whose number is known, per second on average: as often as the one of them
/// that grows slowest needs.
fn registers(operation: &DomainOperation, counts: &IndexMap<Id, Horizons<f64>>) -> Option<f64> {
    let adds = operation.accesses.iter().filter(|a| a.kind == AccessKind::Insert && a.rows > 0.0);
    let rates = adds.filter_map(|a| {
        Some(stored::registered_per_day(counts.get(&a.entity)?) / SECONDS_PER_DAY / sane(a.rows))
    });
    rates.min_by(f64::total_cmp)
}

/// Gives scheduled operations the rows that they find at a horizon: in a run at the peak where they run often, on an
/// average day where they run seldom.
pub(super) fn fill_rows(
    operations: &mut IndexMap<Id, DomainOperation>,
    rates: &IndexMap<Id, f64>,
    peak_factor: f64,
    horizon: Horizon,
    counts: &IndexMap<Id, Horizons<f64>>,
) {
    let mut added: IndexMap<Id, f64> = IndexMap::new();
    for (id, operation) in operations.iter() {
        let inserts =
            operation.accesses.iter().filter(|a| a.kind == AccessKind::Insert && a.rows_from.is_none());
        for access in inserts {
            *added.entry(access.entity.clone()).or_default() += rates[id] * sane(access.rows);
        }
    }
    for operation in operations.values_mut().filter(|o| o.kind == OperationKind::Scheduled) {
        let every = 1.0 / operation.runs_per_s();
        let levels = if every > SELDOM_S { peak_factor.max(1.0) } else { 1.0 };
        for access in &mut operation.accesses {
            let Some(from) = &access.rows_from else { continue };
            let flow = from.added.as_ref().and_then(|e| added.get(e)).map_or(0.0, |r| r * every / levels);
            let all = from.all.as_ref().and_then(|e| counts.get(e)).map(|c| *c.at(horizon));
            // A number that nobody knows is the one that the domain assumes.
            if from.added.is_some() || all.is_some() {
                access.rows = tidy(from.share * (flow + all.unwrap_or(0.0)));
            } else {
                access.rows_from = None;
            }
        }
    }
}

/// Share of each operation in the requests, those of the intake left out.
pub(crate) fn shares(operations: &IndexMap<Id, DomainOperation>, intake: Option<&Id>) -> IndexMap<Id, f64> {
    let asked = || requests(operations).filter(|(id, _)| Some(*id) != intake);
    let all: f64 = asked().map(|(_, o)| sane(o.share)).sum();
    let mut shares: IndexMap<Id, f64> = operations.keys().map(|id| (id.clone(), 0.0)).collect();
    for (id, operation) in asked().filter(|_| all > 0.0) {
        shares[id] = sane(operation.share) / all;
    }
    shares
}

/// Whether an operation is started by the clock alone.
fn runs_by_the_clock(operation: &DomainOperation) -> bool {
    operation.kind == OperationKind::Scheduled && sane(operation.share) <= 0.0
}

/// Everything but jobs.
fn requests(operations: &IndexMap<Id, DomainOperation>) -> impl Iterator<Item = (&Id, &DomainOperation)> {
    operations.iter().filter(|(_, o)| o.kind != OperationKind::Job)
}

/// Adds the jobs that operations at these rates start, and those that these start in turn.
pub(crate) fn job_chain(operations: &IndexMap<Id, DomainOperation>, rates: &mut IndexMap<Id, f64>) {
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
    let scheduled = operations.values().any(runs_by_the_clock);
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
        text.push_str("; scheduled work as often as its period says");
    }
    text
}
