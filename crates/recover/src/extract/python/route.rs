//! Routes of FastAPI, Flask (with RESTful, Blueprints and views), Starlette, aiohttp, Sanic, Quart, Bottle, Falcon and
//! Tornado; prefixes of routers, and routers of other files that are mounted.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::extract::Extractor;
use crate::extract::python::code::Code;
use crate::extract::python::{is_python, is_test, path};
use crate::sighting::{Endpoint, HandlerSeen, Mount, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads routes.
pub(crate) const EXTRACTOR: Extractor =
    Extractor { id: "python-route", reads: is_python, sees: &[], extract };

/// HTTP methods as functions and methods are named after them.
pub(crate) const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "trace"];

/// Constructors of routers with the keyword and position of their prefix.
const ROUTERS: &[(&str, &str, Option<usize>)] = &[
    ("APIRouter", "prefix", None),
    ("FastAPI", "root_prefix", None),
    ("Blueprint", "url_prefix", None),
    ("APIBlueprint", "url_prefix", None),
    ("Namespace", "path", None),
    ("Api", "prefix", None),
    ("RouteTableDef", "", None),
    ("Flask", "", None),
    ("Quart", "", None),
    ("Sanic", "", None),
    ("Starlette", "", None),
    ("Application", "", None),
    ("Bottle", "", None),
    ("APIFlask", "", None),
    ("OpenAPI", "", None),
    ("Litestar", "path", None),
    ("Router", "prefix", None),
    ("NinjaAPI", "", None),
];

/// Base classes whose methods are named after HTTP methods.
const VIEWS: &[&str] = &[
    "MethodView",
    "Resource",
    "MethodResource",
    "View",
    "HTTPEndpoint",
    "RequestHandler",
    "HTTPMethodView",
    "BaseHandler",
    "Controller",
];

/// A route.
#[derive(Clone, Debug)]
pub(crate) struct Route<'t> {
    /// HTTP method; absent when any.
    pub(crate) method: Option<String>,
    /// Path with the prefixes that this file tells.
    pub(crate) path: String,
    /// The router's name in this file.
    pub(crate) router: Option<String>,
    /// The handler's name.
    pub(crate) handler: String,
    /// The handler, when it stands in this file.
    pub(crate) body: Option<Node<'t>>,
    /// Where the route is declared.
    pub(crate) at: Node<'t>,
    /// Whether the router or the route asks for something before the handler: `dependencies=[...]`.
    pub(crate) guards: String,
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if is_test(source) {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    for route in routes(&code) {
        let endpoint = Endpoint {
            method: route.method.clone(),
            path: route.path.clone(),
            handler: Some(route.handler.clone()).filter(|h| !h.is_empty()),
            router: route.router.clone(),
            ..Endpoint::default()
        };
        let (from, until) = route.body.map_or_else(
            || (syntax::line(route.at), syntax::last_line(route.at)),
            |body| (syntax::line(decorated(body)), syntax::last_line(body)),
        );
        out.span(from, until, Seen::Endpoint(endpoint));
    }
    mounts(source, &code, out);
    handlers(source, &code, out);
}

/// The definition with its decorators.
pub(crate) fn decorated(definition: Node<'_>) -> Node<'_> {
    definition.parent().filter(|p| p.kind() == "decorated_definition").unwrap_or(definition)
}

/// The routers of a file by name, with the prefixes that the file tells.
struct Routers(BTreeMap<String, Router>);

#[derive(Default)]
struct Router {
    prefix: String,
    parent: Option<(String, String)>,
    guards: String,
}

impl Routers {
    fn new(code: &Code) -> Self {
        let mut routers = BTreeMap::new();
        for node in syntax::of_kind(code.root(), "assignment") {
            let Some(call) = syntax::field(node, "right").filter(|r| r.kind() == "call") else { continue };
            let callee = code.callee(call);
            let short = callee.rsplit('.').next().unwrap_or("");
            let Some((kind, keyword, position)) = ROUTERS.iter().find(|(k, _, _)| *k == short) else {
                continue;
            };
            let prefix = code.arg(call, *position, keyword).and_then(|p| code.value(p));
            let prefix = match (*kind, prefix) {
                ("Namespace", None) => {
                    code.arg(call, Some(0), "name").and_then(|n| code.literal(n)).map(|n| format!("/{n}"))
                }
                (_, prefix) => prefix,
            };
            let guards = code.arg(call, None, "dependencies").map_or("", |d| code.text_of(d)).to_owned();
            let prefix = prefix.unwrap_or_default();
            routers.insert(code.field(node, "left").to_owned(), Router { prefix, parent: None, guards });
        }
        let mut routers = Self(routers);
        for call in code.calls() {
            if let Some((parent, child, prefix, guards)) = mount(code, call)
                && let Some(router) = routers.0.get_mut(code.text_of(child))
            {
                router.guards.push_str(&guards);
                // a registered blueprint's prefix takes the place of its own
                if code.field(call, "function").ends_with("register_blueprint") && !prefix.is_empty() {
                    router.prefix.clear();
                }
                router.parent = Some((parent, prefix));
            }
        }
        routers
    }

    /// The prefix of a router and what it asks for.
    fn of(&self, name: &str) -> (String, String) {
        let mut prefix = String::new();
        let mut guards = String::new();
        let mut at = name;
        for _ in 0..8 {
            let Some(router) = self.0.get(at) else { break };
            if !router.prefix.is_empty() {
                prefix = path::joined(&router.prefix, &prefix);
            }
            guards.push_str(&router.guards);
            let Some((parent, own)) = &router.parent else { break };
            if !own.is_empty() {
                prefix = path::joined(own, &prefix);
            }
            at = parent;
        }
        (prefix, guards)
    }
}

/// The parent, the child, the prefix and the guards of a call that mounts a router.
fn mount<'t>(code: &Code, call: Node<'t>) -> Option<(String, Node<'t>, String, String)> {
    let function = syntax::field(call, "function")?;
    let (child, prefix) = match code.field(function, "attribute") {
        "include_router" | "add_router" => {
            (code.arg(call, Some(0), "router"), code.arg(call, None, "prefix"))
        }
        "register_blueprint" | "blueprint" | "register_api" => (
            code.arg(call, Some(0), "blueprint"),
            code.arg(call, None, "url_prefix").or_else(|| code.arg(call, None, "prefix")),
        ),
        "add_namespace" => (code.arg(call, Some(0), "ns"), code.arg(call, Some(1), "path")),
        "mount" => (code.arg(call, Some(1), "app"), code.arg(call, Some(0), "path")),
        "add_subapp" => (code.arg(call, Some(1), "subapp"), code.arg(call, Some(0), "prefix")),
        "add_routes" => (code.arg(call, Some(0), "routes"), None),
        _ => return None,
    };
    // `add_router("/x", router)` of Django Ninja
    let (child, prefix) = match child? {
        text if text.kind() == "string" => (code.arg(call, Some(1), "router")?, Some(text)),
        child => (child, prefix),
    };
    if !matches!(child.kind(), "identifier" | "attribute") {
        return None;
    }
    let parent = syntax::field(function, "object").map_or("", |o| code.text_of(o)).to_owned();
    let prefix = prefix.and_then(|p| code.value(p)).unwrap_or_default();
    let guards = code.arg(call, None, "dependencies").map_or("", |d| code.text_of(d)).to_owned();
    Some((parent, child, prefix, guards))
}

/// Routers of other files.
fn mounts(source: &Source<'_>, code: &Code, out: &mut Sightings) {
    let routers = Routers::new(code);
    for call in code.calls() {
        let Some((parent, child, prefix, _)) = mount(code, call) else { continue };
        if routers.0.contains_key(code.text_of(child)) {
            continue;
        }
        let dotted = code.dotted(child);
        let first = code.text_of(child).split('.').next().unwrap_or("");
        if code.import(first).is_none() {
            continue;
        }
        let Some((file, router)) = path::module(source, &dotted) else { continue };
        let prefix = match (routers.of(&parent).0, prefix) {
            (base, prefix) if base.is_empty() => prefix,
            (base, prefix) => path::joined(&base, &prefix),
        };
        out.add(syntax::line(call), Seen::Mount(Mount { prefix, file: Some(file), router }));
    }
    // a package whose routes stand in its modules: `bp = Blueprint(...)` and `from . import routes`
    if source.name() == "__init__.py" && !routers.0.is_empty() {
        for (_, dotted) in code.imported() {
            let Some((file, None)) = path::module(source, dotted) else { continue };
            if file.rsplit_once('/').map_or("", |(f, _)| f) != source.folder() || file == source.folder() {
                continue;
            }
            for name in routers.0.keys() {
                let mount = Mount {
                    prefix: routers.of(name).0,
                    file: Some(file.clone()),
                    router: Some(name.clone()),
                };
                out.add(1, Seen::Mount(mount));
            }
        }
    }
}

/// The routes of a file.
pub(crate) fn routes(code: &Code) -> Vec<Route<'_>> {
    let routers = Routers::new(code);
    let mut found = Vec::new();
    for definition in syntax::descendants(code.root()) {
        if matches!(definition.kind(), "function_definition" | "class_definition") {
            for decorator in code.decorators(definition) {
                by_decorator(code, &routers, definition, decorator, &mut found);
            }
        }
    }
    for call in code.calls() {
        by_call(code, &routers, call, &mut found);
    }
    tornado(code, &mut found);
    found
}

fn by_decorator<'t>(
    code: &'t Code,
    routers: &Routers,
    definition: Node<'t>,
    decorator: Node<'t>,
    found: &mut Vec<Route<'t>>,
) {
    if decorator.kind() != "call" {
        return;
    }
    let Some(function) = syntax::field(decorator, "function") else { return };
    let (object, name) = match function.kind() {
        "attribute" => (
            syntax::field(function, "object").map_or("", |o| code.text_of(o)),
            code.field(function, "attribute"),
        ),
        // `@route("/x")` of Bottle
        "identifier" if code.import(code.text_of(function)).is_some_and(|i| i.starts_with("bottle.")) => {
            ("", code.text_of(function))
        }
        _ => return,
    };
    let is_verb = VERBS.contains(&name);
    if !is_verb
        && !matches!(name, "route" | "api_route" | "websocket" | "websocket_route" | "view" | "api_operation")
    {
        return;
    }
    let pattern = code
        .arg(decorator, Some(0), "path")
        .or_else(|| code.arg(decorator, None, "rule"))
        .or_else(|| code.arg(decorator, None, "uri"));
    // a route of a path that is a text; `@mock.get(x)` and the like are no routes
    let Some(pattern) = pattern.and_then(|p| code.value(p)) else { return };
    if !(pattern.is_empty() || pattern.starts_with(['/', '<', '{', '$', ':']))
        && !is_router(code, routers, object)
    {
        return;
    }
    let methods = match (is_verb, name) {
        (true, _) => vec![Some(name.to_ascii_uppercase())],
        (_, "websocket" | "websocket_route") => vec![None],
        _ => {
            listed(code, code.arg(decorator, None, "methods").or_else(|| code.arg(decorator, None, "method")))
                .unwrap_or_else(|| vec![if code.uses("aiohttp") { None } else { Some("GET".to_owned()) }])
        }
    };
    let (prefix, router_guards) = routers.of(object);
    let guards = router_guards + code.arg(decorator, None, "dependencies").map_or("", |d| code.text_of(d));
    let path = path::joined(&prefix, &path::braces(&pattern, code.uses("sanic")));
    let path = if prefix.is_empty() && pattern.is_empty() { String::new() } else { path };
    let router = Some(object.to_owned()).filter(|o| !o.is_empty());
    let base = Route {
        method: None,
        path,
        router,
        handler: code.field(definition, "name").to_owned(),
        body: Some(definition),
        at: decorator,
        guards,
    };
    if definition.kind() == "class_definition" {
        by_class(code, &base, definition, found);
        return;
    }
    found.extend(methods.into_iter().map(|method| Route { method, ..base.clone() }));
}

/// Whether a name is known to be a router.
fn is_router(code: &Code, routers: &Routers, name: &str) -> bool {
    routers.0.contains_key(name)
        || code.import(name).is_some_and(|i| {
            let last = i.rsplit('.').next().unwrap_or(i).to_ascii_lowercase();
            matches!(last.as_str(), "app" | "bp" | "router" | "api" | "application" | "blueprint" | "ns")
                || ["_bp", "_router", "_blueprint", "_api", "_ns"].iter().any(|s| last.ends_with(s))
        })
}

/// A route for each method of a class of handlers.
fn by_class<'t>(code: &'t Code, base: &Route<'t>, class: Node<'t>, found: &mut Vec<Route<'t>>) {
    let name = code.field(class, "name");
    for method in code.methods(class) {
        let verb = code.field(method, "name");
        let verb = verb.strip_prefix("on_").unwrap_or(verb);
        if VERBS.contains(&verb) {
            found.push(Route {
                method: Some(verb.to_ascii_uppercase()),
                handler: format!("{name}.{verb}"),
                body: Some(method),
                ..base.clone()
            });
        }
    }
}

/// The methods of a list of texts.
fn listed(code: &Code, list: Option<Node<'_>>) -> Option<Vec<Option<String>>> {
    let list = list?;
    let items = if list.kind() == "string" { vec![list] } else { syntax::children(list) };
    let verbs: Vec<_> = items
        .into_iter()
        .map(|i| {
            code.literal(i).unwrap_or_else(|| code.text_of(i).rsplit('.').next().unwrap_or("").to_owned())
        })
        .filter(|v| !v.is_empty() && v.chars().all(|c| c.is_ascii_alphabetic()))
        .map(|v| Some(v.to_ascii_uppercase()))
        .collect();
    (!verbs.is_empty()).then_some(verbs)
}

/// Positions of the path, the handler and the method in calls that add a route.
fn by_call<'t>(code: &'t Code, routers: &Routers, call: Node<'t>, found: &mut Vec<Route<'t>>) {
    let Some(function) = syntax::field(call, "function") else { return };
    let name = match function.kind() {
        "attribute" => code.field(function, "attribute"),
        _ => code.text_of(function),
    };
    let object = syntax::field(function, "object").map_or("", |o| code.text_of(o));
    let is_web = code.import(object).is_some_and(|i| i == "aiohttp.web");
    let (paths, handler, methods) = match name {
        "add_url_rule" => (
            vec![code.arg(call, Some(0), "rule")],
            code.arg(call, Some(2), "view_func"),
            listed(code, code.arg(call, None, "methods")),
        ),
        "add_api_route" => (
            vec![code.arg(call, Some(0), "path")],
            code.arg(call, Some(1), "endpoint"),
            listed(code, code.arg(call, None, "methods")),
        ),
        "add_api_websocket_route" => {
            (vec![code.arg(call, Some(0), "path")], code.arg(call, Some(1), "endpoint"), Some(vec![None]))
        }
        "add_get" | "add_post" | "add_put" | "add_patch" | "add_delete" | "add_head" => (
            vec![code.arg(call, Some(0), "path")],
            code.arg(call, Some(1), "handler"),
            name.strip_prefix("add_").map(|v| vec![Some(v.to_ascii_uppercase())]),
        ),
        "add_view" => {
            (vec![code.arg(call, Some(0), "path")], code.arg(call, Some(1), "handler"), Some(vec![None]))
        }
        "add_resource" => {
            let paths = (1..6).map(|i| code.arg(call, Some(i), "")).take_while(Option::is_some).collect();
            (paths, code.arg(call, Some(0), "resource"), Some(vec![None]))
        }
        "add_route" => added(code, call),
        "Route" | "WebSocketRoute" if code.uses("starlette") || code.uses("fastapi") => (
            vec![code.arg(call, Some(0), "path")],
            code.arg(call, Some(1), "endpoint"),
            listed(code, code.arg(call, None, "methods")),
        ),
        "view" if is_web => {
            (vec![code.arg(call, Some(0), "path")], code.arg(call, Some(1), "handler"), Some(vec![None]))
        }
        verb if is_web && VERBS.contains(&verb) => (
            vec![code.arg(call, Some(0), "path")],
            code.arg(call, Some(1), "handler"),
            Some(vec![Some(verb.to_ascii_uppercase())]),
        ),
        _ => return,
    };
    let Some(handler) = handler else { return };
    let (prefix, guards) = routers.of(object.trim_end_matches(".router"));
    let router = Some(object.to_owned()).filter(|o| routers.0.contains_key(o));
    let (name, body) = target(code, handler);
    for pattern in paths.into_iter().flatten() {
        let Some(pattern) = code.value(pattern).filter(|p| p.starts_with(['/', '$', '{']) || p.is_empty())
        else {
            continue;
        };
        let base = Route {
            method: None,
            path: path::joined(&prefix, &path::braces(&pattern, code.uses("sanic"))),
            router: router.clone(),
            handler: name.clone(),
            body,
            at: call,
            guards: guards.clone(),
        };
        match body {
            Some(class) if class.kind() == "class_definition" => {
                let before = found.len();
                by_class(code, &base, class, found);
                if let Some(methods) = methods.as_ref().filter(|m| m.iter().all(Option::is_some)) {
                    let known: Vec<Route<'t>> =
                        found.drain(before..).filter(|r| methods.contains(&r.method)).collect();
                    found.extend(known);
                }
            }
            _ => {
                let methods = methods.clone().unwrap_or_else(|| vec![Some("GET".to_owned())]);
                found.extend(methods.into_iter().map(|method| Route { method, ..base.clone() }));
            }
        }
    }
}

type Added<'t> = (Vec<Option<Node<'t>>>, Option<Node<'t>>, Option<Vec<Option<String>>>);

/// `add_route` of aiohttp (method, path, handler), Sanic (handler, path) and Falcon or Starlette (path, handler).
fn added<'t>(code: &Code, call: Node<'t>) -> Added<'t> {
    let texts =
        |i: usize| code.arg(call, Some(i), "").filter(|n| n.kind() == "string").and_then(|n| code.literal(n));
    match (texts(0), texts(1)) {
        (Some(verb), Some(_)) if !verb.starts_with('/') => {
            let verb = if verb == "*" { None } else { Some(verb.to_ascii_uppercase()) };
            (vec![code.arg(call, Some(1), "path")], code.arg(call, Some(2), "handler"), Some(vec![verb]))
        }
        (None, Some(_)) => (
            vec![code.arg(call, Some(1), "uri")],
            code.arg(call, Some(0), "handler"),
            listed(code, code.arg(call, None, "methods")),
        ),
        _ => (
            vec![code.arg(call, Some(0), "path")],
            code.arg(call, Some(1), "endpoint"),
            listed(code, code.arg(call, None, "methods")).or(Some(vec![None])),
        ),
    }
}

/// The name of a handler as it is handed over (`View.as_view("x")`, `Resource()`, `handler`), and its definition.
pub(crate) fn target<'t>(code: &'t Code, handler: Node<'t>) -> (String, Option<Node<'t>>) {
    let mut at = handler;
    for _ in 0..8 {
        match at.kind() {
            "call" => {
                let Some(function) = syntax::field(at, "function") else { break };
                let is_view =
                    function.kind() == "attribute" && code.field(function, "attribute").starts_with("as_");
                if is_view {
                    let Some(object) = syntax::field(function, "object") else { break };
                    at = object;
                } else {
                    // a decorator around it: `login_required(view)`, or an instance of a class
                    let inner = code
                        .arg(at, Some(0), "")
                        .filter(|i| matches!(i.kind(), "identifier" | "attribute" | "call"));
                    match inner.filter(|_| code.class(code.text_of(function)).is_none()) {
                        Some(inner) => at = inner,
                        None => at = function,
                    }
                }
            }
            _ => break,
        }
    }
    let name = code.text_of(at).to_owned();
    let body = code.function(&name).or_else(|| code.class(&name));
    (name, body)
}

/// Routes of Tornado: pairs of a pattern and a class in the list of an application.
fn tornado<'t>(code: &'t Code, found: &mut Vec<Route<'t>>) {
    if !code.uses("tornado") {
        return;
    }
    for node in syntax::descendants(code.root()) {
        let (pattern, handler) = match node.kind() {
            "tuple" => (node.named_child(0), node.named_child(1)),
            "call" if matches!(code.callee(node).rsplit('.').next(), Some("url" | "URLSpec")) => {
                (code.arg(node, Some(0), "pattern"), code.arg(node, Some(1), "handler"))
            }
            _ => continue,
        };
        let Some(pattern) = pattern.filter(|p| p.kind() == "string").and_then(|p| code.literal(p)) else {
            continue;
        };
        let Some(handler) = handler.filter(|h| matches!(h.kind(), "identifier" | "attribute")) else {
            continue;
        };
        if !pattern.trim_start_matches('^').starts_with('/') {
            continue;
        }
        let (name, body) = target(code, handler);
        let path = path::regex(&pattern);
        let base =
            Route { method: None, path, router: None, handler: name, body, at: node, guards: String::new() };
        match body {
            Some(class) => by_class(code, &base, class, found),
            None => found.push(base),
        }
    }
}

/// Whether a class answers requests with methods named after HTTP methods.
pub(crate) fn is_view(code: &Code, class: Node<'_>) -> bool {
    code.bases(class).iter().any(|b| {
        let short = b.rsplit('.').next().unwrap_or(b);
        VIEWS.contains(&short)
            || short.ends_with("View")
            || short.ends_with("ViewSet")
            || short.ends_with("Handler")
    })
}

/// Handlers that another file routes to: views of Django, functions a contract names.
fn handlers(source: &Source<'_>, code: &Code, out: &mut Sightings) {
    for (body, class, method) in loose(source, code) {
        let name = match class {
            Some(class) => code.field(class, "name"),
            None => code.field(body, "name"),
        };
        let parameters = code.parameters(body);
        let seen = HandlerSeen { name: name.to_owned(), method, parameters };
        out.span(syntax::line(decorated(body)), syntax::last_line(body), Seen::Handler(seen));
    }
}

/// What a method of a class of handlers answers; `list`, `create` and the like are those of viewsets.
fn answers(name: &str) -> Option<&'static str> {
    Some(match name {
        "get" | "list" | "retrieve" => "GET",
        "post" | "create" => "POST",
        "put" | "update" => "PUT",
        "patch" | "partial_update" => "PATCH",
        "delete" | "destroy" => "DELETE",
        _ => return None,
    })
}

/// Functions and methods that answer requests although this file has no route for them, with their class and method.
pub(crate) fn loose<'t>(
    source: &Source<'_>,
    code: &'t Code,
) -> Vec<(Node<'t>, Option<Node<'t>>, Option<String>)> {
    let routed: Vec<usize> = routes(code).iter().filter_map(|r| r.body.map(|b| b.id())).collect();
    let mut found = Vec::new();
    for class in syntax::of_kind(code.root(), "class_definition").filter(|c| is_view(code, *c)) {
        for method in code.methods(class) {
            let name = code.field(method, "name");
            if let Some(verb) = answers(name).filter(|_| !routed.contains(&method.id())) {
                found.push((method, Some(class), Some(verb.to_owned())));
            } else if code.decorators(method).iter().any(|d| code.text_of(*d).starts_with("action(")) {
                found.push((method, Some(class), None));
            }
        }
    }
    let contract = source.tree.files.iter().any(|f| is_contract(&f.path));
    for function in syntax::of_kind(code.root(), "function_definition") {
        if routed.contains(&function.id())
            || decorated(function).parent().is_none_or(|p| p.kind() != "module")
        {
            continue;
        }
        let name = code.field(function, "name");
        let parameters = code.parameters(function);
        let takes_request = parameters.first().is_some_and(|p| p == "request" || p == "req");
        let django = takes_request && code.uses("django") || takes_request && code.uses("rest_framework");
        let named = contract
            && !name.starts_with('_')
            && (code.uses("connexion") || code.uses("flask"))
            && !called(code, name);
        let is_wrapper = syntax::of_kind(function, "function_definition").nth(1).is_some();
        if (django || named) && !is_wrapper {
            found.push((function, None, None));
        }
    }
    found
}

/// Whether the file itself calls a function or hands it on: an error handler, a helper.
fn called(code: &Code, name: &str) -> bool {
    syntax::of_kind(code.root(), "identifier").any(|i| {
        let is_definition = i.parent().is_some_and(|p| p.kind() == "function_definition");
        code.text_of(i) == name && !is_definition
    })
}

/// Whether a path is one of an OpenAPI contract.
fn is_contract(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    (lower.contains("openapi") || lower.contains("swagger"))
        && [".yml", ".yaml", ".json"].iter().any(|e| lower.ends_with(e))
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{endpoints, see, see_all};

    #[test]
    fn fastapi_routers_carry_their_prefix() {
        let text = "from fastapi import FastAPI, APIRouter\nrouter = APIRouter(prefix='/v1')\n@router.get('/items/{item_id:int}')\nasync def one(item_id: int):\n    return 1\napp = FastAPI()\napp.include_router(router, prefix='/api')\n@app.websocket('/ws')\nasync def ws(s): pass\n";
        assert_eq!(endpoints(&see("app.py", text)), ["GET /api/v1/items/{item_id}", "* /ws"]);
    }

    #[test]
    fn flask_methods_blueprints_views_and_resources() {
        let text = "from flask import Flask, Blueprint\nfrom flask.views import MethodView\nfrom flask_restful import Api, Resource\napp = Flask(__name__)\nbp = Blueprint('b', __name__, url_prefix='/b')\n@bp.route('/x/<int:id>', methods=['GET', 'POST'])\ndef x(id):\n    return ''\nclass V(MethodView):\n    def get(self): pass\n    def delete(self): pass\napp.add_url_rule('/v', view_func=V.as_view('v'))\nclass R(Resource):\n    def put(self, id): pass\napi = Api(app, prefix='/r')\napi.add_resource(R, '/one/<id>', '/two')\napp.register_blueprint(bp)\n";
        let seen = endpoints(&see("app.py", text));
        assert_eq!(
            seen,
            ["GET /b/x/{id}", "POST /b/x/{id}", "GET /v", "DELETE /v", "PUT /r/one/{id}", "PUT /r/two"]
        );
    }

    #[test]
    fn routers_of_other_files_are_mounted() {
        let seen = see_all(&[
            (
                "svc/app/main.py",
                "from fastapi import FastAPI\nfrom app.routers import users\nfrom .routers.items import router as items\napp = FastAPI()\napp.include_router(users.router, prefix='/u')\napp.include_router(items)\n",
            ),
            ("svc/app/__init__.py", ""),
            ("svc/app/routers/__init__.py", ""),
            ("svc/app/routers/users.py", ""),
            ("svc/app/routers/items.py", ""),
        ]);
        let mounts: Vec<_> = seen
            .iter()
            .filter_map(|s| match &s.seen {
                Seen::Mount(m) => Some((m.prefix.as_str(), m.file.as_deref(), m.router.as_deref())),
                _ => None,
            })
            .collect();
        assert_eq!(
            mounts,
            [
                ("/u", Some("svc/app/routers/users"), Some("router")),
                ("", Some("svc/app/routers/items"), Some("router"))
            ]
        );
    }

    #[test]
    fn aiohttp_and_tornado() {
        let aio = "from aiohttp import web\nasync def a(request): pass\napp = web.Application()\napp.router.add_get('/a/{n}', a)\napp.add_routes([web.post('/b', a)])\n";
        assert_eq!(endpoints(&see("a.py", aio)), ["GET /a/{n}", "POST /b"]);
        let tornado = "import tornado.web\nclass H(tornado.web.RequestHandler):\n    def get(self, n): pass\napp = tornado.web.Application([(r'/h/([0-9]+)', H)])\n";
        assert_eq!(endpoints(&see("t.py", tornado)), ["GET /h/{arg}"]);
    }
}
