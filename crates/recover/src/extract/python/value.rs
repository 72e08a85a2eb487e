//! Expressions as templates: environment variables, constants and format strings put together.

use tree_sitter::Node;

use crate::extract::python::code::Code;
use crate::syntax;
use crate::template;

/// Deepest expression that is put together.
const DEPTH: usize = 24;

/// Longest value.
const LENGTH: usize = 1000;

/// Functions that read the environment: the variable comes first, the default second or by keyword.
const ENV: &[&str] = &[
    "os.getenv",
    "os.environ.get",
    "os.environ.setdefault",
    "environ.get",
    "getenv",
    "decouple.config",
    "env",
    "env.str",
    "env.url",
    "env.db",
    "env.db_url",
    "env.cache",
    "env.int",
    "env.bool",
    "env.list",
    "environ.Env()",
    "environ.Env().str",
    "environs.Env().str",
    "dj_database_url.config",
];

/// Names of objects whose attributes are settings.
const SETTINGS: &[&str] =
    &["settings", "config", "conf", "cfg", "constants", "constant", "consts", "app_settings"];

/// Methods that leave the value of a text as it matters here.
const PASSING: &[&str] = &[
    "strip",
    "rstrip",
    "lstrip",
    "lower",
    "upper",
    "encode",
    "decode",
    "unicode_string",
    "get_secret_value",
];

/// Functions that leave the value as it matters here.
const WRAPPING: &[&str] =
    &["str", "int", "float", "bool", "yarl.URL", "httpx.URL", "quote_plus", "typing.cast"];

impl Code {
    /// The value of an expression as a template; nothing when it is no text.
    pub(crate) fn value(&self, node: Node<'_>) -> Option<String> {
        let value = self.evaluate(node, DEPTH)?;
        (value.len() <= LENGTH).then_some(value)
    }

    /// A literal text without placeholders.
    pub(crate) fn literal(&self, node: Node<'_>) -> Option<String> {
        self.value(node).filter(|v| !v.contains('{'))
    }

    fn evaluate(&self, node: Node<'_>, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        match node.kind() {
            "string" => Some(self.string(node, depth)),
            "integer" | "float" => Some(self.text_of(node).to_owned()),
            "true" | "false" => Some(self.text_of(node).to_owned()),
            "concatenated_string" => {
                Some(syntax::children(node).into_iter().filter_map(|c| self.evaluate(c, depth)).collect())
            }
            "parenthesized_expression" | "await" => self.evaluate(node.named_child(0)?, depth),
            "binary_operator" => self.operator(node, depth),
            "boolean_operator" => self.either(node, depth),
            "conditional_expression" => {
                let value =
                    node.named_child(0).and_then(|n| self.evaluate(n, depth)).filter(|v| !v.is_empty());
                value.or_else(|| self.evaluate(node.named_child(2)?, depth))
            }
            "call" => self.called(node, depth),
            "subscript" => self.subscripted(node, depth),
            "identifier" => Some(self.named(node, depth)),
            "attribute" => Some(self.dotted_value(node, depth)),
            _ => None,
        }
    }

    /// A part of a longer text: what is unknown is written in braces.
    fn part(&self, node: Node<'_>, depth: usize) -> String {
        self.evaluate(node, depth).unwrap_or_else(|| unknown(self.text_of(node)))
    }

    fn string(&self, node: Node<'_>, depth: usize) -> String {
        let mut out = String::new();
        for child in syntax::children(node) {
            match child.kind() {
                "string_content" => out.push_str(&self.text_of(child).replace("\\/", "/")),
                "interpolation" => {
                    if let Some(expression) = syntax::field(child, "expression") {
                        out.push_str(&self.part(expression, depth));
                    }
                }
                _ => {}
            }
            if out.len() > LENGTH {
                break;
            }
        }
        // `{{` of a format string
        if self.text_of(node).trim_start().starts_with(['f', 'F']) {
            out.replace("{{", "{").replace("}}", "}")
        } else {
            out
        }
    }

    fn operator(&self, node: Node<'_>, depth: usize) -> Option<String> {
        let (left, right) = (syntax::field(node, "left")?, syntax::field(node, "right")?);
        match self.field(node, "operator") {
            "+" => Some(self.part(left, depth) + &self.part(right, depth)),
            "/" => {
                Some(format!("{}/{}", self.part(left, depth).trim_end_matches('/'), self.part(right, depth)))
            }
            "%" => {
                let format = self.evaluate(left, depth)?;
                let values = match right.kind() {
                    "tuple" => syntax::children(right),
                    _ => vec![right],
                };
                Some(self.fill_percent(&format, &values, depth))
            }
            _ => None,
        }
    }

    fn fill_percent(&self, format: &str, values: &[Node<'_>], depth: usize) -> String {
        let mut out = String::new();
        let mut values = values.iter();
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            out.push_str(rest.get(..at).unwrap_or(""));
            let after = rest.get(at + 1..).unwrap_or("");
            let end = after.find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(after.len());
            let kind = after.get(end..).and_then(|a| a.chars().next());
            match (kind, after.strip_prefix('(').and_then(|a| a.split_once(')'))) {
                (_, Some((name, behind))) => {
                    out.push_str(&format!("{{{name}}}"));
                    rest = behind.get(1..).unwrap_or("");
                    continue;
                }
                (Some('%'), _) => out.push('%'),
                (Some(_), _) => {
                    out.push_str(&values.next().map_or_else(|| "{}".to_owned(), |v| self.part(*v, depth)));
                }
                (None, _) => {}
            }
            rest = after.get(end + 1..).unwrap_or("");
        }
        out + rest
    }

    /// `a or b`: the second stands in when the first is missing.
    fn either(&self, node: Node<'_>, depth: usize) -> Option<String> {
        let left = syntax::field(node, "left").and_then(|n| self.evaluate(n, depth));
        let right = syntax::field(node, "right").and_then(|n| self.evaluate(n, depth));
        if self.field(node, "operator") != "or" {
            return right.or(left);
        }
        match (left, right) {
            (Some(left), Some(right)) => Some(with_default(&left, &right)),
            (left, right) => left.or(right),
        }
    }

    fn called(&self, node: Node<'_>, depth: usize) -> Option<String> {
        let callee = self.callee(node);
        let function = syntax::field(node, "function")?;
        let short = callee.rsplit('.').next().unwrap_or(&callee);
        if callee == "str.format" || short == "format" {
            let object = syntax::field(function, "object")?;
            return Some(self.fill_braces(&self.evaluate(object, depth)?, node, depth));
        }
        let is_env = ENV.contains(&callee.as_str())
            || ENV.contains(&self.text_of(function))
            || matches!(callee.as_str(), "config" if self.import("config").is_some_and(|i| i.starts_with("decouple")));
        let at = if is_env { Some(0) } else { self.env_helper(&callee) };
        if let Some(at) = at {
            let key = self.arg(node, Some(at), "key").or_else(|| self.arg(node, None, "var_name"))?;
            let key = self.evaluate(key, depth)?;
            let default = self.arg(node, Some(at + 1), "default").filter(|d| d.kind() != "none");
            let default = default.filter(|d| !matches!(d.kind(), "false" | "true"));
            let default = default.and_then(|d| self.evaluate(d, depth)).filter(|d| !d.is_empty());
            return Some(template::placeholder(&key, default.as_deref()));
        }
        let (object, method) = (syntax::field(function, "object"), self.field(function, "attribute"));
        if let Some(object) = object {
            if PASSING.contains(&method) {
                return self.evaluate(object, depth);
            }
            if method == "get" && self.holds_settings(object) {
                let key = self.evaluate(self.arg(node, Some(0), "key")?, depth)?;
                let default = self.arg(node, Some(1), "default").and_then(|d| self.evaluate(d, depth));
                return Some(template::placeholder(&key, default.as_deref()));
            }
            if method == "replace" {
                return self.evaluate(object, depth);
            }
        }
        if short == "urljoin" {
            let base = self.part(self.arg(node, Some(0), "base")?, depth);
            let path = self.part(self.arg(node, Some(1), "url")?, depth);
            return Some(format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/')));
        }
        WRAPPING
            .contains(&callee.as_str())
            .then(|| self.evaluate(self.arg(node, Some(0), "")?, depth))
            .flatten()
    }

    /// Whether an object holds settings: `app.config`, `current_app.config`, `os.environ`.
    fn holds_settings(&self, object: Node<'_>) -> bool {
        let text = self.text_of(object);
        text.ends_with("environ") || text.ends_with(".config") || text == "config"
    }

    /// `"{}/{name}".format(a, name=b)`.
    fn fill_braces(&self, format: &str, call: Node<'_>, depth: usize) -> String {
        let mut out = String::new();
        let mut next = 0;
        let mut rest = format;
        while let Some(at) = rest.find('{') {
            // a placeholder that is filled already
            let filled = at > 0 && rest.as_bytes().get(at - 1) == Some(&b'$');
            out.push_str(rest.get(..at).unwrap_or(""));
            let after = rest.get(at + 1..).unwrap_or("");
            let Some((inside, behind)) = after.split_once('}') else {
                out.push_str(rest.get(at..).unwrap_or(""));
                return out;
            };
            if filled {
                out.push_str(&format!("{{{inside}}}"));
            } else {
                let name = inside.split([':', '!']).next().unwrap_or("");
                let value = match name.parse::<usize>() {
                    Ok(position) => self.arg(call, Some(position), ""),
                    Err(_) if name.is_empty() => {
                        next += 1;
                        self.arg(call, Some(next - 1), "")
                    }
                    Err(_) => self.arg(call, None, name.split(['.', '[']).next().unwrap_or(name)),
                };
                out.push_str(&value.map_or_else(|| format!("{{{name}}}"), |v| self.part(v, depth)));
            }
            rest = behind;
        }
        out + rest
    }

    fn subscripted(&self, node: Node<'_>, depth: usize) -> Option<String> {
        let object = syntax::field(node, "value")?;
        let key = syntax::field(node, "subscript")?;
        if let Some((value, false)) = self.lookup(self.text_of(node), node)
            && value.id() != node.id()
            && !self.text_of(object).ends_with("environ")
        {
            return self.evaluate(value, depth);
        }
        if self.holds_settings(object) {
            return Some(template::placeholder(&self.evaluate(key, depth)?, None));
        }
        // a table of constants in this file: `SERVICES["users"]`
        let (table, _) = self.lookup(self.text_of(object), node).filter(|(t, _)| t.kind() == "dictionary")?;
        let key = self.evaluate(key, depth)?;
        let pair = syntax::children(table).into_iter().filter(|p| p.kind() == "pair").find(|p| {
            syntax::field(*p, "key").and_then(|k| self.evaluate(k, depth)).as_deref() == Some(key.as_str())
        })?;
        self.evaluate(syntax::field(pair, "value")?, depth)
    }

    fn named(&self, node: Node<'_>, depth: usize) -> String {
        let name = self.text_of(node);
        if let Some((value, false)) = self.lookup(name, node)
            && value.id() != node.id()
            && let Some(text) = self.evaluate(value, depth)
        {
            let fallback = self.fallback(name, node).and_then(|f| self.evaluate(f, depth));
            return match fallback {
                Some(other) if !other.contains('{') => with_default(&text, &other),
                _ => text,
            };
        }
        match self.import(name) {
            // a constant of another file, which its settings may tell
            Some(_) if is_constant(name) => template::placeholder(name, None),
            _ => unknown(name),
        }
    }

    fn dotted_value(&self, node: Node<'_>, depth: usize) -> String {
        let whole = self.text_of(node);
        if let Some((value, false)) = self.lookup(whole, node)
            && value.id() != node.id()
            && let Some(text) = self.evaluate(value, depth)
        {
            return text;
        }
        let name = self.field(node, "attribute");
        let Some(object) = syntax::field(node, "object") else { return unknown(name) };
        let holder = self.text_of(object);
        let last = holder.rsplit('.').next().unwrap_or(holder).trim_end_matches("()").to_ascii_lowercase();
        if SETTINGS.contains(&last.as_str()) || last.ends_with("settings") || last.ends_with("config") {
            // an object of this file made from a class of settings
            let class = self.made_by(object);
            if let Some((value, false)) = self.lookup(&format!("{class}.{name}"), node)
                && let Some(text) = self.evaluate(value, depth)
            {
                return if text.starts_with("${") {
                    text
                } else {
                    template::placeholder(&name.to_ascii_uppercase(), Some(&text))
                };
            }
            return template::placeholder(&name.to_ascii_uppercase(), None);
        }
        if is_constant(name) && self.import(holder).is_some() {
            return template::placeholder(name, None);
        }
        unknown(name)
    }
}

/// Whether a name is written like a constant.
fn is_constant(name: &str) -> bool {
    name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Something unknown, in braces, by its last name.
fn unknown(text: &str) -> String {
    let name: String = text
        .trim_start_matches("self.")
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
        .take(40)
        .collect();
    let name = name.rsplit('.').find(|p| !p.is_empty()).unwrap_or("");
    format!("{{{name}}}")
}

/// Gives a lone placeholder without default a default.
pub(crate) fn with_default(value: &str, default: &str) -> String {
    let key = value.strip_prefix("${").and_then(|v| v.strip_suffix('}'));
    match key {
        Some(key) if !key.contains(['{', ':']) && !default.is_empty() => {
            template::placeholder(key, Some(default))
        }
        _ if value.is_empty() => default.to_owned(),
        _ => value.to_owned(),
    }
}
