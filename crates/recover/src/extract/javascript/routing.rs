//! Routes of servers whose routes are calls (Express, Fastify, Koa, Hapi, Hono, Restify and their kin), and what
//! they have in common with routes of decorators.

use std::collections::HashMap;

use tree_sitter::Node;

use super::module::{Js, is_function};
use crate::syntax;

/// A route with what stands before its handler.
#[derive(Clone, Debug)]
pub(super) struct Route<'t> {
    /// The byte where it ends.
    pub(super) end: usize,
    /// First and last line of the handler, or of the route when the handler stands elsewhere.
    pub(super) lines: (usize, usize),
    /// HTTP method; absent when any.
    pub(super) method: Option<String>,
    /// Paths, with parameters in braces.
    pub(super) paths: Vec<String>,
    /// The router.
    pub(super) router: Option<String>,
    /// The name of the handler.
    pub(super) name: Option<String>,
    /// What stands before the handler, as written: middleware, hooks, guards, of the route or around it.
    pub(super) before: Vec<String>,
    /// The function that handles it, when it stands in this file.
    pub(super) body: Option<Node<'t>>,
}

/// Packages whose routers take routes as calls.
pub(super) const SERVERS: &[&str] = &[
    "express",
    "express-promise-router",
    "fastify",
    "koa-router",
    "@koa/router",
    "koa-joi-router",
    "hono",
    "@hono/zod-openapi",
    "polka",
    "restify",
    "restify-router",
    "router",
    "find-my-way",
    "itty-router",
    "h3",
    "elysia",
    "hyper-express",
    "@tinyhttp/app",
    "restana",
    "hapi",
    "@hapi/hapi",
    "express-openapi-validator",
    "@oak/oak",
];

/// Most routes of a file.
const MOST_ROUTES: usize = 5000;

/// Most middleware and prefixes of a file that are kept apart.
const MOST_WIDE: usize = 300;

/// Methods of routers that are HTTP methods.
const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "del", "head", "options", "all"];

/// Keys of a route's options that hold what runs before the handler.
const BEFORE: &[&str] = &[
    "preHandler",
    "onRequest",
    "preValidation",
    "preParsing",
    "beforeHandler",
    "auth",
    "pre",
    "config",
    "middleware",
    "middlewares",
];

/// The routes of a file that are calls.
pub(super) fn routes<'t>(js: &Js<'t>) -> Vec<Route<'t>> {
    let prefixes = Prefixes::of(js);
    let wide = wide(js);
    let mut found = Vec::new();
    for call in js.calls() {
        if call.kind() != "call_expression" || found.len() > MOST_ROUTES {
            continue;
        }
        let Some((object, name)) = js.method(call) else { continue };
        if name == "route" {
            found.extend(from_options(js, call, object, &prefixes, &wide));
        } else if VERBS.contains(&name) {
            found.extend(from_verb(js, call, object, name, &prefixes, &wide));
        } else if name == "use" && is_server(js, object, false) {
            found.extend(from_use(js, call, object, &prefixes));
        }
    }
    // The first call of a chain ends first.
    found.sort_by_key(|r| r.end);
    found
}

/// Middleware of a whole router or of a plugin's function: first byte, last byte, router, as written.
struct Wide {
    from: usize,
    until: usize,
    router: String,
    text: String,
}

fn wide(js: &Js<'_>) -> Vec<Wide> {
    let mut found = Vec::new();
    for call in js.calls() {
        let Some((object, name @ ("use" | "addHook" | "auth" | "register" | "onBeforeHandle"))) =
            js.method(call)
        else {
            continue;
        };
        let Some(base) = js.base(object) else { continue };
        let arguments = js.arguments(call);
        let has_path =
            arguments.first().is_some_and(|a| matches!(a.kind(), "string" | "template_string" | "array"));
        if name == "use" && has_path {
            continue;
        }
        let scope = js.function_around(call).unwrap_or_else(|| js.root());
        let text = arguments
            .iter()
            .filter(|a| !is_function(**a))
            .map(|a| short(js.of(*a)))
            .collect::<Vec<_>>()
            .join(" ");
        // An inline function is known by what it calls.
        let inline = arguments
            .iter()
            .filter(|a| is_function(**a))
            .map(|a| js.searched(*a))
            .find(|t| t.contains("erify"));
        let text =
            format!("{text} {}", inline.map_or("", |t| if t.contains("jwt") { "jwtVerify" } else { "" }));
        if found.len() >= MOST_WIDE {
            break;
        }
        found.push(Wide {
            from: call.start_byte(),
            until: scope.end_byte(),
            router: js.of(base).to_owned(),
            text,
        });
    }
    found
}

/// The beginning of a text, on one line.
fn short(text: &str) -> String {
    text.chars().take(160).map(|c| if c == '\n' { ' ' } else { c }).collect()
}

/// Whether something is a router: by the package it comes from, or by its name.
pub(super) fn is_server<'t>(js: &Js<'t>, object: Node<'t>, certain: bool) -> bool {
    let Some(base) = js.base(object) else { return false };
    if let Some(origin) = js.origin(base) {
        if SERVERS.contains(&origin.package) {
            return origin.path.contains("()") || js.of(base).to_ascii_lowercase().contains("fastify");
        }
        if !origin.package.starts_with(['.', '@', '~']) && !origin.package.starts_with("src/") {
            return false;
        }
        // An application made elsewhere in the repository; a client made elsewhere looks the same from here.
        return !certain && is_router_name(js.of(base), false);
    }
    !certain && is_router_name(js.of(base), true)
}

fn is_router_name(name: &str, bare: bool) -> bool {
    let name = name.trim_start_matches("this.").trim_start_matches(['_', '#']).to_ascii_lowercase();
    matches!(name.as_str(), "app" | "router" | "server" | "fastify" | "routes" | "expressapp")
        || bare && matches!(name.as_str(), "instance" | "route" | "f" | "r" | "httpserver")
        || name.ends_with("router")
        || name.ends_with("routes")
        || name.len() > 3 && name.ends_with("app")
}

/// Prefixes of routers and of functions inside a file.
#[derive(Default)]
pub(super) struct Prefixes {
    routers: HashMap<String, Vec<String>>,
    ranges: Vec<(usize, usize, String)>,
}

impl Prefixes {
    /// The prefixes that a file gives to its own routers.
    pub(super) fn of(js: &Js<'_>) -> Self {
        let mut found = Self::default();
        for call in js.calls() {
            found.constructed(js, call);
            found.prefixed(js, call);
            let Some((object, name @ ("use" | "register" | "route" | "mount"))) = js.method(call) else {
                continue;
            };
            let arguments = js.arguments(call);
            if name == "register" {
                let prefix = arguments.get(1).and_then(|o| js.property(*o, "prefix")).map(|p| js.value(p));
                let body = arguments.first().and_then(|f| js.function(*f));
                if let (Some(prefix), Some(body)) = (prefix, body.filter(|_| found.ranges.len() < MOST_WIDE))
                {
                    found.ranges.push((body.start_byte(), body.end_byte(), prefix));
                }
                continue;
            }
            if arguments.len() < 2 || !is_server(js, object, false) {
                continue;
            }
            let outer = js.base(object).map(|b| js.of(b).to_owned()).unwrap_or_default();
            for router in arguments.iter().skip(1) {
                let local = js.base(*router).filter(|_| !is_function(*router));
                let Some(local) = local.map(|l| js.of(l)).filter(|l| *l != outer) else { continue };
                let is_local = js.origin(*router).is_some_and(|o| SERVERS.contains(&o.package));
                if is_local {
                    let prefix = format!("{}\u{0}{}", outer, js.value(arguments[0]));
                    found.routers.entry(local.to_owned()).or_default().push(prefix);
                }
            }
        }
        found
    }

    /// `new Router({ prefix: '/x' })`
    fn constructed<'t>(&mut self, js: &Js<'t>, call: Node<'t>) {
        if call.kind() != "new_expression" && js.called(call) != "Router" {
            return;
        }
        let prefix = js.arguments(call).first().and_then(|o| js.property(*o, "prefix"));
        let name = js.parent(call).filter(|p| p.kind() == "variable_declarator");
        let name = name.and_then(|p| syntax::field(p, "name")).map(|n| js.of(n));
        if let (Some(prefix), Some(name)) = (prefix, name) {
            self.routers.entry(name.to_owned()).or_default().push(format!("\u{0}{}", js.value(prefix)));
        }
    }

    /// `router.prefix('/x')`, `app.basePath('/x')`
    fn prefixed<'t>(&mut self, js: &Js<'t>, call: Node<'t>) {
        let Some((object, "prefix" | "basePath")) = js.method(call) else { return };
        let (Some(base), Some(first)) = (js.base(object), js.arguments(call).first().copied()) else {
            return;
        };
        self.routers.entry(js.of(base).to_owned()).or_default().push(format!("\u{0}{}", js.value(first)));
    }

    /// The prefixes of a router at a place.
    pub(super) fn at(&self, router: &str, byte: usize) -> Vec<String> {
        let mut around: Vec<&(usize, usize, String)> =
            self.ranges.iter().filter(|(from, to, _)| (*from..*to).contains(&byte)).collect();
        around.sort_by_key(|(from, _, _)| *from);
        let plugin = around.iter().fold(String::new(), |all, (_, _, prefix)| join(&all, prefix));
        self.of_router(router, 0).iter().map(|p| join(p, &plugin)).collect()
    }

    fn of_router(&self, router: &str, depth: usize) -> Vec<String> {
        let Some(own) = self.routers.get(router).filter(|_| depth < 4) else { return vec![String::new()] };
        let mut all = Vec::new();
        for one in own.iter().take(4) {
            let (outer, prefix) = one.split_once('\u{0}').unwrap_or(("", one));
            for before in self.of_router(if outer == router { "" } else { outer }, depth + 1) {
                all.push(join(&before, prefix));
            }
        }
        all.truncate(8);
        all
    }
}

/// Joins two parts of a path.
pub(super) fn join(first: &str, second: &str) -> String {
    let (first, second) = (first.trim_end_matches('/'), second.trim_start_matches('/'));
    match (first.is_empty(), second.is_empty()) {
        (true, true) => String::new(),
        (_, true) => first.to_owned(),
        (true, _) => format!("/{second}"),
        _ => format!("{first}/{second}"),
    }
}

/// A path with its parameters in braces: `/a/:id(\d+)?` is `/a/{id}`.
pub(super) fn braces(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path.chars().peekable();
    while let Some(c) = rest.next() {
        if c == ':' && rest.peek().is_some_and(|n| n.is_alphabetic() || *n == '_') {
            out.push('{');
            while let Some(n) = rest.next_if(|n| n.is_alphanumeric() || *n == '_') {
                out.push(n);
            }
            out.push('}');
            skip_pattern(&mut rest);
        } else if c == '{' {
            // Hapi: `{id?}`, `{rest*2}`; a placeholder stays as it is.
            if out.ends_with('$') {
                out.push(c);
                continue;
            }
            out.push('{');
            while let Some(n) = rest.next_if(|n| *n != '}') {
                if n.is_alphanumeric() || n == '_' || n == '-' {
                    out.push(n);
                }
            }
            rest.next();
            out.push('}');
        } else {
            out.push(c);
        }
    }
    out
}

/// Skips `(\d+)`, `{[0-9]+}` and `?` after a parameter.
fn skip_pattern(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    for (open, close) in [('(', ')'), ('{', '}')] {
        if rest.next_if_eq(&open).is_some() {
            let mut depth = 1;
            while depth > 0 {
                match rest.next() {
                    Some(c) if c == open => depth += 1,
                    Some(c) if c == close => depth -= 1,
                    Some(_) => {}
                    None => break,
                }
            }
        }
    }
    while rest.next_if(|n| matches!(n, '?' | '*' | '+')).is_some() {}
}

/// The paths an argument stands for; nothing when it is no path.
pub(super) fn paths<'t>(js: &Js<'t>, argument: Node<'t>) -> Option<Vec<String>> {
    let parts = match argument.kind() {
        "array" => syntax::children(argument),
        "regex" => return None,
        _ => vec![argument],
    };
    let mut found = Vec::new();
    for part in parts.into_iter().take(8) {
        let value = js.value(part);
        // What is not known in front is left out: `${prefix}/users`.
        let value = match value.strip_prefix('{').and_then(|v| v.split_once('}')) {
            Some((_, rest)) if rest.starts_with('/') => rest.to_owned(),
            _ => value,
        };
        if !(value.is_empty() || value.starts_with(['/', '*']) || value.starts_with("${")) {
            return None;
        }
        found.push(braces(&value));
    }
    Some(found)
}

/// `app.get('/x', auth, handler)`, also at the end of `app.route('/x')` or of a chain.
fn from_verb<'t>(
    js: &Js<'t>,
    call: Node<'t>,
    object: Node<'t>,
    verb: &str,
    prefixes: &Prefixes,
    wide: &[Wide],
) -> Option<Route<'t>> {
    let mut arguments = js.arguments(call);
    let own = match routed(js, object) {
        Some(path) => paths(js, path)?,
        None => {
            if arguments.len() < 2 || !is_server(js, object, false) {
                return None;
            }
            let first = arguments.remove(0);
            paths(js, first)?
        }
    };
    let last = *arguments.last()?;
    // `cache.get('/key', 5)` is no route.
    if matches!(last.kind(), "string" | "number" | "template_string" | "true" | "false") {
        return None;
    }
    let options = arguments.iter().copied().find(|a| js.object(*a).is_some());
    let handler = options.and_then(|o| js.property(o, "handler")).unwrap_or(last);
    let before: Vec<Node<'t>> = arguments.iter().copied().filter(|a| a.id() != handler.id()).collect();
    let method =
        (verb != "all").then(|| if verb == "del" { "DELETE".to_owned() } else { verb.to_ascii_uppercase() });
    Some(assemble(js, call, object, &own, method, handler, (&before, options), prefixes, wide))
}

/// The path of `app.route('/x')` below a chain of verbs.
fn routed<'t>(js: &Js<'t>, object: Node<'t>) -> Option<Node<'t>> {
    let mut at = object;
    for _ in 0..16 {
        if at.kind() != "call_expression" {
            return None;
        }
        let (inside, name) = js.method(at)?;
        if name == "route" {
            return js.arguments(at).first().copied().filter(|a| js.object(*a).is_none());
        }
        if !VERBS.contains(&name) {
            return None;
        }
        at = inside;
    }
    None
}

/// `fastify.route({ method, url, handler })`, `server.route([{ method, path, options }])`.
fn from_options<'t>(
    js: &Js<'t>,
    call: Node<'t>,
    object: Node<'t>,
    prefixes: &Prefixes,
    wide: &[Wide],
) -> Vec<Route<'t>> {
    let Some(first) = js.arguments(call).first().map(|a| js.deref(*a)) else { return Vec::new() };
    let all = if first.kind() == "array" { syntax::children(first) } else { vec![first] };
    let mut found = Vec::new();
    for one in all {
        let Some(path) = js.first_property(one, &["url", "path"]).and_then(|p| paths(js, p)) else {
            continue;
        };
        let methods = js.property(one, "method").map(|m| js.deref(m));
        let methods: Vec<String> = match methods {
            Some(m) if m.kind() == "array" => syntax::children(m).iter().map(|m| js.value(*m)).collect(),
            Some(m) => vec![js.value(m)],
            None => vec!["*".to_owned()],
        };
        let options = js.first_property(one, &["options", "config"]).unwrap_or(one);
        let handler = js.property(one, "handler").or_else(|| js.property(options, "handler")).unwrap_or(one);
        for method in methods.into_iter().take(8) {
            let method = (method != "*").then(|| method.to_ascii_uppercase());
            let before = [];
            let mut route =
                assemble(js, one, object, &path, method, handler, (&before, Some(options)), prefixes, wide);
            if options.id() != one.id() {
                route.before.extend(options_before(js, one));
            }
            found.push(route);
        }
    }
    found
}

/// `app.use('/x', (req, res) => ...)`: a handler for every method.
fn from_use<'t>(js: &Js<'t>, call: Node<'t>, object: Node<'t>, prefixes: &Prefixes) -> Option<Route<'t>> {
    let arguments = js.arguments(call);
    let [path, .., handler] = arguments.as_slice() else { return None };
    let function = Some(*handler).filter(|h| is_function(*h))?;
    let parameters = syntax::field(function, "parameters").map_or(0, |p| syntax::children(p).len());
    if parameters != 2 {
        return None;
    }
    let own = paths(js, *path)?;
    Some(assemble(js, call, object, &own, None, *handler, (&[], None), prefixes, &[]))
}

#[allow(clippy::too_many_arguments, reason = "the parts of a route, each from another place")]
fn assemble<'t>(
    js: &Js<'t>,
    at: Node<'t>,
    object: Node<'t>,
    own: &[String],
    method: Option<String>,
    handler: Node<'t>,
    (before, options): (&[Node<'t>], Option<Node<'t>>),
    prefixes: &Prefixes,
    wide: &[Wide],
) -> Route<'t> {
    let router = js.base(object).map(|b| js.of(b).to_owned());
    let name = router.as_deref().unwrap_or("");
    let byte = at.start_byte();
    let mut all = Vec::new();
    for prefix in prefixes.at(name, byte) {
        all.extend(own.iter().map(|p| root_if_empty(join(&braces(&prefix), p))));
    }
    all.dedup();
    let body = js.function(handler);
    let lines = body
        .map_or((line_of_call(js, at), syntax::last_line(at)), |b| (syntax::line(b), syntax::last_line(b)));
    let lines = if body.is_some_and(|b| (at.start_byte()..at.end_byte()).contains(&b.start_byte())) {
        (line_of_call(js, at), syntax::last_line(at))
    } else {
        lines
    };
    let mut texts: Vec<String> =
        before.iter().filter(|b| js.object(**b).is_none()).map(|b| short(js.of(*b))).collect();
    if let Some(options) = options {
        texts.extend(options_before(js, options));
    }
    let around = wide.iter().filter(|w| w.router == name && w.from < byte && byte < w.until);
    texts.extend(around.map(|w| w.text.clone()));
    let handler_name = match handler.kind() {
        "identifier" | "member_expression" => Some(js.of(handler).to_owned()),
        _ => None,
    };
    Route { end: at.end_byte(), lines, method, paths: all, router, name: handler_name, before: texts, body }
}

/// The line of the called member: a chain's later calls begin on the chain's first line.
fn line_of_call<'t>(js: &Js<'t>, call: Node<'t>) -> usize {
    js.callee(call)
        .and_then(|c| syntax::field(c, "property"))
        .map_or_else(|| syntax::line(call), syntax::line)
}

fn options_before<'t>(js: &Js<'t>, options: Node<'t>) -> Vec<String> {
    let one = |key: &&str| js.property(options, key).map(|v| format!("{key} {}", short(js.of(v))));
    BEFORE.iter().filter_map(one).collect()
}

fn root_if_empty(path: String) -> String {
    if path.is_empty() { "/".to_owned() } else { path }
}
