//! The design as JSON, for programs.

use loadcase_model::Design;

/// The design as JSON: format and choices first, keys always in the same order, unbounded values as `null`.
///
/// # Panics
/// Never: a design has only string keys, and numbers without a JSON form become `null`.
#[must_use]
pub fn json(design: &Design) -> String {
    let mut text = serde_json::to_string_pretty(design).expect("a design has only string keys");
    text.push('\n');
    text
}
