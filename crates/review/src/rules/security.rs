//! Who may do what, secrets, exposure.

mod attack_path_to_sensitive_store;
mod cleartext_flow;
mod credential_forwarded_outside;
mod debug_surface_in_production;
mod default_credentials;
mod deprecated_oauth_flow;
mod hardcoded_secret;
mod internal_component_exposed;
mod missing_function_level_authorization;
mod missing_object_level_authorization;
mod no_central_secret_store;
mod no_login_throttling;
mod over_privileged_identity;
mod permissive_cors;
mod scattered_identity;
mod security_as_afterthought;
mod tls_verification_disabled;
mod trust_boundary_without_control;
mod unauthenticated_entry_point;
mod unauthenticated_internal_flow;
mod unencrypted_store;
mod user_controlled_destination;
mod weak_token_validation;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[
    &attack_path_to_sensitive_store::RULE,
    &cleartext_flow::RULE,
    &credential_forwarded_outside::RULE,
    &debug_surface_in_production::RULE,
    &default_credentials::RULE,
    &deprecated_oauth_flow::RULE,
    &hardcoded_secret::RULE,
    &internal_component_exposed::RULE,
    &missing_function_level_authorization::RULE,
    &missing_object_level_authorization::RULE,
    &no_central_secret_store::RULE,
    &no_login_throttling::RULE,
    &over_privileged_identity::RULE,
    &permissive_cors::RULE,
    &scattered_identity::RULE,
    &security_as_afterthought::RULE,
    &tls_verification_disabled::RULE,
    &trust_boundary_without_control::RULE,
    &unauthenticated_entry_point::RULE,
    &unauthenticated_internal_flow::RULE,
    &unencrypted_store::RULE,
    &user_controlled_destination::RULE,
    &weak_token_validation::RULE,
];
