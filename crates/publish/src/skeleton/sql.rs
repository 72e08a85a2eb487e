//! The statements of the operation that works end to end, in PostgreSQL's dialect.
//!
//! One parameter carries everything, as a JSON document: `body` as it was sent, `path` with the parameters of the
//! path, `caller`, `person`, `proof` and `tenant` as who calls has them, `read` what was read before. The database turns it into its own types.

use serde_json::Value;

use super::table::{Column, Table};

/// Where the value of a column comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Body(String),
    /// From the body, or else this literal.
    BodyOr(String, String),
    Path(String),
    /// What the rest of the request says, as text in SQL.
    Of(String),
    Tenant,
    /// The key that the caller sent with the request; without one, one that nothing else has.
    Key,
    /// A literal in SQL.
    Fixed(String),
}

/// `INSERT ... RETURNING` of one row, as a JSON document with the names of the contract.
pub(crate) fn insert(table: &Table, values: &[(&Column, Source)], answer: &[(String, &Column)]) -> String {
    let columns: Vec<String> = values.iter().map(|(c, _)| name(&c.name)).collect();
    let selected: Vec<String> = values.iter().map(|(c, s)| value(c, s)).collect();
    let returned: Vec<String> =
        answer.iter().map(|(property, c)| format!("{}, {}", literal(property), shown(c))).collect();
    format!(
        "WITH given AS (SELECT $1::jsonb AS it)\nINSERT INTO {} (\n    {}\n)\nSELECT\n    {}\nFROM given\nRETURNING jsonb_build_object(\n    {}\n) AS row\n",
        table.written,
        columns.join(",\n    "),
        selected.join(",\n    "),
        returned.join(",\n    "),
    )
}

/// One statement of all that a row leaves behind; `None` where it leaves nothing.
pub(crate) fn left_behind(inserts: impl Iterator<Item = String>) -> Option<String> {
    let mut all: Vec<String> = inserts.collect();
    let last = all.pop()?;
    let mut text = "WITH given AS (SELECT $1::jsonb AS it)".to_owned();
    for (n, insert) in all.iter().enumerate() {
        text.push_str(&format!(", left{n} AS (\n{insert}\n)"));
    }
    Some(format!("{text}\n{last}\n"))
}

/// The statements that make repetition harmless: take the key, look it up when it is taken, keep the answer.
pub(crate) fn idempotency(table: &Table) -> Option<[String; 3]> {
    if !table.has(&["caller", "key", "fingerprint", "status", "response"]) {
        return None;
    }
    let tenant = table.column("tenant_id").is_some();
    let given = "WITH given AS (SELECT $1::jsonb AS it)\n";
    let fingerprint = match table.column("fingerprint").map(|c| c.kind.as_str()) {
        Some("bytea") => "decode(it->>'fingerprint', 'hex')",
        _ => "it->>'fingerprint'",
    };
    let same = match table.column("fingerprint").map(|c| c.kind.as_str()) {
        Some("bytea") => "encode(k.fingerprint, 'hex') = it->>'fingerprint'",
        _ => "k.fingerprint = it->>'fingerprint'",
    };
    let (column, value, and) = if tenant {
        (", tenant_id", ", (it->>'tenant')::uuid", " AND k.tenant_id = (it->>'tenant')::uuid")
    } else {
        ("", "", "")
    };
    let of = format!("k.caller = it->>'caller' AND k.key = it->>'key'{and}");
    Some([
        format!(
            "{given}INSERT INTO {} (caller, key, fingerprint{column})\nSELECT it->>'caller', it->>'key', {fingerprint}{value}\nFROM given\nON CONFLICT DO NOTHING\n",
            table.written
        ),
        format!(
            "{given}SELECT jsonb_build_object('same', {same}, 'status', k.status, 'response', k.response) AS row\nFROM {} AS k, given\nWHERE {of}\n",
            table.written
        ),
        format!(
            "{given}UPDATE {} AS k\nSET status = (it->>'status')::int, response = it->'response'\nFROM given\nWHERE {of}\n",
            table.written
        ),
    ])
}

/// A name that is quoted: any name is safe then.
pub(crate) fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The value of a column, in its own type.
fn value(column: &Column, source: &Source) -> String {
    let from = match source {
        Source::Fixed(text) => return text.clone(),
        Source::BodyOr(property, other) => {
            return format!("coalesce({}, {other})", value(column, &Source::Body(property.clone())));
        }
        Source::Body(property) if column.kind == "jsonb" || column.kind == "json" => {
            return format!("it->'body'->{}", literal(property));
        }
        Source::Body(property) if column.kind == "point" => {
            let part = |p: &str| format!("(it->'body'->{}->>'{p}')::float8", literal(property));
            return format!("point({}, {})", part("longitude"), part("latitude"));
        }
        Source::Body(property) if column.kind == "bytea" => {
            return format!("decode(it->'body'->>{}, 'base64')", literal(property));
        }
        Source::Body(property) => format!("it->'body'->>{}", literal(property)),
        Source::Path(parameter) => format!("it->'path'->>{}", literal(parameter)),
        Source::Of(text) => text.clone(),
        Source::Tenant => "it->>'tenant'".to_owned(),
        Source::Key => "coalesce(nullif(it->>'key', ''), gen_random_uuid()::text)".to_owned(),
    };
    if column.kind == "text" { from } else { format!("({from})::{}", column.kind) }
}

/// A column as the contract shows it.
fn shown(column: &Column) -> String {
    let own = name(&column.name);
    match column.kind.as_str() {
        "numeric" | "decimal" => format!("{own}::text"),
        "point" => format!(
            "CASE WHEN {own} IS NULL THEN NULL ELSE jsonb_build_object('latitude', ({own})[1], 'longitude', ({own})[0]) END"
        ),
        "bytea" => format!("encode({own}, 'base64')"),
        _ => own,
    }
}

/// What a column holds when nobody says: the first word it allows, else nothing of its type. `None` where that would
/// be a lie: a reference, a text, a place or a moment to come that nobody named.
pub(crate) fn usual(column: &Column) -> Option<String> {
    if let Some(word) = column.words.first() {
        return Some(literal(word));
    }
    let text = match column.kind.as_str() {
        "bigint" | "integer" | "int" | "smallint" | "numeric" | "double precision" => "0",
        "boolean" => "false",
        "jsonb" | "json" => "'{}'",
        "timestamptz" | "timestamp" if is_past(&column.name) => "now()",
        "date" if is_past(&column.name) => "current_date",
        _ => return None,
    };
    Some(text.to_owned())
}

/// Whether a moment is the present one when a row is made: `requested_at`, and not `expires_at`.
fn is_past(name: &str) -> bool {
    const TO_COME: &[&str] =
        &["expires", "ends", "due", "run", "valid", "until", "starts", "next", "scheduled", "renews"];
    !name.split('_').any(|word| TO_COME.contains(&word))
}

/// Resolves `#/...` of a contract, a few steps at most.
pub(crate) fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let mut value = value;
    for _ in 0..8 {
        let Some(target) = value.get("$ref").and_then(Value::as_str) else { break };
        let Some(found) = document.pointer(target.trim_start_matches('#')) else { break };
        value = found;
    }
    value
}
