//! Filling in a template, with the line of the template for every line that comes out.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::yaml::{Node, Value};

use super::chart::{Chart, RELEASE, scalar};
use super::expression::value;
use super::template::{Item, parse};
use super::write::{is_true, text_of};

/// Most items that are carried out for one template.
const STEPS: usize = 40_000;

/// Values or characters whose copying counts as one item.
const VALUES_A_STEP: usize = 64;

/// Longest text that comes out, bytes.
const LENGTH: usize = 1_000_000;

/// Most elements of one range.
const ELEMENTS: usize = 64;

/// Deepest use of pieces inside pieces.
pub(super) const PIECES: usize = 12;

/// A template that was filled in.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    /// What came out.
    pub(super) text: String,
    /// For each line, the line of the template and whether the chart's values leave it out.
    lines: Vec<(usize, bool)>,
}

impl Rendered {
    /// The line of the template a line comes from.
    pub(super) fn line(&self, line: usize) -> usize {
        let known = self.lines.get(..line.min(self.lines.len())).unwrap_or_default();
        known.iter().rev().map(|(l, _)| *l).find(|l| *l > 0).unwrap_or(1)
    }

    /// Whether the chart's values leave a line out.
    pub(super) fn is_off(&self, line: usize) -> bool {
        line.checked_sub(1).and_then(|i| self.lines.get(i)).is_some_and(|(_, off)| *off)
    }

    fn put(&mut self, text: &str, mut line: usize, moves: bool, off: bool) {
        if self.lines.is_empty() {
            self.lines.push((0, off));
        }
        for c in text.chars() {
            self.text.push(c);
            if c == '\n' {
                self.lines.push((0, off));
                line += usize::from(moves);
            } else if !c.is_whitespace()
                && let Some(last) = self.lines.last_mut().filter(|l| l.0 == 0)
            {
                *last = (line, off);
            }
        }
    }
}

/// Fills in a template of a chart.
pub(super) fn render(text: &str, chart: &Chart) -> Rendered {
    let (items, defined) = parse(text);
    let mut own = BTreeMap::new();
    for (name, items) in defined {
        own.entry(name).or_insert_with(|| Rc::new(items));
    }
    let mut filler = Filler { chart, own, steps: STEPS, depth: 0 };
    let mut out = Rendered::default();
    let mut scope = Scope { dot: Rc::clone(&chart.context), variables: vec![root(&chart.context)] };
    filler.items(&items, &mut scope, false, &mut out);
    out.text = out.text.replace(&format!("{RELEASE}-"), "").replace(RELEASE, &chart.name);
    out
}

/// The variable that stands for where everything began.
fn root(dot: &Rc<Node>) -> (String, Option<Rc<Node>>) {
    ("$".to_owned(), Some(Rc::clone(dot)))
}

/// What expressions see.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// The dot.
    pub(super) dot: Rc<Node>,
    /// Variables, the innermost last; nothing when a value is unknown.
    pub(super) variables: Vec<(String, Option<Rc<Node>>)>,
}

/// Fills in templates, within bounds.
pub(super) struct Filler<'a> {
    /// The chart.
    pub(super) chart: &'a Chart,
    /// Pieces that the template itself defines.
    own: BTreeMap<String, Rc<Vec<Item>>>,
    steps: usize,
    /// How deep pieces are used inside pieces.
    pub(super) depth: usize,
}

impl Filler<'_> {
    /// A shared piece, filled in with a value as its dot.
    pub(super) fn piece(&mut self, name: &str, dot: Rc<Node>) -> Option<String> {
        if self.depth >= PIECES {
            return None;
        }
        let items = Rc::clone(self.own.get(name).or_else(|| self.chart.pieces.get(name))?);
        self.inner(&items, dot)
    }

    /// A text filled in as a template.
    pub(super) fn inline(&mut self, text: &str, dot: Rc<Node>) -> Option<String> {
        if self.depth >= PIECES || !text.contains("{{") {
            return Some(text.to_owned());
        }
        self.spend(text.len());
        self.inner(&parse(text).0, dot)
    }

    /// Takes the cost of handling so many values or characters off what may still be done.
    pub(super) fn spend(&mut self, values: usize) {
        self.steps = self.steps.saturating_sub(values / VALUES_A_STEP);
    }

    /// Whether nothing more may be done.
    pub(super) fn is_spent(&self) -> bool {
        self.steps == 0
    }

    fn inner(&mut self, items: &[Item], dot: Rc<Node>) -> Option<String> {
        self.depth += 1;
        let mut out = Rendered::default();
        let variables = vec![root(&dot)];
        self.items(items, &mut Scope { dot, variables }, false, &mut out);
        self.depth -= 1;
        Some(out.text)
    }

    fn items(&mut self, items: &[Item], scope: &mut Scope, off: bool, out: &mut Rendered) {
        let known = scope.variables.len();
        for item in items {
            if self.steps == 0 || out.text.len() > LENGTH {
                return;
            }
            self.steps -= 1;
            match item {
                Item::Text(line, text) => out.put(text, *line, true, off),
                Item::Write(line, expression) => {
                    let shown = match value(expression, scope, self) {
                        Some(node) => text_of(&node),
                        None => "${unknown}".to_owned(),
                    };
                    out.put(&shown, *line, false, off);
                }
                Item::Set(name, expression) => {
                    let new = value(expression, scope, self).map(Rc::new);
                    // A variable of an outer block keeps the value it gets inside.
                    match scope.variables.iter_mut().rev().find(|(n, _)| n == name) {
                        Some(slot) => slot.1 = new,
                        None => scope.variables.push((name.clone(), new)),
                    }
                }
                Item::If(arms) => self.branches(arms, scope, off, out),
                Item::With(name, expression, body, otherwise) => {
                    self.with(name.as_deref(), expression, (body, otherwise), scope, off, out);
                }
                Item::Range(names, expression, body) => self.range(names, expression, body, scope, off, out),
            }
        }
        scope.variables.truncate(known);
    }

    fn branches(
        &mut self,
        arms: &[(Option<String>, Vec<Item>)],
        scope: &mut Scope,
        off: bool,
        out: &mut Rendered,
    ) {
        for (condition, body) in arms {
            let holds = match condition {
                Some(expression) => value(expression, scope, self).is_none_or(|v| is_true(&v)),
                None => true,
            };
            if holds {
                return self.items(body, scope, off, out);
            }
        }
        // A whole manifest that the values leave out is there for those who ask for it.
        if let [(Some(_), body)] = arms
            && has_manifest(body)
        {
            out.put("\n", 0, false, true);
            self.items(body, scope, true, out);
        }
    }

    fn with(
        &mut self,
        name: Option<&str>,
        expression: &str,
        (body, otherwise): (&[Item], &[Item]),
        scope: &mut Scope,
        off: bool,
        out: &mut Rendered,
    ) {
        match value(expression, scope, self) {
            Some(dot) if is_true(&dot) => {
                let dot = Rc::new(dot);
                self.spend(scope.variables.len());
                let mut inner = Scope { dot: Rc::clone(&dot), variables: scope.variables.clone() };
                inner.variables.extend(name.map(|n| (n.to_owned(), Some(dot))));
                self.items(body, &mut inner, off, out);
            }
            Some(_) => self.items(otherwise, scope, off, out),
            None => {}
        }
    }

    fn range(
        &mut self,
        names: &[String],
        expression: &str,
        body: &[Item],
        scope: &mut Scope,
        off: bool,
        out: &mut Rendered,
    ) {
        let Some(over) = value(expression, scope, self) else { return };
        let elements: Vec<(Node, Node)> = match over.value {
            Value::List(list) => {
                list.into_iter().enumerate().map(|(i, n)| (scalar(i.to_string()), n)).collect()
            }
            Value::Map(pairs) => pairs.into_iter().map(|(k, n)| (scalar(k), n)).collect(),
            Value::Scalar(_) => return,
        };
        for (key, element) in elements.into_iter().take(ELEMENTS) {
            let (key, element) = (Rc::new(key), Rc::new(element));
            self.spend(scope.variables.len());
            let mut inner = Scope { dot: Rc::clone(&element), variables: scope.variables.clone() };
            match names {
                [one] => inner.variables.push((one.clone(), Some(element))),
                [first, second, ..] => {
                    inner.variables.push((first.clone(), Some(key)));
                    inner.variables.push((second.clone(), Some(element)));
                }
                [] => {}
            }
            self.items(body, &mut inner, off, out);
        }
    }
}

/// Whether a body holds the beginning of a manifest.
fn has_manifest(items: &[Item]) -> bool {
    items.iter().any(|item| match item {
        Item::Text(_, text) => text.lines().any(|l| l.starts_with("kind:")),
        Item::If(arms) => arms.iter().any(|(_, body)| has_manifest(body)),
        Item::With(_, _, body, _) | Item::Range(_, _, body) => has_manifest(body),
        Item::Write(..) | Item::Set(..) => false,
    })
}
