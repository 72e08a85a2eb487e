//! Tenants.

mod noisy_neighbour;
mod tenant_from_client_input;
mod tenant_key_missing;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] =
    &[&noisy_neighbour::RULE, &tenant_from_client_input::RULE, &tenant_key_missing::RULE];
