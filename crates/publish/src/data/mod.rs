//! `data-design.md`, the schema of each store in its own language, and a few rows: entities, tables, indexes and
//! the access patterns they serve, sizes, retention, tenants, caches, replication, migrations.

pub(crate) mod backups;
pub(crate) mod bounds;
mod build;
mod caching;
mod clickhouse;
mod clock;
pub(crate) mod columns;
mod cql;
mod dynamodb;
pub(crate) mod growth;
mod guards;
mod ledger;
mod mongodb;
mod mysql;
mod names;
mod physical;
mod postgres;
mod rights;
mod seed;
pub(crate) mod source;
mod sqlite;
mod standing;
mod statement;
mod stored;
mod tables;
mod text;
mod timescale;
mod uses;
mod written;

use std::collections::BTreeSet;

use loadcase_catalog::Catalog;
use loadcase_model::{Component, ComponentKind, Design, Entity, Figure, Id, Tag, Unit};
pub(crate) use names::identifier;

use crate::Deliverable;
use crate::diagram::mermaid;
use crate::honesty::{from_basis, tagged, tagged_text};
use crate::text::markdown::{Doc, Table, code, name, prose};
use crate::text::{capital, sentence, words};
use crate::view::View;
pub(crate) use clock::Upkeep;
use columns::{columns, sensitivity_word, type_word};
use source::Source;
pub(crate) use standing::{is_tenants, kept_keys, must_remember};
pub use statement::{
    DueWork, Parameter, ParameterRole, Pattern, PatternRole, StoreData, of_blueprint, of_design, patterns,
};
pub(crate) use uses::is_searched;
pub use written::{column_name, of_written, schema_files};

/// What whoever deploys a store must know of its schema: roles as they are written in SQL.
pub(crate) struct Rights {
    /// The role that the application's login is a member of.
    pub(crate) application: String,
    /// The role of what works over all tenants.
    pub(crate) maintenance: String,
    /// The role of what happens before the tenant is known, where tenants share tables.
    pub(crate) identity: Option<String>,
    /// The role of people of the house, where operations are theirs alone.
    pub(crate) staff: Option<String>,
    /// Whether a job must make partitions ahead of time.
    pub(crate) partitioned: bool,
    /// What workers call again and again.
    pub(crate) upkeep: Vec<Upkeep>,
}

/// The roles of a store in PostgreSQL's dialect; `None` for any other.
pub(crate) fn rights(view: &View<'_>, store: &Id) -> Option<Rights> {
    let source = Source::of_view(view);
    let own = source.keeping.dialect(store) == Some(loadcase_catalog::Dialect::Postgresql);
    if !own || !source.keeping.relational_stores().iter().any(|(id, _)| *id == store) {
        return None;
    }
    let schema = build::schema(&source, store);
    let roles = postgres::Roles::of(&source);
    Some(Rights {
        application: text::quoted(&roles.application),
        maintenance: text::quoted(&roles.maintenance),
        identity: schema.has_identity().then(|| text::quoted(&roles.identity)),
        staff: schema.has_staff().then(|| text::quoted(&roles.staff)),
        partitioned: clock::keeps_partitions(&source, store, &schema),
        upkeep: clock::upkeep(&source, store, &schema),
    })
}

/// The entities whose rows go by themselves when their time is over: the store removes them, or a function of its schema.
pub(crate) fn goes_by_age<'a>(view: &View<'a>) -> BTreeSet<&'a Id> {
    let source = Source::of_view(view);
    let stored = stored::all(&source);
    let entities = view.blueprint().entities.iter();
    let goes = |id: &Id, entity: &Entity| {
        let store = source.keeping.store_of(entity).and_then(|s| stored.iter().find(|one| one.store == s));
        store.is_some_and(|one| one.removes_by_age(&source, id))
    };
    entities.filter(|(id, e)| e.keep_days.is_some() && goes(id, e)).map(|(id, _)| id).collect()
}

/// Whether the database of a store keeps tenants apart by itself.
pub(crate) fn enforces_tenants(view: &View<'_>, store: &Id) -> bool {
    Source::of_view(view).enforces_tenants(store)
}

pub(crate) fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    let view = View::new(design, catalog);
    let source = Source::of_view(&view);
    let stored = stored::all(&source);
    let mut files =
        vec![Deliverable { path: "data-design.md".to_owned(), text: document(&view, &source, &stored) }];
    files.extend(stored.into_iter().flat_map(|s| s.files));
    files
}

fn document(view: &View<'_>, source: &Source<'_>, stored: &[stored::Stored<'_>]) -> String {
    let blueprint = view.blueprint();
    let mut doc = Doc::new(&format!("Data of {}", name(&blueprint.name)));
    if blueprint.entities.is_empty() {
        doc.para("The blueprint lists no entities, so nothing is known of the data.");
        return doc.finish();
    }
    stores(&mut doc, view, stored);
    doc.heading(2, "Entities and their relations");
    doc.fence("mermaid", &mermaid::entities(view));
    doc.heading(2, "Entities in detail");
    for entity in blueprint.entities.values() {
        doc.heading(3, &name(&entity.name));
        self::entity(&mut doc, view, entity);
    }
    tables::keys(&mut doc, stored);
    tables::patterns(&mut doc, view, source, stored);
    tables::indexes(&mut doc, view, source, stored);
    doc.heading(2, "Sizes and growth");
    growth_table(&mut doc, view, source);
    doc.heading(2, "Retention and partitioning");
    tables::retention(&mut doc, view, source, stored);
    logs(&mut doc, view);
    tables::tenants(&mut doc, view, stored);
    tables::spread(&mut doc, view, source, stored);
    caching::chapter(&mut doc, view);
    doc.heading(2, "Replication and loss");
    replication(&mut doc, view);
    doc.heading(2, "Migrations");
    migrations(&mut doc, view);
    doc.finish()
}

fn stores(doc: &mut Doc, view: &View<'_>, stored: &[stored::Stored<'_>]) {
    let mut table = Table::new(&["store", "technology", "entities", "files"]);
    for (id, component) in view.components(&[ComponentKind::Store, ComponentKind::Analytics]) {
        let entities: Vec<String> = view.entities_in(id).into_iter().map(|(_, e)| name(&e.name)).collect();
        let files = stored.iter().filter(|s| s.store == id).flat_map(|s| &s.files);
        let files: Vec<String> = files.map(|f| format!("[{0}]({0})", f.path)).collect();
        table.row([
            name(&component.name),
            technology_name(view, component),
            entities.join(", "),
            files.join(", "),
        ]);
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

fn growth_table(doc: &mut Doc, view: &View<'_>, source: &Source<'_>) {
    doc.para(
        "Rows come from the inserts of the workload, brought from the peak to the average. Sizes are those of rows \
         with their indexes: what a month at today's rate adds, and what lies there after 24 months of even growth, \
         with what is deleted by then left out.",
    );
    let mut rows: Vec<(f64, Vec<String>)> = Vec::new();
    let (mut month, mut total, mut beside) = (0.0, 0.0, 0.0);
    for (id, entity) in &view.blueprint().entities {
        let Some(growth) = growth::growth(source, id, entity) else { continue };
        if growth.rows_later.value <= 0.0 {
            continue;
        }
        total += growth.size.value;
        beside += if source.keeping.is_analytical(entity) { growth.size.value } else { 0.0 };
        month += growth.month.value;
        rows.push((
            growth.size.value,
            vec![
                name(&entity.name),
                tagged(&growth.rows_now),
                tagged(&growth.rows_later),
                tagged(&growth.month),
                tagged(&growth.size),
                keep(entity),
            ],
        ));
    }
    for standing in growth::standing(source) {
        month += standing.month.value;
        total += standing.size.value;
        rows.push((standing.size.value, standing.cells()));
    }
    rows.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let planned = view.design.reading(loadcase_model::Input::DataGb);
    // What lay there before is planned with as well.
    let before = planned.map_or(0.0, |p| p.later.value - (total - beside));
    if !rows.is_empty() && before > 0.005 * total.max(0.01) {
        let figure = Figure::computed(before, Unit::Gigabytes, "what is planned with, less the rows above");
        let cells = ["what lies there already", "", "", "", &tagged(&figure), ""].map(str::to_owned);
        rows.push((0.0, cells.to_vec()));
        total += before;
    }
    let mut table = Table::new(&[
        "entity",
        "rows a day now",
        "rows a day in 24 months",
        "a month's rows now",
        "size in 24 months",
        "kept",
    ]);
    rows.into_iter().for_each(|(_, row)| table.row(row));
    if !table.is_empty() {
        let sum = |value| tagged(&Figure::computed(value, Unit::Gigabytes, "sum of the entities"));
        table.row([
            "**all**".to_owned(),
            String::new(),
            String::new(),
            sum(month),
            sum(total),
            String::new(),
        ]);
    }
    doc.table(&table, "No workload says how often rows are added.");
    if let Some(reading) = planned {
        planned_with(doc, reading, (before, total, beside));
    }
}

/// What disks and the bill are planned with: `before` of the `total` lay there, `beside` lies in the analytical store.
fn planned_with(doc: &mut Doc, reading: &loadcase_model::Reading, (before, total, beside): (f64, f64, f64)) {
    let apart = if beside > 0.0 {
        let figure = Figure::computed(beside, Unit::Gigabytes, "sum of the entities kept there");
        format!(" The analytical store takes {} of the sum, before it compresses them.", tagged(&figure))
    } else {
        String::new()
    };
    let stated = if before < -0.005 * total.max(0.01) {
        " That was said, and is less than the rows above add up to: keep them for a shorter time, or say more."
    } else {
        ""
    };
    let new = matches!(&reading.now.origin, loadcase_model::Origin::Computed { by } if by == loadcase_model::stored::FIRST_MONTH);
    let when = if new { "after its first month, nothing of which is there at the start," } else { "today" };
    doc.para(format!(
        "Disks and the bill are planned with {} in the primary store {when} and {} in 24 months, files apart.{stated}{apart}",
        tagged(&reading.now),
        tagged(&reading.later)
    ));
}

fn keep(entity: &Entity) -> String {
    entity.keep_days.map_or_else(
        || "for ever".to_owned(),
        |days| format!("{} days", tagged(&from_basis(f64::from(days), Unit::One, &entity.basis))),
    )
}

/// Whether an entity holds data about people.
pub(crate) fn holds_personal(entity: &Entity) -> bool {
    use loadcase_model::Sensitivity as S;
    columns(entity).iter().any(|c| matches!(c.sensitivity, S::Personal | S::Special))
}

/// Logs that hold personal data outside of every table.
fn logs(doc: &mut Doc, view: &View<'_>) {
    if view.components(&[ComponentKind::Edge, ComponentKind::Gateway]).is_empty() {
        return;
    }
    doc.para(format!(
        "Logs of what stands before the processes, the network and its firewall, hold addresses of people and what they asked \
         for: personal data, too. They are kept {} in the region of the product, without cookies and without queries, and are \
         named in the record of processing.",
        tagged_text(&format!("{} days", crate::deploy::LOG_DAYS), Tag::Assumed)
    ));
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
        "When the primary store fails, at most {} of the latest data is lost and it answers again after {}.",
        tagged(&availability.recovery_point),
        tagged(&availability.recovery_time)
    ));
    let personal = view.blueprint().entities.values().any(holds_personal);
    let files = !view.components(&[ComponentKind::ObjectStore]).is_empty();
    backups::section(doc, view, personal, files);
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
