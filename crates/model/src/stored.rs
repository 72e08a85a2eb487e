//! How much is written of each entity and what lies there after 24 months, from the workloads of a blueprint. The
//! sizes of disks, the bill and the data design all take their bytes from here, so that they are one number.

use crate::blueprint::{AccessKind, Blueprint, Entity, OperationKind};
use crate::id::Id;
use crate::input::{Horizon, Horizons};

/// Seconds of a day.
const DAY_S: f64 = 86_400.0;
/// Days in the 24 months between the horizons.
const DAYS: f64 = 730.0;
/// Seconds of an average month.
const MONTH_S: f64 = 730.0 * 3_600.0;
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
    let added = workload
        .rate_per_s
        .iter()
        .filter_map(|(id, rate)| blueprint.operations.get(id).map(|o| (o, rate * weight(o.kind))))
        .flat_map(|(o, rate)| o.accesses.iter().map(move |a| (a, rate)))
        .filter(|(a, _)| a.entity == *entity && a.kind == AccessKind::Insert)
        .map(|(a, rate)| rate * a.rows)
        .sum();
    Some(added)
}

/// Rows of an entity that are added in a day: rates at the peak over the peak factor, and what runs by the clock as
/// it is.
#[must_use]
pub fn rows_per_day(
    blueprint: &Blueprint,
    entity: &Id,
    peak_factor: &Horizons<f64>,
) -> Option<Horizons<f64>> {
    let at = |horizon: Horizon| {
        let factor = peak_factor.at(horizon).max(1.0);
        let weight = |kind| if kind == OperationKind::Scheduled { 1.0 } else { 1.0 / factor };
        let rows = inserts(blueprint, entity, horizon, weight)? * DAY_S;
        rows.is_finite().then_some(rows)
    };
    Some(Horizons { now: at(Horizon::Now)?, later: at(Horizon::Later)? })
}

/// Rows that lie there after 24 months of even growth from one rate a day to the other, with what is deleted by then
/// left out.
#[must_use]
pub fn rows_after_24_months(per_day: &Horizons<f64>, keep_days: Option<u32>) -> f64 {
    let Horizons { now, later } = *per_day;
    match keep_days {
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
    let kept = entity.keep_days.map_or(f64::INFINITY, f64::from);
    let year = bytes(rows.now * kept.min(365.0));
    Some(Growth {
        month: bytes(rows.now * 30.0),
        year,
        lasting: if kept >= DAYS + 365.0 { year } else { 0.0 },
        added: bytes(rows_after_24_months(&rows, entity.keep_days)),
    })
}

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
        let keep_days = blueprint.entities[*id].keep_days;
        let limit = keep_days.map_or(f64::INFINITY, f64::from);
        let present = rows.now * present_days.min(limit);
        Some(match horizon {
            Horizon::Now => present,
            Horizon::Later if limit < DAYS => rows_after_24_months(&rows, keep_days),
            Horizon::Later => present + rows_after_24_months(&rows, keep_days),
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
