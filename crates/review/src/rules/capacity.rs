//! Load against what there is.

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[];
