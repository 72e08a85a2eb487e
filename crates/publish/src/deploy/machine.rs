//! A machine of one's own: `deploy/compose.prod.yaml` over the development file, and the systemd unit that keeps
//! it running.

use serde_json::{Map, Value, json};

use super::compose::image_name;
use super::environment::environment;
use super::plan::{Home, Part, Plan};
use super::yaml;
use crate::Deliverable;
use crate::skeleton::Skeleton;
use crate::template::render_code;
use crate::text::clean;

const UNIT: &str = include_str!("machine.service.j2");
const RELEASE: &str = include_str!("release.sh.j2");
const PROXY: &str = include_str!("Caddyfile.j2");

pub(crate) fn files(plan: &Plan<'_>, skeleton: Option<&Skeleton>) -> Vec<Deliverable> {
    let values = json!({
        "name": plan.name,
        "title": clean(&plan.view.blueprint().name),
        "stop_s": plan.own().map(|p| super::resilience::inbound_ms(plan, p)).max().unwrap_or(30_000).div_ceil(1_000).clamp(10, 300).to_string(),
        "services": plan.own().filter(|p| p.answers()).map(|p| p.label.clone()).collect::<Vec<_>>(),
        "service": plan.own().next().map_or("app", |p| p.label.as_str()),
        "rollout": plan.rollout(),
    });
    let file = |path: &str, template: &str| Deliverable {
        path: path.to_owned(),
        text: render_code(path, template, &values),
    };
    let mut files = Vec::new();
    if plan.runs_on("rented-server") && plan.view.catalog.technology("caddy").is_some() {
        files.push(file("deploy/Caddyfile", PROXY));
    }
    files.extend(plan.own().map(|part| by_hand(plan, part)));
    files.extend([
        yaml(
            "deploy/compose.prod.yaml",
            "One machine in production. Start with: docker compose --file compose.prod.yaml up --detach --wait. Before, fill in what the files *.env.example in systemd/ list.",
            &document(plan, skeleton),
        ),
        file(&format!("deploy/systemd/{}.service", plan.name), UNIT),
        file("deploy/systemd/release.sh", RELEASE),
    ]);
    files
}

fn document(plan: &Plan<'_>, skeleton: Option<&Skeleton>) -> Value {
    let mut services = Map::new();
    let mut volumes = Map::new();
    let single = plan.runs_on("rented-server");
    for part in &plan.parts {
        match part.home {
            Home::Own => drop(services.insert(part.label.clone(), own(plan, part, skeleton))),
            // Where the machines are several, stores have their own, or somebody runs them.
            Home::Container(..) if single && !part.component.managed => {
                if let Some(value) = store(plan, part, &mut volumes) {
                    services.insert(part.label.clone(), value);
                }
            }
            _ => {}
        }
    }
    if single && let Some(value) = proxy(plan, &mut volumes) {
        services.insert("proxy".to_owned(), value);
    }
    json!({
        "name": plan.name,
        "services": services,
        "networks": {"inside": {"internal": true}, "outside": {}},
        "volumes": volumes,
    })
}

/// `systemd/NAME.env.example`: what a process must be told on its machine.
fn by_hand(plan: &Plan<'_>, part: &Part<'_>) -> Deliverable {
    let mut text = format!(
        "# Copy to /etc/{}/{}.env, readable by root alone, and fill it in before the first start.\n",
        plan.name, part.label
    );
    for variable in environment(plan, part) {
        text.push_str(&format!("# {}\n{}=\n", variable.about, variable.name));
    }
    Deliverable { path: format!("deploy/systemd/{}.env.example", part.label), text }
}

fn hardened(memory_mb: u32, millicores: u32) -> Map<String, Value> {
    let value = json!({
        "restart": "always",
        "read_only": true,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "deploy": {"resources": {"limits": {
            "cpus": format!("{:.2}", f64::from(millicores) / 1e3), "memory": format!("{memory_mb}M"), "pids": 400,
        }}},
        "logging": {"driver": "json-file", "options": {"max-size": "50m", "max-file": "5"}},
    });
    let Value::Object(map) = value else { return Map::new() };
    map
}

fn own(plan: &Plan<'_>, part: &Part<'_>, skeleton: Option<&Skeleton>) -> Value {
    let size = part.size();
    let mut out = Map::new();
    // The digest of the release is written over this one.
    out.insert(
        "image".to_owned(),
        json!(format!("registry.invalid/{}/service@sha256:{}", plan.name, "0".repeat(64))),
    );
    out.extend(hardened(size.memory_mb, size.millicores));
    out.insert("user".to_owned(), json!(super::compose::USER));
    let settings: Map<String, Value> =
        super::compose::settings(plan, part).into_iter().map(|(k, v)| (k, json!(v))).collect();
    out.insert("environment".to_owned(), Value::Object(settings));
    out.insert(
        "env_file".to_owned(),
        json!([{"path": format!("/etc/{}/{}.env", plan.name, part.label), "required": false}]),
    );
    if let Some(skeleton) = skeleton {
        if !skeleton.scratch.is_empty() {
            out.insert("tmpfs".to_owned(), json!(skeleton.scratch));
        }
        out.insert(
            "healthcheck".to_owned(),
            json!({"test": skeleton.health, "interval": "10s", "timeout": "5s", "retries": 6, "start_period": "30s"}),
        );
    }
    if part.answers() {
        let offset = plan.own().filter(|p| p.answers()).position(|p| p.id == part.id).unwrap_or(0);
        out.insert(
            "ports".to_owned(),
            json!([{
                "host_ip": "${LISTEN_ADDRESS:-127.0.0.1}",
                "published": (8_080 + offset).to_string(),
                "target": super::plan::PORT,
            }]),
        );
    }
    out.insert("networks".to_owned(), json!(["inside", "outside"]));
    Value::Object(out)
}

/// What answers callers on a single machine: it gets certificates by itself.
fn proxy(plan: &Plan<'_>, volumes: &mut Map<String, Value>) -> Option<Value> {
    let technology = plan.view.catalog.technology("caddy")?;
    let container = technology.container.as_ref()?;
    let mut out = Map::new();
    out.insert("image".to_owned(), json!(image_name(plan, technology, container, None)?));
    out.extend(hardened(container.least_mb.max(128), 500));
    out.extend(container.user.as_ref().map(|u| ("user".to_owned(), json!(u))));
    out.insert("environment".to_owned(), json!({"SITE": "${SITE:-localhost}"}));
    out.insert("tmpfs".to_owned(), json!(container.scratch));
    volumes.insert("certificates".to_owned(), json!({}));
    out.insert("volumes".to_owned(), json!(["./Caddyfile:/etc/caddy/Caddyfile:ro", "certificates:/data"]));
    out.insert("ports".to_owned(), json!(["0.0.0.0:80:80", "0.0.0.0:443:443"]));
    out.insert(
        "healthcheck".to_owned(),
        json!({"test": container.health, "interval": "10s", "timeout": "5s", "retries": 6}),
    );
    out.insert("networks".to_owned(), json!(["inside", "outside"]));
    Some(Value::Object(out))
}

fn store(plan: &Plan<'_>, part: &Part<'_>, volumes: &mut Map<String, Value>) -> Option<Value> {
    let Home::Container(technology, container) = part.home else { return None };
    let size = part.size();
    let port = plan.view.catalog.port_of(technology, container)?;
    let mut out = Map::new();
    out.insert("image".to_owned(), json!(image_name(plan, technology, container, Some(part))?));
    out.extend(hardened(size.memory_mb.max(container.least_mb), size.millicores));
    out.extend(container.user.as_ref().map(|u| ("user".to_owned(), json!(u))));
    let filled = |v: &String| v.replace("{host}", &part.label).replace("{port}", &port.to_string());
    if !container.command.is_empty() {
        out.insert("command".to_owned(), json!(container.command.iter().map(filled).collect::<Vec<_>>()));
    }
    if !container.environment.is_empty() {
        let env: Map<String, Value> =
            container.environment.iter().map(|(k, v)| (k.clone(), json!(filled(v)))).collect();
        out.insert("environment".to_owned(), Value::Object(env));
    }
    if !container.secrets.is_empty() {
        out.insert(
            "env_file".to_owned(),
            json!([{"path": format!("/etc/{}/{}.env", plan.name, part.label), "required": false}]),
        );
    }
    if !container.scratch.is_empty() {
        out.insert("tmpfs".to_owned(), json!(container.scratch));
    }
    if let Some(data) = &container.data {
        volumes.insert(part.label.clone(), json!({}));
        out.insert("volumes".to_owned(), json!([format!("{}:{data}", part.label)]));
    }
    out.insert(
        "healthcheck".to_owned(),
        json!({"test": container.health, "interval": "10s", "timeout": "5s", "retries": 12, "start_period": "30s"}),
    );
    out.insert("networks".to_owned(), json!(["inside"]));
    Some(Value::Object(out))
}
