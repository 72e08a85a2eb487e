//! Each store of the design with its tables and its files, in the language the store speaks.

use loadcase_catalog::Dialect;
use loadcase_model::{AccessKind, Component, ComponentKind, Entity, Id};

use super::physical::Schema;
use super::source::Source;
use super::{build, clickhouse, clock, cql, dynamodb, mongodb, mysql, postgres, seed, sqlite};
use crate::Deliverable;

/// A store that keeps entities.
pub(crate) struct Stored<'a> {
    pub(crate) store: &'a Id,
    pub(crate) component: &'a Component,
    pub(crate) relational: bool,
    pub(crate) dialect: Option<Dialect>,
    /// Whether it keeps periods from overlapping.
    pub(crate) refuses_overlaps: bool,
    pub(crate) schema: Schema<'a>,
    pub(crate) files: Vec<Deliverable>,
    /// What a store with tables by query, or with one table, says of its keys.
    pub(crate) by_query: Vec<cql::Told>,
    pub(crate) by_key: Vec<dynamodb::Told>,
}

impl Stored<'_> {
    /// Whether the store itself removes rows when their time is over.
    pub(crate) fn expires(&self) -> bool {
        matches!(
            self.dialect,
            Some(Dialect::Mongodb | Dialect::Dynamodb | Dialect::Cql | Dialect::Clickhouse)
        )
    }

    /// Whether the rows of an entity go when their time is over, and nobody has to write what removes them.
    pub(crate) fn removes_by_age(&self, source: &Source<'_>, entity: &Id) -> bool {
        let table = self.schema.tables.iter().find(|t| t.id == *entity);
        let called = self.dialect == Some(Dialect::Postgresql) && self.relational;
        self.expires() || called && table.is_some_and(|t| clock::removes(source, self.store, &self.schema, t))
    }
}

/// Stores with tables first, the one with most entities before the others; then the rest.
pub(crate) fn all<'a>(source: &Source<'a>) -> Vec<Stored<'a>> {
    let keeping = source.keeping;
    let relational = keeping.relational_stores();
    let mut found: Vec<Stored<'a>> = Vec::new();
    let others =
        [ComponentKind::Store, ComponentKind::Analytics].into_iter().flat_map(|k| keeping.components(k));
    let others: Vec<_> = others.filter(|(id, _)| relational.iter().all(|(r, _)| r != id)).collect();
    for (n, (store, component)) in relational.iter().copied().enumerate() {
        let entities = keeping.entities_in(store);
        found.push(stored(source, store, component, (n == 0, true), &entities));
    }
    for (store, component) in others {
        let mut entities = keeping.entities_in(store);
        if entities.is_empty() && component.kind == ComponentKind::Analytics {
            entities =
                keeping.blueprint.entities.iter().filter(|(id, e)| is_analysed(source, id, e)).collect();
        }
        if !entities.is_empty() {
            let first = found.iter().all(|s| s.dialect != keeping.dialect(store));
            found.push(stored(source, store, component, (first, false), &entities));
        }
    }
    found
}

/// Entities that an analytical store is fed with when none is kept there: those that only grow, and those that
/// are summed.
fn is_analysed(source: &Source<'_>, id: &Id, entity: &Entity) -> bool {
    let accesses = source.keeping.blueprint.operations.values().flat_map(|o| &o.accesses);
    entity.append_only || accesses.into_iter().any(|a| a.entity == *id && a.kind == AccessKind::Aggregate)
}

fn stored<'a>(
    source: &Source<'a>,
    store: &'a Id,
    component: &'a Component,
    (first, relational): (bool, bool),
    entities: &[(&'a Id, &'a Entity)],
) -> Stored<'a> {
    let dialect = source.keeping.dialect(store);
    let schema = build::schema_of(source, store, entities);
    let mut found = Stored {
        store,
        component,
        relational,
        dialect,
        refuses_overlaps: dialect == Some(Dialect::Postgresql) && !source.lacks(store, "gist"),
        schema,
        files: Vec::new(),
        by_query: Vec::new(),
        by_key: Vec::new(),
    };
    let named = |stem: &str, ending: &str| {
        if first { format!("{stem}{ending}") } else { format!("{stem}-{store}{ending}") }
    };
    let name = &source.keeping.blueprint.name;
    let mut files = Vec::new();
    let mut file = |path: String, text: String| files.push(Deliverable { path, text });
    let pretty = |value: &serde_json::Value| {
        let mut text = serde_json::to_string_pretty(value).expect("a value of strings and numbers");
        text.push('\n');
        text
    };
    let schema = &found.schema;
    let (mut by_query, mut by_key) = (Vec::new(), Vec::new());
    match dialect {
        Some(Dialect::Mysql) => {
            file(mysql::path(&named("schema", ".sql")), mysql::schema(source, store, schema));
            file(mysql::path(&named("seed", ".sql")), seed::script(schema, Dialect::Mysql));
        }
        Some(Dialect::Sqlite) => {
            file(sqlite::path(&named("schema", ".sql")), sqlite::schema(name, schema));
            file(sqlite::path(&named("seed", ".sql")), seed::script(schema, Dialect::Sqlite));
        }
        Some(Dialect::Clickhouse) => {
            file(named("schema", ".clickhouse.sql"), clickhouse::schema(name, schema));
        }
        Some(Dialect::Cql) => {
            let (text, told) = cql::schema(name, schema);
            file(named("schema", ".cql"), text);
            by_query = told;
        }
        Some(Dialect::Mongodb) => {
            file(named("mongodb", ".json"), pretty(&mongodb::file(schema, source.chosen.spread)));
        }
        Some(Dialect::Dynamodb) => {
            let (value, told) = dynamodb::file(Id::slug(name).as_str(), schema);
            file(named("dynamodb", ".json"), pretty(&value));
            by_key = told;
        }
        Some(Dialect::Postgresql | Dialect::Redis) | None => {}
    }
    // Products that outgrow a file of the process, and dialects Loadcase does not write, get PostgreSQL's.
    if relational && !matches!(dialect, Some(Dialect::Mysql | Dialect::Clickhouse)) {
        file(named("schema", ".sql"), postgres::schema(source, store, &found.schema));
        file(named("seed", ".sql"), seed::script(&found.schema, Dialect::Postgresql));
    }
    (found.files, found.by_query, found.by_key) = (files, by_query, by_key);
    found
}
