//! Logs, metrics, traces, promises.

mod no_audit_trail;
mod sensitive_data_in_logs;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[&no_audit_trail::RULE, &sensitive_data_in_logs::RULE];
