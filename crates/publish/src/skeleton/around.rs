//! What the written operation does beside its own row: the rows it reads before it may, and what else it writes.
//!
//! All of it follows the accesses of the blueprint. What no rule here can fill is named, and left to people.

use loadcase_model::{Access, AccessKind, Blueprint, FieldType, Id, Operation, Part};
use serde_json::{Map, Value};

use super::Sources;
use super::sql::{literal, name, usual};
use super::table::{Column, Table, table};
use super::who::alive;
use crate::api::{is_account, is_permission};

/// What an operation does around the row it makes.
#[derive(Default)]
pub(crate) struct Around {
    /// Reads what has to be there; answers `refused` (0, 403 or 404) and what the rows refer to.
    pub(crate) may: Option<String>,
    /// Everything written beside the row, after it.
    pub(crate) also: Vec<String>,
    /// What is left to people, in words.
    pub(crate) left: Vec<String>,
    /// Tables that a test has to fill, each with the values its row is looked up by.
    pub(crate) rows: Vec<(Id, Vec<(String, String)>)>,
}

/// What the statements of an operation may use.
pub(crate) struct Context<'a> {
    pub(crate) blueprint: &'a Blueprint,
    pub(crate) sources: &'a Sources<'a>,
    pub(crate) id: &'a Id,
    pub(crate) operation: &'a Operation,
    /// The entity whose row is made, and its table.
    pub(crate) made: &'a Id,
    pub(crate) table: &'a Table,
    pub(crate) body: &'a Map<String, Value>,
    pub(crate) parameters: &'a [String],
}

/// A row that was read before, by the name it has in the statement.
struct Read<'a> {
    entity: &'a Id,
    alias: String,
    table: Table,
}

impl<'a> Context<'a> {
    fn table_of(&self, entity: &Id) -> Option<Table> {
        let named = crate::data::identifier(entity.as_str());
        self.sources.schemas.iter().find_map(|(_, schema)| table(schema, &named))
    }

    fn to(&self, entity: &Id, field: &str) -> Option<&'a Id> {
        let fields = &self.blueprint.entities.get(entity)?.fields;
        fields.iter().find(|f| f.name == *field && f.kind == FieldType::Ref)?.to.as_ref()
    }

    fn is_person(&self, entity: &Id, field: &str) -> bool {
        self.to(entity, field).is_some_and(|to| is_account(self.blueprint, to))
    }

    /// From where the value of a key comes, as text; `None` when nothing says it.
    fn key(&self, access: &Access, key: &str, reads: &[Read<'a>], after: bool) -> Option<String> {
        let asks = is_permission(self.blueprint, access);
        let own = format!("{}_id", crate::data::identifier(access.entity.as_str()));
        let wanted = if key == "id" { own.as_str() } else { key };
        let read = |r: &Read<'a>| {
            if r.table.column(wanted).is_some() {
                Some(wanted.to_owned())
            } else {
                let target = self.to(&access.entity, key)?;
                (target == r.entity && r.table.column("id").is_some()).then(|| "id".to_owned())
            }
        };
        if key == "tenant_id" {
            Some("it->>'tenant'".to_owned())
        } else if asks && self.is_person(&access.entity, key) {
            Some("it->>'person'".to_owned())
        } else if self.parameters.iter().any(|p| p == wanted) {
            Some(format!("it->'path'->>{}", literal(wanted)))
        } else if self.body.contains_key(wanted) {
            Some(format!("it->'body'->>{}", literal(wanted)))
        } else if after && self.table.column(wanted).is_some() {
            Some(format!("it->'row'->>{}", literal(wanted)))
        } else if let Some((r, column)) = reads.iter().find_map(|r| Some((r, read(r)?))) {
            Some(if after {
                format!("it->'read'->{}->>{}", literal(r.entity.as_str()), literal(&column))
            } else {
                format!("(SELECT {}::text FROM {})", name(&column), r.alias)
            })
        } else if self.is_person(&access.entity, key) {
            Some("it->>'person'".to_owned())
        } else {
            None
        }
    }

    fn condition(
        &self,
        access: &Access,
        table: &Table,
        reads: &[Read<'a>],
        after: bool,
    ) -> Option<Vec<(String, String)>> {
        let of = |key: &Id| {
            let column = table.column(key.as_str())?;
            let from = self.key(access, key.as_str(), reads, after)?;
            Some((column.name.clone(), cast(column, &from)))
        };
        (!access.by.is_empty()).then(|| access.by.iter().map(of).collect::<Option<Vec<_>>>()).flatten()
    }
}

fn cast(column: &Column, from: &str) -> String {
    if column.kind == "text" { from.to_owned() } else { format!("({from})::{}", column.kind) }
}

fn matched(conditions: &[(String, String)]) -> String {
    let each = conditions.iter().map(|(column, from)| format!("t.{} = {from}", name(column)));
    each.collect::<Vec<_>>().join(" AND ")
}

/// What an operation does around its row.
pub(crate) fn around(it: &Context<'_>) -> Around {
    let mut out = Around::default();
    let reads = may(it, &mut out);
    let made =
        it.operation.accesses.iter().position(|a| a.kind == AccessKind::Insert && a.entity == *it.made);
    for (n, access) in it.operation.accesses.iter().enumerate() {
        let written = match access.kind {
            _ if Some(n) == made => continue,
            AccessKind::Insert if is_apart(it, &access.entity) => continue,
            AccessKind::Insert => insert(it, access, &reads),
            AccessKind::Update => update(it, access, &reads, &mut out),
            AccessKind::Delete => None,
            _ => continue,
        };
        match written {
            Some(statement) => out.also.push(statement),
            None => out.left.push(said(access)),
        }
    }
    out
}

/// Rows that the skeleton writes in a way of its own: answers that are kept, jobs.
fn is_apart(it: &Context<'_>, entity: &Id) -> bool {
    let plays = it.blueprint.entities.get(entity).and_then(|e| e.plays);
    matches!(plays, Some(Part::IdempotencyKey | Part::Outbox | Part::Job))
}

fn said(access: &Access) -> String {
    let kind = match access.kind {
        AccessKind::Insert => "insert",
        AccessKind::Update => "update",
        AccessKind::Delete => "delete",
        _ => "read",
    };
    let by: Vec<&str> = access.by.iter().map(Id::as_str).collect();
    let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) };
    crate::text::clean(&format!("{kind} {}{by}", access.entity))
}

/// The rows that have to be there: what permits it, and what it is about.
fn may<'a>(it: &Context<'a>, out: &mut Around) -> Vec<Read<'a>> {
    let mut reads: Vec<Read<'a>> = Vec::new();
    let (mut parts, mut refusals) = (Vec::new(), Vec::new());
    let before = it.operation.accesses.iter().take_while(|a| !a.after_call);
    for access in before.filter(|a| a.kind == AccessKind::ReadOne) {
        let found = it.table_of(&access.entity);
        let conditions = found.as_ref().and_then(|t| it.condition(access, t, &reads, false));
        let (Some(found), Some(conditions)) = (found, conditions) else {
            out.left.push(said(access));
            continue;
        };
        let asks = is_permission(it.blueprint, access);
        let alias = format!("r{}", parts.len());
        let shown: Vec<String> = found
            .columns
            .iter()
            .filter(|c| {
                let named = c.name.as_str();
                c.kind == "uuid"
                    || access.by.iter().any(|b| *b == *named)
                    || access.needs.contains_key(named)
                    || decides(c)
            })
            .map(|c| format!("t.{}", name(&c.name)))
            .collect();
        let living = if asks {
            alive("t", &found)
        } else {
            found.column("deleted_at").map_or_else(String::new, |_| " AND t.deleted_at IS NULL".to_owned())
        };
        parts.push(format!(
            "{alias} AS (\n    SELECT {} FROM {} AS t, given\n    WHERE {}{living} LIMIT 1\n)",
            shown.join(", "),
            found.written,
            matched(&conditions),
        ));
        let missing = format!("NOT EXISTS (SELECT FROM {alias})");
        let others = [by_key(it, access, &conditions), open_to(it, access, &reads)];
        let others: Vec<String> =
            others.into_iter().flatten().filter(|_| asks).map(|o| format!(" AND NOT ({o})")).collect();
        // What is not the caller's is not there; where nothing was named, the caller may not do it.
        let status = if asks && it.parameters.is_empty() { 403 } else { 404 };
        refusals.push(format!("WHEN {missing}{} THEN {status}", others.concat()));
        refusals.extend(refused_by(access, &found, &alias, asks));
        out.rows.push((access.entity.clone(), conditions));
        reads.push(Read {
            entity: it.blueprint.entities.get_key_value(&access.entity).expect("found").0,
            alias,
            table: found,
        });
    }
    if parts.is_empty() {
        return reads;
    }
    let known: Vec<String> = reads
        .iter()
        .map(|r| format!("{}, (SELECT to_jsonb({a}) FROM {a})", literal(r.entity.as_str()), a = r.alias))
        .collect();
    out.may = Some(format!(
        "WITH given AS (SELECT $1::jsonb AS it), {}\nSELECT jsonb_build_object(\n    'refused', CASE {} ELSE 0 END,\n    'read', jsonb_build_object({})\n) AS row\nFROM given\n",
        parts.join(", "),
        refusals.join(" "),
        known.join(", "),
    ));
    reads
}

/// How a row says to whom it is open besides those named in rows of their own.
const SHOWN_TO: &[&str] = &["visibility", "audience"];
/// The words for everybody of a tenant, and for more.
const EVERYBODY: &[&str] =
    &["tenant", "everyone", "everybody", "company", "organisation", "organization", "workspace", "public"];
/// Roles of those who are in a tenant for single things only.
const OUTSIDERS: &[&str] = &["guest", "external", "visitor"];
/// Roles of those who only read.
const READERS: &[&str] = &["viewer", "reader", "observer"];

/// Whether a column of a row that is read decides who may change something below it.
fn decides(column: &Column) -> bool {
    SHOWN_TO.contains(&column.name.as_str())
        || column.name == "archived_at"
        || column.name == "role" && !column.words.is_empty()
}

/// The words of a column that are among others, as a list of SQL.
fn among(column: &Column, words: &[&str]) -> Option<String> {
    let found: Vec<String> =
        column.words.iter().filter(|w| words.contains(&w.as_str())).map(|w| literal(w)).collect();
    (!found.is_empty()).then(|| found.join(", "))
}

/// Where the row above says that it is open to the whole tenant, nobody needs a row of his own; somebody who is in
/// the tenant as a guest does.
fn open_to(it: &Context<'_>, access: &Access, reads: &[Read<'_>]) -> Option<String> {
    let above = |r: &&Read<'_>| access.by.iter().any(|k| it.to(&access.entity, k.as_str()) == Some(r.entity));
    let (row, column, words) = reads.iter().filter(above).find_map(|r| {
        let column = SHOWN_TO.iter().find_map(|n| r.table.column(n))?;
        Some((r, column, among(column, EVERYBODY)?))
    })?;
    let mut all =
        vec![format!("EXISTS (SELECT FROM {} WHERE {} IN ({words}))", row.alias, name(&column.name))];
    all.extend(reads.iter().filter_map(|r| {
        let outsiders = among(r.table.column("role")?, OUTSIDERS)?;
        Some(format!("EXISTS (SELECT FROM {} WHERE \"role\" NOT IN ({outsiders}))", r.alias))
    }));
    Some(all.join(" AND "))
}

/// What a row that is there forbids: it is in the archive, or whoever it admits only reads.
fn refused_by(access: &Access, table: &Table, alias: &str, asks: bool) -> Vec<String> {
    let needed = access.needs.iter().filter_map(|(field, wanted)| {
        let column = table.column(field.as_str())?;
        let among: Vec<String> = wanted.iter().map(|w| literal(w)).collect();
        Some(format!("{} NOT IN ({})", name(&column.name), among.join(", ")))
    });
    let archived = table.column("archived_at").map(|_| "archived_at IS NOT NULL".to_owned());
    let reads =
        table.column("role").filter(|_| asks && access.needs.is_empty()).and_then(|c| among(c, READERS));
    let reads = reads.map(|words| format!("\"role\" IN ({words})"));
    [archived, reads]
        .into_iter()
        .flatten()
        .chain(needed)
        .map(|c| format!("WHEN EXISTS (SELECT FROM {alias} WHERE {c}) THEN 403"))
        .collect()
}

/// A key is no person and has no row of its own here: it may where it belongs to what the row would be about.
fn by_key(it: &Context<'_>, access: &Access, conditions: &[(String, String)]) -> Option<String> {
    let is_person = |c: &String| it.is_person(&access.entity, c);
    conditions.iter().find(|(c, _)| is_person(c))?;
    let about = conditions.iter().filter(|(c, _)| c != "tenant_id" && !is_person(c));
    let bound = about.map(|(c, from)| format!("it->'bound'->>{} = ({from})::text", literal(c)));
    let mut all = vec!["it->>'person' IS NULL AND it->>'proof' = 'key'".to_owned()];
    all.extend(bound);
    all.extend(access.needs.iter().map(|(field, wanted)| {
        let own = format!("it->'bound'->>{}", literal(field.as_str()));
        let among: Vec<String> = wanted.iter().map(|w| literal(w)).collect();
        format!("({own} IS NULL OR {own} IN ({}))", among.join(", "))
    }));
    Some(format!("coalesce({}, false)", all.join(" AND ")))
}

/// A row beside the one that is made: who did what to it, what it changed.
fn insert(it: &Context<'_>, access: &Access, reads: &[Read<'_>]) -> Option<String> {
    if access.rows > 1.0 {
        return None;
    }
    let table = it.table_of(&access.entity)?;
    let mut values = Vec::new();
    for column in &table.columns {
        match beside(it, access, &table, column, reads) {
            Some(value) => values.push((name(&column.name), value)),
            None if column.required && !column.has_default => return None,
            None => {}
        }
    }
    let (names, values): (Vec<_>, Vec<_>) = values.into_iter().unzip();
    Some(format!(
        "INSERT INTO {} ({})\nSELECT {}\nFROM given",
        table.written,
        names.join(", "),
        values.join(", ")
    ))
}

/// Where the value of a column comes from, in a row beside the one that is made.
fn beside(
    it: &Context<'_>,
    access: &Access,
    table: &Table,
    column: &Column,
    reads: &[Read<'_>],
) -> Option<String> {
    let named = column.name.as_str();
    let target = it.to(&access.entity, named);
    let own = format!("{}_id", crate::data::identifier(it.made.as_str()));
    let is_log = it.blueprint.entities.get(&access.entity).is_some_and(|e| e.plays == Some(Part::AuditLog));
    let value = match named {
        "tenant_id" => "it->>'tenant'".to_owned(),
        "id" | "created_at" | "updated_at" => return None,
        _ if target == Some(it.made) || named == own => "it->'row'->>'id'".to_owned(),
        _ if let Some(doer) = doer(it, &access.entity, column) => doer,
        "action" if column.words.is_empty() => literal(it.id.as_str()),
        "subject" if column.words.is_empty() => {
            format!("{} || (it->'row'->>'id')", literal(&format!("{}:", it.made)))
        }
        "address" if is_log => "left(it->>'address', 45)".to_owned(),
        "detail" if column.kind == "jsonb" => return Some("'{}'".to_owned()),
        "changes" if column.kind == "jsonb" => return Some("it->'body'".to_owned()),
        _ if it.parameters.iter().any(|p| p == named) => format!("it->'path'->>{}", literal(named)),
        _ if !column.has_default && target.is_some() && it.table.column(named).is_some() => {
            format!("it->'row'->>{}", literal(named))
        }
        _ if target.is_some() => {
            let read = reads.iter().find(|r| r.table.column(named).is_some())?;
            format!("it->'read'->{}->>{}", literal(read.entity.as_str()), literal(named))
        }
        _ if column.has_default || !column.required => return None,
        _ if table.is_unique(named) => return None,
        _ => return usual(column),
    };
    Some(cast(column, &value))
}

/// Who did it, by kind: a person's column holds persons, a key's column keys, a column of kinds says which it was.
pub(crate) fn doer(it: &Context<'_>, entity: &Id, column: &Column) -> Option<String> {
    const KINDS: [(&str, &[&str]); 3] = [
        ("session", &["person", "user", "member", "people", "account", "customer"]),
        ("key", &["integration", "key", "api-key", "machine", "service", "system"]),
        ("device", &["device", "machine", "system"]),
    ];
    let named = column.name.as_str();
    if named.ends_with("_kind") && !column.words.is_empty() {
        let word = |list: &[&str]| list.iter().find_map(|w| column.words.iter().find(|c| c == w));
        let [person, rest @ ..] = &KINDS;
        let usual = word(person.1)?;
        let of = rest.iter().filter_map(|(kind, list)| {
            Some(format!(
                "WHEN it->>'proof' = {} AND it->>'person' IS NULL THEN {}",
                literal(kind),
                literal(word(list)?)
            ))
        });
        let of: Vec<String> = of.collect();
        return Some(if of.is_empty() {
            literal(usual)
        } else {
            format!("CASE {} ELSE {} END", of.join(" "), literal(usual))
        });
    }
    if column.kind != "uuid" || !is_doing(named) {
        return None;
    }
    match it.to(entity, named) {
        Some(to) if is_account(it.blueprint, to) => Some("it->>'person'".to_owned()),
        Some(to) => {
            let hashes = it.blueprint.entities.get(to)?.fields.iter().any(|f| f.name == "key_hash");
            hashes.then(|| "CASE WHEN it->>'proof' = 'key' THEN it->>'with' END".to_owned())
        }
        None => Some("it->>'caller'".to_owned()),
    }
}

/// Whether a column says who or what did something.
pub(crate) fn is_doing(named: &str) -> bool {
    const DOES: &[&str] =
        &["author_id", "actor_id", "sender_id", "creator_id", "requester_id", "uploader_id"];
    named.ends_with("_by") || named.ends_with("_with") || DOES.contains(&named)
}

/// A row that changes with the one that is made. Its version and time change; what else does is said where no rule
/// tells it.
fn update(it: &Context<'_>, access: &Access, reads: &[Read<'_>], out: &mut Around) -> Option<String> {
    let table = it.table_of(&access.entity)?;
    let conditions = it.condition(access, &table, reads, true)?;
    let mut set = Vec::new();
    for column in &table.columns {
        let own = name(&column.name);
        let is_key = conditions.iter().any(|(c, _)| *c == column.name) || table.is_unique(&column.name);
        match column.name.as_str() {
            _ if is_key => {}
            "version" => set.push(format!("{own} = t.{own} + 1")),
            "updated_at" => set.push(format!("{own} = now()")),
            n if it.body.contains_key(n) && column.kind != "jsonb" => {
                set.push(format!(
                    "{own} = coalesce({}, t.{own})",
                    cast(column, &format!("it->'body'->>{}", literal(n)))
                ));
            }
            _ => {}
        }
    }
    if set.is_empty() {
        return None;
    }
    out.left.push(format!("{}: which of its columns change beside version and time", said(access)));
    out.rows.push((access.entity.clone(), conditions.clone()));
    Some(format!(
        "UPDATE {} AS t SET {}\nFROM given\nWHERE {}",
        table.written,
        set.join(", "),
        matched(&conditions)
    ))
}

/// The row of a job, with what its contract says that the message holds; `None` when nothing tells a needed field.
pub(crate) fn job(
    it: &Context<'_>,
    jobs: &Table,
    kind: &Id,
    schema: Option<&Value>,
    reads: &[(Id, Vec<String>)],
) -> Option<String> {
    let own = format!("{}_id", crate::data::identifier(it.made.as_str()));
    let mut fields = Vec::new();
    let usual = serde_json::json!({"properties": {&own: {}, "requested_at": {}}, "required": [&own]});
    let schema = schema.unwrap_or(&usual);
    let needed: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (field, form) in schema["properties"].as_object()? {
        let words: Vec<&str> =
            form["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let of_row = it.table.column(field).is_some();
        let read = reads.iter().find(|(_, columns)| columns.contains(field));
        let value = match field.as_str() {
            "tenant_id" => "it->>'tenant'".to_owned(),
            "requested_at" => "now()".to_owned(),
            f if f == own => "it->'row'->>'id'".to_owned(),
            f if !words.is_empty() => match word_for(it, &words) {
                Some(word) => literal(word),
                None if of_row => format!("it->'row'->>{}", literal(f)),
                None if needed.contains(&f) => return None,
                None => continue,
            },
            f if is_doing(f) => "it->>'person'".to_owned(),
            f if it.parameters.iter().any(|p| p == f) => format!("it->'path'->>{}", literal(f)),
            f if of_row => format!("it->'row'->>{}", literal(f)),
            f if let Some((entity, _)) = read => {
                format!("it->'read'->{}->>{}", literal(entity.as_str()), literal(f))
            }
            f if persons(it, f) => "it->>'person'".to_owned(),
            f if needed.contains(&f) => return None,
            _ => continue,
        };
        fields.push(format!("{}, {value}", literal(field)));
    }
    let (column, value) = match jobs.column("tenant_id") {
        Some(_) => (", tenant_id", ", (it->>'tenant')::uuid"),
        None => ("", ""),
    };
    Some(format!(
        "INSERT INTO {} (kind, payload, run_at, attempts{column})\nSELECT {}, jsonb_strip_nulls(jsonb_build_object({})), now(), 0{value}\nFROM given",
        jobs.written,
        literal(kind.as_str()),
        fields.join(", "),
    ))
}

/// Whether a field of a message names the account of whoever called.
fn persons(it: &Context<'_>, field: &str) -> bool {
    let accounts = it.blueprint.entities.keys().filter(|id| is_account(it.blueprint, id));
    accounts.into_iter().any(|id| field == format!("{}_id", crate::data::identifier(id.as_str())))
}

/// The word of a message that tells of this operation: `commented` of commenting.
fn word_for<'w>(it: &Context<'_>, words: &[&'w str]) -> Option<&'w str> {
    let parts: Vec<&str> = it.id.as_str().split('-').collect();
    let stem = |word: &str| word.trim_end_matches("ed").trim_end_matches('e').to_owned();
    words
        .iter()
        .find(|w| parts.iter().any(|p| stem(w).len() > 2 && p.trim_end_matches('e') == stem(w)))
        .copied()
}

/// What was read before, as jobs may use it.
pub(crate) fn known(it: &Context<'_>, rows: &[(Id, Vec<(String, String)>)]) -> Vec<(Id, Vec<String>)> {
    let columns = |id: &Id| {
        let table = it.table_of(id);
        let uuids = table.into_iter().flat_map(|t| t.columns).filter(|c| c.kind == "uuid").map(|c| c.name);
        uuids.collect::<Vec<_>>()
    };
    rows.iter().map(|(id, _)| (id.clone(), columns(id))).collect()
}

/// The row of a table that a test finds: what it is looked up by, and something plain in everything else that must
/// be there.
pub(crate) fn arranged(
    table: &Table,
    given: &[(String, String)],
    words: &[String],
    keys: &[&str],
) -> Option<String> {
    let mut columns: Vec<(String, String)> = Vec::new();
    for column in &table.columns {
        let named = column.name.as_str();
        let value = if let Some((_, value)) = given.iter().find(|(c, _)| c == named) {
            value.clone()
        } else if column.kind == "uuid"
            && (column.required || named == "id" || named.ends_with("_in_use") || keys.contains(&named))
        {
            format!("'{EXAMPLE}'")
        } else if named.starts_with("proved") {
            "now()".to_owned()
        } else if named == "prefix" {
            "'test'".to_owned()
        } else if named.ends_with("_hash") && !named.starts_with("password") {
            let hash = format!("sha256('{TOKEN}')");
            if column.kind == "bytea" { hash } else { format!("encode({hash}, 'hex')") }
        } else if let Some(word) = words.iter().find(|w| column.words.contains(w)) {
            literal(word)
        } else if words.iter().any(|w| format!("{w}_since") == named) {
            "now()".to_owned()
        } else if !column.required || column.has_default {
            continue;
        } else if column.words.iter().any(|w| w == "active") {
            "'active'".to_owned()
        } else {
            plain(column)?
        };
        columns.push((name(named), value));
    }
    let (names, values): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    Some(format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING;\n",
        table.written,
        names.join(", "),
        values.join(", ")
    ))
}

/// The identifier of everything in tests.
pub(crate) const EXAMPLE: &str = "018f3c1e-7b4a-7c3d-9e2f-4b6a1c2d3e4f";
/// What a caller shows in tests: a session's cookie or a key.
pub(crate) const TOKEN: &str = "test.0123456789abcdef0123456789abcdef";

fn plain(column: &Column) -> Option<String> {
    match column.kind.as_str() {
        "text" | "varchar" if column.words.is_empty() => Some("'test'".to_owned()),
        "timestamptz" => Some("now() + interval '1 day'".to_owned()),
        "date" => Some("current_date".to_owned()),
        "bytea" => Some("'\\x00'".to_owned()),
        "point" => Some("point(0, 0)".to_owned()),
        "bigint" | "integer" | "int" | "smallint" | "numeric" | "double" => Some("1".to_owned()),
        _ => usual(column),
    }
}
