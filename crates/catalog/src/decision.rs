//! Decisions: the questions a design answers, the options of each, and what speaks for and against them.

use loadcase_model::{Id, Input};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::condition::Condition;

/// A decision of the catalog: one file under `catalog/decisions/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionSpec {
    /// Identifier, equal to the file name.
    pub id: Id,
    /// Place in the order decisions are shown and documented.
    pub order: u32,
    /// The question.
    pub question: String,
    /// The field of the published choices it fills.
    pub field: String,
    /// When the question arises at all; absent means always. Where it does not arise, the first option holds.
    #[serde(default)]
    pub arises: Option<Condition>,
    /// The options, the simplest first: ties go to the earlier one.
    pub options: Vec<OptionSpec>,
    /// Capabilities that circumstances call for.
    #[serde(default)]
    pub needs: Vec<Need>,
}

impl DecisionSpec {
    /// The option with this identifier.
    #[must_use]
    pub fn option(&self, id: &str) -> Option<&OptionSpec> {
        self.options.iter().find(|o| o.id == *id)
    }
}

/// A capability that a circumstance calls for: options without it are ruled out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// The circumstance.
    pub when: Condition,
    /// The capability, one of the options' traits.
    pub capability: Id,
    /// Why, as a clause that can follow "because".
    pub because: String,
}

/// An option of a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptionSpec {
    /// Identifier.
    pub id: Id,
    /// Name in prose.
    pub name: String,
    /// What choosing it means, in one sentence.
    pub summary: String,
    /// What it costs whoever chooses it, in one sentence: the downside that stays when everything goes well.
    #[serde(default)]
    pub drawback: String,
    /// Words of the published vocabulary it stands for.
    pub words: Vec<String>,
    /// Technologies it brings, the default first.
    #[serde(default)]
    pub technologies: Vec<Id>,
    /// Patterns it uses.
    #[serde(default)]
    pub patterns: Vec<Id>,
    /// What it can do and is, as traits of the lexicon; its technology's traits count too.
    #[serde(default)]
    pub traits: Vec<Id>,
    /// Moving parts it adds: things that can break on their own.
    #[serde(default)]
    pub parts: f64,
    /// Engineers it takes to build and run, before circumstances.
    #[serde(default)]
    pub engineers: f64,
    /// Circumstances that rule it out.
    #[serde(default)]
    pub never: Vec<Ruling>,
    /// Circumstances that make it cheaper or dearer in people.
    #[serde(default)]
    pub shifts: Vec<Shift>,
    /// Options of other decisions it cannot be combined with.
    #[serde(default)]
    pub conflicts: Vec<Conflict>,
}

impl OptionSpec {
    /// Whether the option itself has a trait (its technologies aside).
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.traits.iter().any(|t| t == name)
    }
}

/// A circumstance that rules an option out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ruling {
    /// The circumstance.
    pub when: Condition,
    /// Why, as a clause that can follow "because".
    pub because: String,
}

/// A circumstance that changes how many people an option takes.
///
/// The change is `engineers`, or `engineers * max(0, per - above)` when `per` names an input. A condition
/// that refers to the option chosen for another decision makes the change depend on that choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The circumstance; absent means always.
    #[serde(default)]
    pub when: Option<Condition>,
    /// Engineers more (or fewer, when negative).
    pub engineers: f64,
    /// The input it grows with.
    #[serde(default)]
    pub per: Option<Input>,
    /// The value of `per` from which it counts.
    #[serde(default)]
    pub above: f64,
    /// Why, as a clause that can follow "because".
    pub because: String,
}

/// Options of another decision that cannot be combined with this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    /// The other decision.
    pub decision: Id,
    /// Its options that conflict. Either this or `unless` is given.
    #[serde(default)]
    pub options: Vec<Id>,
    /// Only these of its options are compatible.
    #[serde(default)]
    pub unless: Vec<Id>,
    /// Why, as a clause that can follow "because".
    pub because: String,
}
