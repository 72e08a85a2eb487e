//! The parts of `data-design.md` that tell of keys, access patterns, indexes, retention, tenants and shards.

use loadcase_catalog::Dialect;
use loadcase_model::{AccessKind, FieldType, Figure, Horizon, Origin, Tag, Unit, When};

use super::build::{TOO_FAST_TO_CHECK, WORTH_SPLITTING_GB, aged_by};
use super::clock;
use super::growth;
use super::ledger;
use super::physical::{Exclusion, Identity, Index, OnDelete, Served, Split, Table as Relation, Use};
use super::postgres::index_columns;
use super::rights::Columns;
use super::source::Source;
use super::statement::{PatternRole, rates};
use super::stored::Stored;
use super::timescale;
use super::uses::PLANNED_DAYS;
use super::{holds_personal, keep};
use crate::honesty::tagged;
use crate::text::listed;
use crate::text::markdown::{Doc, Table, code, name, prose};
use crate::view::View;

fn names<'r, 'a: 'r>(tables: impl Iterator<Item = &'r Relation<'a>>) -> Vec<String> {
    tables.map(|t| code(&t.name)).collect()
}

fn several<'r, 'a: 'r>(stored: &'r [Stored<'a>]) -> impl Iterator<Item = &'r Relation<'a>> {
    stored.iter().filter(|s| s.relational).flat_map(|s| &s.schema.tables)
}

/// How rows are identified, and why.
pub(crate) fn keys(doc: &mut Doc, stored: &[Stored<'_>]) {
    if !stored.iter().any(|s| s.relational) {
        return;
    }
    doc.heading(2, "Keys");
    let of = |identity| names(several(stored).filter(|t| t.identity == identity));
    let mut items = vec![
        "UUIDs of version seven identify what clients see: any process can make one before the row exists, so a request can be repeated without a second row, and rows can move between databases. They begin with the time, so new rows come at the end of the index; random ones would touch a page anywhere for each insert. The price is twice the width of a `bigint` in every key and reference.".to_owned(),
    ];
    let numbers = of(Identity::Number);
    if !numbers.is_empty() {
        items.push(format!(
            "A `bigint` from the store identifies rows that nothing outside it refers to: {}. It is half as wide, and its order is that of the inserts.",
            listed(&numbers)
        ));
    }
    let natural = of(Identity::Natural);
    if !natural.is_empty() {
        items.push(format!(
            "Their own fields identify rows of {}: the key that keeps a pair from being there twice is also the index that finds it, and no identifier of its own is stored.",
            listed(&natural)
        ));
    }
    if several(stored).any(|t| t.scoped) {
        items.push("Every key of a tenant's rows begins with the tenant: rows of one tenant lie together, references cannot cross tenants, and what is unique is unique within a tenant.".to_owned());
    }
    items.push(format!(
        "References are checked by the store. {} Any other delete is refused until what refers to the row is gone.",
        deletes(stored)
    ));
    items.extend(stored.iter().filter(|s| s.relational).flat_map(overlaps));
    doc.list(items);
    let loose: Vec<String> = several(stored)
        .flat_map(|t| {
            t.loose.iter().map(|(c, to, why)| {
                format!("{}: {} is not checked, {why}.", code(&format!("{}.{c}", t.name)), code(to))
            })
        })
        .collect();
    if !loose.is_empty() {
        let bound = judged(TOO_FAST_TO_CHECK, Unit::PerSecond);
        doc.para(format!(
            "References that the store does not check (from {} rows of one table the lock on the other row costs more than it guards):",
            tagged(&bound)
        ));
        doc.list(loose);
    }
}

/// What goes with a row that is deleted, and where a reference to it becomes empty.
fn deletes(stored: &[Stored<'_>]) -> String {
    let of = |what: OnDelete| -> Vec<String> {
        let each =
            stored.iter().filter(|s| s.relational).flat_map(|s| s.schema.tables.iter().map(move |t| (s, t)));
        let rows = each.filter_map(|(s, t)| {
            let columns: Vec<String> = t
                .references
                .iter()
                .filter(|r| r.on_delete == what)
                .map(|r| format!("{} to {}", code(r.column()), code(&s.schema.tables[r.to].name)))
                .collect();
            (!columns.is_empty()).then(|| format!("{} ({})", code(&t.name), columns.join(", ")))
        });
        rows.collect()
    };
    let told = |rows: Vec<String>, text: &str, none: &str| {
        if rows.is_empty() { none.to_owned() } else { format!("{text} {}.", listed(&rows)) }
    };
    let gone = told(
        of(OnDelete::Cascade),
        "With the row that is deleted go those that are a part of it, or whose key holds the reference:",
        "No row goes with another.",
    );
    let empty = told(
        of(OnDelete::Clear),
        "A reference that a row can do without becomes empty in",
        "No reference becomes empty by itself.",
    );
    format!("{gone} {empty}")
}

/// What keeps periods from overlapping in a store: the store itself, or the order in which a change is made.
fn overlaps(one: &Stored<'_>) -> Vec<String> {
    let refuses = one.refuses_overlaps;
    let told = |t: &Relation<'_>, e: &Exclusion| {
        let within = listed(&e.within.iter().map(|c| code(c)).collect::<Vec<_>>());
        let what = format!("Periods of {} with the same {within} never overlap", code(&t.name));
        if refuses {
            format!(
                "{what}: the exclusion constraint {} refuses the second, however many come at once.",
                code(&e.name)
            )
        } else {
            format!(
                "{what}, which this store cannot refuse by itself: lock the row that {within} names, look for an overlap, then insert, all in one transaction."
            )
        }
    };
    let tables = one.schema.tables.iter();
    tables.flat_map(|t| t.exclusions.iter().map(move |e| told(t, e))).collect()
}

fn judged(value: f64, unit: Unit) -> Figure {
    Figure { value, unit, origin: Origin::assumed(value / 4.0, value * 4.0, "judgement") }
}

/// Every access pattern with what serves it.
pub(crate) fn patterns(doc: &mut Doc, view: &View<'_>, source: &Source<'_>, stored: &[Stored<'_>]) {
    doc.heading(2, "Access patterns");
    doc.para("Each row is one access of one operation: how often it runs at the peak in 24 months, what serves it, and the bytes of the rows that one run touches.");
    for one in stored {
        if stored.len() > 1 {
            doc.heading(3, &format!("Access patterns in {}", name(view.label(one.store))));
        }
        match one.dialect {
            Some(Dialect::Cql) => by_query(doc, one),
            Some(Dialect::Dynamodb) => by_key(doc, one),
            None if !one.relational => by_fields(doc, one),
            _ => served(doc, source, one),
        }
    }
    if stored.is_empty() {
        doc.para("No store keeps entities.");
    }
}

fn served(doc: &mut Doc, source: &Source<'_>, one: &Stored<'_>) {
    let mut table = Table::new(&["pattern", "table", "operation", "rate", "served by", "bytes"]);
    for used in &one.schema.uses {
        let relation = &one.schema.tables[used.table];
        let operation = used
            .operation
            .map_or_else(|| without_operation(source, used).to_owned(), |(id, _)| code(id.as_str()));
        let rate = rates(source, used).map_or_else(String::new, |(_, later)| {
            tagged(&Figure::computed(later, Unit::PerSecond, "the workload in 24 months"))
        });
        table.row([
            prose(&used.title, Tag::Assumed),
            code(&relation.name),
            operation,
            rate,
            server(one, used),
            tagged(&touched(relation, used)),
        ]);
    }
    doc.table(&table, "No operation touches an entity of this store.");
}

/// What makes an access that is no operation's.
fn without_operation(source: &Source<'_>, used: &Use<'_>) -> &'static str {
    if rates(source, used).is_some() { "each request of a caller who is known" } else { "the store's upkeep" }
}

fn server(one: &Stored<'_>, used: &Use<'_>) -> String {
    let document = one.dialect == Some(Dialect::Mongodb);
    match &used.served {
        Served::Nothing => "(adds rows)".to_owned(),
        Served::Key(_) if document => {
            let table = &one.schema.tables[used.table];
            if used.served.name() == Some(&table.key.name) && !table.scoped && table.identifier().is_some() {
                code("_id")
            } else {
                used.served.name().map_or_else(String::new, code)
            }
        }
        Served::Key(name) | Served::Index(name) => code(name),
        Served::Partitions => "partitions dropped whole".to_owned(),
    }
}

fn touched(table: &Relation<'_>, used: &Use<'_>) -> Figure {
    let rows = used.access.rows.max(0.0);
    Figure::computed(rows * table.entity.row_bytes / 1e3, Unit::Kilobytes, "rows of one run x row size")
}

/// A store whose schema Loadcase does not write: what each pattern selects and sorts by.
fn by_fields(doc: &mut Doc, one: &Stored<'_>) {
    doc.para("This store finds rows by key. Each pattern needs a key or an index that begins with what it selects by and is sorted by what it orders by: in the collection of the entity, or in a copy of it kept up to date.");
    let mut table = Table::new(&["pattern", "entity", "selects by", "sorts by"]);
    let columns = |names: &[String]| names.iter().map(|c| code(c)).collect::<Vec<_>>().join(", ");
    for used in one.schema.uses.iter().filter(|u| u.kind() != AccessKind::Insert) {
        let selects: Vec<String> = used.equal.iter().chain(&used.any).cloned().collect();
        let mut sorts: Vec<String> = used.order.clone();
        sorts.extend(used.range.iter().filter(|r| !used.order.contains(r)).cloned());
        table.row([
            prose(&used.title, Tag::Assumed),
            code(&one.schema.tables[used.table].name),
            columns(&selects),
            columns(&sorts),
        ]);
    }
    doc.table(&table, "No operation touches an entity of this store.");
}

fn by_query(doc: &mut Doc, one: &Stored<'_>) {
    let mut table = Table::new(&["entity", "table", "primary key", "serves"]);
    for told in &one.by_query {
        let serves: Vec<String> = told.serves.iter().map(|s| prose(s, Tag::Assumed)).collect();
        table.row([name(&told.entity), code(&told.table), code(&told.key), serves.join("; ")]);
    }
    doc.table(&table, "No operation touches an entity of this store.");
}

fn by_key(doc: &mut Doc, one: &Stored<'_>) {
    let mut table = Table::new(&["pattern", "index", "partition key", "sort key", "call"]);
    for told in &one.by_key {
        table.row([
            prose(&told.title, Tag::Assumed),
            code(&told.index),
            code(&told.partition),
            code(&told.sort),
            told.call.to_owned(),
        ]);
    }
    doc.table(&table, "No operation touches an entity of this store.");
    doc.para("What is unique beside the key is claimed by an item of its own in the same transaction; the claims of each entity stand in the file.");
}

/// The indexes of stores that have them.
pub(crate) fn indexes(doc: &mut Doc, view: &View<'_>, source: &Source<'_>, stored: &[Stored<'_>]) {
    let with = |s: &&Stored<'_>| s.relational || s.dialect == Some(Dialect::Mongodb);
    let stored: Vec<&Stored<'_>> = stored.iter().filter(with).collect();
    if stored.is_empty() {
        return;
    }
    doc.heading(2, "Indexes and the access patterns they serve");
    doc.para("Primary keys and unique constraints answer reads by key; the indexes below answer the rest. Columns compared for equality come first, then those that sort, then a range; an index that serves several patterns stands once.");
    for one in stored.iter() {
        if stored.len() > 1 {
            doc.heading(3, &format!("Indexes in {}", name(view.label(one.store))));
        }
        let mut table = Table::new(&["table", "index", "columns", "size in 24 months", "needed for"]);
        for relation in &one.schema.tables {
            for index in &relation.indexes {
                let mut serves: Vec<String> = index.serves.iter().map(|s| prose(s, Tag::Assumed)).collect();
                serves.dedup();
                table.row([
                    code(&relation.name),
                    code(&index.name),
                    code(&told_columns(one, index, relation)),
                    size(source, relation, index).map_or_else(String::new, |f| tagged(&f)),
                    serves.join("; "),
                ]);
            }
        }
        doc.table(&table, "No access pattern needs one beyond the keys.");
        let made: Vec<String> = one
            .schema
            .tables
            .iter()
            .filter(|t| t.standing)
            .map(|t| format!("{}: {}", code(&t.name), prose(&t.entity.summary, Tag::Assumed)))
            .collect();
        if !made.is_empty() {
            doc.para("Tables of patterns the design uses, beside those of its entities:");
            doc.list(made);
        }
    }
}

/// The columns of an index: as SQL where the store speaks PostgreSQL's, else in order with what it carries.
fn told_columns(one: &Stored<'_>, index: &Index, table: &Relation<'_>) -> String {
    if matches!(one.dialect, Some(Dialect::Postgresql) | None) {
        return index_columns(index, table);
    }
    let parts = index.parts().map(|(c, d)| if d == Some(true) { format!("{c} DESC") } else { c.to_owned() });
    let columns: Vec<String> = parts.chain(index.include.iter().cloned()).collect();
    let only: Vec<String> = index
        .only
        .iter()
        .map(|(c, v)| match v {
            When::Absent => format!("{c} is absent"),
            When::Present => format!("{c} is present"),
            When::Is(value) => format!("{c} is {value}"),
        })
        .collect();
    let only = if only.is_empty() { String::new() } else { format!(" where {}", only.join(" and ")) };
    format!("({}){only}", columns.join(", "))
}

/// Bytes of a value in an index.
const fn width(kind: FieldType) -> f64 {
    match kind {
        FieldType::Id | FieldType::Ref | FieldType::Point => 16.0,
        FieldType::Integer | FieldType::Money | FieldType::Float | FieldType::Timestamp => 8.0,
        FieldType::Date | FieldType::Currency => 4.0,
        FieldType::Boolean => 1.0,
        FieldType::Decimal | FieldType::Enum => 12.0,
        FieldType::String | FieldType::Email => 24.0,
        FieldType::Url | FieldType::Bytes => 60.0,
        FieldType::Text | FieldType::Json => 100.0,
    }
}

/// The size of an index: an entry for each row, with what a tree keeps free. Partial ones are left out: what share
/// of rows they hold is not known.
fn size(source: &Source<'_>, table: &Relation<'_>, index: &Index) -> Option<Figure> {
    const ENTRY: f64 = 16.0;
    const FULL: f64 = 0.85;
    let growth = growth::growth(source, &table.id, &table.entity)?;
    if !index.only.is_empty() || table.entity.row_bytes <= 0.0 {
        return None;
    }
    let rows = growth.size.value / table.entity.row_bytes;
    if rows <= 0.0 {
        return None;
    }
    let columns = index.parts().map(|(c, _)| c).chain(index.include.iter().map(String::as_str));
    let entry: f64 = columns.filter_map(|c| table.kind(c)).map(width).sum::<f64>() + ENTRY;
    Some(Figure::computed(
        rows * entry / FULL,
        Unit::Gigabytes,
        "rows x width of an entry / filling of pages",
    ))
}

/// How old rows go.
pub(crate) fn retention(doc: &mut Doc, view: &View<'_>, source: &Source<'_>, stored: &[Stored<'_>]) {
    let mut items = Vec::new();
    for one in stored {
        for table in one.schema.tables.iter().filter(|t| !t.standing) {
            items.extend(aging(source, one, table));
        }
    }
    if items.is_empty() {
        doc.para("Nothing is deleted by age, and no table that only grows becomes large enough to split.");
    } else {
        doc.list(items);
    }
    upkeep(doc, source, stored);
    ledger::kept(doc, stored);
    let personal: Vec<String> = view
        .blueprint()
        .entities
        .values()
        .filter(|e| e.keep_days.is_none() && holds_personal(e))
        .map(|e| name(&e.name))
        .collect();
    if !personal.is_empty() {
        doc.para(format!(
            "Personal data is kept without a limit in: {}. Set one, or say why none applies.",
            personal.join(", ")
        ));
    }
}

/// What workers call on each store so that time passes there.
fn upkeep(doc: &mut Doc, source: &Source<'_>, stored: &[Stored<'_>]) {
    for one in stored.iter().filter(|s| s.dialect == Some(Dialect::Postgresql) && s.relational) {
        let calls: Vec<String> =
            clock::upkeep(source, one.store, &one.schema).into_iter().map(|u| code(u.statement)).collect();
        if !calls.is_empty() {
            doc.para(format!(
                "Time passes in {} because workers call, again and again, with the login of maintenance: {}. They are functions of the schema. Each does only what is due, so that any number of workers may call them; one that did something is called again at once. A service that is not generated has to call them as well, or nothing scheduled ever runs.",
                name(&one.component.name),
                listed(&calls)
            ));
        }
    }
}

fn aging(source: &Source<'_>, one: &Stored<'_>, table: &Relation<'_>) -> Option<String> {
    let entity = &table.entity;
    let size = growth::growth(source, &table.id, entity).map(|g| g.size);
    let age = aged_by(source, table);
    let title = name(&entity.name);
    if one.expires() {
        return entity
            .keep_days
            .map(|_| format!("{title}: the store itself removes rows after {}.", keep(entity)));
    }
    let large = size.filter(|s| s.value >= WORTH_SPLITTING_GB);
    let bound = || tagged(&judged(WORTH_SPLITTING_GB, Unit::Gigabytes));
    match (&table.split, large, entity.keep_days) {
        (Some(split), Some(size), _) if split.by_extension => Some(hypertable(table, split, &size)),
        (Some(split), Some(size), _) => {
            let goes = entity.keep_days.map_or_else(
                || {
                    format!(
                        "Nothing is dropped: {}.",
                        if table.stays() { "books stay" } else { "no limit is set" }
                    )
                },
                |_| {
                    format!("A partition is dropped whole when all its rows are older than {}.", keep(entity))
                },
            );
            Some(format!(
                "{title}: {} in 24 months, above {}. Partitions by {} of {}, made ahead by a daily job. {goes}",
                tagged(&size),
                bound(),
                split.span.word(),
                code(&split.column)
            ))
        }
        (None, Some(size), days) if entity.append_only || days.is_some() => {
            let why = obstacle(table);
            let old = match days {
                Some(days) if days > PLANNED_DAYS && !entity.append_only => {
                    format!(" It is kept for {}: nothing is due yet.", keep(entity))
                }
                Some(_) if one.removes_by_age(source, &table.id) => format!(
                    " {} deletes rows older than {} in small batches all day.",
                    code("delete_aged()"),
                    keep(entity)
                ),
                Some(_) => format!(
                    " Rows older than {} have to be deleted by a job of yours, in small batches all day.",
                    keep(entity)
                ),
                None => String::new(),
            };
            Some(format!(
                "{title}: {} in 24 months, above {}. Not split by time, because {why}.{old}",
                tagged(&size),
                bound()
            ))
        }
        (_, _, Some(days)) if days > PLANNED_DAYS && !entity.append_only => Some(format!(
            "{title}: kept for {}. The first rows come due after the time planned for here; their deletion is a job over closed rows, children first, and needs no index yet.",
            keep(entity)
        )),
        (_, _, Some(_)) => {
            let by = age.map_or_else(String::new, |a| format!(" by {}", code(&a)));
            let who = if one.removes_by_age(source, &table.id) {
                code("delete_aged()")
            } else {
                "a nightly job of yours".to_owned()
            };
            Some(format!("{title}: {who} deletes rows{by} after {}, in batches.", keep(entity)))
        }
        _ => None,
    }
}

/// How a table goes that an extension splits.
fn hypertable(table: &Relation<'_>, split: &Split, size: &Figure) -> String {
    let entity = &table.entity;
    let title = name(&entity.name);
    let goes = entity.keep_days.map_or_else(String::new, |_| {
        format!(", and dropped whole when all its rows are older than {}", keep(entity))
    });
    let open = tagged(&judged(f64::from(timescale::open_days(table)), Unit::One));
    format!(
        "{title}: {} in 24 months before compression, above {}. A hypertable with a part for each {} of {}; a part is compressed by column after {open} days{goes}. The jobs of the extension do both.",
        tagged(size),
        tagged(&judged(WORTH_SPLITTING_GB, Unit::Gigabytes)),
        split.span.word(),
        code(&split.column)
    )
}

/// Why a large table stays whole.
fn obstacle(table: &Relation<'_>) -> &'static str {
    if !table.entity.append_only {
        "its rows change after they were added"
    } else if !table.uniques.is_empty() {
        "what is unique would be unique within a partition only (when deletion falls behind, keep the unique value in a small table of recent ones)"
    } else {
        "other tables refer to its rows by a key without the time"
    }
}

/// How tenants are kept apart.
pub(crate) fn tenants(doc: &mut Doc, view: &View<'_>, stored: &[Stored<'_>]) {
    let scoped: Vec<&Stored<'_>> =
        stored.iter().filter(|s| s.schema.tables.iter().any(|t| t.scoped)).collect();
    if scoped.is_empty() {
        return;
    }
    doc.heading(2, "Tenants");
    let apart = view.choice("tenancy").iter().any(|w| w == "silo_per_tenant" || w == "single_tenant");
    let mut items = Vec::new();
    for one in scoped {
        let label = name(view.label(one.store));
        items.push(if one.schema.isolated {
            format!("{label}: rows of all tenants share tables; every table with a tenant has row-level security, forced for its owner too, with one policy in the form `tenant_id = (SELECT current_setting('app.tenant_id', true)::uuid)`. That form is evaluated once for a statement, and a tool can prove that it shows no row of another tenant.")
        } else if apart {
            format!("{label}: each tenant has a database of its own, made from the same file and migrated by the same job. The tenant stays in every key, so that rows can be moved and a restore into the wrong database shows.")
        } else {
            format!("{label}: the store has no policies on rows. The tenant is the beginning of every key, one module adds it to every statement, and a test tries every operation with the identifiers of another tenant.")
        });
    }
    if view.uses("bridge") {
        items.push("Tenants with a database of their own use the same schema; the tenant's row says where it lives, and the pool of connections is chosen by it.".to_owned());
    }
    items.push("Roles: the owner runs migrations, the application's role owns nothing and bypasses nothing, the role of maintenance works over all tenants (workers, deletion by age): it steps over policies, or has policies for all rows where a provider's database does not let anybody do that, and is the worker's, not the application's.".to_owned());
    items.push("A backfill over all tenants runs with the role of maintenance, and so does a repair by hand: policies bind the owner too, and without a tenant its `UPDATE` would change no row and report success.".to_owned());
    items.push("Under policies an index serves only comparisons that cannot leak: equality and order of text, numbers without fraction, times and UUIDs do; enumerations, `numeric`, `LIKE` and searches in documents do not. So enumerations are text with a check, the beginning of a text is asked for as a span of it in the order of its bytes (`COLLATE \"C\"`, in the index and in the statement, because the order of a language has no such span), and a search in text is one over the rows that the tenant and the other filters leave, until a search index is worth it.".to_owned());
    items.extend(before_known(stored));
    if stored.iter().any(|s| s.schema.has_staff()) {
        items.push("People of the house work across tenants under a role of their own, with the rights of the operations that are theirs alone: `SET LOCAL ROLE`, then a row in `staff_access` with the person, the operation and `pg_current_xact_id()`, then the work. The policies ask for that row, so that nothing is read or changed unrecorded, and the application's role, which has no right on that table, cannot pass for it. Where such an operation names a row, its identifier is enough: the row says whose it is.".to_owned());
    }
    doc.list(items);
}

/// What can be read before the tenant is known, and which tables tenants share.
fn before_known(stored: &[Stored<'_>]) -> Vec<String> {
    let mut items = Vec::new();
    let tables = || {
        let all = stored.iter().flat_map(|s| s.schema.tables.iter().map(move |t| (s, t)));
        all.filter(|(s, t)| s.schema.is_shared(t))
    };
    let owned: Vec<String> = tables()
        .filter_map(|(_, t)| Some(format!("{} by {}", code(&t.name), code(t.owner.as_ref()?))))
        .collect();
    let told = |private: bool| -> Vec<String> {
        let seen = tables().filter(|(s, t)| t.owner.is_none() && s.schema.is_hidden(t) == private);
        seen.map(|(_, t)| code(&t.name)).collect()
    };
    let (shared, hidden) = (told(false), told(true));
    let asked: Vec<String> = tables()
        .filter_map(|(s, t)| match s.schema.rights(t, PatternRole::Identity).select {
            Columns::Some(columns) if s.schema.tenants.is_some_and(|n| s.schema.tables[n].id == t.id) => {
                Some(format!(
                    "{} of {}",
                    listed(&columns.iter().map(|c| code(c)).collect::<Vec<_>>()),
                    code(&t.name)
                ))
            }
            _ => None,
        })
        .collect();
    if !owned.is_empty() {
        items.push(format!(
            "Rows of {} are looked up before it is known whose they are, and are one tenant's all the same: once the tenant is known the application works on them with the tenant in the policy and in every statement, so that nobody reaches another's by its identifier.",
            listed(&owned)
        ));
    }
    if !hidden.is_empty() {
        items.push(format!(
            "{} {} read before a tenant is known or by workers: the work of a tenant sees no row there.",
            listed(&hidden),
            if hidden.len() == 1 { "is" } else { "are" }
        ));
    }
    if shared.is_empty() && hidden.is_empty() && owned.is_empty() && asked.is_empty() {
        items.push("Before the tenant is known (sign-in, an API key, an invitation) no row can be read: the token carries the tenant's identifier.".to_owned());
    } else {
        if !shared.is_empty() {
            items.push(format!(
                "Tenants share {}: a tenant sees the rows that its own rows refer to, or all where they tell nothing about anybody, none of their secrets, and changes none.",
                listed(&shared)
            ));
        }
        let telling: Vec<String> = stored
            .iter()
            .flat_map(|s| s.schema.tables.iter().filter(|t| s.schema.tells_the_tenant(t)))
            .map(|t| code(&t.name))
            .collect();
        let read = if telling.is_empty() {
            String::new()
        } else {
            format!(
                " It also reads {}, which say whose tenant's a person or a key is, and in which state the tenant is.",
                listed(&telling)
            )
        };
        let read = if asked.is_empty() {
            read
        } else {
            format!(
                "{read} To find a tenant by what a request brings it reads {}, and no other column.",
                listed(&asked)
            )
        };
        items.push(format!(
            "What happens before the tenant is known (sign-in, a key, an invitation, an event from outside) runs under a role of its own, which of the shared tables has what its statements do and no more.{read} Once the tenant is known the same transaction goes on as the application: `RESET ROLE`, then `SET LOCAL app.tenant_id`."
        ));
    }
    items
}

/// How rows are spread over several primaries.
pub(crate) fn spread(doc: &mut Doc, view: &View<'_>, source: &Source<'_>, stored: &[Stored<'_>]) {
    let choice = view.choice("data_scaling");
    let spread = choice.iter().any(|w| {
        ["sharded_by_tenant", "sharded_by_key", "cells", "multi_region_active_active"].contains(&w.as_str())
    });
    let Some(first) = stored.first().filter(|_| spread) else { return };
    doc.heading(2, "Shards and routing");
    let by_store = view.technology(first.component).is_some_and(|t| t.has("partitioned"));
    let mut table = Table::new(&["table", "shard by", "because"]);
    for relation in first.schema.tables.iter().filter(|t| !t.standing) {
        let (column, because) = shard_key(source, first, relation);
        table.row([code(&relation.name), code(&column), because]);
    }
    doc.table(&table, "Nothing to spread.");
    doc.list(if by_store {
        vec!["The store hashes the shard key and finds the node by itself; a statement without the key asks every node.".to_owned()]
    } else {
        vec![
            "A directory maps each shard key (a tenant, or a bucket of the hash of the key) to a shard: `shard_of(bucket, shard, state)`, a few thousand buckets, kept in the memory of every process and versioned.".to_owned(),
            "A bucket moves in steps: copy, follow the changes, stop writes to the bucket for a moment, switch the directory, delete the old copy after a day.".to_owned(),
            "A statement without the shard key is refused by the module that owns the connections; reports over all shards read the analytical copy.".to_owned(),
            "Identifiers are UUIDs, so shards never have to agree on numbers, and rows keep theirs when they move.".to_owned(),
        ]
    });
}

/// The column that most statements on a table name.
fn shard_key(source: &Source<'_>, one: &Stored<'_>, table: &Relation<'_>) -> (String, String) {
    if let Some(tenant) = table.tenant() {
        return (tenant.to_owned(), "every statement names the tenant".to_owned());
    }
    let place = one.schema.tables.iter().position(|t| t.id == table.id);
    let mut weights: Vec<(String, f64)> = Vec::new();
    for used in one.schema.uses.iter().filter(|u| Some(u.table) == place && u.kind() != AccessKind::Insert) {
        let rate = rates(source, used).map_or(0.0, |(_, later)| later);
        for column in used.equal.iter().chain(&used.any) {
            match weights.iter_mut().find(|(c, _)| c == column) {
                Some((_, weight)) => *weight += rate,
                None => weights.push((column.clone(), rate)),
            }
        }
    }
    let all: f64 = source
        .keeping
        .blueprint
        .workloads
        .iter()
        .filter(|w| w.horizon == Horizon::Later)
        .map(loadcase_model::Workload::total_per_s)
        .sum();
    weights.sort_by(|a, b| b.1.total_cmp(&a.1));
    match weights.into_iter().next() {
        Some((column, weight)) if all > 0.0 => {
            let figure = Figure::computed(weight, Unit::PerSecond, "the workload in 24 months");
            (column, format!("{} of its statements name it, more than any other column", tagged(&figure)))
        }
        _ => (
            table.key.columns.first().cloned().unwrap_or_default(),
            "the key: no statement names another column".to_owned(),
        ),
    }
}
