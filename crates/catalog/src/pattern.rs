//! Patterns: ways to arrange parts, when they pay and what they cost.

use loadcase_model::Id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pattern of the catalog: one file under `catalog/patterns/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// Identifier, equal to the file name.
    pub id: Id,
    /// Name in prose.
    pub name: String,
    /// `topology`, `communication`, `consistency`, `resilience`, `data`, `caching`, `api`, `security`,
    /// `delivery`, `observability` or `tenancy`.
    pub family: Id,
    /// Other words people use for it, lower case.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What it is, in one or two sentences.
    pub summary: String,
    /// When it pays.
    pub when: Vec<String>,
    /// When it does not.
    pub avoid_when: Vec<String>,
    /// How to do it: steps or rules, concrete.
    pub how: Vec<String>,
    /// What it costs.
    pub costs: Vec<String>,
    /// What people get wrong.
    #[serde(default)]
    pub pitfalls: Vec<String>,
    /// A short snippet, with its language.
    #[serde(default)]
    pub example: Option<Example>,
    /// Related patterns.
    #[serde(default)]
    pub related: Vec<Id>,
    /// Where to read more.
    pub references: Vec<Reference>,
}

/// A code snippet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Language of the fence.
    pub language: String,
    /// The snippet.
    pub code: String,
}

/// A source to read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Title, author, year.
    pub title: String,
    /// Address, when there is one.
    #[serde(default)]
    pub url: Option<String>,
}
