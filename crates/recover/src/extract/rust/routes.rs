//! Routes of Axum, Actix, Rocket and Poem; services of tonic.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use crate::extract::rust::code::{Call, Code, attributes, bare};
use crate::extract::rust::operation;
use crate::sighting::{Endpoint, HandlerSeen, Mount, Seen};
use crate::source::Sightings;
use crate::syntax;

/// Functions and macros named after HTTP methods.
pub(crate) const METHODS: &[&str] = &["get", "post", "put", "delete", "patch", "head", "options", "trace"];

/// How deep routers are followed.
const DEPTH: usize = 8;

/// What is known where a router is read.
#[derive(Clone, Debug, Default)]
struct Under {
    prefix: String,
    /// Whether a layer or middleware asks callers who they are.
    asks: bool,
    /// The function whose result the router is.
    router: Option<String>,
}

/// Routes while they are gathered.
struct Routes<'a, 's, 't> {
    code: &'a Code<'s, 't>,
    guarded: bool,
    /// Functions with a route of their own (`#[get("/x")]`) and where they are hung.
    hung: BTreeMap<String, Vec<Under>>,
    /// Functions that other routers of the file take.
    taken: BTreeSet<String>,
}

/// Reads routes.
pub(crate) fn extract(code: &Code<'_, '_>, out: &mut Sightings) {
    let text = code.source.text;
    let frameworks = [
        "axum",
        "actix",
        "rocket",
        "Router",
        "poem",
        "ServiceConfig",
        "utoipa",
        "#[get",
        "#[post",
        "#[put",
        "#[delete",
        "#[patch",
    ];
    if frameworks.iter().any(|f| text.contains(f)) {
        let guarded = operation::guarded(code.source);
        let mut routes = Routes { code, guarded, hung: BTreeMap::new(), taken: BTreeSet::new() };
        routes.take();
        for call in &code.calls {
            if routes.is_root(call) {
                let under = routes.under(call.node);
                routes.collect(call.node, &under, 0, out);
            }
        }
        routes.macros(out);
        handlers(code, out);
    }
    if text.contains("tonic") {
        grpc(code, out);
    }
}

impl<'s, 't> Routes<'_, 's, 't> {
    /// Finds the functions and variables that routers take.
    fn take(&mut self) {
        for call in &self.code.calls {
            if !matches!(call.name, "nest" | "merge" | "configure" | "nest_service" | "service")
                || call.receiver.is_none()
            {
                continue;
            }
            let Some(last) = call.arguments.last() else { continue };
            let (chain, root) = self.code.chain(*last);
            if let Some(inner) = chain.last().filter(|c| c.receiver.is_none() && c.path.is_empty()) {
                self.taken.insert(inner.name.to_owned());
            }
            if let Some(root) = root.filter(|r| r.kind() == "identifier") {
                self.taken.insert(self.code.text(root).to_owned());
            }
        }
    }

    /// Whether a call is the outermost of a router that nothing else of the file takes.
    fn is_root(&self, call: &Call<'s, 't>) -> bool {
        // Outermost: no chain goes on, and it is no argument of another router's call.
        let mut parent = call.node.parent();
        while let Some(node) = parent.filter(|n| {
            matches!(n.kind(), "try_expression" | "await_expression" | "parenthesized_expression")
        }) {
            parent = node.parent();
        }
        if parent.is_some_and(|p| {
            p.kind() == "field_expression"
                || p.kind() == "arguments" && !is_free_argument(p, self.code.source.text)
        }) {
            return false;
        }
        let (chain, root) = self.code.chain(call.node);
        let begins = chain.last().is_some_and(|c| c.receiver.is_none() && is_router(c));
        let goes_on = root.filter(|r| r.kind() == "identifier").is_some_and(|r| self.is_router_name(r));
        if !begins && !goes_on {
            return false;
        }
        let function =
            self.code.function(call.node).and_then(|f| syntax::field_text(f, "name", self.code.source.text));
        let variable = call.node.parent().filter(|p| p.kind() == "let_declaration");
        let variable = variable.and_then(|l| syntax::field_text(l, "pattern", self.code.source.text));
        let taken =
            |name: Option<&str>| name.is_some_and(|n| self.taken.contains(n.trim_start_matches("mut ")));
        !taken(function) && !taken(variable)
    }

    /// Whether a name is a router: a variable that holds one, or Actix's configuration of services.
    fn is_router_name(&self, name: Node<'t>) -> bool {
        let text = self.code.text(name);
        if let Some(given) = self.code.given_at(text, name) {
            let (chain, _) = self.code.chain(given);
            return chain.last().is_some_and(is_router);
        }
        let Some(function) = self.code.function(name) else { return false };
        let parameters = syntax::field_text(function, "parameters", self.code.source.text).unwrap_or("");
        parameters.contains(&format!("{text}:"))
            && (parameters.contains("ServiceConfig") || parameters.contains("Router"))
    }

    fn under(&self, node: Node<'t>) -> Under {
        let function = self.code.function(node);
        let returns =
            function.and_then(|f| syntax::field_text(f, "return_type", self.code.source.text)).unwrap_or("");
        let parameters =
            function.and_then(|f| syntax::field_text(f, "parameters", self.code.source.text)).unwrap_or("");
        let is_part = ["Router", "Scope", "Route"].iter().any(|t| returns.contains(t))
            || parameters.contains("ServiceConfig");
        let name = function.and_then(|f| syntax::field_text(f, "name", self.code.source.text));
        Under { router: name.filter(|_| is_part).map(str::to_owned), ..Under::default() }
    }

    /// Reads a router.
    fn collect(&mut self, node: Node<'t>, under: &Under, depth: usize, out: &mut Sightings) {
        if depth > DEPTH {
            return;
        }
        let (chain, root) = self.code.chain(node);
        let mut under = under.clone();
        // Actix: a scope's path stands at its beginning, and what wraps it wraps all of it.
        if let Some(scope) = chain.last().filter(|c| c.name == "scope" || c.name == "resource") {
            under.prefix = join(
                &under.prefix,
                &scope.arguments.first().map(|a| self.code.value(*a)).unwrap_or_default(),
            );
        }
        under.asks |= chain.iter().any(|c| c.name == "wrap" && self.guards(c));
        for call in &chain {
            match call.name {
                // Axum: a layer is around what was added before it, which stands further in.
                "layer" | "route_layer" | "with" if self.guards(call) => under.asks = true,
                "route" | "at" | "route_service" | "to" | "routes" | "route_with_tsr" => {
                    self.route(call, &chain, &under, out);
                }
                "nest" | "nest_service" | "merge" | "service" | "configure" | "mount"
                | "nest_api_service" => {
                    self.take_in(call, &under, depth, out);
                }
                _ => {}
            }
        }
        if let Some(root) = root.filter(|r| r.kind() == "identifier")
            && let Some(given) = self.code.given_at(self.code.text(root), root)
        {
            self.collect(given, &under, depth + 1, out);
        }
    }

    fn guards(&self, call: &Call<'s, 't>) -> bool {
        let text: String = call.arguments.iter().map(|a| self.code.text(*a)).collect();
        operation::is_guard(&text)
    }

    /// `.route("/x", get(h).post(p))`, `.route(web::get().to(h))` of a resource.
    fn route(&self, call: &Call<'s, 't>, chain: &[Call<'s, 't>], under: &Under, out: &mut Sightings) {
        let (path, service) = match call.arguments.as_slice() {
            [path, service, ..] => (self.code.value(*path), *service),
            [service] if chain.last().is_some_and(|c| c.name == "resource") => (String::new(), *service),
            _ => return,
        };
        if path.contains("://") {
            return;
        }
        let (inner, _) = self.code.chain(service);
        let mut found = Vec::new();
        for part in &inner {
            let method = part.name.trim_end_matches("_service");
            let handler = part.arguments.last().map(|a| self.code.text(*a).to_owned());
            if METHODS.contains(&method) {
                // Actix hangs the handler on the method: `web::get().to(h)`.
                let to = inner.iter().find(|c| c.name == "to").and_then(|c| c.arguments.first());
                let handler = to.map(|a| self.code.text(*a).to_owned()).or(handler);
                found.push((Some(method.to_ascii_uppercase()), handler));
            } else if part.name == "any" || part.name == "on" {
                found.push((None, handler));
            }
        }
        if found.is_empty() {
            found.push((None, None));
        }
        let guard =
            inner.iter().any(|c| matches!(c.name, "layer" | "route_layer" | "wrap") && self.guards(c));
        let under = Under { asks: under.asks || guard, ..under.clone() };
        for (method, handler) in found {
            self.endpoint(
                (call.line(), syntax::last_line(call.node)),
                method.as_deref(),
                &path,
                handler,
                &under,
                out,
            );
        }
    }

    fn endpoint(
        &self,
        (line, until): (usize, usize),
        method: Option<&str>,
        path: &str,
        handler: Option<String>,
        under: &Under,
        out: &mut Sightings,
    ) {
        let path = route(&join(&under.prefix, path));
        let name = handler.as_deref().and_then(|h| h.rsplit("::").next()).unwrap_or("");
        let function = self.code.functions.get(name).copied();
        let asks = under.asks || function.is_some_and(|f| operation::asks(self.code, f));
        let handler = handler.filter(|h| h.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':')));
        let endpoint = Endpoint {
            method: method.map(str::to_owned),
            path: path.clone(),
            handler: handler.map(|h| h.replace("::", ".")),
            router: under.router.clone(),
            ..Endpoint::default()
        };
        out.span(line, until, Seen::Endpoint(endpoint));
        if asks {
            out.practice(
                line,
                Aspect::Authentication,
                State::Present,
                path.clone(),
                "a guard of the handler or its router",
            );
        } else if function.is_some() && !self.guarded {
            out.practice(
                line,
                Aspect::Authentication,
                State::Absent,
                path.clone(),
                "no guard on the handler or its router",
            );
        }
        if let Some(function) = function {
            operation::practices(self.code, function, method, &path, asks, out);
        }
        if ["/health", "/healthz", "/ready", "/readyz", "/livez", "/health_check"]
            .iter()
            .any(|h| path.ends_with(h))
        {
            out.practice(line, Aspect::HealthProbe, State::Present, path, "an endpoint for it");
        }
    }

    /// A router, scope or function that another router takes.
    fn take_in(&mut self, call: &Call<'s, 't>, under: &Under, depth: usize, out: &mut Sightings) {
        let mut under = under.clone();
        if matches!(call.name, "nest" | "nest_service" | "mount" | "nest_api_service") {
            let Some(prefix) = call.arguments.first() else { return };
            under.prefix = join(&under.prefix, &self.code.value(*prefix));
        }
        let Some(taken) = call.arguments.last().map(|a| bare(*a)) else { return };
        match taken.kind() {
            "call_expression" => {
                let (chain, _) = self.code.chain(taken);
                let Some(first) = chain.last() else { return };
                if first.receiver.is_none()
                    && !is_router(first)
                    && !matches!(first.name, "scope" | "resource")
                {
                    self.hang(first.path, first.name, &under, depth, out);
                } else {
                    self.collect(taken, &under, depth + 1, out);
                }
            }
            "macro_invocation" => {
                // Rocket: `routes![index, users::list]`.
                let Some(tokens) = syntax::children(taken).into_iter().find(|n| n.kind() == "token_tree")
                else {
                    return;
                };
                let inside = self.code.text(tokens).trim_matches(['[', ']', '(', ')']);
                for path in inside.split(',').map(str::trim).filter(|p| !p.is_empty()) {
                    let (module, name) = path.rsplit_once("::").unwrap_or(("", path));
                    self.hang(module, name, &under, depth, out);
                }
            }
            "identifier" | "scoped_identifier" => {
                let text = self.code.text(taken);
                match self.code.given_at(text, taken) {
                    Some(given) => self.collect(given, &under, depth + 1, out),
                    None => {
                        let (module, name) = text.rsplit_once("::").unwrap_or(("", text));
                        self.hang(module, name, &under, depth, out);
                    }
                }
            }
            _ => {}
        }
    }

    /// Hangs a function's router, or the function's own route, below a prefix.
    fn hang(&mut self, module: &str, name: &str, under: &Under, depth: usize, out: &mut Sightings) {
        if module.is_empty()
            && let Some(function) = self.code.functions.get(name).copied()
        {
            if has_route(function, self.code.source.text) {
                self.hung.entry(name.to_owned()).or_default().push(under.clone());
                return;
            }
            let inside = |c: &&Call<'s, 't>| {
                c.node.start_byte() >= function.start_byte() && c.node.end_byte() <= function.end_byte()
            };
            let outermost: Vec<Node<'t>> = self
                .code
                .calls
                .iter()
                .filter(inside)
                .filter(|c| {
                    c.node.parent().is_none_or(|p| !matches!(p.kind(), "field_expression" | "arguments"))
                })
                .filter(|c| {
                    let (chain, root) = self.code.chain(c.node);
                    chain.last().is_some_and(is_router)
                        || root.is_some_and(|r| r.kind() == "identifier" && self.is_router_name(r))
                })
                .map(|c| c.node)
                .collect();
            for node in outermost {
                self.collect(node, under, depth + 1, out);
            }
            return;
        }
        let path = if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") };
        if let Some((file, router)) = self.code.item(&path) {
            let mount = Mount { prefix: under.prefix.clone(), file: Some(file), router: Some(router) };
            out.add(1, Seen::Mount(mount));
        }
    }

    /// Functions with a route of their own: `#[get("/x")] async fn x()`.
    fn macros(&self, out: &mut Sightings) {
        let mut functions: Vec<_> = self.code.functions.iter().collect();
        functions.sort_by_key(|(_, node)| node.start_byte());
        for (name, function) in functions {
            for attribute in attributes(*function, self.code.source.text) {
                let Some((method, path)) = own_route(attribute) else { continue };
                let alone = [Under { router: Some((*name).to_owned()), ..Under::default() }];
                let hung = self.hung.get(*name).map_or(&alone[..], Vec::as_slice);
                let guard = operation::is_guard(attribute);
                for under in hung {
                    let under = Under { asks: under.asks || guard, ..under.clone() };
                    let lines = (syntax::line(*function), syntax::last_line(*function));
                    self.endpoint(lines, method.as_deref(), &path, Some((*name).to_owned()), &under, out);
                }
            }
        }
    }
}

/// Whether a call begins a router.
fn is_router(call: &Call<'_, '_>) -> bool {
    let of = call.path.rsplit("::").next().unwrap_or(call.path);
    let of = of.split('<').next().unwrap_or(of);
    match call.name {
        "new" | "with_openapi" | "default" => {
            matches!(of, "Router" | "App" | "Route" | "OpenApiRouter" | "ApiRouter")
        }
        "scope" => of == "web",
        "build" | "custom" | "ignite" => of == "rocket",
        _ => false,
    }
}

/// Whether the call whose arguments these are is none of a router: `axum::serve(listener, app)`, `Some(router)`.
fn is_free_argument(arguments: Node<'_>, source: &str) -> bool {
    let call = arguments.parent().and_then(|c| crate::extract::rust::code::call(c, source));
    call.is_some_and(|c| {
        !matches!(
            c.name,
            "nest"
                | "merge"
                | "service"
                | "configure"
                | "nest_service"
                | "mount"
                | "fallback_service"
                | "route"
                | "at"
        )
    })
}

fn has_route(function: Node<'_>, source: &str) -> bool {
    attributes(function, source).into_iter().any(|a| own_route(a).is_some())
}

/// Method and path of `#[get("/x")]`, `#[route("/x", method = "GET")]`.
fn own_route(attribute: &str) -> Option<(Option<String>, String)> {
    let inside = attribute.trim_start_matches("#[").trim_end_matches(']');
    let (name, arguments) = inside.split_once('(')?;
    let name = name.trim().rsplit("::").next()?;
    let path = arguments.trim_start().strip_prefix('"')?.split('"').next()?;
    if METHODS.contains(&name) {
        return path
            .starts_with(['/', '{', '<'])
            .then(|| (Some(name.to_ascii_uppercase()), path.to_owned()))
            .or_else(|| path.is_empty().then(|| (Some(name.to_ascii_uppercase()), String::new())));
    }
    if name != "route" {
        return None;
    }
    let method =
        arguments.split("method").nth(1).and_then(|m| m.split('"').nth(1)).map(str::to_ascii_uppercase);
    Some((method, path.to_owned()))
}

/// Functions that other files may hang: their lines belong to the endpoint that names them.
fn handlers(code: &Code<'_, '_>, out: &mut Sightings) {
    let mut functions: Vec<_> = code.functions.iter().collect();
    functions.sort_by_key(|(_, node)| node.start_byte());
    for (name, function) in functions {
        let returns = syntax::field_text(*function, "return_type", code.source.text).unwrap_or("");
        let answers = [
            "IntoResponse",
            "Responder",
            "HttpResponse",
            "Response",
            "Json<",
            "Html<",
            "StatusCode",
            "Redirect",
        ];
        if !answers.iter().any(|a| returns.contains(a)) {
            continue;
        }
        let parameters = syntax::field(*function, "parameters").map(syntax::children).unwrap_or_default();
        let parameters =
            parameters.into_iter().filter_map(|p| syntax::field_text(p, "pattern", code.source.text));
        let handler = HandlerSeen {
            name: (*name).to_owned(),
            method: None,
            parameters: parameters.map(str::to_owned).collect(),
        };
        out.span(syntax::line(*function), syntax::last_line(*function), Seen::Handler(handler));
    }
}

/// Services of tonic: `impl Orders for Service` with methods that take a `Request`.
fn grpc(code: &Code<'_, '_>, out: &mut Sightings) {
    for block in syntax::of_kind(code.root, "impl_item") {
        let Some(service) = syntax::field_text(block, "trait", code.source.text) else { continue };
        let service = service.rsplit("::").next().unwrap_or(service);
        for method in syntax::of_kind(block, "function_item") {
            let parameters = syntax::field_text(method, "parameters", code.source.text).unwrap_or("");
            let returns = syntax::field_text(method, "return_type", code.source.text).unwrap_or("");
            if !parameters.contains("Request<")
                || !returns.contains("Response<")
                || !returns.contains("Status")
            {
                continue;
            }
            let Some(name) = syntax::field_text(method, "name", code.source.text) else { continue };
            let camel: String = name.split('_').map(capital).collect();
            let path = format!("/{service}/{camel}");
            let endpoint = Endpoint { path, handler: Some(name.to_owned()), ..Endpoint::default() };
            out.span(syntax::line(method), syntax::last_line(method), Seen::Endpoint(endpoint));
        }
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Joins two parts of a path.
fn join(prefix: &str, path: &str) -> String {
    match (prefix.trim_matches('/'), path.trim_matches('/')) {
        ("", path) => format!("/{path}"),
        (prefix, "") => format!("/{prefix}"),
        (prefix, path) => format!("/{prefix}/{path}"),
    }
}

/// A route with plain parameters: `<id>`, `:id`, `{id:\d+}`, `{*rest}` become `{id}`, `{rest}`; a query is left out.
fn route(path: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    let parts = path.split('/').map(|part| {
        let name = part
            .strip_prefix('<')
            .and_then(|p| p.strip_suffix('>'))
            .or_else(|| part.strip_prefix(':'))
            .or_else(|| part.strip_prefix('*'))
            .or_else(|| part.strip_prefix('{').and_then(|p| p.strip_suffix('}')));
        match name {
            Some(name) => {
                format!(
                    "{{{}}}",
                    name.trim_start_matches('*').trim_end_matches("..").split(':').next().unwrap_or(name)
                )
            }
            None => part.to_owned(),
        }
    });
    parts.collect::<Vec<_>>().join("/")
}
