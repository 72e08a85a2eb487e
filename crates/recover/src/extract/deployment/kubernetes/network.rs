//! Addresses: services, ingresses, gateways and their routes, policies of the network.

use loadcase_model::{Aspect, State};

use crate::sighting::{Address, Seen};
use crate::source::Sightings;
use crate::yaml::Node;

use super::super::container::About;
use super::{Manifest, pairs};

/// Tells a service.
pub(super) fn service(manifest: &Manifest<'_>, out: &mut Sightings) {
    let name = manifest.name().to_owned();
    let Some(spec) = manifest.node.get("spec").filter(|_| !name.is_empty()) else { return };
    let selects = pairs(spec.get("selector"));
    let kind = spec.text_of("type").unwrap_or("ClusterIP");
    let internal = is_internal(manifest.node);
    let exposed = matches!(kind, "LoadBalancer" | "NodePort") && !internal;
    let of = manifest.set.of_selector(&selects, &name);
    let port = |node: &Node| {
        let outside: u16 = node.text_of("port")?.parse().ok()?;
        Some((outside, node.text_of("targetPort").and_then(|t| t.parse().ok()).unwrap_or(outside)))
    };
    let list = spec.get("ports").map(Node::list).unwrap_or_default();
    if exposed && !manifest.optional {
        let mut about = About { out, of: Some(&of) };
        for node in list {
            let shown = node.text_of("nodePort").or_else(|| node.text_of("port")).unwrap_or("");
            let line = node.get("nodePort").or_else(|| spec.get("type")).map_or(node.line, |n| n.line);
            about.practice(
                line,
                Aspect::Exposure,
                State::Present,
                shown,
                format!("a service of type {kind}"),
            );
        }
    }
    let address = Address {
        name,
        of: selects.is_empty().then_some(of),
        selects,
        exposed,
        ports: list.iter().filter_map(port).collect(),
        external: spec.text_of("externalName").map(str::to_owned),
    };
    out.add(manifest.line(), Seen::Address(address));
}

/// Load balancers that only answer inside a private network.
fn is_internal(node: &Node) -> bool {
    let annotations = pairs(node.at(&["metadata", "annotations"]));
    annotations.iter().any(|(k, v)| {
        (k.contains("load-balancer")
            && (v.eq_ignore_ascii_case("internal") || (k.ends_with("internal") && v != "false")))
            || (k.ends_with("load-balancer-scheme") && v == "internal")
    })
}

/// A way in from outside to a service.
struct Way {
    host: String,
    service: String,
    path: String,
    line: usize,
}

fn tell_ways(
    manifest: &Manifest<'_>,
    ways: Vec<Way>,
    tls: Option<(State, &str, usize)>,
    out: &mut Sightings,
) {
    let mut told: Vec<String> = Vec::new();
    for way in ways {
        let of = manifest.set.of_service(&way.service);
        let name = if way.host.is_empty() { manifest.name().to_owned() } else { way.host.clone() };
        let address = Address { name, of: Some(of.clone()), exposed: true, ..Address::default() };
        out.add(way.line, Seen::Address(address));
        if manifest.optional {
            continue;
        }
        let mut about = About { out, of: Some(&of) };
        about.practice(
            way.line,
            Aspect::Exposure,
            State::Present,
            way.path,
            format!("a route of {}", manifest.kind),
        );
        if !told.contains(&of) {
            if let Some((state, detail, line)) = tls {
                about.practice(line, Aspect::Tls, state, manifest.name(), detail);
            }
            told.push(of);
        }
    }
}

/// Tells an ingress, or a route of OpenShift.
pub(super) fn ingress(manifest: &Manifest<'_>, out: &mut Sightings) {
    let mut ways = Vec::new();
    let service = |backend: &Node| {
        let name = backend.at(&["service", "name"]).or_else(|| backend.get("serviceName"));
        name.and_then(Node::text).map(str::to_owned)
    };
    let default = manifest.spec(&["defaultBackend"]).or_else(|| manifest.spec(&["backend"]));
    if let Some(backend) = default
        && let Some(service) = service(backend)
    {
        ways.push(Way { host: String::new(), service, path: "/".to_owned(), line: backend.line });
    }
    if let Some(to) = manifest.spec(&["to", "name"])
        && let Some(service) = to.text()
    {
        let host = manifest.spec(&["host"]).and_then(Node::text).unwrap_or("").to_owned();
        ways.push(Way { host, service: service.to_owned(), path: "/".to_owned(), line: to.line });
    }
    for rule in manifest.spec(&["rules"]).map(Node::list).unwrap_or_default() {
        let host = rule.text_of("host").unwrap_or("").trim_start_matches("*.").to_owned();
        for path in rule.at(&["http", "paths"]).map(Node::list).unwrap_or_default() {
            let Some(service) = path.get("backend").and_then(service) else { continue };
            let path_text = path.text_of("path").unwrap_or("/").to_owned();
            ways.push(Way { host: host.clone(), service, path: path_text, line: path.line });
        }
    }
    let secure = manifest.spec(&["tls"]).map(|t| t.line).or_else(|| managed_certificate(manifest));
    let tls = match secure {
        Some(line) => (State::Present, "certificate of the ingress", line),
        None => (State::Absent, "the ingress has no certificate", manifest.line()),
    };
    tell_ways(manifest, ways, Some(tls), out);
}

/// Annotations by which a cloud's load balancer gets its certificate.
fn managed_certificate(manifest: &Manifest<'_>) -> Option<usize> {
    let annotations = manifest.node.at(&["metadata", "annotations"])?.pairs();
    let keys =
        ["certificate-arn", "managed-certificates", "pre-shared-cert", "ssl-certificate", "cluster-issuer"];
    annotations.iter().find(|(k, _)| keys.iter().any(|e| k.ends_with(e))).map(|(_, n)| n.line)
}

/// Tells the listeners of a gateway, of the Gateway API or of Istio.
pub(super) fn gateway(manifest: &Manifest<'_>, out: &mut Sightings) {
    if manifest.optional {
        return;
    }
    let mut about = About { out, of: None };
    for listener in manifest.spec(&["listeners"]).map(Node::list).unwrap_or_default() {
        listen(
            listener.text_of("protocol"),
            listener.get("tls").is_some(),
            listener.line,
            manifest,
            &mut about,
        );
    }
    for server in manifest.spec(&["servers"]).map(Node::list).unwrap_or_default() {
        let redirects = server.at(&["tls", "httpsRedirect"]).is_some_and(Node::is_true);
        let protocol = server.at(&["port", "protocol"]).and_then(Node::text);
        listen(protocol, redirects || server.get("tls").is_some(), server.line, manifest, &mut about);
    }
}

fn listen(
    protocol: Option<&str>,
    tls: bool,
    line: usize,
    manifest: &Manifest<'_>,
    about: &mut About<'_, '_>,
) {
    let secure = tls || matches!(protocol, Some("HTTPS" | "TLS"));
    let (state, detail) = if secure {
        (State::Present, "encrypted listener")
    } else {
        (State::Absent, "a listener in clear text")
    };
    about.practice(line, Aspect::Tls, state, manifest.name(), detail);
}

/// Tells a route of the Gateway API.
pub(super) fn route(manifest: &Manifest<'_>, out: &mut Sightings) {
    let hosts = manifest.spec(&["hostnames"]).map(Node::list).unwrap_or_default();
    let host = hosts.first().and_then(Node::text).unwrap_or("").trim_start_matches("*.").to_owned();
    let mut ways = Vec::new();
    for rule in manifest.spec(&["rules"]).map(Node::list).unwrap_or_default() {
        let matches = rule.get("matches").map(Node::list).unwrap_or_default();
        let path = matches.first().and_then(|m| m.at(&["path", "value"])?.text()).unwrap_or("/").to_owned();
        for backend in rule.get("backendRefs").map(Node::list).unwrap_or_default() {
            let Some(service) = backend.text_of("name").map(str::to_owned) else { continue };
            if let Some(limit) = rule.at(&["timeouts", "request"]).and_then(|n| Some((n.text()?, n.line))) {
                let of = manifest.set.of_service(&service);
                About { out, of: Some(&of) }.practice(
                    limit.1,
                    Aspect::Timeout,
                    State::Present,
                    &path,
                    limit.0,
                );
            }
            ways.push(Way { host: host.clone(), service, path: path.clone(), line: backend.line });
        }
    }
    tell_ways(manifest, ways, None, out);
}

/// Tells a policy of the network: it limits who may connect to what it selects.
pub(super) fn policy(manifest: &Manifest<'_>, out: &mut Sightings) {
    let selects = pairs(manifest.spec(&["podSelector", "matchLabels"]));
    let limits_entry =
        manifest.spec(&["policyTypes"]).is_none_or(|t| t.list().iter().any(|n| n.text() == Some("Ingress")));
    if !limits_entry || manifest.optional {
        return;
    }
    let of = (!selects.is_empty()).then(|| manifest.set.of_selector(&selects, manifest.name()));
    let mut about = About { out, of: of.as_deref() };
    let detail = if of.is_some() {
        "a network policy limits who may connect"
    } else {
        "a network policy for all pods"
    };
    about.practice(manifest.line(), Aspect::Exposure, State::Absent, "NetworkPolicy", detail);
}
