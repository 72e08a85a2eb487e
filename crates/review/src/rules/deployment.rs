//! How it runs and is delivered.

mod environments_share_data;
mod heap_exceeds_container_limit;
mod no_delivery_pipeline;
mod no_resource_limits;
mod runs_privileged;
mod unpinned_image;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[
    &environments_share_data::RULE,
    &heap_exceeds_container_limit::RULE,
    &no_delivery_pipeline::RULE,
    &no_resource_limits::RULE,
    &runs_privileged::RULE,
    &unpinned_image::RULE,
];
