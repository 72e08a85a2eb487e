//! Routes of FastAPI, Flask (with RESTful, Blueprints and views), Starlette, aiohttp, Sanic, Quart, Bottle, Falcon and
//! Tornado; prefixes of routers, and routers of other files that are mounted.

use tree_sitter::Node;

use crate::extract::Extractor;
use crate::extract::python::code::Code;
use crate::extract::python::handler::handlers;
use crate::extract::python::mount::{Routers, mounts};
use crate::extract::python::{is_python, is_test, path};
use crate::sighting::{Endpoint, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads routes.
pub(crate) const EXTRACTOR: Extractor =
    Extractor { id: "python-route", reads: is_python, sees: &[], extract };

/// HTTP methods as functions and methods are named after them.
pub(crate) const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "trace"];

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
    let is_path = pattern.is_empty() || pattern.starts_with(['/', '<', '{', '$', ':']);
    if !is_path && !is_router(code, routers, object) {
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
    routers.has(name)
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

/// A route that a call adds.
fn by_call<'t>(code: &'t Code, routers: &Routers, call: Node<'t>, found: &mut Vec<Route<'t>>) {
    let Some(function) = syntax::field(call, "function") else { return };
    let name = match function.kind() {
        "attribute" => code.field(function, "attribute"),
        _ => code.text_of(function),
    };
    let object = syntax::field(function, "object").map_or("", |o| code.text_of(o));
    let Some((paths, handler, methods)) = parts(code, call, name, object) else { return };
    let Some(handler) = handler else { return };
    let (prefix, guards) = routers.of(object.trim_end_matches(".router"));
    let router = Some(object.to_owned()).filter(|o| routers.has(o));
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

/// Paths, handler and methods of a call.
type Added<'t> = (Vec<Option<Node<'t>>>, Option<Node<'t>>, Option<Vec<Option<String>>>);

/// The paths, the handler and the methods of a call that adds a route.
fn parts<'t>(code: &Code, call: Node<'t>, name: &str, object: &str) -> Option<Added<'t>> {
    let is_web = code.import(object).is_some_and(|i| i == "aiohttp.web");
    Some(match name {
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
        _ => return None,
    })
}

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
