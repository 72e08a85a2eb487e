//! Rules of a service mesh: time limits, retries, breakers, encryption between services.

use loadcase_model::{Aspect, State};

use crate::sighting::{Address, Seen};
use crate::source::Sightings;
use crate::yaml::Node;

use super::super::container::About;
use super::{Manifest, pairs};

/// The service a host of the mesh names: `orders.shop.svc.cluster.local` is `orders`.
fn short(host: &str) -> &str {
    match host.split_once('.') {
        Some((first, rest)) if rest.contains("svc") || !rest.contains('.') => first,
        _ => host,
    }
}

/// Tells how requests to a host are routed, limited in time and tried again.
pub(super) fn virtual_service(manifest: &Manifest<'_>, out: &mut Sightings) {
    let gateways = manifest.spec(&["gateways"]).map(Node::list).unwrap_or_default();
    let from_outside = gateways.iter().any(|g| g.text().is_some_and(|t| t != "mesh"));
    let hosts = manifest.spec(&["hosts"]).map(Node::list).unwrap_or_default();
    for rule in manifest.spec(&["http"]).map(Node::list).unwrap_or_default() {
        for target in rule.get("route").map(Node::list).unwrap_or_default() {
            let Some(host) = target.at(&["destination", "host"]).and_then(Node::text) else { continue };
            let of = manifest.set.of_service(short(host));
            if from_outside {
                for name in hosts.iter().filter_map(Node::text) {
                    let name =
                        if name == "*" { manifest.name() } else { name.trim_start_matches("*.") }.to_owned();
                    let address = Address { name, of: Some(of.clone()), exposed: true, ..Address::default() };
                    out.add(target.line, Seen::Address(address));
                }
            }
            if !manifest.optional {
                limits(rule, &of, from_outside, target.line, out);
            }
        }
    }
}

fn limits(rule: &Node, of: &str, from_outside: bool, line: usize, out: &mut Sightings) {
    let mut about = About { out, of: Some(of) };
    if let Some(limit) = rule.get("timeout").and_then(|n| Some((n.text()?, n.line))) {
        about.practice(limit.1, Aspect::Timeout, State::Present, of, limit.0);
    }
    if let Some(retries) = rule.get("retries") {
        let tries = retries.text_of("attempts").unwrap_or("2");
        let (state, detail) = if tries == "0" {
            (State::Absent, "retries are switched off".to_owned())
        } else {
            (
                State::Present,
                format!(
                    "{tries} tries, each {}",
                    retries.text_of("perTryTimeout").unwrap_or("without a limit of its own")
                ),
            )
        };
        about.practice(retries.line, Aspect::Retry, state, of, detail);
    }
    if from_outside {
        about.practice(line, Aspect::Exposure, State::Present, of, "a route of VirtualService");
    }
}

/// Tells breakers, bounds and encryption towards a host.
pub(super) fn destination_rule(manifest: &Manifest<'_>, out: &mut Sightings) {
    let Some(host) = manifest.spec(&["host"]).and_then(Node::text).filter(|_| !manifest.optional) else {
        return;
    };
    let of = manifest.set.of_service(short(host));
    let mut about = About { out, of: Some(&of) };
    let Some(policy) = manifest.spec(&["trafficPolicy"]) else { return };
    if let Some(node) = policy.get("outlierDetection") {
        let after =
            node.text_of("consecutive5xxErrors").or_else(|| node.text_of("consecutiveErrors")).unwrap_or("5");
        let detail = format!("instances are taken out after {after} errors");
        about.practice(node.line, Aspect::CircuitBreaker, State::Present, host, detail);
    }
    if let Some(node) = policy.get("connectionPool") {
        let bounds: Vec<String> =
            node.flat().into_iter().map(|(k, v, _)| format!("{k}={v}")).take(4).collect();
        about.practice(node.line, Aspect::ConnectionPool, State::Present, host, bounds.join(", "));
        if let Some(limit) = node.at(&["tcp", "connectTimeout"]).and_then(|n| Some((n.text()?, n.line))) {
            about.practice(
                limit.1,
                Aspect::Timeout,
                State::Present,
                host,
                format!("connecting: {}", limit.0),
            );
        }
    }
    if let Some(node) = policy.at(&["tls", "mode"]) {
        let state = if node.text() == Some("DISABLE") { State::Absent } else { State::Present };
        about.practice(node.line, Aspect::Tls, state, host, format!("mode {}", node.text().unwrap_or("")));
    }
}

/// Tells who may speak to whom, and hosts outside that the mesh knows.
pub(super) fn policy(manifest: &Manifest<'_>, out: &mut Sightings) {
    if manifest.kind == "ServiceEntry" {
        for host in manifest.spec(&["hosts"]).map(Node::list).unwrap_or_default() {
            if let Some(name) = host.text() {
                let address =
                    Address { name: name.to_owned(), external: Some(name.to_owned()), ..Address::default() };
                out.add(host.line, Seen::Address(address));
            }
        }
        return;
    }
    if manifest.optional {
        return;
    }
    let selects = pairs(manifest.spec(&["selector", "matchLabels"]));
    let of = (!selects.is_empty()).then(|| manifest.set.of_selector(&selects, manifest.name()));
    let mut about = About { out, of: of.as_deref() };
    let name = manifest.name();
    match manifest.kind {
        "PeerAuthentication" => {
            let Some(mode) = manifest.spec(&["mtls", "mode"]) else { return };
            let (state, detail) = match mode.text() {
                Some("STRICT") => (State::Present, "both sides show certificates"),
                Some("DISABLE") => (State::Absent, "encryption between services is switched off"),
                _ => (State::Weak, "clear text is still taken"),
            };
            about.practice(mode.line, Aspect::Tls, state, name, detail);
        }
        "RequestAuthentication" => {
            about.practice(
                manifest.line(),
                Aspect::TokenValidation,
                State::Present,
                name,
                "tokens are checked by the mesh",
            );
        }
        _ => {
            about.practice(
                manifest.line(),
                Aspect::Authorization,
                State::Present,
                name,
                "a policy of the mesh",
            );
        }
    }
}
