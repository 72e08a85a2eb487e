//! `mongodb.json`: collections with validators and indexes.

use loadcase_model::{FieldType, When};
use serde_json::{Map, Value, json};

use super::physical::{Col, Identity, Index, Method, Schema, Table};
use super::text::{EMAIL, STRING, TEXT, URL};
use crate::text::clean;

/// Shards are chosen by a hash of the key unless rows have a tenant.
const HASHED: &str = "hashed";

/// The file: for each collection what `createCollection` and `createIndexes` take.
pub(crate) fn file(schema: &Schema<'_>, sharded: bool) -> Value {
    let collections: Vec<Value> = schema.tables.iter().map(|t| collection(t, sharded)).collect();
    json!({ "collections": collections })
}

fn collection(table: &Table<'_>, sharded: bool) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for col in &table.columns {
        let name = field(table, col);
        properties.insert(name.clone(), of_column(col));
        if !col.column.optional {
            required.push(json!(name));
        }
    }
    if table.identifier().is_none() {
        properties.insert("_id".to_owned(), json!({}));
    }
    let mut found = json!({
        "name": table.name,
        "validator": {"$jsonSchema": {
            "bsonType": "object",
            "title": clean(&table.entity.name),
            "required": required,
            "properties": properties,
            "additionalProperties": false,
        }},
        "validationLevel": "strict",
        "validationAction": "error",
        "indexes": indexes(table),
    });
    if sharded {
        let tenant = table.tenant().map(str::to_owned);
        found["shardKey"] = tenant.map_or_else(|| json!({"_id": HASHED}), |t| json!({t: 1, "_id": 1}));
    }
    found
}

/// The name of a column: the identifier is `_id`.
fn field(table: &Table<'_>, col: &Col) -> String {
    if table.identifier().is_some_and(|id| id.name == col.name) { "_id".to_owned() } else { col.name.clone() }
}

fn named(table: &Table<'_>, column: &str) -> String {
    table.column(column).map_or_else(|| column.to_owned(), |c| field(table, c))
}

/// A validator of a value. Times are dates, identifiers binary UUIDs, money whole numbers of 64 bits.
fn of_column(col: &Col) -> Value {
    let text = |longest: usize| json!({"bsonType": "string", "maxLength": longest});
    let column = &col.column;
    let mut schema = match column.kind {
        FieldType::Id | FieldType::Ref => json!({"bsonType": "binData"}),
        FieldType::String => text(super::bounds::longest(column).unwrap_or(STRING)),
        FieldType::Text => text(TEXT),
        FieldType::Url => text(URL),
        FieldType::Email => text(EMAIL),
        FieldType::Currency => json!({"bsonType": "string", "pattern": "^[A-Z]{3}$"}),
        FieldType::Enum if !column.values.is_empty() => {
            let mut values: Vec<String> = column.values.iter().map(|v| clean(v)).collect();
            values.sort();
            values.dedup();
            json!({"bsonType": "string", "enum": values})
        }
        FieldType::Enum => text(STRING),
        FieldType::Integer | FieldType::Money => json!({"bsonType": "long"}),
        FieldType::Decimal => json!({"bsonType": "decimal"}),
        FieldType::Float => json!({"bsonType": "double"}),
        FieldType::Boolean => json!({"bsonType": "bool"}),
        FieldType::Timestamp | FieldType::Date => json!({"bsonType": "date"}),
        FieldType::Json => json!({"bsonType": ["object", "array"]}),
        FieldType::Point => json!({
            "bsonType": "object",
            "required": ["type", "coordinates"],
            "properties": {
                "type": {"bsonType": "string", "enum": ["Point"]},
                "coordinates": {"bsonType": "array", "minItems": 2, "maxItems": 2},
            },
        }),
        FieldType::Bytes => json!({"bsonType": "binData"}),
    };
    if matches!(column.kind, FieldType::Integer | FieldType::Money) {
        for (key, bound) in [("minimum", column.bounds.0), ("maximum", column.bounds.1)] {
            if let Some(bound) = bound {
                schema[key] = json!(bound);
            }
        }
    }
    if column.optional {
        let kinds = match &schema["bsonType"] {
            Value::Array(kinds) => kinds.clone(),
            one => vec![one.clone()],
        };
        schema["bsonType"] = kinds.into_iter().chain([json!("null")]).collect();
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            values.push(Value::Null);
        }
    }
    schema
}

/// The type of a value that is there.
const fn kind_word(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Id | FieldType::Ref | FieldType::Bytes => "binData",
        FieldType::Integer | FieldType::Money => "long",
        FieldType::Decimal => "decimal",
        FieldType::Float => "double",
        FieldType::Boolean => "bool",
        FieldType::Timestamp | FieldType::Date => "date",
        FieldType::Json | FieldType::Point => "object",
        FieldType::String
        | FieldType::Text
        | FieldType::Currency
        | FieldType::Enum
        | FieldType::Url
        | FieldType::Email => "string",
    }
}

/// Indexes: those of the access patterns, unique groups, and the end of life of rows.
fn indexes(table: &Table<'_>) -> Vec<Value> {
    let mut found = Vec::new();
    let own_key = table.identity == Identity::Natural;
    for unique in table.unique_groups().filter(|u| own_key || u.name != table.key.name) {
        let mut index = json!({"key": keys(table, unique.columns.iter().map(|c| (c.as_str(), false))), "name": unique.name, "unique": true});
        let optional: Map<String, Value> = unique
            .columns
            .iter()
            .filter(|c| table.column(c).is_some_and(|c| c.column.optional))
            .filter_map(|c| table.column(c))
            .map(|c| (field(table, c), json!({"$type": kind_word(c.column.kind)})))
            .collect();
        if !optional.is_empty() {
            index["partialFilterExpression"] = Value::Object(optional);
        }
        found.push(index);
    }
    for partial in &table.partials {
        let only = filter(table, &partial.only);
        found.push(json!({"key": keys(table, partial.columns.iter().map(|c| (c.as_str(), false))), "name": partial.name, "unique": true, "partialFilterExpression": only}));
    }
    if table.scoped && !own_key {
        found.push(json!({"key": keys(table, table.key.columns.iter().map(|c| (c.as_str(), false))), "name": table.key.name, "unique": true}));
    }
    for index in table.indexes.iter().filter(|i| !is_expiry(table, i)) {
        found.push(of_index(table, index));
    }
    if let (Some(days), Some(age)) = (table.entity.keep_days, table.age()) {
        found.push(json!({
            "key": {age.name.clone(): 1},
            "name": format!("{}_expires", table.name),
            "expireAfterSeconds": u64::from(days) * 86_400,
        }));
    }
    found
}

/// The index of the deletion by age: the store deletes by itself here.
fn is_expiry(table: &Table<'_>, index: &Index) -> bool {
    let by_age = table.age().is_some_and(|age| index.order.len() == 1 && index.order[0].0 == age.name);
    table.entity.keep_days.is_some() && by_age && index.equal.is_empty()
}

fn of_index(table: &Table<'_>, index: &Index) -> Value {
    let key = match index.method {
        Method::Inverted => {
            let text = index.equal.iter().any(|c| table.kind(c) == Some(FieldType::Text));
            let kind = if text { json!("text") } else { json!(1) };
            index.equal.iter().map(|c| (named(table, c), kind.clone())).collect()
        }
        Method::Spatial => index.equal.iter().map(|c| (named(table, c), json!("2dsphere"))).collect(),
        Method::Ordered => keys(table, index.parts().map(|(c, desc)| (c, desc == Some(true)))),
    };
    let mut found = json!({"key": key, "name": index.name});
    let only = filter(table, &index.only);
    if !only.is_empty() {
        found["partialFilterExpression"] = Value::Object(only);
    }
    found
}

/// The rows that an index holds.
fn filter(table: &Table<'_>, only: &[(String, When)]) -> Map<String, Value> {
    let columns = only.iter().filter_map(|(c, when)| Some((table.column(c)?, when)));
    let one = |(c, when): (&Col, &When)| {
        let value = match when {
            When::Absent => json!({"$eq": null}),
            When::Present => json!({"$type": kind_word(c.column.kind)}),
            When::Is(word) => json!({"$eq": clean(word)}),
        };
        (field(table, c), value)
    };
    columns.map(one).collect()
}

fn keys<'c>(table: &Table<'_>, columns: impl Iterator<Item = (&'c str, bool)>) -> Map<String, Value> {
    columns.map(|(c, desc)| (named(table, c), json!(if desc { -1 } else { 1 }))).collect()
}
