//! Controllers of ASP.NET Core: attribute routes, and the conventional ones of MVC; gRPC services.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use crate::extract::dotnet::csharp::Code;
use crate::extract::dotnet::declaration::{Attribute, attributes, bases, is_declared};
use crate::extract::dotnet::routes::{join, route};
use crate::extract::dotnet::{operation, project};
use crate::sighting::{Endpoint, Seen};
use crate::source::Sightings;
use crate::syntax;

/// Attributes of methods, and their HTTP method.
const VERBS: &[(&str, &str)] = &[
    ("HttpGet", "GET"),
    ("HttpPost", "POST"),
    ("HttpPut", "PUT"),
    ("HttpDelete", "DELETE"),
    ("HttpPatch", "PATCH"),
    ("HttpHead", "HEAD"),
    ("HttpOptions", "OPTIONS"),
];

/// A controller.
struct Controller<'s, 't> {
    name: &'s str,
    attributes: Vec<Attribute<'s, 't>>,
    routes: Vec<String>,
    /// Whether methods without a route answer under `/Controller/Action`.
    conventional: bool,
    asks: Option<bool>,
    everybody: bool,
}

/// Reads controllers and gRPC services.
pub(crate) fn extract(code: &Code<'_, '_>, out: &mut Sightings) {
    let mut everybody = None;
    for class in syntax::of_kind(code.root, "class_declaration") {
        let Some(name) = syntax::field_text(class, "name", code.source.text) else { continue };
        let bases = bases(class, code.source.text);
        if let Some(service) = grpc_service(&bases) {
            grpc(code, class, service, out);
            continue;
        }
        let own = attributes(class, code.source.text);
        let is_controller = own.iter().any(|a| a.name == "ApiController")
            || bases.iter().any(|(b, _)| b.ends_with("Controller") || b.ends_with("ControllerBase"))
            || (name.ends_with("Controller") && own.iter().any(|a| a.name == "Route"));
        if !is_controller || is_declared(class, "abstract", code.source.text) {
            continue;
        }
        let everybody =
            *everybody.get_or_insert_with(|| project::asks_everybody(&project::start(code.source)));
        let routes: Vec<String> = own
            .iter()
            .filter(|a| a.name == "Route")
            .filter_map(|a| a.first().map(|v| code.value(v)))
            .collect();
        let conventional = routes.is_empty()
            && !own.iter().any(|a| a.name == "ApiController")
            && bases.iter().any(|(b, _)| *b == "Controller");
        let asks = operation::attributed(&own);
        let controller = Controller { name, attributes: own, routes, conventional, asks, everybody };
        read(code, class, &controller, out);
    }
}

fn read<'t>(code: &Code<'_, 't>, class: Node<'t>, controller: &Controller<'_, 't>, out: &mut Sightings) {
    let Some(body) = syntax::field(class, "body") else { return };
    for method in syntax::children(body).into_iter().filter(|n| n.kind() == "method_declaration") {
        let own = attributes(method, code.source.text);
        let Some(name) = syntax::field_text(method, "name", code.source.text) else { continue };
        let returns = syntax::field_text(method, "returns", code.source.text).unwrap_or("");
        let by_convention = own.iter().all(|a| a.name != "Route" && VERBS.iter().all(|(v, _)| *v != a.name));
        if by_convention && !returns.contains("Result") && controller.conventional {
            continue;
        }
        let is = |modifier| is_declared(method, modifier, code.source.text);
        if own.iter().any(|a| a.name == "NonAction") || !is("public") || is("static") {
            continue;
        }
        for (verb, path, line) in paths(code, controller, name, &own) {
            let endpoint = Endpoint {
                method: verb.clone(),
                path: path.clone(),
                roles: [operation::roles(code, &controller.attributes), operation::roles(code, &own)]
                    .concat(),
                handler: Some(name.to_owned()),
                ..Endpoint::default()
            };
            let roles = endpoint.roles.join(", ");
            let line = line.unwrap_or_else(|| syntax::line(method));
            let until = syntax::last_line(method);
            out.span(line, until, Seen::Endpoint(endpoint));
            let asks = operation::attributed(&own).or(controller.asks).unwrap_or(controller.everybody);
            let (state, detail) = if asks {
                (State::Present, "Authorize")
            } else {
                (State::Absent, "no Authorize on it or its class")
            };
            out.practice(line, Aspect::Authentication, state, path.clone(), detail);
            if !roles.is_empty() {
                out.practice(line, Aspect::Authorization, State::Present, path.clone(), roles);
            }
            operation::practices(code, method, verb.as_deref(), &path, asks, out);
        }
        limits(&own, name, out);
    }
}

/// Method, path and line of the endpoints of a method.
fn paths(
    code: &Code<'_, '_>,
    controller: &Controller<'_, '_>,
    name: &str,
    own: &[Attribute<'_, '_>],
) -> Vec<(Option<String>, String, Option<usize>)> {
    let short = controller.name.strip_suffix("Controller").unwrap_or(controller.name);
    let template = |a: &Attribute<'_, '_>| a.first().map(|v| code.value(v));
    let route_of = own.iter().find(|a| a.name == "Route").and_then(template);
    let mut found = Vec::new();
    for attribute in own {
        let verb = VERBS.iter().find(|(n, _)| *n == attribute.name).map(|(_, m)| *m);
        let Some(verb) = verb else { continue };
        let own_path = template(attribute).or_else(|| route_of.clone());
        found.push((Some(verb.to_owned()), own_path, Some(attribute.line)));
    }
    if let Some(verbs) = own.iter().find(|a| a.name == "AcceptVerbs") {
        for (_, verb) in verbs.arguments.iter().filter(|(n, _)| n.is_none()) {
            let verb = code.value(*verb).to_ascii_uppercase();
            found.push((Some(verb), route_of.clone(), Some(verbs.line)));
        }
    }
    if found.is_empty() {
        match route_of {
            Some(path) => found.push((None, Some(path), None)),
            None if controller.conventional => found.push((None, None, None)),
            // Routes of the class with `[action]` name methods without an attribute.
            None if controller.routes.iter().any(|r| r.contains("[action]")) => {
                found.push((None, None, None));
            }
            None => return Vec::new(),
        }
    }
    let replaced = |path: &str| {
        let path = path.replace("[controller]", short).replace("[action]", name.trim_end_matches("Async"));
        route(&path.replace("[area]/", "").replace("[area]", ""))
    };
    let mut out = Vec::new();
    for (verb, own_path, line) in found {
        let own_path = own_path.unwrap_or_default();
        if let Some(absolute) =
            own_path.strip_prefix('~').or_else(|| own_path.starts_with('/').then_some(&own_path))
        {
            out.push((verb, replaced(&join("", absolute)), line));
        } else if controller.conventional && own_path.is_empty() {
            out.push((verb, format!("/{short}/{}", name.trim_end_matches("Async")), line));
        } else if controller.routes.is_empty() {
            out.push((verb, replaced(&join("", &own_path)), line));
        } else {
            let joined =
                controller.routes.iter().map(|r| (verb.clone(), replaced(&join(r, &own_path)), line));
            out.extend(joined);
        }
    }
    out
}

/// Limits that attributes of a method set.
fn limits(own: &[Attribute<'_, '_>], name: &str, out: &mut Sightings) {
    for attribute in own {
        let (aspect, state) = match attribute.name {
            "RequestSizeLimit" | "RequestFormLimits" => (Aspect::BodyLimit, State::Present),
            "DisableRequestSizeLimit" => (Aspect::BodyLimit, State::Absent),
            "EnableRateLimiting" => (Aspect::RateLimit, State::Present),
            "DisableRateLimiting" => (Aspect::RateLimit, State::Absent),
            _ => continue,
        };
        out.practice(attribute.line, aspect, state, name, attribute.name);
    }
}

/// The gRPC service a class implements: `Basket` of `class BasketService : Basket.BasketBase`.
fn grpc_service<'s>(bases: &[(&'s str, Vec<&'s str>)]) -> Option<&'s str> {
    bases.iter().find_map(|(name, _)| {
        let service = name.strip_suffix("Base")?;
        (!service.is_empty() && !matches!(service, "Controller" | "Component" | "Layout")).then_some(service)
    })
}

fn grpc(code: &Code<'_, '_>, class: Node<'_>, service: &str, out: &mut Sightings) {
    let asks_all = operation::attributed(&attributes(class, code.source.text));
    for method in syntax::of_kind(class, "method_declaration") {
        let text = code.text(method);
        let Some(name) = syntax::field_text(method, "name", code.source.text) else { continue };
        let parameters = syntax::field_text(method, "parameters", code.source.text).unwrap_or("");
        if !parameters.contains("ServerCallContext") || !is_declared(method, "override", code.source.text) {
            continue;
        }
        let path = format!("/{service}/{name}");
        let endpoint = Endpoint { path: path.clone(), handler: Some(name.to_owned()), ..Endpoint::default() };
        out.span(syntax::line(method), syntax::last_line(method), Seen::Endpoint(endpoint));
        let own = attributes(method, code.source.text);
        // A service may also ask for its callers by hand, from the call's context.
        let by_hand = text.contains("GetUserIdentity") || text.contains("GetHttpContext().User");
        let asks = operation::attributed(&own).or(asks_all).unwrap_or(by_hand);
        let asks = asks || (by_hand && operation::attributed(&own) != Some(false));
        let state = if asks { State::Present } else { State::Absent };
        out.practice(syntax::line(method), Aspect::Authentication, state, path.clone(), "gRPC method");
        operation::practices(code, method, Some("RPC"), &path, asks, out);
    }
}
