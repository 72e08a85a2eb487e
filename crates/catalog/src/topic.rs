//! Topics: what a question can be about, and the points an answer to it must make.

use indexmap::IndexMap;
use loadcase_model::{Fact, Id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lexicon::Phrase;

/// A topic of questions: one file under `catalog/topics/`. The texts are templates that see the whole
/// design; every number in them comes from the design, from `figures`, or from arithmetic on those.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Identifier, equal to the file name.
    pub id: Id,
    /// Title in prose.
    pub title: String,
    /// Phrases in a question that speak for this topic.
    pub asks: Vec<Phrase>,
    /// How much stronger this topic is than a general one when both match; 1 is ordinary.
    #[serde(default = "one")]
    pub weight: f64,
    /// Numbers the texts use, with their sources.
    #[serde(default)]
    pub figures: IndexMap<Id, Fact>,
    /// The verdict: one or two sentences, first thing in the answer. A template.
    pub verdict: String,
    /// The rest, in order.
    pub sections: Vec<TopicSection>,
    /// What to ask or assume openly. Templates.
    #[serde(default)]
    pub assumes: Vec<String>,
    /// What would change the answer, beyond the flips that were computed. Templates.
    #[serde(default)]
    pub flips: Vec<String>,
    /// Sources.
    #[serde(default)]
    pub references: Vec<crate::pattern::Reference>,
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TopicSection {
    /// Heading.
    pub title: String,
    /// Shown only when this template expression is true; absent means always.
    #[serde(default)]
    pub when: Option<String>,
    /// Paragraphs, lists and code in Markdown. A template.
    pub text: String,
}

const fn one() -> f64 {
    1.0
}
