//! Findings of rules, and the lines of the quality gate.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::figure::Figure;
use crate::id::Id;
use crate::span::Place;
use crate::survey::FailedCheck;

/// A rule's result on a blueprint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule.
    pub rule: Id,
    /// `critical`, `high`, `medium`, `low` or `info`.
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
    /// What a review knows beyond this; absent for the flags of a design.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Box<ReviewDetail>>,
}

/// What a review says of a finding beyond where and what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReviewDetail {
    /// The family of the rule, such as `resilience`.
    pub family: Id,
    /// `high`, `medium` or `low`: how sure it is that this is a fault.
    pub confidence: Id,
    /// The steps that led to it.
    pub why: Vec<String>,
    /// What each place proves, in the order of the finding's places.
    pub proves: Vec<String>,
    /// Why the severity differs from the rule's own, when it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_reason: Option<String>,
    /// Numbers that decided, each with its origin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<FindingNumber>,
    /// Norms and texts: `CWE-798`, `API1:2023`, `ASVS 8.2.2`.
    pub references: Vec<String>,
    /// The same finding has the same fingerprint after lines have moved.
    pub fingerprint: String,
    /// Fingerprints of the findings that this one stands for, when it stands for several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folded: Vec<String>,
}

/// A number of a finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingNumber {
    /// What it is.
    pub name: String,
    /// The number with its origin.
    pub figure: Figure,
}

/// Something a rule could not decide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Undecided {
    /// The rule.
    pub rule: Id,
    /// The element.
    pub element: Id,
    /// The fact that is missing.
    pub fact: String,
}

/// A finding that somebody accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// The finding.
    pub finding: Finding,
    /// Why it is accepted.
    pub reason: String,
    /// Where that is written.
    pub place: Place,
}

/// An acceptance that accepts nothing, or no longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StaleAcceptance {
    /// The rule it names.
    pub rule: String,
    /// What is wrong with it.
    pub problem: String,
    /// Where it is written.
    pub place: Place,
}

/// What a review found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Review {
    /// Format of this document: `loadcase/review/1`.
    pub schema: String,
    /// The system.
    pub name: String,
    /// Findings by severity, family, rule and element.
    pub findings: Vec<Finding>,
    /// Findings that were accepted.
    #[serde(default)]
    pub accepted: Vec<Accepted>,
    /// Number of findings left out because a baseline knows them.
    #[serde(default)]
    pub known: usize,
    /// What could not be decided.
    #[serde(default)]
    pub undecided: Vec<Undecided>,
    /// Acceptances that accept nothing.
    #[serde(default)]
    pub stale: Vec<StaleAcceptance>,
    /// Checks that could not be carried out.
    #[serde(default)]
    pub failed: Vec<FailedCheck>,
    /// How often each rule was kept, by rule.
    #[serde(default)]
    pub kept: IndexMap<Id, usize>,
    /// Number of components, flows and operations looked at, and of files read.
    pub size: ReviewSize,
}

impl Review {
    /// The format this version of Loadcase writes.
    pub const SCHEMA: &'static str = "loadcase/review/1";
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReviewSize {
    /// Components.
    pub components: usize,
    /// Flows.
    pub flows: usize,
    /// Operations.
    pub operations: usize,
    /// Files read.
    pub files: usize,
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
