//! The modules of the service and the operations of the contract that belong to each.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::Id;
use serde_json::{Value, json};

use super::{Sources, quoted, remark};
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
    pub(crate) needs: Needs,
    /// The statement that stores an event of another system with the work it causes.
    receive: Option<String>,
}

/// What the contract asks of whoever calls an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Nobody has to say who he is: it is open, or what is sent is signed.
    pub(crate) is_public: bool,
    /// The sender signs what it sends.
    pub(crate) signed: bool,
    /// One of them is enough.
    pub(crate) roles: Vec<String>,
    /// All of one list are enough.
    pub(crate) scopes: Vec<Vec<String>>,
    /// The names of the schemes by which one may prove who one is.
    pub(crate) schemes: Vec<String>,
}

impl Needs {
    /// Reads the security of an operation, or else that of the contract.
    pub(crate) fn of(contract: &Value, operation: &Value) -> Self {
        let security = operation["security"].as_array().or_else(|| contract["security"].as_array());
        let mut needs = Self::default();
        let Some(security) = security else { return needs };
        needs.is_public = security.iter().all(|r| r.as_object().is_none_or(serde_json::Map::is_empty))
            || security.iter().any(|r| r.as_object().is_some_and(serde_json::Map::is_empty));
        let words = |list: &Value| -> Vec<String> {
            list.as_array().into_iter().flatten().filter_map(Value::as_str).map(clean).collect()
        };
        let named = security.iter().filter_map(Value::as_object).flatten();
        let mut by_signature = 0;
        for (scheme, list) in named.clone() {
            if !needs.schemes.contains(scheme) {
                needs.schemes.push(scheme.clone());
            }
            let kind = contract["components"]["securitySchemes"][scheme]["type"].as_str().unwrap_or("");
            match kind {
                _ if is_signature(contract, scheme) => by_signature += 1,
                "oauth2" if !needs.scopes.contains(&words(list)) => needs.scopes.push(words(list)),
                "oauth2" => {}
                _ => needs.roles.extend(words(list)),
            }
        }
        needs.roles.extend(words(&operation["x-roles"]));
        let mut seen = BTreeSet::new();
        needs.roles.retain(|r| seen.insert(r.clone()));
        needs.scopes.retain(|s| !s.is_empty());
        needs.signed = by_signature > 0 && by_signature == named.count();
        needs.is_public |= needs.signed;
        needs
    }

    /// As an object of JavaScript.
    fn script(&self) -> String {
        let mut parts = Vec::new();
        if !self.roles.is_empty() {
            parts.push(format!("roles: {}", list(&self.roles)));
        }
        if !self.scopes.is_empty() {
            let lists: Vec<String> = self.scopes.iter().map(|s| list(s)).collect();
            parts.push(format!("scopes: [{}]", lists.join(", ")));
        }
        if parts.is_empty() { String::new() } else { format!("{{ {} }}", parts.join(", ")) }
    }
}

/// Words as a list of literals.
pub(crate) fn list(words: &[String]) -> String {
    format!("[{}]", words.iter().map(|w| quoted(w)).collect::<Vec<_>>().join(", "))
}

/// Whether a scheme is the signature of the body in a header.
fn is_signature(contract: &Value, scheme: &str) -> bool {
    let scheme = &contract["components"]["securitySchemes"][scheme];
    scheme["in"] == "header"
        && scheme["name"].as_str().is_some_and(|n| n.to_lowercase().contains("signature"))
}

impl Module {
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// Whether events of other systems come in here that are stored as they are.
    pub(crate) fn receives(&self) -> bool {
        self.operations.iter().any(|r| r.receive.is_some())
    }

    /// Whether something comes in here that its sender signs.
    pub(crate) fn takes_signed(&self) -> bool {
        self.operations.iter().any(|r| r.needs.signed)
    }

    /// Operations that anybody may call.
    pub(crate) fn open(&self) -> impl Iterator<Item = Value> {
        self.operations.iter().filter(|r| r.needs.is_public).map(Route::value)
    }

    pub(crate) fn value(&self) -> Value {
        json!({
            "ident": self.ident,
            "class": class(&self.ident),
            "title": self.title,
            "summary": self.summary,
            "receives": self.receives(),
            "takes_signed": self.takes_signed(),
            "signed_by_path": self.operations.iter().any(|r| r.needs.signed && !parameters(&r.path).is_empty()),
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
            "is_public": self.needs.is_public,
            "signed": self.needs.signed,
            "receive_sql": self.receive.clone().unwrap_or_default(),
            "receive_camel": format!("take{}", crate::text::capital(&self.id.replace(|c: char| !c.is_ascii_alphanumeric(), ""))),
            "test_ident": self.id.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_"),
            "receive_ident": format!("TAKE_{}", self.id.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_")),
            // A path for a test: its first parameter is the sender of the test.
            "signed_path_text": quoted(&super::operation::example_path(&self.path.replacen(&first_parameter(&self.path), SENDER, 1))),
            "signer_text": quoted(if parameters(&self.path).is_empty() { self.needs.roles.first().map_or("", String::as_str) } else { SENDER }),
            "sender_text": quoted(self.needs.roles.first().map_or("", String::as_str)),
            "parameters": parameters(&self.path).iter().map(|(place, name)| {
                json!({"name_text": quoted(name), "plain_text": quoted(&format!("p{place}"))})
            }).collect::<Vec<_>>(),
            "call_test_text": quoted(&format!("{} {} wants a signature", self.method, self.path)),
            "needs": self.needs.script(),
            "roles": self.needs.roles.iter().map(|r| quoted(r)).collect::<Vec<_>>(),
            "scopes": self.needs.scopes.iter().map(|s| s.iter().map(|w| quoted(w)).collect()).collect::<Vec<Vec<_>>>(),
            "test_text": quoted(&format!("anybody may call {} {}", self.method, self.path)),
            "example_path_text": quoted(&super::operation::example_path(&self.path)),
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

/// Who sends in tests of paths that name the sender.
const SENDER: &str = "somebody";

/// The first parameter of a path as it is written, or else a text that is in no path.
fn first_parameter(path: &str) -> String {
    parameters(path).first().map_or_else(|| "\0".to_owned(), |(_, name)| format!("{{{name}}}"))
}

/// The parameters of a path, each with its place.
fn parameters(path: &str) -> Vec<(usize, String)> {
    let named = |(n, s): (usize, &str)| Some((n, s.strip_prefix('{')?.strip_suffix('}')?.to_owned()));
    path.split('/').enumerate().filter_map(named).collect()
}

/// The modules of the blueprint in its order, each with the operations the contract lists under its name.
pub(crate) fn modules(plan: &Plan<'_>, contract: Option<&Value>, sources: &Sources<'_>) -> Vec<Module> {
    let blueprint = plan.view.blueprint();
    // Folders and files that the stacks have beside the modules.
    let mut taken: BTreeSet<String> =
        ["config", "http", "health", "metrics", "shared"].map(str::to_owned).into();
    let routes = contract.map(|c| routes(plan, c, sources)).unwrap_or_default();
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

/// The path of each operation of the blueprint that a contract answers.
pub(crate) fn paths(contract: &Value) -> BTreeMap<Id, String> {
    let prefix = prefix(contract);
    let items = contract["paths"].as_object().into_iter().flatten();
    let operations =
        items.flat_map(|(path, item)| item.as_object().into_iter().flatten().map(move |(_, o)| (path, o)));
    operations
        .filter_map(|(path, o)| {
            Some((o["x-operation"].as_str()?.parse().ok()?, format!("{prefix}{}", clean(path))))
        })
        .collect()
}

/// The operations that anybody may call, without a signature either.
pub(crate) fn open(contract: &Value) -> BTreeSet<Id> {
    let items = contract["paths"].as_object().into_iter().flatten();
    let operations = items.flat_map(|(_, item)| item.as_object().into_iter().flatten().map(|(_, o)| o));
    operations
        .filter(|o| Needs::of(contract, o).is_public && !Needs::of(contract, o).signed)
        .filter_map(|o| o["x-operation"].as_str()?.parse().ok())
        .collect()
}

/// Every operation of a contract with its first tag.
fn routes(plan: &Plan<'_>, contract: &Value, sources: &Sources<'_>) -> Vec<(String, Route)> {
    const METHODS: &[&str] = &["get", "put", "post", "patch", "delete"];
    let prefix = prefix(contract);
    let mut found = Vec::new();
    for (path, item) in contract["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if !METHODS.contains(&method.as_str()) || is_health(path) {
                continue;
            }
            let needs = Needs::of(contract, operation);
            let names: Vec<String> = parameters(path).into_iter().map(|(_, name)| name).collect();
            let id = operation["x-operation"].as_str().unwrap_or("");
            let receive = super::webhook::receive(plan, sources, id, &names).filter(|_| needs.signed);
            let route = Route {
                id: clean(operation["operationId"].as_str().unwrap_or("")),
                method: method.to_uppercase(),
                path: format!("{prefix}{}", clean(path)),
                summary: remark(operation["summary"].as_str().unwrap_or("")),
                needs,
                receive,
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
