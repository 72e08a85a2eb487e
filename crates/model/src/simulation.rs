//! Simulations: what came of running a system event by event, scenario by scenario.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::figure::Figure;
use crate::id::Id;
use crate::input::Horizon;
use crate::origin::{Origin, Tag};
use crate::unit::{Unit, format_quantity};

/// What came of a system under scenarios.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Simulation {
    /// Format: `loadcase/simulation/1`.
    pub schema: String,
    /// The system.
    pub name: String,
    /// Which load it is under; absent where each scenario brings its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<Horizon>,
    /// How it was simulated.
    pub basis: String,
    /// Seed of the random numbers: the same seed gives the same result.
    pub seed: u64,
    /// Whether every target of every scenario held.
    pub holds: bool,
    /// Whether it was stopped before everything had run.
    pub partial: bool,
    /// Within which time an answer counts as good; absent where each operation says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_time: Option<Figure>,
    /// Scenarios that ran.
    pub scenarios: Vec<ScenarioRun>,
    /// Scenarios that did not run, and why.
    pub skipped: Vec<SkippedScenario>,
    /// How response times rise with the load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curve: Option<LoadCurve>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

impl Simulation {
    /// The format this version of Loadcase writes.
    pub const SCHEMA: &'static str = "loadcase/simulation/1";
}

/// A number that a simulation estimated, with its 95 % confidence interval over replications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// The value; absent when there was nothing to measure.
    pub value: Option<f64>,
    /// Lower end of the interval; absent for a single replication.
    pub low: Option<f64>,
    /// Upper end of the interval; absent for a single replication.
    pub high: Option<f64>,
    /// The unit.
    pub unit: Unit,
    /// Where the value comes from.
    pub origin: Origin,
}

impl Interval {
    /// The value with its unit: `4,444 req/s`; `none` where there was nothing to measure.
    #[must_use]
    pub fn text(&self) -> String {
        self.value.map_or_else(|| "none".to_owned(), |v| format_quantity(v, self.unit))
    }

    /// The value and the letter of its origin; without a letter where there is no number.
    #[must_use]
    pub fn tagged(&self) -> String {
        match self.value {
            Some(_) => format!("{} {}", self.text(), self.origin.tag().letter()),
            None => self.text(),
        }
    }

    /// The letter of its origin.
    #[must_use]
    pub const fn tag(&self) -> Tag {
        self.origin.tag()
    }

    /// The value as a figure; not a number where there was nothing to measure.
    #[must_use]
    pub fn figure(&self) -> Figure {
        Figure { value: self.value.unwrap_or(f64::NAN), unit: self.unit, origin: self.origin.clone() }
    }

    /// Whether a value lies within the interval.
    #[must_use]
    pub fn admits(&self, value: f64) -> bool {
        matches!((self.low, self.high), (Some(low), Some(high)) if (low..=high).contains(&value))
    }
}

/// What came of one scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioRun {
    /// The scenario.
    pub id: Id,
    /// Its name; with the name of the variant, where it has several.
    pub name: String,
    /// What happens in it.
    pub summary: String,
    /// Whether every target held.
    pub holds: bool,
    /// Targets.
    pub targets: Vec<ScenarioTarget>,
    /// Independent replications that ran.
    pub replications: Figure,
    /// Length of each.
    pub length: Figure,
    /// Share of requests that were answered in time, over the whole run.
    pub good: Interval,
    /// Median response time.
    pub p50: Interval,
    /// 95th percentile of the response time.
    pub p95: Interval,
    /// 99th percentile of the response time.
    pub p99: Interval,
    /// Requests without an answer, by cause, as a share of all.
    pub errors: Vec<ErrorShare>,
    /// Whether and when it was back.
    pub recovery: Recovery,
    /// What was busy all the time first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saturated: Option<Saturated>,
    /// By operation.
    pub operations: IndexMap<Id, OperationRun>,
    /// The smallest change that would have held; absent where everything held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
    /// How it went over time.
    pub timeline: Timeline,
    /// Whether it was stopped before all replications had run.
    pub partial: bool,
}

/// A target of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioTarget {
    /// What is wanted, in words.
    pub name: String,
    /// The bound.
    pub wanted: Figure,
    /// What was seen.
    pub seen: Interval,
    /// Whether it held.
    pub held: bool,
}

/// Requests that got no answer for one cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorShare {
    /// The cause.
    pub cause: String,
    /// As a share of all requests.
    pub share: Interval,
}

/// Whether and when a system was back after a disturbance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Recovery {
    /// Nothing disturbs it.
    Undisturbed,
    /// It was never worse than before.
    Unharmed,
    /// This long after the disturbance had begun.
    After(Figure),
    /// It was not back at the end of the run.
    Never,
}

/// What was busy all the time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Saturated {
    /// Name of the part.
    pub part: String,
    /// From when on.
    pub at: Figure,
}

/// What came of one operation in a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperationRun {
    /// Its name.
    pub name: String,
    /// Requests that came.
    pub offered: Interval,
    /// Share answered in time.
    pub good: Interval,
    /// Median response time.
    pub p50: Interval,
    /// 95th percentile.
    pub p95: Interval,
    /// 99th percentile.
    pub p99: Interval,
}

/// The search for the smallest change under which a scenario holds: each was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Remedy {
    /// The first change that held, the smallest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<TriedChange>,
    /// What was tried and did not hold, the most helpful first.
    pub others: Vec<TriedChange>,
    /// How many were run.
    pub tried: Figure,
    /// Whether the search was ended before all had been tried.
    pub partial: bool,
}

/// A change that was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TriedChange {
    /// The remedy of the catalog.
    pub remedy: Id,
    /// What is changed, in words.
    pub change: String,
    /// The same as `--with` takes it.
    pub with: String,
    /// Why it helps, or what it costs.
    pub because: String,
    /// Share of requests answered in time with it, over the whole run.
    pub good: Interval,
    /// What it adds to the monthly bill, where it changes what is paid for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly: Option<Figure>,
}

/// How a run went over time: means over replications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// How the values were obtained.
    pub basis: String,
    /// Seconds between two values.
    pub step_s: f64,
    /// Requests each second.
    pub offered_per_s: Vec<f64>,
    /// Of those, answered in time.
    pub good_per_s: Vec<f64>,
    /// Of those, without an answer.
    pub failed_per_s: Vec<f64>,
    /// Median response time by when the request came; absent where nothing was answered.
    pub p50_ms: Vec<Option<f64>>,
    /// 95th percentile.
    pub p95_ms: Vec<Option<f64>>,
    /// 99th percentile.
    pub p99_ms: Vec<Option<f64>>,
    /// Parts that work queued at, or whose size changed.
    pub parts: Vec<PartTimeline>,
    /// Stretches of time with a name.
    pub windows: Vec<NamedStretch>,
    /// When the disturbance begins and ends, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disturbed: Option<NamedStretch>,
}

/// How a part went over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PartTimeline {
    /// Its name.
    pub name: String,
    /// Work that waits at it.
    pub waiting: Vec<f64>,
    /// Servers that are busy.
    pub busy: Vec<f64>,
    /// Servers there are.
    pub servers: Vec<f64>,
}

/// A stretch of time with a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NamedStretch {
    /// Its name.
    pub name: String,
    /// From, seconds.
    pub from_s: f64,
    /// Until, seconds.
    pub until_s: f64,
}

/// A scenario that did not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkippedScenario {
    /// The scenario.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Why not.
    pub reason: String,
}

/// Response times as the load rises, at the same mix of operations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadCurve {
    /// How it was obtained.
    pub basis: String,
    /// By the formula of the forecast.
    pub formula: Vec<CurvePoint>,
    /// Simulated: 95th percentiles at some loads.
    pub simulated: Vec<SimulatedPoint>,
    /// The load that is planned for.
    pub planned: Figure,
    /// The load at which the first component is busy all the time.
    pub saturation: Figure,
    /// That component.
    pub station: String,
    /// The time that 99 of 100 requests should stay within, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<Figure>,
}

/// A point of a curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CurvePoint {
    /// Requests each second.
    pub load_per_s: f64,
    /// Median response time.
    pub p50_ms: f64,
    /// 95th percentile.
    pub p95_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
}

/// A simulated point of a curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SimulatedPoint {
    /// Requests each second.
    pub load_per_s: f64,
    /// 95th percentile.
    pub p95: Interval,
}

/// What a simulation says of a design's forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SecondOpinion {
    /// Under which load.
    pub horizon: Horizon,
    /// Independent replications.
    pub replications: Figure,
    /// Length of each.
    pub length: Figure,
    /// All operations that somebody waits for.
    pub overall: Opinion,
    /// By operation, those that were seen often enough.
    pub operations: IndexMap<Id, Opinion>,
    /// Operations that came too rarely to be judged.
    pub unjudged: Vec<Id>,
    /// How response times rise with the load.
    pub curve: LoadCurve,
    /// The scenarios that were run on it.
    pub scenarios: Vec<ScenarioRun>,
    /// Scenarios that were left out, and why.
    pub skipped: Vec<SkippedScenario>,
}

impl SecondOpinion {
    /// Operations where formula and simulation disagree, by how much, the furthest apart first.
    #[must_use]
    pub fn apart(&self) -> Vec<(&Id, &Opinion)> {
        let mut apart: Vec<_> = self.operations.iter().filter(|(_, o)| !o.agrees).collect();
        apart.sort_by(|(_, a), (_, b)| b.apart.value.abs().total_cmp(&a.apart.value.abs()));
        apart
    }
}

/// A 95th percentile by formula and by simulation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Opinion {
    /// By formula.
    pub formula: Figure,
    /// Simulated.
    pub simulated: Interval,
    /// How far the formula lies above the simulation, as a share of the simulation.
    pub apart: Figure,
    /// Whether the formula lies within the interval, within a tenth of the simulated value, or so near that the
    /// response time that is wanted does not notice: within a fiftieth of it.
    pub agrees: bool,
}
