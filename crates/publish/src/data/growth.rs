//! How fast each entity grows, in rows and bytes.

use loadcase_model::{AccessKind, Entity, Figure, Horizon, Id, Input, Unit};

use crate::view::View;

/// Seconds in a day, days in the 24 months between the horizons.
const DAY_S: f64 = 86_400.0;
const DAYS: f64 = 730.0;
const BYTES_PER_GB: f64 = 1e9;

/// The growth of an entity.
pub(crate) struct Growth {
    /// Rows added in a day, at each horizon.
    pub(crate) rows_now: Figure,
    pub(crate) rows_later: Figure,
    /// Size after 24 months, what is deleted by then subtracted.
    pub(crate) size: Figure,
}

/// Rows from the workloads: inserts at the peak, brought down to the average by the peak factor.
pub(crate) fn growth(view: &View<'_>, id: &Id, entity: &Entity) -> Option<Growth> {
    let (now, later) = (rows_per_day(view, id, Horizon::Now)?, rows_per_day(view, id, Horizon::Later)?);
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
    Some(Growth {
        rows_now: Figure::computed(now, Unit::One, per_day),
        rows_later: Figure::computed(later, Unit::One, per_day),
        size: Figure::computed(
            rows * entity.row_bytes / BYTES_PER_GB,
            Unit::Gigabytes,
            "rows of 24 months x row size",
        ),
    })
}

fn rows_per_day(view: &View<'_>, entity: &Id, horizon: Horizon) -> Option<f64> {
    let workload = view.blueprint().workloads.iter().find(|w| w.horizon == horizon)?;
    let factor = view.design.reading(Input::PeakFactor).map_or(1.0, |r| match horizon {
        Horizon::Now => r.now.value,
        Horizon::Later => r.later.value,
    });
    let per_s: f64 = workload
        .rate_per_s
        .iter()
        .filter_map(|(id, rate)| Some((view.blueprint().operations.get(id)?, rate)))
        .flat_map(|(operation, rate)| operation.accesses.iter().map(move |a| (a, rate)))
        .filter(|(a, _)| a.entity == *entity && a.kind == AccessKind::Insert)
        .map(|(a, rate)| rate * a.rows)
        .sum();
    let rows = per_s * DAY_S / factor.max(1.0);
    rows.is_finite().then_some(rows)
}
