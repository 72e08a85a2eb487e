//! Access patterns: what each statement compares, and the key or index that serves it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use indexmap::IndexMap;
use loadcase_model::{Access, AccessKind, FieldType, Id, Operation, OperationKind, Part, When};

use super::build::aged_by;
use super::columns::DELETED;
use super::ledger;
use super::names::{identifier, unused};
use super::physical::{Index, LOOKS_FOR_CALLER, Method, Served, Table, Use};
use super::source::Source;
use super::standing::Standing;

/// Rows of one statement from which it pays to carry further columns in an index, and the widest row for that.
const MANY_ROWS: f64 = 100.0;
const NARROW_BYTES: f64 = 200.0;
/// Rows that one statement of a deletion by age takes.
const BATCH: f64 = 1_000.0;

/// Finds every use of the tables of a store and gives the tables the indexes they need.
pub(crate) fn settle<'a>(
    source: &Source<'a>,
    tables: &mut [Table<'a>],
    standing: &IndexMap<Id, Standing>,
    taken: &mut BTreeSet<String>,
) -> Vec<Use<'a>> {
    let mut uses = found(source, tables, standing);
    let books = Books::of(tables);
    for (n, table) in tables.iter_mut().enumerate() {
        let mine: Vec<&mut Use<'a>> = uses.iter_mut().filter(|u| u.table == n).collect();
        serve(table, mine, &books, taken);
    }
    uses
}

fn found<'a>(source: &Source<'a>, tables: &[Table<'a>], standing: &IndexMap<Id, Standing>) -> Vec<Use<'a>> {
    let mut names = BTreeSet::new();
    let mut uses = Vec::new();
    let place = |id: &Id| tables.iter().position(|t| t.id == *id && !t.standing);
    for (id, operation) in &source.keeping.blueprint.operations {
        for access in &operation.accesses {
            let Some(n) = place(&access.entity) else { continue };
            let name = identifier(&format!("{id}_{}_{}", verb(access.kind), access.entity));
            let caller = Caller::of(source, operation, access, &tables[n]);
            let mut one = one(&tables[n], n, unused(&mut names, &name), Cow::Borrowed(access), caller);
            one.operation = Some((id, operation));
            let beginning = if one.prefix.is_some() { ", its beginning" } else { "" };
            one.title = format!("{}: {}{beginning}", operation.name, describe(access));
            uses.push(one);
        }
    }
    uses.extend(proofs(source, tables, &mut names));
    for (id, standing) in standing {
        let Some(n) = tables.iter().position(|t| t.id == *id && t.standing) else { continue };
        for used in &standing.uses {
            let name = identifier(&format!("{id}_{}", used.name));
            let mut one = one(
                &tables[n],
                n,
                unused(&mut names, &name),
                Cow::Owned(used.access.clone()),
                Reach::Tenant.into(),
            );
            one.title = format!("{}: {}", used.name, describe(&used.access));
            one.locks = used.locks;
            one.maintenance = !used.application && tables[n].scoped;
            if one.maintenance {
                one.equal.retain(|c| tables[n].tenant() != Some(c.as_str()));
            }
            uses.push(one);
        }
    }
    let aged: Vec<Use<'a>> = tables
        .iter()
        .enumerate()
        .filter_map(|(n, table)| retention(source, table, n, &uses, &mut names))
        .collect();
    uses.extend(aged);
    uses
}

/// What requests look up to find out who calls: once for all operations that do.
fn proofs<'a>(source: &Source<'a>, tables: &[Table<'a>], names: &mut BTreeSet<String>) -> Vec<Use<'a>> {
    let mut uses: Vec<Use<'a>> = Vec::new();
    for operation in source.keeping.blueprint.operations.values() {
        for access in &operation.proof {
            let same = |u: &Use<'_>| u.access.entity == access.entity && u.access.by == access.by;
            let place = tables.iter().position(|t| t.id == access.entity && !t.standing);
            let Some(n) = place.filter(|_| !uses.iter().any(same)) else { continue };
            let name = unused(names, &identifier(&format!("{LOOKS_FOR_CALLER}{}", access.entity)));
            let first = uses.is_empty() || !tables[n].scoped;
            let reach = if first { Reach::Outside } else { Reach::Tenant };
            let whole = Access { rows: 1.0, ..access.clone() };
            let mut one = one(&tables[n], n, name, Cow::Owned(whole), reach.into());
            one.title = format!("Find out who calls: {}", describe(access));
            uses.push(one);
        }
    }
    uses
}

const fn verb(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::ReadOne => "reads",
        AccessKind::ReadMany => "pages",
        AccessKind::Aggregate => "sums",
        AccessKind::Insert => "adds",
        AccessKind::Update => "changes",
        AccessKind::Delete => "deletes",
    }
}

/// An access pattern in words: `read a page by author_id in descending order of created_at`.
pub(crate) fn describe(access: &Access) -> String {
    let names = |ids: &[Id]| ids.iter().map(Id::as_str).collect::<Vec<_>>().join(", ");
    let mut text = crate::view::access_verb(access.kind).to_owned();
    if !access.by.is_empty() {
        text.push_str(&format!(" by {}", names(&access.by)));
    }
    for (field, value) in &access.only {
        let value = match When::of(value) {
            When::Absent => "empty".to_owned(),
            When::Present => "present".to_owned(),
            When::Is(value) => value,
        };
        text.push_str(&format!(", {field} {value}"));
    }
    if !access.order.is_empty() {
        let direction = if access.descending { "descending" } else { "ascending" };
        text.push_str(&format!(" in {direction} order of {}", names(&access.order)));
    }
    if access.after_call {
        text.push_str(" after the answer from outside");
    }
    text
}

/// Whose rows a statement is about.
#[derive(Clone, Copy)]
enum Reach {
    /// One tenant's.
    Tenant,
    /// Those of all tenants: the clock started it.
    Clock,
    /// Those of all tenants: people of the house look for what waits, or begin with a row that they name.
    House(Row),
    /// At first nobody's: what came from outside says whose it is once it is looked up.
    Outside,
    /// Those of all tenants that refer to a row tenants share: what is left of somebody who goes.
    Shared,
}

/// Whether a row is the first that an operation names: whose it is, is not known before it is read.
#[derive(Clone, Copy)]
enum Row {
    First,
    Later,
}

impl Reach {
    fn of(source: &Source<'_>, operation: &Operation, access: &Access) -> Self {
        let named = |a: &&Access| a.by.len() == 1 && a.by[0] == *"id";
        let begins = operation.accesses.iter().find(named).is_some_and(|a| a == access);
        // Once a row was found by what the message says, it is known whose it is; which of several kinds of rows it
        // is about is not.
        let looks = |a: &&Access| looks_up(source, a);
        let first = operation.accesses.iter().find(looks).is_some_and(|a| a == access);
        let finds = first || looks(&access) && access.kind == AccessKind::ReadOne;
        let everywhere = matches!(access.kind, AccessKind::Update | AccessKind::Delete)
            && operation.accesses.first().is_some_and(|first| refers(source, access, &first.entity));
        match operation.kind {
            OperationKind::Scheduled => Self::Clock,
            _ if of_staff(source, operation) && begins => Self::House(Row::First),
            _ if of_staff(source, operation) => Self::House(Row::Later),
            OperationKind::Job if begins_outside(source, operation) && everywhere => Self::Shared,
            OperationKind::Job if begins_outside(source, operation) && finds => Self::Outside,
            _ => Self::Tenant,
        }
    }
}

/// Who runs a statement, and how it selects.
#[derive(Clone, Copy)]
struct Caller {
    reach: Reach,
    /// Whether it answers what somebody types into a field for searching.
    searches: bool,
    /// Whether it is about the rows of its tenant in a table that tenants share.
    owned: bool,
}

impl From<Reach> for Caller {
    fn from(reach: Reach) -> Self {
        Self { reach, searches: false, owned: false }
    }
}

impl Caller {
    fn of(source: &Source<'_>, operation: &Operation, access: &Access, table: &Table<'_>) -> Self {
        let asked = matches!(operation.kind, OperationKind::Request | OperationKind::Stream);
        let reads = operation.method.as_deref().is_none_or(|m| m.eq_ignore_ascii_case("GET"));
        // What is found by a secret or an address is found before the tenant is known.
        let of_owner = |f: &Id| {
            *f == *"id" || table.of_field(f.as_str()).is_some_and(|c| Some(&c.name) == table.owner.as_ref())
        };
        let named = access.kind == AccessKind::Insert || access.by.iter().any(of_owner);
        let known = asked && !operation.roles.is_empty() && !of_staff(source, operation);
        Self {
            reach: Reach::of(source, operation, access),
            searches: asked && reads && operation.path.is_some(),
            owned: table.owner.is_some() && known && named,
        }
    }
}

/// Whether an access is by what a message from outside says rather than by an identifier of the product's own.
fn looks_up(source: &Source<'_>, access: &Access) -> bool {
    source.keeping.blueprint.entities.get(&access.entity).is_some_and(|e| e.tenant_scoped)
        && matches!(access.kind, AccessKind::ReadOne | AccessKind::ReadMany)
        && !access.by.iter().any(|b| b == "id")
}

/// The groups of fields by which rows of an entity are found from outside, before it is known whose they are.
pub(crate) fn looked_up_outside<'a>(source: &Source<'a>, id: &Id) -> Vec<&'a [Id]> {
    let jobs = source.keeping.blueprint.operations.values();
    jobs.filter(|o| o.kind == OperationKind::Job && begins_outside(source, o))
        .flat_map(|o| &o.accesses)
        .filter(|a| a.entity == *id && a.kind == AccessKind::ReadOne && looks_up(source, a))
        .map(|a| a.by.as_slice())
        .collect()
}

/// Whether a field is found by its beginning where somebody searches a list by it: a name that people type.
pub(crate) fn is_searched(access: &Access, field: &str, kind: FieldType) -> bool {
    const TYPED: &[&str] = &["title", "name", "handle", "display_name", "family_name"];
    access.kind == AccessKind::ReadMany
        && kind == FieldType::String
        && TYPED.contains(&field)
        && access.by.last().is_some_and(|last| *last == *field)
}

/// Whether only people of the house may call an operation.
pub(crate) fn of_staff(source: &Source<'_>, operation: &Operation) -> bool {
    let actors = &source.keeping.blueprint.actors;
    let staff =
        |role: &Id| actors.get(role).and_then(|a| a.authenticates_by.as_ref()).is_some_and(|w| *w == STAFF);
    !operation.roles.is_empty() && operation.roles.iter().all(staff)
}

/// Whether an access finds rows by their reference to an entity.
fn refers(source: &Source<'_>, access: &Access, to: &Id) -> bool {
    let entity = source.keeping.blueprint.entities.get(&access.entity);
    let field = |f: &Id| entity.and_then(|e| e.fields.iter().find(|own| own.name == *f));
    access.by.len() == 1 && access.by.iter().filter_map(field).any(|f| f.to.as_ref() == Some(to))
}

/// Whether a job begins with a row that is no tenant's: an event of another system.
fn begins_outside(source: &Source<'_>, operation: &Operation) -> bool {
    operation.accesses.first().is_some_and(|a| {
        let entity = source.keeping.blueprint.entities.get(&a.entity);
        entity.is_some_and(|e| !e.tenant_scoped && !super::standing::is_tenants(&a.entity, e))
    })
}

/// How people of the house prove who they are, in the words of blueprints.
const STAFF: &str = "strong-session";

/// What one access compares.
fn one<'a>(table: &Table<'_>, n: usize, name: String, access: Cow<'a, Access>, caller: Caller) -> Use<'a> {
    let reach = caller.reach;
    let mut found = Use {
        name,
        title: String::new(),
        operation: None,
        table: n,
        equal: Vec::new(),
        any: None,
        range: None,
        prefix: None,
        order: Vec::new(),
        only: Vec::new(),
        searched: None,
        served: Served::Nothing,
        maintenance: false,
        staff: matches!(reach, Reach::House(_)),
        owned: caller.owned,
        locks: false,
        access,
    };
    if found.access.kind == AccessKind::Insert {
        return found;
    }
    selected(table, &mut found, caller.searches);
    if let Some(owner) = table.owner.as_ref().filter(|o| caller.owned && !found.equal.contains(o)) {
        found.equal.insert(0, owner.clone());
    }
    constants(table, &mut found);
    ordered(table, &mut found);
    let tenant = table.tenant().map(str::to_owned);
    if let Some(tenant) = tenant
        && !found.equal.contains(&tenant)
    {
        let nobodys = table.column(&tenant).is_some_and(|c| c.column.optional);
        // Whose rows they are is known where the whole key is: they were read before.
        let mut with_tenant = found.equal.clone();
        with_tenant.insert(0, tenant);
        let whole = table.unique_groups().any(|u| u.columns.iter().all(|c| with_tenant.contains(c)));
        let over_all = match reach {
            Reach::Tenant => false,
            Reach::Clock => !(whole && found.access.kind != AccessKind::ReadMany),
            // What people of the house write down for no tenant has none to be found by.
            Reach::House(row) => !whole || nobodys || matches!(row, Row::First),
            Reach::Outside | Reach::Shared => true,
        };
        if over_all {
            found.maintenance = true;
        } else {
            found.equal = with_tenant;
        }
    }
    listed(table, &mut found);
    found
}

/// Equality, bounds and searches.
fn selected(table: &Table<'_>, found: &mut Use<'_>, searches: bool) {
    let by = found.access.by.clone();
    for (i, field) in by.iter().enumerate() {
        let Some(col) = table.of_field(field.as_str()) else { continue };
        let name = col.name.clone();
        let last = i + 1 == by.len();
        match col.column.kind {
            FieldType::Json | FieldType::Text => found.searched = Some((Method::Inverted, name)),
            FieldType::Point => found.searched = Some((Method::Spatial, name)),
            kind if searches && is_searched(&found.access, field.as_str(), kind) => {
                found.prefix = Some(name);
            }
            FieldType::Bytes if !col.column.unique && !table.key.columns.contains(&name) => {}
            kind if found.range.is_none() && bounded(&found.access, field, kind, last) => {
                found.range = Some(name);
            }
            _ if !found.equal.contains(&name) => found.equal.push(name),
            _ => {}
        }
    }
}

/// Whether a field is compared with bounds: it also gives the order, or it is a time at the end of what
/// selects many rows, or a number that rows are counted above.
fn bounded(access: &Access, field: &Id, kind: FieldType, last: bool) -> bool {
    let many = matches!(access.kind, AccessKind::ReadMany | AccessKind::Aggregate | AccessKind::Delete);
    let time = matches!(kind, FieldType::Timestamp | FieldType::Date);
    let number = matches!(kind, FieldType::Integer | FieldType::Money);
    let orders = access.order.contains(field) && (time || number);
    many && (orders || last && time || last && number && access.kind == AccessKind::Aggregate)
}

fn constants(table: &Table<'_>, found: &mut Use<'_>) {
    let only = found.access.only.clone();
    for (field, value) in &only {
        if let Some(col) = table.of_field(field.as_str()) {
            found.only.push((col.name.clone(), When::of(value)));
        }
    }
    // Rows that are marked as deleted go as well where rows are removed.
    let hides = table.entity.soft_delete.is_some() && found.access.kind != AccessKind::Delete;
    if let Some(deleted) = table.of_field(DELETED).filter(|_| hides)
        && found.only.iter().all(|(c, _)| *c != deleted.name)
        && !found.access.by.iter().any(|f| f.as_str() == DELETED)
    {
        found.only.push((deleted.name.clone(), When::Absent));
    }
}

/// The order, made unique by the key where pages are read.
fn ordered(table: &Table<'_>, found: &mut Use<'_>) {
    let sortable =
        |kind| !matches!(kind, FieldType::Json | FieldType::Point | FieldType::Bytes | FieldType::Text);
    let order = found.access.order.clone();
    // Whoever types a beginning sees what begins with it in its own order, unless another is asked for.
    found.order.extend(found.prefix.clone().filter(|_| order.is_empty()));
    for field in &order {
        let Some(col) = table.of_field(field.as_str()) else { continue };
        if sortable(col.column.kind) && !found.equal.contains(&col.name) && !found.order.contains(&col.name) {
            found.order.push(col.name.clone());
        }
    }
    if !found.order.is_empty() && found.access.kind == AccessKind::ReadMany {
        let unique = |have: &[String]| table.key.columns.iter().all(|c| have.contains(c));
        for column in &table.key.columns {
            let have: Vec<String> = found.equal.iter().chain(&found.order).cloned().collect();
            if !unique(&have) && !have.contains(column) && table.tenant() != Some(column.as_str()) {
                found.order.push(column.clone());
            }
        }
    }
}

/// Many rows by a whole key: the last part of the key is a list.
fn listed(table: &Table<'_>, found: &mut Use<'_>) {
    let many = matches!(found.access.kind, AccessKind::ReadMany) && found.order.is_empty()
        || matches!(found.access.kind, AccessKind::Update | AccessKind::Delete) && found.access.rows > 1.0;
    let whole = table.unique_groups().any(|u| u.columns.iter().all(|c| found.equal.contains(c)));
    let own = found.equal.iter().rposition(|c| table.tenant() != Some(c.as_str()));
    if let (true, true, Some(last)) = (many, whole, own) {
        found.any = Some(found.equal.remove(last));
    }
}

/// The last day within the 24 months that are planned for.
pub(crate) const PLANNED_DAYS: u32 = 730;

/// The deletion of old rows, where no operation does it already. Rows that change and are kept for longer than is
/// planned for have none: when they are due depends on when they were closed, and nothing is due yet.
fn retention<'a>(
    source: &Source<'a>,
    table: &Table<'a>,
    n: usize,
    uses: &[Use<'a>],
    names: &mut BTreeSet<String>,
) -> Option<Use<'a>> {
    let days = table.entity.keep_days.filter(|d| *d <= PLANNED_DAYS || table.entity.append_only)?;
    let age = aged_by(source, table)?;
    let done = |u: &Use<'a>| {
        let by_age = u.range.as_ref() == Some(&age) || table.standing && u.range.is_some();
        u.table == n && u.access.kind == AccessKind::Delete && by_age
    };
    if uses.iter().any(done) {
        return None;
    }
    let field = table.column(&age)?.column.name.clone();
    let access = Access {
        entity: table.id.clone(),
        kind: AccessKind::Delete,
        by: vec![Id::new(field).ok()?],
        only: IndexMap::new(),
        order: Vec::new(),
        descending: false,
        rows: BATCH,
        after_call: false,
        rows_from: None,
        needs: IndexMap::new(),
    };
    let name = unused(names, &identifier(&format!("{}_expires", table.id)));
    let mut found = one(table, n, name, Cow::Owned(access), Reach::Tenant.into());
    found.title = format!("Deletion of {} older than {days} days", crate::text::words(table.id.as_str()));
    found.equal.clear();
    found.only.clear();
    found.any = None;
    found.maintenance = true;
    Some(found)
}

/// What an index has to offer to a use.
struct Need {
    index: Index,
    uses: Vec<usize>,
}

/// What indexes need to know of the books of a store.
struct Books {
    /// Tables of postings.
    postings: BTreeSet<String>,
    /// Tables whose rows never go: no delete looks for what refers to them.
    staying: BTreeSet<usize>,
}

impl Books {
    fn of(tables: &[Table<'_>]) -> Self {
        let postings = tables.iter().filter(|t| t.plays(Part::LedgerTransaction));
        let staying = tables.iter().enumerate().filter(|(_, t)| t.stays());
        Self {
            postings: postings.map(|t| t.id.to_string()).collect(),
            staying: staying.map(|(n, _)| n).collect(),
        }
    }
}

/// Gives a table its indexes and tells each use what serves it.
fn serve(table: &mut Table<'_>, mut uses: Vec<&mut Use<'_>>, books: &Books, taken: &mut BTreeSet<String>) {
    let mut needs: Vec<Need> = Vec::new();
    for (n, used) in uses.iter_mut().enumerate() {
        if used.access.kind == AccessKind::Insert {
            continue;
        }
        let sweeps = table.split.as_ref().is_some_and(|s| {
            used.access.kind == AccessKind::Delete
                && used.equal.is_empty()
                && used.range.as_ref() == Some(&s.column)
        });
        if sweeps {
            used.served = Served::Partitions;
        } else if let Some(name) = by_key(table, used) {
            used.served = Served::Key(name);
        } else if let Some(partial) = table.partials.iter_mut().find(|p| p.serves(used)) {
            partial.serves.push(used.title.clone());
            used.served = Served::Key(partial.name.clone());
        } else {
            needs.push(Need { index: wanted(table, used), uses: vec![n] });
        }
    }
    needs.extend(foreign(table, books));
    widen(&mut needs);
    // Longer ones first: they serve the shorter ones as well.
    needs.sort_by_key(|n| std::cmp::Reverse(n.index.equal.len() + n.index.order.len()));
    let mut kept: Vec<Need> = Vec::new();
    for need in needs {
        match kept.iter_mut().find(|k| serves(&k.index, &need.index)) {
            Some(other) => {
                other.index.serves.extend(need.index.serves);
                other.uses.extend(need.uses);
                merge_include(&mut other.index, &need.index.include);
            }
            None => kept.push(need),
        }
    }
    for mut need in kept {
        need.index.serves.dedup();
        need.index.name = unused(taken, &identifier(&need.index.name));
        for n in need.uses {
            uses[n].served = Served::Index(need.index.name.clone());
        }
        table.indexes.push(need.index);
    }
}

/// A partial index beside one for a reference over the same columns: the constant becomes a column of it instead,
/// and one index does for both.
fn widen(needs: &mut [Need]) {
    let whole = |n: &Need| n.index.only.is_empty() && n.index.method == Method::Ordered;
    for n in 0..needs.len() {
        let partial = &needs[n].index;
        let constants: Vec<String> =
            partial.only.iter().filter(|(_, v)| v.value().is_some()).map(|(c, _)| c.clone()).collect();
        if partial.only.is_empty() || constants.len() < partial.only.len() {
            continue;
        }
        let same = |o: &&Need| whole(o) && o.uses.is_empty() && o.index.equal == partial.equal;
        let Some(reference) = needs.iter().find(same) else { continue };
        let served = |o: &Need| whole(o) && !o.uses.is_empty() && serves(&o.index, &reference.index);
        if !needs.iter().any(served) {
            let index = &mut needs[n].index;
            index.equal.extend(constants);
            index.only.clear();
        }
    }
}

fn merge_include(index: &mut Index, more: &[String]) {
    for column in more {
        if !index.include.contains(column) && index.parts().all(|(c, _)| c != column) {
            index.include.push(column.clone());
        }
    }
}

/// The primary key or unique constraint that serves a use, told what it serves.
fn by_key(table: &mut Table<'_>, used: &Use<'_>) -> Option<String> {
    if used.prefix.is_some() {
        return None;
    }
    if used.searched.is_some() && used.equal.iter().all(|c| table.tenant() == Some(c.as_str())) {
        return None;
    }
    let have: Vec<&String> = used.equal.iter().chain(&used.any).collect();
    let tail: Vec<&String> =
        used.order.iter().chain(used.range.iter().filter(|r| !used.order.contains(r))).collect();
    let serves = |columns: &[String]| {
        let whole = columns.iter().all(|c| have.contains(&c));
        let head = columns.get(..have.len()).is_some_and(|head| head.iter().all(|c| have.contains(&c)));
        let rest = columns.get(have.len()..).unwrap_or_default();
        let leads = !(have.is_empty() && tail.is_empty())
            && head
            && rest.len() >= tail.len()
            && tail.iter().zip(rest).all(|(a, b)| *a == b);
        whole || leads && used.only.is_empty()
    };
    let title = used.title.clone();
    let chosen = std::iter::once(&mut table.key).chain(&mut table.uniques).find(|u| serves(&u.columns))?;
    chosen.serves.push(title);
    Some(chosen.name.clone())
}

/// The index made for one use.
fn wanted(table: &Table<'_>, used: &Use<'_>) -> Index {
    let named =
        used.operation.map_or_else(|| used.name.clone(), |(id, _)| format!("{}_for_{id}", table.name));
    let mut index = Index {
        name: named,
        method: Method::Ordered,
        equal: used.equal.iter().chain(&used.any).cloned().collect(),
        order: used.order.iter().map(|c| (c.clone(), used.access.descending)).collect(),
        include: Vec::new(),
        only: used.only.clone(),
        filled: false,
        prefix: used.prefix.clone(),
        serves: vec![used.title.clone()],
    };
    if let Some(prefix) = used.prefix.as_ref().filter(|p| !used.order.contains(p)) {
        index.order.insert(0, (prefix.clone(), false));
    }
    if let Some(range) = used.range.as_ref().filter(|r| !used.order.contains(r)) {
        index.order.push((range.clone(), false));
    }
    if let Some((method, column)) = &used.searched {
        return Index {
            method: *method,
            equal: vec![column.clone()],
            order: Vec::new(),
            only: Vec::new(),
            ..index
        };
    }
    let by_age_alone =
        index.equal.is_empty() && index.order.len() == 1 && used.access.kind == AccessKind::Delete;
    if by_age_alone {
        index.filled = table.column(&index.order[0].0).is_some_and(|c| c.column.optional);
        if used.operation.is_none() {
            index.name = format!("{}_by_age", table.name);
        }
    }
    if index.equal.is_empty() && index.order.is_empty() {
        // Only constants select: the key orders what is left.
        index.order = table.key.columns.iter().map(|c| (c.clone(), false)).collect();
    }
    let covers = used.access.kind == AccessKind::ReadMany
        && used.access.rows >= MANY_ROWS
        && table.entity.row_bytes <= NARROW_BYTES
        && table.entity.soft_delete.is_none();
    if covers {
        let narrow =
            |kind| matches!(kind, FieldType::Id | FieldType::Ref | FieldType::Integer | FieldType::Timestamp);
        let more: Vec<String> = table
            .columns
            .iter()
            .filter(|c| narrow(c.column.kind) && c.column.name != "updated_at")
            .map(|c| c.name.clone())
            .collect();
        merge_include(&mut index, &more);
    }
    index
}

/// Indexes that the store's own checks need: for references that nothing else begins with, and for the sum of
/// a posting.
fn foreign(table: &Table<'_>, books: &Books) -> Vec<Need> {
    let need = |name: String, columns: Vec<String>, reason: String| Need {
        index: Index {
            name,
            method: Method::Ordered,
            equal: columns,
            order: Vec::new(),
            include: Vec::new(),
            only: Vec::new(),
            filled: false,
            prefix: None,
            serves: vec![reason],
        },
        uses: Vec::new(),
    };
    let posting = ledger::posting(table, |id| books.postings.contains(id)).map(|column| {
        let columns = table.tenant().map(str::to_owned).into_iter().chain([column]).collect();
        need(
            format!("{}_by_posting", table.name),
            columns,
            "The check that a posting sums to zero".to_owned(),
        )
    });
    let covered = |columns: &[String]| {
        table.unique_groups().any(|u| {
            u.columns.get(..columns.len()).is_some_and(|head| columns.iter().all(|c| head.contains(c)))
        })
    };
    let written_down =
        table.of_field("transaction").filter(|_| table.plays(Part::StaffAccess)).map(|column| {
            need(
                format!("{}_by_transaction", table.name),
                vec![column.name.clone()],
                "The policies of staff: whether the work of this transaction is written down".to_owned(),
            )
        });
    // The key begins with the tenant, unless rows may be nobody's.
    let leads = |column: &str| {
        table.tenant() == Some(column)
            && (table.plays(Part::Job) || table.column(column).is_some_and(|c| !c.column.optional))
    };
    table
        .references
        .iter()
        .filter(|r| !(covered(&r.columns) || r.columns.len() == 1 && leads(r.column())))
        .map(|r| {
            let why = if books.staying.contains(&r.to) {
                "what refers to a row is found without a scan"
            } else {
                "deletes of the other row need no scan"
            };
            let reason = format!("The reference {}: {why}", r.column());
            need(format!("{}_by_{}", table.name, r.column()), r.columns.clone(), reason)
        })
        .chain(posting)
        .chain(written_down)
        .collect()
}

/// Whether an index answers what the other is for.
fn serves(index: &Index, other: &Index) -> bool {
    if index.method != other.method
        || index.only != other.only
        || index.prefix != other.prefix
        || index.filled && !other.filled
    {
        return false;
    }
    let columns: Vec<(&str, Option<bool>)> = index.parts().collect();
    let equal: BTreeSet<&str> = other.equal.iter().map(String::as_str).collect();
    let Some((head, tail)) = columns.split_at_checked(equal.len()) else { return false };
    let head: BTreeSet<&str> = head.iter().map(|(c, _)| *c).collect();
    let pairs = || other.order.iter().zip(tail);
    let same = |turned: bool| {
        pairs()
            .all(|((c, d), (have, direction))| c == have && direction.is_none_or(|own| (own == *d) != turned))
    };
    head == equal && tail.len() >= other.order.len() && (same(false) || same(true))
}
