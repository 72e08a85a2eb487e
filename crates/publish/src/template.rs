//! Templates for documents in which text dominates structure.

use minijinja::{Environment, UndefinedBehavior, Value};
use serde::Serialize;

/// Renders a template that is part of the program. Values are Markdown already: nothing is escaped here.
///
/// # Panics
/// When the template itself is faulty, which the tests of every deliverable exclude.
pub(crate) fn render<T: Serialize>(name: &str, template: &str, values: &T) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let values = serde_json::to_value(values).expect("records of text have a JSON form");
    let text = environment
        .render_named_str(name, template, value(values))
        .expect("templates of the program are sound");
    tidy(&text)
}

/// Renders a file of code or configuration: lines stay as the template has them.
///
/// # Panics
/// When the template itself is faulty, which the tests of every stack and platform exclude.
pub(crate) fn render_code(name: &str, template: &str, values: &serde_json::Value) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = minijinja::syntax::SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .expect("these change white space only");
    environment.set_syntax(syntax);
    environment
        .render_named_str(name, template, value(values.clone()))
        .unwrap_or_else(|e| panic!("templates of the program are sound: {name}: {e:#}"))
}

fn value(json: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::from(()),
        Json::Bool(yes) => Value::from(yes),
        Json::Number(number) => Value::from(number.as_f64()),
        Json::String(text) => Value::from(text),
        Json::Array(items) => Value::from(items.into_iter().map(value).collect::<Vec<_>>()),
        Json::Object(object) => Value::from_pairs(object.into_iter().map(|(k, v)| (k, value(v)))),
    }
}

/// One blank line between blocks, and a line break at the end.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    let mut fenced = false;
    for line in text.lines() {
        let line = line.trim_end();
        fenced ^= line.starts_with("```");
        if line.is_empty() && !fenced {
            blank = true;
            continue;
        }
        if blank && !out.is_empty() {
            out.push('\n');
        }
        blank = false;
        out.push_str(line);
        out.push('\n');
    }
    out
}
