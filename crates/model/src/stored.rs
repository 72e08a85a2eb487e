//! How much is written of each entity and what lies there after 24 months, from the workloads of a blueprint. The
//! sizes of disks, the bill and the data design all take their bytes from here, so that they are one number.

use crate::blueprint::{Access, AccessKind, Blueprint, Entity, OperationKind, Part, RowsFrom};
use crate::id::Id;
use crate::input::{Horizon, Horizons};
use crate::workload::Workload;

/// Seconds of a day.
const DAY_S: f64 = 86_400.0;
/// Days in the 24 months between the horizons.
const DAYS: f64 = 730.0;
/// Seconds of an average month (730 hours), as price lists count them.
pub const MONTH_S: f64 = 730.0 * 3_600.0;
/// Bytes of a gigabyte.
const GB: f64 = 1e9;

/// Rows of an entity that are added in a second at the peak; `None` when no workload says.
#[must_use]
pub fn inserts_per_s(blueprint: &Blueprint, entity: &Id, horizon: Horizon) -> Option<f64> {
    inserts(blueprint, entity, horizon, |_| 1.0)
}

fn inserts(
    blueprint: &Blueprint,
    entity: &Id,
    horizon: Horizon,
    weight: impl Fn(OperationKind) -> f64,
) -> Option<f64> {
    let workload = blueprint.workloads.iter().find(|w| w.horizon == horizon)?;
    let asked = |of: &Id| -> f64 { added(blueprint, workload, of, &weight, |_| None) };
    let count = |of: &Id| blueprint.entities.get(of)?.count.as_ref().map(|c| *c.at(horizon));
    let followed = |from: &RowsFrom, rate: f64| {
        let added = from.added.as_ref().map_or(0.0, asked);
        let all = from.all.as_ref().and_then(count).map_or(0.0, |all| all * rate);
        from.share * (added + all)
    };
    Some(added(blueprint, workload, entity, &weight, |(a, rate)| {
        a.rows_from.as_ref().map(|from| followed(from, rate))
    }))
}

/// Rows of an entity that are added in a second; `follows` gives those that follow what others do, and what follows
/// without an answer is left out.
fn added(
    blueprint: &Blueprint,
    workload: &Workload,
    entity: &Id,
    weight: &impl Fn(OperationKind) -> f64,
    follows: impl Fn((&Access, f64)) -> Option<f64>,
) -> f64 {
    let rates = workload.rate_per_s.iter();
    rates
        .filter_map(|(id, rate)| blueprint.operations.get(id).map(|o| (o, rate * weight(o.kind))))
        .flat_map(|(o, rate)| o.accesses.iter().map(move |a| (a, rate)))
        .filter(|(a, _)| a.entity == *entity && a.kind == AccessKind::Insert)
        .map(|(a, rate)| match &a.rows_from {
            Some(_) => follows((a, rate)).unwrap_or(0.0),
            None => rate * a.rows,
        })
        .sum()
}

/// What of a number of rows changes in 24 months at least: things that come and go while their number stays.
const LEAST_CHANGE: f64 = 0.1;

/// Rows added each day of an entity whose number is known: as that number grows.
#[must_use]
pub fn registered_per_day(count: &Horizons<f64>) -> f64 {
    (count.later - count.now).max(LEAST_CHANGE * count.later).max(0.0) / DAYS
}

/// Rows of an entity that are added in a day: as their number grows where it is known, else rates at the peak over
/// the peak factor, and what runs by the clock as it is.
#[must_use]
pub fn rows_per_day(
    blueprint: &Blueprint,
    entity: &Id,
    peak_factor: &Horizons<f64>,
) -> Option<Horizons<f64>> {
    if let Some(count) = blueprint.entities.get(entity).and_then(|e| e.count.as_ref()) {
        let rows = registered_per_day(count);
        return Some(Horizons { now: rows, later: rows });
    }
    let at = |horizon: Horizon| {
        let factor = peak_factor.at(horizon).max(1.0);
        let weight = |kind| if kind == OperationKind::Scheduled { 1.0 } else { 1.0 / factor };
        let rows = inserts(blueprint, entity, horizon, weight)? * DAY_S;
        rows.is_finite().then_some(rows)
    };
    Some(Horizons { now: at(Horizon::Now)?, later: at(Horizon::Later)? })
}

/// Rows of an entity that lie there after 24 months: their number where it is known, else those of even growth from
/// one rate a day to the other, with what is deleted by then left out.
#[must_use]
pub fn rows_after_24_months(per_day: &Horizons<f64>, entity: &Entity) -> f64 {
    if let Some(count) = &entity.count {
        return count.later.max(0.0);
    }
    let Horizons { now, later } = *per_day;
    match entity.keep_days {
        // What is kept for a time holds the last days only.
        Some(days) if f64::from(days) < DAYS => {
            let begin = later + (now - later) * f64::from(days) / DAYS;
            f64::from(days) * (begin + later) / 2.0
        }
        _ => DAYS * (now + later) / 2.0,
    }
}

/// Bytes of an entity, GB.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Growth {
    /// What 30 days add at today's rate.
    pub month: f64,
    /// What a year at today's rate leaves behind, as far as it is kept.
    pub year: f64,
    /// The part of that year which is still there after 24 more months.
    pub lasting: f64,
    /// What is added in 24 months and kept.
    pub added: f64,
}

/// The growth of an entity; `None` when no workload says.
#[must_use]
pub fn growth(
    blueprint: &Blueprint,
    id: &Id,
    entity: &Entity,
    peak_factor: &Horizons<f64>,
) -> Option<Growth> {
    let rows = rows_per_day(blueprint, id, peak_factor)?;
    let bytes = |rows: f64| rows * entity.row_bytes / GB;
    if let Some(count) = &entity.count {
        let there = bytes(count.now);
        return Some(Growth { month: there, year: there, lasting: 0.0, added: bytes(count.later) });
    }
    let kept = entity.keep_days.map_or(f64::INFINITY, f64::from);
    let year = bytes(rows.now * kept.min(365.0));
    Some(Growth {
        month: bytes(rows.now * 30.0),
        year,
        lasting: if kept >= DAYS + 365.0 { year } else { 0.0 },
        added: bytes(rows_after_24_months(&rows, entity)),
    })
}

/// Bytes of an entity's rows that are read and changed again and again, GB: of things whose number is known the share
/// `in_use`, of all others the rows of the last `days`, as long as they are kept.
#[must_use]
pub fn hot(
    blueprint: &Blueprint,
    id: &Id,
    entity: &Entity,
    peak_factor: &Horizons<f64>,
    horizon: Horizon,
    (days, in_use): (f64, f64),
) -> f64 {
    if let Some(count) = &entity.count {
        return count.at(horizon).max(0.0) * entity.row_bytes / GB * in_use;
    }
    let rows = rows_per_day(blueprint, id, peak_factor).map_or(0.0, |r| *r.at(horizon));
    rows * days.min(entity.keep_days.map_or(f64::INFINITY, f64::from)) * entity.row_bytes / GB
}

/// Which tables of patterns there are besides those of the entities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patterns {
    /// Jobs lie in a table of the primary store.
    pub jobs: bool,
    /// Jobs go out through a table of messages that wait to be sent.
    pub outbox: bool,
}

/// Rows of a pattern's table.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The part it plays.
    pub part: Part,
    /// Rows added each day.
    pub per_day: Horizons<f64>,
    /// Bytes of a row with its indexes.
    pub row_bytes: f64,
    /// Days that a row is kept.
    pub keep_days: f64,
}

impl Standing {
    /// What a month at today's rate leaves behind, GB.
    #[must_use]
    pub fn month(&self) -> f64 {
        self.per_day.now * self.keep_days.min(30.0) * self.row_bytes / GB
    }

    /// What lies there in 24 months, GB.
    #[must_use]
    pub fn later(&self) -> f64 {
        self.per_day.later * self.keep_days * self.row_bytes / GB
    }
}

/// Bytes of a row and days that it is kept: of jobs, of messages that wait to be sent, of answers that must not be
/// given twice. The tables themselves are written from the same numbers.
pub const STANDING: [(Part, f64, f64); 3] =
    [(Part::Job, 600.0, 7.0), (Part::Outbox, 600.0, 7.0), (Part::IdempotencyKey, 1_500.0, 7.0)];

/// The rows that jobs, messages and keys of requests leave in the primary store for some days, where the blueprint has
/// no entity for them. A job has one row, in its own table or in that of the messages.
#[must_use]
pub fn standing(blueprint: &Blueprint, patterns: Patterns, peak_factor: &Horizons<f64>) -> Vec<Standing> {
    let played = |part: Part| blueprint.entities.values().any(|e| e.plays == Some(part));
    let per_day = |counts: &dyn Fn(&crate::blueprint::Operation) -> bool| {
        let at = |horizon: Horizon| {
            let rates =
                blueprint.workloads.iter().filter(|w| w.horizon == horizon).flat_map(|w| &w.rate_per_s);
            let counted = rates.filter(|(id, _)| blueprint.operations.get(*id).is_some_and(counts));
            counted.map(|(_, rate)| rate).sum::<f64>() / peak_factor.at(horizon).max(1.0) * DAY_S
        };
        Horizons { now: at(Horizon::Now), later: at(Horizon::Later) }
    };
    let found = STANDING.into_iter().filter_map(|(part, row_bytes, keep_days)| {
        let per_day = match part {
            _ if played(part) => return None,
            Part::Job if patterns.jobs => per_day(&|o| o.kind == OperationKind::Job),
            Part::Outbox if patterns.outbox && !patterns.jobs => per_day(&|o| o.kind == OperationKind::Job),
            Part::IdempotencyKey => per_day(&|o| o.critical && o.kind == OperationKind::Request),
            _ => return None,
        };
        (per_day.later > 0.0).then_some(Standing { part, per_day, row_bytes, keep_days })
    });
    found.collect()
}

/// What is said of the bytes of a new product: those of today are what its first month leaves behind.
pub const FIRST_MONTH: &str = "what lies there after the first month at the load that is planned with; at the start it is what such a product begins with";

/// The field by which an entity says that a row stands for a stored file.
pub const FILE_FIELD: &str = "size_bytes";

/// Whether rows of an entity stand for stored files.
#[must_use]
pub fn is_of_files(entity: &Entity) -> bool {
    entity.fields.iter().any(|f| f.name == *FILE_FIELD)
}

/// Days of today's uploads that lie there on the first day: a year's where the system runs already, else a first
/// month's.
#[must_use]
pub const fn file_days(runs_already: bool) -> f64 {
    if runs_already { 365.0 } else { 30.0 }
}

/// Files of a product, in counts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Files {
    /// Files that lie there at the horizon.
    pub kept: f64,
    /// Files that answers show in an average month.
    pub shown: f64,
}

/// The files that lie there at a horizon, and those that requests show in an average month then. `present_days` are
/// the days of today's uploads that lie there today.
#[must_use]
pub fn files(blueprint: &Blueprint, horizon: Horizon, average_over_peak: f64, present_days: f64) -> Files {
    let factor = 1.0 / average_over_peak.clamp(1e-6, 1.0);
    let factor = Horizons { now: factor, later: factor };
    let of_files: Vec<&Id> =
        blueprint.entities.iter().filter(|(_, e)| is_of_files(e)).map(|(id, _)| id).collect();
    let kept = of_files.iter().filter_map(|id| {
        let rows = rows_per_day(blueprint, id, &factor)?;
        let entity = &blueprint.entities[*id];
        let limit = entity.keep_days.map_or(f64::INFINITY, f64::from);
        let present = rows.now * present_days.min(limit);
        Some(match horizon {
            Horizon::Now => entity.count.as_ref().map_or(present, |c| c.now),
            Horizon::Later if limit < DAYS || entity.count.is_some() => rows_after_24_months(&rows, entity),
            Horizon::Later => present + rows_after_24_months(&rows, entity),
        })
    });
    let kept = kept.sum();
    let shown = blueprint.workloads.iter().find(|w| w.horizon == horizon).map_or(0.0, |workload| {
        let rates =
            workload.rate_per_s.iter().filter_map(|(id, rate)| Some((blueprint.operations.get(id)?, rate)));
        let read = |kind| matches!(kind, AccessKind::ReadOne | AccessKind::ReadMany);
        rates
            .filter(|(o, _)| o.kind == OperationKind::Request)
            .flat_map(|(o, rate)| o.accesses.iter().map(move |a| (a, rate)))
            .filter(|(a, _)| read(a.kind) && of_files.contains(&&a.entity))
            .map(|(a, rate)| a.rows * rate)
            .sum::<f64>()
    });
    Files { kept, shown: shown / factor.now * MONTH_S }
}
