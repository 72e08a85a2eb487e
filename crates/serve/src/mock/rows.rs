//! Rows of every kind, as long as the process lives: plausible ones at first, then what callers make of them.

use std::collections::BTreeMap;

use loadcase_publish::contracts::{Contract, Field, Form, Record, row_id, sample};
use serde_json::{Map, Value};

/// Rows of each kind at first.
const FIRST: usize = 24;
/// Rows that others belong to: the first so many, so that lists of what belongs to one are longer than a row.
const PARENTS: usize = 3;
/// Most rows of a kind; the oldest go.
const MOST: usize = 5_000;

/// A row and how often it changed.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) version: u32,
    pub(crate) fields: Map<String, Value>,
}

/// All rows, by the entity's identifier.
pub(crate) struct Rows {
    kinds: BTreeMap<String, Vec<Row>>,
    next: BTreeMap<String, usize>,
}

/// The widest record of an entity's rows.
fn widest<'a>(contract: &'a Contract, entity: &str) -> Option<&'a Record> {
    let of = |r: &&Record| r.plain_row && r.entity.as_ref().is_some_and(|e| e.as_str() == entity);
    contract.records.values().filter(of).max_by_key(|r| r.fields.len())
}

impl Rows {
    pub(crate) fn new(contract: &Contract) -> Self {
        let mut rows = Self { kinds: BTreeMap::new(), next: BTreeMap::new() };
        let entities: Vec<&str> = contract
            .records
            .values()
            .filter(|r| r.plain_row)
            .filter_map(|r| Some(r.entity.as_ref()?.as_str()))
            .collect();
        for entity in entities {
            if !rows.kinds.contains_key(entity) {
                for _ in 0..FIRST {
                    rows.make(contract, entity, &Map::new());
                }
            }
        }
        rows
    }

    pub(crate) fn all(&self, entity: &str) -> &[Row] {
        self.kinds.get(entity).map_or(&[], Vec::as_slice)
    }

    /// Whether rows of a kind are kept at all.
    pub(crate) fn has_kind(&self, entity: &str) -> bool {
        self.kinds.contains_key(entity)
    }

    pub(crate) fn by_id(&self, entity: &str, id: &str) -> Option<&Row> {
        self.all(entity).iter().find(|r| r.id.eq_ignore_ascii_case(id))
    }

    /// Makes a row: plausible values, and over them what is given.
    pub(crate) fn make(
        &mut self,
        contract: &Contract,
        entity: &str,
        given: &Map<String, Value>,
    ) -> Option<Row> {
        let record = widest(contract, entity)?;
        let n = self.next.entry(entity.to_owned()).or_insert(0);
        let number = *n;
        *n += 1;
        let id = record.entity.as_ref().map_or_else(String::new, |e| row_id(e, number));
        let mut fields: Map<String, Value> = record
            .fields
            .iter()
            .map(|f| (f.name.clone(), first_value(contract, f, entity, number)))
            .collect();
        overlay(record, &mut fields, given);
        let id = fields.get("id").and_then(Value::as_str).map_or(id, str::to_owned);
        let row = Row { id, version: 1, fields };
        let list = self.kinds.entry(entity.to_owned()).or_default();
        if list.len() >= MOST {
            list.remove(0);
        }
        list.push(row.clone());
        Some(row)
    }

    /// Changes a row in place.
    pub(crate) fn change(
        &mut self,
        contract: &Contract,
        entity: &str,
        id: &str,
        given: &Map<String, Value>,
    ) -> Option<Row> {
        let record = widest(contract, entity)?;
        let row = self.kinds.get_mut(entity)?.iter_mut().find(|r| r.id.eq_ignore_ascii_case(id))?;
        overlay(record, &mut row.fields, given);
        row.version += 1;
        Some(row.clone())
    }

    pub(crate) fn remove(&mut self, entity: &str, id: &str) {
        if let Some(rows) = self.kinds.get_mut(entity) {
            rows.retain(|r| !r.id.eq_ignore_ascii_case(id));
        }
    }
}

fn first_value(contract: &Contract, field: &Field, entity: &str, number: usize) -> Value {
    match &field.form {
        Form::Uuid(of) if of != entity || field.name != "id" => sample(contract, field, number % PARENTS),
        _ => sample(contract, field, number),
    }
}

/// Puts values over a row's, those it has a field of the same type for.
fn overlay(record: &Record, fields: &mut Map<String, Value>, given: &Map<String, Value>) {
    for field in record.fields.iter().filter(|f| f.name != "id") {
        if let Some(value) = given.get(&field.name) {
            fields.insert(field.name.clone(), value.clone());
        }
    }
}
