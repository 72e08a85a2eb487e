//! Endpoints of PHP: attributes and annotations of Symfony, routes of Slim, Lumen and Laravel, controllers that
//! shop modules answer call-backs with.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use super::module::{Php, is_php, read};
use crate::extract::Extractor;
use crate::extract::javascript::words::{authenticates, authorizes, roles};
use crate::sighting::{Endpoint, Entry, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads them.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "php-routes",
    reads: is_php,
    sees: &[Aspect::Authentication, Aspect::Authorization, Aspect::HealthProbe],
    extract,
};

const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "options", "head", "any", "match", "map"];

/// A route of an annotation or attribute: paths, methods.
#[derive(Default)]
struct Mark {
    path: String,
    methods: Vec<String>,
    guards: Vec<String>,
    found: bool,
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    read(source, |php| {
        for class in php.nodes.iter().copied().filter(|n| n.kind() == "class_declaration") {
            controllers(php, class, out);
        }
        for node in php.nodes.iter().copied() {
            called(source, php, node, out);
        }
        if source.name() == "index.php" && (source.text.contains("handle(") || source.text.contains("->run("))
        {
            let framework = source.text.contains("Illuminate\\").then(|| "laravel".to_owned());
            out.add(1, Seen::Entry(Entry { framework }));
        }
    });
}

fn controllers(php: &Php<'_>, class: Node<'_>, out: &mut Sightings) {
    let own = mark(php, class);
    let Some(body) = syntax::field(class, "body") else { return };
    for method in syntax::children(body).into_iter().filter(|m| m.kind() == "method_declaration") {
        let mark = mark(php, method);
        let name = syntax::field_text(method, "name", php.text).unwrap_or("");
        let invoked = name == "__invoke" && own.found && !mark.found;
        if !(mark.found || invoked) {
            continue;
        }
        let path = format!("{}/{}", own.path.trim_end_matches('/'), mark.path.trim_start_matches('/'));
        let path = if path.len() > 1 { path.trim_end_matches('/').to_owned() } else { path };
        let methods = if mark.methods.is_empty() { own.methods.clone() } else { mark.methods };
        let mut guards = own.guards.clone();
        guards.extend(mark.guards);
        emit(php, &methods, &path, method, Some(name), &guards, out);
    }
}

/// The route of what stands before a class or method: `#[Route(...)]` or `@Route(...)` in its comment.
fn mark<'t>(php: &Php<'t>, node: Node<'t>) -> Mark {
    let mut mark = Mark::default();
    if let Some(list) = syntax::field(node, "attributes") {
        for attribute in syntax::of_kind(list, "attribute") {
            let name = attribute.named_child(0).map_or("", |n| php.of(n));
            let short = name.rsplit('\\').next().unwrap_or(name);
            if matches!(short, "IsGranted" | "Security") {
                mark.guards.push(php.of(attribute).to_owned());
            }
            let Some(parameters) = syntax::field(attribute, "parameters") else { continue };
            let verb = VERBS.iter().find(|v| v.eq_ignore_ascii_case(short));
            if short != "Route" && verb.is_none() {
                continue;
            }
            mark.found = true;
            let path = php.named(parameters, "path").or_else(|| php.arguments(parameters).first().copied());
            mark.path = path.map(|p| php.value(p)).filter(|p| !p.starts_with('{')).unwrap_or_default();
            if let Some(methods) = php.named(parameters, "methods") {
                mark.methods = quoted(php.of(methods));
            }
            mark.methods.extend(verb.map(|v| v.to_ascii_uppercase()));
        }
    }
    let comment = node.prev_named_sibling().filter(|c| c.kind() == "comment").map_or("", |c| php.of(c));
    for (at, _) in comment.match_indices('@') {
        let rest = comment.get(at + 1..).unwrap_or("");
        let (name, rest) = rest.split_once('(').unwrap_or((rest, ""));
        let short = name.rsplit('\\').next().unwrap_or(name);
        let inside = rest.split(')').next().unwrap_or("");
        if matches!(short, "IsGranted" | "Security") {
            mark.guards.push(format!("{short} {inside}"));
        }
        if short != "Route"
            && !(name.starts_with("Rest\\") && VERBS.iter().any(|v| v.eq_ignore_ascii_case(short)))
        {
            continue;
        }
        mark.found = true;
        mark.path = quoted(inside).into_iter().next().unwrap_or_default();
        if let Some((_, methods)) = inside.split_once("methods") {
            mark.methods = quoted(methods);
        }
    }
    mark
}

/// The quoted words of a text.
fn quoted(text: &str) -> Vec<String> {
    text.split(['"', '\''])
        .enumerate()
        .filter(|(i, _)| i % 2 == 1)
        .map(|(_, t)| t.to_owned())
        .take(8)
        .collect()
}

/// `$app->get('/x', ...)`, `Route::post('/x', [Controller::class, 'store'])`, controllers of shop modules.
fn called<'t>(source: &Source<'_>, php: &Php<'t>, node: Node<'t>, out: &mut Sightings) {
    if node.kind() == "class_declaration" {
        module_controller(source, php, node, out);
        return;
    }
    let Some((name, arguments)) = php.call(node).filter(|(n, _)| VERBS.contains(n)) else { return };
    let object =
        syntax::field_text(node, "object", php.text).or_else(|| syntax::field_text(node, "scope", php.text));
    let object = object.unwrap_or("");
    let is_router =
        matches!(object, "$app" | "$router" | "$group" | "$r" | "$routes" | "$this->app" | "$api" | "Route")
            || object.ends_with("Route")
            || object.starts_with("Route::");
    if !is_router || arguments.len() < 2 {
        return;
    }
    let (methods, path) = match name {
        "map" | "match" => (quoted(php.of(arguments[0])), arguments[1]),
        "any" => (Vec::new(), arguments[0]),
        verb => (vec![verb.to_ascii_uppercase()], arguments[0]),
    };
    let path = php.value(path);
    if path.starts_with('{') {
        return;
    }
    // Laravel's files name their prefix: `routes/api.php`.
    let in_api = source.path.ends_with("routes/api.php");
    let path = format!("{}/{}", if in_api { "/api" } else { "" }, path.trim_start_matches('/'));
    let around = chain_text(php, node);
    let guards: Vec<String> =
        if around.contains("middleware") || around.contains("->add(") { vec![around] } else { Vec::new() };
    emit(php, &methods, &path, node, None, &guards, out);
}

/// The text of the statement a route stands in, with what is chained to it.
fn chain_text(php: &Php<'_>, node: Node<'_>) -> String {
    let mut at = node;
    for _ in 0..8 {
        match at.parent() {
            Some(parent) if parent.kind() == "member_call_expression" => at = parent,
            _ => break,
        }
    }
    let text = php.of(at);
    let from = text.len().saturating_sub(200);
    let from = (from..text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    text.get(from..).unwrap_or("").to_owned()
}

/// Front controllers of shop modules answer under the name of the module: `MymoduleWebhookModuleFrontController`.
fn module_controller<'t>(source: &Source<'_>, php: &Php<'t>, class: Node<'t>, out: &mut Sightings) {
    let name = syntax::field_text(class, "name", php.text).unwrap_or("");
    if !name.ends_with("ModuleFrontController") || !source.path.contains("controllers/front") {
        return;
    }
    let stem = source.name().trim_end_matches(".php").to_ascii_lowercase();
    let path = format!("/module/{stem}");
    let endpoint = Endpoint { path, handler: Some(name.to_owned()), ..Endpoint::default() };
    out.span(syntax::line(class), syntax::last_line(class), Seen::Endpoint(endpoint));
}

fn emit(
    php: &Php<'_>,
    methods: &[String],
    path: &str,
    node: Node<'_>,
    name: Option<&str>,
    guards: &[String],
    out: &mut Sightings,
) {
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let (line, until) = (syntax::line(node), syntax::last_line(node));
    let each: Vec<Option<String>> = if methods.is_empty() {
        vec![None]
    } else {
        methods.iter().map(|m| Some(m.to_ascii_uppercase())).collect()
    };
    for method in each {
        let endpoint = Endpoint {
            method,
            path: path.clone(),
            roles: roles(guards),
            handler: name.map(str::to_owned),
            ..Endpoint::default()
        };
        out.span(line, until, Seen::Endpoint(endpoint));
    }
    if path.to_ascii_lowercase().rsplit('/').next().is_some_and(|l| l.contains("health") || l == "ping") {
        out.practice(line, Aspect::HealthProbe, State::Present, path, "an endpoint for probes");
        return;
    }
    let body = php.of(node);
    let inside = ["getUser()", "denyAccessUnlessGranted", "isGranted(", "Auth::", "auth()"]
        .iter()
        .find(|w| body.contains(**w));
    let guarded = guards.iter().any(|g| authenticates(g) || authorizes(g) || g.contains("IsGranted"))
        || inside.is_some();
    let (state, detail) = if guarded {
        (State::Present, "asked before or inside the handler")
    } else {
        (State::Absent, "nothing at the route asks who is calling")
    };
    out.practice(line, Aspect::Authentication, state, path, detail);
}

#[cfg(test)]
mod tests {
    use crate::testing::{endpoints, practices, reaches, see};

    #[test]
    fn attributes_annotations_and_calls() {
        let seen = see(
            "svc/src/ItemController.php",
            "<?php\n/**\n * @Route(\"/api\")\n */\nclass ItemController {\n  /**\n   * @Route(path=\"/rate/{sku}\", methods={\"PUT\"})\n   */\n  \
             public function put() { return 1; }\n  #[Route('/items/{id}', methods: ['GET', 'HEAD'])]\n  public function one() {}\n}\n\
             $app->post('/orders', OrderAction::class);\n",
        );
        assert_eq!(
            endpoints(&seen),
            ["PUT /api/rate/{sku}", "GET /api/items/{id}", "HEAD /api/items/{id}", "POST /orders"]
        );
    }

    #[test]
    fn requests_and_stores() {
        let seen = see(
            "svc/src/Kernel.php",
            "<?php\n$dsn = getenv('DSN') ?: 'mysql:host=db;dbname=shop';\n$db = new PDO($dsn);\n\
             $url = getenv('STOCK_URL') ?: 'http://stock:8080';\n$c = curl_init(sprintf('%s/items/%s', $url, $sku));\n",
        );
        assert_eq!(
            reaches(&seen),
            ["Data ${DSN:mysql://db/shop}", "Call ${STOCK_URL:http://stock:8080}/items/{sku}"]
        );
        assert!(practices(&seen).iter().any(|p| p.starts_with("Timeout Absent")));
    }
}
