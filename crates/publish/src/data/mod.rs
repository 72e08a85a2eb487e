//! `data-design.md` and `schema.sql`: entities, tables, indexes, growth, retention, replication, migrations.

pub(crate) mod columns;
pub(crate) mod extras;
mod growth;
pub(crate) mod sql;
mod sqlite;
pub(crate) mod tables;

use std::collections::BTreeSet;

use loadcase_catalog::Catalog;
use loadcase_model::{Access, Component, ComponentKind, Design, Entity, Figure, Id, Tag, Unit};

use crate::Deliverable;
use crate::diagram::mermaid;
use crate::honesty::{from_basis, tagged};
use crate::text::markdown::{Doc, Table, code, name, prose};
use crate::text::{capital, sentence, words};
use crate::view::View;
use columns::{columns, sensitivity_word, type_word};

/// Size from which a table is worth splitting by time. A judgement: indexes of such tables no longer fit in the
/// memory of a mid-sized node, and deleting old rows one by one takes hours.
const WORTH_SPLITTING_GB: f64 = 100.0;

pub(crate) fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    let view = View::new(design, catalog);
    let stores = view.relational_stores();
    let mut files = vec![Deliverable { path: "data-design.md".to_owned(), text: document(&view) }];
    for (n, (id, component)) in stores.iter().enumerate() {
        let path = schema_path(n, id);
        if is_inside(&view, component) {
            files.push(Deliverable { path: sqlite::path(&path), text: sqlite::schema(&view, id) });
        }
        files.push(Deliverable { path, text: sql::schema(&view, id) });
    }
    files
}

/// Whether a store is a file of the process: its schema is then written in the dialect of such stores as well.
pub(crate) fn is_inside(view: &View<'_>, store: &Component) -> bool {
    view.technology(store).is_some_and(|t| t.has("embedded"))
}

/// The file of the n-th relational store.
fn schema_path(n: usize, store: &Id) -> String {
    if n == 0 { "schema.sql".to_owned() } else { format!("schema-{store}.sql") }
}

fn document(view: &View<'_>) -> String {
    let blueprint = view.blueprint();
    let mut doc = Doc::new(&format!("Data of {}", name(&blueprint.name)));
    if blueprint.entities.is_empty() {
        doc.para("The blueprint lists no entities, so nothing is known of the data.");
        return doc.finish();
    }
    stores(&mut doc, view);
    doc.heading(2, "Entities and their relations");
    doc.fence("mermaid", &mermaid::entities(view));
    doc.heading(2, "Entities in detail");
    for entity in blueprint.entities.values() {
        doc.heading(3, &name(&entity.name));
        self::entity(&mut doc, view, entity);
    }
    doc.heading(2, "Indexes and the access patterns they serve");
    access_paths(&mut doc, view);
    doc.heading(2, "Growth");
    growth_table(&mut doc, view);
    doc.heading(2, "Retention and partitioning");
    retention(&mut doc, view);
    doc.heading(2, "Replication and loss");
    replication(&mut doc, view);
    doc.heading(2, "Migrations");
    migrations(&mut doc, view);
    doc.finish()
}

fn stores(doc: &mut Doc, view: &View<'_>) {
    let mut table = Table::new(&["store", "technology", "entities", "schema"]);
    let relational = view.relational_stores();
    for (id, component) in view.components(&[ComponentKind::Store, ComponentKind::Analytics]) {
        let entities: Vec<String> = view.entities_in(id).into_iter().map(|(_, e)| name(&e.name)).collect();
        let schema = relational.iter().position(|(r, _)| *r == id).map_or_else(String::new, |n| {
            let path = schema_path(n, id);
            let own = if is_inside(view, component) { sqlite::path(&path) } else { path };
            format!("[{own}]({own})")
        });
        table.row([name(&component.name), technology_name(view, component), entities.join(", "), schema]);
    }
    doc.table(&table, "The blueprint has no store.");
}

fn technology_name(view: &View<'_>, component: &Component) -> String {
    let known = view.technology(component).map(crate::technology::versioned);
    known.unwrap_or_else(|| {
        component.technology.as_ref().map_or_else(|| "not chosen".to_owned(), |t| code(t.as_str()))
    })
}

fn entity(doc: &mut Doc, view: &View<'_>, entity: &Entity) {
    let module =
        entity.module.as_ref().map(|m| view.blueprint().modules.get(m).map_or(m.as_str(), |m| &m.name));
    let mut facts = vec![sentence(&prose(&entity.summary, Tag::Assumed))];
    facts.extend(module.map(|m| format!("Owned by {}.", name(m))));
    facts.extend(view.store_of(entity).map(|s| format!("Kept in {}.", name(view.label(s)))));
    if entity.tenant_scoped {
        facts.push("Each row belongs to a tenant.".to_owned());
    }
    if entity.append_only {
        facts.push("Rows are only added.".to_owned());
    }
    let size = from_basis(entity.row_bytes / 1e3, Unit::Kilobytes, &entity.basis);
    facts.push(format!(
        "A row takes {} with its indexes ({}).",
        tagged(&size),
        prose(&entity.basis, size.origin.tag())
    ));
    facts.retain(|f| !f.is_empty());
    doc.para(facts.join(" "));
    let mut table = Table::new(&["field", "type", "needed", "unique", "refers to", "sensitivity"]);
    for column in columns(entity) {
        let kind = if column.values.is_empty() {
            type_word(column.kind).to_owned()
        } else {
            let values: Vec<String> = column.values.iter().map(|v| code(v)).collect();
            format!("one of {}", values.join(", "))
        };
        table.row([
            code(&column.name),
            kind,
            if column.optional { "no" } else { "yes" }.to_owned(),
            if column.unique || column.key_mark() == " PK" { "yes" } else { "" }.to_owned(),
            column.to.as_ref().map_or_else(String::new, |to| code(to.as_str())),
            sensitivity_word(column.sensitivity).to_owned(),
        ]);
    }
    doc.para(table.render());
}

/// What finds rows in each store: indexes where there are tables, keys elsewhere.
fn access_paths(doc: &mut Doc, view: &View<'_>) {
    let relational = view.relational_stores();
    for (id, component) in view.components(&[ComponentKind::Store, ComponentKind::Analytics]) {
        if view.entities_in(id).is_empty() {
            continue;
        }
        doc.heading(3, &format!("Access paths in {}", name(&component.name)));
        if relational.iter().any(|(r, _)| *r == id) {
            index_table(doc, view, id);
        } else {
            key_table(doc, view, id);
        }
    }
}

fn index_table(doc: &mut Doc, view: &View<'_>, store: &Id) {
    doc.para(
        "Primary keys and unique columns answer reads by identifier; the indexes below answer the rest.",
    );
    let Some((store, _)) = view.blueprint().components.get_key_value(store) else { return };
    let mut table = Table::new(&["table", "index", "columns", "needed for"]);
    for one in tables::tables(view, store) {
        for index in &one.indexes {
            let reasons: Vec<String> = index.reasons.iter().map(|r| prose(r, Tag::Assumed)).collect();
            table.row([
                code(&one.name),
                code(&index.name),
                code(&sql::index_columns(index, &one)),
                reasons.join("; "),
            ]);
        }
    }
    doc.table(&table, "No access pattern needs one.");
    let extras: Vec<String> = extras::tables(view, store, &BTreeSet::new())
        .iter()
        .map(|e| format!("{}: the table of the {}.", code(e.name), e.pattern))
        .collect();
    if !extras.is_empty() {
        doc.para("Tables of patterns the design uses:");
        doc.list(extras);
    }
}

/// Where a store finds rows by key only: which fields make the key of each access pattern.
fn key_table(doc: &mut Doc, view: &View<'_>, store: &Id) {
    doc.para(
        "This store finds rows by key. Each access pattern below needs a key that begins with its partition fields \
         and is sorted by its order fields: in the table of the entity, or in a copy of it kept up to date.",
    );
    let mut table = Table::new(&["entity", "access pattern", "partition by", "sort by"]);
    for operation in view.blueprint().operations.values() {
        for access in &operation.accesses {
            let here = view.blueprint().entities.get(&access.entity).and_then(|e| view.store_of(e));
            if here != Some(store) || access.by.is_empty() {
                continue;
            }
            table.row([
                code(access.entity.as_str()),
                format!("{}: {}", name(&operation.name), crate::view::access_verb(access.kind)),
                fields(&access.by),
                sort_key(access),
            ]);
        }
    }
    doc.table(&table, "No operation reads by field.");
}

fn fields(ids: &[Id]) -> String {
    ids.iter().map(|id| code(id.as_str())).collect::<Vec<_>>().join(", ")
}

fn sort_key(access: &Access) -> String {
    match (access.order.is_empty(), access.descending) {
        (true, _) => String::new(),
        (false, true) => format!("{} descending", fields(&access.order)),
        (false, false) => fields(&access.order),
    }
}

fn growth_table(doc: &mut Doc, view: &View<'_>) {
    doc.para(
        "Rows from the inserts of the workload, brought from the peak to the average; sizes after 24 months of even \
         growth, with what is deleted by then left out.",
    );
    let mut rows: Vec<(f64, Vec<String>)> = Vec::new();
    let mut total = 0.0;
    for (id, entity) in &view.blueprint().entities {
        let Some(growth) = growth::growth(view, id, entity) else { continue };
        total += growth.size.value;
        rows.push((
            growth.size.value,
            vec![
                name(&entity.name),
                tagged(&growth.rows_now),
                tagged(&growth.rows_later),
                tagged(&growth.size),
                keep(entity),
            ],
        ));
    }
    rows.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut table =
        Table::new(&["entity", "rows a day now", "rows a day in 24 months", "size in 24 months", "kept"]);
    rows.into_iter().for_each(|(_, row)| table.row(row));
    if !table.is_empty() {
        let total = Figure::computed(total, Unit::Gigabytes, "sum of the entities");
        table.row(["**all**".to_owned(), String::new(), String::new(), tagged(&total), String::new()]);
    }
    doc.table(&table, "No workload says how often rows are added.");
}

fn keep(entity: &Entity) -> String {
    entity.keep_days.map_or_else(
        || "for ever".to_owned(),
        |days| format!("{} days", tagged(&from_basis(f64::from(days), Unit::One, &entity.basis))),
    )
}

fn retention(doc: &mut Doc, view: &View<'_>) {
    let bound = Figure {
        value: WORTH_SPLITTING_GB,
        unit: Unit::Gigabytes,
        origin: loadcase_model::Origin::assumed(
            WORTH_SPLITTING_GB / 4.0,
            WORTH_SPLITTING_GB * 4.0,
            "judgement",
        ),
    };
    let mut items = Vec::new();
    for (id, entity) in &view.blueprint().entities {
        let size = growth::growth(view, id, entity).map(|g| g.size);
        let large = size.as_ref().is_some_and(|s| s.value >= WORTH_SPLITTING_GB);
        let by_time = entity.append_only || entity.keep_days.is_some();
        if let Some(size) = size.filter(|_| large && by_time) {
            items.push(format!(
                "{}: {} in 24 months, above {}. Split it by month of `created_at`, and drop old months whole.",
                name(&entity.name),
                tagged(&size),
                tagged(&bound)
            ));
        } else if entity.keep_days.is_some() {
            items.push(format!(
                "{}: a nightly job deletes rows after {}, in batches.",
                name(&entity.name),
                keep(entity)
            ));
        }
    }
    if items.is_empty() {
        doc.para("Nothing is deleted by age, and no table that only grows becomes large enough to split.");
    } else {
        doc.list(items);
    }
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

/// Whether an entity holds data about people.
pub(crate) fn holds_personal(entity: &Entity) -> bool {
    use loadcase_model::Sensitivity as S;
    columns(entity).iter().any(|c| matches!(c.sensitivity, S::Personal | S::Special))
}

fn replication(doc: &mut Doc, view: &View<'_>) {
    let mut table =
        Table::new(&["store", "primaries or shards", "standbys of each", "read replicas of each"]);
    for (_, component) in view.components(&[ComponentKind::Store]) {
        let Some(capacity) = &component.capacity else { continue };
        let figure = |n: u32| tagged(&from_basis(f64::from(n), Unit::One, &capacity.basis));
        table.row([
            name(&component.name),
            figure(capacity.replicas),
            figure(capacity.standbys),
            figure(capacity.read_replicas),
        ]);
    }
    doc.table(&table, "No store was sized.");
    let availability = &view.design.forecasts.later.availability;
    doc.para(format!(
        "When the primary store fails, at most {} of the latest data is lost and it answers again after {}. Backups \
         are no part of that: keep them in another account, and restore one each quarter to know how long it takes.",
        tagged(&availability.recovery_point),
        tagged(&availability.recovery_time)
    ));
    let readers: Vec<_> = view
        .components(&[ComponentKind::Store])
        .into_iter()
        .filter(|(_, c)| c.capacity.as_ref().is_some_and(|c| c.read_replicas > 0))
        .collect();
    if !readers.is_empty() {
        doc.para(
            "Read replicas lag behind: whoever has just written reads from the primary, or waits until the replica \
             has caught up with the write.",
        );
    }
}

const EXPAND: &str = "-- 1. expand: nothing reads it yet\n\
SET lock_timeout = '2s';\n\
ALTER TABLE example ADD COLUMN channel text;\n\
-- 2. release a version that writes both, then fill in batches\n\
UPDATE example SET channel = 'web' WHERE id IN (\n  SELECT id FROM example WHERE channel IS NULL ORDER BY id LIMIT 1000\n);\n\
-- 3. make sure, without holding a lock while rows are checked\n\
ALTER TABLE example ADD CONSTRAINT channel_set CHECK (channel IS NOT NULL) NOT VALID;\n\
ALTER TABLE example VALIDATE CONSTRAINT channel_set;\n\
-- 4. release a version that reads it; contract only when the old one is gone\n\
ALTER TABLE example DROP COLUMN old_channel;";

fn migrations(doc: &mut Doc, view: &View<'_>) {
    let rollout = view.blueprint().deployment.rollout.as_ref();
    let rollout = rollout.map_or_else(
        || "However releases are rolled out".to_owned(),
        |r| format!("With a {} rollout", words(r.as_str())),
    );
    doc.para(format!(
        "{} old and new versions run side by side, so each change of the schema must suit both: expand, move, \
         contract, each in a release of its own.",
        capital(&rollout)
    ));
    if view.relational_stores().is_empty() {
        doc.list(
            [
                "Expand: write the new field beside the old one; readers accept both.",
                "Move: rewrite old records in batches, slowly enough not to be noticed.",
                "Contract: stop writing the old field once nothing reads it.",
            ]
            .map(str::to_owned),
        );
    } else {
        doc.fence("sql", EXPAND);
        doc.list(
            [
                "Create indexes with `CONCURRENTLY`, outside a transaction; drop an invalid one after a failure.",
                "Set `lock_timeout` and try again: a change that waits for a lock makes every query behind it wait.",
                "Never rename or retype a column in use: add the new one, move, drop the old one.",
                "Keep every step reversible until the contract step; take a backup before that one.",
            ]
            .map(str::to_owned),
        );
    }
}
