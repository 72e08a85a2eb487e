//! OpenAPI 3.0 to 3.2 and Swagger 2, as YAML or JSON.
//!
//! A contract beside code says what should be there: its operations are claims, so that it can be compared with the
//! code. When the unit is served from the contract, there are no routes in code and the operations are endpoints.
//! That is told by: an operation whose identifier names a function by its module (`orders.api.create`, as
//! Connexion resolves it), `x-openapi-router-controller` or `x-swagger-router-controller`, an AWS integration
//! (`x-amazon-apigateway-integration`), or a folder `.openapi-generator` beside or above the contract.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::contract::fields;
use crate::sighting::{ClaimSeen, Endpoint, PracticeSeen, Seen};
use crate::source::{Sightings, Source};
use crate::yaml::{self, Node};

/// Reads OpenAPI and Swagger.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "openapi",
    reads: |path| [".yaml", ".yml", ".json"].iter().any(|e| path.ends_with(e)),
    sees: &[],
    extract,
};

const METHODS: &[&str] = &["get", "put", "post", "delete", "patch", "head", "options", "trace", "query"];

/// Keys by which an operation says that it is served from the contract.
const SERVED: &[&str] =
    &["x-openapi-router-controller", "x-swagger-router-controller", "x-amazon-apigateway-integration"];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() || !is_contract(source.text) {
        return;
    }
    let plain = source.text.replace('\t', " ");
    let Some(document) = yaml::document(&plain) else { return };
    if document.get("openapi").is_none() && document.get("swagger").is_none() {
        return;
    }
    let base = base(&document);
    let generated = generated(source);
    let secured = document.get("security").is_some_and(|s| !s.list().is_empty());
    for (path, item) in document.get("paths").map(Node::pairs).unwrap_or_default() {
        if !path.starts_with('/') {
            continue;
        }
        let path = joined(&base, path);
        for (method, operation) in item.pairs().iter().filter(|(m, _)| METHODS.contains(&m.as_str())) {
            let served = generated || is_served(operation) || is_served(item);
            let operation = Operation { method, path: &path, node: operation, item, secured, served };
            read(&operation, out);
        }
    }
    schemes(&document, out);
    schemas(&document, out);
}

/// Whether a text looks like a contract, before it is parsed.
fn is_contract(text: &str) -> bool {
    text.lines().take(200).any(|line| {
        let line = line.trim_start().trim_start_matches('{').trim_start();
        ["openapi:", "swagger:", "\"openapi\"", "\"swagger\"", "'openapi'", "'swagger'"]
            .iter()
            .any(|p| line.starts_with(p))
    }) || text
        .get(..400.min(text.len()))
        .is_some_and(|head| head.contains("\"openapi\":") || head.contains("\"swagger\":"))
}

/// The path that all operations stand below.
fn base(document: &Node) -> String {
    if let Some(base) = document.text_of("basePath") {
        return base.trim_end_matches('/').to_owned();
    }
    let Some(server) = document.get("servers").and_then(|s| s.list().first()) else { return String::new() };
    let mut url = server.text_of("url").unwrap_or("").to_owned();
    for (name, variable) in server.get("variables").map(Node::pairs).unwrap_or_default() {
        if let Some(default) = variable.text_of("default") {
            url = url.replace(&format!("{{{name}}}"), default);
        }
    }
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or(String::new(), |(_, path)| format!("/{path}")),
        None => url,
    };
    path.trim_end_matches('/').to_owned()
}

fn joined(base: &str, path: &str) -> String {
    let base = base.trim_matches('/');
    if base.is_empty() { path.to_owned() } else { format!("/{base}{path}") }
}

/// Whether a generator keeps its list of files beside or above the contract.
fn generated(source: &Source<'_>) -> bool {
    let mut folder = source.folder();
    for _ in 0..4 {
        let marker = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        if source.tree.has(&format!("{marker}.openapi-generator/VERSION"))
            || source.tree.has(&format!("{marker}.swagger-codegen/VERSION"))
        {
            return true;
        }
        match folder.rsplit_once('/') {
            Some((up, _)) => folder = up,
            None if folder.is_empty() => return false,
            None => folder = "",
        }
    }
    false
}

fn is_served(node: &Node) -> bool {
    SERVED.iter().any(|key| node.get(key).is_some())
        || node.text_of("operationId").is_some_and(|id| {
            id.contains('.') && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))
        })
}

/// An operation of the contract.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    node: &'a Node,
    item: &'a Node,
    secured: bool,
    served: bool,
}

fn read(operation: &Operation<'_>, out: &mut Sightings) {
    let (line, method) = (operation.node.line, operation.method.to_ascii_uppercase());
    let until = operation.node.flat().last().map_or(line, |(_, _, l)| *l);
    let security = operation.node.get("security");
    let open = security.is_some_and(|s| s.list().is_empty() || s.list().iter().any(|i| i.pairs().is_empty()));
    let asks = security.map_or(operation.secured, |_| !open);
    if !operation.served {
        let subject = format!("{method} {}", operation.path);
        let claim = ClaimSeen { kind: "endpoint", subject: subject.clone(), object: String::new() };
        out.add(line, Seen::Claim(claim));
        if asks {
            let control = ClaimSeen { kind: "control", subject, object: "authentication".to_owned() };
            out.add(line, Seen::Claim(control));
        }
        return;
    }
    let scopes = security.map(Node::list).unwrap_or_default().iter().flat_map(Node::pairs);
    let roles: Vec<String> =
        scopes.flat_map(|(_, s)| s.list()).filter_map(|s| s.text().map(str::to_owned)).collect();
    let endpoint = Endpoint {
        method: Some(method),
        path: operation.path.to_owned(),
        handler: operation.node.text_of("operationId").map(str::to_owned),
        roles,
        ..Endpoint::default()
    };
    out.span(line, until, Seen::Endpoint(endpoint));
    let mut practice = |aspect, state, detail: &str| {
        let (subject, detail) = (operation.path.to_owned(), detail.to_owned());
        out.span(line, until, Seen::Practice(PracticeSeen { of: None, aspect, state, subject, detail }));
    };
    let (state, detail) = if asks {
        (State::Present, "security of the contract")
    } else {
        (State::Absent, "the contract asks for no security")
    };
    practice(Aspect::Authentication, state, detail);
    if operation.method == "get" {
        paged(operation, &mut practice);
    }
}

/// Whether a list can be limited.
fn paged(operation: &Operation<'_>, practice: &mut dyn FnMut(Aspect, State, &str)) {
    let parameters =
        [operation.node, operation.item].map(|n| n.get("parameters").map(Node::list).unwrap_or_default());
    let limit = parameters.iter().flat_map(|p| p.iter()).find(|p| {
        let name = p.text_of("name").or_else(|| p.text_of("$ref")).unwrap_or("").to_ascii_lowercase();
        ["limit", "pagesize", "page_size", "per_page", "perpage", "size"].iter().any(|w| name.ends_with(w))
    });
    if let Some(limit) = limit {
        let bounded = limit.get("maximum").is_some() || limit.at(&["schema", "maximum"]).is_some();
        let state = if bounded { State::Present } else { State::Weak };
        practice(Aspect::PageLimit, state, if bounded { "a parameter with a maximum" } else { "no maximum" });
    }
}

/// Flows of OAuth that are no longer allowed.
fn schemes(document: &Node, out: &mut Sightings) {
    let schemes =
        document.at(&["components", "securitySchemes"]).or_else(|| document.get("securityDefinitions"));
    for (name, scheme) in schemes.map(Node::pairs).unwrap_or_default() {
        let flows = scheme
            .get("flows")
            .map(Node::pairs)
            .unwrap_or_default()
            .iter()
            .map(|(flow, n)| (flow.as_str(), n.line));
        let old = scheme.text_of("flow").map(|f| (f, scheme.line));
        for (flow, line) in flows.chain(old).filter(|(f, _)| matches!(*f, "implicit" | "password")) {
            out.practice(line, Aspect::OauthFlow, State::Weak, name, flow);
        }
    }
}

/// Amounts as binary floats and data of cards in schemas.
fn schemas(document: &Node, out: &mut Sightings) {
    let schemas = document.at(&["components", "schemas"]).or_else(|| document.get("definitions"));
    for (schema, node) in schemas.map(Node::pairs).unwrap_or_default() {
        for (name, property) in node.get("properties").map(Node::pairs).unwrap_or_default() {
            let format = property.text_of("format").unwrap_or("");
            if matches!(format, "float" | "double") && fields::is_money(name) {
                out.practice(
                    property.line,
                    Aspect::MoneyAsFloat,
                    State::Present,
                    format!("{schema}.{name}"),
                    format,
                );
            }
            if fields::is_card(name) {
                out.practice(
                    property.line,
                    Aspect::CardData,
                    State::Present,
                    format!("{schema}.{name}"),
                    name.clone(),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{endpoints, practices, see};

    #[test]
    fn a_contract_beside_code_only_claims() {
        let text = "openapi: 3.1.0\nservers:\n  - url: https://api.example.test/v2\nsecurity:\n  - key: []\npaths:\n  /orders/{id}:\n    get:\n      operationId: getOrder\n      responses: {}\n";
        let seen = see("api/openapi.yaml", text);
        assert!(endpoints(&seen).is_empty());
        let claims: Vec<String> = seen
            .iter()
            .filter_map(|s| match &s.seen {
                Seen::Claim(c) => Some(format!("{} {} {}", c.kind, c.subject, c.object)),
                _ => None,
            })
            .collect();
        assert_eq!(claims, ["endpoint GET /v2/orders/{id} ", "control GET /v2/orders/{id} authentication"]);
    }

    #[test]
    fn a_contract_that_is_served_gives_endpoints() {
        let text = "{\"swagger\": \"2.0\", \"basePath\": \"/api\", \"paths\": {\"/users\": {\"get\": {\"operationId\": \"shop.users.list_all\"}, \"post\": {\"operationId\": \"shop.users.create\", \"security\": [{\"jwt\": []}]}}}}";
        let seen = see("shop/swagger.json", text);
        assert_eq!(endpoints(&seen), ["GET /api/users", "POST /api/users"]);
        assert_eq!(
            practices(&seen),
            ["Authentication Absent /api/users", "Authentication Present /api/users"]
        );
    }
}
