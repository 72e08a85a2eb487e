//! XML of repositories: elements with their lines, within bounds.
//!
//! Files are read leniently: a document that breaks off gives what came before the fault. Entities of a document
//! type are not expanded.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Deepest nesting; what stands deeper is left out.
const DEPTH: usize = 64;

/// Most elements of one file.
const BUDGET: usize = 200_000;

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Name without prefix.
    pub(crate) name: String,
    /// Attributes, names without prefix.
    pub(crate) attributes: Vec<(String, String)>,
    /// Text directly inside, trimmed.
    pub(crate) text: String,
    /// Its line, from one.
    pub(crate) line: usize,
    /// Elements inside.
    pub(crate) children: Vec<Self>,
}

impl Element {
    /// The first child of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|c| c.name == name)
    }

    /// The children of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |c| c.name == name)
    }

    /// The element at a path of names.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |element, name| element.get(name))
    }

    /// The text of the first child of a name; nothing when it is empty.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name).map(|c| c.text.as_str()).filter(|t| !t.is_empty())
    }

    /// An attribute, whatever its case.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// Every element below and with this one, in no particular depth order but in the order of siblings.
    pub(crate) fn descendants(&self) -> impl Iterator<Item = &Self> {
        let mut stack = vec![self];
        std::iter::from_fn(move || {
            let next = stack.pop()?;
            stack.extend(next.children.iter().rev());
            Some(next)
        })
    }
}

/// Reads a document: its root element, as far as it could be read.
pub(crate) fn document(text: &str) -> Option<Element> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut lines = Lines { text, byte: 0, line: 1 };
    // The first is no element but what holds the root.
    let mut open = vec![Element::default()];
    let mut skipped = 0usize;
    let mut spent = 0usize;
    loop {
        let line = lines.at(usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX));
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                spent += 1;
                if open.len() > DEPTH {
                    skipped += 1;
                } else {
                    open.push(element(&start, line));
                }
            }
            Ok(Event::Empty(start)) => {
                spent += 1;
                if let Some(parent) = open.last_mut() {
                    parent.children.push(element(&start, line));
                }
            }
            Ok(Event::End(_)) if skipped > 0 => skipped -= 1,
            Ok(Event::End(_)) => close(&mut open),
            Ok(Event::Text(text)) => add_text(&mut open, &text.xml10_content()),
            Ok(Event::CData(text)) => add_text(&mut open, &text.xml10_content()),
            Ok(Event::GeneralRef(name)) => add_text(&mut open, entity(&name.xml10_content())),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
        if spent > BUDGET {
            break;
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop()?.children.into_iter().next()
}

/// Lines of growing byte positions.
struct Lines<'a> {
    text: &'a str,
    byte: usize,
    line: usize,
}

impl Lines<'_> {
    fn at(&mut self, byte: usize) -> usize {
        let bytes = self.text.as_bytes();
        let end = byte.min(bytes.len());
        if let Some(part) = bytes.get(self.byte..end) {
            self.line += part.iter().filter(|b| **b == b'\n').count();
            self.byte = end;
        }
        self.line
    }
}

fn close(open: &mut Vec<Element>) {
    if open.len() < 2 {
        return;
    }
    if let Some(mut done) = open.pop() {
        done.text = done.text.trim().to_owned();
        if let Some(parent) = open.last_mut() {
            parent.children.push(done);
        }
    }
}

fn add_text(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn entity(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}

fn element(start: &BytesStart<'_>, line: usize) -> Element {
    let attribute = |a: quick_xml::events::attributes::Attribute<'_>| {
        let value = quick_xml::escape::unescape(&a.value)
            .map_or_else(|_| a.value.to_string(), std::borrow::Cow::into_owned);
        (local(a.key.0).to_owned(), value)
    };
    Element {
        name: local(start.name().0).to_owned(),
        attributes: start.attributes().with_checks(false).flatten().map(attribute).collect(),
        text: String::new(),
        line,
        children: Vec::new(),
    }
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::document;

    #[test]
    fn elements_know_their_lines() {
        let root =
            document("<?xml version='1.0'?>\n<a>\n <b x='1'>t &amp; u</b>\n <c/>\n</a>").expect("a root");
        let b = root.get("b").expect("b");
        assert_eq!((b.line, b.text.as_str(), b.attribute("X")), (3, "t & u", Some("1")));
        assert_eq!(root.get("c").map(|c| c.line), Some(4));
    }

    #[test]
    fn what_is_nested_too_deeply_is_left_out() {
        let text = "<a>".repeat(100_000);
        let root = document(&text).expect("a root");
        assert!(root.descendants().count() <= 65);
        assert!(document("<a><b>1</b><c").is_some());
    }
}
