//! `deploy/compose.yaml`: everything on a developer's machine, with the least rights each part can do with.

use std::collections::BTreeMap;

use loadcase_catalog::{Container, Technology, TechnologyKind};
use loadcase_model::ComponentKind;
use serde_json::{Map, Value, json};

use super::environment::{Origin, TELEMETRY, TRACES, environment};
use super::names::variable;
use super::plan::{Home, PORT, Part, Plan};
use super::yaml;
use crate::Deliverable;
use crate::skeleton::{Skeleton, Sources};
use crate::text::clean;

/// The password of every store on a developer's machine, and nowhere else.
const DEVELOPMENT: &str = "development-only";

/// The user that the product's own images run as.
pub(crate) const USER: &str = "10001:10001";

/// Compose file, environment files and what the stores run on their first start.
pub(crate) fn files(plan: &Plan<'_>, skeleton: Option<&Skeleton>, sources: &Sources<'_>) -> Vec<Deliverable> {
    let mut files = Vec::new();
    let mut services = Map::new();
    let mut volumes = Map::new();
    let mut next_port = 15_000;
    // A pooler is for many copies: on one machine processes reach the store itself.
    for part in plan.parts.iter().filter(|p| !p.is_own() && p.component.kind != ComponentKind::Pooler) {
        let Home::Container(technology, container) = part.home else { continue };
        let Some(mut service) = image(plan, technology, container, part, &mut volumes) else { continue };
        first_run(plan, part, container, sources, &mut service, &mut files);
        if let Some(port) = plan.view.catalog.port_of(technology, container) {
            next_port += 1;
            service.insert("ports".to_owned(), json!([format!("127.0.0.1:{next_port}:{port}")]));
            service.insert("networks".to_owned(), json!(["inside", "outside"]));
        }
        services.insert(part.label.clone(), Value::Object(service));
    }
    let mut published = 0;
    for part in plan.own().filter(|_| skeleton.is_some()) {
        let Some(skeleton) = skeleton else { break };
        let path = format!("env/{}.env", part.label);
        services.insert(part.label.clone(), own(plan, part, skeleton, &services, &path, &mut published));
        files.push(Deliverable { path: format!("deploy/{path}"), text: own_env(plan, part) });
    }
    watchers(plan, &mut services, &mut volumes);
    let mut document = Map::new();
    document.insert("name".to_owned(), json!(plan.name));
    document.insert("x-elsewhere".to_owned(), elsewhere(plan, skeleton.is_some(), &services));
    document.insert("services".to_owned(), Value::Object(services));
    document.insert("networks".to_owned(), json!({"inside": {"internal": true}, "outside": {}}));
    document.insert("volumes".to_owned(), Value::Object(volumes));
    let head = format!(
        "Everything of {} on one machine, for development. Start with: docker compose up --build --wait",
        clean(&plan.view.blueprint().name)
    );
    files.push(example(plan));
    files.insert(0, yaml("deploy/compose.yaml", &head, &Value::Object(document)));
    files
}

/// What every service has: no rights it does not need, and bounded logs.
fn hardened(memory_mb: u32, millicores: u32) -> Map<String, Value> {
    let value = json!({
        "restart": "unless-stopped",
        "read_only": true,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "deploy": {"resources": {"limits": {
            "cpus": format!("{:.2}", f64::from(millicores) / 1e3),
            "memory": format!("{memory_mb}M"),
            "pids": 400,
        }}},
        "logging": {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}},
        "networks": ["inside"],
    });
    let Value::Object(map) = value else { return Map::new() };
    map
}

/// The image of a part at the version of the design, where that is one the image can have.
pub(crate) fn image_name(
    plan: &Plan<'_>,
    technology: &Technology,
    container: &Container,
    part: Option<&Part<'_>>,
) -> Option<String> {
    let image = plan.view.catalog.image_of(technology, container)?;
    let wanted = part
        .filter(|p| p.component.technology.as_ref() == Some(&technology.id))
        .and_then(|p| p.component.version.as_deref());
    let version = wanted.and_then(|w| known_version(technology, w));
    let version = version.or_else(|| Some(technology.release()?.latest.clone())).unwrap_or_default();
    Some(format!("{image}:{}", container.tag.replace("{version}", &version)))
}

/// A version in full: the newest of a release line, else the text itself where it can be a tag.
fn known_version(technology: &Technology, text: &str) -> Option<String> {
    if let Some(release) = technology.releases.iter().find(|r| r.cycle == text) {
        return Some(release.latest.clone());
    }
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let sound = text.starts_with(|c: char| c.is_ascii_digit()) && text.len() <= 40 && text.chars().all(safe);
    sound.then(|| text.to_owned())
}

/// A setting with host, port and the variable that holds the password.
fn filled(text: &str, host: &str, port: u16) -> String {
    let password = format!("${{{}}}", password(host));
    text.replace("{host}", host).replace("{port}", &port.to_string()).replace("{password}", &password)
}

/// The variable that holds the password of a part.
fn password(label: &str) -> String {
    format!("{}_PASSWORD", variable(label))
}

fn health(command: &[String]) -> Value {
    json!({"test": command, "interval": "10s", "timeout": "5s", "retries": 12, "start_period": "20s"})
}

/// A part that an image runs.
fn image(
    plan: &Plan<'_>,
    technology: &Technology,
    container: &Container,
    part: &Part<'_>,
    volumes: &mut Map<String, Value>,
) -> Option<Map<String, Value>> {
    let port = plan.view.catalog.port_of(technology, container).unwrap_or(0);
    let memory = part.size().memory_mb.clamp(container.least_mb, container.least_mb.max(2_048));
    let mut out = Map::new();
    out.insert("image".to_owned(), json!(image_name(plan, technology, container, Some(part))?));
    out.extend(hardened(memory, part.size().millicores.min(2_000)));
    out.extend(container.user.as_ref().map(|u| ("user".to_owned(), json!(u))));
    if !container.command.is_empty() {
        let command: Vec<String> = container.command.iter().map(|c| filled(c, &part.label, port)).collect();
        out.insert("command".to_owned(), json!(command));
    }
    if !container.environment.is_empty() || !container.secrets.is_empty() {
        let all = container.environment.iter().chain(&container.secrets);
        let filled: BTreeMap<&String, String> = all.map(|(k, v)| (k, filled(v, &part.label, port))).collect();
        out.insert("environment".to_owned(), json!(filled));
    }
    if !container.scratch.is_empty() {
        out.insert("tmpfs".to_owned(), json!(container.scratch));
    }
    if let Some(data) = &container.data {
        volumes.insert(part.label.clone(), json!({}));
        out.insert("volumes".to_owned(), json!([format!("{}:{data}", part.label)]));
    }
    out.insert("healthcheck".to_owned(), health(&container.health));
    Some(out)
}

/// `.env.example`: what a developer copies to `.env`.
fn example(plan: &Plan<'_>) -> Deliverable {
    let mut text = String::from(
        "# Copy to .env, which no repository should hold. These are for a developer's machine only: elsewhere secrets\n\
         # come from the secret store of the platform.\n",
    );
    for part in &plan.parts {
        if matches!(part.home, Home::Container(_, c) if !c.secrets.is_empty()) {
            text.push_str(&format!("{}={DEVELOPMENT}\n", password(&part.label)));
        }
    }
    let all = plan.own().flat_map(|p| environment(plan, p)).filter(|v| matches!(v.origin, Origin::Secret));
    let secrets: BTreeMap<String, String> = all.map(|v| (v.name, v.about)).collect();
    for (name, about) in secrets {
        text.push_str(&format!("# {about}\n{name}=\n"));
    }
    Deliverable { path: "deploy/.env.example".to_owned(), text }
}

/// The schema, and the logins of the processes.
fn first_run(
    plan: &Plan<'_>,
    part: &Part<'_>,
    container: &Container,
    sources: &Sources<'_>,
    service: &mut Map<String, Value>,
    files: &mut Vec<Deliverable>,
) {
    let Some(folder) = &container.first_run else { return };
    if let Some(file) = plan.columns.as_deref().filter(|_| keeps_columns(plan, part)) {
        columns(part, (folder, file), service, files);
        return;
    }
    let Some(place) = sources.schemas.iter().position(|(id, _)| *id == part.id) else { return };
    let (store, _) = sources.schemas[place];
    let speaks =
        part.component.technology.as_ref().is_some_and(|t| plan.view.catalog.speaks(t, "postgresql"));
    if !speaks {
        return;
    }
    let file = if place == 0 { "schema.sql".to_owned() } else { format!("schema-{store}.sql") };
    let Some(rights) = crate::data::rights(&plan.view, store) else { return };
    let login = format!("first-run/{}.sh", part.label);
    let mounts =
        [format!("../{file}:{folder}/10-schema.sql:ro"), format!("./{login}:{folder}/20-login.sh:ro")];
    mount(service, mounts);
    let text = format!(
        "#!/bin/sh\n\
         # The logins of the processes on a developer's machine: members of the roles of the schema, and never of the\n\
         # owner, so that its rights and policies hold for them. Elsewhere: deploy/logins.sh.\n\
         set -eu\n\
         psql --set=ON_ERROR_STOP=1 --set=service_password=\"$POSTGRES_PASSWORD\" --set=worker_password=\"$POSTGRES_PASSWORD\" --username \"$POSTGRES_USER\" --dbname \"$POSTGRES_DB\" <<'SQL'\n\
         {}SQL\n",
        super::logins::statements(&rights)
    );
    files.push(Deliverable { path: format!("deploy/{login}"), text });
}

/// Whether it is the store of columns that a schema is written for.
pub(super) fn keeps_columns(plan: &Plan<'_>, part: &Part<'_>) -> bool {
    let technology =
        part.component.technology.as_ref().and_then(|t| plan.view.catalog.technology(t.as_str()));
    technology.is_some_and(|t| t.dialect == Some(loadcase_catalog::Dialect::Clickhouse))
}

fn mount(service: &mut Map<String, Value>, mounts: [String; 2]) {
    match service.get_mut("volumes").and_then(Value::as_array_mut) {
        Some(volumes) => volumes.extend(mounts.map(Value::from)),
        None => drop(service.insert("volumes".to_owned(), json!(mounts))),
    }
}

/// The tables of a store of columns, made in the database of the product on its first start.
fn columns(
    part: &Part<'_>,
    (folder, schema): (&str, &str),
    service: &mut Map<String, Value>,
    files: &mut Vec<Deliverable>,
) {
    let script = format!("first-run/{}.sh", part.label);
    // Under a name that is not run by itself: it would make the tables in another database.
    let place = format!("{folder}/schema");
    mount(service, [format!("../{schema}:{place}:ro"), format!("./{script}:{folder}/10-schema.sh:ro")]);
    let text = format!(
        "#!/bin/sh\n\
         # The tables on a developer's machine. Elsewhere: deploy/README.md.\n\
         set -eu\n\
         clickhouse-client --user \"$CLICKHOUSE_USER\" --password \"$CLICKHOUSE_PASSWORD\" --database \"$CLICKHOUSE_DB\" --multiquery <{place}\n"
    );
    files.push(Deliverable { path: format!("deploy/{script}"), text });
}

/// A process of the product.
fn own(
    plan: &Plan<'_>,
    part: &Part<'_>,
    skeleton: &Skeleton,
    services: &Map<String, Value>,
    env: &str,
    published: &mut u16,
) -> Value {
    let size = part.size();
    let mut out = Map::new();
    out.insert("build".to_owned(), json!({"context": "../service"}));
    out.extend(hardened(size.memory_mb.min(4_096), size.millicores.min(4_000)));
    out.insert("user".to_owned(), json!(USER));
    out.insert("env_file".to_owned(), json!([env]));
    out.insert("environment".to_owned(), json!(addresses(plan, part)));
    if !skeleton.scratch.is_empty() {
        out.insert("tmpfs".to_owned(), json!(skeleton.scratch));
    }
    let needs: Map<String, Value> = plan
        .links_from(part.id)
        .filter_map(|l| Some(behind_pooler(plan, plan.part(&l.flow.to)?)))
        .filter(|p| !p.is_own() && services.contains_key(&p.label))
        .map(|p| (p.label.clone(), json!({"condition": "service_healthy"})))
        .collect();
    if !needs.is_empty() {
        out.insert("depends_on".to_owned(), Value::Object(needs));
    }
    out.insert("healthcheck".to_owned(), health(&skeleton.health));
    out.insert("networks".to_owned(), json!(["inside", "outside"]));
    if part.answers() {
        out.insert("ports".to_owned(), json!([format!("127.0.0.1:{}:{PORT}", PORT + *published)]));
        *published += 1;
    }
    Value::Object(out)
}

/// The settings of a process: which part it is, whom it talks to, and how long and how often.
pub(crate) fn settings(plan: &Plan<'_>, part: &Part<'_>) -> Vec<(String, String)> {
    let mut out = vec![
        ("COMPONENT".to_owned(), part.label.clone()),
        ("PORT".to_owned(), PORT.to_string()),
        ("REQUEST_TIMEOUT_MS".to_owned(), super::resilience::inbound_ms(plan, part).to_string()),
    ];
    let capacity = part.component.capacity.as_ref();
    if let Some(at_once) =
        capacity.and_then(|c| c.concurrency).filter(|_| part.component.kind == ComponentKind::Worker)
    {
        out.push(("WORKER_CONCURRENCY".to_owned(), at_once.to_string()));
    }
    // Where one process uses one processor, a copy has one for each of its processors; whoever raises the size sees
    // both numbers.
    let processors = part.size().millicores.div_ceil(1_000);
    if runs_an_event_loop(plan, part) {
        out.push(("PROCESSES".to_owned(), processors.to_string()));
    }
    for link in plan.links_from(part.id) {
        let Some(to) = plan.part(&link.flow.to) else { continue };
        let name = to.variable();
        if out.iter().any(|(k, _)| *k == format!("{name}_TIMEOUT_MS")) {
            continue;
        }
        let whole = |v: f64| super::plan::whole(v, 0, 86_400_000).to_string();
        out.push((format!("{name}_TIMEOUT_MS"), whole(link.timeout.value)));
        out.push((format!("{name}_RETRIES"), whole(link.retries.value)));
        out.push((format!("{name}_POOL"), link.pool.each.to_string()));
    }
    if let Some(store) = database(plan, part) {
        let link = plan.links_from(part.id).find(|l| l.flow.to == *store.id);
        let (pool, timeout) = link.map_or((10, 5_000.0), |l| (l.pool.each, l.timeout.value));
        out.push(("DATABASE_POOL".to_owned(), pool.to_string()));
        out.push(("DATABASE_TIMEOUT_MS".to_owned(), super::plan::whole(timeout, 1, 86_400_000).to_string()));
    }
    out
}

/// Whether the code of a process waits for everything on one thread.
pub(super) fn runs_an_event_loop(plan: &Plan<'_>, part: &Part<'_>) -> bool {
    let framework = part.component.framework.as_ref();
    framework.and_then(|f| plan.view.catalog.technology(f.as_str())).is_some_and(|t| t.has("event-loop"))
}

/// The relational store a process asks, through a pooler where there is one. What only reports ask is another thing.
pub(crate) fn database<'p, 'a>(plan: &'p Plan<'a>, part: &Part<'_>) -> Option<&'p Part<'a>> {
    let asked = plan.links_from(part.id).filter(|l| l.flow.protocol.contains("sql"));
    let mut asked = asked.filter_map(|l| plan.part(&l.flow.to));
    asked.find(|p| matches!(p.component.kind, ComponentKind::Store | ComponentKind::Pooler))
}

fn own_env(plan: &Plan<'_>, part: &Part<'_>) -> String {
    let mut lines = vec![
        "# Settings of one process on a developer's machine. Timeouts, retries and pools are those of resilience.yaml.".to_owned(),
    ];
    lines.extend(settings(plan, part).into_iter().map(|(k, v)| format!("{k}={v}")));
    lines.join("\n") + "\n"
}

/// The store that a pooler leads to; anything else is itself.
pub(crate) fn behind_pooler<'p, 'a>(plan: &'p Plan<'a>, part: &'p Part<'a>) -> &'p Part<'a> {
    if part.component.kind != ComponentKind::Pooler {
        return part;
    }
    let behind = plan.links_from(part.id).filter_map(|l| plan.part(&l.flow.to));
    behind.into_iter().find(|p| p.component.kind == ComponentKind::Store).unwrap_or(part)
}

/// Where a process finds what it talks to, with the passwords of the developer's `.env`.
fn addresses(plan: &Plan<'_>, part: &Part<'_>) -> BTreeMap<String, String> {
    let url = |to: &Part<'_>| match to.home {
        Home::Container(technology, container) => {
            let port = plan.view.catalog.port_of(technology, container)?;
            let url = filled(container.url.as_ref()?, &to.label, port);
            let has_logins = plan.view.catalog.speaks(&technology.id, "postgresql");
            Some(if has_logins { super::logins::as_login(plan, part, &url) } else { url })
        }
        _ => None,
    };
    let mut out = BTreeMap::new();
    for link in plan.links_from(part.id) {
        let Some(to) = plan.part(&link.flow.to) else { continue };
        out.extend(url(behind_pooler(plan, to)).map(|u| (format!("{}_URL", to.variable()), u)));
    }
    let store = database(plan, part).map(|s| behind_pooler(plan, s));
    out.extend(store.and_then(url).map(|u| ("DATABASE_URL".to_owned(), u)));
    for variable in environment(plan, part) {
        let value = match (variable.origin, variable.name.as_str()) {
            // Here the collector asks for metrics.
            (Origin::Told, TELEMETRY | TRACES) => {
                out.insert(TRACES.to_owned(), "http://collector:4318/v1/traces".to_owned());
                continue;
            }
            (Origin::Told, "AUTH_ISSUER") => format!("https://{}.invalid/", plan.name),
            (Origin::Told, _) => plan.name.clone(),
            (Origin::Secret, name) => format!("${{{name}:-}}"),
            // The store's own address, from its container.
            (Origin::Database(_) | Origin::Store(_) | Origin::Files { .. }, _) => continue,
        };
        out.insert(variable.name, value);
    }
    out
}

/// The collector and Prometheus with the alerts, so that rules are seen at work before production needs them.
fn watchers(plan: &Plan<'_>, services: &mut Map<String, Value>, volumes: &mut Map<String, Value>) {
    let catalog = plan.view.catalog;
    for (label, id, mounts) in [
        ("collector", "opentelemetry", vec!["./observability/collector.yaml:/etc/otelcol/config.yaml:ro"]),
        (
            "prometheus",
            "prometheus",
            vec![
                "./observability/prometheus.yaml:/etc/prometheus/prometheus.yaml:ro",
                "./observability/alerts.yaml:/etc/prometheus/alerts.yaml:ro",
            ],
        ),
    ] {
        let Some(technology) = catalog.technology(id) else { continue };
        let Some(container) = &technology.container else { continue };
        let Some(image) = image_name(plan, technology, container, None) else { continue };
        let mut out = Map::new();
        out.insert("image".to_owned(), json!(image));
        out.extend(hardened(container.least_mb * 2, 500));
        out.extend(container.user.as_ref().map(|u| ("user".to_owned(), json!(u))));
        out.insert("command".to_owned(), json!(container.command));
        let mut mounts: Vec<String> = mounts.into_iter().map(str::to_owned).collect();
        if let Some(data) = &container.data {
            volumes.insert(label.to_owned(), json!({}));
            mounts.push(format!("{label}:{data}"));
        }
        out.insert("volumes".to_owned(), json!(mounts));
        out.insert("healthcheck".to_owned(), health(&container.health));
        if label == "prometheus" {
            out.insert("networks".to_owned(), json!(["inside", "outside"]));
            out.insert("ports".to_owned(), json!(["127.0.0.1:9090:9090"]));
        }
        services.insert(label.to_owned(), Value::Object(out));
    }
}

/// Whether a component is what the product is watched with.
pub(crate) fn watches(plan: &Plan<'_>, part: &Part<'_>) -> bool {
    plan.view.technology(part.component).is_some_and(|t| t.kind == TechnologyKind::Observability)
}

/// Components that no service of the file runs, each with the reason.
fn elsewhere(plan: &Plan<'_>, has_skeleton: bool, services: &Map<String, Value>) -> Value {
    use loadcase_model::ComponentKind as K;
    let reason = |part: &Part<'_>| match (part.home, part.component.kind) {
        (Home::Own, _) if !has_skeleton => {
            "run it from your editor: the stores listen on 127.0.0.1 at the ports below"
        }
        (_, K::Pooler) => "for many copies: on this machine processes reach the store itself",
        (Home::Inside, _) => "lives inside the processes that use it",
        (_, K::Client) => "a browser or an app",
        (_, K::Edge | K::Gateway) => "part of the platform: on this machine callers reach the service itself",
        (_, K::External) if watches(plan, part) => "stands here as collector and prometheus",
        (_, K::External) => "somebody else's system: use its test account, or a stub",
        _ if part.component.managed => "a managed service without a stand-in: use an account for development",
        _ => "the catalog knows no image for it",
    };
    let entries: Map<String, Value> = plan
        .parts
        .iter()
        .filter(|p| !services.contains_key(&p.label))
        .map(|p| (p.label.clone(), json!(reason(p))))
        .collect();
    Value::Object(entries)
}
