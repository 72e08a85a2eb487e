//! The functions of templates that matter for reading a chart.

use std::rc::Rc;

use crate::yaml::{Node, Value, document};

use super::chart::{map, scalar};
use super::render::{Filler, Scope};
use super::write::{flow, is_true, quoted, text_of, yaml};

/// Most elements a function makes.
const ELEMENTS: usize = 64;

/// Longest text a function makes.
const LENGTH: usize = 100_000;

/// The value of a function; nothing when it is not known.
pub(super) fn call(
    name: &str,
    given: &[Option<Node>],
    scope: &Scope,
    filler: &mut Filler<'_>,
) -> Option<Node> {
    filler.spend(given.iter().flatten().map(Node::size).sum());
    if let Some(result) = logic(name, given) {
        return result;
    }
    match name {
        "include" | "template" => {
            let piece = text_of(given.first()?.as_ref()?);
            let dot = given.get(1).cloned().flatten().map_or_else(|| Rc::clone(&scope.dot), Rc::new);
            filler.piece(&piece, dot).map(scalar)
        }
        "tpl" => {
            let text = text_of(given.first()?.as_ref()?);
            let dot = given.get(1).cloned().flatten().map_or_else(|| Rc::clone(&scope.dot), Rc::new);
            filler.inline(&text, dot).map(scalar)
        }
        "lookup" | "fail" | "set" | "unset" => Some(scalar("")),
        _ => collection(name, given).or_else(|| text(name, given)),
    }
}

/// Functions on lists and maps, and those that change the form of a value.
fn collection(name: &str, given: &[Option<Node>]) -> Option<Node> {
    let last = || given.last().cloned().flatten();
    match name {
        "dict" => {
            let pairs = given.chunks(2).filter_map(|c| match c {
                [Some(key), Some(value)] => Some((text_of(key), value.clone())),
                _ => None,
            });
            Some(Node { line: 0, tag: None, value: Value::Map(pairs.collect()) })
        }
        "list" | "tuple" => {
            let list = given.iter().flatten().cloned().collect();
            Some(Node { line: 0, tag: None, value: Value::List(list) })
        }
        "get" | "index" => {
            let mut at = given.first()?.clone()?;
            for key in given.get(1..)? {
                at = element(&at, &text_of(key.as_ref()?));
            }
            Some(at)
        }
        "dig" => {
            let (keys, rest) = given.split_at_checked(given.len().checked_sub(2)?)?;
            let [otherwise, from] = rest else { return None };
            let mut at = from.clone()?;
            for key in keys {
                at = element(&at, &text_of(key.as_ref()?));
            }
            if is_true(&at) { Some(at) } else { otherwise.clone() }
        }
        "merge" | "mergeOverwrite" | "mustMerge" | "mustMergeOverwrite" => {
            Some(joined(given, name.contains("Overwrite")))
        }
        "fromYaml" | "fromJson" => document(&text_of(&last()?)),
        "concat" | "append" => {
            let lists = given.iter().flatten().flat_map(|n| n.list().to_vec());
            Some(Node { line: 0, tag: None, value: Value::List(lists.take(ELEMENTS).collect()) })
        }
        "keys" => {
            let keys = last()?.pairs().iter().map(|(k, _)| scalar(k.clone())).collect();
            Some(Node { line: 0, tag: None, value: Value::List(keys) })
        }
        "first" => last()?.list().first().cloned(),
        "last" => last()?.list().last().cloned(),
        "len" => {
            let node = last()?;
            let count = node.pairs().len().max(if matches!(node.value, Value::List(_)) {
                node.list().len()
            } else {
                0
            });
            Some(scalar(count.to_string()))
        }
        "until" => {
            let count: usize = text_of(&last()?).parse().ok()?;
            let list = (0..count.min(ELEMENTS)).map(|i| scalar(i.to_string())).collect();
            Some(Node { line: 0, tag: None, value: Value::List(list) })
        }
        "deepCopy" | "mustDeepCopy" | "required" | "uniq" | "sortAlpha" | "compact" | "omit" | "pick" => {
            if matches!(name, "omit" | "pick") { given.first().cloned().flatten() } else { last() }
        }
        "toYaml" | "mustToYaml" | "toYamlPretty" => Some(scalar(yaml(&last()?))),
        "toJson" | "mustToJson" | "toPrettyJson" => Some(scalar(flow(&last()?))),
        "splitList" | "split" => {
            let (separator, text) = (text_of(given.first()?.as_ref()?), text_of(&last()?));
            let parts = text.split(separator.as_str()).take(ELEMENTS).map(scalar).collect();
            Some(Node { line: 0, tag: None, value: Value::List(parts) })
        }
        "join" => {
            let separator = text_of(given.first()?.as_ref()?);
            let parts: Vec<String> = last()?.list().iter().map(text_of).collect();
            Some(scalar(parts.join(&separator)))
        }
        _ => None,
    }
}

/// Conditions and choices; the outer nothing when the name is of another kind.
fn logic(name: &str, given: &[Option<Node>]) -> Option<Option<Node>> {
    let boolean = |b: bool| Some(scalar(if b { "true" } else { "false" }));
    let texts = || given.iter().map(|g| g.as_ref().map(text_of)).collect::<Option<Vec<String>>>();
    let truth = |i: usize| given.get(i).and_then(|g| g.as_ref()).map(is_true);
    let number =
        |i: usize| given.get(i).and_then(|g| g.as_ref()).and_then(|n| text_of(n).parse::<f64>().ok());
    Some(match name {
        "eq" => {
            texts().and_then(|t| boolean(t.get(1..).is_some_and(|r| r.iter().any(|x| Some(x) == t.first()))))
        }
        "ne" => texts().and_then(|t| boolean(t.first() != t.get(1))),
        "lt" | "le" | "gt" | "ge" => match (number(0), number(1)) {
            (Some(a), Some(b)) => boolean(match name {
                "lt" => a < b,
                "le" => a <= b,
                "gt" => a > b,
                _ => a >= b,
            }),
            _ => None,
        },
        "not" => truth(0).and_then(|t| boolean(!t)),
        "empty" => truth(0).and_then(|t| boolean(!t)),
        "and" => {
            // What is certainly false decides, whatever the rest is.
            let stop = given.iter().flatten().find(|g| !is_true(g));
            stop.cloned().or_else(|| {
                if given.iter().all(Option::is_some) { given.last().cloned().flatten() } else { None }
            })
        }
        "or" | "coalesce" => {
            let stop = given.iter().flatten().find(|g| is_true(g));
            stop.cloned().or_else(|| {
                if given.iter().all(Option::is_some) { given.last().cloned().flatten() } else { None }
            })
        }
        "default" => match given {
            [otherwise, Some(value), ..] if !is_true(value) => otherwise.clone(),
            [_, Some(value), ..] => Some(value.clone()),
            [otherwise, ..] => otherwise.clone(),
            [] => None,
        },
        "ternary" => match truth(2) {
            Some(true) => given.first().cloned().flatten(),
            Some(false) => given.get(1).cloned().flatten(),
            None => None,
        },
        "contains" => texts().and_then(|t| Some(t.get(1)?.contains(t.first()?.as_str()))).and_then(boolean),
        "hasPrefix" => {
            texts().and_then(|t| Some(t.get(1)?.starts_with(t.first()?.as_str()))).and_then(boolean)
        }
        "hasSuffix" => texts().and_then(|t| Some(t.get(1)?.ends_with(t.first()?.as_str()))).and_then(boolean),
        "hasKey" => match (given.first(), given.get(1)) {
            (Some(Some(node)), Some(Some(key))) => boolean(node.get(&text_of(key)).is_some()),
            _ => None,
        },
        "has" => match (given.first(), given.get(1)) {
            (Some(Some(what)), Some(Some(list))) => {
                boolean(list.list().iter().any(|n| text_of(n) == text_of(what)))
            }
            _ => None,
        },
        "kindIs" | "typeIs" => match (given.first(), given.get(1)) {
            (Some(Some(kind)), Some(Some(node))) => {
                let kind = text_of(kind);
                boolean(match &node.value {
                    Value::Map(_) => kind.starts_with("map"),
                    Value::List(_) => kind.starts_with("slice") || kind.starts_with('['),
                    Value::Scalar(text) => match text.as_str() {
                        "" | "null" | "~" => kind == "invalid",
                        "true" | "false" => kind == "bool",
                        _ => {
                            kind == "string"
                                || (kind.contains("int") || kind.contains("float"))
                                    && text.parse::<f64>().is_ok()
                        }
                    },
                })
            }
            _ => None,
        },
        _ => return None,
    })
}

/// Functions from texts to a text.
fn text(name: &str, given: &[Option<Node>]) -> Option<Node> {
    let last = text_of(given.last()?.as_ref()?);
    let first = given.first()?.as_ref().map(text_of).unwrap_or_default();
    let count = || first.parse::<usize>().ok();
    let out = match name {
        "quote" => {
            let shown = quoted(&last);
            if shown.starts_with('"') { shown } else { format!("\"{shown}\"") }
        }
        "squote" => format!("'{}'", last.replace('\'', "''")),
        "indent" => indented(&last, count()?),
        "nindent" => format!("\n{}", indented(&last, count()?)),
        "printf" => printed(given),
        "print" => given.iter().flatten().map(text_of).collect(),
        "trunc" => last.chars().take(count()?).collect(),
        "trimSuffix" => last.strip_suffix(first.as_str()).unwrap_or(&last).to_owned(),
        "trimPrefix" => last.strip_prefix(first.as_str()).unwrap_or(&last).to_owned(),
        "trimAll" => last.trim_matches(|c| first.contains(c)).to_owned(),
        "trim" => last.trim().to_owned(),
        "replace" => last.replace(first.as_str(), &given.get(1)?.as_ref().map(text_of)?),
        "lower" => last.to_lowercase(),
        "upper" => last.to_uppercase(),
        "kebabcase" | "snakecase" => {
            last.to_lowercase().replace(['_', ' '], if name == "kebabcase" { "-" } else { "_" })
        }
        "nospace" => last.replace(' ', ""),
        "b64enc" => encoded(last.as_bytes()),
        "toString" | "int" | "int64" | "float64" | "title" | "untitle" | "abs" | "ceil" | "floor"
        | "regexReplaceAll" | "toDecimal" => last,
        "add" | "sub" | "mul" | "add1" => {
            let numbers: Vec<i64> = given.iter().flatten().filter_map(|n| text_of(n).parse().ok()).collect();
            let start = *numbers.first()?;
            let rest = numbers.get(1..)?.iter();
            match name {
                "add" => rest.fold(start, |a, b| a.saturating_add(*b)),
                "sub" => rest.fold(start, |a, b| a.saturating_sub(*b)),
                "mul" => rest.fold(start, |a, b| a.saturating_mul(*b)),
                _ => start.saturating_add(1),
            }
            .to_string()
        }
        _ => return None,
    };
    (out.len() <= LENGTH).then(|| scalar(out))
}

fn element(node: &Node, key: &str) -> Node {
    let of_list = || key.parse::<usize>().ok().and_then(|i| node.list().get(i));
    let found = match node.value {
        Value::Map(_) => node.get(key),
        Value::List(_) => of_list(),
        Value::Scalar(_) => None,
    };
    found.cloned().unwrap_or_else(|| scalar(""))
}

/// Maps joined; the first wins, or the last when they overwrite.
fn joined(given: &[Option<Node>], overwrites: bool) -> Node {
    let mut pairs: Vec<(String, Node)> = Vec::new();
    let mut maps: Vec<&Node> = given.iter().flatten().collect();
    if overwrites {
        maps.reverse();
    }
    for (key, value) in maps.into_iter().flat_map(Node::pairs) {
        if !pairs.iter().any(|(k, _)| k == key) {
            pairs.push((key.clone(), value.clone()));
        }
    }
    let mut node = map(Vec::new());
    node.value = Value::Map(pairs);
    node
}

fn indented(text: &str, count: usize) -> String {
    let space = " ".repeat(count.min(80));
    text.lines().map(|l| format!("{space}{l}")).collect::<Vec<_>>().join("\n")
}

fn printed(given: &[Option<Node>]) -> String {
    let Some(Some(format)) = given.first() else { return String::new() };
    let format = text_of(format);
    let mut values = given.get(1..).unwrap_or_default().iter();
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        while chars.peek().is_some_and(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+')) {
            chars.next();
        }
        match chars.next() {
            Some('%') => out.push('%'),
            Some(kind) => {
                let value = values.next().and_then(|v| v.as_ref().map(text_of));
                let value = value.unwrap_or_else(|| "${unknown}".to_owned());
                out.push_str(&if kind == 'q' { format!("\"{value}\"") } else { value });
            }
            None => {}
        }
    }
    out
}

/// Base 64.
fn encoded(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for i in 0..4 {
            let six = usize::try_from((bits >> (18 - 6 * i)) & 63).unwrap_or(0);
            let sign = SIGNS.get(six).copied().unwrap_or(b'=');
            out.push(if i <= chunk.len() { char::from(sign) } else { '=' });
        }
    }
    out
}
