//! Resources of clouds, whatever language declares them: deployed things and the practices around them.

mod compute;
mod data;
mod kinds;
mod messages;
mod network;
mod rights;

use loadcase_model::{Aspect, State};

pub(super) use self::compute::snake;
use super::container::About;
use crate::secret::{Secrecy, is_key, judge};
use crate::sighting::{Deployed, Platform, Seen};
use crate::source::Sightings;
use crate::yaml::{Node, Value};

/// What the resources of a cloud show.
pub(super) const SEES: &[Aspect] = &[
    Aspect::EncryptionAtRest,
    Aspect::Backup,
    Aspect::Exposure,
    Aspect::GrantedRights,
    Aspect::Tls,
    Aspect::DeadLetter,
    Aspect::RateLimit,
    Aspect::LiteralSecret,
    Aspect::SecretStore,
    Aspect::ResourceLimit,
    Aspect::ImagePin,
    Aspect::CentralLogging,
    Aspect::Alerting,
    Aspect::Privilege,
    Aspect::HealthProbe,
];

/// A declared resource.
pub(super) struct Resource<'a> {
    /// Terraform's type.
    pub(super) of: &'a str,
    /// Its label in the file.
    pub(super) label: &'a str,
    /// Lines.
    pub(super) line: usize,
    /// Last line.
    pub(super) until: usize,
    /// Its attributes, keys in the style of Terraform.
    pub(super) body: &'a Node,
    /// The tool.
    pub(super) platform: Platform,
}

/// Whether resources of a type are deployed things.
pub(super) fn is_deployed(of: &str) -> bool {
    kinds::find(of).is_some()
}

/// The type that a module of a registry stands for.
pub(super) fn type_of_module(source: &str) -> Option<&'static str> {
    kinds::MODULES.iter().find(|(word, _)| source.contains(word)).map(|(_, of)| *of)
}

/// Labels that name nothing.
const GENERIC: &[&str] = &["main", "this", "default", "primary", "instance", "master", "cluster", "resource"];

/// The name of a resource: its label, told apart from the service of the same name that uses it.
pub(super) fn name_of(of: &str, label: &str) -> String {
    let clean = label.trim().replace('_', "-").to_ascii_lowercase();
    let Some(kind) = kinds::find(of) else { return clean };
    if kind.short.is_empty() {
        return clean;
    }
    if GENERIC.contains(&clean.as_str()) {
        let word = if kind.technology.is_empty() { kind.short } else { kind.technology };
        return word.to_owned();
    }
    let told = [kind.short, kind.technology, "database", "postgres", "mysql", "rds", "redis", "dlq"];
    if told.iter().any(|w| !w.is_empty() && clean.contains(w)) {
        clean
    } else {
        format!("{clean}-{}", kind.short)
    }
}

/// Tells what a resource shows.
pub(super) fn resource(resource: &Resource<'_>, out: &mut Sightings) {
    if kinds::find(resource.of).is_some() {
        deployed(resource, out);
    }
    data::practices(resource, out);
    messages::resource(resource, out);
    network::practices(resource, out);
    rights::practices(resource, out);
    compute::tasks(resource, out);
    secrets(resource, out);
    observability(resource, out);
}

/// Tells of the deployed thing that a module of a registry makes. Its defaults are the module's, so what is not
/// written tells nothing.
pub(super) fn module(resource: &Resource<'_>, out: &mut Sightings) {
    deployed(resource, out);
    secrets(resource, out);
}

fn deployed(resource: &Resource<'_>, out: &mut Sightings) {
    let Some(kind) = kinds::find(resource.of) else { return };
    let name = name_of(resource.of, resource.label);
    let technology = Some(kind.technology).filter(|t| !t.is_empty()).map(str::to_owned);
    let mut deployed = Deployed {
        name,
        platform: Some(resource.platform),
        kind: Some(kind.kind),
        technology: technology.or_else(|| data::engine(resource.body)),
        version: data::version(resource.body),
        managed: !resource.of.starts_with("kubernetes_") && !resource.of.starts_with("docker_"),
        hosts: hosts(resource.body),
        replicas: data::copies(resource.body),
        ..Deployed::default()
    };
    if let Some(engine) = data::engine(resource.body) {
        deployed.technology = Some(engine);
    }
    if keeps_state_of_the_tool(resource) {
        return;
    }
    // A label that names nothing names no service either.
    if kind.short.is_empty() && GENERIC.contains(&deployed.name.as_str()) {
        match deployed.hosts.first() {
            Some(host) => deployed.name.clone_from(host),
            None => return,
        }
    }
    compute::fill(resource, &mut deployed, out);
    out.span(resource.line, resource.until, Seen::Deployed(Box::new(deployed)));
}

/// Whether a bucket or table only holds the tool's own state.
fn keeps_state_of_the_tool(resource: &Resource<'_>) -> bool {
    let text = format!("{} {}", resource.label, hosts(resource.body).join(" ")).to_ascii_lowercase();
    [
        "tfstate",
        "terraform-state",
        "terraform_state",
        "tf-state",
        "tf_state",
        "terraform-lock",
        "terraform_lock",
    ]
    .iter()
    .any(|w| text.contains(w))
}

/// A module of the own repository that runs a service: it is given a name and an image or an environment.
pub(super) fn local_module(resource: &Resource<'_>, out: &mut Sightings) {
    let body = resource.body;
    let known = |text: &&str| !text.is_empty() && !text.contains(['{', ' ']);
    let image = body.pairs().iter().find(|(key, _)| key.contains("image") && !key.contains("tag"));
    let environment = ["environment_variables", "environment", "env", "env_vars", "container_environment"]
        .iter()
        .find_map(|k| body.get(k));
    if image.is_none() && environment.is_none() {
        return;
    }
    let named = ["service_name", "app_name", "function_name", "name"].iter().find_map(|k| body.text_of(k));
    let Some(name) = named.filter(known) else { return };
    let mut deployed =
        Deployed { name: name.to_owned(), platform: Some(resource.platform), ..Deployed::default() };
    let mut about = About { out, of: Some(name) };
    if let Some((_, node)) = image
        && let Some(text) = node.text().filter(known)
    {
        about.image(text, node.line);
        deployed.image = Some(text.to_owned());
    }
    compute::environment(environment, &mut deployed, &mut about);
    out.span(resource.line, resource.until, Seen::Deployed(Box::new(deployed)));
}

/// Names by which the thing is known to others.
fn hosts(body: &Node) -> Vec<String> {
    let keys = [
        "identifier",
        "cluster_identifier",
        "name",
        "function_name",
        "bucket",
        "table_name",
        "queue_name",
        "topic_name",
        "domain_name",
        "replication_group_id",
        "cluster_id",
        "service_name",
        "db_instance_identifier",
        "db_cluster_identifier",
        "bucket_name",
    ];
    let clean = |text: &&str| !text.contains(['{', '$', ' ']) && text.len() < 100;
    let mut found: Vec<String> =
        keys.iter().filter_map(|k| body.text_of(k)).filter(clean).map(str::to_owned).collect();
    found.dedup();
    found
}

/// Literal secrets among the attributes, and stores of secrets.
fn secrets(resource: &Resource<'_>, out: &mut Sightings) {
    let name = kinds::find(resource.of).map(|_| name_of(resource.of, resource.label));
    let mut about = About { out, of: name.as_deref() };
    const STORES: &[&str] = &[
        "aws_secretsmanager_secret",
        "google_secret_manager_secret",
        "azurerm_key_vault_secret",
        "azurerm_key_vault",
        "vault_kv_secret_v2",
        "vault_generic_secret",
    ];
    let parameter =
        resource.of == "aws_ssm_parameter" && resource.body.text_of("type") == Some("SecureString");
    if STORES.contains(&resource.of) || parameter || resource.body.is_yes("manage_master_user_password") {
        about.practice(resource.line, Aspect::SecretStore, State::Present, resource.label, resource.of);
    }
    let in_store = resource.of.contains("secret") && resource.of != "kubernetes_secret";
    for (key, node) in resource.body.pairs() {
        let holds =
            is_key(key) || (in_store && matches!(key.as_str(), "secret_string" | "secret_data" | "value"));
        let Some(value) = node.text().filter(|v| holds && !v.contains('{')) else { continue };
        if is_reference(key, value) {
            continue;
        }
        let state = State::Present;
        match judge(value) {
            Secrecy::Harmless => {}
            Secrecy::Literal => about.practice(node.line, Aspect::LiteralSecret, state, key, "literal value"),
            Secrecy::Default => {
                about.practice(node.line, Aspect::LiteralSecret, state, key, "literal value");
                about.practice(
                    node.line,
                    Aspect::DefaultCredentials,
                    state,
                    key,
                    "a value everybody tries first",
                );
            }
        }
    }
}

/// Whether a value is the name of a secret rather than the secret.
fn is_reference(key: &str, value: &str) -> bool {
    key.ends_with("_id")
        || key.ends_with("_arn")
        || key.ends_with("_name")
        || value.contains("arn:")
        || value.contains("dynamic-reference")
}

fn observability(resource: &Resource<'_>, out: &mut Sightings) {
    let mut about = About { out, of: None };
    let alert = [
        "aws_cloudwatch_metric_alarm",
        "aws_cloudwatch_composite_alarm",
        "google_monitoring_alert_policy",
        "azurerm_monitor_metric_alert",
        "datadog_monitor",
        "grafana_rule_group",
    ];
    if alert.contains(&resource.of) {
        about.practice(resource.line, Aspect::Alerting, State::Present, resource.label, resource.of);
    }
    let logs = ["aws_cloudwatch_log_group", "google_logging_project_sink", "azurerm_log_analytics_workspace"];
    if logs.contains(&resource.of) {
        about.practice(resource.line, Aspect::CentralLogging, State::Present, resource.label, resource.of);
    }
}

/// More ways to ask a value.
pub(super) trait Ask {
    /// Whether a key says yes.
    fn is_yes(&self, key: &str) -> bool;
    /// Whether a key says no.
    fn is_no(&self, key: &str) -> bool;
    /// Every value of a key: blocks of one name stand side by side, and a list is a list of them.
    fn every<'a>(&'a self, key: &str) -> Vec<&'a Node>;
}

impl Ask for Node {
    fn is_yes(&self, key: &str) -> bool {
        self.get(key).is_some_and(Self::is_true)
    }

    fn is_no(&self, key: &str) -> bool {
        matches!(self.text_of(key), Some("false" | "False" | "0" | "no"))
    }

    fn every<'a>(&'a self, key: &str) -> Vec<&'a Node> {
        let mut found = Vec::new();
        for (_, node) in self.pairs().iter().filter(|(k, _)| k == key) {
            match &node.value {
                Value::List(list) => found.extend(list),
                _ => found.push(node),
            }
        }
        found
    }
}
