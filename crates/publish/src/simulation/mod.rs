//! What came of a simulation, for people and programs: a table on a terminal, Markdown with charts, one HTML page,
//! JSON.

pub(crate) mod charts;
mod duel;
mod html;
mod markdown;
mod text;
mod what_if;

use loadcase_model::{Duel, Interval, Recovery, ScenarioRun, Simulation, WhatIf};

pub use duel::{markdown as duel_markdown, text as duel_text};
pub use html::html;
pub(crate) use markdown::{file, picture, sections};
pub use markdown::{files, markdown};
pub use text::text;
pub use what_if::{markdown as what_if_markdown, text as what_if_text};

/// A simulation as JSON; the schema is `loadcase schema simulation`.
#[must_use]
pub fn json(simulation: &Simulation) -> String {
    serde_json::to_string_pretty(simulation).expect("a simulation has string keys")
}

/// What follows from changes, as JSON; the schema is `loadcase schema what-if`.
#[must_use]
pub fn what_if_json(result: &WhatIf) -> String {
    serde_json::to_string_pretty(result).expect("a result has string keys")
}

/// A comparison as JSON; the schema is `loadcase schema compare`.
#[must_use]
pub fn duel_json(duel: &Duel) -> String {
    serde_json::to_string_pretty(duel).expect("a comparison has string keys")
}

/// What is good, in a sentence.
pub(crate) fn in_time(bound: &str) -> String {
    format!(
        "In time means: answered within {bound}, without what systems of others take. Percentiles are of what was \
         answered."
    )
}

/// When a run was back, in a word or with its figure.
pub(crate) fn back(run: &ScenarioRun) -> Result<&loadcase_model::Figure, &'static str> {
    match &run.recovery {
        Recovery::Undisturbed => Err("-"),
        Recovery::Unharmed => Err("unharmed"),
        Recovery::Never => Err("never"),
        Recovery::After(figure) => Ok(figure),
    }
}

/// An interval in Markdown: the value with its letter, and how far it may be off.
pub(crate) fn spread(interval: &Interval) -> String {
    let (Some(_), Some(low), Some(high)) = (interval.value, interval.low, interval.high) else {
        return marked(interval);
    };
    let end = |value: f64| loadcase_model::format_quantity(value, interval.unit);
    if end(low) == end(high) {
        return marked(interval);
    }
    let letter = interval.tag().letter();
    format!("{} (`95%`: {} `{letter}` to {} `{letter}`)", marked(interval), end(low), end(high))
}

/// An interval's value in Markdown with its letter.
pub(crate) fn marked(interval: &Interval) -> String {
    match interval.value {
        Some(_) => crate::honesty::tagged(&interval.figure()),
        None => "none".to_owned(),
    }
}
