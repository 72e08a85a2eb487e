//! `deploy/` and `service/`: configuration that a team starts from the same day, and the service it runs.
//!
//! Every file is made from the blueprint as it stands on the first day, and its forecast: sizes from capacity, timeouts and pools from flows,
//! alerts from targets. Documents link to these files or show parts of them, and tell nothing a second time.

mod compose;
mod edge;
mod environment;
mod kubernetes;
mod links;
mod logins;
mod machine;
mod names;
mod observability;
mod paas;
mod plan;
mod pooler;
mod readme;
mod region;
mod resilience;
mod saturation;
mod sizes;
mod terraform;

use loadcase_catalog::Catalog;
use loadcase_model::{Design, Horizon};
use serde_json::Value;

pub(crate) use edge::LOG_DAYS;
pub(crate) use names::{label, unused};
pub(crate) use plan::{PORT, Part, Plan, whole};
pub(crate) use region::named as region_named;

use crate::Deliverable;
use crate::skeleton::{Sources, skeleton};
use crate::view::View;

pub(crate) fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    // What is applied is paid for from that day on: the files set up what today needs.
    let first_day = design.on_the_first_day();
    let horizon = if first_day.is_some() { Horizon::Now } else { Horizon::Later };
    let view = View::new(first_day.as_ref().unwrap_or(design), catalog);
    let mut plan = Plan::new(view, horizon);
    plan.later = first_day.is_some().then_some(&design.blueprint.components);
    let contracts = crate::api::deliverables(design, catalog);
    let data = crate::data::deliverables(design, catalog);
    let text = |files: &'_ [Deliverable], path: &str| files.iter().position(|f| f.path == path);
    let stores = view.relational_stores();
    let schemas = stores.iter().enumerate().filter_map(|(n, (id, _))| {
        let path = if n == 0 { "schema.sql".to_owned() } else { format!("schema-{id}.sql") };
        Some((*id, data[text(&data, &path)?].text.as_str()))
    });
    let sources = Sources {
        contract: text(&contracts, "openapi.yaml").map(|n| contracts[n].text.as_str()),
        said: text(&contracts, "asyncapi.yaml").map(|n| contracts[n].text.as_str()),
        schemas: schemas.collect(),
    };
    plan.columns = data.iter().map(|f| f.path.clone()).find(|p| p.ends_with(".clickhouse.sql"));
    plan.routes = sources.contract.map(crate::skeleton::paths).unwrap_or_default();
    plan.open = sources.contract.map(crate::skeleton::open).unwrap_or_default();
    let service = skeleton(&plan, &sources);
    plan.has_service = service.is_some();
    let skeleton = service.as_ref();
    let mut files = compose::files(&plan, skeleton, &sources);
    files.extend(logins::files(&plan, &sources.schemas));
    files.push(resilience::file(&plan));
    files.extend(pooler::files(&plan));
    files.extend(observability::files(&plan, skeleton));
    files.extend(platform(&plan, skeleton));
    files.push(readme::file(&plan, skeleton, &files));
    files.extend(service.into_iter().flat_map(|s| s.files));
    files
}

/// The files of the chosen platform.
fn platform(plan: &Plan<'_>, skeleton: Option<&crate::skeleton::Skeleton>) -> Vec<Deliverable> {
    if plan.runs_on("kubernetes") {
        return kubernetes::files(plan, skeleton);
    }
    if plan.runs_on("paas") {
        let files = paas::files(plan, skeleton);
        if !files.is_empty() {
            return files;
        }
    }
    let mut files = terraform::files(plan);
    let own_machines = ["virtual-machines", "bare-metal", "rented-server"];
    if files.is_empty() || own_machines.iter().any(|p| plan.runs_on(p)) {
        files.extend(machine::files(plan, skeleton));
    }
    files
}

/// A YAML file with a sentence on top.
fn yaml(path: &str, head: &str, value: &Value) -> Deliverable {
    Deliverable { path: path.to_owned(), text: format!("{}{}", comment(head), crate::yaml_text(value)) }
}

/// A YAML file of several documents.
fn yaml_all(path: &str, values: &[Value]) -> Deliverable {
    let documents: Vec<String> = values.iter().map(crate::yaml_text).collect();
    Deliverable { path: path.to_owned(), text: documents.join("---\n") }
}

/// Text as comment lines: each of its lines begins one.
fn comment(text: &str) -> String {
    text.lines().map(comment_line).collect()
}

fn comment_line(text: &str) -> String {
    let mut out = String::new();
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.len() + word.len() > 110 {
            out.push_str(&line);
            out.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    out + &line + "\n"
}
