//! Blueprints with the schemas that lie beside them: what a design chose is read off the schema it wrote.

use std::collections::BTreeMap;

use loadcase_catalog::{Catalog, Dialect};
use loadcase_model::{Blueprint, Id, Part};

use super::names::identifier;
use super::source::{Chosen, Keeping, Source};
use super::standing;
use super::statement::{StoreData, of_source};

/// The name of the column of a field.
#[must_use]
pub fn column_name(field: &str) -> String {
    identifier(field)
}

/// The file with the schema of each store that speaks PostgreSQL's dialect.
#[must_use]
pub fn schema_files(blueprint: &Blueprint, catalog: &Catalog) -> Vec<(Id, String)> {
    let keeping = Keeping { blueprint, catalog };
    let stores = keeping.relational_stores();
    let named = |n: usize, id: &Id| if n == 0 { "schema.sql".to_owned() } else { format!("schema-{id}.sql") };
    stores
        .iter()
        .enumerate()
        .filter(|(_, (id, _))| keeping.dialect(id) == Some(Dialect::Postgresql))
        .map(|(n, (id, _))| ((*id).clone(), named(n, id)))
        .collect()
}

/// The data of each store of a blueprint that speaks PostgreSQL's dialect, where `schemas` holds what was written
/// of it: the tables of patterns are those that are there.
#[must_use]
pub fn of_written(blueprint: &Blueprint, catalog: &Catalog, schemas: &BTreeMap<Id, &str>) -> Vec<StoreData> {
    let text: String = schemas.values().copied().collect::<Vec<_>>().join("\n");
    let chosen = if schemas.is_empty() { Chosen::default() } else { chosen(&text, catalog) };
    of_source(&Source { keeping: Keeping { blueprint, catalog }, chosen })
}

/// What the schemas show of the choices they were written by.
fn chosen(text: &str, catalog: &Catalog) -> Chosen {
    let has = |table: &str| text.contains(&format!("CREATE TABLE {table} ("));
    let parts: Vec<Part> = standing::parts()
        .into_iter()
        .filter(|(name, _)| has(&identifier(name)))
        .map(|(_, part)| part)
        .collect();
    let extended = text.contains("create_hypertable(");
    Chosen {
        apart: text.contains(super::postgres::APART),
        parts,
        spread: text.contains("CREATE TABLE") && !text.contains("GENERATED ALWAYS AS IDENTITY"),
        time_series: super::source::time_series(catalog.technologies.values())
            .filter(|_| extended)
            .map(|t| t.id.clone()),
        // Where nothing is split, the load was too small for it: the average is, whatever the peak.
        peak: (!text.contains("PARTITION BY") && !extended).then_some((f64::MAX, f64::MAX)),
    }
}
