//! Routes of gateways in settings: Zuul and Spring Cloud Gateway.

use std::collections::BTreeMap;

use loadcase_model::{Aspect, Role, State};

use super::reaches::add;
use super::{Document, plain};
use crate::sighting::{Plays, PracticeSeen, Reach, ReachKind, Seen};
use crate::source::Sightings;

/// A route while its keys are gathered.
#[derive(Default)]
struct Route {
    line: usize,
    target: Option<String>,
    path: Option<String>,
    /// Whether no header is held back from the target.
    headers_pass: bool,
    filters: Vec<(String, usize)>,
}

pub(super) fn routes(documents: &[Document], out: &mut Sightings) {
    for document in documents.iter().filter(|d| !d.is_test()) {
        zuul(document, out);
        gateway(document, out);
    }
}

fn zuul(document: &Document, out: &mut Sightings) {
    let mut routes: BTreeMap<String, Route> = BTreeMap::new();
    for entry in &document.entries {
        let Some(rest) =
            entry.key.get("zuul.routes.".len()..).filter(|_| entry.plain.starts_with("zuul.routes."))
        else {
            continue;
        };
        let (id, attribute) = match rest.rsplit_once('.') {
            Some((id, last))
                if [
                    "path",
                    "serviceid",
                    "url",
                    "stripprefix",
                    "sensitiveheaders",
                    "customsensitiveheaders",
                    "retryable",
                ]
                .contains(&plain(last).as_str()) =>
            {
                (id, plain(last))
            }
            _ => (rest, String::new()),
        };
        // `sensitiveHeaders[0]` of a list
        let attribute = attribute.split('[').next().unwrap_or("").to_owned();
        let route =
            routes.entry(id.to_owned()).or_insert_with(|| Route { line: entry.line, ..Route::default() });
        let value = entry.value.trim();
        match attribute.as_str() {
            "serviceid" | "url" => route.target = Some(value.to_owned()),
            // `zuul.routes.orders: /orders/**`
            "path" | "" => route.path = Some(value.to_owned()),
            "sensitiveheaders" => route.headers_pass = value.is_empty() || value == "~",
            _ => {}
        }
    }
    for (id, route) in routes {
        let target = route.target.unwrap_or(id);
        if target.starts_with("forward:") || target.is_empty() {
            continue;
        }
        if route.headers_pass {
            credential(document, route.line, &target, out);
        }
        let listed = document.value(&format!("{}.ribbon.listofservers", plain(&target)));
        let targets: Vec<&str> =
            listed.map_or_else(|| vec![target.as_str()], |l| l.split(',').map(str::trim).collect());
        for target in targets {
            let reach = Reach {
                technology: Some("zuul".to_owned()),
                path: route.path.clone(),
                ..Reach::new(ReachKind::Route, target, "http")
            };
            add(document, route.line, reach, out);
        }
    }
}

fn credential(document: &Document, line: usize, target: &str, out: &mut Sightings) {
    practice(
        document,
        line,
        Aspect::CredentialForwarded,
        State::Present,
        target,
        "no header is held back from the route",
        out,
    );
}

/// Adds a practice of a document's unit.
pub(super) fn practice(
    document: &Document,
    line: usize,
    aspect: Aspect,
    state: State,
    subject: &str,
    detail: &str,
    out: &mut Sightings,
) {
    let (subject, detail) = (subject.to_owned(), detail.to_owned());
    out.add(line, Seen::Practice(PracticeSeen { of: document.of.clone(), aspect, state, subject, detail }));
}

/// Where Spring Cloud Gateway's routes stand, in its generations.
const GATEWAY: &[&str] = &[
    "spring.cloud.gateway.routes[",
    "spring.cloud.gateway.mvc.routes[",
    "spring.cloud.gateway.server.webflux.routes[",
    "spring.cloud.gateway.server.webmvc.routes[",
];

fn gateway(document: &Document, out: &mut Sightings) {
    let mut routes: BTreeMap<usize, Route> = BTreeMap::new();
    for entry in &document.entries {
        let Some(prefix) = GATEWAY.iter().find(|p| entry.plain.starts_with(*p)) else { continue };
        let Some((number, attribute)) = entry.plain.get(prefix.len()..).and_then(|r| r.split_once(']'))
        else {
            continue;
        };
        let Ok(number) = number.parse() else { continue };
        let route = routes.entry(number).or_insert_with(|| Route { line: entry.line, ..Route::default() });
        let value = entry.value.trim();
        if attribute == ".uri" {
            route.target = Some(value.to_owned());
            route.line = entry.line;
        } else if attribute.starts_with(".predicates[") {
            if let Some(path) = value.strip_prefix("Path=") {
                route.path = Some(path.to_owned());
            } else if attribute.contains(".args.") && value.starts_with('/') {
                route.path.get_or_insert_with(|| value.to_owned());
            }
        } else if attribute.starts_with(".filters[") && !attribute.contains(".args") {
            route.filters.push((value.to_owned(), entry.line));
        }
    }
    let mut plays = !routes.is_empty();
    let mut line = routes.values().map(|r| r.line).next().unwrap_or(1);
    for route in routes.into_values() {
        let Some(target) = route.target.filter(|t| !t.starts_with("forward:") && !t.starts_with("no:"))
        else {
            continue;
        };
        filters(document, &target, &route.filters, out);
        for path in route
            .path
            .as_deref()
            .map_or_else(|| vec![None], |p| p.split(',').map(|p| Some(p.trim().to_owned())).collect())
        {
            let reach = Reach {
                technology: Some("spring-cloud-gateway".to_owned()),
                path,
                ..Reach::new(ReachKind::Route, target.clone(), "http")
            };
            add(document, route.line, reach, out);
        }
    }
    for entry in &document.entries {
        let locator = entry.plain.starts_with("spring.cloud.gateway.")
            && entry.plain.ends_with("discovery.locator.enabled");
        if locator && entry.value.trim() == "true" {
            let reach = Reach {
                technology: Some("spring-cloud-gateway".to_owned()),
                certain: false,
                ..Reach::new(ReachKind::Route, "", "http")
            };
            add(document, entry.line, reach, out);
            plays = true;
            line = entry.line;
        }
    }
    if plays {
        let technology = Some("spring-cloud-gateway".to_owned());
        out.add(line, Seen::Plays(Plays { role: Role::Gateway, of: document.of.clone(), technology }));
    }
}

/// Filters that limit, retry or break.
fn filters(document: &Document, target: &str, filters: &[(String, usize)], out: &mut Sightings) {
    let known = [
        ("RequestRateLimiter", Aspect::RateLimit),
        ("CircuitBreaker", Aspect::CircuitBreaker),
        ("Hystrix", Aspect::CircuitBreaker),
        ("Retry", Aspect::Retry),
        ("RequestSize", Aspect::BodyLimit),
        ("TokenRelay", Aspect::CredentialForwarded),
    ];
    for (filter, line) in filters {
        let name = filter.split('=').next().unwrap_or(filter).trim();
        if let Some((_, aspect)) = known.iter().find(|(n, _)| *n == name) {
            practice(document, *line, *aspect, State::Present, target, &format!("filter {name}"), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, reaches, see};

    #[test]
    fn zuul_routes_name_services_and_addresses() {
        let text = "zuul:\n  routes:\n    a: /a/**\n    b: {path: /b/**, serviceId: Service-B, sensitiveHeaders: }\n    c: {path: /c/**, url: 'http://c:80'}\n    d: {path: /d, url: 'forward:/x'}\n";
        let seen = see("g/src/main/resources/application.yml", text);
        assert_eq!(reaches(&seen), ["Route a", "Route Service-B", "Route http://c:80"]);
        assert_eq!(practices(&seen), ["CredentialForwarded Present Service-B"]);
    }

    #[test]
    fn gateway_routes() {
        let text = "spring.cloud.gateway:\n  routes:\n  - id: a\n    uri: lb://orders\n    predicates: ['Path=/o/**,/p/**']\n    filters: ['StripPrefix=1', 'RequestRateLimiter=x']\n  discovery: {locator: {enabled: true}}\n";
        let seen = see("g/src/main/resources/application.yml", text);
        assert_eq!(reaches(&seen), ["Route lb://orders", "Route lb://orders", "Route "]);
        assert_eq!(practices(&seen), ["RateLimit Present lb://orders"]);
    }
}
