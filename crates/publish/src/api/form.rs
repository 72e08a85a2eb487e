//! Types with constraints: from the columns of the blueprint, and as JSON Schema.

use indexmap::IndexMap;
use loadcase_model::FieldType;
use serde_json::{Map, Value, json};

use super::contract::{Field, Form, Record, Text};
use super::known::{self, EXACT};
use super::naming::{Taken, snake};
use crate::data::bounds;
use crate::data::columns::{Column, Role};
use crate::text::{capital, clean, words};

/// Most entries of a document, and of a list of documents.
const DOCUMENT: u32 = 200;
/// No measured value is larger.
pub(crate) const LARGEST: f64 = 1e15;

/// The type of a column.
pub(crate) fn of_column(column: &Column, entity: &str) -> Form {
    let name = snake(&column.name);
    match column.kind {
        FieldType::Id => Form::Uuid(entity.to_owned()),
        FieldType::Ref => Form::Uuid(column.to.as_ref().map_or("reference", |to| to.as_str()).to_owned()),
        FieldType::String => Form::Text(no_longer(known::text(&name), column)),
        FieldType::Text => Form::Text(no_longer(Text::LONG, column)),
        // Identifiers are opaque to callers, whatever the store counts with.
        FieldType::Integer if name == "id" || name.ends_with("_id") => {
            Form::Text(Text { least: 1, most: 20, pattern: "^[0-9]+$", example: "4217" })
        }
        FieldType::Integer => {
            let (least, most) = bounds::within(column, known::range(&name));
            Form::Integer(least, most)
        }
        FieldType::Money => {
            let usual = (if name.contains("balance") { -EXACT } else { 0 }, EXACT);
            let (least, most) = bounds::within(column, usual);
            Form::Money(least, most)
        }
        FieldType::Decimal => Form::Decimal,
        FieldType::Float => {
            let (least, most) = bounds::range(column);
            let number = |bound: Option<i64>| bound.and_then(|b| i32::try_from(b).ok()).map(f64::from);
            let least = number(least).unwrap_or(-LARGEST);
            Form::Float(least, number(most).unwrap_or(LARGEST).max(least))
        }
        FieldType::Currency => Form::Currency,
        FieldType::Boolean => Form::Boolean,
        FieldType::Timestamp => Form::Time,
        FieldType::Date => Form::Date,
        FieldType::Enum => {
            let mut words: Vec<String> = Vec::new();
            for word in column.values.iter().map(|v| clean(v)).filter(|w| !w.is_empty()) {
                if !words.contains(&word) {
                    words.push(word);
                }
            }
            if words.is_empty() { Form::Text(known::text("kind")) } else { Form::Words(words) }
        }
        FieldType::Json if known::words_of_list(&name).is_some() => {
            let word = known::words_of_list(&name).unwrap_or(Text::LINE);
            Form::List(Box::new(Form::Text(word)), DOCUMENT)
        }
        FieldType::Json if known::is_list(&name) => Form::Documents(DOCUMENT),
        FieldType::Json => Form::Document,
        // Keys of an object store are called addresses in blueprints.
        FieldType::Url if name.ends_with("_key") => Form::Text(Text {
            least: 1,
            most: 400,
            pattern: "^[A-Za-z0-9._/-]+$",
            example: "uploads/018f3c1e/original",
        }),
        FieldType::Url => Form::Url,
        FieldType::Email => Form::Email,
        FieldType::Point => Form::Point,
        FieldType::Bytes => Form::Bytes,
    }
}

/// Text no longer than its column holds, whatever is usual for its name.
fn no_longer(mut text: Text, column: &Column) -> Text {
    let longest = bounds::longest(column).and_then(|most| u32::try_from(most).ok()).unwrap_or(text.most);
    // What the blueprint says of a length counts.
    text.most = if column.bounds.1.is_some() { longest } else { text.most.min(longest) };
    text.least = text.least.min(text.most);
    text
}

/// What a column is, in a sentence.
fn about(column: &Column) -> String {
    let name = capital(&words(&column.name));
    let text = match (column.role, &column.to, column.kind) {
        (Role::Identifier, ..) => "Identifier, made by the server (UUID version 7).".to_owned(),
        (_, Some(to), _) => format!("Identifier of the {}.", words(to.as_str())),
        (_, _, FieldType::Money) => format!("{name} in minor units of the currency."),
        (_, _, FieldType::Timestamp) => format!("{name} (UTC)."),
        (_, _, FieldType::Decimal) => match bounds::range(column) {
            (Some(least), Some(most)) => format!("{name}: an exact decimal number from {least} to {most}."),
            (Some(least), None) => format!("{name}: an exact decimal number, at least {least}."),
            _ => format!("{name}: an exact decimal number."),
        },
        (_, _, FieldType::Currency) => format!("{name} (ISO 4217)."),
        _ => format!("{name}."),
    };
    clean(&text)
}

/// A field for a column.
pub(crate) fn field(column: &Column, entity: &str, required: bool) -> Field {
    Field {
        name: snake(&column.name),
        form: of_column(column, entity),
        required,
        about: about(column),
        owner: entity.to_owned(),
    }
}

/// Fields with names that are told apart.
pub(crate) fn unique(fields: impl IntoIterator<Item = Field>) -> Vec<Field> {
    let mut taken = Taken::default();
    fields.into_iter().map(|f| Field { name: taken.free(&f.name), ..f }).collect()
}

fn set(schema: &mut Value, key: &str, value: Value) {
    if let Value::Object(object) = schema {
        object.insert(key.to_owned(), value);
    }
}

/// A type as JSON Schema: every string, number and list has its bounds. `at` is where records are.
pub(crate) fn schema(form: &Form, at: &str) -> Value {
    match form {
        Form::Uuid(_) => json!({"type": "string", "format": "uuid", "maxLength": 36}),
        Form::Text(text) => {
            let mut schema = json!({"type": "string", "maxLength": text.most, "pattern": text.pattern});
            if text.least > 0 {
                set(&mut schema, "minLength", json!(text.least));
            }
            schema
        }
        Form::Integer(least, most) => whole(*least, *most),
        Form::Money(least, most) => whole(*least, *most),
        Form::Decimal => {
            json!({"type": "string", "maxLength": 40, "pattern": "^-?[0-9]{1,20}([.][0-9]{1,18})?$"})
        }
        Form::Float(least, most) => {
            json!({"type": "number", "format": "double", "minimum": least, "maximum": most})
        }
        Form::Currency => json!({"type": "string", "minLength": 3, "maxLength": 3, "pattern": "^[A-Z]{3}$"}),
        Form::Boolean => json!({"type": "boolean"}),
        Form::Time => json!({"type": "string", "format": "date-time", "maxLength": 40}),
        Form::Date => json!({"type": "string", "format": "date", "maxLength": 10}),
        Form::Words(words) => json!({"type": "string", "enum": words}),
        Form::Document => json!({"type": "object", "maxProperties": DOCUMENT, "additionalProperties": true}),
        Form::Documents(most) => {
            json!({"type": "array", "maxItems": most, "items": {"type": "object", "maxProperties": DOCUMENT, "additionalProperties": true}})
        }
        Form::Url => json!({"type": "string", "format": "uri", "maxLength": 2048}),
        Form::Email => json!({"type": "string", "format": "email", "maxLength": 320}),
        Form::Point => json!({
            "type": "object", "additionalProperties": false, "required": ["latitude", "longitude"],
            "properties": {
                "latitude": {"type": "number", "format": "double", "minimum": -90, "maximum": 90, "description": "Degrees north."},
                "longitude": {"type": "number", "format": "double", "minimum": -180, "maximum": 180, "description": "Degrees east."},
            }
        }),
        Form::Bytes => {
            json!({"type": "string", "contentEncoding": "base64", "maxLength": 65536, "pattern": "^[A-Za-z0-9+/]*={0,2}$"})
        }
        Form::Record(name) => json!({"$ref": format!("{at}{name}")}),
        Form::List(of, most) => json!({"type": "array", "maxItems": most, "items": schema(of, at)}),
    }
}

fn whole(least: i64, most: i64) -> Value {
    let small = least >= i64::from(i32::MIN) && most <= i64::from(i32::MAX);
    json!({"type": "integer", "format": if small { "int32" } else { "int64" }, "minimum": least, "maximum": most})
}

/// A field's type with its description.
pub(crate) fn field_schema(field: &Field, at: &str) -> Value {
    let mut schema = schema(&field.form, at);
    set(&mut schema, "description", json!(field.about));
    schema
}

/// A record as JSON Schema.
pub(crate) fn record_schema(record: &Record, at: &str) -> Value {
    if record.any {
        return json!({"description": record.about});
    }
    let mut schema = json!({"type": "object", "description": record.about, "additionalProperties": false});
    let needed: Vec<&str> = record.fields.iter().filter(|f| f.required).map(|f| f.name.as_str()).collect();
    if !needed.is_empty() {
        set(&mut schema, "required", json!(needed));
    }
    if record.some {
        set(&mut schema, "minProperties", json!(1));
    }
    let properties: Map<String, Value> =
        record.fields.iter().map(|f| (f.name.clone(), field_schema(f, at))).collect();
    set(&mut schema, "properties", Value::Object(properties));
    schema
}

/// Records as an object of JSON Schemas.
pub(crate) fn record_schemas<'a>(
    records: &IndexMap<String, Record>,
    used: impl IntoIterator<Item = &'a str>,
    at: &str,
) -> Map<String, Value> {
    let mut open: Vec<String> = used.into_iter().map(str::to_owned).collect();
    let mut found = std::collections::BTreeMap::new();
    while let Some(name) = open.pop() {
        if let (false, Some(record)) = (found.contains_key(&name), records.get(&name)) {
            open.extend(record.fields.iter().filter_map(|f| inner(&f.form)).map(str::to_owned));
            found.insert(name, record_schema(record, at));
        }
    }
    found.into_iter().collect()
}

/// The record inside a type.
pub(crate) fn inner(form: &Form) -> Option<&str> {
    match form {
        Form::Record(name) => Some(name),
        Form::List(of, _) => inner(of),
        _ => None,
    }
}
