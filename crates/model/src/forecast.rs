//! A forecast: what the capacity model says of a blueprint under a workload.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::figure::Figure;
use crate::id::Id;
use crate::input::Horizon;
use crate::unit::Unit;

/// What the capacity model says of a blueprint under a workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Forecast {
    /// Which load case.
    pub horizon: Horizon,
    /// Arrivals per second, all operations.
    pub arrivals: Figure,
    /// Response time over all operations that somebody waits for.
    pub latency: Latency,
    /// By operation.
    pub operations: IndexMap<Id, OperationForecast>,
    /// By component.
    pub stations: IndexMap<Id, StationForecast>,
    /// Where it ends.
    pub saturation: Saturation,
    /// Share of time it answers, and what is lost in a failure.
    pub availability: Availability,
    /// Infrastructure, each month.
    pub cost: Vec<CostLine>,
    /// Sum of `cost`.
    pub cost_total: Figure,
    /// People it takes to run.
    pub people: Vec<PeopleLine>,
    /// Sum of `people`.
    pub people_total: Figure,
}

/// Percentiles of a response time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// Mean.
    pub mean: Figure,
    /// Median.
    pub p50: Figure,
    /// 95th percentile.
    pub p95: Figure,
    /// 99th percentile.
    pub p99: Figure,
}

/// What is forecast of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperationForecast {
    /// Arrivals per second.
    pub rate: Figure,
    /// Response time; of a job, the time from queue to done.
    pub latency: Latency,
}

/// What is forecast of one component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StationForecast {
    /// Busy share of its processors (utilisation).
    pub utilisation: Figure,
    /// Visits per second.
    pub throughput: Figure,
    /// Mean wait for a free server at one visit.
    pub wait: Figure,
}

/// The load at which the first component is busy all the time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Saturation {
    /// Arrivals per second at saturation, at the same mix.
    pub rate: Figure,
    /// That rate divided by the present one.
    pub headroom: Figure,
    /// The component that saturates first.
    pub station: Id,
}

/// How often and how badly it fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Availability {
    /// Share of time it answers.
    pub share: Figure,
    /// Expected time down in a month.
    pub downtime_month: Figure,
    /// Upper bound on data lost when the primary store fails (RPO).
    pub recovery_point: Figure,
    /// Time until it answers again after the primary store fails (RTO).
    pub recovery_time: Figure,
    /// The component that costs most availability.
    pub weakest: Option<Id>,
}

/// A line of the monthly bill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CostLine {
    /// What is paid for.
    pub item: String,
    /// How it was computed: `3 x 2 vCPU x 36 USD`.
    pub arithmetic: String,
    /// Each month.
    pub monthly: Figure,
}

impl CostLine {
    /// How the line of what files take where they lie ends.
    pub const STORED_FILES: &'static str = "stored files";
    /// How the line of their way to whoever looks at them begins.
    pub const FILE_TRAFFIC: &'static str = "traffic of files";

    /// Whether the line is about files.
    #[must_use]
    pub fn is_of_files(&self) -> bool {
        self.item.ends_with(Self::STORED_FILES) || self.item.starts_with(Self::FILE_TRAFFIC)
    }
}

impl Forecast {
    /// What stored files and their traffic cost each month; absent where there are none.
    #[must_use]
    pub fn files(&self) -> Option<Figure> {
        let lines: Vec<&CostLine> = self.cost.iter().filter(|l| l.is_of_files()).collect();
        let sum = lines.iter().map(|l| l.monthly.value).sum();
        (!lines.is_empty()).then(|| Figure::computed(sum, Unit::UsdPerMonth, "lines of the bill about files"))
    }
}

/// A line of the people needed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PeopleLine {
    /// What takes time.
    pub item: String,
    /// Engineers, as a fraction.
    pub engineers: Figure,
}
