//! Money.

mod card_data_in_scope;
mod money_as_float;
mod no_ledger_or_reconciliation;
mod payment_without_idempotency;
mod webhook_not_deduplicated;
mod webhook_not_verified;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[
    &card_data_in_scope::RULE,
    &money_as_float::RULE,
    &no_ledger_or_reconciliation::RULE,
    &payment_without_idempotency::RULE,
    &webhook_not_deduplicated::RULE,
    &webhook_not_verified::RULE,
];
