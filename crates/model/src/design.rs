//! A design: everything Loadcase has to say about a brief.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::blueprint::{Blueprint, Component, Flow, Operation};
use crate::brief::Brief;
use crate::decision::Decision;
use crate::figure::Figure;
use crate::finding::{Finding, GateLine};
use crate::forecast::Forecast;
use crate::id::Id;
use crate::input::{Horizons, Input};
use crate::origin::Origin;
use crate::quotation::Quotation;
use crate::simulation::SecondOpinion;

/// The result of designing: answer first, then the numbers, then what they rest on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Design {
    /// Format: `loadcase/design/1`.
    pub schema: String,
    /// The choices in short words, for programs.
    pub choices: Choices,
    /// Counts and sizes, for programs; where each comes from stands in `sizing_origins`.
    pub sizing: BTreeMap<String, f64>,
    /// Where each number of `sizing` comes from.
    pub sizing_origins: BTreeMap<String, String>,
    /// The answer in prose.
    pub recommendation: Recommendation,
    /// Whether the design meets every requirement.
    pub feasibility: Feasibility,
    /// Requirements, and what the design does about them.
    pub targets: Vec<TargetCheck>,
    /// Inputs with their values, assumptions ranked by how often they change the answer.
    pub readings: Vec<Reading>,
    /// What to ask, when somebody can answer: the inputs that could change the answer.
    pub questions: Vec<Question>,
    /// Every decision.
    pub decisions: Vec<Decision>,
    /// The forecast at each horizon.
    pub forecasts: Horizons<Forecast>,
    /// What to do when the load outgrows the design, in order.
    pub growth: Vec<GrowthStep>,
    /// What could go wrong.
    pub risks: Vec<Risk>,
    /// Red flags raised on the design itself or on what was asked for.
    pub findings: Vec<Finding>,
    /// The quality gate.
    pub gate: Vec<GateLine>,
    /// What a simulation of the design says of its forecast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulated: Option<SecondOpinion>,
    /// The architecture, with the sizes of 24 months.
    pub blueprint: Blueprint,
    /// What of it stands on the first day, with the sizes of today; absent where its parts are not the same ones then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub today: Option<Today>,
    /// The brief it answers.
    pub brief: Brief,
    /// Passages of documentation about its technologies, when they were asked for. They change nothing above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quotations: Vec<Quotation>,
}

impl Design {
    /// The format this version of Loadcase writes.
    pub const SCHEMA: &'static str = "loadcase/design/1";

    /// The decision with this identifier.
    #[must_use]
    pub fn decision(&self, id: &str) -> Option<&Decision> {
        self.decisions.iter().find(|d| d.id == *id)
    }

    /// The same design with the parts and sizes of the first day, where it knows them.
    #[must_use]
    pub fn on_the_first_day(&self) -> Option<Self> {
        let today = self.today.as_ref()?;
        let mut design = self.clone();
        design.blueprint.components.clone_from(&today.components);
        design.blueprint.flows.clone_from(&today.flows);
        if !today.operations.is_empty() {
            design.blueprint.operations.clone_from(&today.operations);
        }
        for operation in design.blueprint.operations.values_mut() {
            operation.steps.retain(|s| today.components.contains_key(&s.component));
        }
        Some(design)
    }

    /// The reading of an input.
    #[must_use]
    pub fn reading(&self, input: Input) -> Option<&Reading> {
        self.readings.iter().find(|r| r.input == input)
    }
}

/// The parts of an architecture as they stand on the first day: what is deployed, and what the bill of today is for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Today {
    /// The components with the sizes of today. What only the later load needs is not among them.
    pub components: IndexMap<Id, Component>,
    /// Who calls whom.
    pub flows: Vec<Flow>,
    /// The operations, where other processes work on them than in 24 months.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub operations: IndexMap<Id, Operation>,
}

/// The choices by field, each one or more words of the published vocabulary.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Choices(pub IndexMap<String, Vec<String>>);

/// The answer in prose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recommendation {
    /// One line: what to build.
    pub headline: String,
    /// The two or three reasons that weigh most.
    pub reasons: Vec<String>,
    /// How much to spare.
    pub margin: Margin,
    /// Designs that were compared.
    pub candidates: Figure,
    /// People it takes to build and run it, beyond the work on the product itself.
    pub engineers: Figure,
    /// What it costs each month, people included: mean of both horizons.
    pub cost_of_ownership: Figure,
    /// By when to look at this again, `YYYY-MM-DD`, and why.
    pub review_by: String,
    /// Why then.
    pub review_because: String,
}

/// How much to spare before the design no longer carries the load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Margin {
    /// Load at saturation divided by the peak in 24 months.
    pub headroom: Figure,
    /// What saturates first.
    pub station: Id,
    /// Share of the sampled assumptions under which the main choices hold.
    pub holds: Figure,
}

/// Whether a design meets every requirement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Feasibility {
    /// Every requirement is met.
    Met,
    /// No candidate meets every requirement: this one misses these the least.
    Missed(Vec<String>),
}

/// A requirement and what the design does about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetCheck {
    /// The requirement in words.
    pub name: String,
    /// The bound.
    pub target: Figure,
    /// What is forecast in 24 months.
    pub forecast: Figure,
    /// Whether it is met.
    pub met: bool,
    /// What it is not held to, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
}

/// An input as the design used it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// The input.
    pub input: Input,
    /// Today.
    pub now: Figure,
    /// In 24 months.
    pub later: Figure,
    /// Share of samples in which varying this input alone changes a main choice.
    pub sways: Figure,
    /// How much of the bill in 24 months lies between the ends of its range, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moves: Option<Figure>,
}

/// A question worth asking: its answer could change the design.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Question {
    /// The input it settles.
    pub input: Input,
    /// The question.
    pub ask: String,
    /// Why it matters, with the number.
    pub why: String,
    /// The value used when it is not answered.
    pub default: Figure,
    /// Share of samples in which it changes a main choice.
    pub sways: Figure,
}

/// A step of the growth path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GrowthStep {
    /// Arrivals per second at which the step is due.
    pub at: Figure,
    /// What saturates there.
    pub station: Id,
    /// What to watch: the measure and its threshold.
    pub trigger: String,
    /// What to do.
    pub action: String,
    /// How to go back.
    pub undo: String,
    /// What the monthly bill becomes.
    pub monthly: Figure,
}

/// Something that could go wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Risk {
    /// What.
    pub risk: String,
    /// `high`, `medium` or `low`.
    pub severity: Id,
    /// What to do about it.
    pub mitigation: String,
    /// What makes it a risk here.
    pub origin: Origin,
}
