//! How far forecasts and simulations can be trusted: what is modelled, what is not, and the error that was measured.

use loadcase_model::{Figure, Id, Origin, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One part of the fidelity page: one file under `catalog/fidelity/`.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fidelity {
    /// Identifier, equal to the file name.
    pub id: Id,
    /// Heading.
    pub name: String,
    /// What it is about, in a sentence or two.
    pub summary: String,
    /// What is modelled.
    #[serde(default)]
    pub modelled: Vec<String>,
    /// What is not, and what that does to the figures.
    #[serde(default)]
    pub not_modelled: Vec<Gap>,
    /// Errors that were measured.
    #[serde(default)]
    pub measured: Vec<MeasuredError>,
}

/// Something that is not modelled.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// What.
    pub what: String,
    /// What figures look like because of it.
    pub effect: String,
}

/// A number that a test or an experiment found; the test or experiment writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasuredError {
    /// What was compared.
    pub what: String,
    /// The number.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// What found it: a path in the repository.
    pub source: String,
    /// The day.
    pub as_of: String,
}

impl MeasuredError {
    /// The number with its origin.
    #[must_use]
    pub fn figure(&self) -> Figure {
        let by = format!("{} on {}", self.source, self.as_of);
        Figure { value: self.value, unit: self.unit, origin: Origin::Measured { by } }
    }
}
