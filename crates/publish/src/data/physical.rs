//! The physical design of one store, whatever its language: tables, keys, references, indexes, partitions, and
//! which of them serves each access pattern.

use std::borrow::Cow;
use std::collections::BTreeMap;

use loadcase_model::{
    Access, AccessKind, Entity, FieldType, Id, Operation, OperationKind, Part, Sensitivity, When,
};

use super::columns::{Column, Role};

/// The tables of one store and how they are used.
pub(crate) struct Schema<'a> {
    pub(crate) tables: Vec<Table<'a>>,
    pub(crate) uses: Vec<Use<'a>>,
    /// Whether the store itself keeps tenants apart.
    pub(crate) isolated: bool,
    /// The table of tenants, by its place.
    pub(crate) tenants: Option<usize>,
    /// The column by which the rows of each table grow old.
    pub(crate) aged: BTreeMap<Id, String>,
}

impl<'a> Schema<'a> {
    /// Whether tenants share a table, in a store that keeps them apart.
    pub(crate) fn is_shared(&self, table: &Table<'_>) -> bool {
        self.isolated
            && !table.scoped
            && !matches!(table.entity.plays, Some(Part::StaffAccess | Part::Inbox))
            && self.tenants.is_none_or(|n| self.tables[n].id != table.id)
    }

    /// Whether the work of a tenant sees nothing of a table that tenants share: no row of a tenant says which of its
    /// rows concern it, and they tell of somebody.
    pub(crate) fn is_hidden(&self, table: &Table<'_>) -> bool {
        let through = self.shared_through(table);
        let seen = through.is_some_and(|(t, _)| t.tenant().is_some() && table.identifier().is_some());
        table.owner.is_none()
            && !seen
            && table.columns.iter().any(|c| c.column.sensitivity > Sensitivity::Internal)
    }

    /// Whether there is such a table.
    pub(crate) fn shares(&self) -> bool {
        self.tables.iter().any(|t| self.is_shared(t))
    }

    /// Whether a use looks for a tenant by anything but its identifier: which one it is, is known only then.
    pub(crate) fn finds_tenant(&self, used: &Use<'_>) -> bool {
        let id = self.tables[used.table].identifier().map(|c| &c.name);
        self.isolated
            && self.tenants == Some(used.table)
            && used.kind() != AccessKind::Insert
            && id.is_some_and(|id| !used.equal.contains(id) && used.any.as_ref() != Some(id))
    }

    /// Whether a request asks for a tenant before it is known: one that was registered before, by the key of its request.
    pub(crate) fn asks_for_tenant(&self, used: &Use<'_>) -> bool {
        let asked = used.operation.is_some_and(|(_, o)| {
            matches!(o.kind, OperationKind::Request | OperationKind::Webhook | OperationKind::Stream)
        });
        asked && !used.staff && used.kind() == AccessKind::ReadOne && self.finds_tenant(used)
    }

    /// Whether there is work before a tenant is known, which has a role of its own.
    pub(crate) fn has_identity(&self) -> bool {
        self.shares() || self.uses.iter().any(|u| self.asks_for_tenant(u))
    }

    /// Whether work may be left in a table before it is known which tenant's it is.
    pub(crate) fn takes_work_of_nobody(&self, table: &Table<'_>) -> bool {
        self.isolated && table.scoped && table.plays(Part::Job) && self.shares()
    }

    /// Whether the rows of a table say whose tenant's a row of a shared table is: what happens before the tenant is
    /// known has to read them, such as the memberships of a person who signs in.
    pub(crate) fn tells_the_tenant(&self, table: &Table<'_>) -> bool {
        self.tells_the_state(table)
            || table.scoped
                && self.tables.iter().filter(|t| self.is_shared(t)).any(|shared| {
                    self.shared_through(shared).is_some_and(|(through, column)| {
                        through.id == table.id
                            && through
                                .unique_groups()
                                .any(|u| u.columns.len() == 2 && u.columns.contains(&column))
                    })
                })
    }

    /// Whether it is the table of the tenants, and who calls is found out with its row: one that is suspended lets
    /// nobody in.
    pub(crate) fn tells_the_state(&self, table: &Table<'_>) -> bool {
        let reads = |u: &Use<'_>| u.looks_for_caller() && self.tables[u.table].id == table.id;
        self.shares()
            && self.tenants.is_some_and(|n| self.tables[n].id == table.id)
            && self.uses.iter().any(reads)
    }

    /// The table of tenants' rows that says which rows of a shared table concern a tenant, and its column: where
    /// a tenant names each at most once, else where the reference is required.
    pub(crate) fn shared_through(&self, table: &Table<'_>) -> Option<(&Table<'a>, String)> {
        let refers = self.tables.iter().filter(|t| t.scoped).flat_map(|t| {
            let columns = t.columns.iter().filter(|c| c.column.to.as_ref() == Some(&table.id));
            columns.map(move |c| (t, c))
        });
        let once = |t: &Table<'_>, name: &String| {
            t.unique_groups().any(|u| u.columns.len() == 2 && u.columns.contains(name))
        };
        let mut found: Vec<_> = refers.filter(|(_, c)| !c.column.optional).collect();
        found.sort_by_key(|(t, c)| !once(t, &c.name));
        found.first().map(|(t, c)| (*t, c.name.clone()))
    }
}

/// What identifies the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// A UUID that begins with the time: any process can make one, and new rows come at the end of the index.
    Uuid,
    /// A number from the store: half as wide, for rows that nothing outside the store refers to.
    Number,
    /// Fields of the row.
    Natural,
}

/// A column with its name in the schema.
#[derive(Clone, Debug)]
pub(crate) struct Col {
    pub(crate) name: String,
    pub(crate) column: Column,
}

/// A table.
pub(crate) struct Table<'a> {
    pub(crate) id: Id,
    pub(crate) entity: Cow<'a, Entity>,
    /// Name in the schema, not quoted.
    pub(crate) name: String,
    pub(crate) columns: Vec<Col>,
    pub(crate) identity: Identity,
    /// Whether keys begin with the tenant.
    pub(crate) scoped: bool,
    pub(crate) key: Unique,
    pub(crate) uniques: Vec<Unique>,
    /// Columns that no two rows share among some rows.
    pub(crate) partials: Vec<Partial>,
    pub(crate) exclusions: Vec<Exclusion>,
    pub(crate) references: Vec<Reference>,
    /// References that the store does not check, and why.
    pub(crate) loose: Vec<(String, String, &'static str)>,
    pub(crate) indexes: Vec<Index>,
    pub(crate) split: Option<Split>,
    /// Whether a pattern needs it and no entity of the product.
    pub(crate) standing: bool,
    /// The column of a table that tenants share by which each row is one tenant's all the same, such as a key that is
    /// looked up before it is known whose it is.
    pub(crate) owner: Option<String>,
}

impl Table<'_> {
    /// The column of a field.
    pub(crate) fn of_field(&self, field: &str) -> Option<&Col> {
        self.columns.iter().find(|c| c.column.name == field)
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Col> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// Whether it is split into partitions that the schema makes and a job keeps.
    pub(crate) fn is_partitioned(&self) -> bool {
        self.split.as_ref().is_some_and(|s| !s.by_extension)
    }

    /// Whether its rows never go: balances rest on postings and their entries.
    pub(crate) fn stays(&self) -> bool {
        let books = self.plays(Part::LedgerEntry) || self.plays(Part::LedgerTransaction);
        books && self.entity.append_only && self.entity.keep_days.is_none()
    }

    pub(crate) fn kind(&self, name: &str) -> Option<FieldType> {
        self.column(name).map(|c| c.column.kind)
    }

    /// The column that says whose row it is.
    pub(crate) fn tenant(&self) -> Option<&str> {
        self.columns
            .iter()
            .find(|c| c.column.role == Role::Tenant)
            .map(|c| c.name.as_str())
            .filter(|_| self.scoped)
    }

    /// The column with the identifier of a row.
    pub(crate) fn identifier(&self) -> Option<&Col> {
        self.columns.iter().find(|c| c.column.role == Role::Identifier)
    }

    /// The columns that hold no secret.
    pub(crate) fn open_columns(&self) -> Vec<String> {
        self.columns.iter().filter(|c| !c.column.is_secret()).map(|c| c.name.clone()).collect()
    }

    /// Primary key, then the other unique groups.
    pub(crate) fn unique_groups(&self) -> impl Iterator<Item = &Unique> {
        std::iter::once(&self.key).chain(&self.uniques)
    }

    /// The column by which rows age: the one the entity names, else that of a time every row has.
    pub(crate) fn age(&self) -> Option<&Col> {
        let told = self.entity.ages_by.as_ref().and_then(|f| self.of_field(f.as_str()));
        if told.is_some_and(|c| matches!(c.column.kind, FieldType::Timestamp | FieldType::Date)) {
            return told;
        }
        let time = |c: &&Col| c.column.kind == FieldType::Timestamp && !c.column.optional;
        let in_key = self.columns.iter().filter(time).find(|c| self.key.columns.contains(&c.name));
        in_key
            .filter(|_| self.identity == Identity::Natural)
            .or_else(|| self.of_field("created_at").filter(time))
    }

    /// Pairs of columns of which the first never exceeds the second.
    pub(crate) fn ordered_pairs(&self) -> Vec<(&str, &str)> {
        let alike = |a: &Col, b: &Col| {
            let number = |k| matches!(k, FieldType::Integer | FieldType::Money);
            a.column.kind == b.column.kind || number(a.column.kind) && number(b.column.kind)
        };
        let pair = |col| {
            let col: &Col = col;
            let other = self.of_field(col.column.not_above.as_ref()?.as_str())?;
            (alike(col, other) && col.name != other.name).then_some((col.name.as_str(), other.name.as_str()))
        };
        self.columns.iter().filter_map(pair).collect()
    }

    pub(crate) fn plays(&self, part: Part) -> bool {
        self.entity.plays == Some(part)
    }
}

/// Columns that no two rows share.
#[derive(Clone, Debug)]
pub(crate) struct Unique {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    /// Whether rows without a value in an optional column count as equal: where a group is declared, not where
    /// a single field is unique when it is there.
    pub(crate) with_absent: bool,
    /// The access patterns it serves.
    pub(crate) serves: Vec<String>,
}

/// Columns that no two rows share among those that meet a condition.
#[derive(Clone, Debug)]
pub(crate) struct Partial {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    /// Columns with the value they have in the rows that count.
    pub(crate) only: Vec<(String, When)>,
    /// The access patterns it serves.
    pub(crate) serves: Vec<String>,
}

impl Partial {
    /// Whether it finds the rows of a use: those that count are those that are looked for.
    pub(crate) fn serves(&self, used: &Use<'_>) -> bool {
        let alike = |(column, when): &(String, When)| {
            used.only.iter().any(|(c, found)| {
                c == column && (when == found || *when == When::Present && found.value().is_some())
            })
        };
        self.only.iter().all(alike)
            && self.columns.iter().all(|c| used.equal.contains(c) || used.any.as_ref() == Some(c))
    }
}

/// What happens to a row when the one it refers to is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnDelete {
    /// The delete is refused.
    Refuse,
    /// The row goes as well: it has no meaning alone.
    Cascade,
    /// The reference becomes empty.
    Clear,
}

/// A foreign key.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    /// Columns here, the tenant first where both tables are scoped.
    pub(crate) columns: Vec<String>,
    /// The table referred to, by its place, and its columns.
    pub(crate) to: usize,
    pub(crate) to_columns: Vec<String>,
    pub(crate) on_delete: OnDelete,
    /// Part of a circle of required references: checked when the transaction ends, if it asks for that.
    pub(crate) circular: bool,
}

impl Reference {
    /// The column that holds the reference itself.
    pub(crate) fn column(&self) -> &str {
        self.columns.iter().rev().find(|c| !c.is_empty()).map_or("", String::as_str)
    }
}

/// How an index is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// Equality columns, then the order, then the range.
    Ordered,
    /// Documents and words.
    Inverted,
    /// Places.
    Spatial,
}

/// Periods of rows with equal columns that must not overlap.
#[derive(Clone, Debug)]
pub(crate) struct Exclusion {
    pub(crate) name: String,
    /// Columns that are compared for equality, the tenant first.
    pub(crate) within: Vec<String>,
    pub(crate) from: String,
    pub(crate) until: String,
    /// Whether the period is of days, the last one included.
    pub(crate) days: bool,
    /// Columns and the words with which a row does not count.
    pub(crate) unless: Vec<(String, Vec<String>)>,
}

/// An index and the access patterns that need it.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    pub(crate) name: String,
    pub(crate) method: Method,
    /// Columns that are compared for equality: their order among themselves does not matter.
    pub(crate) equal: Vec<String>,
    /// Columns that give the order or are compared with bounds, and whether they descend.
    pub(crate) order: Vec<(String, bool)>,
    /// Columns carried along, so that the table need not be read.
    pub(crate) include: Vec<String>,
    /// Rows it holds: the value of a column, or its absence.
    pub(crate) only: Vec<(String, When)>,
    /// Whether rows without a value in its first column stay out: what has no age is not deleted by age, and a
    /// search for what is absent must not be tempted to read it all.
    pub(crate) filled: bool,
    /// The column of its order that is compared byte by byte, so that a beginning is a span of it.
    pub(crate) prefix: Option<String>,
    /// What it is for.
    pub(crate) serves: Vec<String>,
}

impl Index {
    /// Columns in order, with their direction where it matters.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&str, Option<bool>)> {
        let equal = self.equal.iter().map(|c| (c.as_str(), None));
        equal.chain(self.order.iter().map(|(c, d)| (c.as_str(), Some(*d))))
    }
}

/// How long the span of one partition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    Day,
    Week,
    Month,
}

impl Span {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// Range partitions by time.
#[derive(Clone, Debug)]
pub(crate) struct Split {
    pub(crate) column: String,
    pub(crate) span: Span,
    /// Whether an extension of the store makes, compresses and drops them.
    pub(crate) by_extension: bool,
}

/// What answers a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Served {
    /// Rows are added: nothing is searched.
    Nothing,
    /// The primary key or a unique constraint.
    Key(String),
    Index(String),
    /// Whole partitions go.
    Partitions,
}

impl Served {
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Key(name) | Self::Index(name) => Some(name),
            Self::Nothing | Self::Partitions => None,
        }
    }
}

/// One access of one operation: an access pattern.
pub(crate) struct Use<'a> {
    /// Name, unique within the store.
    pub(crate) name: String,
    /// In words, with the name of the operation.
    pub(crate) title: String,
    pub(crate) operation: Option<(&'a Id, &'a Operation)>,
    pub(crate) table: usize,
    pub(crate) access: Cow<'a, Access>,
    pub(crate) equal: Vec<String>,
    /// The column that is compared with a list of values.
    pub(crate) any: Option<String>,
    /// The column that is compared with bounds.
    pub(crate) range: Option<String>,
    pub(crate) order: Vec<String>,
    pub(crate) only: Vec<(String, When)>,
    /// A text column of which the beginning is given.
    pub(crate) prefix: Option<String>,
    /// A column searched by words, by content or by distance.
    pub(crate) searched: Option<(Method, String)>,
    pub(crate) served: Served,
    /// Whether it works over all tenants.
    pub(crate) maintenance: bool,
    /// Whether people of the house run it, on the rows of all tenants.
    pub(crate) staff: bool,
    /// Whether it is about rows that a tenant owns in a table that tenants share, once the tenant is known.
    pub(crate) owned: bool,
    pub(crate) locks: bool,
}

/// How the names of what finds out who calls begin.
pub(crate) const LOOKS_FOR_CALLER: &str = "find_caller_reads_";

impl Use<'_> {
    /// Whether it finds out who calls, before any operation.
    pub(crate) fn looks_for_caller(&self) -> bool {
        self.operation.is_none() && self.name.starts_with(LOOKS_FOR_CALLER)
    }

    pub(crate) fn kind(&self) -> AccessKind {
        self.access.kind
    }

    /// Most rows that one statement touches; absent when the pattern sets no bound.
    pub(crate) fn bounded_rows(&self, table: &Table<'_>) -> Option<f64> {
        let whole_key = || {
            let mut have: Vec<&String> = self.equal.iter().collect();
            have.extend(self.any.iter());
            table.unique_groups().any(|u| u.columns.iter().all(|c| have.contains(&c)))
        };
        let rows = self.access.rows.max(1.0).ceil();
        match self.access.kind {
            AccessKind::Insert | AccessKind::ReadMany | AccessKind::Delete => Some(rows),
            AccessKind::ReadOne => Some(1.0),
            AccessKind::Update => whole_key().then_some(rows),
            AccessKind::Aggregate => None,
        }
    }
}
