//! What runs code: functions, containers, machines.

use loadcase_model::{Aspect, State};

use super::{About, Ask, Resource, name_of};
use crate::extract::deployment::container::{gigabytes, vcpu};
use crate::extract::deployment::hcl::inline;
use crate::sighting::{Deployed, Port, Seen};
use crate::source::Sightings;
use crate::yaml::{Node, Value};

/// Fills in what the declaration of a running thing tells: image, environment, size.
pub(super) fn fill(resource: &Resource<'_>, deployed: &mut Deployed, out: &mut Sightings) {
    let body = resource.body;
    let name = deployed.name.clone();
    let mut about = About { out, of: Some(&name) };
    for container in containers(body) {
        describe(container, deployed, &mut about);
    }
    if resource.of.starts_with("kubernetes_") {
        labels(body, deployed);
    }
    if let Some(image) = body.text_of("image_uri").filter(|i| !i.starts_with('{')) {
        deployed.image = Some(image.to_owned());
    }
    for (key, node) in variables(resource.of, body) {
        let value = about.variable(&key, node.text().unwrap_or(""), node.line);
        deployed.env.push((key, value, node.line));
    }
    if resource.of == "aws_lambda_function" {
        function(resource, deployed, &mut about);
    }
    build_of(body, deployed);
}

/// Variables of the environment that stand outside of containers.
fn variables<'a>(of: &str, body: &'a Node) -> Vec<(String, &'a Node)> {
    let places: &[&[&str]] = match of {
        "aws_lambda_function" => &[&["environment", "variables"], &["environment_variables"]],
        "google_cloudfunctions_function" => &[&["environment_variables"]],
        "google_cloudfunctions2_function" => &[&["service_config", "environment_variables"]],
        "aws_apprunner_service" => &[
            &[
                "source_configuration",
                "image_repository",
                "image_configuration",
                "runtime_environment_variables",
            ],
            &[
                "source_configuration",
                "code_repository",
                "code_configuration",
                "code_configuration_values",
                "runtime_environment_variables",
            ],
        ],
        _ if of.ends_with("_function_app") || of.ends_with("_web_app") || of == "azurerm_app_service" => {
            &[&["app_settings"]]
        }
        _ => &[&["environment_variables"], &["env_vars"], &["config_vars"]],
    };
    let found = places.iter().filter_map(|path| body.at(path)).flat_map(Node::pairs);
    found.map(|(key, node)| (key.clone(), node)).collect()
}

/// Variables given as a map or as a list of names and values.
pub(super) fn environment(node: Option<&Node>, deployed: &mut Deployed, about: &mut About<'_, '_>) {
    let Some(node) = node else { return };
    let of_list = node.list().iter().filter_map(|n| Some((n.text_of("name")?, n.get("value")?)));
    for (key, value) in node.pairs().iter().map(|(k, v)| (k.as_str(), v)).chain(of_list) {
        let kept = about.variable(key, value.text().unwrap_or(""), value.line);
        deployed.env.push((key.to_owned(), kept, value.line));
    }
}

/// The containers of a declaration, wherever the provider puts them.
fn containers(body: &Node) -> Vec<&Node> {
    let paths: &[&[&str]] = &[
        &["template", "spec", "containers"],
        &["template", "containers"],
        &["template", "template", "containers"],
        &["template", "container"],
        &["spec", "template", "spec", "container"],
        &["spec", "job_template", "spec", "template", "spec", "container"],
        &["container"],
        &["spec", "service"],
    ];
    let mut found = Vec::new();
    for path in paths {
        let Some((last, before)) = path.split_last() else { continue };
        if let Some(parent) = body.at(before) {
            found.extend(parent.every(last).into_iter().filter(|n| n.get("image").is_some()));
        }
    }
    let repository = body.at(&["source_configuration", "image_repository"]);
    found.extend(repository.filter(|r| r.get("image_identifier").is_some()));
    found.truncate(16);
    found
}

/// What one container tells.
fn describe(container: &Node, deployed: &mut Deployed, about: &mut About<'_, '_>) {
    let image = ["image", "image_identifier"].iter().find_map(|k| container.get(k));
    if let Some(node) = image
        && let Some(image) = node.text().filter(|i| !i.starts_with('{'))
    {
        about.image(image, node.line);
        deployed.image.get_or_insert_with(|| image.to_owned());
    }
    for node in ["env", "environment"].iter().flat_map(|k| container.every(k)) {
        match node.text_of("name") {
            Some(key) => {
                let value = node.text_of("value").unwrap_or("");
                let value = about.variable(key, value, node.line);
                deployed.env.push((key.to_owned(), value, node.line));
            }
            None => {
                for (key, value) in node.pairs() {
                    let kept = about.variable(key, value.text().unwrap_or(""), value.line);
                    deployed.env.push((key.clone(), kept, value.line));
                }
            }
        }
    }
    if let Some(node) = container.get("secrets") {
        about.practice(node.line, Aspect::SecretStore, State::Present, "secrets", "secrets from a store");
    }
    for port in ["ports", "port_mappings", "port"].iter().flat_map(|k| container.every(k)) {
        let inside =
            ["container_port", "port", "internal"].iter().find_map(|k| port.text_of(k)?.parse().ok());
        if let Some(inside) = inside {
            deployed.ports.push(Port { inside, published: None, bind: None });
        }
    }
    limits(container, deployed, about);
    for probe in ["liveness_probe", "readiness_probe", "startup_probe", "health_check", "healthcheck"] {
        if let Some(node) = container.get(probe) {
            about.practice(node.line, Aspect::HealthProbe, State::Present, deployed.name.clone(), probe);
        }
    }
    let privileged =
        container.get("privileged").or_else(|| container.at(&["security_context", "privileged"]));
    if let Some(node) = privileged.filter(|n| n.is_true()) {
        about.privilege(node.line, &deployed.name, "privileged");
    }
    if container.get("log_configuration").is_some_and(|l| l.text_of("log_driver") != Some("none")) {
        about.practice(
            container.line,
            Aspect::CentralLogging,
            State::Present,
            deployed.name.clone(),
            "log_configuration",
        );
    }
}

fn limits(container: &Node, deployed: &mut Deployed, about: &mut About<'_, '_>) {
    let limits = container.at(&["resources", "limits"]);
    let memory = limits.and_then(|l| l.get("memory")).or_else(|| container.get("memory"));
    let cpu = limits.and_then(|l| l.get("cpu")).or_else(|| container.get("cpu"));
    if let Some(text) = memory.and_then(Node::text) {
        // ECS counts megabytes, Azure gigabytes, the others say their unit.
        let bare = text.parse::<f64>().ok();
        deployed.memory_gb = bare.map(|n| if n < 64.0 { n } else { n / 1024.0 }).or_else(|| gigabytes(text));
        about.practice(memory.map_or(1, |n| n.line), Aspect::ResourceLimit, State::Present, "memory", text);
    }
    if let Some(text) = cpu.and_then(Node::text) {
        // ECS counts thousand and twenty-fourths of a processor.
        deployed.vcpu = vcpu(text).map(|n| if n >= 64.0 { n / 1024.0 } else { n });
    }
}

/// Labels and selectors of Kubernetes written in HCL.
fn labels(body: &Node, deployed: &mut Deployed) {
    if let Some(name) = body.at(&["metadata", "name"]).and_then(Node::text).filter(|n| !n.contains('{')) {
        deployed.name = name.to_owned();
    }
    let found = body.at(&["spec", "template", "metadata", "labels"]).map(Node::pairs).unwrap_or_default();
    deployed.labels = found.iter().filter_map(|(k, v)| Some((k.clone(), v.text()?.to_owned()))).collect();
    deployed.replicas = body.at(&["spec", "replicas"]).and_then(Node::text).and_then(|r| r.parse().ok());
}

fn function(resource: &Resource<'_>, deployed: &mut Deployed, about: &mut About<'_, '_>) {
    let body = resource.body;
    let memory: Option<f64> = body.text_of("memory_size").and_then(|m| m.parse().ok());
    deployed.memory_gb = memory.map(|m| m / 1024.0);
    let line = body.get("memory_size").map_or(resource.line, |n| n.line);
    let detail = memory.map_or_else(|| "128 MB by default".to_owned(), |m| format!("{m} MB"));
    about.practice(line, Aspect::ResourceLimit, State::Present, "memory", detail);
    let node = body.get("timeout");
    let detail = format!("{} s for one run", node.and_then(Node::text).unwrap_or("3"));
    about.practice(node.map_or(resource.line, |n| n.line), Aspect::Timeout, State::Present, "run", detail);
    if let Some(node) = body.get("tracing_config").filter(|t| t.text_of("mode") == Some("Active")) {
        about.practice(node.line, Aspect::Tracing, State::Present, resource.label, "active tracing");
    }
}

/// The folder of the code, when the declaration has one.
fn build_of(body: &Node, deployed: &mut Deployed) {
    let path = ["source_path", "code_uri", "source_dir", "script"].iter().find_map(|k| body.text_of(k));
    if let Some(path) = path.filter(|p| !p.contains('{') && !p.contains("://") && !p.starts_with('/')) {
        deployed.build = Some(path.to_owned());
    }
}

/// Task definitions of ECS: each container is a deployed thing; the one called like the task is the task itself.
pub(super) fn tasks(resource: &Resource<'_>, out: &mut Sightings) {
    if resource.of != "aws_ecs_task_definition" {
        return;
    }
    let Some(node) = resource.body.get("container_definitions") else { return };
    let parsed = inline(node);
    let Value::List(list) = &parsed.as_ref().unwrap_or(node).value else { return };
    let task = name_of(
        resource.of,
        resource.body.text_of("family").filter(|f| !f.contains('{')).unwrap_or(resource.label),
    );
    for raw in list.iter().take(16) {
        let container = snake(raw);
        let name = container.text_of("name").filter(|n| !n.contains('{')).unwrap_or(&task).to_owned();
        let main = list.len() == 1 || name == task || container.is_yes("essential") && !sidecar(&name);
        let mut deployed = Deployed {
            name: if main && name.contains(['{', ' ']) { task.clone() } else { name.clone() },
            platform: Some(resource.platform),
            hosts: vec![task.clone()],
            part_of: (!main).then(|| task.clone()),
            ..Deployed::default()
        };
        // A task of a module is named by who uses the module.
        if main && (deployed.name.contains('{') || super::GENERIC.contains(&deployed.name.as_str())) {
            continue;
        }
        let mut about = About { out, of: Some(&name) };
        describe(&container, &mut deployed, &mut about);
        limits(resource.body, &mut deployed, &mut about);
        out.span(resource.line, resource.until, Seen::Deployed(Box::new(deployed)));
    }
}

/// Names of helpers that stand beside a service.
fn sidecar(name: &str) -> bool {
    [
        "proxy",
        "envoy",
        "sidecar",
        "xray",
        "log-router",
        "log_router",
        "fluent",
        "otel",
        "collector",
        "agent",
        "init",
    ]
    .iter()
    .any(|w| name.to_ascii_lowercase().contains(w))
}

/// A value with its keys in the style of Terraform: `portMappings` is `port_mappings`. Variables of an environment
/// and the tags of things keep theirs.
pub(in crate::extract::deployment) fn snake(node: &Node) -> Node {
    let value = match &node.value {
        Value::Scalar(text) => Value::Scalar(text.clone()),
        Value::List(list) => Value::List(list.iter().map(snake).collect()),
        Value::Map(pairs) => {
            let one = |(key, value): &(String, Node)| {
                let kept = matches!(
                    key.as_str(),
                    "Variables" | "EnvironmentVariables" | "environment_variables" | "variables"
                );
                (snake_case(key), if kept { value.clone() } else { snake(value) })
            };
            Value::Map(pairs.iter().map(one).collect())
        }
    };
    Node { line: node.line, tag: node.tag.clone(), value }
}

/// `DBInstanceIdentifier` as `db_instance_identifier`.
fn snake_case(key: &str) -> String {
    let chars: Vec<char> = key.chars().collect();
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        let after_lower = i > 0 && chars.get(i - 1).is_some_and(|p| p.is_lowercase() || p.is_ascii_digit());
        let before_lower = i > 0
            && chars.get(i - 1).is_some_and(|p| p.is_uppercase())
            && chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        if c.is_uppercase() && (after_lower || before_lower) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
