//! What differs between two versions of an architecture.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::figure::Figure;
use crate::finding::Finding;
use crate::id::Id;
use crate::input::Horizon;
use crate::span::Place;

/// What differs between two versions of an architecture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// Format of this document: `loadcase/diff/1`.
    pub schema: String,
    /// What there was: a path or a revision.
    pub before: String,
    /// What there is: a path or a revision.
    pub after: String,
    /// What has changed in the architecture itself.
    pub shape: Shape,
    /// What has changed in the findings.
    pub findings: FindingChanges,
    /// Numbers of the forecast that have changed, where both versions state a load.
    pub numbers: Vec<NumberChange>,
    /// What could not be compared, and why.
    pub notes: Vec<String>,
}

impl Difference {
    /// The format this version of Loadcase writes.
    pub const SCHEMA: &'static str = "loadcase/diff/1";

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shape.is_empty()
            && self.findings.new.is_empty()
            && self.findings.fixed.is_empty()
            && self.numbers.is_empty()
    }
}

/// What has changed in the architecture itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shape {
    /// Topology, platform, provider, regions, rollout.
    pub system: Vec<FieldChange>,
    /// Components.
    pub components: Changes,
    /// Flows, by their two ends.
    pub flows: Changes,
    /// Operations, by component, method and path.
    pub operations: Changes,
    /// Entities.
    pub entities: Changes,
}

impl Shape {
    /// Whether nothing has changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.system.is_empty()
            && [&self.components, &self.flows, &self.operations, &self.entities].iter().all(|c| c.is_empty())
    }
}

/// Elements of one kind that have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// In the second version only.
    pub added: Vec<ChangedElement>,
    /// In the first version only.
    pub removed: Vec<ChangedElement>,
    /// In both, and not the same.
    pub changed: Vec<ChangedElement>,
}

impl Changes {
    /// Whether nothing has changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// An element that has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangedElement {
    /// Name in prose.
    pub name: String,
    /// What has changed; empty for an element that was added or removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// Where it was seen: in the second version, or in the first when it was removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
}

/// A property that has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldChange {
    /// The property.
    pub field: String,
    /// What it was; empty when it was not there.
    pub before: String,
    /// What it is; empty when it is not there.
    pub after: String,
}

/// What has changed in the findings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingChanges {
    /// Findings of the second version that the first does not have.
    pub new: Vec<Finding>,
    /// Findings of the first version that the second does not have.
    pub fixed: Vec<Finding>,
    /// Number of findings that both have.
    pub unchanged: usize,
}

/// A number of the forecast that has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NumberChange {
    /// What it is.
    pub name: Id,
    /// Under which load.
    pub horizon: Horizon,
    /// What it was.
    pub before: Figure,
    /// What it is.
    pub after: Figure,
}
