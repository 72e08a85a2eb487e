//! A Python file, parsed once for all extractors: its imports, its assignments and who calls what.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use tree_sitter::{Node, Tree};

use crate::source::Source;
use crate::syntax;

/// Deepest chain of names that is followed.
const DEPTH: usize = 16;

/// A parsed file.
pub(crate) struct Code {
    path: String,
    pub(crate) text: String,
    tree: Tree,
    /// Local name to dotted origin: `r` to `requests`, `get` to `requests.get`, with leading dots when relative.
    imports: BTreeMap<String, String>,
    /// What names are given, by the name.
    assigns: BTreeMap<String, Vec<Assign>>,
    /// Functions of the file that read the environment variable named by a parameter: name to the position of the
    /// parameter.
    helpers: BTreeMap<String, usize>,
}

/// Most values of one name that are remembered: people write a few.
const VALUES: usize = 500;

/// A name that gets a value.
struct Assign {
    /// The function, class or module in which the name means this.
    scope: Range<usize>,
    at: usize,
    value: Range<usize>,
    /// Whether the value is a type: an annotation of a parameter.
    typed: bool,
}

thread_local! {
    /// The file that was parsed last: extractors of one file run one after the other.
    static LAST: RefCell<Option<Rc<Code>>> = const { RefCell::new(None) };
}

impl Code {
    /// The parsed file of a source; nothing when it cannot be parsed.
    pub(crate) fn of(source: &Source<'_>) -> Option<Rc<Self>> {
        LAST.with(|last| {
            let known = last.borrow().clone().filter(|c| c.path == source.path && c.text == source.text);
            if known.is_some() {
                return known;
            }
            let tree = syntax::parse(&tree_sitter_python::LANGUAGE.into(), source.text)?;
            let mut code = Self {
                path: source.path.to_owned(),
                text: source.text.to_owned(),
                tree,
                imports: BTreeMap::new(),
                assigns: BTreeMap::new(),
                helpers: BTreeMap::new(),
            };
            let (imports, assigns, helpers) = (imports(&code), assigns(&code), helpers(&code));
            (code.imports, code.assigns, code.helpers) = (imports, assigns, helpers);
            let code = Rc::new(code);
            *last.borrow_mut() = Some(Rc::clone(&code));
            Some(code)
        })
    }

    /// The whole file.
    pub(crate) fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    /// The text of a node.
    pub(crate) fn text_of(&self, node: Node<'_>) -> &str {
        syntax::text(node, &self.text)
    }

    /// The text of a field.
    pub(crate) fn field(&self, node: Node<'_>, name: &str) -> &str {
        syntax::field_text(node, name, &self.text).unwrap_or("")
    }

    /// The calls of the file.
    pub(crate) fn calls(&self) -> impl Iterator<Item = Node<'_>> {
        syntax::of_kind(self.root(), "call")
    }

    /// Where a local name comes from; nothing when it is not imported.
    pub(crate) fn import(&self, name: &str) -> Option<&str> {
        self.imports.get(name).map(String::as_str)
    }

    /// Whether anything of a module is imported: `flask` for `from flask import Flask`.
    pub(crate) fn uses(&self, module: &str) -> bool {
        self.imports
            .values()
            .any(|i| i.strip_prefix(module).is_some_and(|r| r.is_empty() || r.starts_with('.')))
    }

    /// The imports, local name first.
    pub(crate) fn imported(&self) -> impl Iterator<Item = (&str, &str)> {
        self.imports.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// The position of the parameter that names the variable, when a function of this file reads the environment.
    pub(crate) fn env_helper(&self, name: &str) -> Option<usize> {
        self.helpers.get(name).copied()
    }

    /// A dotted name with its first part resolved by the imports: `requests.get` for `r.get`. Calls in the chain
    /// are written `()`.
    pub(crate) fn dotted(&self, node: Node<'_>) -> String {
        let mut tail: Vec<String> = Vec::new();
        let mut at = node;
        for _ in 0..DEPTH {
            match at.kind() {
                "attribute" => {
                    tail.push(self.field(at, "attribute").to_owned());
                    let Some(object) = syntax::field(at, "object") else { break };
                    at = object;
                }
                "call" => {
                    tail.push("()".to_owned());
                    let Some(function) = syntax::field(at, "function") else { break };
                    at = function;
                }
                "await" | "parenthesized_expression" => {
                    let Some(inner) = at.named_child(0) else { break };
                    at = inner;
                }
                "identifier" => {
                    let name = self.text_of(at);
                    tail.push(self.import(name).unwrap_or(name).to_owned());
                    break;
                }
                "string" | "concatenated_string" => {
                    tail.push("str".to_owned());
                    break;
                }
                _ => {
                    tail.push("?".to_owned());
                    break;
                }
            }
        }
        let mut name = String::new();
        for part in tail.iter().rev() {
            if !name.is_empty() && part != "()" {
                name.push('.');
            }
            name.push_str(part);
        }
        name
    }

    /// What a call calls, by its dotted name.
    pub(crate) fn callee(&self, call: Node<'_>) -> String {
        syntax::field(call, "function").map_or_else(String::new, |f| self.dotted(f))
    }

    /// The object and the method of a call: what the object was made by (`redis.Redis`), when that is known, else
    /// its dotted name. A plain function has an empty object.
    pub(crate) fn method(&self, call: Node<'_>) -> (String, String) {
        let Some(function) = syntax::field(call, "function") else { return Default::default() };
        if function.kind() != "attribute" {
            return (String::new(), self.dotted(function));
        }
        let method = self.field(function, "attribute").to_owned();
        let object = syntax::field(function, "object");
        (object.map_or_else(String::new, |o| self.made_by(o)), method)
    }

    /// What made an object: the constructor's dotted name, without the final `()`.
    pub(crate) fn made_by(&self, node: Node<'_>) -> String {
        let mut at = node;
        for _ in 0..DEPTH {
            while matches!(at.kind(), "await" | "parenthesized_expression") {
                let Some(inner) = at.named_child(0) else { break };
                at = inner;
            }
            if at.kind() == "call" {
                let name = self.callee(at);
                // a function of this file that returns the object
                match self.returned(&name) {
                    Some(next) => {
                        at = next;
                        continue;
                    }
                    None => return name,
                }
            }
            match self.lookup(self.text_of(at), at) {
                Some((value, true)) => return self.dotted(value),
                Some((value, false)) if value.id() != at.id() => at = value,
                _ => break,
            }
        }
        self.dotted(at)
    }

    /// What a function of this file returns, when it is a call or a name.
    fn returned(&self, name: &str) -> Option<Node<'_>> {
        let name = name.strip_prefix("self.").unwrap_or(name);
        if name.is_empty() || name.contains('.') {
            return None;
        }
        let function = self.function(name)?;
        let back = syntax::of_kind(function, "return_statement").filter_map(|r| r.named_child(0)).last()?;
        matches!(back.kind(), "call" | "identifier" | "attribute").then_some(back)
    }

    /// A function of this file.
    pub(crate) fn function(&self, name: &str) -> Option<Node<'_>> {
        syntax::of_kind(self.root(), "function_definition").find(|f| self.field(*f, "name") == name)
    }

    /// A class of this file.
    pub(crate) fn class(&self, name: &str) -> Option<Node<'_>> {
        syntax::of_kind(self.root(), "class_definition").find(|c| self.field(*c, "name") == name)
    }

    /// The value of a name as seen from a node, and whether it is only a type. Of several values the first in the
    /// innermost scope counts: later ones are usually corrections under a condition.
    pub(crate) fn lookup(&self, name: &str, from: Node<'_>) -> Option<(Node<'_>, bool)> {
        let (first, _) = self.values(name, from)?;
        Some((self.node(first.value.clone())?, first.typed))
    }

    /// The value that a later assignment gives a name whose first one may be missing: `if not x: x = "y"`.
    pub(crate) fn fallback(&self, name: &str, from: Node<'_>) -> Option<Node<'_>> {
        let (_, second) = self.values(name, from)?;
        self.node(second?.value.clone())
    }

    fn values(&self, name: &str, from: Node<'_>) -> Option<(&Assign, Option<&Assign>)> {
        let at = from.start_byte();
        let given = self.assigns.get(name)?;
        let seen = |a: &&Assign| a.scope.contains(&at);
        let inner = given.iter().filter(seen).map(|a| a.scope.start).max()?;
        let mut all: Vec<&Assign> = given.iter().filter(seen).filter(|a| a.scope.start == inner).collect();
        if all.iter().any(|a| a.at < at) {
            all.retain(|a| a.at < at);
        }
        // a value beats the annotation of the parameter
        all.sort_by_key(|a| (a.typed, a.at));
        Some((*all.first()?, all.get(1).copied()))
    }

    fn node(&self, range: Range<usize>) -> Option<Node<'_>> {
        self.root().named_descendant_for_byte_range(range.start, range.end)
    }

    /// The argument with a keyword, else at a position.
    pub(crate) fn arg<'t>(&self, call: Node<'t>, position: Option<usize>, keyword: &str) -> Option<Node<'t>> {
        let arguments = syntax::children(syntax::field(call, "arguments")?);
        let named =
            arguments.iter().find(|a| a.kind() == "keyword_argument" && self.field(**a, "name") == keyword);
        if let Some(named) = named {
            return syntax::field(*named, "value");
        }
        let plain = |a: &&Node<'_>| {
            !matches!(a.kind(), "keyword_argument" | "comment" | "dictionary_splat" | "list_splat")
        };
        arguments.iter().filter(plain).nth(position?).copied()
    }

    /// Whether a call passes its keywords on from elsewhere: `f(**options)`.
    pub(crate) fn splats(&self, call: Node<'_>) -> bool {
        syntax::field(call, "arguments")
            .is_some_and(|a| syntax::children(a).iter().any(|c| c.kind() == "dictionary_splat"))
    }

    /// The function around a node.
    pub(crate) fn around<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        syntax::ancestor(node, &["function_definition"])
    }

    /// The names of a function's parameters, in order.
    pub(crate) fn parameters(&self, function: Node<'_>) -> Vec<String> {
        let Some(list) = syntax::field(function, "parameters") else { return Vec::new() };
        syntax::children(list)
            .into_iter()
            .filter_map(|p| Some(self.text_of(parameter_name(p)?).to_owned()))
            .collect()
    }

    /// The decorators of a function or class, without the at sign.
    pub(crate) fn decorators<'t>(&self, definition: Node<'t>) -> Vec<Node<'t>> {
        let Some(parent) = definition.parent().filter(|p| p.kind() == "decorated_definition") else {
            return Vec::new();
        };
        let decorators = syntax::children(parent).into_iter().filter(|c| c.kind() == "decorator");
        decorators.filter_map(|d| d.named_child(0)).collect()
    }

    /// The base classes of a class, by dotted name.
    pub(crate) fn bases(&self, class: Node<'_>) -> Vec<String> {
        let Some(list) = syntax::field(class, "superclasses") else { return Vec::new() };
        let base = |c: &Node<'_>| matches!(c.kind(), "identifier" | "attribute" | "subscript");
        syntax::children(list).iter().filter(|c| base(c)).map(|c| self.dotted(head(*c))).collect()
    }

    /// The value of a class attribute.
    pub(crate) fn attribute<'t>(&self, class: Node<'t>, name: &str) -> Option<Node<'t>> {
        let body = syntax::field(class, "body")?;
        syntax::children(body).into_iter().find_map(|s| {
            let assign = s.named_child(0).filter(|a| a.kind() == "assignment")?;
            (self.field(assign, "left") == name).then(|| syntax::field(assign, "right")).flatten()
        })
    }

    /// The methods and functions directly inside a class.
    pub(crate) fn methods<'t>(&self, class: Node<'t>) -> Vec<Node<'t>> {
        let Some(body) = syntax::field(class, "body") else { return Vec::new() };
        let inner = |s: Node<'t>| match s.kind() {
            "decorated_definition" => syntax::field(s, "definition"),
            _ => Some(s),
        };
        syntax::children(body)
            .into_iter()
            .filter_map(inner)
            .filter(|s| s.kind() == "function_definition")
            .collect()
    }
}

/// What a subscripted name is about: `Generic` of `Generic[T]`.
fn head(node: Node<'_>) -> Node<'_> {
    if node.kind() == "subscript" { syntax::field(node, "value").unwrap_or(node) } else { node }
}

/// The identifier of a parameter.
fn parameter_name(parameter: Node<'_>) -> Option<Node<'_>> {
    match parameter.kind() {
        "identifier" => Some(parameter),
        "default_parameter" | "typed_default_parameter" => syntax::field(parameter, "name"),
        "typed_parameter" => parameter.named_child(0).filter(|n| n.kind() == "identifier"),
        _ => None,
    }
}

fn imports(code: &Code) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for node in syntax::descendants(code.root()) {
        let from = match node.kind() {
            "import_statement" => None,
            "import_from_statement" => Some(code.field(node, "module_name")),
            _ => continue,
        };
        let mut cursor = node.walk();
        for name in node.children_by_field_name("name", &mut cursor) {
            let (what, alias) = match name.kind() {
                "aliased_import" => (code.field(name, "name"), Some(code.field(name, "alias"))),
                _ => (code.text_of(name), None),
            };
            match from {
                Some(module) => {
                    let dot = if module.ends_with('.') { "" } else { "." };
                    found.insert(alias.unwrap_or(what).to_owned(), format!("{module}{dot}{what}"));
                }
                None => match alias {
                    Some(alias) => _ = found.insert(alias.to_owned(), what.to_owned()),
                    None => {
                        let first = what.split('.').next().unwrap_or(what);
                        found.entry(first.to_owned()).or_insert_with(|| first.to_owned());
                        found.insert(what.to_owned(), what.to_owned());
                    }
                },
            }
        }
    }
    found
}

fn assigns(code: &Code) -> BTreeMap<String, Vec<Assign>> {
    let mut found: BTreeMap<String, Vec<Assign>> = BTreeMap::new();
    for node in syntax::descendants(code.root()) {
        let (left, value, typed) = match node.kind() {
            "assignment" => (syntax::field(node, "left"), syntax::field(node, "right"), false),
            "named_expression" => (syntax::field(node, "name"), syntax::field(node, "value"), false),
            "as_pattern" => {
                (syntax::field(node, "alias").and_then(|a| a.named_child(0)), node.named_child(0), false)
            }
            "typed_parameter" => {
                (node.named_child(0), syntax::field(node, "type").and_then(|t| t.named_child(0)), true)
            }
            "default_parameter" => (syntax::field(node, "name"), syntax::field(node, "value"), false),
            "typed_default_parameter" => (
                syntax::field(node, "name"),
                syntax::field(node, "type").and_then(|t| t.named_child(0)),
                true,
            ),
            _ => continue,
        };
        let (Some(left), Some(value)) = (left, value) else { continue };
        if !matches!(left.kind(), "identifier" | "attribute" | "subscript") {
            continue;
        }
        let name = code.text_of(left);
        let class = syntax::ancestor(node, &["class_definition"]);
        let function = syntax::ancestor(node, &["function_definition"]);
        // the nearest definition around it decides
        let in_class = class.filter(|c| function.is_none_or(|f| f.start_byte() < c.start_byte()));
        let whole = 0..code.text.len() + 1;
        let mut add = |name: String, scope: Range<usize>| {
            let given = found.entry(name).or_default();
            if given.len() < VALUES {
                given.push(Assign { scope, at: node.start_byte(), value: value.byte_range(), typed });
            }
        };
        if let Some(class) = in_class {
            add(format!("self.{name}"), class.byte_range());
            add(format!("cls.{name}"), class.byte_range());
            add(format!("{}.{name}", code.field(class, "name")), whole);
            add(name.to_owned(), class.byte_range());
        } else if name.starts_with("self.") {
            add(name.to_owned(), class.map_or(whole, |c| c.byte_range()));
        } else {
            add(name.to_owned(), function.map_or(whole, |f| f.byte_range()));
        }
    }
    found
}

/// Functions that read the environment variable one of their parameters names.
fn helpers(code: &Code) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for function in syntax::of_kind(code.root(), "function_definition") {
        let parameters = code.parameters(function);
        let read = syntax::descendants(function).find_map(|n| {
            let key = match n.kind() {
                "subscript" if code.field(n, "value").ends_with("environ") => syntax::field(n, "subscript"),
                "call" if matches!(code.callee(n).as_str(), "os.getenv" | "os.environ.get") => {
                    code.arg(n, Some(0), "key")
                }
                _ => None,
            }?;
            parameters.iter().position(|p| p == code.text_of(key))
        });
        if let Some(position) = read {
            let offset = usize::from(matches!(parameters.first().map(String::as_str), Some("self" | "cls")));
            found.insert(code.field(function, "name").to_owned(), position.saturating_sub(offset));
        }
    }
    found
}
