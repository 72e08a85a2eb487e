//! Remedies: changes that may make a system hold under a scenario. The simulator tries them in their order.

use loadcase_model::{ComponentKind, Id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A remedy: one file under `catalog/remedies/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// Identifier, equal to the file name.
    pub id: Id,
    /// Name in prose.
    pub name: String,
    /// Place in the order of trying: what takes the least to do comes first.
    pub order: u32,
    /// Kinds of components that `{part}` may stand for; any when empty.
    #[serde(default)]
    pub kinds: Vec<ComponentKind>,
    /// Changes as `--with` takes them, the smallest first. `{part}` stands for a component that saturated or that
    /// something happened to, `{call}` for each caller with time-outs or retries, `{cache}` for each cache.
    pub changes: Vec<String>,
    /// Why it helps and what it costs, in a sentence.
    pub because: String,
    /// Pattern that describes it.
    #[serde(default)]
    pub pattern: Option<Id>,
    /// Where it and its numbers come from.
    pub sources: Vec<String>,
    /// The day that was true, `YYYY-MM-DD`.
    pub as_of: String,
}
