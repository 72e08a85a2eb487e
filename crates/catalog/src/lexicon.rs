//! The lexicon: the words by which briefs are read, and the closed vocabularies that data must keep to.

use indexmap::IndexMap;
use loadcase_model::{Fact, Id, Input, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::condition::Condition;

/// A phrase to look for in prose. Words are compared in lower case and separated by one space:
/// `a|b` accepts either word, a trailing `*` any ending, `..` skips up to four words, `#` is a number and
/// `?word` may be missing. `own|rent* .. data|server* cent*|room*` is one phrase.
pub type Phrase = String;

/// Everything under `catalog/lexicon/`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lexicon {
    /// Circumstances and needs that briefs state: `signals/*.yaml`.
    pub signals: IndexMap<Id, SignalSpec>,
    /// What technologies and options can do: `traits/*.yaml`.
    pub traits: IndexMap<Id, Trait>,
    /// Names of the numbers a technology may have: `fact-names.yaml`.
    pub fact_names: IndexMap<Id, FactName>,
    /// Words for numbers: `numbers.yaml`.
    pub numbers: Vec<NumberWord>,
    /// Words for units and counted things: `units.yaml`.
    pub units: Vec<UnitWord>,
    /// Rules of thumb the design engine calculates with: `planning.yaml`.
    pub planning: IndexMap<Id, PlanningConstant>,
    /// What is assumed of an input nobody stated: `assumptions.yaml`, first match wins.
    pub assumptions: Vec<Assumption>,
    /// How inputs are asked for: `questions.yaml`.
    pub questions: Vec<QuestionText>,
    /// Red flags of a brief: `flags.yaml`.
    pub flags: Vec<Flag>,
    /// Parts of the world: `areas.yaml`.
    pub areas: IndexMap<Id, Area>,
}

/// A part of the world that a brief may name, and providers have regions in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Identifier.
    pub id: Id,
    /// Name in prose.
    pub name: String,
    /// Words for it. Those of capitals only are compared as written, all others in lower case.
    pub say: Vec<String>,
    /// The larger area it lies in.
    #[serde(default)]
    pub within: Option<Id>,
}

impl Lexicon {
    /// The value of a planning constant; zero when the catalog lacks it, which its own checks exclude.
    #[must_use]
    pub fn plan(&self, id: &str) -> f64 {
        self.planning.get(id).map_or(0.0, |c| c.fact.value)
    }

    /// How long a system of somebody else's takes to answer, ms, by the kind that a word of its name tells.
    #[must_use]
    pub fn answer_of_others(&self, name: &str) -> Option<&Fact> {
        let of = |id: &str| self.planning.get(id).map(|c| &c.fact);
        name.split('-').find_map(|word| of(&format!("external-ms-{word}"))).or_else(|| of("external-ms"))
    }
}

/// A rule of thumb the design engine calculates with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanningConstant {
    /// Identifier.
    pub id: Id,
    /// The value with its source.
    pub fact: Fact,
}

/// What is assumed of an input nobody stated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assumption {
    /// The input.
    pub input: Input,
    /// The circumstance; absent means always.
    #[serde(default)]
    pub when: Option<Condition>,
    /// Best guess today.
    pub value: f64,
    /// Best guess in 24 months; absent means that loads grow and everything else stays.
    #[serde(default)]
    pub later: Option<f64>,
    /// Plausible range.
    pub low: f64,
    /// Plausible range.
    pub high: f64,
    /// Why.
    pub because: String,
}

/// A circumstance or need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalSpec {
    /// Identifier.
    pub id: Id,
    /// What it means when it holds, as a clause that can follow "because": "nobody wants to run servers".
    pub meaning: String,
    /// Phrases that state it.
    #[serde(default)]
    pub phrases: Vec<Phrase>,
    /// Phrases that state the opposite, beyond a plain negation of `phrases`.
    #[serde(default)]
    pub denied_by: Vec<Phrase>,
    /// Other signals that follow from it.
    #[serde(default)]
    pub implies: Vec<Id>,
    /// Whether a negated phrase ("no", "without", "don't need") turns it round. `false` for signals whose
    /// phrases carry their own polarity.
    #[serde(default = "yes")]
    pub negatable: bool,
}

const fn yes() -> bool {
    true
}

/// A trait: something a technology or an option can do or is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trait {
    /// Identifier.
    pub id: Id,
    /// What it means.
    pub meaning: String,
}

/// The name of a number a technology may have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactName {
    /// Identifier, such as `cpu-ms-read`.
    pub id: Id,
    /// What it measures.
    pub meaning: String,
    /// Its unit.
    pub unit: Unit,
}

/// A word that stands for a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberWord {
    /// The phrase, such as `a few dozen`.
    pub say: Phrase,
    /// Best guess.
    pub value: f64,
    /// Plausible range.
    pub low: f64,
    /// Plausible range.
    pub high: f64,
}

/// A word for a counted thing or a unit, and what a number before it measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitWord {
    /// The phrase after the number, such as `monthly active users`.
    pub say: Phrase,
    /// What it measures, as a name the reader knows.
    pub measures: Id,
    /// Multiplier to that measure's base unit.
    #[serde(default = "one")]
    pub factor: f64,
}

const fn one() -> f64 {
    1.0
}

/// How an input is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionText {
    /// The input.
    pub input: Input,
    /// The question.
    pub ask: String,
}

/// A red flag: something a brief or a design should be warned about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// Identifier.
    pub id: Id,
    /// The circumstance; it may name chosen options.
    pub when: Condition,
    /// `high`, `medium` or `low`.
    pub severity: Id,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
    /// Where to read more.
    pub reference: String,
}
