//! Endpoints of Spring's controllers, of JAX-RS resources and of their kin.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::java::code::{self, Annotation, Class, Code, Expr, Kind, Method, annotated, has_any};
use crate::extract::java::handler;
use crate::extract::java::values::Scope;
use crate::sighting::{Endpoint, Seen};
use crate::source::{Sightings, Source};

/// Endpoints by annotations.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "java-web",
    reads: code::reads,
    sees: &[
        Aspect::PageLimit,
        Aspect::ObjectOwnership,
        Aspect::LoginThrottling,
        Aspect::Authorization,
        Aspect::Cors,
    ],
    extract,
};

/// Annotations of methods with the HTTP method they answer; `*` for those that say it in an argument.
const MAPPINGS: &[(&str, &str)] = &[
    ("RequestMapping", "*"),
    ("GetMapping", "GET"),
    ("PostMapping", "POST"),
    ("PutMapping", "PUT"),
    ("DeleteMapping", "DELETE"),
    ("PatchMapping", "PATCH"),
    // Micronaut
    ("Get", "GET"),
    ("Post", "POST"),
    ("Put", "PUT"),
    ("Delete", "DELETE"),
    ("Patch", "PATCH"),
];

/// JAX-RS writes method and path apart.
const JAX: &[&str] = &["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

/// Annotations of interfaces that describe another's endpoints.
const DECLARED_CLIENTS: &[&str] =
    &["FeignClient", "RegisterRestClient", "Client", "HttpExchange", "ReactiveFeignClient"];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if code::is_test(source) {
        return;
    }
    let Some(code) = code::read(source) else { return };
    for class in &code.classes {
        if is_declared_client(source, class) {
            continue;
        }
        let prefixes = class_paths(&code, class);
        if let Some((line, paths)) = &prefixes
            && class.kind == Kind::Class
        {
            for path in paths {
                let path = join("", path);
                out.span(
                    *line,
                    class.last,
                    Seen::Endpoint(Endpoint { path, prefix_only: true, ..Endpoint::default() }),
                );
            }
        }
        let prefixes = prefixes.map_or_else(|| vec![String::new()], |(_, paths)| paths);
        for method in &class.methods {
            endpoints(&code, class, method, &prefixes, out);
        }
    }
}

/// Whether an interface describes what another component answers.
fn is_declared_client(source: &Source<'_>, class: &Class) -> bool {
    if class.kind != Kind::Interface {
        return false;
    }
    has_any(&class.annotations, DECLARED_CLIENTS)
        || class.name.ends_with("Client")
        || class.name.contains("Feign")
        || source.path.contains("/feign/")
}

/// The paths of a class with the line that says them.
fn class_paths(code: &Code, class: &Class) -> Option<(usize, Vec<String>)> {
    let mapping = annotated(&class.annotations, "RequestMapping")
        .or_else(|| annotated(&class.annotations, "Path"))
        .or_else(|| annotated(&class.annotations, "Controller").filter(|_| code.imports("io.micronaut")))?;
    let paths = mapping.arg(&["value", "path"]).map(|e| Scope::of(code, class).values(e)).unwrap_or_default();
    (!paths.is_empty()).then_some((mapping.line, paths))
}

/// What a method's annotations answer: HTTP methods (none for any) and paths.
fn answers(code: &Code, class: &Class, method: &Method) -> Vec<(usize, Vec<Option<String>>, Vec<String>)> {
    let scope = Scope::of(code, class);
    let mut out = Vec::new();
    for annotation in &method.annotations {
        let Some((_, verb)) = MAPPINGS.iter().find(|(name, _)| *name == annotation.name) else { continue };
        // `@Put` and their kin are common names: only Micronaut's are meant.
        if !annotation.name.ends_with("Mapping") && !code.imports("io.micronaut") {
            continue;
        }
        let verbs = if *verb == "*" { verbs(annotation) } else { vec![Some((*verb).to_owned())] };
        let paths =
            annotation.arg(&["value", "path", "uri", "uris"]).map(|e| scope.values(e)).unwrap_or_default();
        out.push((annotation.line, verbs, if paths.is_empty() { vec![String::new()] } else { paths }));
    }
    let verbs: Vec<Option<String>> = method
        .annotations
        .iter()
        .filter(|a| JAX.contains(&a.name.as_str()))
        .map(|a| Some(a.name.clone()))
        .collect();
    if !verbs.is_empty() {
        let path = annotated(&method.annotations, "Path");
        let paths = path.and_then(|p| p.arg(&["value"])).map(|e| scope.values(e)).unwrap_or_default();
        out.push((method.line, verbs, if paths.is_empty() { vec![String::new()] } else { paths }));
    }
    out
}

/// The methods of a `@RequestMapping`; one that is absent when it answers any.
fn verbs(annotation: &Annotation) -> Vec<Option<String>> {
    let named = annotation.arg(&["method"]).map(Expr::items).unwrap_or_default();
    let names: Vec<Option<String>> = named
        .iter()
        .filter_map(Expr::name)
        .map(|n| Some(n.rsplit('.').next().unwrap_or(n).to_owned()))
        .collect();
    if names.is_empty() { vec![None] } else { names }
}

fn endpoints(code: &Code, class: &Class, method: &Method, prefixes: &[String], out: &mut Sightings) {
    let answers = answers(code, class, method);
    if answers.is_empty() {
        return;
    }
    let roles = handler::roles(class, method);
    let mut seen: Vec<(Option<String>, String)> = Vec::new();
    for (_, verbs, paths) in &answers {
        for prefix in prefixes {
            for path in paths {
                for verb in verbs {
                    let at = (verb.clone(), join(prefix, path));
                    if !seen.contains(&at) {
                        seen.push(at);
                    }
                }
            }
        }
    }
    for (verb, path) in &seen {
        let endpoint = Endpoint {
            method: verb.clone(),
            path: path.clone(),
            roles: roles.clone(),
            handler: Some(method.name.clone()),
            ..Endpoint::default()
        };
        out.span(method.line, method.last, Seen::Endpoint(endpoint));
    }
    if let Some((verb, path)) = seen.first() {
        handler::practices(class, method, verb.as_deref(), path, out);
    }
    if !roles.is_empty() {
        let path = seen.first().map_or("", |(_, p)| p.as_str());
        out.practice(method.line, Aspect::Authorization, State::Present, path, roles.join(", "));
    }
}

/// Joins the path of a class and that of a method: one slash between, one before, none behind. Patterns of
/// variables are left out.
pub(crate) fn join(prefix: &str, path: &str) -> String {
    let mut out = String::new();
    for part in [prefix, path] {
        let part = part.trim().trim_matches('/');
        if !part.is_empty() {
            out.push('/');
            out.push_str(part);
        }
    }
    if out.is_empty() { "/".to_owned() } else { plain_variables(&out) }
}

/// `{id:[0-9]+}` as `{id}`; placeholders of settings stay.
fn plain_variables(path: &str) -> String {
    let mut out = String::new();
    let mut depth = 0usize;
    let mut skipping = false;
    let mut setting = false;
    let mut before = ' ';
    for c in path.chars() {
        match c {
            '{' => {
                setting |= before == '$' && depth == 0;
                depth += 1;
                if !skipping {
                    out.push(c);
                }
            }
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    skipping = false;
                    setting = false;
                }
                if !skipping {
                    out.push(c);
                }
            }
            ':' if depth == 1 && !setting => skipping = true,
            _ if skipping => {}
            _ => out.push(c),
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::join;
    use crate::testing::{endpoints, see};

    const CONTROLLER: &str = r#"
        @RestController
        @RequestMapping(Paths.BASE)
        class Orders {
            static class Paths { static final String BASE = "/orders"; }
            @GetMapping({"", "/"}) List<Order> all() { return list; }
            @RequestMapping(path = "{id:[0-9]+}", method = {RequestMethod.PUT, RequestMethod.PATCH}) void change(@PathVariable long id) { }
            @RequestMapping("/any") void any() {}
        }"#;

    #[test]
    fn class_and_method_paths_are_joined() {
        let seen = see("src/main/java/Orders.java", CONTROLLER);
        assert_eq!(
            endpoints(&seen),
            ["* /orders", "GET /orders", "PUT /orders/{id}", "PATCH /orders/{id}", "* /orders/any"]
        );
        assert_eq!(join("/a/", "b/{c:.+}/"), "/a/b/{c}");
        assert_eq!(join("${api.base:/v1}", ""), "/${api.base:/v1}");
    }

    #[test]
    fn jax_rs_and_kotlin() {
        let jax = "@Path(\"/books\") class Books { @GET @Path(\"{isbn}\") Book one(@PathParam(\"isbn\") String i) { return null; } @POST void add() {} }";
        assert_eq!(endpoints(&see("Books.java", jax)), ["* /books", "GET /books/{isbn}", "POST /books"]);
        let kotlin = "@RestController\n@RequestMapping(\"/k\")\nclass K(private val s: S) {\n @GetMapping(\"/{id}\") fun one(@PathVariable id: Long) = s.one(id)\n @PostMapping fun add(@RequestBody b: B): B { return s.add(b) }\n}";
        assert_eq!(endpoints(&see("K.kt", kotlin)), ["* /k", "GET /k/{id}", "POST /k"]);
    }

    #[test]
    fn clients_have_no_endpoints() {
        let feign = "@FeignClient(\"x\") interface X { @GetMapping(\"/a\") A a(); }";
        assert!(endpoints(&see("X.java", feign)).is_empty());
        let shared = "interface OrderApi { @GetMapping(\"/orders\") List<Order> all(); }";
        assert_eq!(endpoints(&see("OrderApi.java", shared)), ["GET /orders"]);
    }
}
