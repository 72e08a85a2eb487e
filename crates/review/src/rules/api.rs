//! Contracts and endpoints.

mod breaking_api_change;
mod excessive_response_data;
mod inconsistent_error_format;
mod missing_rate_limit;
mod shadow_endpoint;
mod unbounded_request;
mod unversioned_api;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[
    &breaking_api_change::RULE,
    &excessive_response_data::RULE,
    &inconsistent_error_format::RULE,
    &missing_rate_limit::RULE,
    &shadow_endpoint::RULE,
    &unbounded_request::RULE,
    &unversioned_api::RULE,
];
