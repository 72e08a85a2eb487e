//! How a product of the domain uses the system: what one request brings with it, from the rates at which its
//! operations are asked for and the jobs they start.

use indexmap::IndexMap;
use loadcase_catalog::{Domain, DomainOperation, EdgePolicy};
use loadcase_model::{AccessKind, Id, Input, OperationKind, stored};

use crate::compose::{job_chain, row_weight, shares};

/// How a product of the domain uses the system, per request.
#[derive(Clone, Copy, Debug)]
pub struct Mix {
    /// Jobs started by one request that writes.
    pub jobs_per_write: f64,
    /// Rows inserted, updated and deleted for one request that writes, with the jobs that it starts; none where the
    /// domain says nothing of rows.
    pub rows_per_write: Option<f64>,
    /// What a row costs the store, in writes of one row by a statement of its own: less where one statement writes
    /// many.
    pub row_cost: f64,
    /// What part of that cost jobs cause, for which nobody waits.
    pub background_share: f64,
    /// Share of database reads that aggregate many rows.
    pub aggregate_share: f64,
    /// Share of requests whose answer may be shared between people.
    pub shared_share: f64,
    /// Bytes that one written row leaves behind until the second horizon, after what is replaced or dropped.
    pub kept_bytes: f64,
    /// The same when nothing is ever dropped.
    pub written_bytes: f64,
    /// Files that one request leaves behind.
    pub files_kept: f64,
    /// Files that the answer to one request shows.
    pub files_shown: f64,
    /// What one call of the domain's intake of events brings.
    pub intake: Intake,
}

/// What one call that brings events does, and the jobs that it starts.
#[derive(Clone, Copy, Debug)]
pub struct Intake {
    /// Events in one call.
    pub events: f64,
    /// Statements that read, of the call itself.
    pub reads: f64,
    /// Rows written beside the events, by the call itself.
    pub other_rows: f64,
    /// The same in writes of one row.
    pub other_writes: f64,
    /// Jobs it starts, with those that they start.
    pub jobs: f64,
    /// Statements of these jobs that read.
    pub job_reads: f64,
    /// Rows these jobs write.
    pub job_rows: f64,
    /// The same in writes of one row.
    pub job_writes: f64,
}

/// What operations do, added up at the rates at which they are asked for.
#[derive(Clone, Copy, Debug, Default)]
struct Work {
    jobs: f64,
    reads: f64,
    rows: f64,
    writes: f64,
    kept_bytes: f64,
    written_bytes: f64,
}

impl Work {
    fn add(&mut self, domain: &Domain, operation: &DomainOperation, rate: f64) {
        if operation.kind == OperationKind::Job {
            self.jobs += rate;
        }
        for access in &operation.accesses {
            let touched = rate * access.rows.max(0.0);
            match access.kind {
                AccessKind::ReadOne | AccessKind::ReadMany | AccessKind::Aggregate => {
                    self.reads += rate * access.rows.clamp(0.0, 1.0);
                }
                _ => {
                    self.rows += touched;
                    self.writes += rate * access.rows.clamp(0.0, 1.0) * row_weight(access);
                }
            }
            if access.kind == AccessKind::Insert
                && let Some(entity) = domain.entities.get(&access.entity)
            {
                let days = entity.keep_days.map_or(730.0, f64::from).min(730.0);
                self.written_bytes += touched * entity.row_bytes;
                self.kept_bytes += touched * entity.row_bytes * days / 730.0;
            }
        }
    }

    fn of(domain: &Domain, rates: &IndexMap<Id, f64>) -> Self {
        let mut work = Self::default();
        for (id, operation) in &domain.operations {
            work.add(domain, operation, rates.get(id).copied().unwrap_or(0.0));
        }
        work
    }
}

impl Mix {
    pub(crate) const fn plain() -> Self {
        Self {
            jobs_per_write: 0.0,
            rows_per_write: None,
            row_cost: 1.0,
            background_share: 0.0,
            aggregate_share: 0.0,
            shared_share: 0.5,
            kept_bytes: 200.0,
            written_bytes: 700.0,
            files_kept: 0.0,
            files_shown: 0.0,
            intake: Intake::plain(),
        }
    }

    /// The use of a domain. Where events are stated, its intake comes apart from its requests.
    pub(crate) fn of(domain: &Domain, apart: bool) -> Self {
        let (mut reads, mut aggregates, mut shared) = (0.0, 0.0, 0.0);
        for operation in domain.operations.values().filter(|o| o.kind != OperationKind::Job) {
            for access in &operation.accesses {
                match access.kind {
                    AccessKind::ReadOne | AccessKind::ReadMany => reads += operation.share,
                    AccessKind::Aggregate => aggregates += operation.share,
                    _ => {}
                }
            }
            if matches!(operation.cache, EdgePolicy::Public | EdgePolicy::Shared) {
                shared += operation.share;
            }
        }
        let all = reads + aggregates;
        let intake = domain.intake.as_ref().filter(|_| apart);
        let mut rates = shares(&domain.operations, intake);
        job_chain(&domain.operations, &mut rates);
        let work = Work::of(domain, &rates);
        let is_job = |id: &Id| domain.operations.get(id).is_some_and(|o| o.kind == OperationKind::Job);
        rates.iter_mut().filter(|(id, _)| !is_job(id)).for_each(|(_, rate)| *rate = 0.0);
        let background = Work::of(domain, &rates);
        let intake_share = intake.and_then(|i| domain.operations.get(i)).map_or(0.0, |o| o.share);
        let write_share = 1.0 - domain.usage.get(&Input::ReadShare).map_or(0.85, |f| f.value);
        // The share of reads counts the intake among the requests that write.
        let write_share = ((write_share - intake_share) / (1.0 - intake_share).max(0.01)).max(0.02);
        let plain = Self::plain();
        let (files_kept, files_shown) = files_per_request(domain);
        let per_row =
            |whole: f64, otherwise: f64| if work.rows > 0.0 { whole / work.rows } else { otherwise };
        Self {
            jobs_per_write: work.jobs / write_share,
            rows_per_write: (work.rows > 0.0).then_some(work.rows / write_share),
            row_cost: per_row(work.writes, 1.0),
            background_share: if work.writes > 0.0 { background.writes / work.writes } else { 0.0 },
            aggregate_share: if all > 0.0 { aggregates / all } else { 0.0 },
            shared_share: shared,
            kept_bytes: per_row(work.kept_bytes, plain.kept_bytes),
            written_bytes: per_row(work.written_bytes, plain.written_bytes),
            files_kept,
            files_shown,
            intake: Intake::of(domain),
        }
    }
}

/// Files that a request leaves behind, and files that its answer shows.
fn files_per_request(domain: &Domain) -> (f64, f64) {
    let of_files = |id: &Id| domain.entities.get(id).is_some_and(stored::is_of_files);
    let accesses = domain.operations.values().flat_map(|o| o.accesses.iter().map(move |a| (o, a)));
    accesses.filter(|(_, a)| of_files(&a.entity)).fold((0.0, 0.0), |(kept, shown), (o, a)| {
        let rows = o.share * a.rows;
        match a.kind {
            AccessKind::Insert => (kept + rows, shown),
            AccessKind::ReadOne | AccessKind::ReadMany if o.kind == OperationKind::Request => {
                (kept, shown + rows)
            }
            _ => (kept, shown),
        }
    })
}

impl Intake {
    /// One call for each event, which writes that event and nothing else.
    const fn plain() -> Self {
        Self {
            events: 1.0,
            reads: 0.0,
            other_rows: 0.0,
            other_writes: 0.0,
            jobs: 0.0,
            job_reads: 0.0,
            job_rows: 0.0,
            job_writes: 0.0,
        }
    }

    fn of(domain: &Domain) -> Self {
        let Some((id, call)) = domain.intake.as_ref().and_then(|id| domain.operations.get_key_value(id))
        else {
            return Self::plain();
        };
        let mut beside = call.clone();
        beside.accesses.retain(|a| !domain.adds_events(a));
        let mut own = Work::default();
        own.add(domain, &beside, 1.0);
        let mut rates: IndexMap<Id, f64> = domain.operations.keys().map(|o| (o.clone(), 0.0)).collect();
        rates[id] = 1.0;
        job_chain(&domain.operations, &mut rates);
        rates[id] = 0.0;
        let jobs = Work::of(domain, &rates);
        Self {
            events: domain.events_per_call(call),
            reads: own.reads,
            other_rows: own.rows,
            other_writes: own.writes,
            jobs: jobs.jobs,
            job_reads: jobs.reads,
            job_rows: jobs.rows,
            job_writes: jobs.writes,
        }
    }
}
