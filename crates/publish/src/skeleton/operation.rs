//! The operation that the skeleton answers end to end: the write that matters most, read from the contract and
//! stored in the table of the schema.

use std::collections::BTreeSet;

use loadcase_catalog::Catalog;
use loadcase_model::{AccessKind, ComponentKind, Entity, Id, Operation, StepMode, yaml};
use serde_json::{Map, Value, json};

use super::around::{Around, Context, EXAMPLE, TOKEN, around, arranged, doer, is_doing, job, known};
use super::routes::{Module, Needs, class, ident, list, plain, prefix};
use super::sql::{Source, idempotency, insert, literal, resolve, usual};
use super::table::{Table, table, tenant_setting};
use super::who::Who;
use super::{Sources, quoted, remark};
use crate::api::is_account;
use crate::api::naming::camel;
use crate::deploy::Plan;
use crate::text::clean;

/// The operation, with everything templates need.
pub(crate) struct MainOperation {
    pub(crate) method: String,
    /// The whole path, parameters in braces.
    pub(crate) path: String,
    pub(crate) title: String,
    value: Value,
}

impl MainOperation {
    pub(crate) fn value(&self) -> Value {
        self.value.clone()
    }
}

/// An operation of the contract that makes a row.
struct Candidate<'a> {
    id: &'a Id,
    path: &'a str,
    item: &'a Value,
    entity: &'a Id,
    schema: &'a str,
}

/// The critical write that comes first, else the first write, and only then one that asks others' systems before it
/// answers; `None` when nothing is made over HTTP in a store that speaks PostgreSQL's language.
pub(crate) fn main(
    plan: &Plan<'_>,
    contract: Option<&Value>,
    sources: &Sources<'_>,
    modules: &[Module],
    who: &Who,
) -> Option<MainOperation> {
    let contract = contract?;
    let said: Option<Value> = sources.said.and_then(|text| yaml::read(text).ok());
    let view = &plan.view;
    let first: BTreeSet<&Id> = view.main_operations(8).into_iter().map(|(id, _)| id).collect();
    let components = &view.blueprint().components;
    let asks_others = |o: &Operation| {
        let theirs = |id: &Id| components.get(id).is_some_and(|c| c.kind == ComponentKind::External);
        o.steps.iter().any(|s| s.mode == StepMode::Sync && theirs(&s.component))
    };
    let mut found: Vec<((bool, bool, bool), Candidate<'_>)> = view
        .blueprint()
        .operations
        .iter()
        .filter_map(|(id, o)| {
            let last = (asks_others(o), !o.critical, !first.contains(id));
            Some((last, candidate(plan, contract, sources, id, o)?))
        })
        .collect();
    found.sort_by_key(|(last, _)| *last);
    // Of those that come equally early, one of which nothing is left to do.
    let mut described: Vec<((bool, bool), bool, MainOperation)> = Vec::new();
    for ((asks, plain, _), candidate) in &found {
        if described.iter().any(|(first, left, _)| !left && *first < (*asks, *plain)) {
            break;
        }
        if let Some((main, left)) = describe(plan, contract, said.as_ref(), sources, candidate, modules, who)
        {
            described.push(((*asks, *plain), left, main));
        }
    }
    described.into_iter().min_by_key(|(first, left, _)| (first.0, first.1, *left)).map(|(.., main)| main)
}

fn candidate<'a>(
    plan: &Plan<'a>,
    contract: &'a Value,
    sources: &Sources<'a>,
    id: &'a Id,
    operation: &'a Operation,
) -> Option<Candidate<'a>> {
    let view = &plan.view;
    // As the contract names it.
    let wanted = camel(id.as_str());
    let named = |item: &Value| {
        let own = item["operationId"].as_str().unwrap_or("");
        own == id.as_str() || own == wanted
    };
    let paths = contract["paths"].as_object()?;
    let (path, item) = paths
        .iter()
        .find_map(|(path, item)| Some((path.as_str(), item.get("post").filter(|i| named(i))?)))?;
    item["responses"].get("201")?;
    // Whoever signs up or signs in is nobody yet: such an operation needs more than a row.
    if Needs::of(contract, item).is_public {
        return None;
    }
    let made = operation.accesses.iter().filter(|a| a.kind == AccessKind::Insert).map(|a| &a.entity);
    let answered = answer_name(item);
    let mut made: Vec<&Id> = made.collect();
    // The row that is answered with, when the contract says which.
    made.sort_by_key(|e| answered.as_ref().is_none_or(|a| *a != class(&e.as_str().replace('-', "_"))));
    let entity = made.into_iter().next()?;
    let store = view.store_of(view.blueprint().entities.get(entity)?)?;
    let technology = view.blueprint().components.get(store)?.technology.as_ref()?;
    let (_, schema) = sources.schemas.iter().find(|(id, _)| *id == store)?;
    speaks(view.catalog, technology).then_some(Candidate { id, path, item, entity, schema })
}

/// The language the statements are written in.
fn speaks(catalog: &Catalog, technology: &Id) -> bool {
    catalog.speaks(technology, "postgresql")
}

/// The schema a successful answer refers to.
fn answer_name(item: &Value) -> Option<String> {
    let schema = &item["responses"]["201"]["content"]["application/json"]["schema"];
    Some(schema["$ref"].as_str()?.rsplit('/').next()?.to_owned())
}

/// Jobs that the operation starts, or what is left to write where nothing says what they hold.
fn start(
    plan: &Plan<'_>,
    said: Option<&Value>,
    context: &Context<'_>,
    it: &Candidate<'_>,
    beside: &mut Around,
) {
    let work = super::table::table(it.schema, "job").filter(|t| t.has(super::JOB));
    let found = known(context, &beside.rows);
    for kind in follows(plan, it.id).into_iter().filter(|_| context.table.column("id").is_some()) {
        let message = message(said, kind);
        let row = work.as_ref().and_then(|jobs| job(context, jobs, kind, message.as_ref(), &found));
        match row {
            Some(row) => beside.also.push(row),
            None => beside.left.push(format!("start {}", clean(kind.as_str()))),
        }
    }
}

/// The rows and the proof that the generated test begins with.
fn add_test(
    value: &mut Value,
    context: &Context<'_>,
    beside: &Around,
    (who, needs, example): (&Who, &Needs, &Value),
) {
    let rows = rows_of_test(context, beside, who, needs, example);
    value["proof"] = json!(who.test_proof(&needs.schemes));
    value["rows_sql"] = json!(rows.clone().unwrap_or_default());
    let moved = value["example_path_text"].as_str().filter(|p| p.contains(EXAMPLE));
    let moved = moved.map(|p| p.replace(EXAMPLE, ELSEWHERE)).unwrap_or_default();
    value["elsewhere_text"] = json!(moved);
    value["token_text"] = json!(quoted(TOKEN));
}

/// The parameters of a path, with names that stand for them where a path has names of its own.
fn path_parameters(path: &str) -> Vec<Value> {
    let parts = path.split('/').enumerate();
    let named = parts.filter_map(|(n, s)| Some((n, s.strip_prefix('{')?.strip_suffix('}')?)));
    named
        .map(|(n, name)| json!({"name_text": quoted(name), "plain_text": quoted(&format!("p{n}"))}))
        .collect()
}

/// The example of a request, or the first of several.
fn example_of(contract: &Value, request: &Value) -> Value {
    let own = request.get("example").cloned();
    own.or_else(|| first_example(contract, request)).unwrap_or_else(|| json!({}))
}

/// The cookie of sessions.
fn cookie_of(contract: &Value) -> Option<&str> {
    let schemes = contract["components"]["securitySchemes"].as_object().into_iter().flatten();
    schemes.filter(|(_, s)| s["in"] == "cookie").find_map(|(_, s)| s["name"].as_str())
}

/// The columns that the answer shows, under its names.
fn shown<'t>(answer: &Value, table: &'t super::table::Table) -> Vec<(String, &'t super::table::Column)> {
    let fields = answer["properties"].as_object().into_iter().flatten();
    fields.filter_map(|(name, _)| Some((name.clone(), table.column(name)?))).collect()
}

fn describe(
    plan: &Plan<'_>,
    contract: &Value,
    said: Option<&Value>,
    sources: &Sources<'_>,
    it: &Candidate<'_>,
    modules: &[Module],
    who: &Who,
) -> Option<(MainOperation, bool)> {
    let table = table(it.schema, &crate::data::identifier(it.entity.as_str()))?;
    let json_of = |holder: &'_ Value| holder["content"]["application/json"].clone();
    let request = json_of(resolve(contract, &it.item["requestBody"]));
    let body = resolve(contract, &request["schema"]).clone();
    let answer = json_of(resolve(contract, &it.item["responses"]["201"]));
    let answer_schema = resolve(contract, &answer["schema"]).clone();
    let parameters: Vec<String> =
        it.path.split('/').filter_map(|s| Some(s.strip_prefix('{')?.strip_suffix('}')?.to_owned())).collect();
    let properties = body["properties"].as_object().cloned().unwrap_or_default();
    let entity = plan.view.blueprint().entities.get(it.entity)?;
    let operation = plan.view.blueprint().operations.get(it.id)?;
    let context = Context {
        blueprint: plan.view.blueprint(),
        sources,
        id: it.id,
        operation,
        made: it.entity,
        table: &table,
        body: &properties,
        parameters: &parameters,
    };
    let mut beside = around(&context);
    let values = sources_of(&context, entity, &body, &beside)?;
    let needed = needed(&values);
    let shown = shown(&answer_schema, &table);
    let keys = super::table::table(it.schema, "idempotency_key");
    let wants_key = it.item["parameters"].as_array().into_iter().flatten().any(|p| {
        resolve(contract, p)["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case("idempotency-key"))
    });
    let keyed = keys.as_ref().filter(|_| wants_key).and_then(idempotency);
    start(plan, said, &context, it, &mut beside);
    let sent = super::sql::left_behind(std::mem::take(&mut beside.also).into_iter());
    let module = module_of(operation, it.item, modules, plan)?;
    let mut taken = BTreeSet::new();
    let name = ident(&mut taken, it.id.as_str());
    let path = format!("{}{}", prefix(contract), it.path);
    let cookie = cookie_of(contract);
    let example = example_of(contract, &request);
    let mut value = json!({
        "id_text": quoted(it.item["operationId"].as_str().unwrap_or(it.id.as_str())),
        "ident": name,
        "camel": camel(&name),
        "class": class(&name),
        "title": remark(&operation.name),
        "title_md": crate::text::markdown::name(&operation.name),
        "module": module,
        "method": "POST",
        "path_text": quoted(&path),
        "colon_path_text": quoted(&path.replace('{', ":").replace('}', "")),
        "location_text": quoted(&path),
        "parameters": path_parameters(&path),
        "plain_path_text": quoted(&plain(&path)),
        "plain_colon_path_text": quoted(&plain(&path).replace('{', ":").replace('}', "")),
        "example_path_text": quoted(&example_path(&path)),
        "needs_key": keyed.is_some(),
        "has_more": sent.is_some(),
        "has_may": beside.may.is_some(),
        "may_sql": beside.may.clone().unwrap_or_default(),
        "left": beside.left.iter().map(|l| remark(l)).collect::<Vec<_>>(),
        "has_id": table.column("id").is_some(),
        "insert_sql": insert(&table, &values, &shown),
        "more_sql": sent.unwrap_or_default(),
        "take_key_sql": keyed.as_ref().map_or("", |k| &k[0]),
        "find_key_sql": keyed.as_ref().map_or("", |k| &k[1]),
        "keep_answer_sql": keyed.as_ref().map_or("", |k| &k[2]),
        "tenant_setting": tenant_setting(it.schema).unwrap_or(""),
        "cookie": cookie.unwrap_or(""),
        "cookie_text": quoted(cookie.unwrap_or("")),
        "fields": fields(contract, &body, &properties, &needed),
        "repeatable": repeatable(&table, &values, &properties, contract),
        "example": serde_json::to_string_pretty(&example).expect("JSON has a text form"),
        "example_raw": raw(&example.to_string()),
        "example_text": serde_json::to_string(&example.to_string()).expect("a text has a JSON form"),
        "table": clean(&table.written),
    });
    let needs = Needs::of(contract, it.item);
    add_needs(&mut value, &needs);
    add_test(&mut value, &context, &beside, (who, &needs, &example));
    let main = MainOperation { method: "POST".to_owned(), path, title: operation.name.clone(), value };
    Some((main, !beside.left.is_empty()))
}

/// The identifier of nothing in tests.
const ELSEWHERE: &str = "018f3c1e-7b4a-7c3d-9e2f-000000000000";

/// The rows without which a test of the operation would find nobody who may call it, and nothing it is about.
fn rows_of_test(
    it: &Context<'_>,
    beside: &Around,
    who: &Who,
    needs: &Needs,
    example: &Value,
) -> Option<String> {
    let found = |id: &Id| {
        let named = crate::data::identifier(id.as_str());
        it.sources.schemas.iter().find_map(|(_, schema)| table(schema, &named))
    };
    let mut out: Vec<String> = Vec::new();
    // What one row is looked up by is what another refers to.
    let keys: Vec<&str> = beside.rows.iter().flat_map(|(_, c)| c).map(|(c, _)| c.as_str()).collect();
    for id in &who.tables {
        out.push(arranged(&found(id)?, &[], &needs.roles, &keys)?);
    }
    for (id, conditions) in &beside.rows {
        // Everything that a path, a row or a caller names is the example in a test; a body says its own.
        let sent = |from: &String| {
            let field = from.split("it->'body'->>'").nth(1).and_then(|rest| rest.split('\'').next());
            let text = field.and_then(|f| example[f].as_str()).unwrap_or(EXAMPLE);
            literal(text)
        };
        let given: Vec<(String, String)> =
            conditions.iter().map(|(c, from)| (c.clone(), sent(from))).collect();
        out.push(arranged(&found(id)?, &given, &needs.roles, &keys)?);
    }
    let mut seen = BTreeSet::new();
    out.retain(|row| seen.insert(row.clone()));
    (!out.is_empty()).then(|| out.concat())
}

/// The message of a job, as its contract describes it.
fn message(document: Option<&Value>, job: &Id) -> Option<Value> {
    let document = document?;
    let operations = document["operations"].as_object()?.values();
    let own = operations.into_iter().find(|o| o["x-operation"] == job.as_str())?;
    let channel = resolve(document, &own["channel"]);
    let message = resolve(document, channel["messages"].as_object()?.values().next()?);
    Some(resolve(document, &message["payload"]).clone())
}

/// The jobs that an operation starts each time, as its domain says, where the blueprint has them.
fn follows<'a>(plan: &Plan<'a>, id: &Id) -> Vec<&'a Id> {
    let view = &plan.view;
    let domains = view.design.brief.domains.iter().filter_map(|d| view.catalog.domains.get(&d.id));
    let follows = domains.filter_map(|d| d.operations.get(id)).flat_map(|o| &o.follows);
    let each = follows.filter(|f| f.count >= 1.0).map(|f| &f.job);
    each.filter(|job| view.blueprint().operations.contains_key(*job)).collect()
}

/// What the table must have and only the body can give.
fn needed<'v>(values: &'v [(&super::table::Column, Source)]) -> BTreeSet<&'v str> {
    let only_sent = values.iter().filter(|(c, s)| c.required && matches!(s, Source::Body(_)));
    only_sent.map(|(c, _)| c.name.as_str()).collect()
}

/// What the contract asks of the caller.
fn add_needs(value: &mut Value, needs: &Needs) {
    value["roles_text"] = json!(list(&needs.roles));
    value["roles"] = needs.roles.iter().map(|r| quoted(r)).collect();
    value["scopes"] = needs.scopes.iter().map(|s| s.iter().map(|w| quoted(w)).collect::<Value>()).collect();
    value["scope_text"] = json!(quoted(&needs.scopes.first().map(|s| s.join(" ")).unwrap_or_default()));
    value["asks"] = json!(!needs.roles.is_empty() || !needs.scopes.is_empty());
}

/// A text as a raw string of Rust.
fn raw(text: &str) -> String {
    let longest =
        text.split('"').skip(1).map(|t| t.bytes().take_while(|b| *b == b'#').count()).max().unwrap_or(0);
    let fence = "#".repeat(longest + 1);
    format!("r{fence}\"{text}\"{fence}")
}

fn first_example(contract: &Value, request: &Value) -> Option<Value> {
    let (_, example) = request["examples"].as_object()?.iter().next()?;
    resolve(contract, example).get("value").cloned()
}

/// The path with an identifier in place of each parameter.
pub(super) fn example_path(path: &str) -> String {
    let segment = |s: &str| {
        if s.starts_with('{') { "018f3c1e-7b4a-7c3d-9e2f-4b6a1c2d3e4f".to_owned() } else { s.to_owned() }
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// The module of an operation, among those that were made.
fn module_of(operation: &Operation, item: &Value, modules: &[Module], plan: &Plan<'_>) -> Option<Value> {
    let tag = item["tags"][0].as_str().unwrap_or("");
    let named = |id: &str| {
        let title = plan.view.blueprint().modules.get(id).map(|m| remark(&m.name));
        modules.iter().find(|m| title.as_deref() == Some(m.title()))
    };
    let module =
        named(tag).or_else(|| named(operation.module.as_ref()?.as_str())).or_else(|| modules.first())?;
    Some(json!(module.ident))
}

/// Where each column of a new row comes from; `None` when a needed one has no source.
fn sources_of<'t>(
    it: &Context<'t>,
    entity: &Entity,
    body: &Value,
    beside: &Around,
) -> Option<Vec<(&'t super::table::Column, Source)>> {
    let (table, properties) = (it.table, it.body);
    let mut out = Vec::new();
    let usual = |column: &super::table::Column| {
        let word = first_word(entity, &column.name).or_else(|| plain_usual(column));
        word.filter(|_| !table.is_unique(&column.name))
    };
    for column in &table.columns {
        let name = &column.name;
        let sent = body["required"].as_array().is_some_and(|r| r.iter().any(|n| n == name.as_str()));
        let source = if properties.contains_key(name) && (sent || !column.required) {
            Source::Body(name.clone())
        } else if properties.contains_key(name) {
            match usual(column) {
                Some(text) => Source::BodyOr(name.clone(), text),
                // Whoever leaves it out is told: see `fields`.
                None => Source::Body(name.clone()),
            }
        } else if name == "tenant_id" {
            Source::Tenant
        } else if it.parameters.contains(name) {
            Source::Path(name.clone())
        } else if column.has_default {
            continue;
        } else if let Some(doer) = doer(it, it.made, column) {
            Source::Of(doer)
        } else if column.kind == "uuid" && (column.required || is_doing(name)) {
            Source::Of(known_by(it, column, beside)?)
        } else if column.kind == "text" && name.ends_with("_key") && table.is_unique(name) {
            Source::Key
        } else if column.required {
            Source::Fixed(usual(column)?)
        } else {
            continue;
        };
        out.push((column, source));
    }
    Some(out)
}

/// What a reference holds that nobody sends: whoever calls, or what a row that was read before refers to.
fn known_by(it: &Context<'_>, column: &super::table::Column, beside: &Around) -> Option<String> {
    let named = column.name.as_str();
    let entity = it.blueprint.entities.get(it.made)?;
    let to = entity.fields.iter().find(|f| f.name == *named).and_then(|f| f.to.as_ref());
    let role = named.strip_suffix("_id").unwrap_or(named).replace('_', "-");
    if to.is_some_and(|to| is_account(it.blueprint, to)) || it.blueprint.actors.contains_key(role.as_str()) {
        return Some("it->>'person'".to_owned());
    }
    for (id, columns) in known(it, &beside.rows) {
        let own = if to == Some(&id) { "id" } else { named };
        if columns.iter().any(|c| c == own) {
            return Some(format!("it->'read'->{}->>{}", literal(id.as_str()), literal(own)));
        }
    }
    (is_doing(named) || to.is_none() && column.required).then(|| "it->>'caller'".to_owned())
}

/// Whether two rows with other texts can stand side by side: each constraint has a column that differs.
fn repeatable(
    table: &Table,
    values: &[(&super::table::Column, Source)],
    properties: &Map<String, Value>,
    contract: &Value,
) -> bool {
    let differs = |name: &String| match values.iter().find(|(c, _)| c.name == *name) {
        None => table.column(name).is_some_and(|c| c.has_default),
        Some((_, Source::Key)) => true,
        Some((_, Source::Body(property) | Source::BodyOr(property, _))) => {
            properties.get(property).is_some_and(|p| is_free(resolve(contract, p)))
        }
        Some(_) => false,
    };
    table.uniques.iter().all(|columns| columns.iter().any(differs))
}

/// What a column holds when nobody says, where that can be written safely.
fn plain_usual(column: &super::table::Column) -> Option<String> {
    if column.words.iter().all(|w| is_plain(w)) { usual(column) } else { None }
}

/// Whether a word means nothing to the languages that statements are quoted in.
fn is_plain(word: &str) -> bool {
    word.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.'))
}

/// The word an enumeration begins with, as the blueprint lists them: what a row is when nobody says.
fn first_word(entity: &Entity, name: &str) -> Option<String> {
    let field = entity.fields.iter().find(|f| f.name == *name)?;
    field.values.first().filter(|w| is_plain(w)).map(|w| literal(w))
}

/// The fields of the body, as the checks of the skeletons want them.
fn fields(
    contract: &Value,
    body: &Value,
    properties: &Map<String, Value>,
    needed: &BTreeSet<&str>,
) -> Vec<Value> {
    let mut required = needed.clone();
    required.extend(body["required"].as_array().into_iter().flatten().filter_map(Value::as_str));
    let mut taken = BTreeSet::new();
    properties
        .iter()
        .map(|(name, schema)| {
            let schema = resolve(contract, schema);
            let kind = kind(schema);
            let words: Vec<String> = schema["enum"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(quoted)
                .collect();
            let number = |key: &str| schema[key].as_number().map(ToString::to_string);
            let ident = ident(&mut taken, name);
            json!({
                "name": clean(name),
                "name_text": quoted(name),
                "ident": ident,
                "class": class(&ident),
                "kind": kind,
                "free": is_free(schema),
                "required": required.contains(name.as_str()),
                "required_text": required.contains(name.as_str()).to_string(),
                "words": words,
                "max_length": number("maxLength"),
                "minimum_float": number("minimum").map(|n| float(&n)),
                "maximum_float": number("maximum").map(|n| float(&n)),
                "minimum": number("minimum"),
                "maximum": number("maximum"),
                "literal": literal(name),
            })
        })
        .collect()
}

/// Whether a text may be anything, such as an identifier made for a test.
fn is_free(schema: &Value) -> bool {
    let open = schema["pattern"].as_str().is_none_or(|p| matches!(p, "^.*$" | "^[\\s\\S]*$"));
    let bare = ["enum", "format", "contentEncoding"].iter().all(|key| schema.get(*key).is_none());
    let roomy = schema["maxLength"].as_u64().is_none_or(|most| most >= 36);
    schema["type"] == "string" && open && bare && roomy
}

/// A number with a point, as languages want it that tell whole numbers and others apart.
fn float(number: &str) -> String {
    if number.contains(['.', 'e', 'E']) { number.to_owned() } else { format!("{number}.0") }
}

/// The kind of a value in the few words that checks know.
fn kind(schema: &Value) -> &'static str {
    let is = |name: &str| match &schema["type"] {
        Value::String(t) => t == name,
        Value::Array(types) => types.iter().any(|t| t == name),
        _ => false,
    };
    match schema["format"].as_str() {
        Some("uuid") => "uuid",
        Some("date-time") => "time",
        Some("date") => "date",
        _ if is("integer") => "integer",
        _ if is("number") => "number",
        _ if is("boolean") => "boolean",
        _ if is("string") => "text",
        _ => "any",
    }
}
