//! Stores, tables, writes.

mod distributed_write_without_saga;
mod dual_write;
mod ephemeral_storage_for_durable_data;
mod missing_backup;
mod outbox_without_relay;
mod personal_data_without_retention;
mod shared_database;
mod shared_table;
mod unguarded_concurrent_write;

use crate::rule::Rule;

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[
    &distributed_write_without_saga::RULE,
    &dual_write::RULE,
    &ephemeral_storage_for_durable_data::RULE,
    &missing_backup::RULE,
    &outbox_without_relay::RULE,
    &personal_data_without_retention::RULE,
    &shared_database::RULE,
    &shared_table::RULE,
    &unguarded_concurrent_write::RULE,
];
