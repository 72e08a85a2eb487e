//! How fast each entity grows, in rows and bytes.

use loadcase_model::{AccessKind, Entity, Figure, Horizon, Id, Unit};

use super::source::Source;

/// Seconds in a day, days in the 24 months between the horizons.
const DAY_S: f64 = 86_400.0;
const DAYS: f64 = 730.0;
const MONTH: f64 = 30.0;
const BYTES_PER_GB: f64 = 1e9;

/// The growth of an entity.
pub(crate) struct Growth {
    /// Rows added in a day, at each horizon.
    pub(crate) rows_now: Figure,
    pub(crate) rows_later: Figure,
    /// Size of the rows of 30 days at today's rate.
    pub(crate) month: Figure,
    /// Size after 24 months, what is deleted by then subtracted.
    pub(crate) size: Figure,
}

/// Rows from the workloads: inserts at the peak, brought down to the average by the peak factor.
pub(crate) fn growth(source: &Source<'_>, id: &Id, entity: &Entity) -> Option<Growth> {
    let (now, later) = (rows_per_day(source, id, Horizon::Now)?, rows_per_day(source, id, Horizon::Later)?);
    // Growing evenly from one horizon to the other; what is kept for a time holds the last days only.
    let rows = match entity.keep_days {
        Some(days) if f64::from(days) < DAYS => {
            let share = f64::from(days) / DAYS;
            let begin = later + (now - later) * share;
            f64::from(days) * (begin + later) / 2.0
        }
        _ => DAYS * (now + later) / 2.0,
    };
    let per_day = "inserts at peak x 86,400 / peak factor";
    let gigabytes =
        |rows: f64, by: &str| Figure::computed(rows * entity.row_bytes / BYTES_PER_GB, Unit::Gigabytes, by);
    Some(Growth {
        rows_now: Figure::computed(now, Unit::One, per_day),
        rows_later: Figure::computed(later, Unit::One, per_day),
        month: gigabytes(now * MONTH, "rows of 30 days now x row size"),
        size: gigabytes(rows, "rows of 24 months x row size"),
    })
}

fn rows_per_day(source: &Source<'_>, entity: &Id, horizon: Horizon) -> Option<f64> {
    let rows = inserts_per_s(source, entity, horizon)? * DAY_S / source.peak_factor(horizon);
    rows.is_finite().then_some(rows)
}

/// Rows added in a second at the peak; absent when no workload says.
pub(crate) fn inserts_per_s(source: &Source<'_>, entity: &Id, horizon: Horizon) -> Option<f64> {
    let blueprint = source.keeping.blueprint;
    let workload = blueprint.workloads.iter().find(|w| w.horizon == horizon)?;
    let per_s = workload
        .rate_per_s
        .iter()
        .filter_map(|(id, rate)| Some((blueprint.operations.get(id)?, rate)))
        .flat_map(|(operation, rate)| operation.accesses.iter().map(move |a| (a, rate)))
        .filter(|(a, _)| a.entity == *entity && a.kind == AccessKind::Insert)
        .map(|(a, rate)| rate * a.rows)
        .sum();
    Some(per_s)
}
