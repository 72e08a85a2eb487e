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
    /// Decisions of the catalog the topic is about; their computed flips are part of the answer.
    #[serde(default)]
    pub decides: Vec<Id>,
    /// Template statements (`set`) put before every text of the topic: the arithmetic they share.
    #[serde(default)]
    pub computes: String,
    /// Beliefs a question may rest on that do not hold: told first.
    #[serde(default)]
    pub premises: Vec<Premise>,
    /// What to look for in code or text given with the question.
    #[serde(default)]
    pub checks: Vec<Check>,
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

/// A belief that does not hold. It is told to whoever asks on its grounds, whatever the topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Premise {
    /// Phrases in a question that rest on it.
    pub asks: Vec<Phrase>,
    /// Told only when this template expression is true; absent means always.
    #[serde(default)]
    pub when: Option<String>,
    /// What is wrong with it, in one or two sentences. A template.
    pub text: String,
}

/// A fault that shows in the lines of code, configuration or prose given with a question.
///
/// Words are compared as in phrases, after splitting identifiers at every sign that is no letter or digit;
/// `...` skips any number of words of the line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Identifier within the topic.
    pub id: Id,
    /// The fault, in a few words.
    pub title: String,
    /// What goes wrong and what to do, in one or two sentences. A template.
    pub point: String,
    /// Phrases; the first line that matches one is the evidence.
    pub line: Vec<Phrase>,
    /// That line must stand in a block opened by a line that matches one of these.
    #[serde(default)]
    pub inside: Vec<Phrase>,
    /// An earlier line must match one of these.
    #[serde(default)]
    pub after: Vec<Phrase>,
    /// A later line must match one of these.
    #[serde(default)]
    pub before: Vec<Phrase>,
    /// The line itself must not match one of these.
    #[serde(default)]
    pub without: Vec<Phrase>,
    /// No line may match one of these; a line that denies it ("no signature check") does not count.
    #[serde(default)]
    pub unless: Vec<Phrase>,
}

const fn one() -> f64 {
    1.0
}
