//! Proofs: what came of running a schema on a real server.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::figure::Figure;

/// What runs on a real server showed of the schemas of a system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Proofs {
    /// Format: `loadcase/proofs/1`.
    pub schema: String,
    /// The system.
    pub name: String,
    /// Whether everything that was tried holds.
    pub holds: bool,
    /// Each store with a schema.
    pub stores: Vec<StoreProofs>,
}

impl Proofs {
    /// The format this version of Loadcase writes.
    pub const SCHEMA: &'static str = "loadcase/proofs/1";

    /// Puts the stores of a system together.
    #[must_use]
    pub fn new(name: String, stores: Vec<StoreProofs>) -> Self {
        Self { schema: Self::SCHEMA.to_owned(), name, holds: stores.iter().all(StoreProofs::hold), stores }
    }
}

/// What a run on a real server showed of the schema of one store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StoreProofs {
    /// The store.
    pub name: String,
    /// What was loaded: the path of a file, or that it was generated.
    pub source: String,
    /// The server and where it ran.
    pub server: String,
    /// The role that the access patterns ran as.
    pub role: String,
    /// Rows of the largest table in each of the two runs, the smaller first.
    pub rows: Vec<Figure>,
    /// Seconds the whole took.
    pub duration: Figure,
    /// Tables as they were filled for the larger run.
    pub tables: Vec<FilledTable>,
    /// Access patterns.
    pub patterns: Vec<PatternProof>,
    /// Whether tenants are kept apart.
    pub isolation: Vec<Proof>,
    /// Whether the same key twice is refused.
    pub keys: Vec<Proof>,
    /// Whether time passes: what is due starts, what is too old goes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upkeep: Vec<Proof>,
    /// What a reader should know: what was not run, and why.
    pub notes: Vec<String>,
}

impl StoreProofs {
    /// Whether everything that was tried holds.
    #[must_use]
    pub fn hold(&self) -> bool {
        self.verdicts().all(|v| v == Outcome::Holds)
    }

    /// Every verdict.
    pub fn verdicts(&self) -> impl Iterator<Item = Outcome> + '_ {
        let patterns = self.patterns.iter().map(|p| p.outcome);
        patterns.chain(self.isolation.iter().chain(&self.keys).chain(&self.upkeep).map(|p| p.outcome))
    }
}

/// What came of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// It could not be tried; that is no proof.
    Unproven,
}

/// A claim that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    /// The table, or the role.
    pub subject: String,
    /// What should be so.
    pub claim: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What was seen; empty when it is as claimed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub seen: String,
}

/// A table with the rows it was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FilledTable {
    /// Its name.
    pub name: String,
    /// Rows.
    pub rows: Figure,
    /// Size with indexes.
    pub size: Figure,
    /// Bytes of a row with its indexes, in kB.
    pub row: Figure,
}

/// An access pattern as the server ran it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PatternProof {
    /// Its name.
    pub name: String,
    /// In words.
    pub title: String,
    /// The table.
    pub table: String,
    /// The statement.
    pub statement: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it does not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// What should serve it, by the schema's own account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meant: Option<String>,
    /// How rows were found, such as `Index Scan post_for_read_feed`, in each plan that was seen.
    pub found_by: Vec<String>,
    /// How they are found when the server plans without knowing the parameters.
    pub generic: Vec<String>,
    /// Each set of parameters that was tried on the larger number of rows.
    pub samples: Vec<PatternSample>,
    /// Rows read for each row used, at worst.
    pub amplification: Figure,
    /// Blocks touched by one run, at worst.
    pub blocks: Figure,
    /// Blocks for each row used at the larger size as a multiple of those at the smaller one, at worst; absent
    /// for what adds rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub growth: Option<Figure>,
    /// Half of the runs took no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50: Option<Figure>,
    /// 95 of 100 runs took no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95: Option<Figure>,
}

/// One set of parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PatternSample {
    /// Whose rows, and how common the values are.
    pub which: String,
    /// How rows were found.
    pub found_by: String,
    /// Rows used: returned, changed, or added up.
    pub used: Figure,
    /// Rows read to find them.
    pub scanned: Figure,
    /// Blocks touched.
    pub blocks: Figure,
}
