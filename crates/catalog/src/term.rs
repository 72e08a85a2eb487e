//! Terms: the words Loadcase uses, explained.

use loadcase_model::Id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A term of the glossary, in `catalog/terms/*.yaml` (each file a list).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Identifier.
    pub id: Id,
    /// Name in prose.
    pub name: String,
    /// Other words for it, lower case.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What it means, and how Loadcase uses it.
    pub meaning: String,
    /// The formula, when it is a quantity.
    #[serde(default)]
    pub formula: Option<String>,
    /// Where the definition comes from.
    #[serde(default)]
    pub source: Option<String>,
    /// Related terms, patterns or technologies.
    #[serde(default)]
    pub see: Vec<Id>,
}
