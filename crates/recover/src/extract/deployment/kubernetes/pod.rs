//! What a pod shows of the practices of its workload.

use loadcase_catalog::Sign;
use loadcase_model::{Aspect, Role, State};

use crate::yaml::Node;

use super::super::container::{About, DANGEROUS_CAPABILITIES, is_configuration_path, is_durable};
use super::{Manifest, workload};

/// A pod while its practices are told.
pub(super) struct Pod<'a> {
    pub(super) manifest: &'a Manifest<'a>,
    pub(super) spec: &'a Node,
    /// The container the workload is for.
    pub(super) main: &'a Node,
    /// Its image as it is applied.
    pub(super) image: Option<&'a str>,
}

impl Pod<'_> {
    fn containers(&self) -> impl Iterator<Item = &Node> {
        let list = |key: &str| self.spec.get(key).map(Node::list).unwrap_or_default();
        list("containers").iter().chain(list("initContainers"))
    }

    /// What the image is known as, else what listens on its port.
    fn sign(&self) -> Option<&Sign> {
        let signs = self.manifest.set.source.signs;
        let by_port = || {
            let ports = self.main.get("ports").map(Node::list).unwrap_or_default();
            let port = ports.iter().filter_map(|p| p.text_of("containerPort")?.parse().ok()).next()?;
            signs.port(port).filter(|s| s.role == Some(Role::Store))
        };
        self.image.and_then(|i| signs.image(i)).or_else(by_port)
    }

    fn is_job(&self) -> bool {
        matches!(self.manifest.kind, "Job" | "CronJob")
    }
}

/// Tells the practices of a pod.
pub(super) fn tell(pod: &Pod<'_>, about: &mut About<'_, '_>) {
    for container in pod.containers() {
        let images = &pod.manifest.set.images;
        if let Some(image) = container.text_of("image").map(|i| images.replaced(i))
            && images.built(&image).is_none()
        {
            about.image(&image, container.get("image").map_or(container.line, |n| n.line));
        }
        environment(container, about);
        security(container, about);
    }
    if !pod.is_job() {
        probes(pod.main, about);
    }
    limits(pod.main, about);
    host(pod, about);
    storage(pod, about);
    vault(pod, about);
}

fn environment(container: &Node, about: &mut About<'_, '_>) {
    let list = container.get("env").map(Node::list).unwrap_or_default();
    let literal = |v: &Node| {
        Some((v.text_of("name")?.to_owned(), v.text_of("value")?.to_owned(), v.get("value")?.line))
    };
    let variables: Vec<(String, String, usize)> = list.iter().filter_map(literal).collect();
    about.same_as_user(&variables);
    for (key, value, line) in variables {
        about.variable(&key, &value, line);
    }
    if let Some(secret) = list.iter().find(|v| v.at(&["valueFrom", "secretKeyRef"]).is_some()) {
        let name = secret.text_of("name").unwrap_or("");
        about.practice(secret.line, Aspect::SecretStore, State::Weak, name, "from a Kubernetes Secret");
    }
    for key in ["command", "args"] {
        let Some(node) = container.get(key) else { continue };
        let text = node.list().iter().filter_map(Node::text).collect::<Vec<_>>().join(" ");
        about.command(&text, node.line);
    }
}

fn security(container: &Node, about: &mut About<'_, '_>) {
    let Some(context) = container.get("securityContext") else { return };
    let line = |key: &str| context.get(key).map_or(context.line, |n| n.line);
    let is = |key: &str, value: &str| context.text_of(key) == Some(value);
    if context.get("privileged").is_some_and(Node::is_true) {
        about.privilege(line("privileged"), "privileged", "the container is privileged");
    }
    if context.get("allowPrivilegeEscalation").is_some_and(Node::is_true) {
        about.practice(
            line("allowPrivilegeEscalation"),
            Aspect::Privilege,
            State::Weak,
            "allowPrivilegeEscalation",
            "a process may gain more rights than its parent",
        );
    }
    if is("runAsUser", "0") {
        about.practice(line("runAsUser"), Aspect::Privilege, State::Weak, "runAsUser", "runs as root");
    }
    for capability in context.at(&["capabilities", "add"]).map(Node::list).unwrap_or_default() {
        let name = capability.text().unwrap_or("").trim_start_matches("CAP_").to_ascii_uppercase();
        if DANGEROUS_CAPABILITIES.contains(&name.as_str()) {
            about.privilege(capability.line, &name, "a capability that reaches beyond the container");
        }
    }
    let restricted =
        is("allowPrivilegeEscalation", "false") || context.get("runAsNonRoot").is_some_and(Node::is_true);
    if restricted && !context.get("privileged").is_some_and(Node::is_true) {
        about.practice(
            context.line,
            Aspect::Privilege,
            State::Absent,
            "securityContext",
            "rights are restricted",
        );
    }
}

fn probes(container: &Node, about: &mut About<'_, '_>) {
    let readiness = container.get("readinessProbe");
    let liveness = container.get("livenessProbe");
    for (name, probe) in [("readinessProbe", readiness), ("livenessProbe", liveness)] {
        match probe {
            Some(probe) => {
                about.practice(probe.line, Aspect::HealthProbe, State::Present, name, "health check");
            }
            None => {
                let other = readiness.or(liveness);
                let line = other.map_or(container.line, |o| o.line);
                about.practice(line, Aspect::HealthProbe, State::Absent, name, "not defined");
            }
        }
    }
    if let (Some(ready), Some(live)) = (readiness, liveness)
        && check(ready) == check(live)
    {
        let detail = "the same check as for readiness: an overload restarts the process";
        about.practice(live.line, Aspect::HealthProbe, State::Weak, "livenessProbe", detail);
    }
}

/// What a probe asks, without its times.
fn check(probe: &Node) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for kind in ["httpGet", "tcpSocket", "exec", "grpc"] {
        let asked = probe.get(kind).map(Node::flat).unwrap_or_default();
        out.extend(asked.into_iter().map(|(key, value, _)| (format!("{kind}.{key}"), value.to_owned())));
    }
    out
}

fn limits(container: &Node, about: &mut About<'_, '_>) {
    let resources = container.get("resources");
    let line = resources.map_or(container.line, |r| r.line);
    match container.at(&["resources", "limits", "memory"]).and_then(|n| Some((n.text()?, n.line))) {
        Some((limit, line)) => {
            about.practice(line, Aspect::ResourceLimit, State::Present, "memory", format!("memory {limit}"));
        }
        None => about.practice(line, Aspect::ResourceLimit, State::Absent, "memory", "no memory limit"),
    }
    let cpu = |of: &str| container.at(&["resources", of, "cpu"]).is_some();
    if !cpu("requests") && !cpu("limits") {
        about.practice(line, Aspect::ResourceLimit, State::Absent, "cpu", "no processor time is asked for");
    }
}

fn host(pod: &Pod<'_>, about: &mut About<'_, '_>) {
    for key in ["hostPID", "hostNetwork", "hostIPC"] {
        if let Some(node) = pod.spec.get(key).filter(|n| n.is_true()) {
            about.privilege(node.line, key, "shares the host's namespace");
        }
    }
    if let Some(node) = pod.spec.at(&["securityContext", "runAsUser"]).filter(|n| n.text() == Some("0")) {
        about.practice(node.line, Aspect::Privilege, State::Weak, "runAsUser", "runs as root");
    }
    for port in pod.main.get("ports").map(Node::list).unwrap_or_default() {
        if let Some(host) = port.get("hostPort").and_then(|h| Some((h.text()?, h.line))) {
            about.published(host.0, port.text_of("hostIP"), "a port of the host", host.1);
        }
    }
    for volume in volumes(pod) {
        if let Some(path) = volume.at(&["hostPath", "path"]).and_then(|p| Some((p.text()?, p.line))) {
            about.host_path(path.0, path.1);
        }
    }
}

fn volumes<'a>(pod: &'a Pod<'_>) -> &'a [Node] {
    pod.spec.get("volumes").map(Node::list).unwrap_or_default()
}

fn storage(pod: &Pod<'_>, about: &mut About<'_, '_>) {
    let Some(sign) = pod.sign().filter(|s| is_durable(s) || s.role == Some(Role::Cache)) else { return };
    let subject = sign.technology.as_str();
    let claims = pod.manifest.spec(&["volumeClaimTemplates"]).filter(|c| !c.list().is_empty());
    if let Some(claims) = claims {
        about.practice(
            claims.line,
            Aspect::DurableStorage,
            State::Present,
            subject,
            "a volume of its own for each copy",
        );
        return;
    }
    let mounts = pod.main.get("volumeMounts").map(Node::list).unwrap_or_default();
    let data: Vec<&str> = mounts
        .iter()
        .filter(|m| m.text_of("mountPath").is_some_and(|p| !is_configuration_path(p)))
        .filter_map(|m| m.text_of("name"))
        .collect();
    let used: Vec<&Node> =
        volumes(pod).iter().filter(|v| v.text_of("name").is_some_and(|n| data.contains(&n))).collect();
    let durable = [
        "persistentVolumeClaim",
        "hostPath",
        "awsElasticBlockStore",
        "gcePersistentDisk",
        "nfs",
        "csi",
        "azureDisk",
        "azureFile",
        "local",
        "ephemeral",
    ];
    if let Some(volume) = used.iter().find(|v| durable.iter().any(|k| v.get(k).is_some())) {
        about.practice(volume.line, Aspect::DurableStorage, State::Present, subject, "a volume");
    } else if is_durable(sign) {
        match used.iter().find(|v| v.get("emptyDir").is_some()) {
            Some(volume) => {
                let detail = "an emptyDir: data goes with the pod";
                about.practice(volume.line, Aspect::DurableStorage, State::Absent, subject, detail);
            }
            None => {
                let line = pod.main.get("image").map_or(pod.main.line, |n| n.line);
                let detail = "no volume: data goes with the pod";
                about.practice(line, Aspect::DurableStorage, State::Absent, subject, detail);
            }
        }
    }
}

/// Annotations by which a store of secrets puts them into the pod.
fn vault(pod: &Pod<'_>, about: &mut About<'_, '_>) {
    let template = match pod.manifest.kind {
        "Pod" => pod.manifest.node.at(&["metadata", "annotations"]),
        _ => pod.manifest.spec(&["template", "metadata", "annotations"]),
    };
    let annotations = template.map(Node::pairs).unwrap_or_default();
    if let Some((key, node)) =
        annotations.iter().find(|(k, _)| k.starts_with("vault.hashicorp.com/agent-inject"))
    {
        about.practice(node.line, Aspect::SecretStore, State::Present, key, "secrets come from Vault");
    }
    let from_store =
        |v: &&Node| v.at(&["csi", "driver"]).and_then(Node::text) == Some("secrets-store.csi.k8s.io");
    if let Some(volume) = volumes(pod).iter().find(from_store) {
        about.practice(
            volume.line,
            Aspect::SecretStore,
            State::Present,
            "secrets-store.csi.k8s.io",
            "secrets are mounted from a store",
        );
    }
    let backs_up = matches!(pod.manifest.kind, "CronJob" | "Job") && pod.manifest.name().contains("backup");
    if backs_up && workload::command(pod.main).is_some() {
        let line = pod.manifest.line();
        about.practice(
            line,
            Aspect::Backup,
            State::Present,
            pod.manifest.name(),
            "a job that is called a backup",
        );
    }
}
