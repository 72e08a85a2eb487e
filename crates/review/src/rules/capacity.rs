//! Load against what there is.

mod connection_pool_mismatch;
mod cost_out_of_proportion;
mod latency_budget_exceeded;
mod undersized_component;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[
    &connection_pool_mismatch::RULE,
    &cost_out_of_proportion::RULE,
    &latency_budget_exceeded::RULE,
    &undersized_component::RULE,
];
