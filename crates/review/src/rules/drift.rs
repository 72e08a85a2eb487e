//! Documents against code.

mod claimed_control_not_found;
mod design_code_drift;
mod incomplete_model;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] =
    &[&claimed_control_not_found::RULE, &design_code_drift::RULE, &incomplete_model::RULE];
