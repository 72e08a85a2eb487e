//! Who may do what, secrets, exposure.

mod hardcoded_secret;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[&hardcoded_secret::RULE];
