//! Behaviour when something fails.

mod missing_timeout;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[&missing_timeout::RULE];
