//! What would be different if something were: changes, and what follows from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::difference::{NumberChange, Shape};
use crate::figure::Figure;
use crate::id::Id;
use crate::simulation::{Interval, SkippedScenario};

/// What follows from changes of a brief or a blueprint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WhatIf {
    /// Format: `loadcase/what-if/1`.
    pub schema: String,
    /// The system.
    pub name: String,
    /// The changes as they were understood.
    pub changes: Vec<Understood>,
    /// Whether the brief was changed and designed again; otherwise the blueprint was changed as it stands.
    pub redesigned: bool,
    /// Decisions that come out differently.
    pub decisions: Vec<DecisionChange>,
    /// Requirements that are met now and were not, or the other way round.
    pub requirements: Vec<RequirementChange>,
    /// Numbers of the forecasts, at both horizons; those that stay the same are left out.
    pub numbers: Vec<NumberChange>,
    /// What is full first, where that changes.
    pub bottlenecks: Vec<BottleneckChange>,
    /// What is different in the architecture.
    pub shape: Shape,
    /// What a reader should know.
    pub notes: Vec<String>,
}

impl WhatIf {
    /// The format this version of Loadcase writes.
    pub const SCHEMA: &'static str = "loadcase/what-if/1";

    /// Whether nothing follows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.decisions.is_empty()
            && self.requirements.is_empty()
            && self.numbers.is_empty()
            && self.bottlenecks.is_empty()
            && self.shape.is_empty()
    }
}

/// A change as it was understood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Understood {
    /// As it was given.
    pub given: String,
    /// What is changed.
    pub what: String,
    /// What it was; absent where it had no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Figure>,
    /// What it is; absent where it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Figure>,
}

/// A decision that comes out differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionChange {
    /// The decision.
    pub decision: Id,
    /// The question.
    pub question: String,
    /// The option that won; empty when the question did not arise.
    pub before: String,
    /// The option that wins; empty when the question does not arise.
    pub after: String,
    /// Why, where the design says so.
    pub because: String,
}

/// A requirement that is met now and was not, or the other way round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequirementChange {
    /// The requirement.
    pub name: String,
    /// The bound.
    pub wanted: Figure,
    /// What is forecast.
    pub forecast: Figure,
    /// Whether it is met with the changes.
    pub met: bool,
}

/// Another component that is full first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BottleneckChange {
    /// Under which load.
    pub horizon: crate::input::Horizon,
    /// What was full first.
    pub before: String,
    /// What is full first.
    pub after: String,
}

/// Two blueprints under the same scenarios and the same random numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Duel {
    /// Format: `loadcase/compare/1`.
    pub schema: String,
    /// Name of the first.
    pub a: String,
    /// Name of the second.
    pub b: String,
    /// How they were compared.
    pub basis: String,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Under which load.
    pub horizon: crate::input::Horizon,
    /// What the forecast says of both.
    pub forecast: Vec<Contest>,
    /// Scenarios.
    pub scenarios: Vec<ScenarioDuel>,
    /// Scenarios that did not run on both, and why.
    pub skipped: Vec<SkippedScenario>,
    /// Whether it was stopped before everything had run.
    pub partial: bool,
    /// What a reader should know.
    pub notes: Vec<String>,
}

impl Duel {
    /// The format this version of Loadcase writes.
    pub const SCHEMA: &'static str = "loadcase/compare/1";
}

/// Two blueprints under one scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioDuel {
    /// The scenario.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// What was compared.
    pub measures: Vec<Contest>,
}

/// One measure of two blueprints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contest {
    /// What is measured.
    pub measure: String,
    /// Of the first.
    pub a: Interval,
    /// Of the second.
    pub b: Interval,
    /// The second minus the first; the interval is that of differences under the same random numbers.
    pub difference: Interval,
    /// Which of them is better.
    pub better: Better,
}

/// Which of two is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// The first.
    A,
    /// The second.
    B,
    /// They are the same, or the interval of the difference includes none.
    Neither,
}
