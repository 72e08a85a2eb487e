//! Minimal APIs of ASP.NET Core: `app.MapGroup("/orders").MapGet("/{id}", ...)`, FastEndpoints, hubs and functions.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use crate::extract::dotnet::csharp::{Call, Code, bare};
use crate::extract::dotnet::declaration::attributes;
use crate::extract::dotnet::{operation, project};
use crate::sighting::{Endpoint, Seen};
use crate::source::Sightings;
use crate::syntax;

/// A group of endpoints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Group {
    /// Prefix of the paths.
    pub(crate) prefix: String,
    /// Whether callers are asked who they are, when that is said.
    pub(crate) asks: Option<bool>,
    /// The extension method whose parameter the group is.
    pub(crate) router: Option<String>,
}

/// Methods that map a path, and the HTTP method.
const MAPS: &[(&str, Option<&str>)] = &[
    ("MapGet", Some("GET")),
    ("MapPost", Some("POST")),
    ("MapPut", Some("PUT")),
    ("MapDelete", Some("DELETE")),
    ("MapPatch", Some("PATCH")),
    ("MapMethods", None),
    ("Map", None),
    ("MapHub", None),
];

/// Reads the endpoints of minimal APIs.
pub(crate) fn extract(code: &Code<'_, '_>, out: &mut Sightings) {
    let mapped: Vec<_> = code
        .calls
        .iter()
        .filter_map(|c| MAPS.iter().find(|(name, _)| *name == c.name).map(|(_, method)| (c, *method)))
        .filter(|(c, _)| !code.only_in_development(c.node))
        .filter(|(c, _)| c.receiver.is_some() && c.arguments.len() > usize::from(c.types.is_empty()))
        .collect();
    if !mapped.is_empty() {
        let start = project::start(code.source);
        let everybody = project::asks_everybody(&start);
        for (call, method) in mapped {
            map(code, call, method, &start, everybody, out);
        }
    }
    fast_endpoints(code, out);
    functions(code, out);
}

fn map<'s, 't>(
    code: &Code<'s, 't>,
    call: &Call<'s, 't>,
    method: Option<&str>,
    start: &[(String, String)],
    everybody: bool,
    out: &mut Sightings,
) {
    let (Some(receiver), Some(path)) = (call.receiver, call.argument(0)) else { return };
    let Some(path) = code.literal(path).or_else(|| path.kind().contains("string").then(|| code.value(path)))
    else {
        return;
    };
    let mut group = group(code, receiver);
    if let Some(router) = &group.router
        && let Some(above) = project::mounted(start, code.source, router)
    {
        group.prefix = join(&above.prefix, &group.prefix);
        group.asks = group.asks.or(above.asks);
        group.router = None;
    }
    let after = code.after(call.node);
    let handler = call.arguments.last().map(|(_, node)| bare(*node));
    let named = handler.filter(|h| matches!(h.kind(), "identifier" | "member_access_expression"));
    let declared = named.and_then(|h| {
        let name = code.text(h);
        code.method_named(name.rsplit('.').next().unwrap_or(name))
    });
    let mut asks = operation::asked(&after);
    let body = declared.or(handler);
    if let Some(body) = body {
        asks = asks.or_else(|| operation::attributed(&attributes(body, code.source.text)));
    }
    // An extension method whose caller is out of sight may stand below a group that asks.
    let asks = asks
        .or(group.asks)
        .or_else(|| if everybody { Some(true) } else { group.router.is_none().then_some(false) });
    let path = route(&join(&group.prefix, &path));
    let methods: Vec<Option<String>> = match call.name {
        "MapMethods" => {
            let list = call.argument(1).map(|a| code.text(a).to_ascii_uppercase()).unwrap_or_default();
            let known = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
            known.iter().filter(|m| list.contains(**m)).map(|m| Some((*m).to_owned())).collect()
        }
        _ => vec![method.map(str::to_owned)],
    };
    let last = after.last().map_or(call.node, |c| c.node);
    let (line, until) = (call.line(), syntax::last_line(last));
    for method in methods {
        let endpoint = Endpoint {
            method: method.clone(),
            path: path.clone(),
            handler: named.map(|h| code.text(h).to_owned()),
            router: group.router.clone(),
            roles: operation::roles_of(code, &after),
            ..Endpoint::default()
        };
        out.span(line, until, Seen::Endpoint(endpoint));
        if call.name != "MapHub"
            && let Some(body) = body
        {
            operation::practices(code, body, method.as_deref(), &path, asks == Some(true), out);
        }
    }
    if let Some(asks) = asks {
        let state = if asks { State::Present } else { State::Absent };
        let detail = if asks { "RequireAuthorization" } else { "no RequireAuthorization on it or its group" };
        out.practice(line, Aspect::Authentication, state, path, detail);
    }
}

/// The group an expression stands for.
pub(crate) fn group<'t>(code: &Code<'_, 't>, node: Node<'t>) -> Group {
    let mut found = Group::default();
    let mut at = node;
    for _ in 0..12 {
        let (chain, root) = code.chain(at);
        for call in &chain {
            match call.name {
                "MapGroup" => {
                    let prefix = call.argument(0).map(|a| code.value(a)).unwrap_or_default();
                    found.prefix = join(&prefix, &found.prefix);
                }
                "RequireAuthorization" => found.asks = found.asks.or(Some(true)),
                "AllowAnonymous" => found.asks = found.asks.or(Some(false)),
                _ => {}
            }
        }
        let Some(root) = root.filter(|r| r.kind() == "identifier") else { break };
        let name = code.text(root);
        found.asks = found.asks.or_else(|| asked_alone(code, name, root));
        if let Some(method) = router(code, name, root) {
            found.router = Some(method);
            break;
        }
        match code.given_at(name, root) {
            Some(given) if given.end_byte() <= root.start_byte() => at = given,
            _ => break,
        }
    }
    found
}

/// Whether a statement of its own asks callers of a group: `group.RequireAuthorization();`.
fn asked_alone<'t>(code: &Code<'_, 't>, name: &str, at: Node<'t>) -> Option<bool> {
    let method = code.method(at);
    let alone = code.called("RequireAuthorization").any(|c| {
        c.receiver.is_some_and(|r| r.kind() == "identifier" && code.text(r) == name)
            && code.method(c.node) == method
    });
    alone.then_some(true)
}

/// The extension method whose parameter a name is.
fn router<'t>(code: &Code<'_, 't>, name: &str, at: Node<'t>) -> Option<String> {
    let method = code.method(at)?;
    let parameters = syntax::children(syntax::field(method, "parameters")?);
    let parameter =
        parameters.iter().find(|p| syntax::field_text(**p, "name", code.source.text) == Some(name))?;
    let kind = syntax::field_text(*parameter, "type", code.source.text).unwrap_or("");
    let text = code.text(*parameter);
    // Modules such as Carter's are found by the framework and hang on the application itself.
    let is_router = ["IEndpointRouteBuilder", "RouteGroupBuilder", "IVersionedEndpointRouteBuilder"]
        .contains(&kind)
        || text.starts_with("this ");
    let name = syntax::field_text(method, "name", code.source.text)?;
    (is_router && name != "AddRoutes").then(|| name.to_owned())
}

/// Joins two parts of a path.
pub(crate) fn join(prefix: &str, path: &str) -> String {
    match (prefix.trim_matches('/'), path.trim_matches('/')) {
        ("", path) => format!("/{path}"),
        (prefix, "") => format!("/{prefix}"),
        (prefix, path) => format!("/{prefix}/{path}"),
    }
}

/// A route with plain parameters: `{id:int}`, `{*rest}`, `{page=1}` become `{id}`, `{rest}`, `{page}`. One that may
/// be left out stays as it is written, `{id:int?}`: the path without it is answered as well.
pub(crate) fn route(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        out.push_str(rest.get(..open).unwrap_or(""));
        let after = rest.get(open..).unwrap_or("");
        let Some(close) = closing(after) else {
            rest = after;
            break;
        };
        let parameter = after.get(..=close).unwrap_or("");
        if parameter.ends_with("?}") {
            out.push_str(parameter);
        } else {
            let name = parameter.trim_matches(['{', '}', '*']).split([':', '=']).next().unwrap_or("");
            out.push_str(&format!("{{{name}}}"));
        }
        rest = after.get(close + 1..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// The byte of the brace that closes the one a text begins with.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    text.bytes().enumerate().find_map(|(i, byte)| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (byte == b'}' && depth == 0).then_some(i)
    })
}

/// FastEndpoints: a class `Endpoint<Request>` whose `Configure` says `Get("/orders/{id}")`.
fn fast_endpoints(code: &Code<'_, '_>, out: &mut Sightings) {
    for class in syntax::of_kind(code.root, "class_declaration") {
        let bases = crate::extract::dotnet::declaration::bases(class, code.source.text);
        if !bases.iter().any(|(name, _)| matches!(*name, "Endpoint" | "EndpointWithoutRequest" | "Ep")) {
            continue;
        }
        let inside = |c: &&Call<'_, '_>| {
            c.node.start_byte() >= class.start_byte() && c.node.end_byte() <= class.end_byte()
        };
        let open = code.called("AllowAnonymous").any(|c| inside(&c));
        for call in code.calls.iter().filter(inside).filter(|c| c.receiver.is_none()) {
            let Some(method) = ["Get", "Post", "Put", "Delete", "Patch"].iter().find(|m| **m == call.name)
            else {
                continue;
            };
            for path in call.arguments.iter().filter_map(|(_, a)| code.literal(*a)) {
                let path = route(&join("", &path));
                let endpoint = Endpoint {
                    method: Some(method.to_ascii_uppercase()),
                    path: path.clone(),
                    ..Endpoint::default()
                };
                out.span(syntax::line(class), syntax::last_line(class), Seen::Endpoint(endpoint));
                let (state, detail) = if open {
                    (State::Absent, "AllowAnonymous")
                } else {
                    (State::Present, "endpoints ask for a caller unless told otherwise")
                };
                out.practice(call.line(), Aspect::Authentication, state, path, detail);
            }
        }
    }
}

/// Azure functions: `[HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "orders")]`.
fn functions(code: &Code<'_, '_>, out: &mut Sightings) {
    for method in syntax::of_kind(code.root, "method_declaration") {
        let parameters = syntax::field(method, "parameters").map(syntax::children).unwrap_or_default();
        let triggers = parameters.into_iter().flat_map(|p| attributes(p, code.source.text));
        for trigger in triggers.filter(|a| a.name == "HttpTrigger") {
            let named =
                |n: &str| attributes(method, code.source.text).into_iter().find(|a| n.contains(a.name));
            let path =
                trigger.named("Route").map(|r| code.value(r)).filter(|r| !r.is_empty() && r != "{value}");
            let path = path.or_else(|| {
                let function = named("Function FunctionName")?;
                function.first().map(|f| code.value(f))
            });
            let Some(path) = path else { continue };
            let path = route(&join("/api", &path));
            let open = trigger.first().is_some_and(|l| code.text(l).ends_with("Anonymous"));
            let methods = trigger.arguments.iter().skip(1).filter(|(name, _)| name.is_none());
            for method_name in methods.filter_map(|(_, a)| code.literal(*a)) {
                let endpoint = Endpoint {
                    method: Some(method_name.to_ascii_uppercase()),
                    path: path.clone(),
                    handler: syntax::field_text(method, "name", code.source.text).map(str::to_owned),
                    ..Endpoint::default()
                };
                out.span(syntax::line(method), syntax::last_line(method), Seen::Endpoint(endpoint));
            }
            let state = if open { State::Absent } else { State::Present };
            out.practice(
                trigger.line,
                Aspect::Authentication,
                state,
                path,
                "authorization level of the trigger",
            );
        }
    }
}
