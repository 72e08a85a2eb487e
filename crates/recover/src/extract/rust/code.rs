//! Reading Rust: calls with receivers and arguments, values as templates, modules as files.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::source::Source;
use crate::syntax;
use crate::template::placeholder;

/// How many names and nested expressions are followed to tell a value.
const DEPTH: usize = 12;

/// A Rust file while it is read.
pub(crate) struct Code<'s, 't> {
    /// The file.
    pub(crate) source: &'s Source<'s>,
    /// The root of its syntax tree.
    pub(crate) root: Node<'t>,
    /// Values of constants and variables.
    given: HashMap<&'s str, Vec<Node<'t>>>,
    /// What imports name, by the name they get.
    imports: HashMap<String, String>,
    /// Its calls, in the order of the text.
    pub(crate) calls: Vec<Call<'s, 't>>,
    /// Its functions by name.
    pub(crate) functions: HashMap<&'s str, Node<'t>>,
}

/// A call.
#[derive(Clone, Debug)]
pub(crate) struct Call<'s, 't> {
    /// The whole call.
    pub(crate) node: Node<'t>,
    /// The last part of the name.
    pub(crate) name: &'s str,
    /// What stands before the name in a path: `web` of `web::get()`; empty otherwise.
    pub(crate) path: &'s str,
    /// What it is called on.
    pub(crate) receiver: Option<Node<'t>>,
    /// Arguments.
    pub(crate) arguments: Vec<Node<'t>>,
}

impl Call<'_, '_> {
    /// The line of the name: calls of a chain stand on lines of their own.
    pub(crate) fn line(&self) -> usize {
        let name = syntax::field(self.node, "function").and_then(|f| syntax::field(f, "field").or(Some(f)));
        name.map_or_else(|| syntax::line(self.node), syntax::line)
    }
}

impl<'s, 't> Code<'s, 't> {
    /// Prepares a parsed file. Modules of tests are left out.
    pub(crate) fn new(source: &'s Source<'s>, root: Node<'t>) -> Self {
        let mut code = Self {
            source,
            root,
            given: HashMap::new(),
            imports: HashMap::new(),
            calls: Vec::new(),
            functions: HashMap::new(),
        };
        let tests = tests(root, source.text);
        for node in syntax::descendants(root) {
            if tests.iter().any(|(from, to)| node.start_byte() >= *from && node.end_byte() <= *to) {
                continue;
            }
            match node.kind() {
                "call_expression" => code.calls.extend(call(node, source.text)),
                "const_item" | "static_item" => {
                    code.give(syntax::field(node, "name"), syntax::field(node, "value"));
                }
                "let_declaration" => code.give(syntax::field(node, "pattern"), syntax::field(node, "value")),
                "assignment_expression" => {
                    code.give(syntax::field(node, "left"), syntax::field(node, "right"));
                }
                "function_item" => {
                    if let Some(name) = syntax::field_text(node, "name", source.text) {
                        code.functions.entry(name).or_insert(node);
                    }
                }
                "use_declaration" => {
                    let text = syntax::field_text(node, "argument", source.text).unwrap_or("");
                    imports(text, &mut code.imports);
                }
                _ => {}
            }
        }
        code
    }

    fn give(&mut self, name: Option<Node<'t>>, value: Option<Node<'t>>) {
        let name =
            name.map(|n| if n.kind() == "mut_pattern" { syntax::children(n).pop().unwrap_or(n) } else { n });
        if let (Some(name), Some(value)) = (name.filter(|n| n.kind() == "identifier"), value) {
            self.given.entry(syntax::text(name, self.source.text)).or_default().push(value);
        }
    }

    /// The text of a node.
    pub(crate) fn text(&self, node: Node<'_>) -> &'s str {
        syntax::text(node, self.source.text)
    }

    /// The function a node stands in.
    pub(crate) fn function(&self, node: Node<'t>) -> Option<Node<'t>> {
        syntax::ancestor(node, &["function_item"])
    }

    /// The value a name was given last before a place in the same function, else anywhere first.
    pub(crate) fn given_at(&self, name: &str, at: Node<'t>) -> Option<Node<'t>> {
        let all = self.given.get(name)?;
        let function = self.function(at);
        let near =
            all.iter().rev().find(|n| self.function(**n) == function && n.end_byte() <= at.start_byte());
        near.or_else(|| all.first().filter(|n| self.function(**n).is_none())).copied()
    }

    /// The call an expression is.
    pub(crate) fn call_of(&self, node: Node<'t>) -> Option<Call<'s, 't>> {
        let node = bare(node);
        if node.kind() == "call_expression" { call(node, self.source.text) } else { None }
    }

    /// The chain of calls an expression is made of, the outermost first, and what it begins with.
    pub(crate) fn chain(&self, node: Node<'t>) -> (Vec<Call<'s, 't>>, Option<Node<'t>>) {
        let mut chain = Vec::new();
        let mut at = bare(node);
        while let Some(call) = self.call_of(at) {
            let receiver = call.receiver;
            chain.push(call);
            match receiver {
                Some(receiver) => at = bare(receiver),
                None => return (chain, None),
            }
        }
        (chain, Some(at))
    }

    /// The value of an expression as a template.
    pub(crate) fn value(&self, node: Node<'t>) -> String {
        self.value_at(node, 0)
    }

    fn value_at(&self, node: Node<'t>, depth: usize) -> String {
        let node = bare(node);
        if depth > DEPTH {
            return "{value}".to_owned();
        }
        match node.kind() {
            "string_literal" | "raw_string_literal" => {
                let content = syntax::children(node).into_iter().find(|n| n.kind() == "string_content");
                content.map_or_else(String::new, |c| self.text(c).to_owned())
            }
            "integer_literal" | "boolean_literal" => self.text(node).to_owned(),
            "identifier" => match self.given_at(self.text(node), node) {
                Some(given) if given.id() != node.id() => self.value_at(given, depth + 1),
                _ => format!("{{{}}}", self.text(node)),
            },
            "scoped_identifier" => {
                let name = syntax::field_text(node, "name", self.source.text).unwrap_or("value");
                self.given_at(name, node)
                    .map_or_else(|| format!("{{{name}}}"), |g| self.value_at(g, depth + 1))
            }
            "field_expression" => {
                format!("{{{}}}", syntax::field_text(node, "field", self.source.text).unwrap_or("value"))
            }
            "macro_invocation" => self.of_macro(node, depth),
            "call_expression" => self.of_call(node, depth),
            "closure_expression" => syntax::field(node, "body")
                .map_or_else(|| "{value}".to_owned(), |b| self.value_at(b, depth + 1)),
            _ => "{value}".to_owned(),
        }
    }

    fn of_call(&self, node: Node<'t>, depth: usize) -> String {
        let Some(call) = call(node, self.source.text) else { return "{value}".to_owned() };
        let first = call.arguments.first().copied();
        let of =
            |n: Option<Node<'t>>| n.map_or_else(|| "{value}".to_owned(), |n| self.value_at(n, depth + 1));
        match (call.name, call.receiver) {
            ("var" | "var_os", None) if call.path.ends_with("env") || call.path.ends_with("dotenv") => {
                placeholder(&of(first), None)
            }
            ("from" | "new" | "parse" | "from_str" | "from_static", None) => of(first),
            ("unwrap_or" | "unwrap_or_else", Some(receiver)) => {
                let value = self.value_at(receiver, depth + 1);
                let key = value.strip_prefix("${").and_then(|v| v.strip_suffix('}'));
                match (key, of(first)) {
                    (Some(key), default) if !default.contains('{') && !key.contains(':') => {
                        placeholder(key, Some(&default))
                    }
                    _ => value,
                }
            }
            (
                "to_string" | "to_owned" | "into" | "as_str" | "clone" | "unwrap" | "expect" | "ok" | "trim"
                | "as_ref" | "unwrap_or_default" | "parse" | "context" | "map_err" | "to_string_lossy",
                Some(receiver),
            ) => self.value_at(receiver, depth + 1),
            (name, _) => format!("{{{name}}}"),
        }
    }

    /// `format!("http://{}/x/{id}", HOST)`, `env!("X")`, `concat!("a", "b")`.
    fn of_macro(&self, node: Node<'t>, depth: usize) -> String {
        let name = syntax::field_text(node, "macro", self.source.text).unwrap_or("");
        let Some(tokens) = syntax::children(node).into_iter().find(|n| n.kind() == "token_tree") else {
            return "{value}".to_owned();
        };
        let parts = syntax::children(tokens);
        let Some(first) = parts.first().filter(|p| p.kind().ends_with("string_literal")) else {
            return "{value}".to_owned();
        };
        let text = self.value_at(*first, depth + 1);
        match name.rsplit("::").next().unwrap_or(name) {
            "env" | "option_env" => placeholder(&text, None),
            "concat" => parts.iter().map(|p| self.value_at(*p, depth + 1)).collect(),
            "format" => self.formatted(&text, parts.get(1..).unwrap_or_default(), depth),
            _ => "{value}".to_owned(),
        }
    }

    fn formatted(&self, text: &str, arguments: &[Node<'t>], depth: usize) -> String {
        let mut arguments = arguments.iter();
        let mut out = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            out.push_str(rest.get(..open).unwrap_or(""));
            let after = rest.get(open + 1..).unwrap_or("");
            let Some(close) = after.find('}') else { break };
            let inside = after.get(..close).unwrap_or("").split(':').next().unwrap_or("");
            if inside.is_empty() {
                let value = arguments.next().map(|a| self.value_at(*a, depth + 1));
                out.push_str(&value.unwrap_or_else(|| "{value}".to_owned()));
            } else {
                let given = self.given.get(inside).and_then(|all| all.first());
                let value = given.map(|g| self.value_at(*g, depth + 1));
                out.push_str(&value.unwrap_or_else(|| format!("{{{inside}}}")));
            }
            rest = after.get(close + 1..).unwrap_or("");
        }
        out.push_str(rest);
        out
    }

    /// The file (without extension) and the name in it that a path of modules means: `routes::users::router`.
    pub(crate) fn item(&self, path: &str) -> Option<(String, String)> {
        let mut parts: Vec<&str> = path.split("::").map(str::trim).collect();
        let imported = parts.first().and_then(|f| self.imports.get(*f)).cloned();
        if let Some(imported) = &imported {
            parts.remove(0);
            parts = imported.split("::").chain(parts).collect();
        }
        let name = parts.pop()?.to_owned();
        let file = self.source.name();
        let folder = self.source.folder();
        let own = match file {
            "main.rs" | "lib.rs" | "mod.rs" => folder.to_owned(),
            _ => format!("{folder}/{}", file.strip_suffix(".rs").unwrap_or(file)),
        };
        let mut at = own;
        for (i, part) in parts.iter().enumerate() {
            match *part {
                "crate" => at = self.crate_folder(),
                "self" => {}
                "super" => at = at.rsplit_once('/').map_or(String::new(), |(up, _)| up.to_owned()),
                part if i == 0 && imported.is_none() && !self.is_module(&at, part) => {
                    at = format!("{}/{part}", self.crate_folder());
                }
                part => at = format!("{at}/{part}"),
            }
        }
        let candidates = [at.clone(), format!("{at}/mod")];
        let found = candidates
            .into_iter()
            .find(|c| self.source.tree.has(&format!("{}.rs", c.trim_start_matches('/'))))?;
        Some((found.trim_start_matches('/').to_owned(), name))
    }

    fn is_module(&self, folder: &str, name: &str) -> bool {
        let stem = format!("{folder}/{name}");
        let stem = stem.trim_start_matches('/');
        self.source.tree.has(&format!("{stem}.rs")) || self.source.tree.has(&format!("{stem}/mod.rs"))
    }

    /// The folder of the crate's sources.
    fn crate_folder(&self) -> String {
        let folder = self.source.folder();
        match folder.rfind("/src") {
            Some(at) => folder.get(..at + 4).unwrap_or(folder).to_owned(),
            None if folder.starts_with("src") => "src".to_owned(),
            None => folder.to_owned(),
        }
    }
}

/// Ranges of `#[cfg(test)]` modules.
fn tests(root: Node<'_>, source: &str) -> Vec<(usize, usize)> {
    let items = syntax::children(root);
    let pairs = items.iter().zip(items.iter().skip(1));
    pairs
        .filter(|(a, b)| {
            a.kind() == "attribute_item"
                && syntax::text(**a, source).contains("cfg(test)")
                && b.kind() == "mod_item"
        })
        .map(|(_, b)| (b.start_byte(), b.end_byte()))
        .collect()
}

/// The names an import gives: `a::{b, c::d as e}`.
fn imports(text: &str, out: &mut HashMap<String, String>) {
    let dense: String = text.chars().filter(|c| *c != '\n').collect();
    let (prefix, list) = match dense.split_once('{') {
        Some((prefix, rest)) => (prefix.trim(), rest.rsplit_once('}').map_or(rest, |(l, _)| l)),
        None => ("", dense.as_str()),
    };
    // Lists inside lists are rare; their names are left out.
    if list.contains('{') {
        return;
    }
    for item in list.split(',') {
        let (path, name) = match item.split_once(" as ") {
            Some((path, name)) => (path.trim(), name.trim()),
            None => (item.trim(), item.trim().rsplit("::").next().unwrap_or("").trim()),
        };
        if name.is_empty() || name == "*" {
            continue;
        }
        match name {
            "self" => {
                let path = prefix.trim_end_matches("::");
                out.insert(path.rsplit("::").next().unwrap_or(path).to_owned(), path.to_owned());
            }
            _ => _ = out.insert(name.to_owned(), format!("{prefix}{path}")),
        }
    }
}

/// Reads a call.
pub(crate) fn call<'s, 't>(node: Node<'t>, source: &'s str) -> Option<Call<'s, 't>> {
    let mut function = syntax::field(node, "function")?;
    if function.kind() == "generic_function" {
        function = syntax::field(function, "function")?;
    }
    let (receiver, path, name) = match function.kind() {
        "field_expression" => {
            (syntax::field(function, "value"), "", syntax::field_text(function, "field", source)?)
        }
        "scoped_identifier" => (
            None,
            syntax::field_text(function, "path", source).unwrap_or(""),
            syntax::field_text(function, "name", source)?,
        ),
        _ => (None, "", syntax::text(function, source)),
    };
    let arguments = syntax::field(node, "arguments").map(syntax::children).unwrap_or_default();
    let arguments =
        arguments.into_iter().filter(|a| !a.kind().contains("comment") && a.kind() != "attribute_item");
    Some(Call { node, name, path, receiver, arguments: arguments.collect() })
}

/// An expression without `?`, `.await`, references and brackets around it.
pub(crate) fn bare(node: Node<'_>) -> Node<'_> {
    let mut at = node;
    loop {
        let inner = match at.kind() {
            "try_expression" | "await_expression" | "parenthesized_expression" => {
                syntax::children(at).into_iter().next()
            }
            "reference_expression" => syntax::field(at, "value"),
            _ => None,
        };
        match inner {
            Some(inner) => at = inner,
            None => return at,
        }
    }
}

/// The attributes that stand before an item.
pub(crate) fn attributes<'s>(item: Node<'_>, source: &'s str) -> Vec<&'s str> {
    let mut out = Vec::new();
    let mut at = item.prev_named_sibling();
    while let Some(node) = at.filter(|n| n.kind() == "attribute_item" || n.kind().contains("comment")) {
        if node.kind() == "attribute_item" {
            out.push(syntax::text(node, source));
        }
        at = node.prev_named_sibling();
    }
    out
}
