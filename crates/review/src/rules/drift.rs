//! Documents against code.

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[];
