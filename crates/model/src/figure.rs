//! A number somebody will read: value, unit, origin, always together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::origin::Origin;
use crate::unit::{Unit, format_quantity};

/// A number with its unit and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// The value, in `unit`. `null` in JSON stands for unbounded or unknown.
    #[serde(deserialize_with = "number_or_null")]
    #[schemars(with = "Option<f64>")]
    pub value: f64,
    /// The unit.
    pub unit: Unit,
    /// Where the value comes from.
    pub origin: Origin,
}

/// Makes a [`Figure`].
#[must_use]
pub const fn figure(value: f64, unit: Unit, origin: Origin) -> Figure {
    Figure { value, unit, origin }
}

impl Figure {
    /// A computed figure.
    pub fn computed(value: f64, unit: Unit, by: impl Into<String>) -> Self {
        Self { value, unit, origin: Origin::computed(by) }
    }

    /// The quantity without its tag: `4,444 req/s`.
    #[must_use]
    pub fn text(&self) -> String {
        format_quantity(self.value, self.unit)
    }

    /// The quantity and the letter of its origin: `4,444 req/s c`.
    #[must_use]
    pub fn tagged(&self) -> String {
        format!("{} {}", self.text(), self.origin.tag().letter())
    }
}

/// JSON has no infinity: serde writes it as `null`, and it is read back as infinity.
fn number_or_null<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::INFINITY))
}
