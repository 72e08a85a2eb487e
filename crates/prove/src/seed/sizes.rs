//! How many rows each table gets, and which of them are whose.

use std::collections::{BTreeMap, BTreeSet};

use crate::input::{Share, Subject};
use crate::structure::{Structure, Table};

/// Most tenants, and rows of the largest table for each.
const TENANTS: u64 = 200;
const ROWS_PER_TENANT: u64 = 50;

/// Longest time over which rows are spread, days: what is kept for a generation grows too old in it as well.
const MOST_DAYS: f64 = 20_000.0;

/// Fewest rows of a table in a run with enough rows: below that, plans are those of a toy.
const FEWEST: f64 = 10_000.0;
const FEWEST_SHARE: f64 = 0.05;

/// How unequal tenants are: the k-th of K begins at the share `(k / K)^(1 / SKEW)` of the rows.
const SKEW: f64 = 3.0;

/// The layout of the rows: counts and tenants.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The column that says whose row it is.
    pub(crate) tenant_column: Option<String>,
    /// The table of tenants.
    pub(crate) tenant_table: Option<String>,
    pub(crate) tenants: u64,
    rows: BTreeMap<String, u64>,
    days: BTreeMap<String, f64>,
    widths: BTreeMap<String, f64>,
}

impl Layout {
    /// Decides it; `part` is the share of the rows of the largest run.
    pub(crate) fn new(structure: &Structure, subject: &Subject, rows: u64, part: f64) -> Self {
        let tenant_column = tenant_column(structure, subject);
        let tenant_table = tenant_column.as_deref().and_then(|column| tenant_table(structure, column));
        let weights: BTreeMap<&str, &Share> = subject.shares.iter().map(|s| (s.table.as_str(), s)).collect();
        let most = weights.values().map(|s| s.weight).fold(0.0, f64::max);
        let whole = rows as f64;
        let least = FEWEST.max(whole * FEWEST_SHARE).min(whole);
        let tenants = ((whole * part) as u64 / ROWS_PER_TENANT).clamp(2, TENANTS);
        let mut layout = Self {
            tenant_column,
            tenant_table,
            tenants,
            rows: BTreeMap::new(),
            days: BTreeMap::new(),
            widths: BTreeMap::new(),
        };
        for (name, table) in &structure.tables {
            let share = weights.get(name.as_str());
            let weight = share.map_or(0.0, |s| s.weight);
            let wanted = if most > 0.0 { whole * weight / most } else { whole / 4.0 };
            let mut count = (wanted.clamp(least, whole) * part).round().max(10.0) as u64;
            if layout.tenant_table.as_ref() == Some(name) {
                count = tenants;
            } else if layout.scoped(table) {
                count = count.max(tenants);
            }
            layout.rows.insert(name.clone(), count);
            layout.days.insert(name.clone(), share.map_or(730.0, |s| s.days).clamp(1.0, MOST_DAYS));
            layout.widths.insert(name.clone(), share.map_or(200.0, |s| s.row_bytes).clamp(40.0, 20_000.0));
        }
        layout.one_to_one(structure);
        layout
    }

    /// A table whose rows each have a row of another to themselves has fewer rows than that one, so that there is
    /// room for one more.
    fn one_to_one(&mut self, structure: &Structure) {
        for _ in 0..4 {
            for (name, table) in &structure.tables {
                for foreign in table.foreign.iter().filter(|f| f.to != *name) {
                    let alone = alone(self, table, &foreign.columns);
                    let there = self.count(&foreign.to);
                    if alone
                        && self.tenant_table.as_ref() != Some(&foreign.to)
                        && self.count(name) * 10 > there * 9
                    {
                        self.rows.insert(name.clone(), (there * 9 / 10).max(1));
                    }
                }
            }
        }
    }

    /// Whether rows of a table belong to tenants.
    pub(crate) fn scoped(&self, table: &Table) -> bool {
        self.tenant_column.as_ref().is_some_and(|c| table.has(c))
            && self.tenant_table.as_ref() != Some(&table.name)
    }

    /// Rows of a table.
    pub(crate) fn count(&self, table: &str) -> u64 {
        self.rows.get(table).copied().unwrap_or(0)
    }

    pub(crate) fn days(&self, table: &str) -> f64 {
        self.days.get(table).copied().unwrap_or(730.0)
    }

    pub(crate) fn width(&self, table: &str) -> f64 {
        self.widths.get(table).copied().unwrap_or(200.0)
    }

    /// The ordinal each tenant's rows begin with, and one past the last.
    pub(crate) fn starts(&self, table: &Table) -> Vec<u64> {
        let count = self.count(&table.name);
        if self.tenant_table.as_ref() == Some(&table.name) {
            return (1..=self.tenants + 1).collect();
        }
        if !self.scoped(table) {
            return vec![1, count + 1];
        }
        // Each tenant has one row, and its share of the rest.
        let rest = count.saturating_sub(self.tenants) as f64;
        (0..=self.tenants)
            .map(|k| 1 + k + (rest * (k as f64 / self.tenants as f64).powf(1.0 / SKEW)).round() as u64)
            .collect()
    }
}

/// Whether columns of a foreign key, with the tenant, are unique.
pub(crate) fn alone(layout: &Layout, table: &Table, columns: &[String]) -> bool {
    let own: BTreeSet<&String> = columns.iter().collect();
    table.uniques.iter().any(|(_, unique)| {
        unique.iter().all(|c| own.contains(c) || layout.tenant_column.as_ref() == Some(c))
            && unique.iter().any(|c| own.contains(c) && layout.tenant_column.as_ref() != Some(c))
    })
}

/// The column that says whose row it is: the one of the subject, where a table has it.
fn tenant_column(structure: &Structure, subject: &Subject) -> Option<String> {
    let named = subject.tenant_column.clone().filter(|c| structure.tables.values().any(|t| t.has(c)));
    named.or_else(|| {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for column in structure.tables.values().filter_map(Table::policy_column).filter(|c| *c != "id") {
            *seen.entry(column).or_default() += 1;
        }
        seen.into_iter().max_by_key(|(_, n)| *n).map(|(column, _)| column.to_owned())
    })
}

/// The table that the tenant's column refers to by itself.
fn tenant_table(structure: &Structure, column: &str) -> Option<String> {
    let refers = |t: &Table| {
        t.foreign.iter().find(|f| f.columns.len() == 1 && f.columns[0] == *column).map(|f| f.to.clone())
    };
    structure.tables.values().find_map(refers)
}
