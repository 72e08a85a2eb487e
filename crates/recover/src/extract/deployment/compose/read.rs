//! Reading the forms in which Compose writes things.

use crate::secret::is_key;
use crate::sighting::Port;
use crate::source::Source;
use crate::template::{keys, placeholder, resolve};
use crate::yaml::{Node, Value, document};

/// Most services a service extends one after the other.
const EXTENDS: usize = 6;

/// Widest range of ports that is written out.
const RANGE: u16 = 64;

/// Keys, values and lines of a map or of a list of `KEY=value`. A key without a value is taken from outside.
pub(super) fn pairs(node: Option<&Node>) -> Vec<(String, String, usize)> {
    let Some(node) = node else { return Vec::new() };
    let outside = |key: &str| placeholder(key, None);
    match &node.value {
        Value::Map(pairs) => pairs
            .iter()
            .map(|(k, v)| (k.clone(), v.text().map_or_else(|| outside(k), str::to_owned), v.line))
            .collect(),
        _ => node
            .list()
            .iter()
            .filter_map(|n| {
                let text = n.text()?;
                let (key, value) = match text.split_once('=') {
                    Some((key, value)) => (key.trim(), value.to_owned()),
                    None => (text.trim(), outside(text.trim())),
                };
                Some((key.to_owned(), value, n.line))
            })
            .collect(),
    }
}

/// The paths of `env_file` with their lines.
pub(super) fn environment_files(node: &Node) -> Vec<(String, usize)> {
    let Some(files) = node.get("env_file") else { return Vec::new() };
    let one = |n: &Node| n.text().or_else(|| n.text_of("path")).map(|p| (p.to_owned(), n.line));
    match &files.value {
        Value::List(list) => list.iter().filter_map(one).collect(),
        _ => one(files).into_iter().collect(),
    }
}

/// The values of an environment file beside the file.
pub(super) fn environment_file(source: &Source<'_>, name: &str) -> Vec<(String, String, usize)> {
    let text = source.relative(name).and_then(|path| source.other(&path));
    text.map(|t| environment_text(&t)).unwrap_or_default()
}

/// Keys, values and lines of the text of an environment file.
pub(super) fn environment_text(text: &str) -> Vec<(String, String, usize)> {
    let one = |(i, line): (usize, &str)| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (key, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
        let value = value.trim();
        let plain = match value.chars().next() {
            Some(q @ ('"' | '\'')) => value.trim_matches(q),
            _ => value.split(" #").next().unwrap_or(value).trim(),
        };
        Some((key.trim().to_owned(), plain.to_owned(), i + 1))
    };
    text.lines().enumerate().filter_map(one).collect()
}

/// A text whose variables without a default get the values of an environment file, secrets excepted.
pub(super) fn with_defaults(text: &str, defaults: &[(String, String, usize)]) -> String {
    let mut out = braced(text);
    for key in keys(text).into_iter().map(str::to_owned).collect::<Vec<_>>() {
        if is_key(&key) {
            continue;
        }
        if let Some((_, value, _)) = defaults.iter().find(|(k, v, _)| *k == key && !v.contains("${")) {
            out = out.replace(&placeholder(&key, None), &placeholder(&key, Some(value)));
        }
    }
    out
}

/// `$NAME` written as `${NAME}`; `$$` is a dollar sign.
fn braced(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        out.push('$');
        if let Some(after) = after.strip_prefix('$') {
            rest = after;
            continue;
        }
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        let (name, tail) = after.split_at(end);
        if !name.is_empty() {
            out.push('{');
            out.push_str(name);
            out.push('}');
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Entry point and command as one line.
pub(super) fn command(node: &Node) -> Option<(String, usize)> {
    let words = |n: &Node| match &n.value {
        Value::List(list) => Some(list.iter().filter_map(Node::text).collect::<Vec<_>>().join(" ")),
        _ => n.text().map(str::to_owned),
    };
    let parts = [node.get("entrypoint"), node.get("command")];
    let line = parts.iter().flatten().map(|n| n.line).next()?;
    let text = parts.iter().flatten().filter_map(|n| words(n)).collect::<Vec<_>>().join(" ");
    (!text.trim().is_empty()).then_some((text, line))
}

/// Ports of the short form: `80`, `8080:80`, `127.0.0.1:8080:80/tcp`, ranges.
pub(super) fn short_port(text: &str) -> Vec<Port> {
    let text = text.split('/').next().unwrap_or(text);
    // An IPv6 address stands in brackets.
    let (bind, rest) = match text.strip_prefix('[').and_then(|t| t.split_once("]:")) {
        Some((address, rest)) => (Some(address), rest),
        None => (None, text),
    };
    let parts: Vec<&str> = rest.split(':').collect();
    let (bind, published, inside) = match parts.as_slice() {
        [inside] => (bind, "0", *inside),
        [published, inside] => (bind, *published, *inside),
        [address, published, inside] => (Some(*address), *published, *inside),
        _ => return Vec::new(),
    };
    let published = if published.is_empty() { "0" } else { published };
    let Some((first, last)) = range(inside) else { return Vec::new() };
    let outside = range(published);
    (first..=last)
        .take(usize::from(RANGE))
        .map(|port| Port {
            inside: port,
            published: Some(match outside {
                Some((from, to)) if to > from => from.saturating_add(port - first).to_string(),
                _ => published.to_owned(),
            }),
            bind: bind.map(str::to_owned),
        })
        .collect()
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}

/// A service with what it extends put below it; what stands in another file gets the line of `extends`.
pub(super) fn extended(source: &Source<'_>, services: &[(String, Node)], service: &Node) -> Node {
    let mut node = service.clone();
    let mut file: Option<(String, Node)> = None;
    for _ in 0..EXTENDS {
        let Some(extends) = node.get("extends").cloned() else { break };
        without(&mut node, "extends");
        let Some(name) = extends.text().or_else(|| extends.text_of("service")).map(str::to_owned) else {
            break;
        };
        if let Some(path) = extends.text_of("file").map(|p| resolve(p, &|_| None)) {
            let folder = file.as_ref().map_or(source.path, |(p, _)| p.as_str());
            let folder = folder.rsplit_once('/').map_or("", |(f, _)| f);
            let Some(path) = crate::source::join(folder, &path) else { break };
            let Some(doc) = source.other(&path).and_then(|t| document(&t)) else { break };
            file = Some((path, doc));
        }
        let base = match &file {
            Some((_, doc)) => doc.at(&["services", &name]).or_else(|| doc.get(&name)).cloned(),
            None => services.iter().find(|(n, _)| *n == name).map(|(_, n)| n.clone()),
        };
        let Some(mut base) = base else { break };
        if file.is_some() {
            relabel(&mut base, extends.line);
        }
        node = over(node, base);
    }
    node
}

fn without(node: &mut Node, key: &str) {
    if let Value::Map(pairs) = &mut node.value {
        pairs.retain(|(k, _)| k != key);
    }
}

fn relabel(node: &mut Node, line: usize) {
    let mut todo = vec![node];
    while let Some(node) = todo.pop() {
        node.line = line;
        match &mut node.value {
            Value::Scalar(_) => {}
            Value::List(list) => todo.extend(list.iter_mut()),
            Value::Map(pairs) => todo.extend(pairs.iter_mut().map(|(_, v)| v)),
        }
    }
}

/// The keys of a map that are joined with those of its base.
const JOINED: &[&str] =
    &["environment", "ports", "volumes", "networks", "depends_on", "deploy", "labels", "build", "expose"];

/// Puts a service over its base: lists follow each other, maps are joined, the rest is replaced.
fn over(service: Node, base: Node) -> Node {
    let line = service.line;
    let (Value::Map(mut own), Value::Map(below)) = (service.value, base.value) else {
        return Node { line, tag: None, value: Value::Map(Vec::new()) };
    };
    for (key, value) in below {
        match own.iter_mut().find(|(k, _)| *k == key) {
            None => own.push((key, value)),
            Some((_, mine)) if JOINED.contains(&key.as_str()) => join_values(mine, value),
            Some(_) => {}
        }
    }
    Node { line, tag: None, value: Value::Map(own) }
}

fn join_values(mine: &mut Node, base: Node) {
    match (&mut mine.value, base.value) {
        (Value::List(list), Value::List(more)) => list.extend(more),
        (Value::Map(pairs), Value::Map(more)) => {
            for (key, value) in more {
                if !pairs.iter().any(|(k, _)| *k == key) {
                    pairs.push((key, value));
                }
            }
        }
        // A list of `KEY=value` over a map, or the other way round.
        (Value::List(list), Value::Map(more)) => {
            for (key, value) in more {
                let text = format!("{key}={}", value.text().unwrap_or(""));
                list.push(Node { line: value.line, tag: None, value: Value::Scalar(text) });
            }
        }
        (Value::Map(pairs), Value::List(more)) => {
            for item in more {
                if let Some((key, value)) = item.text().and_then(|t| t.split_once('='))
                    && !pairs.iter().any(|(k, _)| k == key)
                {
                    let value = Value::Scalar(value.to_owned());
                    pairs.push((key.to_owned(), Node { line: item.line, tag: None, value }));
                }
            }
        }
        _ => {}
    }
}
