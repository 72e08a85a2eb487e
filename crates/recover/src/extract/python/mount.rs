//! Routers of Python's frameworks: their prefixes, and routers of other files that are mounted.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::extract::python::code::Code;
use crate::extract::python::path;
use crate::sighting::{Mount, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Constructors of routers with the keyword and position of their prefix.
const ROUTERS: &[(&str, &str, Option<usize>)] = &[
    ("APIRouter", "prefix", None),
    ("FastAPI", "root_prefix", None),
    ("Blueprint", "url_prefix", None),
    ("APIBlueprint", "url_prefix", None),
    ("Namespace", "path", None),
    ("Api", "prefix", None),
    ("RouteTableDef", "", None),
    ("Flask", "", None),
    ("Quart", "", None),
    ("Sanic", "", None),
    ("Starlette", "", None),
    ("Application", "", None),
    ("Bottle", "", None),
    ("APIFlask", "", None),
    ("OpenAPI", "", None),
    ("Litestar", "path", None),
    ("Router", "prefix", None),
    ("NinjaAPI", "", None),
];

/// The routers of a file by name, with the prefixes that the file tells.
pub(crate) struct Routers(BTreeMap<String, Router>);

/// A router.
#[derive(Default)]
pub(crate) struct Router {
    prefix: String,
    parent: Option<(String, String)>,
    guards: String,
}

impl Routers {
    /// The routers of a file.
    pub(crate) fn new(code: &Code) -> Self {
        let mut routers = BTreeMap::new();
        for node in syntax::of_kind(code.root(), "assignment") {
            let Some(call) = syntax::field(node, "right").filter(|r| r.kind() == "call") else { continue };
            let callee = code.callee(call);
            let short = callee.rsplit('.').next().unwrap_or("");
            let Some((kind, keyword, position)) = ROUTERS.iter().find(|(k, _, _)| *k == short) else {
                continue;
            };
            let prefix = code.arg(call, *position, keyword).and_then(|p| code.value(p));
            let prefix = match (*kind, prefix) {
                ("Namespace", None) => {
                    code.arg(call, Some(0), "name").and_then(|n| code.literal(n)).map(|n| format!("/{n}"))
                }
                (_, prefix) => prefix,
            };
            let guards = code.arg(call, None, "dependencies").map_or("", |d| code.text_of(d)).to_owned();
            let prefix = prefix.unwrap_or_default();
            routers.insert(code.field(node, "left").to_owned(), Router { prefix, parent: None, guards });
        }
        let mut routers = Self(routers);
        for call in code.calls() {
            if let Some((parent, child, prefix, guards)) = mount(code, call)
                && let Some(router) = routers.0.get_mut(code.text_of(child))
            {
                router.guards.push_str(&guards);
                // a registered blueprint's prefix takes the place of its own
                if code.field(call, "function").ends_with("register_blueprint") && !prefix.is_empty() {
                    router.prefix.clear();
                }
                router.parent = Some((parent, prefix));
            }
        }
        routers
    }

    /// Whether a name is a router of this file.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The prefix of a router and what it asks for.
    pub(crate) fn of(&self, name: &str) -> (String, String) {
        let mut prefix = String::new();
        let mut guards = String::new();
        let mut at = name;
        for _ in 0..8 {
            let Some(router) = self.0.get(at) else { break };
            if !router.prefix.is_empty() {
                prefix = path::joined(&router.prefix, &prefix);
            }
            guards.push_str(&router.guards);
            let Some((parent, own)) = &router.parent else { break };
            if !own.is_empty() {
                prefix = path::joined(own, &prefix);
            }
            at = parent;
        }
        (prefix, guards)
    }
}

/// The parent, the child, the prefix and the guards of a call that mounts a router.
fn mount<'t>(code: &Code, call: Node<'t>) -> Option<(String, Node<'t>, String, String)> {
    let function = syntax::field(call, "function")?;
    let (child, prefix) = match code.field(function, "attribute") {
        "include_router" | "add_router" => {
            (code.arg(call, Some(0), "router"), code.arg(call, None, "prefix"))
        }
        "register_blueprint" | "blueprint" | "register_api" => (
            code.arg(call, Some(0), "blueprint"),
            code.arg(call, None, "url_prefix").or_else(|| code.arg(call, None, "prefix")),
        ),
        "add_namespace" => (code.arg(call, Some(0), "ns"), code.arg(call, Some(1), "path")),
        "mount" => (code.arg(call, Some(1), "app"), code.arg(call, Some(0), "path")),
        "add_subapp" => (code.arg(call, Some(1), "subapp"), code.arg(call, Some(0), "prefix")),
        "add_routes" => (code.arg(call, Some(0), "routes"), None),
        _ => return None,
    };
    // `add_router("/x", router)` of Django Ninja
    let (child, prefix) = match child? {
        text if text.kind() == "string" => (code.arg(call, Some(1), "router")?, Some(text)),
        child => (child, prefix),
    };
    if !matches!(child.kind(), "identifier" | "attribute") {
        return None;
    }
    let parent = syntax::field(function, "object").map_or("", |o| code.text_of(o)).to_owned();
    let prefix = prefix.and_then(|p| code.value(p)).unwrap_or_default();
    let guards = code.arg(call, None, "dependencies").map_or("", |d| code.text_of(d)).to_owned();
    Some((parent, child, prefix, guards))
}

/// Routers of other files.
pub(crate) fn mounts(source: &Source<'_>, code: &Code, out: &mut Sightings) {
    let routers = Routers::new(code);
    for call in code.calls() {
        let Some((parent, child, prefix, _)) = mount(code, call) else { continue };
        if routers.0.contains_key(code.text_of(child)) {
            continue;
        }
        let dotted = code.dotted(child);
        let first = code.text_of(child).split('.').next().unwrap_or("");
        if code.import(first).is_none() {
            continue;
        }
        let Some((file, router)) = path::module(source, &dotted) else { continue };
        let prefix = match (routers.of(&parent).0, prefix) {
            (base, prefix) if base.is_empty() => prefix,
            (base, prefix) => path::joined(&base, &prefix),
        };
        out.add(syntax::line(call), Seen::Mount(Mount { prefix, file: Some(file), router }));
    }
    // a package whose routes stand in its modules: `bp = Blueprint(...)` and `from . import routes`
    if source.name() == "__init__.py" && !routers.0.is_empty() {
        for (_, dotted) in code.imported() {
            let Some((file, None)) = path::module(source, dotted) else { continue };
            if file.rsplit_once('/').map_or("", |(f, _)| f) != source.folder() || file == source.folder() {
                continue;
            }
            for name in routers.0.keys() {
                let mount = Mount {
                    prefix: routers.of(name).0,
                    file: Some(file.clone()),
                    router: Some(name.clone()),
                };
                out.add(1, Seen::Mount(mount));
            }
        }
    }
}
