//! YAML of repositories: untyped, with the line of every value, within a budget.
//!
//! Files of repositories are read leniently: a document that breaks off gives what came before the fault.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser};

/// Most values of one file, aliases written out.
const BUDGET: usize = 200_000;

/// Deepest nesting.
const DEPTH: usize = 128;

const TOO_MANY: &str = "too many values, aliases written out: the rest was left out";
const TOO_DEEP: &str = "nested too deeply: the rest was left out";

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// Its line, from one.
    pub(crate) line: usize,
    /// Its tag without the exclamation mark: `Ref`, `reset`.
    pub(crate) tag: Option<String>,
    /// What it is.
    pub(crate) value: Value,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// A scalar as written, without quotes. A plain empty one is null.
    Scalar(String),
    /// A list.
    List(Vec<Node>),
    /// A map in its order; keys are scalars, others are left out. Merge keys (`<<`) are resolved.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(pairs) => pairs.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The value at a path of keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The scalar as text; nothing for null.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) if !matches!(text.as_str(), "" | "~" | "null") => Some(text),
            _ => None,
        }
    }

    /// The scalar of a key as text.
    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::text)
    }

    /// Whether the scalar says yes.
    pub(crate) fn is_true(&self) -> bool {
        matches!(self.text(), Some("true" | "True" | "TRUE" | "yes" | "on" | "1"))
    }

    /// The elements of a list; a single scalar counts as a list of one; nothing for maps.
    pub(crate) fn list(&self) -> &[Self] {
        match &self.value {
            Value::List(list) => list,
            Value::Scalar(_) => std::slice::from_ref(self),
            Value::Map(_) => &[],
        }
    }

    /// The pairs of a map.
    pub(crate) fn pairs(&self) -> &[(String, Self)] {
        match &self.value {
            Value::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// How many values it is made of, long texts counted several times.
    pub(crate) fn size(&self) -> usize {
        size(self)
    }

    /// Every scalar below, with its path of keys joined by dots and list positions in brackets, as Spring and
    /// .NET flatten them.
    pub(crate) fn flat(&self) -> Vec<(String, &str, usize)> {
        let mut out = Vec::new();
        flatten(self, String::new(), &mut out);
        out
    }
}

/// Longest path of keys; what stands below it is left out.
const PATH: usize = 1000;

fn flatten<'a>(node: &'a Node, path: String, out: &mut Vec<(String, &'a str, usize)>) {
    if path.len() > PATH {
        return;
    }
    match &node.value {
        Value::Scalar(text) => out.push((path, text, node.line)),
        Value::List(list) => {
            for (i, item) in list.iter().enumerate() {
                flatten(item, format!("{path}[{i}]"), out);
            }
        }
        Value::Map(pairs) => {
            for (key, value) in pairs {
                if key.len() <= PATH {
                    flatten(value, if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, out);
                }
            }
        }
    }
}

/// Reads the documents of a text: those that could be read, and the line and message of the first fault.
pub(crate) fn documents(text: &str) -> (Vec<Node>, Option<(usize, String)>) {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => {
                if let Err(reason) = builder.event(event, span.start.line()) {
                    return (builder.finish(), Some((span.start.line(), reason.to_owned())));
                }
            }
            Err(error) => {
                let at = (error.marker().line(), error.info().to_owned());
                return (builder.finish(), Some(at));
            }
        }
    }
    (builder.finish(), None)
}

/// The first document of a text, as far as it could be read.
pub(crate) fn document(text: &str) -> Option<Node> {
    documents(text).0.into_iter().next()
}

/// A collection that is being read.
struct Open {
    line: usize,
    tag: Option<String>,
    anchor: usize,
    /// Keys and values of a map; for a list the keys are empty.
    pairs: Vec<(String, Node)>,
    is_map: bool,
    /// The key whose value comes next; `None` inside stands for a key that is no scalar.
    key: Option<Option<String>>,
}

#[derive(Default)]
struct Builder {
    documents: Vec<Node>,
    open: Vec<Open>,
    /// Nodes by anchor, with their size and depth.
    anchors: HashMap<usize, (Node, usize, usize)>,
    spent: usize,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, line: usize) -> Result<(), &'static str> {
        match event {
            Event::Scalar(text, _, anchor, tag) => {
                let node = Node {
                    line,
                    tag: tag.map(|t| t.suffix.clone()),
                    value: Value::Scalar(text.into_owned()),
                };
                self.spend(size(&node))?;
                self.anchor(anchor, &node)?;
                self.put(node);
            }
            Event::SequenceStart(anchor, tag) => {
                self.push(line, anchor, tag.map(|t| t.suffix.clone()), false)?
            }
            Event::MappingStart(anchor, tag) => {
                self.push(line, anchor, tag.map(|t| t.suffix.clone()), true)?
            }
            Event::SequenceEnd | Event::MappingEnd => self.close()?,
            Event::Alias(anchor) => {
                let Some((node, size, depth)) = self.anchors.get(&anchor) else {
                    return Ok(self.put(null(line)));
                };
                self.spent = self.spent.saturating_add(*size);
                let is_deep = self.open.len() + depth > DEPTH;
                if self.spent > BUDGET || is_deep {
                    return Err(if is_deep { TOO_DEEP } else { TOO_MANY });
                }
                let node = node.clone();
                self.put(node);
            }
            _ => {}
        }
        Ok(())
    }

    fn spend(&mut self, size: usize) -> Result<(), &'static str> {
        self.spent = self.spent.saturating_add(size);
        if self.spent > BUDGET { Err(TOO_MANY) } else { Ok(()) }
    }

    fn push(
        &mut self,
        line: usize,
        anchor: usize,
        tag: Option<String>,
        is_map: bool,
    ) -> Result<(), &'static str> {
        self.spend(1)?;
        if self.open.len() >= DEPTH {
            return Err(TOO_DEEP);
        }
        self.open.push(Open { line, tag, anchor, pairs: Vec::new(), is_map, key: None });
        Ok(())
    }

    fn close(&mut self) -> Result<(), &'static str> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = if open.is_map {
            Value::Map(merged(open.pairs))
        } else {
            Value::List(open.pairs.into_iter().map(|(_, v)| v).collect())
        };
        let node = Node { line: open.line, tag: open.tag, value };
        let kept = self.anchor(open.anchor, &node);
        self.put(node);
        kept
    }

    fn anchor(&mut self, anchor: usize, node: &Node) -> Result<(), &'static str> {
        if anchor != 0 {
            let size = size(node);
            self.spend(size)?;
            self.anchors.insert(anchor, (node.clone(), size, depth(node)));
        }
        Ok(())
    }

    fn put(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node);
            return;
        };
        if !open.is_map {
            open.pairs.push((String::new(), node));
            return;
        }
        match open.key.take() {
            None => {
                open.key = Some(match node.value {
                    Value::Scalar(text) => Some(text),
                    _ => None,
                });
            }
            Some(Some(key)) => open.pairs.push((key, node)),
            Some(None) => {}
        }
    }

    /// Closes what a fault left open and returns the documents.
    fn finish(mut self) -> Vec<Node> {
        while !self.open.is_empty() {
            // A second fault says nothing new.
            let _ = self.close();
        }
        self.documents
    }
}

const fn null(line: usize) -> Node {
    Node { line, tag: None, value: Value::Scalar(String::new()) }
}

/// Writes merge keys out: what stands in the map itself wins.
fn merged(pairs: Vec<(String, Node)>) -> Vec<(String, Node)> {
    if !pairs.iter().any(|(k, _)| k == "<<") {
        return pairs;
    }
    let (merges, mut own): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(k, _)| k == "<<");
    let mut known: HashSet<String> = own.iter().map(|(k, _)| k.clone()).collect();
    let bases = merges.into_iter().flat_map(|(_, base)| match base.value {
        Value::List(list) => list,
        value => vec![Node { line: base.line, tag: None, value }],
    });
    for base in bases {
        if let Value::Map(more) = base.value {
            for (key, value) in more {
                if known.insert(key.clone()) {
                    own.push((key, value));
                }
            }
        }
    }
    own
}

/// Bytes of text that count as one more value.
const CHUNK: usize = 256;

fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::Scalar(text) => text.len() / CHUNK,
        Value::List(list) => list.iter().map(size).sum(),
        Value::Map(pairs) => pairs.iter().map(|(k, v)| k.len() / CHUNK + size(v)).sum::<usize>(),
    }
}

/// How many collections stand inside each other.
fn depth(node: &Node) -> usize {
    match &node.value {
        Value::Scalar(_) => 0,
        Value::List(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Map(pairs) => 1 + pairs.iter().map(|(_, v)| depth(v)).max().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_lines_and_merges_are_written_out() {
        let text = "base: &b\n  image: x\n  restart: always\nservices:\n  web:\n    <<: *b\n    image: y\n";
        let node = document(text).expect("a document");
        let web = node.at(&["services", "web"]).expect("web");
        assert_eq!((web.text_of("image"), web.text_of("restart")), (Some("y"), Some("always")));
        assert_eq!(web.get("image").map(|n| n.line), Some(7));
        let flat = node.flat();
        assert!(flat.contains(&("services.web.image".to_owned(), "y", 7)), "{flat:?}");
    }

    #[test]
    fn a_bomb_of_aliases_ends_with_a_fault() {
        let mut text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for (name, of) in "bcdefghij".chars().zip("abcdefghi".chars()) {
            text +=
                &format!("{name}: &{name} [*{of},*{of},*{of},*{of},*{of},*{of},*{of},*{of},*{of},*{of}]\n");
        }
        let (documents, fault) = documents(&text);
        assert!(fault.is_some() && documents.len() == 1);
    }

    #[test]
    fn anchors_neither_nest_nor_copy_without_bound() {
        // Each anchor stands below a hundred lists and holds the one before.
        let mut text = "- &a0 x\n".to_owned();
        for at in 1..60 {
            text += &format!("- &a{at} {}*a{} {}\n", "[".repeat(100), at - 1, "]".repeat(100));
        }
        assert!(documents(&text).1.is_some());
        let nested: String = (0..100).map(|at| format!("&a{at} [")).collect();
        assert!(documents(&(nested + &"x,".repeat(50_000))).1.is_some());
        let long = format!("- &a {}\n{}", "x".repeat(100_000), "- *a\n".repeat(10_000));
        assert!(documents(&long).1.is_some());
    }

    #[test]
    fn long_keys_are_not_repeated_for_every_value_below() {
        let text = format!("? {}\n: [{}]\n", "k".repeat(100_000), "x,".repeat(50_000));
        assert!(document(&text).is_some_and(|d| d.flat().is_empty()));
    }

    #[test]
    fn what_came_before_a_fault_is_kept() {
        let (documents, fault) = documents("a: 1\n---\nb: [1, 2\nc: }\n");
        assert_eq!(documents[0].text_of("a"), Some("1"));
        assert!(fault.is_some());
        let deep = "[".repeat(100_000);
        assert!(super::documents(&deep).1.is_some());
    }
}
