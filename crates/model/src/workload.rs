//! How often each operation is asked for.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::input::Horizon;

/// Operations with their rates at a horizon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Which load case this is.
    pub horizon: Horizon,
    /// Arrivals per second at peak, by operation.
    pub rate_per_s: IndexMap<Id, f64>,
    /// How the rates were obtained.
    pub basis: String,
}

impl Workload {
    /// All arrivals per second.
    #[must_use]
    pub fn total_per_s(&self) -> f64 {
        self.rate_per_s.values().sum()
    }

    /// The same mix at `factor` times the rate.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let rate_per_s = self.rate_per_s.iter().map(|(id, rate)| (id.clone(), rate * factor)).collect();
        Self { horizon: self.horizon, rate_per_s, basis: format!("{} x {factor}", self.basis) }
    }
}
