//! Tables with keys, constraints and indexes, derived from entities and access patterns.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{Access, AccessKind, Entity, FieldType, Id};

use super::columns::{Column, Role, TENANT, columns};
use crate::view::View;

/// A table.
pub(crate) struct Table<'a> {
    pub(crate) id: &'a Id,
    pub(crate) entity: &'a Entity,
    /// Name in SQL, not quoted.
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    /// Whether the key begins with the tenant.
    pub(crate) scoped: bool,
    pub(crate) references: Vec<Reference>,
    pub(crate) indexes: Vec<Index>,
}

/// A foreign key.
pub(crate) struct Reference {
    /// Columns here, the tenant first where both tables are scoped.
    pub(crate) columns: Vec<String>,
    /// The table referred to, and its columns.
    pub(crate) to: String,
    pub(crate) to_columns: Vec<String>,
}

/// How an index is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// Equality columns, then the order.
    Ordered,
    /// Documents and words.
    Inverted,
    /// Places.
    Spatial,
    /// Rows in order of their age.
    Block,
}

/// An index and the access patterns that need it.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    pub(crate) name: String,
    pub(crate) method: Method,
    /// Columns that are compared for equality: their order among themselves does not matter.
    pub(crate) equal: Vec<String>,
    /// Columns that give the order, and whether it is descending.
    pub(crate) order: Vec<(String, bool)>,
    pub(crate) reasons: Vec<String>,
}

/// The tables of one store, in the order of the blueprint.
pub(crate) fn tables<'a>(view: &View<'a>, store: &'a Id) -> Vec<Table<'a>> {
    let entities = view.entities_in(store);
    let mut taken = BTreeSet::new();
    let mut tables: Vec<Table<'a>> = entities
        .into_iter()
        .map(|(id, entity)| Table {
            id,
            entity,
            name: unused(&mut taken, &identifier(id.as_str())),
            columns: columns(entity),
            scoped: entity.tenant_scoped && *id != *TENANTS,
            references: Vec::new(),
            indexes: Vec::new(),
        })
        .collect();
    let known: BTreeMap<&Id, (String, bool)> =
        tables.iter().map(|t| (t.id, (t.name.clone(), t.scoped))).collect();
    let tenants = has_tenant_table(view, store);
    for table in &mut tables {
        table.references = references(table, &known, tenants);
    }
    for table in &mut tables {
        table.indexes = indexes(view, table, &mut taken);
    }
    tables
}

/// The entity that tenants are kept in.
pub(crate) const TENANTS: &str = "tenant";

/// Whether the store has a table of tenants: an entity of the blueprint, or one made for rows that need it.
pub(crate) fn has_tenant_table(view: &View<'_>, store: &Id) -> bool {
    let entity = view.blueprint().entities.get(TENANTS);
    entity.map_or_else(|| makes_tenant_table(view, store), |e| view.store_of(e) == Some(store))
}

/// Whether a table of tenants must be made: rows belong to tenants, no entity says what those are, and this is
/// the only store with tables.
pub(crate) fn makes_tenant_table(view: &View<'_>, store: &Id) -> bool {
    let scoped = |e: &Entity| e.tenant_scoped && view.store_of(e) == Some(store);
    !view.blueprint().entities.contains_key(TENANTS)
        && view.blueprint().entities.values().any(scoped)
        && view.relational_stores().len() <= 1
}

/// A name in SQL from an identifier: at most 63 bytes, which is what PostgreSQL keeps.
pub(crate) fn identifier(text: &str) -> String {
    let name: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    shorten(name)
}

/// Keeps long names apart by a hash of the whole.
fn shorten(name: String) -> String {
    const LONGEST: usize = 63;
    if name.len() <= LONGEST {
        return name;
    }
    let hash = blake3::hash(name.as_bytes()).to_hex();
    format!("{}_{}", &name[..LONGEST - 9], &hash[..8])
}

/// The name, with a number when it is taken.
pub(crate) fn unused(taken: &mut BTreeSet<String>, name: &str) -> String {
    let mut candidate = name.to_owned();
    let mut n = 2;
    while !taken.insert(candidate.clone()) {
        candidate = shorten(format!("{name}_{n}"));
        n += 1;
    }
    candidate
}

fn references(table: &Table<'_>, known: &BTreeMap<&Id, (String, bool)>, tenants: bool) -> Vec<Reference> {
    let simple = |column: String, to: &str| Reference {
        columns: vec![column],
        to: to.to_owned(),
        to_columns: vec!["id".to_owned()],
    };
    let mut found = Vec::new();
    if table.scoped && tenants {
        found.push(simple(TENANT.to_owned(), TENANTS));
    }
    for column in table.columns.iter().filter(|c| c.kind == FieldType::Ref && c.role == Role::Plain) {
        let Some((to, scoped)) = column.to.as_ref().and_then(|to| known.get(to)) else { continue };
        let name = identifier(&column.name);
        match (table.scoped, scoped) {
            (true, true) => found.push(Reference {
                columns: vec![TENANT.to_owned(), name],
                to: to.clone(),
                to_columns: vec![TENANT.to_owned(), "id".to_owned()],
            }),
            (_, false) => found.push(simple(name, to)),
            // The other table's key begins with a tenant that this row does not have.
            (false, true) => {}
        }
    }
    found
}

fn indexes(view: &View<'_>, table: &Table<'_>, taken: &mut BTreeSet<String>) -> Vec<Index> {
    let mut wanted = patterns(view, table);
    for reference in &table.references {
        let column = reference.columns.last().cloned().unwrap_or_default();
        // The key begins with the tenant; a unique column has an index already.
        if table.scoped && column == TENANT || column == "id" || is_unique(table, &column) {
            continue;
        }
        let reason = format!("the foreign key {column}, so that deletes of {} need no scan", reference.to);
        wanted.push(Index {
            name: format!("{}_by_{column}", table.name),
            method: Method::Ordered,
            equal: reference.columns.clone(),
            order: Vec::new(),
            reasons: vec![reason],
        });
    }
    // Longer ones first: they serve the shorter ones as well.
    wanted.sort_by_key(|i| std::cmp::Reverse(i.equal.len() + i.order.len()));
    let mut kept: Vec<Index> = Vec::new();
    for index in wanted {
        match kept.iter_mut().find(|k| k.serves(&index)) {
            Some(other) => other.reasons.extend(index.reasons),
            None => kept.push(index),
        }
    }
    retention(table, &mut kept);
    for index in &mut kept {
        index.reasons.dedup();
        index.name = unused(taken, &identifier(&index.name));
    }
    kept
}

impl Index {
    /// Whether this index answers what the other is for.
    fn serves(&self, other: &Self) -> bool {
        if self.method != other.method {
            return false;
        }
        let columns: Vec<(&str, Option<bool>)> = self
            .equal
            .iter()
            .map(|c| (c.as_str(), None))
            .chain(self.order.iter().map(|(c, d)| (c.as_str(), Some(*d))))
            .collect();
        let equal: BTreeSet<&str> = other.equal.iter().map(String::as_str).collect();
        let Some((head, tail)) = columns.split_at_checked(equal.len()) else { return false };
        let head: BTreeSet<&str> = head.iter().map(|(c, _)| *c).collect();
        head == equal
            && tail.len() >= other.order.len()
            && other.order.iter().zip(tail).all(|((c, d), (have, direction))| {
                c == have && direction.is_none_or(|direction| direction == *d)
            })
    }
}

/// One index for each access pattern that no key answers.
fn patterns(view: &View<'_>, table: &Table<'_>) -> Vec<Index> {
    let mut found = Vec::new();
    for (id, operation) in &view.blueprint().operations {
        for access in
            operation.accesses.iter().filter(|a| a.entity == *table.id && a.kind != AccessKind::Insert)
        {
            let reason = format!("{}: {}", operation.name, describe(access));
            let name = format!("{}_for_{id}", table.name);
            found.extend(pattern(table, access).into_iter().map(|(method, equal, order)| Index {
                name: name.clone(),
                method,
                equal,
                order,
                reasons: vec![reason.clone()],
            }));
        }
    }
    found
}

/// An access pattern in words: `read a page by author_id, newest created_at first`.
pub(crate) fn describe(access: &Access) -> String {
    let names = |ids: &[Id]| ids.iter().map(Id::as_str).collect::<Vec<_>>().join(", ");
    let mut text = crate::view::access_verb(access.kind).to_owned();
    if !access.by.is_empty() {
        text.push_str(&format!(" by {}", names(&access.by)));
    }
    if !access.order.is_empty() {
        let direction = if access.descending { "descending" } else { "ascending" };
        text.push_str(&format!(" in {direction} order of {}", names(&access.order)));
    }
    text
}

type Shape = (Method, Vec<String>, Vec<(String, bool)>);

/// What indexes an access needs beyond the keys of the table.
fn pattern(table: &Table<'_>, access: &Access) -> Vec<Shape> {
    let kind = |name: &Id| table.columns.iter().find(|c| c.name == name.as_str()).map(|c| c.kind);
    let mut found = Vec::new();
    let mut equal: Vec<String> = Vec::new();
    for name in &access.by {
        let column = identifier(name.as_str());
        match kind(name) {
            Some(FieldType::Json | FieldType::Text) => {
                found.push((Method::Inverted, vec![column], Vec::new()));
            }
            Some(FieldType::Point) => found.push((Method::Spatial, vec![column], Vec::new())),
            Some(FieldType::Bytes) | None => {}
            Some(_) if !equal.contains(&column) => equal.push(column),
            Some(_) => {}
        }
    }
    let mut order: Vec<(String, bool)> = Vec::new();
    for name in &access.order {
        let column = identifier(name.as_str());
        let orders =
            kind(name).is_some_and(|k| !matches!(k, FieldType::Json | FieldType::Point | FieldType::Bytes));
        if orders && !equal.contains(&column) && order.iter().all(|(c, _)| *c != column) {
            order.push((column, access.descending));
        }
    }
    let ordered = !order.is_empty();
    if ordered && access.kind == AccessKind::ReadMany && !equal.contains(&"id".to_owned()) {
        // The identifier makes the order unique, which cursors need.
        if order.iter().all(|(c, _)| c != "id") {
            order.push(("id".to_owned(), access.descending));
        }
    }
    let by_key = equal.iter().any(|c| c == "id" || is_unique(table, c));
    if !by_key && (ordered || !equal.is_empty()) {
        if table.scoped && !equal.contains(&TENANT.to_owned()) {
            equal.insert(0, TENANT.to_owned());
        }
        found.push((Method::Ordered, equal, order));
    }
    found
}

fn is_unique(table: &Table<'_>, column: &str) -> bool {
    table.columns.iter().any(|c| c.unique && identifier(&c.name) == column)
}

/// Old rows are found by age: by an index that begins with it, or by one of its own.
fn retention(table: &Table<'_>, kept: &mut Vec<Index>) {
    let Some(days) = table.entity.keep_days else { return };
    let reason = format!("deletion of rows older than {days} days");
    let led = |i: &&mut Index| {
        let first = i.equal.first().or(i.order.first().map(|(c, _)| c));
        i.method == Method::Ordered && first.is_some_and(|c| c == "created_at")
    };
    if let Some(index) = kept.iter_mut().find(led) {
        index.reasons.push(reason);
        return;
    }
    kept.push(Index {
        name: format!("{}_by_age", table.name),
        method: if table.entity.append_only { Method::Block } else { Method::Ordered },
        equal: Vec::new(),
        order: vec![("created_at".to_owned(), false)],
        reasons: vec![reason],
    });
}
