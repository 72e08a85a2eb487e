//! Versions and choices.

mod cargo_cult_technology;
mod end_of_life_component;
mod known_vulnerable_version;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] =
    &[&cargo_cult_technology::RULE, &end_of_life_component::RULE, &known_vulnerable_version::RULE];
