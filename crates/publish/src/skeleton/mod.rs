//! `service/`: a service to start from, in the stack of the design: layout by modules, what every request needs,
//! and one operation from the contract to the table.
//!
//! A stack is a folder here with its templates and `stack.yaml`, and a line in [`STACKS`]. The contract and the
//! schema are read as they are written, so that the service cannot disagree with either.

mod around;
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
mod who;

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{Access, AccessKind, Id, OperationKind, yaml};
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
    /// The contract of what is said without anybody waiting.
    pub(crate) said: Option<&'a str>,
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
    let who = who::who(plan, contract.as_ref(), sources);
    let main = operation::main(plan, contract.as_ref(), sources, &modules, &who);
    let mut values = values(plan, &about, &modules, main.as_ref(), framework);
    values["who"] = who.value();
    store_values(plan, sources, &mut values);
    let mut files = Vec::new();
    for (path, template) in stack.files {
        if path.contains("{main") {
            // `{main}` is the module and the operation as a path, `{main_name}` the operation, `{main_class}` its type.
            if main.is_none() {
                continue;
            }
            if path.contains("{main_rows}") && values["main"]["rows_sql"] == "" {
                continue;
            }
            let of = |key: &str| values["main"][key].as_str().unwrap_or("main").to_owned();
            let path = path
                .replace("{main}", &format!("{}/{}", of("module"), of("ident")))
                .replace("{main_module}", &of("module"))
                .replace("{main_name}", &of("ident"))
                .replace("{main_rows}", "rows")
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

/// The rows that the tests of the written operation find, for a database of their own.
const ROWS: &str = "\
-- Rows that the tests of {{ main.title }} find. For an empty database with the schema, as its owner and superuser:
-- references are not checked here, so nothing else has to be filled.
SET session_replication_role = replica;
{{ main.rows_sql }}";

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
        let take = take(&job);
        values["take_given_sql"] = json!(by_position(&take).replace('\\', "\\\\"));
        values["take_sql"] = json!(take);
        values["lease_s"] = json!(lease_s(plan));
        values["job_tenant"] = json!(job.column("tenant_id").is_some());
    }
    let house = house_jobs(plan, schema, &rights.application);
    values["house_jobs"] = json!(house.iter().map(|j| quoted(j)).collect::<Vec<_>>());
    values["tenant_setting"] = json!(table::tenant_setting(schema).unwrap_or(""));
    values["application_role"] = json!(rights.application);
    values["identity_role"] = json!(rights.identity.unwrap_or_default());
    values["set_identity_text"] =
        json!(quoted(&format!("SET LOCAL ROLE {}", values["identity_role"].as_str().unwrap_or_default())));
    values["set_role_text"] = json!(quoted(&format!("SET LOCAL ROLE {}", rights.application)));
    let upkeep = rights.upkeep.iter();
    values["upkeep"] =
        upkeep.map(|u| json!({"statement": u.statement, "every_s": u.every_s.to_string()})).collect();
    values["watch_sql"] = json!(watched(values["job"].as_str().unwrap_or_default(), rights.partitioned));
}

/// Jobs that write what the role of the application may not, such as the account of a person whom tenants share: they
/// run as maintenance, and their statements say the tenant.
fn house_jobs(plan: &Plan<'_>, schema: &str, application: &str) -> Vec<String> {
    let may = |access: &Access| {
        let verb = match access.kind {
            AccessKind::Insert => "INSERT",
            AccessKind::Update => "UPDATE",
            AccessKind::Delete => "DELETE",
            _ => "SELECT",
        };
        let named = crate::data::identifier(access.entity.as_str());
        let Some(table) = table::table(schema, &named) else { return true };
        let to = format!(" ON {} TO {application};", table.written);
        schema.lines().any(|l| {
            l.split_once(&to).is_some_and(|(rights, _)| rights.starts_with("GRANT ") && rights.contains(verb))
        })
    };
    let jobs = plan.view.blueprint().operations.iter().filter(|(_, o)| o.kind == OperationKind::Job);
    jobs.filter(|(_, o)| !o.accesses.iter().all(may)).map(|(id, _)| clean(id.as_str())).collect()
}

/// Seconds for which a job is its worker's, at least.
const LEASE_S: f64 = 300.0;

/// The lease of a worker that renews none: twice as long as the slowest work takes, or another would begin the same.
fn lease_s(plan: &Plan<'_>) -> String {
    let forecasts = &plan.view.design.forecasts.later.operations;
    let work = plan.view.blueprint().operations.iter().filter(|(_, o)| o.kind != OperationKind::Request);
    let slowest = work.filter_map(|(id, _)| Some(forecasts.get(id)?.latency.p99.value)).fold(0.0, f64::max);
    let wanted = (slowest / 1_000.0 * 2.0 / 60.0).ceil() * 60.0;
    format!("{:.0}", wanted.clamp(LEASE_S, 86_400.0))
}

/// Takes jobs that are due: `$1` kinds, `$2` how many, `$3` seconds of the lease, `$4` of one kind and of one tenant at
/// most, and where jobs have tenants `$5` those that have enough. Of what waits longest, tenants take turns.
fn take(job: &table::Table) -> String {
    let tenant = job.column("tenant_id").is_some();
    let (turn, shown, enough, fair, told) = if tenant {
        (
            ",\n            row_number() OVER (PARTITION BY tenant_id ORDER BY run_at, id) AS turn",
            ", tenant_id",
            " AND (tenant_id IS NULL OR tenant_id::text <> ALL ($5::text[]))",
            " AND (tenant_id IS NULL OR turn <= $4)\n        ORDER BY CASE WHEN tenant_id IS NULL THEN 1 ELSE turn END, run_at",
            ", tenant_id::text AS tenant",
        )
    } else {
        ("", "", "", "\n        ORDER BY run_at", "")
    };
    format!(
        "UPDATE {job} SET attempts = attempts + 1, run_at = now() + make_interval(secs => $3)\nWHERE id IN (\n    SELECT id FROM {job}\n    WHERE done_at IS NULL AND run_at <= now() AND id = ANY (ARRAY(\n        SELECT id FROM (\n            SELECT id, run_at{shown}, row_number() OVER (PARTITION BY kind ORDER BY run_at, id) AS of_kind{turn}\n            FROM (\n                SELECT id, kind, run_at{shown} FROM {job}\n                WHERE done_at IS NULL AND run_at <= now() AND kind = ANY ($1){enough}\n                ORDER BY run_at LIMIT 1000\n            ) AS due\n        ) AS placed\n        WHERE of_kind <= $4{fair}\n        LIMIT 4 * $2\n    ))\n    LIMIT $2 FOR UPDATE SKIP LOCKED\n)\nRETURNING id, kind, payload, attempts{told}",
        job = job.written
    )
}

/// The same with one `?` for each value, in their order, for interfaces that know no numbers; all five are given.
fn by_position(take: &str) -> String {
    let given =
        [("kinds", "text[]"), ("most", "int"), ("lease_s", "float8"), ("each", "int"), ("enough", "text[]")];
    let named =
        given.iter().map(|(name, kind)| format!("?::{kind} AS {name}")).collect::<Vec<_>>().join(", ");
    let text = given.iter().enumerate().fold(take.to_owned(), |text, (n, (name, kind))| {
        text.replace(&format!("${}::{kind}", n + 1), &format!("${}", n + 1))
            .replace(&format!("${}", n + 1), &format!("(SELECT {name} FROM given)::{kind}"))
    });
    format!("WITH given AS (SELECT {named})\n{text}")
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
        "house_jobs": [],
        "job_in_text": "",
        "job_in_java": "",
        "job_id": "",
        "job_tenant": false,
        "take_given_sql": "",
        "lease_s": format!("{LEASE_S:.0}"),
        "take_sql": "",
        "tenant_setting": "",
        "application_role": "",
        "identity_role": "",
        "set_role_text": "\"\"",
        "set_identity_text": "\"\"",
        "receives": modules.iter().any(Module::receives),
        "takes_signed": modules.iter().any(Module::takes_signed),
        "upkeep": [],
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
