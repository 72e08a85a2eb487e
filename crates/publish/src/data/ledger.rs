//! What a store can guard of a double-entry ledger: postings sum to zero, entries never change.

use loadcase_model::{FieldType, Part};

use super::physical::{Schema, Table};

/// Where the parts of an entry stand.
pub(crate) struct Entry<'t> {
    pub(crate) table: &'t Table<'t>,
    /// The columns that say which posting it belongs to, the tenant first.
    pub(crate) posting: Vec<String>,
    pub(crate) amount: String,
    pub(crate) currency: Option<String>,
    /// The column that says debit or credit; without it amounts carry a sign.
    pub(crate) direction: Option<String>,
    /// The column of the account, the table of accounts and its identifier and currency.
    pub(crate) account: Option<(String, &'t Table<'t>)>,
}

/// The column by which entries of one posting are found.
pub(crate) fn posting(table: &Table<'_>, is_posting: impl Fn(&str) -> bool) -> Option<String> {
    if !table.plays(Part::LedgerEntry) {
        return None;
    }
    let by_reference =
        table.columns.iter().find(|c| c.column.to.as_ref().is_some_and(|to| is_posting(to.as_str())));
    let by_key = || table.columns.iter().find(|c| c.column.kind == FieldType::String && !c.column.optional);
    by_reference.or_else(by_key).map(|c| c.name.clone())
}

/// The entries of a schema whose books the store can guard.
pub(crate) fn entries<'t>(schema: &'t Schema<'t>) -> Vec<Entry<'t>> {
    let is_posting = |id: &str| schema.tables.iter().any(|t| t.id == *id && t.plays(Part::LedgerTransaction));
    let of_kind =
        |t: &Table<'_>, kind| t.columns.iter().find(|c| c.column.kind == kind).map(|c| c.name.clone());
    schema
        .tables
        .iter()
        .filter_map(|table| {
            let posting = posting(table, is_posting)?;
            let direction = table
                .columns
                .iter()
                .find(|c| ["debit", "credit"].iter().all(|w| c.column.values.iter().any(|v| v == w)));
            let account = table.columns.iter().find_map(|c| {
                let to = c.column.to.as_ref()?;
                let target = schema.tables.iter().find(|t| t.id == *to && t.plays(Part::LedgerAccount))?;
                Some((c.name.clone(), target))
            });
            Some(Entry {
                posting: table.tenant().map(str::to_owned).into_iter().chain([posting]).collect(),
                amount: of_kind(table, FieldType::Money)?,
                currency: of_kind(table, FieldType::Currency),
                direction: direction.map(|c| c.name.clone()),
                account,
                table,
            })
        })
        .collect()
}
