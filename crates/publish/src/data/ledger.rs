//! What a store can guard of a double-entry ledger: postings sum to zero, entries never change.

use loadcase_model::{FieldType, Part};

use super::holds_personal;
use super::physical::{Schema, Table};
use super::stored::Stored;
use crate::text::markdown::{Doc, name};

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

/// How books grow old: not at all by themselves, and how a closed year is archived.
pub(crate) fn kept(doc: &mut Doc, stored: &[Stored<'_>]) {
    let tables: Vec<&Table<'_>> =
        stored.iter().flat_map(|s| &s.schema.tables).filter(|t| t.stays()).collect();
    if tables.is_empty() {
        return;
    }
    let names: Vec<String> = tables.iter().map(|t| name(&t.entity.name)).collect();
    let nobody = !tables.iter().any(|t| holds_personal(&t.entity));
    doc.para(format!(
        "Books are not deleted by age ({}): a balance rests on every entry, so rows are neither changed nor deleted, and there is no index for it.{} When the law no longer asks for a closed year, the owner of the tables archives it by hand: an opening posting carries each balance forward, the proof of balances holds with it, and then the entries of that year go, their postings with them. What postings refer to, such as payments, goes after them, not before.",
        names.join(", "),
        if nobody { " They name no person." } else { "" }
    ));
}
