//! Helpers over tree-sitter: parsing within bounds, walking without recursion, reading text and literals.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{Language, Node, ParseOptions, ParseState, Parser, Tree};

/// Longest time one file may take to parse. Files that take longer are hostile: a megabyte takes a tenth of it.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Longest line of code that people write; beyond it a file is generated or minified.
const LONGEST_LINE: usize = 20_000;

/// Parses a file; nothing when it is minified, or takes too long.
pub(crate) fn parse(language: &Language, text: &str) -> Option<Tree> {
    if text.lines().any(|l| l.len() > LONGEST_LINE) {
        return None;
    }
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
    let began = Instant::now();
    let mut stop = |_: &ParseState| {
        if began.elapsed() > PATIENCE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut stop);
    let bytes = text.as_bytes();
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or(&[]), None, Some(options))
}

/// Every named node below (and with) `node`, in the order of the text, without recursion.
pub(crate) fn descendants(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let mut stack = vec![node];
    std::iter::from_fn(move || {
        let node = stack.pop()?;
        let first = stack.len();
        let mut cursor = node.walk();
        stack.extend(node.named_children(&mut cursor));
        stack[first..].reverse();
        Some(node)
    })
}

/// The descendants of a kind.
pub(crate) fn of_kind<'t>(node: Node<'t>, kind: &'static str) -> impl Iterator<Item = Node<'t>> {
    descendants(node).filter(move |n| n.kind() == kind)
}

/// The named children.
pub(crate) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
}

/// The child in a field.
pub(crate) fn field<'t>(node: Node<'t>, name: &str) -> Option<Node<'t>> {
    node.child_by_field_name(name)
}

/// The nearest ancestor of one of the kinds.
pub(crate) fn ancestor<'t>(node: Node<'t>, kinds: &[&str]) -> Option<Node<'t>> {
    let mut at = node.parent();
    while let Some(parent) = at {
        if kinds.contains(&parent.kind()) {
            return Some(parent);
        }
        at = parent.parent();
    }
    None
}

/// The text of a node.
pub(crate) fn text<'s>(node: Node<'_>, source: &'s str) -> &'s str {
    source.get(node.byte_range()).unwrap_or("")
}

/// The text of a field's node.
pub(crate) fn field_text<'s>(node: Node<'_>, name: &str, source: &'s str) -> Option<&'s str> {
    field(node, name).map(|n| text(n, source))
}

/// First line, from one.
pub(crate) fn line(node: Node<'_>) -> usize {
    node.start_position().row + 1
}

/// Last line, from one.
pub(crate) fn last_line(node: Node<'_>) -> usize {
    node.end_position().row + 1
}

/// A literal without its quotes: `"a"`, `'a'`, `` `a` ``, `@"a"`, `r"a"`, `b'a'`.
pub(crate) fn unquoted(literal: &str) -> &str {
    let start = literal.find(['"', '\'', '`']).unwrap_or(0);
    let inner = &literal[start..];
    for quotes in ["\"\"\"", "'''", "\"", "'", "`"] {
        if let Some(inner) = inner.strip_prefix(quotes).and_then(|i| i.strip_suffix(quotes)) {
            return inner;
        }
    }
    literal
}
