//! Starts of processes, settings that configuration files of code hold, and GraphQL servers.

use tree_sitter::Node;

use super::module::{Js, is_script, read};
use super::value::is_configuration;
use crate::extract::Extractor;
use crate::sighting::{Endpoint, Entry, Name, NameSource, Seen, Setting};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads them.
pub(super) const EXTRACTOR: Extractor =
    Extractor { id: "javascript-entries", reads: is_script, sees: &[], extract };

/// Packages with the framework they are in the catalog.
const FRAMEWORKS: &[(&str, &str)] =
    &[("@nestjs/core", "nestjs"), ("fastify", "fastify"), ("express", "express"), ("next", "nextjs")];

/// Packages whose servers answer GraphQL.
const GRAPHQL: &[&str] = &[
    "@apollo/server",
    "apollo-server",
    "apollo-server-express",
    "apollo-server-fastify",
    "apollo-server-koa",
    "apollo-server-micro",
    "express-graphql",
    "graphql-http",
    "graphql-yoga",
    "mercurius",
    "@nestjs/graphql",
    "graphql-http/lib/use/express",
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    read(source, |js| {
        if super::place::in_browser(source, js) {
            return;
        }
        for call in js.calls() {
            if let Some(framework) = starts(js, call) {
                out.add(syntax::line(call), Seen::Entry(Entry { framework }));
            }
            if let Some(path) = graphql(js, call) {
                let endpoint = Endpoint { method: Some("POST".to_owned()), path, ..Endpoint::default() };
                out.span(syntax::line(call), syntax::last_line(call), Seen::Endpoint(endpoint));
            }
            registered(js, call, out);
        }
        let stem = source.path.rsplit_once('.').map_or(source.path, |(p, _)| p);
        let near: Vec<&str> = stem.rsplit('/').take(2).collect();
        if near.iter().any(|part| is_configuration(&format!("./{part}"))) {
            settings(js, out);
        }
    });
}

/// Whether a call starts a process that answers or works, and by which framework.
fn starts<'t>(js: &Js<'t>, call: Node<'t>) -> Option<Option<String>> {
    let called = js.called(call);
    let framework = || {
        let known = FRAMEWORKS.iter().find(|(p, _)| js.uses(p));
        known.map(|(_, f)| (*f).to_owned())
    };
    match called {
        "listen" | "bindAsync" => {
            let (object, _) = js.method(call)?;
            let base = js.base(object)?;
            let lower = js.of(base).to_ascii_lowercase();
            let origin = js.origin(base);
            let is_server = origin.as_ref().is_some_and(|o| {
                super::routing::SERVERS.contains(&o.package)
                    || matches!(
                        o.package,
                        "http"
                            | "https"
                            | "http2"
                            | "@nestjs/core"
                            | "koa"
                            | "@grpc/grpc-js"
                            | "grpc"
                            | "net"
                            | "socket.io"
                    )
            }) || ["app", "server", "fastify", "http", "api", "express"]
                .iter()
                .any(|w| lower.contains(w))
                || GRAPHQL.iter().any(|p| js.uses(p));
            is_server.then(framework)
        }
        "create" | "createMicroservice" | "createApplicationContext" => {
            (js.origin(call)?.path.starts_with("NestFactory")).then(|| Some("nestjs".to_owned()))
        }
        "serve" => {
            let text = js.callee(call).map_or("", |c| js.of(c));
            let hono = js.origin(call).is_some_and(|o| o.package.starts_with("@hono/"));
            (hono || matches!(text, "Bun.serve" | "Deno.serve")).then(framework)
        }
        "startStandaloneServer" => Some(None),
        "Worker" => {
            let origin = js.origin(call)?;
            matches!(origin.package, "bullmq").then_some(None)
        }
        "run" => {
            let origin = js.origin(call)?;
            (origin.package == "kafkajs").then_some(None)
        }
        _ => None,
    }
}

/// The path of a GraphQL server that a call makes.
fn graphql<'t>(js: &Js<'t>, call: Node<'t>) -> Option<String> {
    let called = js.called(call);
    let origin = js.origin(call)?;
    if !GRAPHQL.contains(&origin.package) {
        return None;
    }
    let made = matches!(
        called,
        "ApolloServer" | "graphqlHTTP" | "createYoga" | "createHandler" | "forRoot" | "forRootAsync"
    );
    if !made {
        return None;
    }
    let options = js.arguments(call).first().copied();
    let own = options.and_then(|o| js.first_property(o, &["path", "graphqlEndpoint"])).map(|p| js.value(p));
    // `app.use('/query', graphqlHTTP(...))` is found as a path of the call around.
    let around = js.parent(call).and_then(|a| js.parent(a)).filter(|a| a.kind() == "call_expression");
    let around = around.filter(|a| matches!(js.called(*a), "use" | "all" | "post"));
    let around = around.and_then(|a| js.arguments(a).first().and_then(|p| js.string(*p)).map(str::to_owned));
    Some(own.or(around).filter(|p| p.starts_with('/')).unwrap_or_else(|| "/graphql".to_owned()))
}

/// The name under which an instance registers itself.
fn registered<'t>(js: &Js<'t>, call: Node<'t>, out: &mut Sightings) {
    let Some(origin) = js.origin(call) else { return };
    let name = match (origin.package, origin.path.as_str()) {
        ("eureka-js-client", _) => js
            .arguments(call)
            .first()
            .and_then(|o| js.property(*o, "instance"))
            .and_then(|i| js.property(i, "app")),
        ("consul", path) if path.contains("service.register") => {
            js.arguments(call).first().map(|o| js.property(*o, "name").unwrap_or(*o))
        }
        _ => None,
    };
    if let Some(name) = name.map(|n| js.value(n)).filter(|n| !n.starts_with('{')) {
        out.add(syntax::line(call), Seen::Name(Name { name, source: NameSource::Application }));
    }
}

/// The values of the object that a configuration file exports, flattened with dots.
fn settings(js: &Js<'_>, out: &mut Sightings) {
    let mut stack: Vec<(String, Node<'_>, usize)> = Vec::new();
    for node in &js.nodes {
        match node.kind() {
            "assignment_expression" => {
                let left = syntax::field_text(*node, "left", js.text).unwrap_or("");
                let Some(right) = syntax::field(*node, "right") else { continue };
                if left == "module.exports" || left == "exports.default" {
                    stack.push((String::new(), right, 0));
                } else if let Some(name) =
                    left.strip_prefix("module.exports.").or_else(|| left.strip_prefix("exports."))
                {
                    stack.push((name.to_owned(), right, 0));
                }
            }
            "export_statement" => {
                if let Some(value) = syntax::field(*node, "value") {
                    stack.push((String::new(), value, 0));
                } else if let Some(declaration) = syntax::field(*node, "declaration") {
                    for one in syntax::children(declaration)
                        .into_iter()
                        .filter(|n| n.kind() == "variable_declarator")
                    {
                        if let (Some(name), Some(value)) =
                            (syntax::field(one, "name"), syntax::field(one, "value"))
                        {
                            stack.push((js.of(name).to_owned(), value, 0));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let mut count = 0;
    while let Some((key, node, depth)) = stack.pop() {
        count += 1;
        if count > 2000 || depth > 8 {
            return;
        }
        let node = returned(js, node);
        if node.kind() == "object" {
            for part in syntax::children(node) {
                let (name, value) = match part.kind() {
                    "pair" => (
                        syntax::field(part, "key").map_or("", |k| js.literal(k)),
                        syntax::field(part, "value"),
                    ),
                    "shorthand_property_identifier" => (js.of(part), Some(part)),
                    _ => continue,
                };
                let name = if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
                if let Some(value) = value {
                    stack.push((name, value, depth + 1));
                }
            }
            continue;
        }
        if key.is_empty() || super::module::is_function(node) {
            continue;
        }
        let value = js.value(node);
        // Labels and names of actions are no settings: only what depends on the environment or is an address.
        if !(value.contains("${") || value.contains("://")) {
            continue;
        }
        let last = key.rsplit('.').next().unwrap_or(&key);
        let value = crate::secret::hidden(last, &value);
        out.add(syntax::line(node), Seen::Setting(Setting { of: None, profile: None, key, value }));
    }
}

/// What a function of configuration returns: `() => ({...})`, `registerAs('redis', () => ({...}))`.
fn returned<'t>(js: &Js<'t>, node: Node<'t>) -> Node<'t> {
    let mut at = js.deref(node);
    for _ in 0..6 {
        at = match at.kind() {
            "arrow_function" => match syntax::field(at, "body") {
                Some(body) if body.kind() != "statement_block" => js.deref(body),
                Some(body) => match js.below(body).iter().find(|n| n.kind() == "return_statement") {
                    Some(r) => r.named_child(0).map_or(at, |v| js.deref(v)),
                    None => return at,
                },
                None => return at,
            },
            "call_expression" if matches!(js.called(at), "registerAs" | "defineConfig" | "freeze") => {
                js.arguments(at).last().map_or(at, |a| js.deref(*a))
            }
            _ => return at,
        };
    }
    at
}
