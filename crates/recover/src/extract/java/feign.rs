//! Declared clients: Feign, MicroProfile, Micronaut, Spring's HTTP interfaces, Retrofit, gRPC stubs that are injected.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::java::code::{self, Annotation, Class, Code, Expr, Method, annotated};
use crate::extract::java::handler::practice;
use crate::extract::java::values::{Scope, split_url};
use crate::extract::java::web::join;
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};

/// Declared clients.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "java-declared-clients",
    reads: code::reads,
    sees: &[Aspect::Timeout, Aspect::CircuitBreaker],
    extract,
};

/// Annotations of methods with the HTTP method; `*` for those that say it in an argument.
const MAPPINGS: &[(&str, &str)] = &[
    ("RequestMapping", "*"),
    ("GetMapping", "GET"),
    ("PostMapping", "POST"),
    ("PutMapping", "PUT"),
    ("DeleteMapping", "DELETE"),
    ("PatchMapping", "PATCH"),
    ("RequestLine", "line"),
    ("GetExchange", "GET"),
    ("PostExchange", "POST"),
    ("PutExchange", "PUT"),
    ("DeleteExchange", "DELETE"),
    ("PatchExchange", "PATCH"),
    ("GET", "GET"),
    ("POST", "POST"),
    ("PUT", "PUT"),
    ("DELETE", "DELETE"),
    ("PATCH", "PATCH"),
    ("Get", "GET"),
    ("Post", "POST"),
    ("Put", "PUT"),
    ("Delete", "DELETE"),
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if code::is_test(source) {
        return;
    }
    let Some(code) = code::read(source) else { return };
    for class in &code.classes {
        for name in ["FeignClient", "ReactiveFeignClient", "RegisterRestClient", "HttpExchange", "Client"] {
            let client = annotated(&class.annotations, name);
            let client = client.filter(|_| name != "Client" || code.imports("io.micronaut"));
            if let Some(client) = client {
                declared(&code, class, client, out);
                break;
            }
        }
        built(&code, class, out);
        injected(class, out);
    }
}

/// Whom an annotation names: its address, else its service name.
fn target(code: &Code, class: &Class, client: &Annotation) -> Option<String> {
    let scope = Scope::of(code, class);
    let given = |keys: &[&str]| client.arg(keys).and_then(|e| scope.value(e)).filter(|v| !v.is_empty());
    if let Some(url) = given(&["url", "baseUri"]) {
        // An address that is a setting without default may be empty: then the name is meant.
        return Some(url);
    }
    if client.name == "RegisterRestClient" {
        let key = given(&["configKey"]).unwrap_or_else(|| class.name.clone());
        return Some(format!("${{quarkus.rest-client.{key}.url}}"));
    }
    let name = given(&["value", "name", "serviceId", "id"])?;
    Some(if name.contains("://") || name.starts_with('/') { name } else { format!("http://{name}") })
}

fn declared(code: &Code, class: &Class, client: &Annotation, out: &mut Sightings) {
    let Some(target) = target(code, class, client) else { return };
    let (address, base) = split_url(&target);
    let scope = Scope::of(code, class);
    let own = client.arg(&["path"]).and_then(|e| scope.value(e));
    let mapped =
        annotated(&class.annotations, "RequestMapping").or_else(|| annotated(&class.annotations, "Path"));
    let mapped = mapped.and_then(|m| m.arg(&["value", "path"])).and_then(|e| scope.value(e));
    let prefix = join(
        &join(base.as_deref().unwrap_or(""), own.as_deref().unwrap_or("")),
        mapped.as_deref().unwrap_or(""),
    );
    let prefix = if prefix == "/" { "" } else { prefix.as_str() };
    let technology = match client.name.as_str() {
        "FeignClient" | "ReactiveFeignClient" => Some("feign".to_owned()),
        _ => None,
    };
    let whole = Reach {
        path: (!prefix.is_empty()).then(|| prefix.to_owned()),
        technology: technology.clone(),
        ..Reach::new(ReachKind::Call, address.clone(), "http")
    };
    let before = out.items.len();
    for method in &class.methods {
        for (verb, path) in requests(scope, method) {
            let path = path.split('?').next().unwrap_or("").to_owned();
            let reach = Reach { method: verb, path: Some(join(prefix, &path)), ..whole.clone() };
            out.span(method.line, method.last, Seen::Reach(Box::new(reach)));
        }
        if method.params.iter().any(passes_credential) {
            out.add(
                method.line,
                practice(
                    Aspect::CredentialForwarded,
                    State::Present,
                    &address,
                    "the Authorization header is a parameter",
                ),
            );
        }
    }
    if out.items.len() == before {
        // The methods stand in an interface above.
        out.span(client.line, class.last, Seen::Reach(Box::new(whole)));
    }
    if technology.is_some() {
        let detail = "Feign waits 10 s for the connection and 60 s for the answer unless told otherwise";
        out.span(class.line, class.last, practice(Aspect::Timeout, State::Present, &address, detail));
        if client.arg(&["fallback", "fallbackFactory"]).is_some() {
            let detail = "a fallback answers when the circuit is open";
            out.span(
                class.line,
                class.last,
                practice(Aspect::CircuitBreaker, State::Present, &address, detail),
            );
        }
    }
}

fn passes_credential(param: &code::Field) -> bool {
    annotated(&param.annotations, "RequestHeader").and_then(|a| a.arg(&["value", "name"])).is_some_and(|e| {
        match e {
            Expr::Text(text) => text.eq_ignore_ascii_case("authorization"),
            Expr::Name(name) => name.to_ascii_uppercase().ends_with("AUTHORIZATION"),
            _ => false,
        }
    })
}

/// The requests a method makes: HTTP method and path.
fn requests(scope: Scope<'_>, method: &Method) -> Vec<(Option<String>, String)> {
    let mut out = Vec::new();
    for annotation in &method.annotations {
        let Some((_, verb)) = MAPPINGS.iter().find(|(n, _)| *n == annotation.name) else { continue };
        let path = annotation.arg(&["value", "path", "uri"]).and_then(|e| scope.value(e)).unwrap_or_default();
        match *verb {
            "line" => {
                let (verb, path) = path.split_once(' ').unwrap_or(("GET", &path));
                out.push((Some(verb.to_owned()), path.to_owned()));
            }
            "*" => {
                let named = annotation.arg(&["method"]).and_then(|m| m.items().first()).and_then(Expr::name);
                out.push((named.map(|n| n.rsplit('.').next().unwrap_or(n).to_owned()), path));
            }
            verb => {
                let apart = annotated(&method.annotations, "Path").and_then(|p| p.arg(&["value"]));
                let path = if path.is_empty() {
                    apart.and_then(|e| scope.value(e)).unwrap_or_default()
                } else {
                    path
                };
                out.push((Some(verb.to_owned()), path));
            }
        }
    }
    out
}

/// `Feign.builder().target(X.class, url)`, `new Retrofit.Builder().baseUrl(url)`.
fn built(code: &Code, class: &Class, out: &mut Sightings) {
    for method in &class.methods {
        for call in &method.calls {
            let feign = call.name == "target"
                && call.chain().any(|c| c.receiver().is_some_and(|r| r.ends_with("Feign")))
                && call.args.len() == 2;
            if !feign {
                continue;
            }
            let url = call.args.get(1).and_then(|u| Scope::inside(code, class, method).value(u));
            let Some(url) = url.filter(|u| !u.starts_with('{') || u.starts_with("${")) else { continue };
            let (target, path) = split_url(&url);
            let technology = Some("feign".to_owned());
            let reach = Reach { path, technology, ..Reach::new(ReachKind::Call, target, "http") };
            out.add(call.line, Seen::Reach(Box::new(reach)));
        }
    }
}

/// `@GrpcClient("name")` and `@DubboReference` give a field its stub.
fn injected(class: &Class, out: &mut Sightings) {
    for field in &class.fields {
        let Some(client) = annotated(&field.annotations, "GrpcClient") else { continue };
        let Some(Expr::Text(name)) = client.arg(&["value"]) else { continue };
        let target = format!("${{grpc.client.{name}.address:{name}}}");
        let technology = Some("grpc".to_owned());
        let reach = Reach { technology, ..Reach::new(ReachKind::Call, target, "grpc") };
        out.add(field.line, Seen::Reach(Box::new(reach)));
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, reaches, see};

    #[test]
    fn feign_clients_reach_by_name_or_address() {
        let text = r#"@FeignClient(name = "stock-service", path = "/api", fallback = F.class)
            interface Stock { @RequestMapping(method = RequestMethod.PUT, value = "/items/{id}?x={x}") void put(@RequestHeader("Authorization") String a); @GetMapping("/all") List<Item> all(); }"#;
        let seen = see("Stock.java", text);
        assert_eq!(reaches(&seen), ["Call http://stock-service", "Call http://stock-service"]);
        assert!(seen.iter().any(|s| matches!(&s.seen, Seen::Reach(r) if r.path.as_deref() == Some("/api/items/{id}") && r.method.as_deref() == Some("PUT"))));
        assert_eq!(
            practices(&seen),
            [
                "CredentialForwarded Present http://stock-service",
                "Timeout Present http://stock-service",
                "CircuitBreaker Present http://stock-service"
            ]
        );
        let by_url = "@FeignClient(url = \"${rates.url}\", name = \"rates\") interface R { @GetMapping(\"/latest\") X x(); }";
        assert_eq!(reaches(&see("R.java", by_url)), ["Call ${rates.url}"]);
    }
}
