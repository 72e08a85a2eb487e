//! What a Compose file shows of the practices of its services.

use loadcase_catalog::Sign;
use loadcase_model::{Aspect, Role, State};

use crate::sighting::Deployed;
use crate::template::resolve;
use crate::yaml::{Node, Value};

use super::super::container::{About, DANGEROUS_CAPABILITIES, is_configuration_path, is_durable};
use super::File;

/// A service while its practices are told.
pub(super) struct Service<'a> {
    pub(super) file: &'a File<'a>,
    pub(super) node: &'a Node,
    pub(super) deployed: &'a Deployed,
    /// The image it is built on.
    pub(super) base: Option<&'a str>,
}

impl Service<'_> {
    fn line(&self, key: &str) -> usize {
        self.node.get(key).map_or_else(|| self.head(), |n| n.line)
    }

    fn head(&self) -> usize {
        super::services_line(self.file.services, &self.deployed.name)
    }

    /// What its image, or the image it is built on, is known as.
    fn sign(&self) -> Option<&Sign> {
        let signs = self.file.source.signs;
        match (&self.deployed.image, self.base) {
            (_, Some(base)) => signs.image(base),
            (Some(image), None) => signs.image(image),
            (None, None) => None,
        }
    }
}

/// Tells the practices of a service.
pub(super) fn tell(service: &Service<'_>, about: &mut About<'_, '_>) {
    if let (Some(image), None) = (&service.deployed.image, &service.deployed.build) {
        about.image(image, service.line("image"));
    }
    exposure(service, about);
    health(service, about);
    limits(service, about);
    privileges(service, about);
    storage(service, about);
    central(service, about);
}

fn exposure(service: &Service<'_>, about: &mut About<'_, '_>) {
    let sign = service.sign();
    let ports = service.node.get("ports");
    let written: Vec<&Node> = ports.map(Node::list).unwrap_or_default().iter().collect();
    for node in &written {
        let of_file = service.file.port(node);
        for port in of_file.iter().take(4) {
            let Some(published) = &port.published else { continue };
            let what = match sign.and_then(|s| s.role) {
                Some(role) => format!(
                    "published on every address; {role:?} {}",
                    sign.map_or("", |s| s.technology.as_str())
                ),
                None => "published on every address".to_owned(),
            };
            let shown = if published == "0" { port.inside.to_string() } else { published.clone() };
            about.published(&shown, port.bind.as_deref(), &what, node.line);
            let loopback = port.bind.as_deref().is_some_and(|b| b.starts_with("127."));
            if matches!(port.inside, 5005 | 9229 | 2345 | 5678) && !loopback {
                about.practice(
                    node.line,
                    Aspect::DebugSurface,
                    State::Present,
                    shown,
                    "the port of a debugger is published",
                );
            }
        }
    }
    if let Some(first) = written.first() {
        about.admin_surface(sign, first.line);
    }
}

fn health(service: &Service<'_>, about: &mut About<'_, '_>) {
    let Some(check) = service.node.get("healthcheck") else {
        if service.deployed.build.is_some() && service.base.is_none() {
            return;
        }
        let detail = "the service has no health check";
        about.practice(service.head(), Aspect::HealthProbe, State::Absent, "healthcheck", detail);
        return;
    };
    let test =
        check.get("test").map(|t| t.list().iter().filter_map(Node::text).collect::<Vec<_>>().join(" "));
    let off = check.get("disable").is_some_and(Node::is_true) || test.as_deref() == Some("NONE");
    let (state, detail) =
        if off { (State::Absent, "switched off") } else { (State::Present, "health check") };
    about.practice(check.line, Aspect::HealthProbe, state, "healthcheck", detail);
}

fn limits(service: &Service<'_>, about: &mut About<'_, '_>) {
    let limits = service.node.at(&["deploy", "resources", "limits"]);
    let line = limits.or_else(|| service.node.get("mem_limit")).map_or_else(|| service.head(), |n| n.line);
    match service.deployed.memory_gb {
        Some(gb) => {
            let detail = format!("memory {} MB", (gb * 1024.0).round());
            about.practice(line, Aspect::ResourceLimit, State::Present, "memory", detail);
        }
        None => about.practice(line, Aspect::ResourceLimit, State::Absent, "memory", "no memory limit"),
    }
}

fn privileges(service: &Service<'_>, about: &mut About<'_, '_>) {
    let node = service.node;
    if node.get("privileged").is_some_and(Node::is_true) {
        about.privilege(service.line("privileged"), "privileged", "the container is privileged");
    }
    for key in ["pid", "ipc", "network_mode", "userns_mode", "uts"] {
        if node.text_of(key) == Some("host") {
            about.privilege(service.line(key), key, "shares the host's namespace");
        }
    }
    for capability in node.get("cap_add").map(Node::list).unwrap_or_default() {
        let name = capability.text().unwrap_or("").trim_start_matches("CAP_").to_ascii_uppercase();
        if DANGEROUS_CAPABILITIES.contains(&name.as_str()) {
            about.privilege(capability.line, &name, "a capability that reaches beyond the container");
        }
    }
    for option in node.get("security_opt").map(Node::list).unwrap_or_default() {
        if let Some(text) = option.text().filter(|t| t.ends_with("unconfined")) {
            about.privilege(option.line, text, "a protection of the kernel is switched off");
        }
    }
    if let Some(user) = node.text_of("user").filter(|u| matches!(u.split(':').next(), Some("root" | "0"))) {
        about.practice(
            service.line("user"),
            Aspect::Privilege,
            State::Weak,
            "user",
            format!("runs as {user}"),
        );
    }
    for mount in mounts(service) {
        if let Some(host) = &mount.host {
            about.host_path(host, mount.line);
        }
    }
}

/// A mount of a service.
struct Mount {
    /// The path of the host, when it is one.
    host: Option<String>,
    /// The name of a volume, when it has one.
    volume: Option<String>,
    inside: String,
    line: usize,
}

fn mounts(service: &Service<'_>) -> Vec<Mount> {
    let list = service.node.get("volumes").map(Node::list).unwrap_or_default();
    list.iter().filter_map(|n| mount(service, n)).collect()
}

fn mount(service: &Service<'_>, node: &Node) -> Option<Mount> {
    let (from, inside, kind) = match &node.value {
        Value::Map(_) => {
            let from = node.text_of("source").unwrap_or("").to_owned();
            (from, node.text_of("target")?.to_owned(), node.text_of("type").unwrap_or("volume"))
        }
        _ => {
            let text = resolve(&service.file.text(node.text()?), &|_| None);
            let mut parts = text.split(':').map(str::to_owned);
            let first = parts.next()?;
            match parts.next() {
                Some(second) => (first, second, ""),
                None => (String::new(), first, ""),
            }
        }
    };
    let is_path = kind == "bind" || from.starts_with(['/', '.', '~', '$']);
    let (host, volume) = match (is_path, from.is_empty() || kind == "tmpfs") {
        (_, true) => (None, None),
        (true, _) => (Some(from), None),
        (false, _) => (None, Some(from)),
    };
    Some(Mount { host, volume, inside, line: node.line })
}

fn storage(service: &Service<'_>, about: &mut About<'_, '_>) {
    let Some(sign) = service.sign() else { return };
    let mounts: Vec<Mount> =
        mounts(service).into_iter().filter(|m| !is_configuration_path(&m.inside)).collect();
    let subject = sign.technology.as_str().to_owned();
    let kept = mounts.iter().find(|m| m.volume.is_some() || m.host.is_some());
    let external = service.node.get("volumes_from");
    if let Some(line) = kept.map(|m| m.line).or_else(|| external.map(|n| n.line)) {
        if is_durable(sign) || sign.role == Some(Role::Cache) {
            about.practice(line, Aspect::DurableStorage, State::Present, subject, "a volume");
        }
    } else if is_durable(sign) {
        match mounts.first() {
            Some(m) => about.practice(
                m.line,
                Aspect::DurableStorage,
                State::Weak,
                subject,
                "a volume without a name",
            ),
            None => {
                let line = service.line("image");
                about.practice(
                    line,
                    Aspect::DurableStorage,
                    State::Absent,
                    subject,
                    "no volume: data goes with the container",
                );
            }
        }
    }
}

/// Drivers that bring logs to another place.
const LOG_DRIVERS: &[&str] =
    &["gelf", "fluentd", "syslog", "awslogs", "splunk", "loki", "gcplogs", "logentries", "etwlogs"];

fn central(service: &Service<'_>, about: &mut About<'_, '_>) {
    if let Some(logging) = service.node.get("logging")
        && let Some(driver) = logging.text_of("driver")
        && LOG_DRIVERS.iter().any(|d| driver.contains(d))
    {
        about.practice(logging.line, Aspect::CentralLogging, State::Present, driver, "log driver");
    }
    for secret in service.node.get("secrets").map(Node::list).unwrap_or_default() {
        let Some(name) = secret.text().or_else(|| secret.text_of("source")) else { continue };
        let external = service
            .file
            .doc
            .at(&["secrets", name, "external"])
            .is_some_and(|e| e.is_true() || !e.pairs().is_empty());
        let (state, detail) = if external {
            (State::Present, "a secret of the platform")
        } else {
            (State::Weak, "a secret from a file")
        };
        about.practice(secret.line, Aspect::SecretStore, state, name, detail);
    }
}
