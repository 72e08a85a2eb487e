//! Workloads: everything that runs pods.

use loadcase_model::ComponentKind;

use crate::sighting::{Deployed, Port, Seen};
use crate::source::Sightings;
use crate::template::placeholder;
use crate::yaml::{Node, Value};

use super::super::container::{About, gigabytes, vcpu};
use super::{Manifest, pairs, pod};

/// The pod specification of a workload.
pub(super) fn pod_spec(node: &Node) -> Option<&Node> {
    let spec = node.get("spec")?;
    let template = match node.text_of("kind") {
        Some("CronJob") => spec.at(&["jobTemplate", "spec", "template"]),
        Some("Pod") => Some(node),
        _ => spec.get("template"),
    };
    template?.get("spec").filter(|s| s.get("containers").is_some())
}

/// The labels of the pods of a workload.
pub(super) fn labels(node: &Node) -> Vec<(String, String)> {
    let metadata = match node.text_of("kind") {
        Some("Pod") => node.at(&["metadata", "labels"]),
        Some("CronJob") => node.at(&["spec", "jobTemplate", "spec", "template", "metadata", "labels"]),
        _ => node.at(&["spec", "template", "metadata", "labels"]),
    };
    pairs(metadata)
}

/// Names of containers that serve the pod rather than being what it is for.
const HELPERS: &[&str] = &[
    "istio-proxy",
    "envoy",
    "linkerd-proxy",
    "proxy",
    "sidecar",
    "exporter",
    "metrics",
    "agent",
    "fluent-bit",
];

/// Tells a workload.
pub(super) fn tell(manifest: &Manifest<'_>, out: &mut Sightings) {
    let Some(spec) = pod_spec(manifest.node) else { return };
    let name = manifest.name().to_owned();
    if name.is_empty() {
        return;
    }
    let containers = spec.get("containers").map(Node::list).unwrap_or_default();
    // A patch of an overlay names containers without their images.
    let is_patch = !containers.iter().any(|c| c.get("image").is_some());
    let Some(main) = main_container(containers, &name) else { return };
    let labels = labels(manifest.node);
    let mut deployed = Deployed {
        name: name.clone(),
        platform: Some(manifest.set.platform),
        labels,
        replicas: manifest.spec(&["replicas"]).and_then(Node::text).and_then(|t| t.parse().ok()),
        optional: manifest.optional || is_test_hook(manifest.node),
        kind: matches!(manifest.kind, "CronJob" | "Job").then_some(ComponentKind::Worker),
        ..Deployed::default()
    };
    deployed.env_from = mounted(spec);
    fill(&mut deployed, main, manifest);
    deployed.optional |= deployed.replicas == Some(0);
    let optional = deployed.optional;
    let image = deployed.image.clone();
    out.add(manifest.line(), Seen::Deployed(Box::new(deployed)));
    let beside = containers.iter().filter(|c| !std::ptr::eq(*c, main));
    let before = spec.get("initContainers").map(Node::list).unwrap_or_default();
    for container in beside.chain(before) {
        let mut helper = Deployed {
            name: container.text_of("name").unwrap_or("container").to_owned(),
            platform: Some(manifest.set.platform),
            part_of: Some(name.clone()),
            optional,
            ..Deployed::default()
        };
        fill(&mut helper, container, manifest);
        out.add(container.line, Seen::Deployed(Box::new(helper)));
    }
    if !is_patch {
        let mut about = About { out, of: Some(&name) };
        pod::tell(&pod::Pod { manifest, spec, main, image: image.as_deref() }, &mut about);
    }
}

fn main_container<'a>(containers: &'a [Node], name: &str) -> Option<&'a Node> {
    let called = |c: &&Node| c.text_of("name") == Some(name);
    let helper = |c: &&Node| c.text_of("name").is_some_and(|n| HELPERS.iter().any(|h| n.contains(h)));
    containers
        .iter()
        .find(called)
        .or_else(|| containers.iter().find(|c| !helper(c)))
        .or_else(|| containers.first())
}

fn is_test_hook(node: &Node) -> bool {
    node.at(&["metadata", "annotations"])
        .and_then(|a| a.text_of("helm.sh/hook"))
        .is_some_and(|hook| hook.split(',').any(|h| h.trim().starts_with("test")))
}

/// The config maps mounted into a pod.
fn mounted(spec: &Node) -> Vec<String> {
    let volumes = spec.get("volumes").map(Node::list).unwrap_or_default();
    volumes.iter().filter_map(|v| v.at(&["configMap", "name"])?.text().map(str::to_owned)).collect()
}

fn fill(deployed: &mut Deployed, container: &Node, manifest: &Manifest<'_>) {
    let image = container.text_of("image").map(|i| manifest.set.images.replaced(i));
    deployed.build = image.as_deref().and_then(|i| manifest.set.images.built(i));
    deployed.image = image;
    for port in container.get("ports").map(Node::list).unwrap_or_default() {
        let Some(inside) = port.text_of("containerPort").and_then(|t| t.parse().ok()) else { continue };
        let published = port.text_of("hostPort").map(str::to_owned);
        deployed.ports.push(Port { inside, published, bind: port.text_of("hostIP").map(str::to_owned) });
    }
    environment(deployed, container);
    deployed.command = command(container);
    let limit = |key: &str| container.at(&["resources", "limits", key]).and_then(Node::text);
    deployed.memory_gb = limit("memory").and_then(gigabytes);
    deployed.vcpu = limit("cpu").and_then(vcpu);
}

/// The command and its arguments as one line.
pub(super) fn command(container: &Node) -> Option<String> {
    let parts = [container.get("command"), container.get("args")];
    let words: Vec<&str> = parts.iter().flatten().flat_map(|n| n.list()).filter_map(Node::text).collect();
    let text = words.join(" ");
    if text.is_empty() {
        return None;
    }
    let mut unused = crate::source::Sightings::new("", "");
    Some(About { out: &mut unused, of: None }.command(&text, 1))
}

fn environment(deployed: &mut Deployed, container: &Node) {
    for group in container.get("envFrom").map(Node::list).unwrap_or_default() {
        let named = group.at(&["configMapRef", "name"]).or_else(|| group.at(&["secretRef", "name"]));
        deployed.env_from.extend(named.and_then(Node::text).map(str::to_owned));
    }
    for variable in container.get("env").map(Node::list).unwrap_or_default() {
        let Some(key) = variable.text_of("name") else { continue };
        if let Some(value) = variable.get("value") {
            let value = match &value.value {
                Value::Scalar(text) => text.replace("$(", "${").replace(')', "}"),
                _ => continue,
            };
            let value =
                if value.contains("${") { value } else { variable.text_of("value").unwrap_or("").to_owned() };
            deployed.env.push((key.to_owned(), crate::secret::hidden(key, &value), variable.line));
            continue;
        }
        let Some(from) = variable.get("valueFrom") else { continue };
        if let Some(reference) = from.get("configMapKeyRef") {
            deployed.env_from.extend(reference.text_of("name").map(str::to_owned));
            push_reference(deployed, key, reference.text_of("key"), variable.line);
        } else if let Some(reference) = from.get("secretKeyRef") {
            deployed.env_from.extend(reference.text_of("name").map(str::to_owned));
            push_reference(deployed, key, reference.text_of("key"), variable.line);
        } else if let Some(path) = from.at(&["fieldRef", "fieldPath"]).and_then(Node::text) {
            deployed.env.push((key.to_owned(), placeholder(path, None), variable.line));
        }
    }
    deployed.env_from.dedup();
}

/// A variable that has the value of a key of a group: the group is read as a whole, so that only another name
/// needs saying.
fn push_reference(deployed: &mut Deployed, key: &str, of: Option<&str>, line: usize) {
    if let Some(of) = of.filter(|of| *of != key) {
        deployed.env.push((key.to_owned(), placeholder(of, None), line));
    }
}
