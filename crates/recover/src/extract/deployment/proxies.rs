//! Proxies besides nginx: Envoy, Traefik's dynamic files, Caddy, HAProxy.

use std::collections::BTreeMap;

use loadcase_model::{Aspect, Role, State};

use crate::extract::Extractor;
use crate::sighting::{Plays, Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::yaml::{self, Node};

/// Reads the configuration of Caddy and HAProxy.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "proxies",
    reads: |path| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name == "Caddyfile"
            || name.ends_with(".Caddyfile")
            || name.starts_with("haproxy") && name.contains(".cfg")
    },
    sees: &[],
    extract: |source, out| {
        if source.name().contains("haproxy") { haproxy(source, out) } else { caddy(source, out) }
    },
};

/// Reads the YAML of Envoy and Traefik.
pub(super) const YAML: Extractor = Extractor {
    id: "proxies-yaml",
    reads: |path| {
        let lower = path.to_ascii_lowercase();
        let yaml = [".yaml", ".yml", ".tmpl", ".template"].iter().any(|e| lower.ends_with(e));
        yaml && ["envoy", "traefik", "dynamic", "proxy", "gateway"].iter().any(|w| lower.contains(w))
    },
    sees: &[],
    extract: of_yaml,
};

fn role(out: &mut Sightings, line: usize, technology: &str) {
    let plays = Plays { role: Role::Gateway, of: None, technology: Some(technology.to_owned()) };
    out.add(line, Seen::Plays(plays));
}

fn route(out: &mut Sightings, line: usize, target: &str, path: Option<&str>, timeout_ms: Option<f64>) {
    let target = if target.contains("://") { target.to_owned() } else { format!("http://{target}") };
    let mut reach = Reach::new(ReachKind::Route, target, "http");
    reach.path = path.map(str::to_owned);
    reach.timeout_ms = timeout_ms;
    out.add(line, Seen::Reach(Box::new(reach)));
}

fn caddy(source: &Source<'_>, out: &mut Sightings) {
    role(out, 1, "caddy");
    let mut paths: Vec<Option<String>> = Vec::new();
    for (i, raw) in source.text.lines().enumerate() {
        let line = raw.split(" #").next().unwrap_or(raw).trim();
        if line.starts_with('#') {
            continue;
        }
        let words: Vec<&str> = line.trim_end_matches('{').split_whitespace().collect();
        if matches!(words.first(), Some(&"reverse_proxy" | &"php_fastcgi")) {
            let own = words.get(1).filter(|w| w.starts_with('/')).copied();
            let around = paths.iter().rev().flatten().next().map(String::as_str);
            for target in words.iter().skip(1).filter(|w| !w.starts_with(['/', '@', '*'])) {
                let target = target.replace("{$", "${").replace("{env.", "${");
                route(out, i + 1, &target, own.or(around), None);
            }
        }
        match words.first() {
            Some(&"tls") if words.get(1) == Some(&"internal") => {
                out.practice(i + 1, Aspect::Tls, State::Present, "*", "tls internal");
            }
            Some(&"auto_https") if words.get(1) == Some(&"off") => {
                out.practice(i + 1, Aspect::Tls, State::Absent, "*", "auto_https off");
            }
            Some(&"rate_limit") => out.practice(i + 1, Aspect::RateLimit, State::Present, "*", "rate_limit"),
            Some(&"basicauth" | &"basic_auth" | &"forward_auth") => {
                out.practice(
                    i + 1,
                    Aspect::Authentication,
                    State::Present,
                    "*",
                    words.first().copied().unwrap_or(""),
                );
            }
            Some(site) if line.ends_with('{') && site.starts_with("http://") => {
                out.practice(i + 1, Aspect::Tls, State::Absent, *site, "a site in clear text");
            }
            _ => {}
        }
        if line.ends_with('{') && paths.len() < 32 {
            let path = words.iter().skip(1).find(|w| w.starts_with('/')).map(|w| (*w).to_owned());
            paths.push(path.filter(|_| matches!(words.first(), Some(&"handle" | &"handle_path" | &"route"))));
        } else if line == "}" {
            paths.pop();
        }
    }
}

fn haproxy(source: &Source<'_>, out: &mut Sightings) {
    role(out, 1, "haproxy");
    let mut section = String::new();
    let mut server_timeout: Option<f64> = None;
    for (i, raw) in source.text.lines().enumerate() {
        let words: Vec<&str> = raw.split('#').next().unwrap_or("").split_whitespace().collect();
        let Some(first) = words.first() else { continue };
        if !raw.starts_with([' ', '\t']) {
            section = (*first).to_owned();
        }
        match (*first, words.get(1), words.get(2)) {
            ("timeout", Some(&"server"), Some(value)) => server_timeout = milliseconds(value),
            ("server", Some(_), Some(address)) if matches!(section.as_str(), "backend" | "listen") => {
                route(out, i + 1, address, None, server_timeout);
                if words.windows(2).any(|w| w == ["verify", "none"]) {
                    out.practice(i + 1, Aspect::TlsVerification, State::Absent, *address, "verify none");
                }
            }
            ("bind", Some(address), _) => {
                let state = if words.contains(&"ssl") { State::Present } else { State::Absent };
                out.practice(i + 1, Aspect::Tls, state, *address, "bind");
            }
            ("stats", Some(&"enable" | &"uri"), _) => {
                out.practice(i + 1, Aspect::DebugSurface, State::Present, "stats", "the page of statistics");
            }
            ("http-request", Some(&"deny" | &"track-sc0"), _)
                if raw.contains("rate") || raw.contains("track") =>
            {
                out.practice(i + 1, Aspect::RateLimit, State::Present, "*", "http-request");
            }
            _ => {}
        }
    }
}

/// A time such as `30s`, `0.25s` or `5000`, in milliseconds when it has no unit.
fn milliseconds(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text.get(..end)?.parse().ok()?;
    match text.get(end..)? {
        "" | "ms" => Some(number),
        "s" => Some(number * 1000.0),
        "m" => Some(number * 60_000.0),
        "h" => Some(number * 3_600_000.0),
        _ => None,
    }
}

fn of_yaml(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test()
        || !(source.text.contains("clusters")
            || source.text.contains("routers")
            || source.text.contains("entryPoints"))
    {
        return;
    }
    let Some(root) = yaml::document(source.text) else { return };
    if root.get("static_resources").is_some() || root.get("admin").is_some() {
        envoy(&root, out);
    } else if root.get("http").is_some() || root.get("entryPoints").is_some() {
        traefik(&root, out);
    }
}

fn envoy(root: &Node, out: &mut Sightings) {
    role(out, root.line, "envoy");
    let clusters = root.at(&["static_resources", "clusters"]).map(Node::list).unwrap_or_default();
    let mut addresses: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for cluster in clusters {
        let Some(name) = cluster.text_of("name") else { continue };
        let flat = cluster.flat();
        let values = |key: &str| {
            flat.iter().filter(|(p, _, _)| p.ends_with(key)).map(|(_, v, _)| *v).collect::<Vec<_>>()
        };
        let (hosts, ports) = (values("socket_address.address"), values("socket_address.port_value"));
        addresses.insert(name, hosts.iter().zip(&ports).map(|(h, p)| format!("{h}:{p}")).collect());
        if cluster.get("circuit_breakers").is_some() {
            out.practice(cluster.line, Aspect::CircuitBreaker, State::Present, name, "circuit_breakers");
        }
        if cluster.get("health_checks").is_some() {
            out.practice(cluster.line, Aspect::HealthProbe, State::Present, name, "health_checks");
        }
    }
    let mut stack = vec![root];
    let mut left = 50_000usize;
    while let Some(node) = stack.pop() {
        left = left.saturating_sub(1);
        if left == 0 {
            break;
        }
        if let (Some(path), Some(action)) = (node.get("match"), node.get("route"))
            && let Some(cluster) = action.text_of("cluster")
        {
            let path = ["prefix", "path"].iter().find_map(|k| path.text_of(k));
            let timeout = action.text_of("timeout").and_then(milliseconds);
            for address in addresses.get(cluster).into_iter().flatten() {
                route(out, action.line, address, path, timeout);
            }
            let detail = timeout.map_or_else(|| "15000 ms by default".to_owned(), |ms| format!("{ms} ms"));
            let state = if timeout == Some(0.0) { State::Absent } else { State::Present };
            out.practice(action.line, Aspect::Timeout, state, cluster, detail);
            if action.get("retry_policy").is_some() {
                out.practice(action.line, Aspect::Retry, State::Present, cluster, "retry_policy");
            }
        }
        if let Some(name) = node
            .text_of("name")
            .filter(|n| n.contains("ratelimit") || n.contains("jwt_authn") || n.contains("ext_authz"))
        {
            let aspect = if name.contains("ratelimit") { Aspect::RateLimit } else { Aspect::Authentication };
            out.practice(node.line, aspect, State::Present, "*", name);
        }
        stack.extend(node.pairs().iter().rev().map(|(_, v)| v));
        if node.pairs().is_empty() && node.text().is_none() {
            stack.extend(node.list().iter().rev());
        }
    }
    if let Some(admin) = root.get("admin") {
        out.practice(admin.line, Aspect::DebugSurface, State::Present, "admin", "the admin interface");
    }
}

fn traefik(root: &Node, out: &mut Sightings) {
    role(out, root.line, "traefik");
    let services = root.at(&["http", "services"]).map(Node::pairs).unwrap_or_default();
    for (_, router) in root.at(&["http", "routers"]).map(Node::pairs).unwrap_or_default() {
        let Some(name) = router.text_of("service") else { continue };
        let path = router.text_of("rule").and_then(path_of_rule);
        let service = services.iter().find(|(n, _)| n == name).map(|(_, s)| s);
        for server in
            service.and_then(|s| s.at(&["loadBalancer", "servers"])).map(Node::list).unwrap_or_default()
        {
            if let Some(url) = server.text_of("url") {
                route(out, server.line, url, path, None);
            }
        }
        let state = if router.get("tls").is_some() { State::Present } else { State::Absent };
        out.practice(router.line, Aspect::Tls, state, name, "router");
    }
    for (name, middleware) in root.at(&["http", "middlewares"]).map(Node::pairs).unwrap_or_default() {
        if middleware.get("rateLimit").is_some() {
            out.practice(middleware.line, Aspect::RateLimit, State::Present, name, "rateLimit");
        }
        if middleware.get("basicAuth").is_some() || middleware.get("forwardAuth").is_some() {
            out.practice(middleware.line, Aspect::Authentication, State::Present, name, "middleware");
        }
    }
    let api = root.get("api").filter(|a| a.get("insecure").is_some_and(Node::is_true));
    if let Some(api) = api {
        out.practice(api.line, Aspect::DebugSurface, State::Present, "dashboard", "api.insecure");
    }
}

/// The path of a rule such as ``Host(`a`) && PathPrefix(`/api`)``.
fn path_of_rule(rule: &str) -> Option<&str> {
    let after = rule.split_once("Path")?.1;
    after.split(['`', '\'', '"']).find(|p| p.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, reaches, see};

    #[test]
    fn caddy_and_haproxy() {
        let seen = see(
            "Caddyfile",
            "http://shop.example {\n  handle /api/* {\n    reverse_proxy api:8080 {$OTHER}\n  }\n}\n",
        );
        assert_eq!(reaches(&seen), ["Route http://api:8080", "Route http://${OTHER}"]);
        assert_eq!(practices(&seen), ["Tls Absent http://shop.example"]);
        let seen = see(
            "haproxy.cfg",
            "defaults\n  timeout server 30s\nfrontend f\n  bind *:80\nbackend b\n  server s1 api:8080 check\n",
        );
        assert_eq!(reaches(&seen), ["Route http://api:8080"]);
    }

    #[test]
    fn envoy_and_traefik() {
        let envoy = "static_resources:\n  listeners:\n  - filter_chains:\n    - filters:\n      - typed_config:\n          route_config:\n            virtual_hosts:\n            - routes:\n              - match: { prefix: \"/api\" }\n                route: { cluster: api, timeout: 0s }\n  clusters:\n  - name: api\n    load_assignment:\n      endpoints:\n      - lb_endpoints:\n        - endpoint:\n            address:\n              socket_address: { address: api, port_value: 8080 }\n";
        let seen = see("envoy.yaml", envoy);
        assert_eq!(reaches(&seen), ["Route http://api:8080"]);
        assert_eq!(practices(&seen), ["Timeout Absent api"]);
        let traefik = "http:\n  routers:\n    r:\n      rule: \"PathPrefix(`/api`)\"\n      service: s\n  services:\n    s:\n      loadBalancer:\n        servers:\n        - url: http://api:8080\n";
        assert_eq!(reaches(&see("traefik/dynamic.yml", traefik)), ["Route http://api:8080"]);
    }
}
