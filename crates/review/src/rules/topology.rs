//! How the system is cut and who calls whom.

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[];
