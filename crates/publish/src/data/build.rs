//! Tables with keys, constraints and references, from entities.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{AccessKind, Entity, FieldType, Horizon, Id, Operation, Part, Period};

use super::columns::{Column, Role, TENANT, columns};
use super::growth;
use super::names::{identifier, unused};
use super::physical::{
    Col, Exclusion, Identity, OnDelete, Partial, Reference, Schema, Span, Split, Table, Unique,
};
use super::source::Source;
use super::standing::{self, is_tenants};
use super::uses;

/// Size from which a table is worth splitting by time. A judgement: indexes of such tables no longer fit in the
/// memory of a mid-sized node, and deleting old rows one by one takes hours.
pub(crate) const WORTH_SPLITTING_GB: f64 = 100.0;

/// Rows a second from which a foreign key costs more than it guards. A judgement: each row locks the row it
/// refers to, and the lookup is a tenth of the work of a small insert.
pub(crate) const TOO_FAST_TO_CHECK: f64 = 1_000.0;

/// Rows from which a partition is split further: its indexes should fit in memory while it is written to. A judgement.
const MOST_ROWS_OF_A_PARTITION: f64 = 5e8;

/// The physical design of a store.
pub(crate) fn schema<'a>(source: &Source<'a>, store: &Id) -> Schema<'a> {
    schema_of(source, store, &source.keeping.entities_in(store))
}

/// The physical design of some entities in a store.
pub(crate) fn schema_of<'a>(
    source: &Source<'a>,
    store: &Id,
    entities: &[(&'a Id, &'a Entity)],
) -> Schema<'a> {
    let standing = standing::tables(source, store);
    let mut taken = BTreeSet::new();
    let mut tables: Vec<Table<'a>> = Vec::new();
    for (id, entity) in entities {
        tables.push(table(source, &mut taken, id, Cow::Borrowed(entity), false));
    }
    for (id, standing) in &standing {
        tables.push(table(source, &mut taken, id, Cow::Owned(standing.entity.clone()), true));
    }
    let isolated = source.enforces_tenants(store) && tables.iter().any(|t| t.scoped);
    let tenants = tables.iter().find(|t| is_tenants(&t.id, &t.entity)).map(|t| t.id.clone());
    for table in tables.iter_mut().filter(|_| isolated) {
        table.owner = tenants.as_ref().and_then(|tenants| owner(table, tenants));
    }
    let referred = referred(&tables);
    for table in &mut tables {
        let is_referred = referred.contains(&table.id);
        settle_identity(source, table, is_referred);
        table.split = split(source, store, table, is_referred);
        keys(source, table, &mut taken);
        partials(table, &mut taken);
        exclusions(table, &mut taken);
    }
    let found: Vec<_> = (0..tables.len()).map(|n| references(source, &tables, n)).collect();
    for (table, (references, loose)) in tables.iter_mut().zip(found) {
        (table.references, table.loose) = (references, loose);
    }
    circles(&mut tables);
    let tenants = tables.iter().position(|t| is_tenants(&t.id, &t.entity));
    let uses = uses::settle(source, &mut tables, &standing, &mut taken);
    let aged = tables.iter().filter_map(|t| Some((t.id.clone(), aged_by(source, t)?))).collect();
    Schema { tables, uses, isolated, tenants, aged }
}

fn table<'a>(
    source: &Source<'a>,
    taken: &mut BTreeSet<String>,
    id: &Id,
    entity: Cow<'a, Entity>,
    standing: bool,
) -> Table<'a> {
    let mut names = BTreeSet::new();
    // The tenant's own row has the column by which all others name it: policies then read alike everywhere.
    let named = |column: &Column| match column.role {
        Role::Identifier if is_tenants(id, &entity) => TENANT.to_owned(),
        _ => identifier(&column.name),
    };
    let nobodys = may_be_nobodys(source, id, &entity);
    let columns: Vec<Col> = columns(&entity)
        .into_iter()
        .map(|c| Column { optional: c.optional || nobodys && c.role == Role::Tenant, ..c })
        .map(|column| Col { name: unused(&mut names, &named(&column)), column })
        .collect();
    let scoped =
        entity.tenant_scoped && !is_tenants(id, &entity) && !source.keeping.blueprint.entities.is_empty();
    Table {
        name: unused(taken, &identifier(id.as_str())),
        id: id.clone(),
        columns,
        identity: if entity.key.is_empty() { Identity::Uuid } else { Identity::Natural },
        scoped,
        key: Unique { name: String::new(), columns: Vec::new(), with_absent: false, serves: Vec::new() },
        uniques: Vec::new(),
        partials: Vec::new(),
        exclusions: Vec::new(),
        references: Vec::new(),
        loose: Vec::new(),
        indexes: Vec::new(),
        split: None,
        standing,
        owner: None,
        entity,
    }
}

/// The column of a table that tenants share by which each of its rows is one tenant's.
fn owner(table: &Table<'_>, tenants: &Id) -> Option<String> {
    let shared = !table.scoped
        && table.id != *tenants
        && !matches!(table.entity.plays, Some(Part::StaffAccess | Part::Inbox));
    let refers = |c: &&Col| {
        c.column.kind == FieldType::Ref && !c.column.optional && c.column.to.as_ref() == Some(tenants)
    };
    table.columns.iter().filter(|_| shared).find(refers).map(|c| c.name.clone())
}

/// Whether rows of a table may be nobody's although those of others are tenants': work on what came in from outside
/// begins before it is known whose it is, and people of the house write down what they do for no tenant.
fn may_be_nobodys(source: &Source<'_>, id: &Id, entity: &Entity) -> bool {
    let written = matches!(entity.plays, Some(Part::AuditLog | Part::IdempotencyKey));
    let writes = |o: &Operation| o.accesses.iter().any(|a| a.entity == *id && a.kind == AccessKind::Insert);
    let named = || source.keeping.blueprint.entities.contains_key(id);
    let operations = &source.keeping.blueprint.operations;
    written && operations.values().any(|o| uses::of_staff(source, o) && (writes(o) || !named()))
}

/// Entities that others refer to.
fn referred(tables: &[Table<'_>]) -> BTreeSet<Id> {
    let fields = tables.iter().flat_map(|t| t.columns.iter());
    fields.filter_map(|c| c.column.to.clone()).collect()
}

/// Numbers instead of UUIDs where nothing outside the store ever names a row.
fn settle_identity(source: &Source<'_>, table: &mut Table<'_>, is_referred: bool) {
    let internal = [Part::Outbox, Part::Job, Part::AuditLog].map(Some).contains(&table.entity.plays);
    let blueprint = source.keeping.blueprint;
    let accesses = || blueprint.operations.values().flat_map(|o| o.accesses.iter().map(move |a| (o, a)));
    let named = accesses().any(|(_, a)| a.entity == table.id && a.by.iter().any(|b| b == "id"));
    let shown = accesses().any(|(o, a)| {
        a.entity == table.id
            && o.path.is_some()
            && matches!(a.kind, AccessKind::ReadOne | AccessKind::ReadMany)
    });
    if table.identity == Identity::Uuid
        && (internal || table.entity.append_only)
        && !(is_referred || named || shown || source.chosen.spread)
        && (table.standing || internal)
    {
        table.identity = Identity::Number;
    }
}

/// Whether a table is split by time: large, only added to, and no constraint stands against it.
fn split(source: &Source<'_>, store: &Id, table: &Table<'_>, is_referred: bool) -> Option<Split> {
    let growth = growth::growth(source, &table.id, &table.entity)?;
    let age = aged_by(source, table)?;
    if table.column(&age).is_none_or(|c| c.column.optional) {
        return None;
    }
    let holds_age =
        |group: &[Id]| group.iter().any(|f| table.of_field(f.as_str()).is_some_and(|c| c.name == age));
    let free = !table.columns.iter().any(|c| c.column.unique && c.column.role == Role::Plain)
        && table.entity.unique.iter().all(|group| holds_age(group))
        && (table.entity.key.is_empty() || holds_age(&table.entity.key));
    let passing =
        table.entity.keep_days.is_some_and(|d| d <= uses::PLANNED_DAYS) && !found_by_key(source, table);
    let large = growth.size.value >= WORTH_SPLITTING_GB && (table.entity.append_only || passing);
    let weekly = growth::inserts_per_s(source, &table.id, Horizon::Later).unwrap_or(0.0) * 604_800.0;
    let span = match table.entity.keep_days {
        Some(..=21) => Span::Day,
        Some(..=180) if weekly > MOST_ROWS_OF_A_PARTITION => Span::Day,
        Some(..=180) => Span::Week,
        _ => Span::Month,
    };
    // It is for measurements, whose key has their time. Policies on rows and compression exclude each other.
    let apart = table.scoped && source.enforces_tenants(store);
    let by_extension = source.splits_by_extension(store) && natural_time(table).is_some() && !apart;
    (large && free && !is_referred && !table.standing).then_some(Split { column: age, span, by_extension })
}

/// Whether an operation finds rows by their key alone, which would mean looking into every partition.
fn found_by_key(source: &Source<'_>, table: &Table<'_>) -> bool {
    let accesses = source.keeping.blueprint.operations.values().flat_map(|o| &o.accesses);
    accesses.into_iter().any(|a| a.entity == table.id && a.by.iter().any(|b| b == "id"))
}

/// The column by which rows of a table grow old: the one the entity names, else the one deletes ask for, else a time of the key, else that of
/// the insert.
pub(crate) fn aged_by(source: &Source<'_>, table: &Table<'_>) -> Option<String> {
    let told = table.entity.ages_by.as_ref().and_then(|f| table.of_field(f.as_str()));
    if let Some(told) = told.filter(|c| matches!(c.column.kind, FieldType::Timestamp | FieldType::Date)) {
        return Some(told.name.clone());
    }
    let operations = source.keeping.blueprint.operations.values();
    let deleted_by = operations
        .flat_map(|o| &o.accesses)
        .filter(|a| a.entity == table.id && a.kind == AccessKind::Delete)
        .filter_map(|a| table.of_field(a.by.last()?.as_str()))
        .find(|c| c.column.kind == FieldType::Timestamp && !c.column.optional);
    deleted_by.or_else(|| natural_time(table)).or_else(|| table.age()).map(|c| c.name.clone())
}

fn natural_time<'t>(table: &'t Table<'_>) -> Option<&'t Col> {
    let fields = table.entity.key.iter().filter_map(|f| table.of_field(f.as_str()));
    fields.into_iter().find(|c| c.column.kind == FieldType::Timestamp && !c.column.optional)
}

/// The primary key and unique groups, each with the tenant first where all rows have one. What is looked up before it is
/// known whose it is, is unique among all tenants.
fn keys(source: &Source<'_>, table: &mut Table<'_>, taken: &mut BTreeSet<String>) {
    let optional = |name: &&str| table.column(name).is_some_and(|c| c.column.optional);
    let tenant = table.tenant().filter(|t| !optional(t)).map(str::to_owned);
    let looked_up: Vec<BTreeSet<String>> = uses::looked_up_outside(source, &table.id)
        .into_iter()
        .map(|by| by.iter().filter_map(|f| table.of_field(f.as_str())).map(|c| c.name.clone()).collect())
        .collect();
    let group = |table: &Table<'_>, fields: &mut dyn Iterator<Item = &Id>| {
        let mut columns: Vec<String> = tenant.iter().cloned().collect();
        for column in fields.filter_map(|f| table.of_field(f.as_str())) {
            let whole = !matches!(column.column.kind, FieldType::Json | FieldType::Point | FieldType::Text);
            if whole && !columns.contains(&column.name) {
                columns.push(column.name.clone());
            }
        }
        columns
    };
    let mut key = match table.identifier() {
        // Work is found by whoever works over all tenants, and some of it is no tenant's yet.
        Some(id) if table.plays(Part::Job) || table.plays(Part::Outbox) => vec![id.name.clone()],
        Some(id) if table.identity != Identity::Natural => {
            tenant.iter().cloned().chain([id.name.clone()]).collect()
        }
        _ => group(table, &mut table.entity.key.iter()),
    };
    if let Some(split) = &table.split
        && !key.contains(&split.column)
    {
        key.push(split.column.clone());
    }
    let mut groups: Vec<Vec<String>> = Vec::new();
    for column in table.columns.iter().filter(|c| c.column.unique && c.column.role == Role::Plain) {
        groups.push(tenant.iter().cloned().chain([column.name.clone()]).collect());
    }
    groups.extend(table.entity.unique.iter().map(|fields| group(table, &mut fields.iter())));
    let mut seen: Vec<BTreeSet<String>> = vec![key.iter().cloned().collect()];
    let name = unused(taken, &format!("{}_pk", table.name));
    table.key = Unique { name, columns: key, with_absent: false, serves: Vec::new() };
    for mut columns in groups {
        let alone: BTreeSet<String> =
            columns.iter().filter(|c| Some(*c) != tenant.as_ref()).cloned().collect();
        let of_all = looked_up.contains(&alone);
        if of_all {
            columns.retain(|c| Some(c) != tenant.as_ref());
        }
        let set: BTreeSet<String> = columns.iter().cloned().collect();
        if !alone.is_empty() && !seen.contains(&set) {
            seen.push(set);
            let named = columns.iter().filter(|c| Some(*c) != tenant.as_ref()).cloned().collect::<Vec<_>>();
            let name = unused(taken, &format!("{}_one_{}", table.name, named.join("_")));
            let optional = |c: &String| table.column(c).is_some_and(|c| c.column.optional);
            // Rows that have none of the values yet, such as those of a call still to be made, are not alike.
            let own = || columns.iter().filter(|c| Some(*c) != tenant.as_ref());
            let with_absent = !of_all && own().any(optional) && !own().all(optional);
            table.uniques.push(Unique { name, columns, with_absent, serves: Vec::new() });
        }
    }
}

/// What is unique among some rows, where all its columns are there. A table in partitions has none: a store compares
/// rows of one partition only.
fn partials(table: &mut Table<'_>, taken: &mut BTreeSet<String>) {
    if table.split.is_some() {
        return;
    }
    let column = |field: &Id| table.of_field(field.as_str()).map(|c| c.name.clone());
    let made = table.entity.unique_when.iter().filter_map(|group| {
        let own = group.fields.iter().map(column).collect::<Option<Vec<_>>>()?;
        let only = group.conditions().map(|(field, when)| Some((column(field)?, when)));
        let only = only.collect::<Option<Vec<_>>>()?;
        if own.is_empty() || only.is_empty() {
            return None;
        }
        let name = unused(taken, &format!("{}_one_{}", table.name, own.join("_")));
        let columns = table.tenant().map(str::to_owned).into_iter().chain(own).collect();
        Some(Partial { name, columns, only, serves: Vec::new() })
    });
    table.partials = made.collect();
}

/// Periods that must not overlap, where all their columns are there and of one kind. A table in partitions has none:
/// a store compares rows of one partition only.
fn exclusions(table: &mut Table<'_>, taken: &mut BTreeSet<String>) {
    if table.split.is_some() {
        return;
    }
    let made: Vec<Exclusion> =
        table.entity.no_overlap.iter().filter_map(|p| exclusion(table, p, taken)).collect();
    table.exclusions = made;
}

fn exclusion(table: &Table<'_>, period: &Period, taken: &mut BTreeSet<String>) -> Option<Exclusion> {
    let column = |field: &Id| table.of_field(field.as_str());
    let (from, until) = (column(&period.from)?, column(&period.until)?);
    let days = from.column.kind == FieldType::Date;
    if from.column.kind != until.column.kind || !days && from.column.kind != FieldType::Timestamp {
        return None;
    }
    let own = period.within.iter().map(|f| column(f).map(|c| c.name.clone())).collect::<Option<Vec<_>>>()?;
    let within: Vec<String> = table.tenant().map(str::to_owned).into_iter().chain(own).collect();
    let unless = period.unless.iter().filter_map(|(f, words)| Some((column(f)?.name.clone(), words.clone())));
    Some(Exclusion {
        name: unused(taken, &format!("{}_no_overlap", table.name)),
        within,
        from: from.name.clone(),
        until: until.name.clone(),
        days,
        unless: unless.collect(),
    })
}

type References = (Vec<Reference>, Vec<(String, String, &'static str)>);

fn references(source: &Source<'_>, tables: &[Table<'_>], n: usize) -> References {
    let table = &tables[n];
    let places: BTreeMap<&Id, usize> = tables.iter().enumerate().map(|(n, t)| (&t.id, n)).collect();
    let mut found = Vec::new();
    let mut loose = Vec::new();
    let tenants = tables.iter().position(|t| is_tenants(&t.id, &t.entity));
    if let (Some(tenant), Some(to)) = (table.tenant(), tenants) {
        if table.plays(Part::Job) || table.plays(Part::Outbox) {
            let why = "its rows go within days, and keep no tenant from being deleted";
            loose.push((tenant.to_owned(), tables[to].name.clone(), why));
        } else {
            found.push(plain(tenant, to, OnDelete::Refuse, tables));
        }
    }
    let fast =
        growth::inserts_per_s(source, &table.id, Horizon::Later).is_some_and(|r| r >= TOO_FAST_TO_CHECK);
    for col in
        table.columns.iter().filter(|c| c.column.kind == FieldType::Ref && c.column.role == Role::Plain)
    {
        let Some(to) = &col.column.to else { continue };
        let Some(&place) = places.get(to) else {
            loose.push((col.name.clone(), identifier(to.as_str()), "kept in another store"));
            continue;
        };
        let target = &tables[place];
        if fast && table.entity.append_only && table.entity.plays.is_none() {
            loose.push((
                col.name.clone(),
                target.name.clone(),
                "too many rows a second to lock the other row for each",
            ));
        } else if target.identity == Identity::Natural || target.split.is_some() {
            loose.push((
                col.name.clone(),
                target.name.clone(),
                "the other table has no identifier of one column",
            ));
        } else if target.scoped && !table.scoped {
            loose.push((
                col.name.clone(),
                target.name.clone(),
                "the other key begins with a tenant that this row does not have",
            ));
        } else {
            found.push(reference(table, col, place, target, tables));
        }
    }
    (found, loose)
}

fn plain(column: &str, to: usize, on_delete: OnDelete, tables: &[Table<'_>]) -> Reference {
    let key = tables[to].identifier().map_or("id", |c| &c.name).to_owned();
    Reference { columns: vec![column.to_owned()], to, to_columns: vec![key], on_delete, circular: false }
}

fn reference(table: &Table<'_>, col: &Col, to: usize, target: &Table<'_>, tables: &[Table<'_>]) -> Reference {
    let in_key = table.entity.key.iter().any(|f| f.as_str() == col.column.name);
    let on_delete = match () {
        () if in_key || col.column.owned => OnDelete::Cascade,
        () if col.column.optional && !table.entity.append_only && table.entity.plays.is_none() => {
            OnDelete::Clear
        }
        () => OnDelete::Refuse,
    };
    let mut found = plain(&col.name, to, on_delete, tables);
    if let (Some(here), Some(there)) = (table.tenant(), target.tenant()) {
        found.columns.insert(0, here.to_owned());
        found.to_columns.insert(0, there.to_owned());
    }
    found
}

/// Marks references that are part of a circle in which every link is required.
fn circles(tables: &mut [Table<'_>]) {
    let required = |table: &Table<'_>, r: &Reference| {
        r.columns.iter().all(|c| table.column(c).is_some_and(|c| !c.column.optional))
    };
    let links: Vec<Vec<usize>> = tables
        .iter()
        .map(|t| t.references.iter().filter(|r| required(t, r)).map(|r| r.to).collect())
        .collect();
    let reaches = |from: usize, goal: usize| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(at) = open.pop() {
            if at == goal {
                return true;
            }
            if seen.insert(at) {
                open.extend(&links[at]);
            }
        }
        false
    };
    let marks: Vec<Vec<bool>> = tables
        .iter()
        .enumerate()
        .map(|(n, t)| t.references.iter().map(|r| required(t, r) && reaches(r.to, n)).collect())
        .collect();
    for (table, marks) in tables.iter_mut().zip(marks) {
        for (reference, mark) in table.references.iter_mut().zip(marks) {
            reference.circular = mark;
        }
    }
}
