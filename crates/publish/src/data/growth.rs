//! How fast each entity grows, in rows and bytes.

use loadcase_model::{Entity, Figure, Horizon, Horizons, Id, Origin, Part, Unit, stored};

use super::source::Source;
use crate::honesty::tagged;

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
    let rows = stored::rows_after_24_months(&Horizons { now, later }, entity);
    let per_day = if entity.count.is_some() {
        "the growth of their number in 24 months, which the brief states or assumes, over 730 days"
    } else {
        "inserts at peak x 86,400 / peak factor; what runs by the clock as often as it runs"
    };
    let all_rows = if entity.count.is_some() {
        "their number in 24 months x row size"
    } else {
        "rows of 24 months x row size"
    };
    let gigabytes =
        |rows: f64, by: &str| Figure::computed(rows * entity.row_bytes / BYTES_PER_GB, Unit::Gigabytes, by);
    Some(Growth {
        rows_now: Figure::computed(now, Unit::One, per_day),
        rows_later: Figure::computed(later, Unit::One, per_day),
        month: gigabytes(now * 30.0, "rows of 30 days now x row size"),
        size: gigabytes(rows, all_rows),
    })
}

/// Rows added in a second at the peak; absent when no workload says.
pub(crate) fn inserts_per_s(source: &Source<'_>, entity: &Id, horizon: Horizon) -> Option<f64> {
    stored::inserts_per_s(source.keeping.blueprint, entity, horizon)
}

/// Rows that a pattern of the design leaves in the store for some days.
pub(crate) struct Standing {
    name: String,
    rows_now: Figure,
    rows_later: Figure,
    /// What a month at today's rate leaves behind.
    pub(crate) month: Figure,
    /// What lies there in 24 months.
    pub(crate) size: Figure,
    keep_days: Figure,
}

impl Standing {
    /// The row of the table of sizes.
    pub(crate) fn cells(&self) -> Vec<String> {
        let days = format!("{} days", tagged(&self.keep_days));
        vec![
            self.name.clone(),
            tagged(&self.rows_now),
            tagged(&self.rows_later),
            tagged(&self.month),
            tagged(&self.size),
            days,
        ]
    }
}

/// The tables of patterns with the rows that the workload leaves there.
pub(crate) fn standing(source: &Source<'_>) -> Vec<Standing> {
    let parts = &source.chosen.parts;
    let patterns =
        stored::Patterns { jobs: parts.contains(&Part::Job), outbox: parts.contains(&Part::Outbox) };
    let factor =
        Horizons { now: source.peak_factor(Horizon::Now), later: source.peak_factor(Horizon::Later) };
    let told = stored::standing(source.keeping.blueprint, patterns, &factor).into_iter().map(|s| {
        let what = match s.part {
            Part::Job => ("Jobs", "a row for each job"),
            Part::Outbox => ("Outbox messages", "a row for each message to the queue"),
            _ => ("Idempotency keys", "a row for each request that must not take effect twice"),
        };
        let rows = |value: f64| {
            Figure::computed(value, Unit::One, format!("{}: rates at peak x 86,400 / peak factor", what.1))
        };
        let bytes = |value: f64| {
            Figure::computed(value, Unit::Gigabytes, "rows of the days that they are kept x row size")
        };
        let basis = "finished work is kept some days for looking into";
        Standing {
            name: what.0.to_owned(),
            rows_now: rows(s.per_day.now),
            rows_later: rows(s.per_day.later),
            month: bytes(s.month()),
            size: bytes(s.later()),
            keep_days: Figure {
                value: s.keep_days,
                unit: Unit::One,
                origin: Origin::assumed(s.keep_days / 4.0, s.keep_days * 4.0, basis),
            },
        }
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_patterns_are_sized_with_the_numbers_that_they_are_written_with() {
        let told = super::super::standing::sizes();
        for (part, row_bytes, keep_days) in stored::STANDING {
            assert!(told.contains(&(part, row_bytes, keep_days)), "{part:?}");
        }
    }
}
