//! A chart: its name, its values and the pieces its templates share.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use crate::source::{Source, join};
use crate::yaml::{Node, Value, document};

use super::template::{Item, parse};

/// Stands for the name of the release while templates are filled in.
pub(super) const RELEASE: &str = "release-name";

/// Most files with shared pieces that are read.
const HELPERS: usize = 24;

thread_local! {
    /// The chart that was read last.
    static LAST: RefCell<Option<(PathBuf, Rc<Chart>)>> = const { RefCell::new(None) };
}

/// A chart.
#[derive(Debug)]
pub(super) struct Chart {
    /// Its name, which its release is called as well.
    pub(super) name: String,
    /// Its values, those of a chart above it put over them.
    pub(super) values: Node,
    /// What templates see: `.Values`, `.Chart`, `.Release`.
    pub(super) context: Rc<Node>,
    /// Shared pieces by name.
    pub(super) pieces: BTreeMap<String, Rc<Vec<Item>>>,
    /// Whether the chart above it leaves it out.
    pub(super) optional: bool,
}

/// The folder of the chart whose template a file is.
pub(super) fn root(source: &Source<'_>) -> Option<String> {
    let mut parts: Vec<&str> = source.folder().split('/').collect();
    while let Some(last) = parts.pop() {
        let root = parts.join("/");
        if last == "templates" && join(&root, "Chart.yaml").is_some_and(|p| source.tree.has(&p)) {
            return Some(root);
        }
    }
    None
}

/// A scalar.
pub(super) fn scalar(text: impl Into<String>) -> Node {
    Node { line: 0, tag: None, value: Value::Scalar(text.into()) }
}

/// A map.
pub(super) fn map(pairs: Vec<(&str, Node)>) -> Node {
    let pairs = pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    Node { line: 0, tag: None, value: Value::Map(pairs) }
}

impl Chart {
    /// The chart of a folder. Templates of a chart are read one after the other: it is read once for them.
    pub(super) fn of(source: &Source<'_>, root: &str) -> Rc<Self> {
        let key = source.tree.root.join(root);
        LAST.with_borrow_mut(|last| match last {
            Some((known, chart)) if *known == key => Rc::clone(chart),
            _ => {
                let chart = Rc::new(Self::read(source, root));
                *last = Some((key, Rc::clone(&chart)));
                chart
            }
        })
    }

    fn read(source: &Source<'_>, root: &str) -> Self {
        let file = |name: &str| join(root, name).and_then(|p| source.other(&p)).and_then(|t| document(&t));
        let empty = || map(Vec::new());
        let about = file("Chart.yaml").unwrap_or_else(empty);
        let folder = root.rsplit('/').next().unwrap_or(root);
        let name =
            about.text_of("name").unwrap_or(if folder.is_empty() { "chart" } else { folder }).to_owned();
        let mut values = file("values.yaml").unwrap_or_else(empty);
        let mut optional = false;
        if let Some((above, folder)) = root.rsplit_once("/charts/")
            && let Some(over) =
                join(above, "values.yaml").and_then(|p| source.other(&p)).and_then(|t| document(&t))
        {
            let own = over.get(&name).or_else(|| over.get(folder)).cloned();
            optional = own.as_ref().is_some_and(|o| o.text_of("enabled") == Some("false"));
            let shared = over.get("global").cloned().map(|g| map(vec![("global", g)]));
            for more in own.into_iter().chain(shared) {
                values = over_values(more, values);
            }
        }
        let text = |key: &str| about.text_of(key).unwrap_or("").to_owned();
        let chart = map(vec![
            ("Name", scalar(&name)),
            ("Version", scalar(text("version"))),
            ("AppVersion", scalar(text("appVersion"))),
        ]);
        let release = map(vec![
            ("Name", scalar(RELEASE)),
            ("Namespace", scalar("default")),
            ("Service", scalar("Helm")),
            ("IsInstall", scalar("true")),
        ]);
        let context = Rc::new(map(vec![("Values", values.clone()), ("Chart", chart), ("Release", release)]));
        Self { name, values, context, pieces: pieces(source, root), optional }
    }
}

/// The shared pieces of a chart and of the charts inside it that only share.
fn pieces(source: &Source<'_>, root: &str) -> BTreeMap<String, Rc<Vec<Item>>> {
    let mut out = BTreeMap::new();
    let shares =
        |path: &str| path.ends_with(".tpl") || path.rsplit('/').next().is_some_and(|n| n.starts_with('_'));
    let files = source.tree.below(root).filter(|f| f.path.contains("templates/") && shares(&f.path));
    for file in files.take(HELPERS) {
        let Some(text) = source.other(&file.path) else { continue };
        for (name, items) in parse(&text).1 {
            out.entry(name).or_insert_with(|| Rc::new(items));
        }
    }
    out
}

/// Puts values over others, maps joined.
fn over_values(over: Node, below: Node) -> Node {
    merged(over, below, 0)
}

/// Deepest level that is joined; below it what stands above wins.
const DEPTH: usize = 24;

fn merged(over: Node, below: Node, depth: usize) -> Node {
    let (line, tag) = (over.line, over.tag.clone());
    match (over.value, below.value) {
        (Value::Map(mut own), Value::Map(base)) if depth < DEPTH => {
            for (key, value) in base {
                match own.iter().position(|(k, _)| *k == key) {
                    Some(at) => {
                        let (key, mine) = own.remove(at);
                        own.push((key, merged(mine, value, depth + 1)));
                    }
                    None => own.push((key, value)),
                }
            }
            Node { line, tag, value: Value::Map(own) }
        }
        (value, _) => Node { line, tag, value },
    }
}
