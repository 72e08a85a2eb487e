//! A verification: what sources say on a day of the versions in use, statement by statement.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::span::Place;

/// What was verified, with what was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// Format of this document: `loadcase/verification/1`.
    pub schema: String,
    /// The system.
    pub name: String,
    /// The day it was judged by, `YYYY-MM-DD`.
    pub today: String,
    /// What was asked, and how old it is.
    pub sources: Vec<SourceAsked>,
    /// Versions, those with the worst statements first.
    pub checked: Vec<CheckedVersion>,
    /// Names in use of which no version is written down.
    pub unversioned: usize,
    /// How many statements there are of each kind.
    pub tally: VerificationTally,
    /// By when to look again, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_again: Option<LookAgain>,
    /// Sources that did not answer, each in a sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unanswered: Vec<String>,
}

impl Verification {
    /// The format this version of Loadcase writes.
    pub const SCHEMA: &'static str = "loadcase/verification/1";
}

/// A source and how old it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceAsked {
    /// What it is.
    pub name: String,
    /// What it covers, and what it does not.
    pub covers: String,
    /// The day up to which it is true, by its own account.
    pub day: String,
    /// The day it was fetched, when it was not delivered with Loadcase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched: Option<String>,
}

/// A version in use or recommended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckedVersion {
    /// What it is called.
    pub name: String,
    /// Version, range or tag as it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Packages, images and technologies that have it, as `ecosystem:name`.
    pub members: Vec<String>,
    /// Whether Loadcase recommends it, rather than found it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recommended: bool,
    /// Components that use it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Id>,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// What is said of it, the worst first.
    pub statements: Vec<VersionStatement>,
    /// What no source says anything of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_covered: Vec<VersionClaim>,
}

/// What can be asked of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VersionClaim {
    /// It has no fault that an advisory names.
    Patched,
    /// Its line gets fixes.
    Supported,
    /// It was released.
    Exists,
    /// It is neither deprecated nor withdrawn.
    Maintained,
    /// The runtime it is used on is one it works on.
    Compatible,
    /// It is the newest of its line.
    Newest,
}

impl VersionClaim {
    /// Every claim, in the order they are shown.
    pub const ALL: [Self; 6] =
        [Self::Patched, Self::Supported, Self::Exists, Self::Maintained, Self::Compatible, Self::Newest];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Patched => "patched",
            Self::Supported => "supported",
            Self::Exists => "exists",
            Self::Maintained => "maintained",
            Self::Compatible => "compatible",
            Self::Newest => "newest",
        }
    }
}

/// What a source says of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VersionAnswer {
    /// A source of a day says that it does not hold.
    Contradicted,
    /// A source says that it holds, but is older than such a statement may be.
    Stale,
    /// No source says anything. Never to be read as clean.
    NotCovered,
    /// A source of a day says that it holds.
    Verified,
}

/// How much a statement weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// To be changed: a command that finds one ends with code 1.
    Fault,
    /// To be planned.
    Warning,
    /// Worth knowing.
    Note,
    /// As it should be.
    Fine,
}

/// A statement on a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VersionStatement {
    /// What was asked.
    pub claim: VersionClaim,
    /// The answer.
    pub answer: VersionAnswer,
    /// How much it weighs.
    pub weight: Weight,
    /// The case in a word: `ended`, `ending`, `affected`, `behind`, ...
    pub verdict: Id,
    /// The statement, with its day.
    pub text: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub todo: Option<String>,
    /// Identifier of an advisory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advisory: Option<String>,
    /// Its severity, as its source rates it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Id>,
    /// Who says so, and from which day it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<FactSource>,
}

/// Who says something, and when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct FactSource {
    /// Who.
    pub source: String,
    /// The day it was true, by the source's own account.
    pub day: String,
    /// The day it was fetched, when it was not delivered with Loadcase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched: Option<String>,
}

/// How many statements there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerificationTally {
    /// Versions looked at.
    pub versions: usize,
    /// Statements to be acted upon.
    pub faults: usize,
    /// Statements to be planned for.
    pub warnings: usize,
    /// Statements that hold.
    pub verified: usize,
    /// Statements that do not hold.
    pub contradicted: usize,
    /// Statements older than they may be.
    pub stale: usize,
    /// Questions that no source answers.
    pub not_covered: usize,
}

/// By when to look again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct LookAgain {
    /// The day, `YYYY-MM-DD`.
    pub by: String,
    /// Why then.
    pub because: String,
}
