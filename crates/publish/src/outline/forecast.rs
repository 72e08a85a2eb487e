//! A forecast in a few lines and as a small record.

use loadcase_model::{Blueprint, Forecast, Id};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Number, letters};
use crate::text::clean;

/// Components and operations that are listed: the busiest and the slowest.
const MOST: usize = 3;

/// What the capacity model says of a blueprint, for each of its loads.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ForecastOutline {
    /// The system.
    pub name: String,
    /// One entry for each load; empty when the blueprint states none.
    pub loads: Vec<LoadOutline>,
}

/// A forecast under one load.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LoadOutline {
    /// `now` or `in 24 months`.
    pub horizon: &'static str,
    /// Whether the system carries this load at all.
    pub carries_it: bool,
    /// Arrivals each second at the peak.
    pub arrivals: Number,
    /// Median response time.
    pub p50: Number,
    /// 99th percentile of the response time.
    pub p99: Number,
    /// How many times this load it carries.
    pub headroom: Number,
    /// The component that is full first.
    pub full_first: String,
    /// Share of time it answers.
    pub availability: Number,
    /// Infrastructure each month.
    pub cost: Number,
    /// Engineers to run it.
    pub people: Number,
    /// The busiest components.
    pub busiest: Vec<Busy>,
    /// The slowest operations.
    pub slowest: Vec<SlowOperation>,
}

/// A component and how busy it is.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Busy {
    /// The component.
    pub component: String,
    /// Share of its processors that is busy.
    pub busy: Number,
}

/// An operation and how long it takes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SlowOperation {
    /// The operation.
    pub operation: String,
    /// 99th percentile of its response time.
    pub p99: Number,
}

/// The record of the forecasts of a blueprint.
#[must_use]
pub fn forecast(blueprint: &Blueprint, forecasts: &[Forecast]) -> ForecastOutline {
    ForecastOutline {
        name: clean(&blueprint.name),
        loads: forecasts.iter().map(|f| load(blueprint, f)).collect(),
    }
}

fn load(blueprint: &Blueprint, f: &Forecast) -> LoadOutline {
    let name = |id: &Id| blueprint.components.get(id).map_or_else(|| id.to_string(), |c| clean(&c.name));
    let mut stations: Vec<_> = f.stations.iter().collect();
    stations.sort_by(|a, b| b.1.utilisation.value.total_cmp(&a.1.utilisation.value));
    let mut operations: Vec<_> = f.operations.iter().collect();
    operations.sort_by(|a, b| b.1.latency.p99.value.total_cmp(&a.1.latency.p99.value));
    let title = |id: &Id| blueprint.operations.get(id).map_or_else(|| id.to_string(), |o| clean(&o.name));
    LoadOutline {
        horizon: f.horizon.label(),
        carries_it: f.saturation.headroom.value >= 1.0,
        arrivals: Number::of(&f.arrivals),
        p50: Number::of(&f.latency.p50),
        p99: Number::of(&f.latency.p99),
        headroom: Number::of(&f.saturation.headroom),
        full_first: name(&f.saturation.station),
        availability: Number::of(&f.availability.share),
        cost: Number::of(&f.cost_total),
        people: Number::of(&f.people_total),
        busiest: stations
            .into_iter()
            .take(MOST)
            .map(|(id, s)| Busy { component: name(id), busy: Number::of(&s.utilisation) })
            .collect(),
        slowest: operations
            .into_iter()
            .take(MOST)
            .map(|(id, o)| SlowOperation { operation: title(id), p99: Number::of(&o.latency.p99) })
            .collect(),
    }
}

impl ForecastOutline {
    /// The record in lines.
    #[must_use]
    pub fn text(&self) -> String {
        if self.loads.is_empty() {
            return format!(
                "{} states no load: add one under `workloads`, with a rate for each operation.",
                self.name
            );
        }
        let mut lines = vec![format!("Forecast of {}.", self.name)];
        for load in &self.loads {
            lines.push(load.text());
        }
        lines.push(letters());
        lines.join("\n")
    }
}

impl LoadOutline {
    fn text(&self) -> String {
        let warning = if self.carries_it { "" } else { " IT DOES NOT CARRY THIS LOAD." };
        let busiest: Vec<String> =
            self.busiest.iter().map(|b| format!("{} {}", b.component, b.busy.tagged())).collect();
        let slowest: Vec<String> =
            self.slowest.iter().map(|o| format!("{} {}", o.operation, o.p99.tagged())).collect();
        format!(
            "{}:{warning} {} arrive at the peak; median {}, p99 {}; carries {} of it, {} is full first; answers {} \
             of the time; {} and {} engineers to run it.\n  Busy: {}.\n  Slowest p99: {}.",
            crate::text::capital(self.horizon),
            self.arrivals.tagged(),
            self.p50.tagged(),
            self.p99.tagged(),
            self.headroom.tagged(),
            self.full_first,
            self.availability.tagged(),
            self.cost.tagged(),
            self.people.tagged(),
            busiest.join(", "),
            slowest.join(", ")
        )
    }
}
