//! Handlers that another file routes to: views of Django, functions a contract names.

use tree_sitter::Node;

use crate::extract::python::code::Code;
use crate::extract::python::route::{decorated, routes};
use crate::sighting::{HandlerSeen, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

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
pub(crate) fn handlers(source: &Source<'_>, code: &Code, out: &mut Sightings) {
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
    let tree = source.tree;
    let contract = *tree.facts.has_contract.get_or_init(|| tree.files.iter().any(|f| is_contract(&f.path)));
    for function in syntax::of_kind(code.root(), "function_definition") {
        if routed.contains(&function.id())
            || decorated(function).parent().is_none_or(|p| p.kind() != "module")
        {
            continue;
        }
        let name = code.field(function, "name");
        let parameters = code.parameters(function);
        let takes_request = parameters.first().is_some_and(|p| p == "request" || p == "req");
        let django = takes_request && (code.uses("django") || code.uses("rest_framework"));
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
