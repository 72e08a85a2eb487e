//! A file of JavaScript or TypeScript with its names: which package or value an identifier stands for.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use tree_sitter::{Language, Node, Tree};

use crate::source::Source;
use crate::syntax;

/// Most named nodes of a file that people write; beyond it the file is generated data.
const MOST_NODES: usize = 400_000;

/// Most bytes that questions about one file may search: a hostile file asks them again and again.
const SEARCHED: usize = 50_000_000;

/// Longest text of something that is no string and still compared with words.
const SHORT: usize = 300;

/// Most declarations of one name that are told apart.
pub(super) const SAME_NAME: usize = 50;

/// Most steps from a name to what it stands for.
pub(super) const STEPS: usize = 12;

/// Most ancestors that are looked at.
const CLIMB: usize = 256;

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bound<'t> {
    /// A package (or a file, when it starts with `.`), or a member of it.
    Package(&'t str, &'t str),
    /// The value of an expression.
    Value(Node<'t>),
    /// A member of the value of an expression, with its default.
    Member(Node<'t>, &'t str, Option<Node<'t>>),
    /// An instance of a type.
    Typed(Node<'t>),
    /// A parameter.
    Parameter,
}

/// Where a value comes from: a package and the way through it, such as `express` and `Router()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin<'t> {
    /// The package.
    pub(super) package: &'t str,
    /// Members joined by dots, calls and constructions as `()`.
    pub(super) path: String,
}

/// A parsed file.
#[derive(Debug)]
pub(super) struct Js<'t> {
    /// Its text.
    pub(super) text: &'t str,
    /// Every named node, in the order of the text.
    pub(super) nodes: Vec<Node<'t>>,
    parents: Vec<usize>,
    index: HashMap<usize, usize>,
    pub(super) names: HashMap<&'t str, Vec<(usize, usize, Bound<'t>)>>,
    pub(super) fields: HashMap<&'t str, Bound<'t>>,
    loads: Vec<(Node<'t>, &'t str)>,
    left: Cell<usize>,
    /// What evaluating one expression may still cost.
    pub(super) fuel: Cell<usize>,
}

thread_local! {
    /// The file parsed last on this thread: several extractors read one file after the other.
    static LAST: RefCell<Option<(u64, Option<Tree>)>> = const { RefCell::new(None) };
}

/// Whether a path is of JavaScript or TypeScript that people write.
pub(super) fn is_script(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let Some((_, end)) = lower.rsplit_once('.') else { return false };
    matches!(end, "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts")
        && !lower.ends_with(".min.js")
        && !lower.ends_with(".d.ts")
        && !lower.ends_with(".config.js")
        && !lower.ends_with(".config.ts")
        && !lower.ends_with(".stories.tsx")
        && !is_copied(&lower)
}

/// Whether a script is a copy of a library that pages load.
fn is_copied(lower: &str) -> bool {
    const LIBRARIES: &[&str] = &[
        "jquery",
        "vue",
        "react",
        "react-dom",
        "angular",
        "bootstrap",
        "d3",
        "lodash",
        "underscore",
        "moment",
        "axios",
        "backbone",
        "ember",
        "handlebars",
        "knockout",
        "modernizr",
        "require",
        "popper",
        "select2",
        "datatables",
        "echarts",
        "chart",
        "leaflet",
        "amazeui",
        "layui",
    ];
    let name = lower.rsplit('/').next().unwrap_or(lower);
    let stem = name.trim_end_matches(".js");
    let plain = stem.split(|c: char| c == '.' || (c == '-' && stem.contains(".min"))).next().unwrap_or(stem);
    let library = plain.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let of_pages = ["assets/", "static/", "public/", "wwwroot/", "webapp/", "lib/", "libs/", "plugins/"];
    name.ends_with(".js")
        && of_pages.iter().any(|f| lower.contains(f))
        && (LIBRARIES.contains(&library)
            || ["/vendor/", "/vendors/", "/bower_components/"].iter().any(|f| lower.contains(f)))
}

/// Reads a file that is neither a test nor generated.
pub(super) fn read(source: &Source<'_>, reader: impl FnOnce(&Js<'_>)) {
    if source.is_test() {
        return;
    }
    let Some(tree) = parse(source) else { return };
    if let Some(js) = Js::new(&tree, source.text) {
        reader(&js);
    }
}

fn parse(source: &Source<'_>) -> Option<Tree> {
    let mut hasher = DefaultHasher::new();
    (source.path, source.text).hash(&mut hasher);
    let key = hasher.finish();
    let known = LAST.with_borrow(|last| last.as_ref().filter(|(k, _)| *k == key).map(|(_, t)| t.clone()));
    if let Some(known) = known {
        return known;
    }
    let tree = syntax::parse(&language(source.path), source.text);
    LAST.with_borrow_mut(|last| *last = Some((key, tree.clone())));
    tree
}

fn language(path: &str) -> Language {
    let end = path.rsplit('.').next().unwrap_or("");
    match end {
        "ts" | "mts" | "cts" => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        "tsx" => tree_sitter_typescript::LANGUAGE_TSX.into(),
        _ => tree_sitter_javascript::LANGUAGE.into(),
    }
}

impl<'t> Js<'t> {
    fn new(tree: &'t Tree, text: &'t str) -> Option<Self> {
        let mut js = Self {
            text,
            nodes: Vec::new(),
            parents: Vec::new(),
            index: HashMap::new(),
            names: HashMap::new(),
            fields: HashMap::new(),
            loads: Vec::new(),
            left: Cell::new(SEARCHED),
            fuel: Cell::new(0),
        };
        let mut stack = vec![(tree.root_node(), 0)];
        while let Some((node, parent)) = stack.pop() {
            let at = js.nodes.len();
            if at >= MOST_NODES {
                return None;
            }
            js.nodes.push(node);
            js.parents.push(parent);
            js.index.insert(node.id(), at);
            let first = stack.len();
            let mut cursor = node.walk();
            stack.extend(node.named_children(&mut cursor).map(|c| (c, at)));
            stack[first..].reverse();
        }
        for at in 0..js.nodes.len() {
            js.declare(js.nodes[at]);
        }
        js.loads = js.nodes.iter().filter_map(|n| js.load(*n).map(|p| (*n, p))).take(2000).collect();
        Some(js)
    }

    /// The whole file.
    pub(super) fn root(&self) -> Node<'t> {
        self.nodes[0]
    }

    /// The text of a node.
    pub(super) fn of(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or("")
    }

    /// The parent.
    pub(super) fn parent(&self, node: Node<'t>) -> Option<Node<'t>> {
        let at = *self.index.get(&node.id())?;
        (at > 0).then(|| self.nodes[self.parents[at]])
    }

    /// The ancestors, the nearest first.
    pub(super) fn ancestors(&self, node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
        let mut at = Some(node);
        std::iter::from_fn(move || {
            at = at.and_then(|n| self.parent(n));
            at
        })
        .take(CLIMB)
    }

    /// The nearest function around a node.
    pub(super) fn function_around(&self, node: Node<'t>) -> Option<Node<'t>> {
        self.ancestors(node).find(|n| is_function(*n))
    }

    /// The nearest class around a node.
    pub(super) fn class_around(&self, node: Node<'t>) -> Option<Node<'t>> {
        self.ancestors(node)
            .find(|n| matches!(n.kind(), "class_declaration" | "class" | "abstract_class_declaration"))
    }

    /// The nodes of a kind.
    pub(super) fn all(&self, kind: &'static str) -> impl Iterator<Item = Node<'t>> + '_ {
        self.nodes.iter().copied().filter(move |n| n.kind() == kind)
    }

    /// The nodes below (and with) a node.
    pub(super) fn below(&self, node: Node<'t>) -> &[Node<'t>] {
        let Some(first) = self.index.get(&node.id()).copied() else { return &[] };
        let end = node.end_byte();
        let length =
            self.nodes[first..].iter().take_while(|n| n.start_byte() < end || n.id() == node.id()).count();
        &self.nodes[first..first + length]
    }

    /// Calls and constructions.
    pub(super) fn calls(&self) -> impl Iterator<Item = Node<'t>> + '_ {
        self.nodes.iter().copied().filter(|n| matches!(n.kind(), "call_expression" | "new_expression"))
    }

    /// What a call calls or a construction constructs.
    pub(super) fn callee(&self, call: Node<'t>) -> Option<Node<'t>> {
        syntax::field(call, if call.kind() == "new_expression" { "constructor" } else { "function" })
    }

    /// The object and name of a called member: `router` and `get` of `router.get(...)`.
    pub(super) fn method(&self, call: Node<'t>) -> Option<(Node<'t>, &'t str)> {
        let callee = self.callee(call).filter(|c| c.kind() == "member_expression")?;
        Some((syntax::field(callee, "object")?, syntax::field_text(callee, "property", self.text)?))
    }

    /// The last name of what is called: `get` of `router.get`, `fetch` of `fetch`.
    pub(super) fn called(&self, call: Node<'t>) -> &'t str {
        match self.callee(call) {
            Some(c) if c.kind() == "member_expression" => {
                syntax::field_text(c, "property", self.text).unwrap_or("")
            }
            Some(c) if c.kind() == "identifier" => self.of(c),
            _ => "",
        }
    }

    /// The arguments of a call.
    pub(super) fn arguments(&self, call: Node<'t>) -> Vec<Node<'t>> {
        let Some(arguments) = syntax::field(call, "arguments").filter(|a| a.kind() == "arguments") else {
            return Vec::new();
        };
        let mut found = syntax::children(arguments);
        found.retain(|n| n.kind() != "comment");
        found
    }

    /// What an identifier stands for, in the nearest function that declares it.
    pub(super) fn look_up(&self, identifier: Node<'_>) -> Option<Bound<'t>> {
        let at = identifier.start_byte();
        let known = self.names.get(self.of(identifier))?;
        known
            .iter()
            .filter(|(from, to, _)| (*from..=*to).contains(&at))
            .min_by_key(|(from, to, _)| to - from)
            .map(|(_, _, b)| *b)
    }

    /// What a field of a class stands for.
    pub(super) fn field_bound(&self, name: &str) -> Option<Bound<'t>> {
        self.fields.get(name).copied()
    }

    /// A string literal without its quotes, or the text of something short.
    pub(super) fn literal(&self, node: Node<'_>) -> &'t str {
        let is_string = matches!(node.kind(), "string" | "template_string");
        // Whole functions are no literals, and searching each of many nested ones would take for ever.
        if !is_string && node.byte_range().len() > SHORT {
            return "";
        }
        syntax::unquoted(self.of(node))
    }

    /// A string literal, when the node is one.
    pub(super) fn string(&self, node: Node<'t>) -> Option<&'t str> {
        let node = self.deref(node);
        match node.kind() {
            "string" => Some(self.literal(node)),
            "template_string" if !self.of(node).contains("${") => Some(self.literal(node)),
            _ => None,
        }
    }

    /// Follows names, parentheses, awaits and casts to the expression they stand for.
    pub(super) fn deref(&self, node: Node<'t>) -> Node<'t> {
        let mut at = node;
        for _ in 0..STEPS {
            let next = match at.kind() {
                "identifier" | "shorthand_property_identifier" => match self.look_up(at) {
                    Some(Bound::Value(v)) if v.id() != at.id() => Some(v),
                    _ => None,
                },
                "member_expression" if self.this_field(at).is_some() => {
                    match self.this_field(at).and_then(|f| self.field_bound(f)) {
                        Some(Bound::Value(v)) => Some(v),
                        _ => None,
                    }
                }
                _ => inner(at),
            };
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// The field's name of `this.name`.
    pub(super) fn this_field(&self, node: Node<'t>) -> Option<&'t str> {
        let is_this = syntax::field(node, "object").is_some_and(|o| o.kind() == "this");
        is_this.then(|| syntax::field_text(node, "property", self.text).unwrap_or("").trim_start_matches('#'))
    }

    /// The value of a key in an object literal (or a name of one).
    pub(super) fn property(&self, object: Node<'t>, key: &str) -> Option<Node<'t>> {
        let object = self.object(object)?;
        self.spend(32 * object.named_child_count()).then_some(())?;
        syntax::children(object).into_iter().find_map(|part| match part.kind() {
            "pair" => {
                let name = syntax::field(part, "key").map(|k| self.literal(k));
                (name == Some(key)).then(|| syntax::field(part, "value")).flatten()
            }
            "shorthand_property_identifier" => (self.of(part) == key).then_some(part),
            "method_definition" => (syntax::field_text(part, "name", self.text) == Some(key)).then_some(part),
            _ => None,
        })
    }

    /// The value of the first of some keys.
    pub(super) fn first_property(&self, object: Node<'t>, keys: &[&str]) -> Option<Node<'t>> {
        keys.iter().find_map(|k| self.property(object, k))
    }

    /// The object literal a node stands for.
    pub(super) fn object(&self, node: Node<'t>) -> Option<Node<'t>> {
        let node = self.deref(node);
        match node.kind() {
            "object" => Some(node),
            // `Object.freeze({...})`, `defineConfig({...})`
            "call_expression" if self.called(node) == "freeze" => {
                self.arguments(node).first().map(|a| self.deref(*a)).filter(|a| a.kind() == "object")
            }
            _ => None,
        }
    }

    /// The function a handler stands for, when it is in this file: names, methods, `.bind(this)` and wrappers
    /// such as `asyncHandler(...)` are followed.
    pub(super) fn function(&self, node: Node<'t>) -> Option<Node<'t>> {
        let mut at = node;
        for _ in 0..STEPS {
            at = self.deref(at);
            if is_function(at) {
                return Some(at);
            }
            at = match at.kind() {
                "call_expression" if self.called(at) == "bind" => self.method(at)?.0,
                "call_expression" => *self.arguments(at).last()?,
                "array" => *syntax::children(at).last()?,
                "member_expression" => {
                    let name = syntax::field_text(at, "property", self.text)?;
                    match self.field_bound(name) {
                        Some(Bound::Value(v)) => v,
                        _ => return None,
                    }
                }
                _ => return None,
            };
        }
        None
    }

    /// The first name of a chain: `app` of `app.get('/a', f).get('/b', g)`.
    pub(super) fn base(&self, node: Node<'t>) -> Option<Node<'t>> {
        let mut at = node;
        for _ in 0..CLIMB {
            at = match at.kind() {
                "identifier" | "this" => return Some(at),
                "member_expression" if self.this_field(at).is_some() => return Some(at),
                "member_expression" => syntax::field(at, "object")?,
                "call_expression" => self.callee(at)?,
                _ => inner(at)?,
            };
        }
        None
    }

    /// Whether the file speaks of a package.
    pub(super) fn uses(&self, package: &str) -> bool {
        self.packages().any(|p| p == package)
    }

    /// The packages the file loads.
    pub(super) fn packages(&self) -> impl Iterator<Item = &'t str> + '_ {
        self.loads().map(|(_, package)| package)
    }

    /// The places where packages are loaded.
    pub(super) fn loads(&self) -> impl Iterator<Item = (Node<'t>, &'t str)> + '_ {
        self.loads.iter().copied()
    }

    /// The package a node loads.
    fn load(&self, node: Node<'t>) -> Option<&'t str> {
        match node.kind() {
            "import_statement" => {
                let source = syntax::field(node, "source")?;
                let is_type = self.of(node).starts_with("import type ");
                (!is_type).then(|| bare(self.literal(source)))
            }
            "export_statement" | "import_require_clause" => {
                Some(bare(self.literal(syntax::field(node, "source")?)))
            }
            "call_expression" => {
                let callee = self.callee(node)?;
                let loads = self.of(callee) == "require" || callee.kind() == "import";
                let first = loads.then(|| self.arguments(node)).and_then(|a| a.first().copied())?;
                (first.kind() == "string").then(|| bare(self.literal(first)))
            }
            _ => None,
        }
    }

    /// The end of a node's text: chains of calls are long, and their last names tell what they are.
    pub(super) fn tail(&self, node: Node<'_>) -> &'t str {
        last_of(self.of(node))
    }

    /// Takes a cost from what the file may use; whether it could.
    fn spend(&self, cost: usize) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(cost.max(1)));
        left > cost
    }

    /// The text of a node to be searched; nothing when the file has been searched too often.
    pub(super) fn searched(&self, node: Node<'_>) -> &'t str {
        let text = self.of(node);
        if self.spend(text.len()) { text } else { "" }
    }

    /// The same, in lower case.
    pub(super) fn lowered(&self, node: Node<'_>) -> String {
        self.searched(node).to_ascii_lowercase()
    }

    /// The text of the file to be searched.
    pub(super) fn whole(&self) -> &'t str {
        if self.spend(self.text.len()) { self.text } else { "" }
    }
}

/// The end of a text.
pub(in crate::extract) fn last_of(text: &str) -> &str {
    let from = text.len().saturating_sub(SHORT);
    (from..text.len()).find_map(|i| text.get(i..)).unwrap_or(text)
}

/// A package without the scheme of the runtime.
pub(super) fn bare(package: &str) -> &str {
    package.strip_prefix("node:").or_else(|| package.strip_prefix("npm:")).unwrap_or(package)
}

/// Whether a node is a function.
pub(super) fn is_function(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "function_declaration"
            | "function_expression"
            | "function"
            | "arrow_function"
            | "method_definition"
            | "generator_function"
            | "generator_function_declaration"
    )
}

/// What stands in parentheses, awaits and casts.
pub(super) fn inner(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        "parenthesized_expression"
        | "await_expression"
        | "as_expression"
        | "non_null_expression"
        | "satisfies_expression" => node.named_child(0),
        "type_assertion" => node.named_child(1),
        _ => None,
    }
}
