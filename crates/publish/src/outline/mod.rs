//! The same results in a few lines and as a small record, for programs that talk: agents and chats.
//!
//! A record holds each number with its unit and origin; its text is made from the record alone, with the letter of
//! the origin beside each number. What does not fit is left out and said to be.

mod design;
mod forecast;
mod review;
mod simulation;
mod size;
mod verification;
mod what_if;

pub use design::{
    AssumedInput, DesignOutline, FlipOutline, OpenQuestion, RiskOutline, TargetOutline, VersionOutline,
    design,
};
pub use forecast::{Busy, ForecastOutline, LoadOutline, SlowOperation, forecast};
pub use review::{FindingOutline, ReviewOutline, Severities, review};
pub use simulation::{ScenarioOutline, SimulationOutline, WouldHold, simulation};
pub use size::{fit, sections, tokens};
pub use verification::{StatementCounts, StatementOutline, VerificationOutline, verification};
pub use what_if::{DecisionOutline, Moved, WhatIfOutline, what_if};

use loadcase_model::{Figure, Tag};
use schemars::JsonSchema;
use serde::Serialize;

/// A number with its unit and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Number {
    /// The value in `unit`, rounded to four digits; null when unbounded or when there was nothing to measure.
    pub value: Option<f64>,
    /// The unit; `1` for a bare count, `share` for a part of one.
    pub unit: String,
    /// `said by you`, `read in your documents`, `dated fact with a source`, `computed`, `measured` or `assumed`.
    pub origin: &'static str,
    /// As it is written for people.
    #[serde(skip)]
    text: String,
    #[serde(skip)]
    tag: char,
}

impl Number {
    /// A figure as a number of a record.
    #[must_use]
    pub fn of(figure: &Figure) -> Self {
        let unit = serde_json::to_value(figure.unit).ok().and_then(|u| u.as_str().map(str::to_owned));
        let tag = figure.origin.tag();
        Self {
            value: rounded(figure.value),
            unit: unit.unwrap_or_default(),
            origin: tag.meaning(),
            text: crate::honesty::bare(figure).text(),
            tag: tag.letter(),
        }
    }

    /// The same where there was nothing to measure.
    fn none(figure: &Figure) -> Self {
        Self { value: None, text: "none".to_owned(), ..Self::of(figure) }
    }

    /// The quantity and the letter of its origin: `4,444 req/s c`; without a letter where there is no number.
    #[must_use]
    pub fn tagged(&self) -> String {
        if self.text == "none" { self.text.clone() } else { format!("{} {}", self.text, self.tag) }
    }
}

/// Four digits: what a reader can use, and no more.
fn rounded(value: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    format!("{value:.3e}").parse().ok()
}

/// What the letters beside numbers mean, in one line.
#[must_use]
pub fn letters() -> String {
    let parts: Vec<String> = Tag::ALL.iter().map(|t| format!("{} {}", t.letter(), t.meaning())).collect();
    format!("Letters beside numbers: {}.", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use loadcase_model::{Origin, Unit, figure};

    use super::*;

    #[test]
    fn a_number_keeps_unit_and_origin_and_four_digits() {
        let number = Number::of(&figure(1_234_567.0, Unit::RequestsPerSecond, Origin::computed("x")));
        assert_eq!(number.value, Some(1_235_000.0));
        assert_eq!((number.unit.as_str(), number.origin), ("req/s", "computed"));
        let unbounded = Number::of(&figure(f64::INFINITY, Unit::Milliseconds, Origin::computed("x")));
        assert_eq!(unbounded.value, None);
    }
}
