//! Values as text, and whether they count as true.

use crate::yaml::{Node, Value};

/// Whether a value counts as true: not null, false, zero or empty.
pub(super) fn is_true(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(text) => !matches!(text.as_str(), "" | "false" | "0" | "null" | "~"),
        Value::List(list) => !list.is_empty(),
        Value::Map(pairs) => !pairs.is_empty(),
    }
}

/// A value as it is written into a text.
pub(super) fn text_of(node: &Node) -> String {
    match &node.value {
        Value::Scalar(text) if matches!(text.as_str(), "null" | "~") => String::new(),
        Value::Scalar(text) => text.clone(),
        _ => flow(node),
    }
}

/// A value as YAML: one line for each element, what is below on one line.
pub(super) fn yaml(node: &Node) -> String {
    match &node.value {
        Value::Scalar(text) => text.clone(),
        Value::List(list) if list.is_empty() => "[]".to_owned(),
        Value::Map(pairs) if pairs.is_empty() => "{}".to_owned(),
        Value::List(list) => list.iter().map(|n| format!("- {}", flow(n))).collect::<Vec<_>>().join("\n"),
        Value::Map(pairs) => {
            pairs.iter().map(|(k, v)| format!("{}: {}", quoted(k), flow(v))).collect::<Vec<_>>().join("\n")
        }
    }
}

/// A value on one line.
pub(super) fn flow(node: &Node) -> String {
    match &node.value {
        Value::Scalar(text) => quoted(text),
        Value::List(list) => format!("[{}]", list.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Map(pairs) => {
            let pairs: Vec<String> =
                pairs.iter().map(|(k, v)| format!("{}: {}", quoted(k), flow(v))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

/// A scalar, in quotes where it would be read as something else.
pub(super) fn quoted(text: &str) -> String {
    let plain = !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
        && !text.starts_with('-');
    if plain {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
