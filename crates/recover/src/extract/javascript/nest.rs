//! Routes of decorators: controllers of NestJS, routing-controllers and tsoa.

use tree_sitter::Node;

use super::module::{Js, is_script, read};
use super::routing::{Route, braces, join};
use crate::extract::Extractor;
use crate::sighting::{Endpoint, Mount, Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads them.
pub(super) const EXTRACTOR: Extractor =
    Extractor { id: "javascript-controllers", reads: is_script, sees: &[], extract };

/// Decorators of classes whose methods answer requests.
const CONTROLLERS: &[&str] = &["Controller", "JsonController", "RestController", "Route"];

/// Decorators of methods, with their HTTP method.
const METHODS: &[(&str, &str)] = &[
    ("Get", "GET"),
    ("Post", "POST"),
    ("Put", "PUT"),
    ("Patch", "PATCH"),
    ("Delete", "DELETE"),
    ("Head", "HEAD"),
    ("Options", "OPTIONS"),
    ("All", ""),
    ("Sse", "GET"),
    ("HttpGet", "GET"),
    ("HttpPost", "POST"),
];

/// Decorators whose text tells what is asked before the handler runs.
const GUARDS: &[&str] = &[
    "UseGuards",
    "Roles",
    "Public",
    "SkipAuth",
    "Auth",
    "Authorized",
    "Security",
    "Throttle",
    "SkipThrottle",
    "UseBefore",
    "UseInterceptors",
    "ApiBearerAuth",
    "Permissions",
    "RequirePermissions",
    "AllowAnonymous",
    "IsPublic",
    "CheckPolicies",
    "Authenticated",
    "Unprotected",
    "Resource",
    "Scopes",
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    read(source, |js| {
        for route in routes(js) {
            for path in &route.paths {
                let endpoint = Endpoint {
                    method: route.method.clone(),
                    path: path.clone(),
                    roles: super::words::roles(&route.before),
                    handler: route.name.clone(),
                    ..Endpoint::default()
                };
                out.span(route.lines.0, route.lines.1, Seen::Endpoint(endpoint));
            }
        }
        patterns(js, out);
        global_prefix(source, js, out);
    });
}

/// The routes of controllers.
pub(super) fn routes<'t>(js: &Js<'t>) -> Vec<Route<'t>> {
    let mut found = Vec::new();
    for class in js
        .nodes
        .iter()
        .copied()
        .filter(|n| matches!(n.kind(), "class_declaration" | "abstract_class_declaration"))
    {
        let own = decorators(js, class);
        let Some((_, arguments)) = own.iter().find(|(n, _)| CONTROLLERS.contains(n)) else { continue };
        let prefixes = controller_paths(js, arguments.first().copied());
        let guards = guards(js, class);
        let Some(body) = syntax::field(class, "body") else { continue };
        for method in syntax::children(body).into_iter().filter(|n| n.kind() == "method_definition") {
            found.extend(method_route(js, method, &prefixes, &guards));
        }
    }
    found
}

fn method_route<'t>(
    js: &Js<'t>,
    method: Node<'t>,
    prefixes: &[String],
    class: &[String],
) -> Option<Route<'t>> {
    let own = decorators(js, method);
    let (verb, arguments) = own.iter().find_map(|(name, arguments)| {
        METHODS.iter().find(|(n, _)| n == name).map(|(_, verb)| (*verb, arguments))
    })?;
    let paths = match arguments.first() {
        Some(first) => match js.deref(*first) {
            list if list.kind() == "array" => {
                syntax::children(list).iter().take(8).map(|p| js.value(*p)).collect()
            }
            one if one.kind() == "object" => {
                vec![js.property(one, "path").map(|p| js.value(p)).unwrap_or_default()]
            }
            one => vec![js.value(one)],
        },
        None => vec![String::new()],
    };
    let mut all = Vec::new();
    for prefix in prefixes {
        for path in &paths {
            let path = join(&join("", prefix), &braces(path));
            all.push(if path.is_empty() { "/".to_owned() } else { path });
        }
    }
    let mut before = guards(js, method);
    before.extend(class.iter().cloned());
    let first = first_decorator_line(js, method);
    Some(Route {
        end: method.end_byte(),
        lines: (first, syntax::last_line(method)),
        method: Some(verb.to_owned()).filter(|v| !v.is_empty()),
        paths: all,
        router: None,
        name: syntax::field_text(method, "name", js.text).map(str::to_owned),
        before,
        body: Some(method),
    })
}

/// The line of the decorator that makes a method a handler comes first.
fn first_decorator_line(js: &Js<'_>, method: Node<'_>) -> usize {
    let mut line = syntax::line(method);
    let mut at = method.prev_named_sibling();
    while let Some(node) = at {
        match node.kind() {
            "decorator"
                if METHODS.iter().any(|(n, _)| js.of(node).trim_start_matches('@').starts_with(n)) =>
            {
                line = syntax::line(node);
            }
            "decorator" | "comment" => {}
            _ => break,
        }
        at = node.prev_named_sibling();
    }
    line
}

fn controller_paths<'t>(js: &Js<'t>, first: Option<Node<'t>>) -> Vec<String> {
    let Some(first) = first.map(|f| js.deref(f)) else { return vec![String::new()] };
    match first.kind() {
        "array" => syntax::children(first).iter().take(8).map(|p| braces(&js.value(*p))).collect(),
        "object" => {
            let version = js.property(first, "version").map(|v| js.value(v)).filter(|v| !v.starts_with('{'));
            let version = version.map_or_else(String::new, |v| format!("/v{v}"));
            let paths = js.property(first, "path").map(|p| controller_paths(js, Some(p)));
            let paths = paths.unwrap_or_else(|| vec![String::new()]);
            paths.iter().map(|p| join(&version, p)).collect()
        }
        _ => vec![braces(&js.value(first))],
    }
}

/// The texts of decorators that tell what is asked before a handler runs.
pub(super) fn guards(js: &Js<'_>, node: Node<'_>) -> Vec<String> {
    let own = decorators(js, node);
    own.iter()
        .filter(|(name, _)| GUARDS.contains(name))
        .map(|(name, arguments)| {
            let arguments: Vec<&str> = arguments.iter().map(|a| js.of(*a)).collect();
            format!("{name} {}", arguments.join(" "))
        })
        .collect()
}

/// The decorators of a class, method or field: name and arguments.
pub(super) fn decorators<'t>(js: &Js<'t>, node: Node<'t>) -> Vec<(&'t str, Vec<Node<'t>>)> {
    let mut found: Vec<Node<'t>> =
        syntax::children(node).into_iter().filter(|c| c.kind() == "decorator").collect();
    let mut at = node.prev_named_sibling();
    while let Some(sibling) = at.filter(|s| matches!(s.kind(), "decorator" | "comment")) {
        if sibling.kind() == "decorator" {
            found.push(sibling);
        }
        at = sibling.prev_named_sibling();
    }
    if let Some(parent) = js.parent(node).filter(|p| p.kind() == "export_statement") {
        found.extend(syntax::children(parent).into_iter().filter(|c| c.kind() == "decorator"));
    }
    found
        .into_iter()
        .filter_map(|d| {
            let inside = d.named_child(0)?;
            match inside.kind() {
                "call_expression" => Some((js.called(inside), js.arguments(inside))),
                _ => Some((js.of(inside), Vec::new())),
            }
        })
        .collect()
}

/// Handlers of messages: `@MessagePattern('x')`, `@EventPattern('x')`, and those of queues and brokers.
fn patterns(js: &Js<'_>, out: &mut Sightings) {
    for decorator in js.all("decorator") {
        let Some(call) = decorator.named_child(0).filter(|c| c.kind() == "call_expression") else { continue };
        let (protocol, is_event) = match js.called(call) {
            "MessagePattern" => ("rpc", false),
            "EventPattern" => ("event", true),
            "RabbitSubscribe" | "RabbitRPC" => ("amqp", true),
            "Processor" => ("redis", true),
            "SqsMessageHandler" => ("sqs", true),
            _ => continue,
        };
        let Some(first) = js.arguments(call).first().copied() else { continue };
        let channel =
            js.first_property(first, &["queue", "routingKey", "cmd", "name", "exchange"]).unwrap_or(first);
        let mut reach = Reach::new(ReachKind::Consume, "", protocol);
        reach.channel = Some(js.value(channel));
        reach.is_async = is_event;
        reach.technology = match protocol {
            "amqp" => Some("rabbitmq".to_owned()),
            "redis" => Some("redis-queue".to_owned()),
            "sqs" => Some("sqs".to_owned()),
            _ => None,
        };
        out.span(syntax::line(decorator), syntax::last_line(decorator), Seen::Reach(Box::new(reach)));
    }
}

/// `app.setGlobalPrefix('api')` answers for the controllers below the folder of the file.
fn global_prefix(source: &Source<'_>, js: &Js<'_>, out: &mut Sightings) {
    for call in js.calls() {
        if js.called(call) != "setGlobalPrefix" {
            continue;
        }
        let Some(prefix) = js.arguments(call).first().map(|p| js.value(*p)) else { continue };
        let controllers = source.tree.below(source.folder()).filter(|f| f.path.ends_with(".controller.ts"));
        for file in controllers.take(500) {
            let file = file.path.trim_end_matches(".ts").to_owned();
            out.add(
                syntax::line(call),
                Seen::Mount(Mount { prefix: join("", &prefix), file: Some(file), router: None }),
            );
        }
    }
}
