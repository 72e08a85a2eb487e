//! `deploy/terraform/`: a module for Terraform or OpenTofu. Its files are the same for every design of a platform;
//! names, sizes and settings are in `design.auto.tfvars.json`, so that no name of a blueprint is ever code.

use loadcase_model::ComponentKind;
use serde_json::{Map, Value, json};

use super::compose::settings;
use super::plan::{Home, Part, Plan};
use crate::Deliverable;

/// Platforms of a provider that the same files describe: what a large cloud calls its application platform runs
/// containers.
struct Module {
    platforms: &'static [&'static str],
    provider: &'static str,
    files: &'static [(&'static str, &'static str)],
}

impl Module {
    /// Whether callers come over a balancer that something can stand before.
    fn is_balanced(&self) -> bool {
        self.files.iter().any(|(name, _)| *name == "balancer.tf")
    }
}

macro_rules! files {
    ($($folder:literal / $name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!($folder, "/", $name)))),*]
    };
}

/// One entry for each set of files.
const MODULES: &[Module] = &[
    Module {
        platforms: &["managed-containers", "paas"],
        provider: "aws",
        files: files![
            "aws" / "versions.tf",
            "aws" / "variables.tf",
            "aws" / "network.tf",
            "aws" / "data.tf",
            "aws" / "balancer.tf",
            "aws" / "containers.tf"
        ],
    },
    Module {
        platforms: &["virtual-machines"],
        provider: "aws",
        files: files![
            "aws" / "versions.tf",
            "aws" / "variables.tf",
            "aws" / "network.tf",
            "aws" / "data.tf",
            "aws" / "balancer.tf",
            "aws" / "machines.tf"
        ],
    },
    Module {
        platforms: &["functions"],
        provider: "aws",
        files: files![
            "aws" / "versions.tf",
            "aws" / "variables.tf",
            "aws" / "network.tf",
            "aws" / "data.tf",
            "aws" / "functions.tf"
        ],
    },
    Module {
        platforms: &["managed-containers", "paas", "functions"],
        provider: "gcp",
        files: files![
            "gcp" / "versions.tf",
            "gcp" / "variables.tf",
            "gcp" / "data.tf",
            "gcp" / "containers.tf"
        ],
    },
    Module {
        platforms: &["managed-containers", "paas"],
        provider: "azure",
        files: files![
            "azure" / "versions.tf",
            "azure" / "variables.tf",
            "azure" / "data.tf",
            "azure" / "containers.tf"
        ],
    },
    Module {
        platforms: &["virtual-machines", "rented-server"],
        provider: "hetzner",
        files: files!["hetzner" / "versions.tf", "hetzner" / "variables.tf", "hetzner" / "machines.tf"],
    },
];

/// What stands before the balancer of a module: a content delivery network, or nothing.
const EDGE: &[(&str, &str)] = files!["aws" / "edge.tf"];
const DIRECT: &[(&str, &str)] = files!["aws" / "direct.tf"];

/// The network in front, where the module of the platform has one.
pub(crate) fn edge<'p, 'a>(plan: &'p Plan<'a>) -> Option<&'p Part<'a>> {
    super::edge::part(plan).filter(|_| module(plan).is_some_and(Module::is_balanced))
}

/// The module of the platform; nothing where there is none for it.
pub(crate) fn files(plan: &Plan<'_>) -> Vec<Deliverable> {
    let Some(module) = module(plan) else {
        return Vec::new();
    };
    let front = if edge(plan).is_some() { EDGE } else { DIRECT };
    let front = if module.is_balanced() { front } else { &[] };
    let mut files: Vec<Deliverable> = module
        .files
        .iter()
        .chain(front)
        .map(|(name, text)| Deliverable {
            path: format!("deploy/terraform/{name}"),
            text: (*text).to_owned(),
        })
        .collect();
    let text = serde_json::to_string_pretty(&variables(plan, module)).expect("JSON has a text form") + "\n";
    files.push(Deliverable { path: "deploy/terraform/design.auto.tfvars.json".to_owned(), text });
    files
}

/// The values of the design, in the types that `variables.tf` declares.
fn variables(plan: &Plan<'_>, module: &Module) -> Value {
    let mut services = Map::new();
    for part in plan.own() {
        let size = part.size();
        let environment: Map<String, Value> =
            settings(plan, part).into_iter().map(|(k, v)| (k, json!(v))).collect();
        services.insert(
            part.label.clone(),
            json!({
                "millicores": size.millicores,
                "memory_mb": size.memory_mb,
                "copies": size.copies,
                "most_copies": if part.component.kind == ComponentKind::Function { size.copies.max(10) } else { size.copies.saturating_mul(3) },
                "concurrency": part.component.capacity.as_ref().and_then(|c| c.concurrency).unwrap_or(80).clamp(1, 1_000),
                "answers": part.answers(),
                "timeout_s": super::resilience::inbound_ms(plan, part).div_ceil(1_000).clamp(1, 900),
                "environment": environment,
                "secrets": secrets(plan, part),
                "reaches": reaches(plan, part),
            }),
        );
    }
    let of = |kinds: &[ComponentKind]| -> Vec<&Part<'_>> {
        plan.parts
            .iter()
            .filter(|p| {
                // On machines of one's own stores get machines too.
                let here = p.component.managed || plan.runs_on("virtual-machines");
                kinds.contains(&p.component.kind) && here
            })
            .collect()
    };
    let mut values = json!({
        "name": plan.name,
        "region": super::region::of(plan, module.provider),
        "rollout": plan.rollout(),
        "tokens": plan.checks_tokens(),
        "services": services,
        "databases": databases(plan, &of(&[ComponentKind::Store])),
        "caches": caches(plan, &of(&[ComponentKind::Cache, ComponentKind::Broker])),
        "queues": named(&of(&[ComponentKind::Broker]), "sqs"),
        "tables": named(&of(&[ComponentKind::Store]), "dynamodb"),
        "buckets": of(&[ComponentKind::ObjectStore]).iter().map(|p| p.label.clone()).collect::<Vec<_>>(),
    });
    if module.provider == "aws" {
        values["collector"] = collector(plan);
        values["outside_ports"] = json!(outside_ports(plan));
        values["log_days"] = json!(super::edge::LOG_DAYS);
        values["backup_days"] = json!(crate::data::backups::days(&plan.view));
    }
    if let Some(edge) = edge(plan) {
        values["edge"] = super::edge::settings(plan, edge);
    }
    values
}

/// Ports beside 443 on which stores are asked that somebody else runs outside of the network.
fn outside_ports(plan: &Plan<'_>) -> Vec<u16> {
    let outside = [ComponentKind::Analytics, ComponentKind::Search];
    let parts = plan.parts.iter().filter(|p| p.component.managed && outside.contains(&p.component.kind));
    let technologies = parts.filter_map(|p| plan.view.technology(p.component)?.container.as_ref());
    let mut ports: Vec<u16> = technologies.flat_map(|c| c.secure_ports.iter().copied()).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// The collector that runs beside each process: its image, and how it asks that one process.
fn collector(plan: &Plan<'_>) -> Value {
    let configs: Map<String, Value> = plan
        .own()
        .map(|part| {
            let target = format!("localhost:{}", super::plan::PORT);
            let scrape = json!({"job_name": part.label, "scrape_interval": "15s", "static_configs": [{"targets": [target]}]});
            (part.label.clone(), json!(super::observability::production(&[scrape], &["ecs"])))
        })
        .collect();
    json!({"image": super::observability::image(plan).unwrap_or_default(), "configs": configs})
}

/// What a process reads from its secret; to stores of files it goes with its own identity.
fn secrets(plan: &Plan<'_>, part: &Part<'_>) -> Vec<String> {
    let all = super::environment::environment(plan, part).into_iter();
    let mut out: Vec<String> = all.filter(|v| v.is_secret() && !v.is_of_files()).map(|v| v.name).collect();
    // Links to files at the edge are signed with a key of their own.
    if edge(plan).is_some() && part.answers() {
        let stores = plan.links_from(part.id).filter_map(|l| plan.part(&l.flow.to));
        let stores = stores.filter(|p| p.component.kind == ComponentKind::ObjectStore);
        out.extend(stores.map(|p| format!("{}_EDGE_KEY", p.variable())));
    }
    out.sort();
    out
}

/// Labels of what a process has a flow to.
fn reaches(plan: &Plan<'_>, part: &Part<'_>) -> Vec<String> {
    let mut out: Vec<String> =
        plan.links_from(part.id).filter_map(|l| Some(plan.part(&l.flow.to)?.label.clone())).collect();
    out.sort();
    out.dedup();
    out
}

/// Relational databases that the provider runs: engine by the language it speaks.
fn databases(plan: &Plan<'_>, parts: &[&Part<'_>]) -> Value {
    let mut out = Map::new();
    for part in parts {
        let Home::Container(technology, _) = part.home else { continue };
        let catalog = plan.view.catalog;
        let engine = ["postgresql", "mysql"].into_iter().find(|e| catalog.speaks(&technology.id, e));
        let Some(engine) = engine else { continue };
        let size = part.size();
        let capacity = part.component.capacity.as_ref();
        let release = technology.release().map_or("", |r| r.cycle.as_str());
        let wanted = part.component.version.as_deref().unwrap_or(release);
        let depth = if engine == "mysql" { 2 } else { 1 };
        let version: Vec<&str> = wanted.split('.').take(depth).collect();
        let sound = version.iter().all(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit()));
        out.insert(
            part.label.clone(),
            json!({
                "engine": engine,
                "version": if sound { version.join(".") } else { release.to_owned() },
                "millicores": size.millicores,
                "memory_mb": size.memory_mb,
                "storage_gb": size.storage_gb.max(20),
                "most_storage_gb": super::sizes::most_storage_gb(plan, part.id, size.storage_gb.max(20)),
                "standby": capacity.is_some_and(|c| c.standbys > 0),
                "read_replicas": capacity.map_or(0, |c| c.read_replicas.min(15)),
            }),
        );
    }
    Value::Object(out)
}

/// Caches and queues in the language of Redis.
fn caches(plan: &Plan<'_>, parts: &[&Part<'_>]) -> Value {
    let mut out = Map::new();
    for part in parts {
        let Home::Container(technology, _) = part.home else { continue };
        if plan.view.catalog.speaks(&technology.id, "redis") {
            let standby = part.component.capacity.as_ref().is_some_and(|c| c.standbys > 0);
            let evicts = part.component.kind == ComponentKind::Cache;
            out.insert(
                part.label.clone(),
                json!({"memory_mb": part.size().memory_mb, "standby": standby, "evicts": evicts}),
            );
        }
    }
    Value::Object(out)
}

fn named(parts: &[&Part<'_>], technology: &str) -> Vec<String> {
    let is = |p: &&&Part<'_>| p.component.technology.as_ref().is_some_and(|t| t == technology);
    parts.iter().filter(is).map(|p| p.label.clone()).collect()
}

fn module(plan: &Plan<'_>) -> Option<&'static Module> {
    let here =
        |m: &&Module| plan.provider() == Some(m.provider) && m.platforms.iter().any(|p| plan.runs_on(p));
    MODULES.iter().find(here)
}

/// Whether there is a module for the platform of a design.
pub(crate) fn has_module(plan: &Plan<'_>) -> bool {
    module(plan).is_some()
}
