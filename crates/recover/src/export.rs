//! Neutral shapes of a survey.

use loadcase_model::Survey;
use serde_json::Value;

/// Who tells whom: information flows.
#[must_use]
pub fn dataflow(_survey: &Survey) -> Value {
    Value::Null
}

/// Who calls whom.
#[must_use]
pub fn callgraph(_survey: &Survey) -> Value {
    Value::Null
}
