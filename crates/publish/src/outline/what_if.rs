//! What follows from changes, in a few lines and as a small record.

use loadcase_model::{Tag, WhatIf};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Number, letters};
use crate::text::clean;
use crate::text::plain::{clip, prose};

/// Entries of each list.
const MOST: usize = 10;

/// What follows from changes of a design or a blueprint.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct WhatIfOutline {
    /// The changes as they were understood.
    pub understood: Vec<String>,
    /// Whether the brief was changed and designed again; otherwise the blueprint was changed as it stands.
    pub designed_again: bool,
    /// Decisions that come out differently.
    pub decisions: Vec<DecisionOutline>,
    /// Requirements that are met now and were not, or the other way round.
    pub requirements: Vec<String>,
    /// Numbers of the forecast that change.
    pub numbers: Vec<Moved>,
    /// What is full first, where that changes.
    pub full_first: Vec<String>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// A decision that comes out differently.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DecisionOutline {
    /// The decision.
    pub decision: String,
    /// What won; empty when the question did not arise.
    pub before: String,
    /// What wins; empty when the question does not arise.
    pub after: String,
    /// Why.
    pub because: String,
}

/// A number that has changed.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Moved {
    /// What it is.
    pub name: String,
    /// `now` or `in 24 months`.
    pub horizon: &'static str,
    /// What it was.
    pub before: Number,
    /// What it becomes.
    pub after: Number,
}

/// The record of what follows.
#[must_use]
pub fn what_if(result: &WhatIf) -> WhatIfOutline {
    let told = |text: &str| prose(text, Tag::Computed);
    WhatIfOutline {
        understood: result
            .changes
            .iter()
            .map(|c| match (&c.before, &c.after) {
                (Some(before), Some(after)) => {
                    format!("{}: {} to {}", told(&c.what), before.tagged(), after.tagged())
                }
                (None, Some(after)) => format!("{}: {}", told(&c.what), after.tagged()),
                _ => told(&c.what),
            })
            .collect(),
        designed_again: result.redesigned,
        decisions: result
            .decisions
            .iter()
            .take(MOST)
            .map(|d| DecisionOutline {
                decision: d.decision.to_string(),
                before: told(&d.before),
                after: told(&d.after),
                because: clip(&told(&d.because), 200),
            })
            .collect(),
        requirements: result
            .requirements
            .iter()
            .take(MOST)
            .map(|r| {
                let word = if r.met { "met now" } else { "no longer met" };
                format!("{} {word}: {}, wanted {}", told(&r.name), r.forecast.tagged(), r.wanted.tagged())
            })
            .collect(),
        numbers: result
            .numbers
            .iter()
            .take(2 * MOST)
            .map(|n| Moved {
                name: n.name.to_string(),
                horizon: n.horizon.label(),
                before: Number::of(&n.before),
                after: Number::of(&n.after),
            })
            .collect(),
        full_first: result
            .bottlenecks
            .iter()
            .map(|b| format!("{} {}, no longer {}", clean(&b.after), b.horizon.label(), clean(&b.before)))
            .collect(),
        notes: result.notes.iter().take(MOST).map(|n| clip(&told(n), 300)).collect(),
    }
}

impl WhatIfOutline {
    /// The record in lines.
    #[must_use]
    pub fn text(&self) -> String {
        let how = if self.designed_again {
            "the brief is changed and designed again"
        } else {
            "the blueprint is changed as it stands"
        };
        let mut lines = vec![format!("If {}: {how}.", self.understood.join("; "))];
        for d in &self.decisions {
            let name = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
            let because = if d.because.is_empty() { String::new() } else { format!(" ({})", d.because) };
            lines.push(format!("{}: {} instead of {}{because}", d.decision, name(&d.after), name(&d.before)));
        }
        if self.designed_again && self.decisions.is_empty() {
            lines.push("Every decision stays.".to_owned());
        }
        lines.extend(self.requirements.iter().cloned());
        lines.extend(self.full_first.iter().map(|f| format!("Full first: {f}")));
        for n in &self.numbers {
            let (before, after) = (n.before.tagged(), n.after.tagged());
            lines.push(format!("{} {}: {before} -> {after}", n.name.replace('-', " "), n.horizon));
        }
        if self.numbers.is_empty() {
            lines.push("No number of the forecast changes.".to_owned());
        }
        lines.extend(self.notes.iter().map(|n| format!("Note: {n}")));
        lines.push(letters());
        lines.join("\n")
    }
}
