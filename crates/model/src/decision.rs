//! A decision: question, options, verdict, what drove it, what would flip it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::figure::Figure;
use crate::id::Id;
use crate::input::{Horizon, Input};
use crate::span::Place;

/// A decision with everything needed to argue about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Identifier in the catalog, such as `topology`.
    pub id: Id,
    /// The question it answers.
    pub question: String,
    /// What was chosen.
    pub verdict: Verdict,
    /// Why: the circumstances and numbers that weighed most, heaviest first.
    pub drivers: Vec<Driver>,
    /// What else was weighed, the closest first.
    pub alternatives: Vec<Alternative>,
    /// Changes of one input that would change the verdict, the nearest first.
    pub flips: Vec<Flip>,
    /// Share of the sampled assumptions under which the verdict holds.
    pub holds: Figure,
    /// Where the verdict departs from an established decision, or follows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<Consequence>,
}

/// The chosen option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The option.
    pub option: Id,
    /// Its name in prose.
    pub name: String,
    /// What choosing it means, in a sentence.
    pub summary: String,
}

/// A reason with its weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Driver {
    /// The reason, in prose.
    pub because: String,
    /// What it is worth: engineers saved or money, when it can be counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<Figure>,
}

/// An option that lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alternative {
    /// The option.
    pub option: Id,
    /// Its name in prose.
    pub name: String,
    /// Whether the best design with it would meet every requirement.
    pub feasible: bool,
    /// How much more the best design with it costs each month, people included; absent when infeasible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<Figure>,
    /// Why it lost, in a sentence.
    pub reason: String,
}

/// The value of one input at which another option wins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Flip {
    /// The input.
    pub input: Input,
    /// At which horizon it is read.
    pub horizon: Horizon,
    /// The value in this design.
    pub present: Figure,
    /// The value at which the verdict changes.
    pub at: Figure,
    /// Whether the verdict changes above that value (otherwise below).
    pub above: bool,
    /// The option that then wins.
    pub to: Id,
    /// Its name in prose.
    pub to_name: String,
}

/// How a verdict stands to an established decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Consequence {
    /// The established option.
    pub established: Id,
    /// Where it is written.
    pub place: Place,
    /// Whether the design departs from it.
    pub departs: bool,
    /// Why it was kept or left.
    pub because: String,
}
