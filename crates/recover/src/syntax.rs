//! Helpers over tree-sitter: parsing within bounds, walking without recursion, reading text and literals.

use std::cell::Cell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{Language, Node, ParseOptions, ParseState, Parser, Tree};

/// Work one file may take to parse, in steps of the parser: a part for every file and a part for each byte. Code
/// that people write takes a tenth of it; a count, unlike a clock, gives the same result on every machine.
const STEPS: usize = 5_000;

/// Bytes for each of which one more step is allowed.
const BYTES_A_STEP: usize = 16;

/// Longest time one file may take: some scanners look far ahead without counting steps.
const PATIENCE: Duration = Duration::from_secs(4);

/// Longest line of code that people write; beyond it a file is generated or minified.
const LONGEST_LINE: usize = 20_000;

/// Deepest nesting of code that people write.
const DEPTH: usize = 600;

/// Most work that asking every node for its parent may take: the search goes down from the root, past the elder
/// siblings on each level. Code that people write takes a hundredth of it; long lists in deep nesting take time
/// quadratic in the length of the file.
const SEARCH: usize = 400_000_000;

thread_local! {
    /// Why a file that was to be parsed on this thread was left out.
    static LEFT_OUT: Cell<Option<&'static str>> = const { Cell::new(None) };
    /// The text that was left out last and why: several extractors read one file, and none needs to try again.
    static HOPELESS: Cell<Option<(u64, &'static str)>> = const { Cell::new(None) };
}

fn hash(language: &Language, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (language.name(), text).hash(&mut hasher);
    hasher.finish()
}

/// Why a file was left out since this was asked last.
pub(crate) fn left_out() -> Option<&'static str> {
    LEFT_OUT.take()
}

/// Parses a file; nothing when it is minified, or takes too long, or nests too deeply.
pub(crate) fn parse(language: &Language, text: &str) -> Option<Tree> {
    if text.lines().any(|l| l.len() > LONGEST_LINE) {
        return None;
    }
    if let Some((_, reason)) = HOPELESS.get().filter(|(last, _)| *last == hash(language, text)) {
        LEFT_OUT.set(Some(reason));
        return None;
    }
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
    let mut left = STEPS + text.len() / BYTES_A_STEP;
    let began = Instant::now();
    let mut stop = |_: &ParseState| {
        left = left.saturating_sub(1);
        if left == 0 || began.elapsed() > PATIENCE {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let options = ParseOptions::new().progress_callback(&mut stop);
    let bytes = text.as_bytes();
    let read = &mut |at: usize, _| bytes.get(at..).unwrap_or(&[]);
    let Some(tree) = parser.parse_with_options(read, None, Some(options)) else {
        return leave_out("parsing takes too long: the file was left out", language, text);
    };
    match tangled(&tree) {
        Some(reason) => leave_out(reason, language, text),
        None => Some(tree),
    }
}

/// Notes why a text was left out.
fn leave_out(reason: &'static str, language: &Language, text: &str) -> Option<Tree> {
    LEFT_OUT.set(Some(reason));
    HOPELESS.set(Some((hash(language, text), reason)));
    None
}

/// Why a tree is none that people write, if so.
fn tangled(tree: &Tree) -> Option<&'static str> {
    let mut cursor = tree.walk();
    // How many elder siblings the node and those above it have, and their sum.
    let mut elder = vec![0usize];
    let (mut path, mut total) = (0usize, 0usize);
    loop {
        total += path;
        if total > SEARCH {
            return Some("lists too long and nested: the file was left out");
        }
        if cursor.goto_first_child() {
            elder.push(0);
            path += 1;
            if elder.len() > DEPTH {
                return Some("nested too deeply: the file was left out");
            }
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return None;
            }
            path -= elder.pop().unwrap_or(0) + 1;
        }
        if let Some(last) = elder.last_mut() {
            *last += 1;
            path += 1;
        }
    }
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

#[cfg(test)]
mod tests {
    use super::{left_out, parse};

    #[test]
    fn what_cannot_be_parsed_is_told_each_time_and_tried_once() {
        let language = tree_sitter_python::LANGUAGE.into();
        let text = "x = ".to_owned() + &"(\n".repeat(2000) + &")\n".repeat(2000);
        for _ in 0..2 {
            assert!(parse(&language, &text).is_none());
            assert_eq!(left_out(), Some("nested too deeply: the file was left out"));
        }
        assert!(parse(&language, "x = 1").is_some() && left_out().is_none());
    }
}
