//! A Go file, parsed once for all extractors: imports, assignments, and expressions as templates.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use tree_sitter::{Node, Tree};

use crate::source::Source;
use crate::syntax;

/// Kinds of nodes that are functions.
pub(crate) const FUNCTIONS: &[&str] = &["function_declaration", "method_declaration", "func_literal"];

/// A parsed file.
pub(crate) struct Code {
    path: String,
    pub(crate) text: String,
    tree: Tree,
    /// Local name to import path.
    imports: BTreeMap<String, String>,
    assigns: Vec<Assign>,
    /// Functions of the file that read the variable named by a parameter: name to its position.
    helpers: BTreeMap<String, usize>,
}

/// A name that gets a value.
struct Assign {
    name: String,
    scope: Range<usize>,
    at: usize,
    value: Value,
}

/// A value: an expression, or the variable of the environment it is read from.
pub(crate) enum Value {
    Node(Range<usize>),
    Variable(String),
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
            let tree = syntax::parse(&tree_sitter_go::LANGUAGE.into(), source.text)?;
            let mut code = Self {
                path: source.path.to_owned(),
                text: source.text.to_owned(),
                tree,
                imports: BTreeMap::new(),
                assigns: Vec::new(),
                helpers: BTreeMap::new(),
            };
            code.imports = imports(&code);
            code.helpers = helpers(&code);
            code.assigns = assigns(&code);
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
        syntax::of_kind(self.root(), "call_expression")
    }

    /// The name of the package.
    pub(crate) fn package(&self) -> &str {
        syntax::of_kind(self.root(), "package_identifier").next().map_or("", |p| self.text_of(p))
    }

    /// The import path behind a local name.
    pub(crate) fn import(&self, name: &str) -> Option<&str> {
        self.imports.get(name).map(String::as_str)
    }

    /// Whether a package, or one below it, is imported.
    pub(crate) fn uses(&self, path: &str) -> bool {
        self.imports
            .values()
            .any(|i| i.strip_prefix(path).is_some_and(|r| r.is_empty() || r.starts_with('/')))
    }

    /// The import paths.
    pub(crate) fn imported(&self) -> impl Iterator<Item = &str> {
        self.imports.values().map(String::as_str)
    }

    /// What a call calls: package path and name (`net/http.Get`), else as written.
    pub(crate) fn callee(&self, call: Node<'_>) -> String {
        syntax::field(call, "function").map_or_else(String::new, |f| self.dotted(f))
    }

    /// A selector with its package resolved.
    pub(crate) fn dotted(&self, node: Node<'_>) -> String {
        if node.kind() == "selector_expression" {
            let operand = self.field(node, "operand");
            let name = self.field(node, "field");
            return match self.import(operand) {
                Some(path) => format!("{path}.{name}"),
                None => format!("{operand}.{name}"),
            };
        }
        self.text_of(node).to_owned()
    }

    /// The method of a call and the expression it is called on.
    pub(crate) fn method<'t>(&self, call: Node<'t>) -> Option<(Node<'t>, &str)> {
        let function = syntax::field(call, "function").filter(|f| f.kind() == "selector_expression")?;
        Some((syntax::field(function, "operand")?, self.field(function, "field")))
    }

    /// The arguments of a call.
    pub(crate) fn args<'t>(&self, call: Node<'t>) -> Vec<Node<'t>> {
        let list = syntax::field(call, "arguments").map(syntax::children).unwrap_or_default();
        list.into_iter().filter(|a| a.kind() != "comment").collect()
    }

    /// One argument of a call.
    pub(crate) fn arg<'t>(&self, call: Node<'t>, position: usize) -> Option<Node<'t>> {
        self.args(call).get(position).copied()
    }

    /// The function around a node.
    pub(crate) fn around<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        syntax::ancestor(node, FUNCTIONS)
    }

    /// The declared function or method around a node.
    pub(crate) fn declared<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        syntax::ancestor(node, &["function_declaration", "method_declaration"])
    }

    /// A function or method of this file.
    pub(crate) fn function(&self, name: &str) -> Option<Node<'_>> {
        syntax::children(self.root())
            .into_iter()
            .filter(|n| matches!(n.kind(), "function_declaration" | "method_declaration"))
            .find(|f| self.field(*f, "name") == name)
    }

    /// The names of a function's parameters in order, with their types.
    pub(crate) fn parameters(&self, function: Node<'_>) -> Vec<(String, String)> {
        let Some(list) = syntax::field(function, "parameters") else { return Vec::new() };
        let mut found = Vec::new();
        for declaration in syntax::children(list) {
            let kind = self.field(declaration, "type").to_owned();
            let mut cursor = declaration.walk();
            let names: Vec<_> = declaration.children_by_field_name("name", &mut cursor).collect();
            found.extend(names.iter().map(|n| (self.text_of(*n).to_owned(), kind.clone())));
        }
        found
    }

    /// The values of the keys of a composite literal.
    pub(crate) fn keyed<'t>(&self, literal: Node<'t>, key: &str) -> Option<Node<'t>> {
        let body = syntax::field(literal, "body")?;
        syntax::children(body).into_iter().filter(|e| e.kind() == "keyed_element").find_map(|e| {
            (self.text_of(e.named_child(0)?) == key).then(|| e.named_child(1).map(inner)).flatten()
        })
    }

    /// The composite literal that an expression is or was made by: `&http.Client{...}`, a variable of one.
    pub(crate) fn composite<'t>(&'t self, node: Node<'t>) -> Option<Node<'t>> {
        let mut at = inner(node);
        for _ in 0..6 {
            match at.kind() {
                "composite_literal" => return Some(at),
                "unary_expression" => at = syntax::field(at, "operand")?,
                "identifier" | "selector_expression" => match self.lookup(self.text_of(at), at)?.0 {
                    Value::Node(range) => {
                        let next = self.node(range)?;
                        if next.id() == at.id() {
                            return None;
                        }
                        at = next;
                    }
                    Value::Variable(_) => return None,
                },
                _ => return None,
            }
        }
        None
    }

    /// The call that made an expression.
    pub(crate) fn made_by<'t>(&'t self, node: Node<'t>) -> Option<Node<'t>> {
        let mut at = inner(node);
        for _ in 0..6 {
            match at.kind() {
                "call_expression" => return Some(at),
                "identifier" | "selector_expression" => match self.lookup(self.text_of(at), at)?.0 {
                    Value::Node(range) => {
                        let next = self.node(range)?;
                        if next.id() == at.id() {
                            return None;
                        }
                        at = next;
                    }
                    Value::Variable(_) => return None,
                },
                _ => return None,
            }
        }
        None
    }

    pub(super) fn node(&self, range: &Range<usize>) -> Option<Node<'_>> {
        self.root().named_descendant_for_byte_range(range.start, range.end)
    }

    /// The position of the parameter that names the variable, in functions that read the environment.
    pub(super) fn env_helper(&self, name: &str) -> Option<usize> {
        self.helpers.get(name).copied()
    }

    /// The first and second value of a name as seen from a node. A field is also found under another object's name.
    pub(super) fn lookup(&self, name: &str, from: Node<'_>) -> Option<(&Value, Option<&Value>)> {
        let at = from.start_byte();
        let mut all: Vec<&Assign> =
            self.assigns.iter().filter(|a| a.name == name && a.scope.contains(&at)).collect();
        if all.is_empty()
            && let Some((_, field)) = name.rsplit_once('.')
        {
            let suffix = format!(".{field}");
            all = self.assigns.iter().filter(|a| a.name.ends_with(&suffix)).collect();
        }
        let inner = all.iter().map(|a| a.scope.start).max()?;
        all.retain(|a| a.scope.start == inner);
        if inner > 0 && all.iter().any(|a| a.at < at) {
            all.retain(|a| a.at < at);
        }
        all.sort_by_key(|a| a.at);
        Some((&all.first()?.value, all.get(1).map(|a| &a.value)))
    }
}

/// What stands inside parentheses and elements of literals.
pub(crate) fn inner(node: Node<'_>) -> Node<'_> {
    let mut at = node;
    for _ in 0..6 {
        match at.kind() {
            "literal_element" | "parenthesized_expression" | "expression_list" => match at.named_child(0) {
                Some(next) => at = next,
                None => break,
            },
            _ => break,
        }
    }
    at
}

fn imports(code: &Code) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for spec in syntax::of_kind(code.root(), "import_spec") {
        let path = syntax::unquoted(code.field(spec, "path")).to_owned();
        let alias = code.field(spec, "name");
        // packages imported for their effects keep their path as name
        let name = match alias {
            "" => package_name(&path),
            "_" | "." => format!("{alias} {path}"),
            alias => alias.to_owned(),
        };
        found.insert(name, path);
    }
    found
}

/// The name of a package by its path: `redis` of `github.com/redis/go-redis/v9`.
fn package_name(path: &str) -> String {
    let mut parts = path.rsplit('/');
    let mut last = parts.next().unwrap_or(path);
    let is_version =
        last.strip_prefix('v').is_some_and(|v| !v.is_empty() && v.chars().all(|c| c.is_ascii_digit()));
    if is_version {
        last = parts.next().unwrap_or(last);
    }
    let last = last.split(".v").next().unwrap_or(last);
    let last = last
        .strip_prefix("go-")
        .or_else(|| last.strip_suffix("-go"))
        .or_else(|| last.strip_suffix(".go"))
        .unwrap_or(last);
    match path {
        "github.com/elastic/go-elasticsearch" => "elasticsearch".to_owned(),
        _ => last.to_owned(),
    }
}

fn assigns(code: &Code) -> Vec<Assign> {
    let mut found = Vec::new();
    let whole = 0..code.text.len() + 1;
    for node in syntax::descendants(code.root()) {
        let function = code.around(node).map(|f| f.byte_range());
        match node.kind() {
            "short_var_declaration" | "assignment_statement" => {
                let (Some(left), Some(right)) = (syntax::field(node, "left"), syntax::field(node, "right"))
                else {
                    continue;
                };
                let (left, right) = (syntax::children(left), syntax::children(right));
                let is_new = node.kind() == "short_var_declaration";
                for (i, name) in left.iter().enumerate() {
                    // `a, err := f()` gives the call to its first name
                    let Some(value) = right.get(i).or(if i == 0 { right.first() } else { None }) else {
                        continue;
                    };
                    let text = code.text_of(*name).to_owned();
                    let local = is_new
                        || found.iter().any(|a: &Assign| {
                            a.name == text && a.scope.start > 0 && a.scope.contains(&node.start_byte())
                        });
                    let scope = match (&function, local) {
                        (Some(function), true) => function.clone(),
                        _ => whole.clone(),
                    };
                    found.push(Assign {
                        name: text,
                        scope,
                        at: node.start_byte(),
                        value: Value::Node(value.byte_range()),
                    });
                }
            }
            "var_spec" | "const_spec" => {
                let Some(value) = syntax::field(node, "value") else { continue };
                let mut cursor = node.walk();
                let names: Vec<_> = node.children_by_field_name("name", &mut cursor).collect();
                for (name, value) in names.iter().zip(syntax::children(value)) {
                    let scope = function.clone().unwrap_or_else(|| whole.clone());
                    let name = code.text_of(*name).to_owned();
                    found.push(Assign {
                        name,
                        scope,
                        at: node.start_byte(),
                        value: Value::Node(value.byte_range()),
                    });
                }
            }
            "keyed_element" => {
                let (Some(key), Some(value)) = (node.named_child(0), node.named_child(1)) else { continue };
                let name = format!(".{}", code.text_of(key));
                if inner(key).kind() == "identifier" {
                    let value = Value::Node(inner(value).byte_range());
                    found.push(Assign { name, scope: whole.clone(), at: node.start_byte(), value });
                }
            }
            "call_expression" => mapped(code, node, &whole, &mut found),
            "field_declaration" => tagged(code, node, &whole, &mut found),
            _ => {}
        }
    }
    found
}

/// `mapEnv(&target, "KEY")`: a name that a function fills from the environment.
fn mapped(code: &Code, call: Node<'_>, whole: &Range<usize>, found: &mut Vec<Assign>) {
    let args = code.args(call);
    let Some(target) =
        args.iter().find(|a| a.kind() == "unary_expression" && code.text_of(**a).starts_with('&'))
    else {
        return;
    };
    let callee = code.callee(call);
    let is_env = code.helpers.contains_key(&callee) || callee.to_ascii_lowercase().contains("env");
    let key = args
        .iter()
        .filter(|a| a.kind() == "interpreted_string_literal")
        .map(|a| syntax::unquoted(code.text_of(*a)))
        .find(|k| is_variable(k));
    if let Some(key) = key.filter(|_| is_env) {
        let name = code.field(*target, "operand").to_owned();
        let value = Value::Variable(crate::template::placeholder(key, None));
        found.push(Assign { name, scope: whole.clone(), at: call.start_byte(), value });
    }
}

/// Fields of structs that are filled from the environment: `env:"KEY,default=x"`, `envconfig:"KEY" default:"x"`.
fn tagged(code: &Code, field: Node<'_>, whole: &Range<usize>, found: &mut Vec<Assign>) {
    let Some((key, default)) = env_tag(code.field(field, "tag")) else { return };
    let name = format!(".{}", code.field(field, "name"));
    let value = Value::Variable(crate::template::placeholder(&key, default.as_deref()));
    found.push(Assign { name, scope: whole.clone(), at: field.start_byte(), value });
}

/// The variable and the default in the tag of a field.
pub(crate) fn env_tag(tag: &str) -> Option<(String, Option<String>)> {
    let part = |key: &str| {
        let (_, rest) = tag.split_once(&format!("{key}:\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    let value = part("env").or_else(|| part("envconfig"))?;
    let mut options = value.split(',');
    let key = options.next().unwrap_or("").trim().to_owned();
    let inside = options.find_map(|o| o.trim().strip_prefix("default=").map(str::to_owned));
    let default =
        inside.or_else(|| part("envDefault")).or_else(|| part("default")).or_else(|| part("env-default"));
    is_variable(&key).then_some((key, default.filter(|d| !d.is_empty())))
}

/// Whether a text is written like a variable of the environment.
pub(crate) fn is_variable(text: &str) -> bool {
    text.len() > 1
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        && text.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Functions that read the variable one of their parameters names.
fn helpers(code: &Code) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for call in code.calls() {
        if !matches!(code.callee(call).as_str(), "os.Getenv" | "os.LookupEnv") {
            continue;
        }
        let Some(function) = code.declared(call) else { continue };
        let Some(key) = code.arg(call, 0).filter(|k| k.kind() == "identifier") else { continue };
        let position = code.parameters(function).iter().position(|(p, _)| p == code.text_of(key));
        if let Some(position) = position {
            found.insert(code.field(function, "name").to_owned(), position);
        }
    }
    found
}
