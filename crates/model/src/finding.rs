//! Findings of rules, and the lines of the quality gate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::span::Place;

/// A rule's result on a blueprint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule.
    pub rule: Id,
    /// `high`, `medium`, `low` or `info`.
    pub severity: Id,
    /// What is wrong, in a sentence.
    pub message: String,
    /// Where.
    pub location: FindingLocation,
    /// What to do.
    pub fix: String,
    /// Where to read more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Where a finding stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingLocation {
    /// Elements of the blueprint concerned.
    #[serde(default)]
    pub elements: Vec<Id>,
    /// Places in files.
    #[serde(default)]
    pub places: Vec<Place>,
}

/// The answer of one line of the quality gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GateStatus {
    /// Checked, and it holds.
    Pass,
    /// Checked, and it does not hold.
    Fail,
    /// Not checked, or not enough is known.
    Unknown,
}

/// A line of the quality gate: a claim, the answer, and the evidence it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GateLine {
    /// The claim.
    pub check: String,
    /// The answer.
    pub status: GateStatus,
    /// What was looked at to answer it.
    pub evidence: Vec<String>,
}
