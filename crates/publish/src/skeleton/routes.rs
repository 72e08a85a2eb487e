//! The modules of the service and the operations of the contract that belong to each.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{quoted, remark};
use crate::deploy::{Plan, label, unused};
use crate::text::clean;

/// A part of the code, with the operations it answers.
pub(crate) struct Module {
    /// A name that is no keyword in any language here: lower case, digits and underscores.
    pub(crate) ident: String,
    title: String,
    summary: String,
    operations: Vec<Route>,
}

/// An operation of the contract.
pub(crate) struct Route {
    /// Its name in the contract.
    id: String,
    method: String,
    /// The whole path, parameters in braces.
    path: String,
    summary: String,
}

impl Module {
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    pub(crate) fn value(&self) -> Value {
        json!({
            "ident": self.ident,
            "class": class(&self.ident),
            "title": self.title,
            "summary": self.summary,
            "operations": self.operations.iter().map(Route::value).collect::<Vec<_>>(),
        })
    }
}

impl Route {
    fn value(&self) -> Value {
        json!({
            "id_text": quoted(&self.id),
            "method": self.method,
            "method_lower": self.method.to_lowercase(),
            "path_text": quoted(&self.path),
            "colon_path_text": quoted(&colons(&self.path)),
            "plain_path_text": quoted(&plain(&self.path)),
            "plain_colon_path_text": quoted(&colons(&plain(&self.path))),
            "summary": self.summary,
        })
    }
}

/// Words that cannot name a module, package or folder in one of the languages here.
const RESERVED: &[&str] = &[
    "abstract",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "become",
    "boolean",
    "box",
    "break",
    "byte",
    "case",
    "catch",
    "chan",
    "char",
    "class",
    "const",
    "continue",
    "crate",
    "def",
    "default",
    "defer",
    "del",
    "do",
    "double",
    "dyn",
    "elif",
    "else",
    "enum",
    "except",
    "export",
    "extends",
    "extern",
    "false",
    "final",
    "finally",
    "float",
    "fn",
    "for",
    "from",
    "func",
    "gen",
    "global",
    "go",
    "goto",
    "if",
    "impl",
    "implements",
    "import",
    "in",
    "init",
    "instanceof",
    "int",
    "interface",
    "internal",
    "is",
    "lambda",
    "let",
    "long",
    "loop",
    "macro",
    "main",
    "map",
    "match",
    "mod",
    "module",
    "move",
    "mut",
    "native",
    "new",
    "none",
    "nonlocal",
    "not",
    "null",
    "or",
    "override",
    "package",
    "pass",
    "private",
    "protected",
    "public",
    "pub",
    "raise",
    "range",
    "ref",
    "return",
    "select",
    "self",
    "short",
    "static",
    "strictfp",
    "struct",
    "super",
    "switch",
    "synchronized",
    "test",
    "this",
    "throw",
    "throws",
    "trait",
    "transient",
    "true",
    "try",
    "type",
    "typeof",
    "union",
    "unsafe",
    "unsized",
    "use",
    "var",
    "vendor",
    "virtual",
    "void",
    "volatile",
    "where",
    "while",
    "with",
    "yield",
];

/// An identifier from any text, unlike those taken.
pub(crate) fn ident(taken: &mut BTreeSet<String>, text: &str) -> String {
    let plain = label(text);
    let plain = if RESERVED.contains(&plain.as_str()) { format!("{plain}-part") } else { plain };
    unused(taken, &plain).replace('-', "_")
}

/// `seller_profile` as `SellerProfile`.
pub(crate) fn class(ident: &str) -> String {
    ident.split('_').map(crate::text::capital).collect()
}

/// `{id}` as `:id`.
fn colons(path: &str) -> String {
    path.replace('{', ":").replace('}', "")
}

/// The path with parameters named after their place: some routers want the same name at the same place in every
/// path.
pub(crate) fn plain(path: &str) -> String {
    let named = |(n, segment): (usize, &str)| {
        if segment.starts_with('{') { format!("{{p{n}}}") } else { segment.to_owned() }
    };
    path.split('/').enumerate().map(named).collect::<Vec<_>>().join("/")
}

/// The modules of the blueprint in its order, each with the operations the contract lists under its name.
pub(crate) fn modules(plan: &Plan<'_>, contract: Option<&Value>) -> Vec<Module> {
    let blueprint = plan.view.blueprint();
    // Folders and files that the stacks have beside the modules.
    let mut taken: BTreeSet<String> =
        ["config", "http", "health", "metrics", "shared"].map(str::to_owned).into();
    let routes = contract.map(routes).unwrap_or_default();
    let mut modules: Vec<(String, Module)> = blueprint
        .modules
        .iter()
        .map(|(id, module)| {
            let made = Module {
                ident: ident(&mut taken, id.as_str()),
                title: remark(&module.name),
                summary: remark(&module.summary),
                operations: Vec::new(),
            };
            (id.as_str().to_owned(), made)
        })
        .collect();
    for (tag, route) in routes {
        let place = modules.iter().position(|(id, _)| *id == tag).unwrap_or_else(|| {
            let made = Module {
                ident: ident(&mut taken, if tag.is_empty() { "general" } else { &tag }),
                title: remark(&tag),
                summary: String::new(),
                operations: Vec::new(),
            };
            modules.push((tag, made));
            modules.len() - 1
        });
        modules[place].1.operations.push(route);
    }
    modules.retain(|(_, m)| !m.operations.is_empty());
    modules.into_iter().map(|(_, m)| m).collect()
}

/// The path that all operations of a contract begin with: that of its first server.
pub(crate) fn prefix(contract: &Value) -> String {
    let url = contract["servers"][0]["url"].as_str().unwrap_or("");
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split_once('/').map_or(String::new(), |(_, path)| format!("/{path}"));
    path.trim_end_matches('/').to_owned()
}

/// Every operation of a contract with its first tag.
fn routes(contract: &Value) -> Vec<(String, Route)> {
    const METHODS: &[&str] = &["get", "put", "post", "patch", "delete"];
    let prefix = prefix(contract);
    let mut found = Vec::new();
    for (path, item) in contract["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if !METHODS.contains(&method.as_str()) || is_health(path) {
                continue;
            }
            let route = Route {
                id: clean(operation["operationId"].as_str().unwrap_or("")),
                method: method.to_uppercase(),
                path: format!("{prefix}{}", clean(path)),
                summary: remark(operation["summary"].as_str().unwrap_or("")),
            };
            found.push((operation["tags"][0].as_str().unwrap_or("").to_owned(), route));
        }
    }
    found
}

/// Health endpoints are the skeleton's own.
fn is_health(path: &str) -> bool {
    matches!(path, "/livez" | "/readyz" | "/healthz" | "/health" | "/health/live" | "/health/ready")
}
