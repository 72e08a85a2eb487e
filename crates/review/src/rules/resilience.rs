//! Behaviour when something fails.

mod call_budget_inverted;
mod consumer_not_idempotent;
mod hard_dependency_for_soft_feature;
mod in_memory_state_in_scaled_service;
mod missing_health_probes;
mod missing_timeout;
mod no_backpressure;
mod no_circuit_breaker;
mod no_dead_letter;
mod retry_without_backoff;
mod retry_without_idempotency;
mod single_point_of_failure;
mod unordered_where_order_matters;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[
    &call_budget_inverted::RULE,
    &consumer_not_idempotent::RULE,
    &hard_dependency_for_soft_feature::RULE,
    &in_memory_state_in_scaled_service::RULE,
    &missing_health_probes::RULE,
    &missing_timeout::RULE,
    &no_backpressure::RULE,
    &no_circuit_breaker::RULE,
    &no_dead_letter::RULE,
    &retry_without_backoff::RULE,
    &retry_without_idempotency::RULE,
    &single_point_of_failure::RULE,
    &unordered_where_order_matters::RULE,
];
