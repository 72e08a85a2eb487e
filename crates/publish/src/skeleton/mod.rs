//! `service/`: a service to start from, in the stack of the design: layout by modules, what every request needs,
//! and one operation from the contract to the table.
//!
//! A stack is a folder here with its templates and `stack.yaml`, and a line in [`STACKS`]. The contract and the
//! schema are read as they are written, so that the service cannot disagree with either.

mod axum;
mod express;
mod fastapi;
mod gin;
mod operation;
mod routes;
mod spring_boot;
mod sql;
mod table;
mod webhook;

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{Id, yaml};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Deliverable;
use crate::deploy::{PORT, Plan};
use crate::template::render_code;
use crate::text::clean;
use operation::MainOperation;
use routes::Module;

/// A stack: what it is called, and its files.
pub(crate) struct Stack {
    /// The framework, as the catalog calls it.
    framework: &'static str,
    /// `stack.yaml`.
    about: &'static str,
    /// Path below `service/` and template. `{module}` in a path stands for each module in turn.
    files: &'static [(&'static str, &'static str)],
}

/// Every stack there is a skeleton for.
const STACKS: &[&Stack] = &[&express::STACK, &fastapi::STACK, &gin::STACK, &spring_boot::STACK, &axum::STACK];

/// What `stack.yaml` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    /// The command that exits with zero while the service is ready.
    health: Vec<String>,
    /// Libraries with the version to start from.
    libraries: BTreeMap<String, Library>,
    /// How to test and start it, as a person would.
    commands: BTreeMap<String, String>,
    /// Folders it writes to while it runs.
    #[serde(default)]
    scratch: Vec<String>,
    /// What its worker measures beyond the age of the oldest work.
    #[serde(default)]
    measures: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Library {
    version: String,
    /// Who says so, and when.
    #[allow(dead_code, reason = "for readers of the file; the type makes sure it is written")]
    source: String,
}

/// A service ready to be written, and what the configuration around it must know.
pub(crate) struct Skeleton {
    pub(crate) files: Vec<Deliverable>,
    pub(crate) health: Vec<String>,
    pub(crate) scratch: Vec<String>,
    pub(crate) commands: BTreeMap<String, String>,
    /// What its worker measures beyond the age of the oldest work.
    pub(crate) measures: Vec<String>,
    /// The operation that works end to end: method, path and name.
    pub(crate) operation: Option<(String, String, String)>,
}

/// What the skeleton is made from, as other deliverables wrote it.
pub(crate) struct Sources<'a> {
    pub(crate) contract: Option<&'a str>,
    /// Schema of each relational store.
    pub(crate) schemas: Vec<(&'a Id, &'a str)>,
}

/// The path of each operation of a contract.
pub(crate) fn paths(contract: &str) -> BTreeMap<Id, String> {
    yaml::read(contract).map(|document: Value| routes::paths(&document)).unwrap_or_default()
}

/// The operations of a contract that anybody may call.
pub(crate) fn open(contract: &str) -> BTreeSet<Id> {
    yaml::read(contract).map(|document: Value| routes::open(&document)).unwrap_or_default()
}

/// The skeleton for the stack of the design; `None` when there is none for it.
pub(crate) fn skeleton(plan: &Plan<'_>, sources: &Sources<'_>) -> Option<Skeleton> {
    let framework = plan.own().find_map(|p| p.component.framework.as_ref())?;
    let stack = STACKS.iter().find(|s| framework == s.framework)?;
    let about: About = yaml::read(stack.about).expect("the stacks of the program are sound");
    let contract: Option<Value> = sources.contract.and_then(|text| yaml::read(text).ok());
    let modules = routes::modules(plan, contract.as_ref(), sources);
    let main = operation::main(plan, contract.as_ref(), sources, &modules);
    let mut values = values(plan, &about, &modules, main.as_ref(), framework);
    store_values(plan, sources, &mut values);
    let mut files = Vec::new();
    for (path, template) in stack.files {
        if path.contains("{main") {
            // `{main}` is the module and the operation as a path, `{main_name}` the operation, `{main_class}` its type.
            if main.is_none() {
                continue;
            }
            let of = |key: &str| values["main"][key].as_str().unwrap_or("main").to_owned();
            let path = path
                .replace("{main}", &format!("{}/{}", of("module"), of("ident")))
                .replace("{main_module}", &of("module"))
                .replace("{main_name}", &of("ident"))
                .replace("{main_class}", &of("class"));
            files.push(file(&path, template, &values));
        } else if path.contains("{module}") {
            for (module, value) in modules.iter().zip(values["modules"].as_array().into_iter().flatten()) {
                let mut values = values.clone();
                values["module"] = value.clone();
                files.push(file(&path.replace("{module}", &module.ident), template, &values));
            }
        } else {
            files.push(file(path, template, &values));
        }
    }
    Some(Skeleton {
        files,
        health: about.health,
        scratch: about.scratch,
        commands: about.commands,
        measures: about.measures,
        operation: main.map(|m| (m.method, m.path, m.title)),
    })
}

/// The columns of a table of jobs.
const JOB: &[&str] = &["id", "kind", "payload", "run_at", "attempts", "last_error", "done_at"];

/// What background work and transactions must know of the store.
fn store_values(plan: &Plan<'_>, sources: &Sources<'_>, values: &mut Value) {
    let found =
        sources.schemas.iter().find_map(|(id, text)| Some((crate::data::rights(&plan.view, id)?, *text)));
    let Some((rights, schema)) = found else { return };
    if let Some(job) = table::table(schema, "job").filter(|t| t.has(JOB)) {
        values["job"] = json!(job.written);
        // A block of text in Java ends nowhere in a name, and takes quotes as they are.
        values["job_in_java"] = json!(job.written.replace('\\', "\\\\"));
        values["job_in_text"] = json!(job.written.replace('"', "\\\""));
        values["job_id"] = json!(job.column("id").map_or("bigint", |c| c.kind.as_str()));
        values["job_tenant"] = json!(job.column("tenant_id").is_some());
    }
    values["tenant_setting"] = json!(table::tenant_setting(schema).unwrap_or(""));
    values["application_role"] = json!(rights.application);
    values["identity_role"] = json!(rights.identity.unwrap_or_default());
    values["set_identity_text"] =
        json!(quoted(&format!("SET LOCAL ROLE {}", values["identity_role"].as_str().unwrap_or_default())));
    values["set_role_text"] = json!(quoted(&format!("SET LOCAL ROLE {}", rights.application)));
    values["partitioned"] = json!(rights.partitioned);
    values["watch_sql"] = json!(watched(values["job"].as_str().unwrap_or_default(), rights.partitioned));
}

/// What a worker asks of the store for each look at its metrics, a row for each: a worker that hangs or is gone
/// elsewhere shows there too.
fn watched(job: &str, partitioned: bool) -> String {
    let mut parts = Vec::new();
    if !job.is_empty() {
        parts.push(format!(
            "SELECT 'messaging_oldest_age_seconds' AS name,\n    coalesce(extract(epoch FROM now() - min(run_at) FILTER (WHERE run_at <= now())), 0)::float8 AS value\nFROM {job} WHERE done_at IS NULL"
        ));
        parts.push(format!(
            "SELECT 'messaging_set_aside_messages', count(*)::float8\nFROM {job} WHERE done_at IS NULL AND run_at = 'infinity'"
        ));
    }
    if partitioned {
        parts.push(AHEAD.to_owned());
        parts.push(UNPLACED.to_owned());
    }
    parts.push(
        "SELECT 'db_size_bytes' AS name, pg_database_size(current_database())::float8 AS value".to_owned(),
    );
    parts.join("\nUNION ALL ")
}

/// Partitions ahead of the present one, of the table that has fewest.
const AHEAD: &str = "\
SELECT 'db_partitions_ahead' AS name, coalesce(min(ahead), 0)::float8 AS value FROM (
    SELECT i.inhparent, count(*) FILTER (WHERE right(c.relname, 8) ~ '^[0-9]{8}$'
        AND right(c.relname, 8) > to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')) AS ahead
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
    WHERE p.relkind = 'p' AND c.relkind = 'r' GROUP BY i.inhparent
) AS each_table";

/// Rows for which there was no partition.
const UNPLACED: &str = "\
SELECT 'db_rows_without_partition', coalesce(sum(s.n_live_tup), 0)::float8
FROM pg_partitioned_table p JOIN pg_stat_all_tables s ON s.relid = p.partdefid";

fn file(path: &str, template: &str, values: &Value) -> Deliverable {
    Deliverable { path: format!("service/{path}"), text: render_code(path, template, values) }
}

/// What templates may use. Texts are plain on one line; what ends in `_text` is quoted as JSON, which is a
/// literal in every language here.
fn values(
    plan: &Plan<'_>,
    about: &About,
    modules: &[Module],
    main: Option<&MainOperation>,
    framework: &Id,
) -> Value {
    let catalog = plan.view.catalog;
    let framework = catalog.technology(framework.as_str());
    let language = framework.and_then(|f| catalog.technology(f.language.as_ref()?.as_str()));
    let version = |t: Option<&loadcase_catalog::Technology>| {
        let release = t.and_then(|t| t.release());
        json!({
            "latest": release.map_or("", |r| r.latest.as_str()),
            "cycle": release.map_or("", |r| r.cycle.as_str()),
        })
    };
    let timeout = |to_store: bool| {
        let own = |id: &Id| plan.part(id).is_some_and(super::deploy::Part::is_own);
        let chosen = plan.links.iter().filter(|l| {
            if to_store { own(&l.flow.from) && l.flow.protocol.contains("sql") } else { own(&l.flow.to) }
        });
        let most = chosen.map(|l| l.timeout.value).fold(0.0, f64::max);
        crate::deploy::whole(if most > 0.0 { most } else { 10_000.0 }, 100, 3_600_000).to_string()
    };
    let pool = plan.links.iter().filter(|l| plan.part(&l.flow.from).is_some_and(super::deploy::Part::is_own));
    let pool = pool.filter(|l| l.flow.protocol.contains("sql")).map(|l| l.pool.each).max().unwrap_or(10);
    let libraries: serde_json::Map<String, Value> =
        about.libraries.iter().map(|(name, library)| (name.clone(), json!(library.version))).collect();
    let target =
        plan.view.design.targets.iter().find(|t| t.target.unit == loadcase_model::Unit::Milliseconds);
    json!({
        "name": plan.name,
        "ident": plan.name.replace('-', "_"),
        "title": remark(&plan.view.blueprint().name),
        "title_md": crate::text::markdown::name(&plan.view.blueprint().name),
        "title_text": quoted(&clean(&plan.view.blueprint().name)),
        "port": PORT.to_string(),
        "language": version(language),
        "framework": version(framework),
        "library": libraries,
        "request_timeout_ms": timeout(false),
        "statement_timeout_ms": timeout(true),
        "pool": pool.to_string(),
        "latency_target_s": format!("{:?}", target.map_or(1.0, |t| t.target.value / 1e3)),
        "arrivals": loadcase_model::format_number(plan.forecast().arrivals.value),
        "modules": modules.iter().map(Module::value).collect::<Vec<_>>(),
        "open_routes": modules.iter().flat_map(Module::open).collect::<Vec<_>>(),
        "main": main.map(MainOperation::value),
        "job": "",
        "job_in_text": "",
        "job_in_java": "",
        "job_id": "",
        "job_tenant": false,
        "tenant_setting": "",
        "application_role": "",
        "identity_role": "",
        "set_role_text": "\"\"",
        "set_identity_text": "\"\"",
        "receives": modules.iter().any(Module::receives),
        "takes_signed": modules.iter().any(Module::takes_signed),
        "partitioned": false,
        "watch_sql": "",
    })
}

/// A text that may stand in a comment or a docstring of any language: it ends none and escapes nothing.
pub(crate) fn remark(text: &str) -> String {
    let plain = clean(text).replace('\\', "/").replace(['"', '`'], "'");
    plain.replace("*/", "* /").replace("/*", "/ *")
}

/// A text as a literal. JSON's rules are those of the languages here, save that Rust writes other escapes for
/// control characters, which [`clean`] has removed.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(&clean(text)).expect("a text has a JSON form")
}
