//! JSON Schemas of what an API takes and gives, with an example for each.

use loadcase_model::FieldType;
use serde_json::{Map, Value, json};

use crate::data::columns::{Column, Role};
use crate::text::{clean, words};

/// The largest whole number that every JSON reader keeps exactly.
const EXACT: i64 = 9_007_199_254_740_991;

/// Most rows in one page, and how many without being asked.
pub(crate) const MOST_ROWS: u32 = 200;
pub(crate) const USUAL_ROWS: u32 = 50;

/// An identifier for examples.
pub(crate) const EXAMPLE_ID: &str = "018f3c1e-7b4a-7c3d-9e2f-4b6a1c2d3e4f";
const EXAMPLE_TIME: &str = "2026-01-15T09:30:00Z";
pub(crate) const EXAMPLE_CURSOR: &str = "eyJpZCI6IjAxOGYzYzFlIn0";

/// The schema of a column, with a description.
pub(crate) fn of_column(column: &Column) -> Value {
    let mut schema = of_type(column.kind, &column.values);
    let about = match (column.role, &column.to) {
        (Role::Identifier, _) => "Identifier.".to_owned(),
        (_, Some(to)) => format!("Identifier of the {}.", words(to.as_str())),
        _ if column.kind == FieldType::Money => {
            format!("{} in minor units of the currency.", crate::text::capital(&words(&column.name)))
        }
        _ => format!("{}.", crate::text::capital(&words(&column.name))),
    };
    insert(&mut schema, "description", json!(clean(&about)));
    schema
}

fn insert(schema: &mut Value, key: &str, value: Value) {
    if let Value::Object(object) = schema {
        object.insert(key.to_owned(), value);
    }
}

/// The schema of a type: every string, number and list has its bounds.
pub(crate) fn of_type(kind: FieldType, values: &[String]) -> Value {
    match kind {
        FieldType::Id | FieldType::Ref => json!({"type": "string", "format": "uuid", "maxLength": 36}),
        FieldType::String => json!({"type": "string", "maxLength": 255, "pattern": "^.*$"}),
        FieldType::Text => json!({"type": "string", "maxLength": 65536, "pattern": "^[\\s\\S]*$"}),
        FieldType::Integer | FieldType::Money => {
            json!({"type": "integer", "format": "int64", "minimum": -EXACT, "maximum": EXACT})
        }
        FieldType::Decimal => {
            json!({"type": "string", "maxLength": 40, "pattern": "^-?[0-9]{1,20}(\\.[0-9]{1,18})?$"})
        }
        FieldType::Currency => json!({"type": "string", "maxLength": 3, "pattern": "^[A-Z]{3}$"}),
        FieldType::Boolean => json!({"type": "boolean"}),
        FieldType::Timestamp => json!({"type": "string", "format": "date-time", "maxLength": 40}),
        FieldType::Date => json!({"type": "string", "format": "date", "maxLength": 10}),
        FieldType::Enum if !values.is_empty() => {
            let mut words: Vec<String> = values.iter().map(|v| clean(v)).collect();
            words.sort();
            words.dedup();
            json!({"type": "string", "enum": words})
        }
        FieldType::Enum => json!({"type": "string", "maxLength": 64, "pattern": "^[A-Za-z0-9_-]*$"}),
        FieldType::Json => {
            json!({"type": ["object", "array"], "maxProperties": 200, "maxItems": 1000, "items": {}})
        }
        FieldType::Url => json!({"type": "string", "format": "uri", "maxLength": 2048}),
        FieldType::Email => json!({"type": "string", "format": "email", "maxLength": 320}),
        FieldType::Point => json!({
            "type": "object", "additionalProperties": false, "required": ["latitude", "longitude"],
            "properties": {
                "latitude": {"type": "number", "format": "double", "minimum": -90, "maximum": 90, "description": "Degrees north."},
                "longitude": {"type": "number", "format": "double", "minimum": -180, "maximum": 180, "description": "Degrees east."},
            }
        }),
        FieldType::Bytes => {
            json!({"type": "string", "contentEncoding": "base64", "maxLength": 65536, "pattern": "^[A-Za-z0-9+/=]*$"})
        }
    }
}

/// A record: an object of exactly these columns.
pub(crate) fn of_columns(about: &str, columns: &[Column], required: impl Fn(&Column) -> bool) -> Value {
    let mut properties = Map::new();
    for column in columns {
        properties.insert(column.name.clone(), of_column(column));
    }
    let needed: Vec<&str> = columns.iter().filter(|c| required(c)).map(|c| c.name.as_str()).collect();
    let mut schema = json!({"type": "object", "description": clean(about), "additionalProperties": false});
    if !needed.is_empty() {
        insert(&mut schema, "required", json!(needed));
    }
    insert(&mut schema, "properties", Value::Object(properties));
    schema
}

/// A value that a column may have.
pub(crate) fn example_of(column: &Column) -> Value {
    match column.kind {
        FieldType::Id | FieldType::Ref => json!(EXAMPLE_ID),
        FieldType::String | FieldType::Text => json!(crate::text::capital(&words(&column.name))),
        FieldType::Integer => json!(1),
        FieldType::Money => json!(1_999),
        FieldType::Decimal => json!("12.50"),
        FieldType::Currency => json!("EUR"),
        FieldType::Boolean => json!(true),
        FieldType::Timestamp => json!(EXAMPLE_TIME),
        FieldType::Date => json!("2026-01-15"),
        FieldType::Enum => {
            let first = column.values.first().map_or_else(|| "open".to_owned(), |v| clean(v));
            json!(first)
        }
        FieldType::Json => json!({}),
        FieldType::Url => json!("https://files.invalid/example"),
        FieldType::Email => json!("ada@example.invalid"),
        FieldType::Point => json!({"latitude": 52.52, "longitude": 13.4}),
        FieldType::Bytes => json!("AAECAw=="),
    }
}

/// A record with a value for every column.
pub(crate) fn example(columns: &[Column]) -> Value {
    Value::Object(columns.iter().map(|c| (c.name.clone(), example_of(c))).collect())
}

/// Problem details (RFC 9457), with the fields at fault.
pub(crate) fn problem() -> Value {
    json!({
        "type": "object", "description": "A problem, as RFC 9457 has it.", "additionalProperties": false,
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "maxLength": 2048, "description": "What kind of problem; stable, for programs."},
            "title": {"type": "string", "maxLength": 255, "pattern": "^.*$", "description": "The kind in words."},
            "status": {"type": "integer", "format": "int32", "minimum": 100, "maximum": 599, "description": "HTTP status."},
            "detail": {"type": "string", "maxLength": 2048, "pattern": "^.*$", "description": "What went wrong this time."},
            "instance": {"type": "string", "format": "uri-reference", "maxLength": 2048, "description": "This occurrence; quote it to support."},
            "errors": {
                "type": "array", "maxItems": 100, "description": "Fields at fault.",
                "items": {
                    "type": "object", "additionalProperties": false, "required": ["pointer", "detail"],
                    "properties": {
                        "pointer": {"type": "string", "maxLength": 2048, "pattern": "^.*$", "description": "JSON pointer to the field."},
                        "detail": {"type": "string", "maxLength": 2048, "pattern": "^.*$", "description": "What is wrong with it."},
                    }
                }
            },
        }
    })
}
