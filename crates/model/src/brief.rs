//! A brief: what is wanted, in the user's words, with the origin of every value.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::input::{Estimate, Input};
use crate::origin::Origin;
use crate::span::Place;

/// What the user wants and what is known about it. Holds only what was said or documented: assumptions are
/// made later, by the stage that needs them, and are marked as such.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Brief {
    /// The text as given; spans point into it.
    pub text: String,
    /// The question being asked, when the text asks one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Domains the product belongs to, the most likely first.
    #[serde(default)]
    pub domains: Vec<DomainGuess>,
    /// Numbers that were stated or documented.
    #[serde(default)]
    pub numbers: BTreeMap<Input, Given>,
    /// Circumstances and needs that were stated, by the identifiers of the catalog's signals.
    #[serde(default)]
    pub signals: BTreeMap<Id, Signal>,
    /// Technologies that were named, by the identifiers of the catalog.
    #[serde(default)]
    pub technologies: Vec<TechnologyMention>,
    /// Established decisions found in the user's documents.
    #[serde(default)]
    pub pins: Vec<Pin>,
}

impl Brief {
    /// Whether a signal was stated and holds.
    #[must_use]
    pub fn holds(&self, signal: &str) -> bool {
        self.signals.get(signal).is_some_and(|s| s.holds)
    }

    /// Whether a technology was named with this stance.
    #[must_use]
    pub fn names(&self, technology: &str, stance: Stance) -> bool {
        self.technologies.iter().any(|t| t.id == *technology && t.stance == stance)
    }

    /// Whether the brief says nothing a design could be made from: no domain, no number and no
    /// circumstance.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        self.domains.is_empty()
            && self.numbers.is_empty()
            && self.signals.values().all(|s| !s.holds)
            && self.technologies.is_empty()
            && self.pins.is_empty()
    }
}

/// A domain the product seems to belong to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DomainGuess {
    /// The domain.
    pub id: Id,
    /// Share of the evidence that speaks for it, between 0 and 1.
    pub share: f64,
    /// The words that speak for it.
    pub origin: Origin,
}

/// A number that was stated, for now, for 24 months ahead, or both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Given {
    /// Today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Estimate>,
    /// In 24 months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<Estimate>,
    /// Whether a rate of what is held at its peak was told as an average: so many in a day, or a number of devices
    /// that report once in so many seconds. Its peak is that times the peak over average.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub average: bool,
    /// Whether a rate of events is that of devices which each send one at an interval: one call brings one then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub each: bool,
}

/// A circumstance or need, and whether it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Signal {
    /// `false` when the user denied it ("we don't need search").
    pub holds: bool,
    /// The words.
    pub origin: Origin,
}

/// How a technology was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stance {
    /// In use today.
    Existing,
    /// Wanted: it counts unless the numbers speak strongly against it.
    Wanted,
    /// Required: nothing else is acceptable, unless it cannot do what is needed.
    Required,
    /// Asked about or proposed by somebody: no preference is implied.
    Considered,
    /// Ruled out.
    Rejected,
    /// The team knows it well.
    Known,
}

/// A technology the brief names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TechnologyMention {
    /// The technology.
    pub id: Id,
    /// How it was named.
    pub stance: Stance,
    /// The words.
    pub origin: Origin,
}

/// An established decision: respected unless the numbers say otherwise, and then both are shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pin {
    /// The decision it settles, by the identifier of the catalog, such as `primary-store`.
    pub decision: Id,
    /// The option it settles on.
    pub option: Id,
    /// Where it is written.
    pub place: Place,
    /// The sentence, for quoting.
    pub text: String,
}
