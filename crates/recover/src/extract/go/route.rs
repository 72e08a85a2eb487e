//! Routes: net/http (with methods in patterns), Gin, Echo, Chi, Fiber, gorilla/mux, httprouter; groups and prefixes,
//! routers handed to functions of other files, and handlers that other files route to.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::extract::Extractor;
use crate::extract::go::code::{Code, inner};
use crate::extract::go::is_go;
use crate::sighting::{Endpoint, HandlerSeen, Mount, Seen};
use crate::source::{Sightings, Source, join};
use crate::syntax;

/// Reads routes.
pub(crate) const EXTRACTOR: Extractor = Extractor { id: "go-route", reads: is_go, sees: &[], extract };

/// Methods of routers named after HTTP methods; `Any` and the like answer all.
const VERBS: &[(&str, &str)] = &[
    ("GET", "GET"),
    ("POST", "POST"),
    ("PUT", "PUT"),
    ("PATCH", "PATCH"),
    ("DELETE", "DELETE"),
    ("HEAD", "HEAD"),
    ("OPTIONS", "OPTIONS"),
    ("Get", "GET"),
    ("Post", "POST"),
    ("Put", "PUT"),
    ("Patch", "PATCH"),
    ("Delete", "DELETE"),
    ("Head", "HEAD"),
    ("Options", "OPTIONS"),
    ("Any", ""),
    ("All", ""),
    ("Handle", ""),
    ("HandleFunc", ""),
    ("Websocket", ""),
];

/// Types of routers and groups that functions are handed.
const ROUTERS: &[&str] = &[
    "gin.Engine",
    "gin.RouterGroup",
    "gin.IRouter",
    "gin.IRoutes",
    "echo.Echo",
    "echo.Group",
    "chi.Router",
    "chi.Mux",
    "fiber.App",
    "fiber.Router",
    "mux.Router",
    "http.ServeMux",
    "httprouter.Router",
];

/// Types of a handler's parameter.
const REQUESTS: &[&str] =
    &["http.Request", "gin.Context", "echo.Context", "fiber.Ctx", "fasthttp.RequestCtx", "iris.Context"];

/// A route.
pub(crate) struct Route<'t> {
    /// HTTP methods; empty when any.
    pub(crate) methods: Vec<String>,
    /// Path with the prefixes this file tells.
    pub(crate) path: String,
    /// The handler's name as written.
    pub(crate) handler: String,
    /// The handler, when it stands in this file.
    pub(crate) body: Option<Node<'t>>,
    /// The call that declares it.
    pub(crate) at: Node<'t>,
    /// What stands around the handler and on its group.
    pub(crate) guards: String,
    /// The function that was handed the router, when it was.
    pub(crate) router: Option<String>,
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    for route in routes(&code) {
        let (from, until) = match route.body {
            Some(body) => (syntax::line(body), syntax::last_line(body)),
            None => (syntax::line(route.at), syntax::last_line(route.at)),
        };
        let mut methods: Vec<Option<String>> = route.methods.iter().cloned().map(Some).collect();
        if methods.is_empty() {
            methods.push(None);
        }
        for method in methods {
            let endpoint = Endpoint {
                method,
                path: route.path.clone(),
                handler: Some(route.handler.clone()).filter(|h| !h.is_empty()),
                router: route.router.clone(),
                ..Endpoint::default()
            };
            out.span(from, until, Seen::Endpoint(endpoint));
        }
    }
    mounts(source, &code, out);
    for function in loose(&code) {
        let seen = HandlerSeen {
            name: code.field(function, "name").to_owned(),
            method: None,
            parameters: code.parameters(function).into_iter().map(|(n, _)| n).collect(),
        };
        out.span(syntax::line(function), syntax::last_line(function), Seen::Handler(seen));
    }
}

/// Functions and methods that take a request and are not routed in this file.
pub(crate) fn loose(code: &Code) -> Vec<Node<'_>> {
    let routed: Vec<usize> = routes(code).iter().filter_map(|r| r.body.map(|b| b.id())).collect();
    let declared = syntax::children(code.root());
    let takes = |f: &Node<'_>| {
        code.parameters(*f).iter().any(|(_, t)| REQUESTS.contains(&t.trim_start_matches('*')))
            && !code.field(*f, "result").contains("Handler")
    };
    declared
        .into_iter()
        .filter(|f| matches!(f.kind(), "function_declaration" | "method_declaration"))
        .filter(|f| takes(f) && !routed.contains(&f.id()))
        // helpers return what they found; handlers answer
        .filter(|f| {
            let result = code.field(*f, "result");
            result.is_empty() || result == "error"
        })
        .collect()
}

/// Groups and subrouters by name: parent, prefix, what they ask for.
struct Groups<'c>(BTreeMap<(usize, &'c str), Group<'c>>);

#[derive(Default)]
struct Group<'c> {
    parent: &'c str,
    prefix: String,
    guards: String,
}

impl<'c> Groups<'c> {
    fn new(code: &'c Code) -> Self {
        let mut groups: BTreeMap<(usize, &'c str), Group<'c>> = BTreeMap::new();
        for node in syntax::descendants(code.root()) {
            if !matches!(node.kind(), "short_var_declaration" | "assignment_statement" | "var_spec") {
                continue;
            }
            let name = syntax::field(node, "left").or_else(|| syntax::field(node, "name")).map(inner);
            let value = syntax::field(node, "right").or_else(|| syntax::field(node, "value")).map(inner);
            let (Some(name), Some(value)) = (name, value) else { continue };
            if value.kind() != "call_expression" {
                continue;
            }
            if let Some((operand, prefix, guards)) = grouped(code, value) {
                let parent = code.text_of(operand);
                groups.insert((owner(code, node), code.text_of(name)), Group { parent, prefix, guards });
            }
        }
        for call in code.calls() {
            let Some((operand, "Use")) = code.method(call) else { continue };
            let text = syntax::field(call, "arguments").map_or("", |a| code.text_of(a));
            let key = (owner(code, call), code.text_of(operand));
            groups.entry(key).or_default().guards.push_str(text);
        }
        Self(groups)
    }

    /// The prefix of a router and what it asks for, as seen from a node.
    fn of(&self, code: &'c Code, router: Node<'c>) -> (String, String) {
        let mut prefix = String::new();
        let mut guards = String::new();
        let mut at = router;
        let mut name = code.text_of(router);
        for _ in 0..10 {
            // `r.Group("/a").GET(...)`
            if at.kind() == "call_expression" {
                let Some((operand, own, asks)) = grouped(code, at) else {
                    let Some((operand, _)) = code.method(at) else { break };
                    at = operand;
                    name = code.text_of(operand);
                    continue;
                };
                prefix = joined(&own, &prefix);
                guards.push_str(&asks);
                at = operand;
                name = code.text_of(operand);
                continue;
            }
            let Some(group) = self.0.get(&(owner(code, router), name)).or_else(|| self.0.get(&(0, name)))
            else {
                break;
            };
            prefix = joined(&group.prefix, &prefix);
            guards.push_str(&group.guards);
            if group.parent.is_empty() || group.parent == name {
                break;
            }
            name = group.parent;
        }
        // nested functions: `r.Route("/x", func(r chi.Router) {...})`
        let mut up = router;
        while let Some(parent) = up.parent() {
            if parent.kind() == "call_expression"
                && let Some((_, "Route" | "Group" | "With")) = code.method(parent)
                && code.args(parent).last().is_some_and(|l| {
                    l.kind() == "func_literal" && l.byte_range().contains(&router.start_byte())
                })
                && let Some(own) = code.arg(parent, 0).filter(|a| a.kind().ends_with("string_literal"))
            {
                prefix = joined(&code.value(own).unwrap_or_default(), &prefix);
            }
            up = parent;
        }
        (prefix, guards)
    }
}

/// The function a node stands in, by its first byte; zero outside.
fn owner(code: &Code, node: Node<'_>) -> usize {
    code.declared(node).map_or(0, |f| f.start_byte())
}

/// The router, prefix and guards of a call that makes a group.
fn grouped<'t>(code: &Code, call: Node<'t>) -> Option<(Node<'t>, String, String)> {
    let (operand, method) = code.method(call)?;
    match method {
        "Group" | "Party" | "Route" => {
            let args = code.args(call);
            let prefix = args.first().filter(|a| a.kind() != "func_literal").and_then(|a| code.value(*a))?;
            let guards: Vec<&str> = args.iter().skip(1).map(|a| code.text_of(*a)).collect();
            Some((operand, prefix, guards.join(" ")))
        }
        "Subrouter" => {
            // `r.PathPrefix("/x").Subrouter()`
            let prefix = chained(code, operand, &["PathPrefix"])
                .and_then(|c| code.arg(c, 0))
                .and_then(|a| code.value(a));
            Some((root(code, operand), prefix.unwrap_or_default(), String::new()))
        }
        "With" => Some((
            operand,
            String::new(),
            syntax::field(call, "arguments").map_or("", |a| code.text_of(a)).to_owned(),
        )),
        "NewRoute" => Some((operand, String::new(), String::new())),
        _ => None,
    }
}

/// The call of one of the methods in a chain.
fn chained<'t>(code: &Code, from: Node<'t>, names: &[&str]) -> Option<Node<'t>> {
    let mut at = from;
    for _ in 0..10 {
        if at.kind() != "call_expression" {
            return None;
        }
        let (operand, method) = code.method(at)?;
        if names.contains(&method) {
            return Some(at);
        }
        at = operand;
    }
    None
}

/// What a chain of calls begins with.
fn root<'t>(code: &Code, from: Node<'t>) -> Node<'t> {
    let mut at = from;
    for _ in 0..12 {
        match code.method(at).filter(|_| at.kind() == "call_expression") {
            Some((operand, _)) => at = operand,
            None => break,
        }
    }
    at
}

/// Methods that a chain after the route names: `.Methods("GET", "OPTIONS")`.
fn methods_after(code: &Code, call: Node<'_>) -> Option<Vec<String>> {
    let mut at = call;
    for _ in 0..6 {
        let selector = at.parent().filter(|p| p.kind() == "selector_expression")?;
        let next = selector.parent().filter(|p| p.kind() == "call_expression")?;
        if code.field(selector, "field") == "Methods" {
            return Some(verbs(code, next));
        }
        at = next;
    }
    None
}

fn verbs(code: &Code, call: Node<'_>) -> Vec<String> {
    let mut all: Vec<String> =
        code.args(call).into_iter().filter_map(|a| code.literal(a)).map(|v| v.to_ascii_uppercase()).collect();
    if all.len() > 1 {
        all.retain(|v| v != "OPTIONS");
    }
    all
}

/// The routes of a file.
pub(crate) fn routes(code: &Code) -> Vec<Route<'_>> {
    let groups = Groups::new(code);
    code.calls().filter_map(|call| route(code, &groups, call)).collect()
}

fn route<'t>(code: &'t Code, groups: &Groups<'t>, call: Node<'t>) -> Option<Route<'t>> {
    let (operand, name) = code.method(call)?;
    let args = code.args(call);
    let (mut methods, pattern, handler) = match name {
        // `r.Methods("GET").Path("/x").HandlerFunc(h)`
        "HandlerFunc" | "Handler" if args.len() == 1 => {
            let path = chained(code, operand, &["Path", "PathPrefix"])?;
            let methods = chained(code, operand, &["Methods"]).map(|m| verbs(code, m)).unwrap_or_default();
            (methods, code.arg(path, 0)?, *args.first()?)
        }
        // `r.Method("GET", "/x", h)` of Chi, `e.Add("GET", "/x", h)` of Echo, `router.Handle("GET", "/x", h)`
        "Method" | "MethodFunc" | "Add" | "Handle" | "HandlerFunc" | "HandleFunc"
            if args.len() >= 3 && verb_first(code, &args) =>
        {
            (vec![code.literal(*args.first()?)?.to_ascii_uppercase()], *args.get(1)?, *args.last()?)
        }
        _ => {
            let (_, verb) = VERBS.iter().find(|(n, _)| *n == name)?;
            if args.len() < 2 {
                return None;
            }
            let methods = if verb.is_empty() { Vec::new() } else { vec![(*verb).to_owned()] };
            (methods, *args.first()?, *args.last()?)
        }
    };
    if methods.is_empty() {
        methods = methods_after(code, call).unwrap_or_default();
    }
    let mut pattern = code.value(pattern)?;
    // `GET /x/{id}` of net/http
    if let Some((verb, rest)) = pattern.split_once(' ')
        && verb.chars().all(|c| c.is_ascii_uppercase())
        && !verb.is_empty()
    {
        methods = vec![verb.to_owned()];
        pattern = rest.trim_start().to_owned();
    }
    let base = root(code, operand);
    let in_group = pattern.is_empty() && handler_like(code, handler);
    if !(pattern.starts_with(['/', '{', '$', ':', '*']) || in_group) || !handler_like(code, handler) {
        return None;
    }
    let (prefix, mut guards) =
        groups.of(code, if chained(code, operand, &["Group", "With"]).is_some() { operand } else { base });
    for middle in args.iter().skip(1).take(args.len().saturating_sub(2)) {
        guards.push_str(code.text_of(*middle));
    }
    let (handler, body, around) = target(code, handler);
    guards.push_str(&around);
    let router = handed(code, base);
    Some(Route { methods, path: clean(&joined(&prefix, &pattern)), handler, body, at: call, guards, router })
}

/// Whether the first argument is an HTTP method.
fn verb_first(code: &Code, args: &[Node<'_>]) -> bool {
    let verb = args.first().and_then(|a| code.literal(*a)).unwrap_or_default();
    VERBS.iter().any(|(v, _)| *v == verb) && verb.chars().all(|c| c.is_ascii_uppercase())
}

/// Whether an argument may be a handler.
fn handler_like(code: &Code, node: Node<'_>) -> bool {
    match node.kind() {
        "identifier" => !matches!(code.text_of(node), "nil" | "true" | "false"),
        "func_literal" | "selector_expression" | "call_expression" => true,
        "unary_expression" => code.text_of(node).starts_with('&'),
        "composite_literal" | "type_conversion_expression" => true,
        _ => false,
    }
}

/// The name of a handler, its definition, and the functions wrapped around it.
fn target<'t>(code: &'t Code, handler: Node<'t>) -> (String, Option<Node<'t>>, String) {
    let mut at = handler;
    let mut around = String::new();
    for _ in 0..8 {
        if at.kind() != "call_expression" {
            break;
        }
        let inner = code.args(at).into_iter().find(|a| {
            matches!(a.kind(), "selector_expression" | "func_literal" | "call_expression" | "identifier")
        });
        let Some(inner) = inner else { break };
        around.push_str(code.field(at, "function"));
        around.push(' ');
        at = inner;
    }
    match at.kind() {
        "func_literal" => (String::new(), Some(at), around),
        _ => {
            let name =
                if at.kind() == "call_expression" { code.field(at, "function") } else { code.text_of(at) };
            let body = code.function(name.rsplit('.').next().unwrap_or(name));
            // a method of another package's object only shares its name
            let own = body.filter(|b| !name.contains('.') || b.kind() == "method_declaration");
            (name.to_owned(), own, around)
        }
    }
}

/// The function that was handed the router of a route as a parameter.
fn handed(code: &Code, router: Node<'_>) -> Option<String> {
    let function = code.declared(router)?;
    let name = code.text_of(router);
    let is = |(p, t): &(String, String)| {
        p == name && ROUTERS.iter().any(|r| t.trim_start_matches('*').ends_with(r))
    };
    code.parameters(function).iter().any(is).then(|| code.field(function, "name").to_owned())
}

/// Routers with a prefix that are handed to functions of other files.
fn mounts(source: &Source<'_>, code: &Code, out: &mut Sightings) {
    let groups = Groups::new(code);
    for call in code.calls() {
        let Some(function) = syntax::field(call, "function") else { continue };
        let name = match function.kind() {
            "selector_expression" => code.field(function, "field"),
            "identifier" => code.text_of(function),
            _ => continue,
        };
        if name == "Use"
            || name == "append"
            || VERBS.iter().any(|(v, _)| *v == name)
            || code.function(name).is_some()
        {
            continue;
        }
        for argument in code.args(call) {
            let is_router = match argument.kind() {
                "identifier" => groups.0.contains_key(&(owner(code, argument), code.text_of(argument))),
                "call_expression" => grouped(code, argument).is_some(),
                _ => false,
            };
            if !is_router {
                continue;
            }
            let (prefix, _) = groups.of(code, argument);
            if prefix.is_empty() {
                continue;
            }
            for file in files(source, code, code.field(function, "operand")) {
                let mount = Mount { prefix: clean(&prefix), file: Some(file), router: Some(name.to_owned()) };
                out.add(syntax::line(call), Seen::Mount(mount));
            }
        }
    }
}

/// Most files in which a function is looked for.
const FILES: usize = 64;

/// The files in which a function may stand: those of an imported package, of this package, else of all imports.
fn files(source: &Source<'_>, code: &Code, package: &str) -> Vec<String> {
    let mut folders = Vec::new();
    match code.import(package) {
        Some(path) => folders.extend(folder(source, path)),
        None => {
            folders.push(source.folder().to_owned());
            if !package.is_empty() {
                folders.extend(code.imported().filter_map(|p| folder(source, p)));
            }
        }
    }
    let mut found = Vec::new();
    for folder in folders {
        let code = source.tree.directly_in(&folder).filter(|f| f.path != *source.path);
        let stems = code.filter_map(|f| f.path.strip_suffix(".go")).filter(|s| !s.ends_with("_test"));
        found.extend(stems.take(FILES.saturating_sub(found.len())).map(str::to_owned));
    }
    found
}

/// The folder of an imported package, when it is part of the repository.
fn folder(source: &Source<'_>, path: &str) -> Option<String> {
    let mut above = source.folder();
    loop {
        let mut rest = path;
        while let Some((_, tail)) = rest.split_once('/') {
            if let Some(found) = join(above, tail).filter(|f| !f.is_empty() && source.tree.has_folder(f)) {
                return Some(found);
            }
            rest = tail;
        }
        match above.rsplit_once('/') {
            Some((folder, _)) => above = folder,
            None if above.is_empty() => return None,
            None => above = "",
        }
    }
}

/// Joins two paths with one slash.
fn joined(prefix: &str, path: &str) -> String {
    match (prefix.trim_end_matches('/'), path) {
        ("", path) => path.to_owned(),
        (prefix, "") => prefix.to_owned(),
        (prefix, path) => format!("{prefix}/{}", path.trim_start_matches('/')),
    }
}

/// A pattern with its parameters in braces.
fn clean(pattern: &str) -> String {
    let mut out = String::new();
    for part in pattern.split('/') {
        if !out.is_empty() || pattern.starts_with('/') {
            out.push('/');
        }
        let name = part.strip_prefix(':').or_else(|| part.strip_prefix('*').filter(|p| !p.is_empty()));
        match name {
            Some(name) => out.push_str(&format!("{{{}}}", name.trim_end_matches(['?', '*', '+']))),
            None if part.contains('(') && !part.contains('{') => out.push_str("{arg}"),
            // `{$}` ends a pattern of net/http
            None if part == "{$}" => {}
            None => out.push_str(&unpatterned(part)),
        }
    }
    let out = out.replace("//", "/");
    // unknown and optional beginnings: a base path that is usually empty
    match out.strip_prefix("${").and_then(|r| r.split_once('}')) {
        Some((key, rest)) if !key.contains('{') && (rest.starts_with('/') || rest.is_empty()) => {
            if rest.is_empty() { "/".to_owned() } else { rest.to_owned() }
        }
        _ if out.is_empty() => "/".to_owned(),
        _ => out,
    }
}

/// `{id:[0-9]+}` and `{path...}` without their patterns.
fn unpatterned(part: &str) -> String {
    let Some((before, rest)) = part.split_once('{').filter(|(b, _)| !b.ends_with('$')) else {
        return part.to_owned();
    };
    let Some((inside, after)) = rest.rsplit_once('}') else { return part.to_owned() };
    let name = inside.split(':').next().unwrap_or(inside).trim_end_matches("...");
    format!("{before}{{{name}}}{after}")
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{endpoints, see, see_all};

    #[test]
    fn patterns_of_the_standard_library_and_gorilla() {
        let text = "package main\nimport (\n\"net/http\"\n\"os\"\n\"github.com/gorilla/mux\"\n)\nfunc main() {\n base := os.Getenv(\"BASE_URL\")\n m := http.NewServeMux()\n m.HandleFunc(\"GET /items/{id}\", item)\n http.HandleFunc(\"/plain\", item)\n r := mux.NewRouter()\n api := r.PathPrefix(\"/api\").Subrouter()\n api.HandleFunc(base+\"/x/{id:[0-9]+}\", wrap(item)).Methods(http.MethodGet, \"OPTIONS\")\n r.Methods(\"PUT\").Path(\"/y\").HandlerFunc(item)\n r.PathPrefix(\"/static/\").Handler(http.FileServer(http.Dir(\".\")))\n}\nfunc item(w http.ResponseWriter, r *http.Request) {}\n";
        assert_eq!(
            endpoints(&see("svc/main.go", text)),
            ["GET /items/{id}", "* /plain", "GET /api/${BASE_URL}/x/{id}", "PUT /y", "* /static/"]
        );
    }

    #[test]
    fn groups_of_gin_echo_and_chi() {
        let gin = "package main\nimport \"github.com/gin-gonic/gin\"\nfunc main() {\n r := gin.New()\n v1 := r.Group(\"/v1\", auth())\n v1.GET(\"/a/:id\", a)\n v1.Group(\"/deep\").POST(\"\", a)\n r.Any(\"/any/*rest\", a)\n cache.Get(\"/key\")\n}\n";
        assert_eq!(endpoints(&see("svc/main.go", gin)), ["GET /v1/a/{id}", "POST /v1/deep", "* /any/{rest}"]);
        let chi = "package main\nimport \"github.com/go-chi/chi/v5\"\nfunc main() {\n r := chi.NewRouter()\n r.Route(\"/users\", func(r chi.Router) {\n  r.Get(\"/\", list)\n  r.Route(\"/{id}\", func(r chi.Router) {\n   r.Delete(\"/\", drop)\n  })\n })\n}\n";
        assert_eq!(endpoints(&see("svc/main.go", chi)), ["GET /users/", "DELETE /users/{id}/"]);
    }

    #[test]
    fn routers_that_are_handed_on_are_mounts() {
        let seen = see_all(&[
            (
                "svc/main.go",
                "package main\nimport (\n\"github.com/gin-gonic/gin\"\n\"example.com/svc/routes\"\n)\nfunc main() {\n r := gin.New()\n v1 := r.Group(\"/v1\")\n routes.Users(v1)\n}\n",
            ),
            (
                "svc/routes/users.go",
                "package routes\nimport \"github.com/gin-gonic/gin\"\nfunc Users(g *gin.RouterGroup) {\n g.GET(\"/users\", list)\n}\n",
            ),
        ]);
        let mount = seen.iter().find_map(|s| match &s.seen {
            Seen::Mount(m) => Some((m.prefix.clone(), m.file.clone(), m.router.clone())),
            _ => None,
        });
        assert_eq!(
            mount,
            Some(("/v1".to_owned(), Some("svc/routes/users".to_owned()), Some("Users".to_owned())))
        );
        let router = seen.iter().find_map(|s| match &s.seen {
            Seen::Endpoint(e) => e.router.clone(),
            _ => None,
        });
        assert_eq!(router.as_deref(), Some("Users"));
    }
}
