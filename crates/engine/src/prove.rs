//! Proving: what `publish` says of the data of each store, as what `prove` takes.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{AccessKind, Blueprint, Design, Entity, Id, Proofs, When};
use loadcase_prove::{
    Filled, Key, Options, Parameter, Pattern, Period, Share, Subject, Touch, Upkeep, prove,
};
use loadcase_publish::data::{self, ParameterRole, PatternRole, StoreData};

use crate::{EngineError, Session};

/// Days over which rows are spread where nothing limits how long they are kept: the horizon of a design.
const DAYS: f64 = 730.0;

/// How long the longest kept tables of patterns are kept: books, ten years.
const LONGEST: f64 = 3_650.0;

/// How much longer than they are kept rows are spread over.
const DUE: f64 = 1.25;

/// Most values in a list of one statement.
const LIST: f64 = 100.0;

/// A schema beside a blueprint.
pub struct Written {
    /// Its path, for messages.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Session {
    /// What can be proven of a design: each store that speaks PostgreSQL's dialect.
    #[must_use]
    pub fn claims_of_design(&self, design: &Design) -> Vec<Subject> {
        let stores = data::of_design(design, &self.catalog);
        stores.iter().map(|s| subject(&design.blueprint, s, None)).collect()
    }

    /// What can be proven of a blueprint; `written` finds the schema that lies beside it, by its file name.
    #[must_use]
    pub fn claims_of_blueprint(
        &self,
        blueprint: &Blueprint,
        written: &dyn Fn(&str) -> Option<Written>,
    ) -> Vec<Subject> {
        let texts = data::schema_files(blueprint, &self.catalog);
        let found: BTreeMap<Id, Written> =
            texts.into_iter().filter_map(|(store, file)| Some((store, written(&file)?))).collect();
        let read: BTreeMap<Id, &str> = found.iter().map(|(id, w)| (id.clone(), w.text.as_str())).collect();
        let stores = data::of_written(blueprint, &self.catalog, &read);
        stores.iter().map(|s| subject(blueprint, s, found.get(&s.store))).collect()
    }

    /// Proves claims on a real server.
    ///
    /// # Errors
    /// When there is no server, a schema is refused, or no rows can be made for it.
    pub fn prove(
        &self,
        name: &str,
        claims: &[Subject],
        options: &Options,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Proofs, EngineError> {
        let stores = claims.iter().map(|s| prove(s, options, progress)).collect::<Result<Vec<_>, _>>()?;
        Ok(Proofs::new(name.to_owned(), stores))
    }
}

fn subject(blueprint: &Blueprint, store: &StoreData, written: Option<&Written>) -> Subject {
    let schema = written.map_or_else(|| store.schema.clone(), |w| w.text.clone());
    let component = blueprint.components.get(&store.store);
    let scoped_ones = || store.patterns.iter().filter(|p| p.tenant_scoped);
    let tenants = || scoped_ones().flat_map(|p| &p.parameters).filter(|p| p.role == ParameterRole::Tenant);
    let isolated = store.isolated;
    let scoped: BTreeSet<String> =
        store.patterns.iter().filter(|p| isolated && p.tenant_scoped).map(|p| p.table.clone()).collect();
    let mut notes = Vec::new();
    if !isolated && store.patterns.iter().any(|p| p.tenant_scoped) {
        notes.push("tenants are kept apart outside the tables: isolation by rows was not tried".to_owned());
    }
    notes.extend(
        store
            .patterns
            .iter()
            .filter(|p| drops(p))
            .map(|p| format!("{}: whole partitions are dropped, which was not run", p.title)),
    );
    Subject {
        name: component.map_or_else(|| store.store.to_string(), |c| c.name.clone()),
        source: written.map_or_else(|| "the generated schema".to_owned(), |w| w.path.clone()),
        schema,
        application_role: Some(store.application.clone()),
        staff: store.staff.as_ref().map(|(role, before)| (role.clone(), before.replace("$1", "'a trial'"))),
        tenant_column: tenants().next().map(|p| p.column.clone()),
        scoped: scoped.into_iter().collect(),
        shares: shares(blueprint, store),
        patterns: store.patterns.iter().filter(|p| !drops(p)).flat_map(|p| patterns(store, p)).collect(),
        keys: keys(blueprint, store),
        upkeep: store.upkeep.iter().map(|u| upkeep(store, u)).collect(),
        notes,
    }
}

fn upkeep(store: &StoreData, upkeep: &data::DueWork) -> Upkeep {
    let data::DueWork { name, claim, before, statement, left } = upkeep.clone();
    Upkeep { name, claim, role: store.maintenance.clone(), before, statement, left }
}

/// Whether old rows go with their partitions: no statement finds them.
fn drops(pattern: &data::Pattern) -> bool {
    pattern.kind == AccessKind::Delete && pattern.index.is_none()
}

/// Rows of each table in the long run: what is inserted, as long as it is kept.
fn shares(blueprint: &Blueprint, store: &StoreData) -> Vec<Share> {
    let mut found: BTreeMap<&str, Share> = BTreeMap::new();
    for pattern in &store.patterns {
        let entity = blueprint.entities.get(&pattern.entity);
        let kept = entity.map_or(LONGEST, |e| e.keep_days.map_or(DAYS, f64::from));
        let days = kept.min(DAYS);
        let share = found.entry(&pattern.table).or_insert_with(|| Share {
            table: pattern.table.clone(),
            weight: 0.0,
            row_bytes: entity.map_or(600.0, |e| e.row_bytes),
            // Some rows are older than they should be, so that there is something to remove.
            days: kept * DUE,
        });
        if let (AccessKind::Insert, Some((now, later))) = (pattern.kind, pattern.rate_per_s) {
            share.weight += (now + later) / 2.0 * pattern.bounded_rows.unwrap_or(1.0) * days;
        }
    }
    found.into_values().collect()
}

/// A pattern and, where it has pages, that of the pages after the first.
fn patterns(store: &StoreData, pattern: &data::Pattern) -> Vec<Pattern> {
    let touch = match pattern.kind {
        AccessKind::ReadOne | AccessKind::ReadMany => Touch::Read,
        AccessKind::Aggregate => Touch::Aggregate,
        AccessKind::Insert => Touch::Insert,
        AccessKind::Update => Touch::Update,
        AccessKind::Delete => Touch::Delete,
    };
    let first = Pattern {
        name: pattern.name.clone(),
        title: pattern.title.clone(),
        table: pattern.table.clone(),
        touch,
        statement: pattern.statement.clone(),
        parameters: pattern.parameters.iter().map(|p| parameter(pattern, p)).collect(),
        among: constants(&pattern.statement),
        rows: pattern.bounded_rows,
        served_by: pattern.index.clone(),
        application: pattern.role == PatternRole::Application,
        role: match pattern.role {
            PatternRole::Application => None,
            PatternRole::Maintenance => Some(store.maintenance.clone()),
            PatternRole::Identity => store.identity.clone(),
            PatternRole::Staff => store.staff.as_ref().map(|(role, _)| role.clone()),
        },
        before: store
            .staff
            .as_ref()
            .filter(|_| pattern.role == PatternRole::Staff)
            .map(|(_, before)| before.replace("$1", &format!("'{}'", pattern.name.replace('\'', "''")))),
    };
    let next = pattern.next_page.as_ref().map(|statement| Pattern {
        name: format!("{}_next", pattern.name),
        title: format!("{}, the next page", pattern.title),
        statement: statement.clone(),
        parameters: pattern.parameters.iter().chain(&pattern.cursor).map(|p| parameter(pattern, p)).collect(),
        ..first.clone()
    });
    std::iter::once(first).chain(next).collect()
}

fn parameter(pattern: &data::Pattern, parameter: &data::Parameter) -> Parameter {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above and below")]
    let rows = pattern.bounded_rows.unwrap_or(LIST).clamp(1.0, 10_000.0) as u32;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above and below")]
    let list = pattern.bounded_rows.unwrap_or(LIST).clamp(1.0, LIST) as u32;
    let filled = match parameter.role {
        ParameterRole::Tenant | ParameterRole::Equal => Filled::Same,
        ParameterRole::AnyOf => Filled::List(list),
        ParameterRole::From => Filled::Newest(rows),
        ParameterRole::Before if pattern.kind == AccessKind::Delete => Filled::Oldest(rows),
        ParameterRole::Before => Filled::Newest(0),
        ParameterRole::Searched if parameter.sql_type == "text" => Filled::Word,
        ParameterRole::Searched if parameter.sql_type == "jsonb" => Filled::Part,
        ParameterRole::Searched => Filled::Same,
        ParameterRole::Cursor => Filled::Cursor,
        ParameterRole::Value => Filled::Fresh,
    };
    Parameter { column: parameter.column.clone(), filled }
}

/// The conditions of a statement that have no parameter: rows that meet them are those it is for.
fn constants(statement: &str) -> Option<String> {
    let (_, conditions) = statement.rsplit_once(" WHERE ")?;
    let end = [" ORDER BY ", " LIMIT ", " FOR UPDATE"].iter().filter_map(|e| conditions.find(e)).min();
    let conditions = &conditions[..end.unwrap_or(conditions.len())];
    let constant: Vec<&str> = conditions.split(" AND ").filter(|c| !c.contains('$')).collect();
    (!constant.is_empty()).then(|| constant.join(" AND "))
}

/// What must not be there twice: unique fields and groups of the entities, and keys by which one row is looked up.
fn keys(blueprint: &Blueprint, store: &StoreData) -> Vec<Key> {
    let tables: BTreeMap<&Id, &str> = store.patterns.iter().map(|p| (&p.entity, p.table.as_str())).collect();
    let mut found: BTreeSet<(String, Vec<String>)> = BTreeSet::new();
    for (entity, table) in &tables {
        if let Some(entity) = blueprint.entities.get(*entity) {
            found.extend(groups(entity).into_iter().map(|columns| ((*table).to_owned(), columns)));
        }
    }
    for pattern in store.patterns.iter().filter(|p| p.kind == AccessKind::ReadOne && p.operation.is_none()) {
        let equal = pattern.parameters.iter().filter(|p| p.role == ParameterRole::Equal);
        let columns: Vec<String> = equal.map(|p| p.column.clone()).collect();
        if !columns.is_empty() {
            found.insert((pattern.table.clone(), columns));
        }
    }
    let keys = found.into_iter().map(|(table, columns)| Key { table, columns, among: None, period: None });
    let of = |(entity, table): (&Id, &str)| {
        blueprint
            .entities
            .get(entity)
            .into_iter()
            .flat_map(|e| &e.no_overlap)
            .map(move |p| overlap(table, p))
            .collect::<Vec<_>>()
    };
    let among = |(entity, table): (&Id, &str)| {
        let entity = blueprint.entities.get(entity);
        entity.into_iter().flat_map(|e| &e.unique_when).map(move |g| partial(table, g)).collect::<Vec<_>>()
    };
    let partial: Vec<Key> = tables.iter().flat_map(|(id, table)| among((id, table))).collect();
    keys.chain(tables.into_iter().flat_map(of)).chain(partial).collect()
}

/// Fields that no two rows share among some rows, as a key.
fn partial(table: &str, group: &loadcase_model::UniqueWhen) -> Key {
    let column = |id: &Id| data::column_name(id.as_str());
    let counted = group.conditions().map(|(field, when)| {
        let name = column(field);
        match when {
            When::Absent => format!("\"{name}\" IS NULL"),
            When::Present => format!("\"{name}\" IS NOT NULL"),
            When::Is(word) => format!("\"{name}\"::text = '{}'", word.replace('\'', "''")),
        }
    });
    Key {
        table: table.to_owned(),
        columns: group.fields.iter().map(column).collect(),
        among: Some(counted.collect::<Vec<_>>().join(" AND ")),
        period: None,
    }
}

/// A period that no two rows share, as a key.
fn overlap(table: &str, period: &loadcase_model::Period) -> Key {
    let column = |id: &Id| data::column_name(id.as_str());
    let counted = period.unless.iter().map(|(field, words)| {
        let words: Vec<String> = words.iter().map(|w| format!("'{}'", w.replace('\'', "''"))).collect();
        format!("\"{}\" NOT IN ({})", column(field), words.join(", "))
    });
    Key {
        table: table.to_owned(),
        columns: period.within.iter().map(column).collect(),
        among: None,
        period: Some(Period {
            from: column(&period.from),
            until: column(&period.until),
            counted: counted.collect::<Vec<_>>().join(" AND "),
        }),
    }
}

/// Fields of an entity that no two rows share.
fn groups(entity: &Entity) -> Vec<Vec<String>> {
    let column = |id: &Id| data::column_name(id.as_str());
    let alone = entity.fields.iter().filter(|f| f.unique).map(|f| vec![column(&f.name)]);
    let together = entity.unique.iter().chain(std::iter::once(&entity.key)).filter(|g| !g.is_empty());
    alone.chain(together.map(|g| g.iter().map(column).collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::constants;

    #[test]
    fn conditions_without_a_parameter_tell_which_rows_a_statement_is_for() {
        let text = "SELECT * FROM job WHERE tenant_id = $1::uuid AND done_at IS NULL AND kind = 'a' ORDER BY id LIMIT 1";
        assert_eq!(constants(text).as_deref(), Some("done_at IS NULL AND kind = 'a'"));
        assert_eq!(constants("SELECT * FROM job WHERE id = $1"), None);
    }
}
