//! How the system is cut and who calls whom.

mod chatty_calls;
mod cyclic_service_dependency;
mod distributed_monolith;
mod hardcoded_service_endpoint;
mod long_synchronous_chain;
mod no_single_entry_point;
mod premature_microservices;
mod questionable_service_cut;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[
    &chatty_calls::RULE,
    &cyclic_service_dependency::RULE,
    &distributed_monolith::RULE,
    &hardcoded_service_endpoint::RULE,
    &long_synchronous_chain::RULE,
    &no_single_entry_point::RULE,
    &premature_microservices::RULE,
    &questionable_service_cut::RULE,
];
