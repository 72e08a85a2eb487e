//! Kubernetes manifests: workloads, addresses, configuration, rights.

mod access;
mod config;
mod mesh;
mod network;
mod operator;
mod pod;
mod workload;

use loadcase_model::Aspect;

use crate::extract::Extractor;
use crate::sighting::Platform;
use crate::source::{Sightings, Source};
use crate::yaml::{Node, documents};

use super::kustomize;

/// What manifests show, whoever writes them.
pub(super) const SEES: &[Aspect] = &[
    Aspect::Exposure,
    Aspect::LiteralSecret,
    Aspect::DefaultCredentials,
    Aspect::ImagePin,
    Aspect::HealthProbe,
    Aspect::ResourceLimit,
    Aspect::Privilege,
    Aspect::GrantedRights,
    Aspect::DurableStorage,
    Aspect::Backup,
    Aspect::Tls,
    Aspect::SecretStore,
];

/// Reads manifests.
pub(super) const EXTRACTOR: Extractor = Extractor { id: "kubernetes", reads, sees: SEES, extract };

fn reads(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    [".yaml", ".yml", ".yaml.tmpl", ".yml.tmpl", ".yaml.dist"].iter().any(|e| lower.ends_with(e))
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let text = source.text;
    if !(text.contains("apiVersion:") && text.contains("kind:")) || super::helm::is_template(source) {
        out.passed = true;
        return;
    }
    let (documents, _) = documents(text);
    let kustomized = kustomize::of(source);
    let set = Set {
        source,
        documents: flat(documents),
        platform: Platform::Kubernetes,
        optional: kustomized.optional,
        images: kustomized.images,
    };
    if !set.tell(&|_| false, out) {
        out.passed = true;
    }
}

/// The documents of a file, lists written out.
pub(super) fn flat(documents: Vec<Node>) -> Vec<Node> {
    let mut out = Vec::new();
    for document in documents {
        match document.text_of("kind") {
            Some("List") => {
                out.extend(document.get("items").map(Node::list).unwrap_or_default().iter().cloned());
            }
            _ => out.push(document),
        }
    }
    out
}

/// The manifests of one file.
pub(super) struct Set<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) documents: Vec<Node>,
    pub(super) platform: Platform,
    /// Whether they are applied only when asked for.
    pub(super) optional: bool,
    /// Images that are replaced before they are applied, and the folders of images that are built here.
    pub(super) images: kustomize::Images,
}

impl Set<'_> {
    /// Tells what the manifests show; whether there were any. `off` says whether a document is applied only
    /// when asked for.
    pub(super) fn tell(&self, off: &dyn Fn(&Node) -> bool, out: &mut Sightings) -> bool {
        let mut any = false;
        // Manifests of tests name things, but nothing of them is a practice of the system.
        let mut unused = Sightings::new(self.source.path, "kubernetes");
        for document in &self.documents {
            let (Some(kind), Some(api)) = (document.text_of("kind"), document.text_of("apiVersion")) else {
                continue;
            };
            if document.text_of("$patch") == Some("delete") || matches!(kind, "Kustomization" | "Component") {
                continue;
            }
            any = true;
            let manifest =
                Manifest { set: self, node: document, kind, api, optional: self.optional || off(document) };
            manifest.tell(if self.source.is_test() { &mut unused } else { out });
        }
        any
    }

    /// The workload of this file that carries the labels.
    fn selected(&self, labels: &[(String, String)]) -> Option<String> {
        let hit = self.documents.iter().find(|d| {
            let own = workload::labels(d);
            !labels.is_empty() && labels.iter().all(|l| own.contains(l))
        })?;
        name(hit).map(str::to_owned)
    }

    /// The deployed thing that a selector speaks of: the workload of this file, else the value of the label
    /// that usually bears its name.
    fn of_selector(&self, labels: &[(String, String)], otherwise: &str) -> String {
        let usual = ["app", "app.kubernetes.io/name", "name", "k8s-app", "service", "run", "component"];
        let by_label =
            || usual.iter().find_map(|u| labels.iter().find(|(k, _)| k == u)).map(|(_, v)| v.clone());
        self.selected(labels).or_else(by_label).unwrap_or_else(|| otherwise.to_owned())
    }

    /// The deployed thing behind a service of this file.
    fn of_service(&self, service: &str) -> String {
        let hit =
            self.documents.iter().find(|d| d.text_of("kind") == Some("Service") && name(d) == Some(service));
        hit.map_or_else(
            || service.to_owned(),
            |s| self.of_selector(&pairs(s.at(&["spec", "selector"])), service),
        )
    }
}

/// A manifest while it is read.
struct Manifest<'a> {
    set: &'a Set<'a>,
    node: &'a Node,
    kind: &'a str,
    api: &'a str,
    optional: bool,
}

impl Manifest<'_> {
    fn tell(&self, out: &mut Sightings) {
        let group = self.api.split('/').next().unwrap_or("");
        match (self.kind, group) {
            ("Service", "serving.knative.dev") => workload::tell(self, out),
            ("Service", _) => network::service(self, out),
            ("Ingress" | "Route", _) => network::ingress(self, out),
            ("Gateway", _) => network::gateway(self, out),
            ("HTTPRoute" | "GRPCRoute", _) => network::route(self, out),
            ("NetworkPolicy", _) => network::policy(self, out),
            ("VirtualService", _) => mesh::virtual_service(self, out),
            ("DestinationRule", _) => mesh::destination_rule(self, out),
            ("PeerAuthentication" | "AuthorizationPolicy" | "RequestAuthentication" | "ServiceEntry", _) => {
                mesh::policy(self, out);
            }
            ("ConfigMap", _) => config::config_map(self, out),
            ("Secret", _) => config::secret(self, out),
            ("Role" | "ClusterRole", _) => access::role(self, out),
            ("RoleBinding" | "ClusterRoleBinding", _) => access::binding(self, out),
            _ => {
                if !config::store(self, out) && !operator::tell(self, out) {
                    workload::tell(self, out);
                }
            }
        }
    }

    fn name(&self) -> &str {
        name(self.node).unwrap_or("")
    }

    fn line(&self) -> usize {
        self.node
            .at(&["metadata", "name"])
            .or_else(|| self.node.get("kind"))
            .map_or(self.node.line, |n| n.line)
    }

    fn spec(&self, path: &[&str]) -> Option<&Node> {
        self.node.get("spec")?.at(path)
    }
}

fn name(node: &Node) -> Option<&str> {
    node.at(&["metadata", "name"])?.text()
}

/// Keys and values of a map.
fn pairs(node: Option<&Node>) -> Vec<(String, String)> {
    let pairs = node.map(Node::pairs).unwrap_or_default();
    pairs.iter().filter_map(|(k, v)| Some((k.clone(), v.text()?.to_owned()))).collect()
}

#[cfg(test)]
mod tests;
