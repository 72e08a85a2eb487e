//! A file of PHP with the values of its constants, properties and variables.

use std::cell::Cell;
use std::collections::HashMap;

use tree_sitter::Node;

use crate::source::Source;
use crate::syntax;
use crate::template::placeholder;

/// Deepest nesting of expressions that is followed.
const DEPTH: usize = 10;

/// Most expressions that are evaluated for one value.
const FUEL: usize = 500;

/// Most named nodes of a file that people write.
const MOST_NODES: usize = 300_000;

/// A parsed file.
pub(super) struct Php<'t> {
    /// Its text.
    pub(super) text: &'t str,
    /// Every named node, in the order of the text.
    pub(super) nodes: Vec<Node<'t>>,
    names: HashMap<String, Node<'t>>,
    fuel: Cell<usize>,
}

/// Whether a path is of PHP.
pub(super) fn is_php(path: &str) -> bool {
    path.ends_with(".php") && !path.ends_with(".blade.php")
}

/// Reads a file that is no test.
pub(super) fn read(source: &Source<'_>, reader: impl FnOnce(&Php<'_>)) {
    if source.is_test() {
        return;
    }
    let language = tree_sitter_php::LANGUAGE_PHP.into();
    let Some(tree) = syntax::parse(&language, source.text) else { return };
    let nodes: Vec<Node<'_>> = syntax::descendants(tree.root_node()).take(MOST_NODES).collect();
    let mut php = Php { text: source.text, nodes, names: HashMap::new(), fuel: Cell::new(0) };
    for at in 0..php.nodes.len() {
        php.declare(php.nodes[at]);
    }
    reader(&php);
}

impl<'t> Php<'t> {
    fn declare(&mut self, node: Node<'t>) {
        let (name, value) = match node.kind() {
            "const_element" => (node.named_child(0), node.named_child(1)),
            "assignment_expression" => (syntax::field(node, "left"), syntax::field(node, "right")),
            "property_element" => (syntax::field(node, "name"), syntax::field(node, "default_value")),
            _ => return,
        };
        if let (Some(name), Some(value)) = (name, value) {
            let name = self.of(name).trim_start_matches("$this->").trim_start_matches('$').to_owned();
            if value.kind() != "null" {
                self.names.entry(name).or_insert(value);
            }
        }
    }

    /// The text of a node.
    pub(super) fn of(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or("")
    }

    /// A string literal without its quotes.
    pub(super) fn literal(&self, node: Node<'_>) -> &'t str {
        syntax::unquoted(self.of(node))
    }

    /// The name of what is called and the expressions it is called with.
    pub(super) fn call(&self, node: Node<'t>) -> Option<(&'t str, Vec<Node<'t>>)> {
        let name = match node.kind() {
            "function_call_expression" => syntax::field_text(node, "function", self.text)?,
            "member_call_expression" | "nullsafe_member_call_expression" | "scoped_call_expression" => {
                syntax::field_text(node, "name", self.text)?
            }
            "object_creation_expression" => {
                let class = syntax::children(node)
                    .into_iter()
                    .find(|c| matches!(c.kind(), "name" | "qualified_name"))?;
                self.of(class).rsplit('\\').next()?
            }
            _ => return None,
        };
        let list = syntax::children(node).into_iter().find(|c| c.kind() == "arguments");
        Some((name.trim_start_matches('\\'), list.map(|l| self.arguments(l)).unwrap_or_default()))
    }

    /// The expressions of an argument list.
    pub(super) fn arguments(&self, list: Node<'t>) -> Vec<Node<'t>> {
        let given = syntax::children(list).into_iter().filter(|a| a.kind() == "argument");
        given
            .filter_map(|a| {
                a.named_child(u32::try_from(a.named_child_count()).unwrap_or(1).saturating_sub(1))
            })
            .collect()
    }

    /// An argument by its name: `#[Route(path: '/x')]`.
    pub(super) fn named(&self, list: Node<'t>, name: &str) -> Option<Node<'t>> {
        let given = syntax::children(list).into_iter().filter(|a| a.kind() == "argument");
        given
            .filter(|a| syntax::field_text(*a, "name", self.text) == Some(name))
            .find_map(|a| a.named_child(u32::try_from(a.named_child_count()).unwrap_or(1).saturating_sub(1)))
    }

    /// The value of a key in an array literal.
    pub(super) fn key(&self, array: Node<'t>, key: &str) -> Option<Node<'t>> {
        let array = self.deref(array);
        syntax::children(array).into_iter().filter(|c| c.kind() == "array_element_initializer").find_map(
            |element| {
                let parts = syntax::children(element);
                match parts.as_slice() {
                    [name, value] if self.literal(*name).ends_with(key) => Some(*value),
                    _ => None,
                }
            },
        )
    }

    /// Follows names to what they stand for.
    pub(super) fn deref(&self, node: Node<'t>) -> Node<'t> {
        let mut at = node;
        for _ in 0..DEPTH {
            if !matches!(
                at.kind(),
                "variable_name" | "member_access_expression" | "name" | "class_constant_access_expression"
            ) {
                break;
            }
            match self.names.get(self.name_of(at)) {
                Some(value) if value.id() != at.id() => at = *value,
                _ => break,
            }
        }
        at
    }

    fn name_of(&self, node: Node<'t>) -> &'t str {
        let text = self.of(node);
        text.rsplit("::").next().unwrap_or(text).trim_start_matches("$this->").trim_start_matches('$')
    }

    /// An expression as a template.
    pub(super) fn value(&self, node: Node<'t>) -> String {
        self.fuel.set(FUEL);
        self.value_at(node, 0)
    }

    fn value_at(&self, node: Node<'t>, depth: usize) -> String {
        let unknown = || {
            let name: String =
                self.name_of(node).chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            format!("{{{}}}", if name.is_empty() { "value" } else { &name })
        };
        let fuel = self.fuel.get();
        if depth > DEPTH || fuel == 0 {
            return unknown();
        }
        self.fuel.set(fuel - 1);
        match node.kind() {
            "string" | "integer" | "float" | "boolean" => self.literal(node).to_owned(),
            "encapsed_string" => {
                let mut out = String::new();
                for part in syntax::children(node) {
                    match part.kind() {
                        "string_content" | "escape_sequence" => out.push_str(self.of(part)),
                        _ => out.push_str(&self.value_at(part, depth + 1)),
                    }
                }
                out
            }
            "variable_name" | "member_access_expression" | "name" | "class_constant_access_expression" => {
                let value = self.deref(node);
                if value.id() == node.id() { unknown() } else { self.value_at(value, depth + 1) }
            }
            "parenthesized_expression" | "cast_expression" => {
                let last = syntax::children(node).last().copied();
                last.map_or_else(unknown, |n| self.value_at(n, depth + 1))
            }
            "subscript_expression" => {
                let parts = syntax::children(node);
                match parts.as_slice() {
                    [array, key] if matches!(self.of(*array), "$_ENV" | "$_SERVER") => {
                        placeholder(self.literal(*key), None)
                    }
                    _ => unknown(),
                }
            }
            "binary_expression" => self.binary(node, depth),
            "conditional_expression" => {
                let condition = syntax::field(node, "condition").or_else(|| node.named_child(0));
                let body = syntax::field(node, "body").or(condition);
                let first = body.map(|n| self.value_at(n, depth + 1)).unwrap_or_default();
                let second = syntax::field(node, "alternative")
                    .map(|n| self.value_at(n, depth + 1))
                    .unwrap_or_default();
                either(first, second)
            }
            "function_call_expression" | "member_call_expression" | "scoped_call_expression" => {
                self.called_value(node, depth).unwrap_or_else(unknown)
            }
            _ => unknown(),
        }
    }

    fn binary(&self, node: Node<'t>, depth: usize) -> String {
        let operator = syntax::field(node, "operator").map_or("", |o| self.of(o));
        let side = |name| syntax::field(node, name).map(|n| self.value_at(n, depth + 1)).unwrap_or_default();
        match operator {
            "." => format!("{}{}", side("left"), side("right")),
            "??" | "||" => either(side("left"), side("right")),
            _ => "{value}".to_owned(),
        }
    }

    /// `getenv('X')`, `env('X', 'y')`, `config('a.b')`, `sprintf('%s/x', $a)`
    fn called_value(&self, node: Node<'t>, depth: usize) -> Option<String> {
        let (name, arguments) = self.call(node)?;
        let first = *arguments.first()?;
        let default = arguments.get(1).map(|d| self.value_at(*d, depth + 1)).filter(|d| !d.starts_with('{'));
        match name {
            "getenv" => Some(placeholder(self.literal(first), None)),
            "env" | "config" | "getParameter" => Some(placeholder(self.literal(first), default.as_deref())),
            "rtrim" | "trim" | "ltrim" | "strval" => Some(self.value_at(first, depth + 1)),
            "sprintf" => {
                let mut out = self.value_at(first, depth + 1);
                for argument in arguments.iter().skip(1).take(16) {
                    let at = ["%s", "%d"].iter().filter_map(|p| out.find(p)).min()?;
                    let value = self.value_at(*argument, depth + 1);
                    out.replace_range(at..at + 2, &value);
                }
                Some(out)
            }
            _ => None,
        }
    }
}

fn either(first: String, second: String) -> String {
    match first.strip_prefix("${").and_then(|f| f.strip_suffix('}')) {
        Some(key) if !key.contains(['{', ':']) && !second.is_empty() && !second.starts_with('{') => {
            placeholder(key, Some(&second))
        }
        None if first.is_empty() || first.starts_with('{') => second,
        _ => first,
    }
}
