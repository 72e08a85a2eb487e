//! Logs, metrics, traces, promises.

mod no_audit_trail;
mod no_central_logging;
mod no_metrics_or_alerts;
mod sensitive_data_in_logs;
mod slo_unattainable;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[
    &no_audit_trail::RULE,
    &no_central_logging::RULE,
    &no_metrics_or_alerts::RULE,
    &sensitive_data_in_logs::RULE,
    &slo_unattainable::RULE,
];
