//! How fast each entity grows, in rows and bytes.

use loadcase_model::{Entity, Figure, Horizon, Horizons, Id, Unit, stored};

use super::source::Source;

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
    let factor =
        Horizons { now: source.peak_factor(Horizon::Now), later: source.peak_factor(Horizon::Later) };
    let Horizons { now, later } = stored::rows_per_day(source.keeping.blueprint, id, &factor)?;
    let rows = stored::rows_after_24_months(&Horizons { now, later }, entity.keep_days);
    let per_day = "inserts at peak x 86,400 / peak factor; what runs by the clock as often as it runs";
    let gigabytes =
        |rows: f64, by: &str| Figure::computed(rows * entity.row_bytes / BYTES_PER_GB, Unit::Gigabytes, by);
    Some(Growth {
        rows_now: Figure::computed(now, Unit::One, per_day),
        rows_later: Figure::computed(later, Unit::One, per_day),
        month: gigabytes(now * 30.0, "rows of 30 days now x row size"),
        size: gigabytes(rows, "rows of 24 months x row size"),
    })
}

/// Rows added in a second at the peak; absent when no workload says.
pub(crate) fn inserts_per_s(source: &Source<'_>, entity: &Id, horizon: Horizon) -> Option<f64> {
    stored::inserts_per_s(source.keeping.blueprint, entity, horizon)
}
