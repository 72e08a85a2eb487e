//! Values of expressions as templates: environment variables become placeholders, constants are followed, what is
//! not known becomes `{name}`.

use tree_sitter::Node;

use super::module::{Bound, Js, inner};
use crate::syntax;
use crate::template::placeholder;

/// Deepest nesting of expressions that is followed.
const DEPTH: usize = 10;

/// Most expressions that are evaluated for one value: constants that hold each other multiply.
const FUEL: usize = 200;

/// Longest template.
const LENGTH: usize = 600;

/// Calls that leave a value what it is.
const TRANSPARENT: &[&str] = &[
    "toString",
    "trim",
    "asString",
    "required",
    "asUrlString",
    "asInt",
    "asPortNumber",
    "asIntPositive",
    "valueOf",
    "toLowerCase",
    "replace",
    "replaceAll",
    "default",
    "href",
    "origin",
];

/// Where a page tells its own address.
const PAGE: &[&str] =
    &["location", "window.location", "document.location", "self.location", "globalThis.location"];

/// Functions around a value that leave it what it is.
const AROUND: &[&str] = &["String", "Number", "parseInt", "encodeURI", "URL", "ensure", "trimSlash"];

impl<'t> Js<'t> {
    /// An expression as a template.
    pub(super) fn value(&self, node: Node<'t>) -> String {
        self.fuel.set(FUEL);
        let mut value = self.value_at(node, 0);
        if value.len() > LENGTH {
            let end = (0..=LENGTH).rev().find(|i| value.is_char_boundary(*i)).unwrap_or(0);
            value.truncate(end);
        }
        value
    }

    fn value_at(&self, node: Node<'t>, depth: usize) -> String {
        let fuel = self.fuel.get();
        if depth > DEPTH || fuel == 0 {
            return self.unknown(node);
        }
        self.fuel.set(fuel - 1);
        match node.kind() {
            "string" => self.literal(node).replace("\\/", "/"),
            "number" | "true" | "false" => self.of(node).to_owned(),
            "template_string" => self.template(node, depth),
            "binary_expression" => self.binary(node, depth),
            "ternary_expression" => {
                let side = |name| syntax::field(node, name).map(|n| self.value_at(n, depth + 1));
                either(side("consequence").unwrap_or_default(), side("alternative").unwrap_or_default())
            }
            "member_expression" | "subscript_expression" => self.member_value(node, depth),
            "identifier" | "shorthand_property_identifier" => self.name_value(node, depth),
            "call_expression" | "new_expression" => self.call_value(node, depth),
            "array" => {
                syntax::children(node).first().map_or_else(String::new, |n| self.value_at(*n, depth + 1))
            }
            _ => match inner(node) {
                Some(inside) => self.value_at(inside, depth + 1),
                None => self.unknown(node),
            },
        }
    }

    fn template(&self, node: Node<'t>, depth: usize) -> String {
        let mut out = String::new();
        // Older grammars name no fragments: what lies between substitutions is taken from the text.
        let mut at = node.start_byte() + 1;
        for part in syntax::children(node) {
            if part.kind() == "template_substitution" {
                out.push_str(self.text.get(at..part.start_byte()).unwrap_or(""));
                if let Some(inside) = part.named_child(0) {
                    out.push_str(&self.value_at(inside, depth + 1));
                }
                at = part.end_byte();
            }
            if out.len() > LENGTH {
                return out;
            }
        }
        out.push_str(self.text.get(at..node.end_byte().saturating_sub(1)).unwrap_or(""));
        out
    }

    fn binary(&self, node: Node<'t>, depth: usize) -> String {
        let operator = syntax::field(node, "operator").map_or("", |o| self.of(o));
        let (Some(left), Some(right)) = (syntax::field(node, "left"), syntax::field(node, "right")) else {
            return String::new();
        };
        match operator {
            "||" | "??" | "&&" => either(self.value_at(left, depth + 1), self.value_at(right, depth + 1)),
            "+" => {
                // A chain of additions leans to the left and may be long.
                let mut parts = vec![right];
                let mut at = left;
                while at.kind() == "binary_expression"
                    && syntax::field(at, "operator").is_some_and(|o| self.of(o) == "+")
                {
                    let (Some(l), Some(r)) = (syntax::field(at, "left"), syntax::field(at, "right")) else {
                        break;
                    };
                    parts.push(r);
                    at = l;
                }
                parts.push(at);
                let mut out = String::new();
                for part in parts.iter().rev() {
                    out.push_str(&self.value_at(*part, depth + 1));
                    if out.len() > LENGTH {
                        break;
                    }
                }
                out
            }
            _ => self.unknown(node),
        }
    }

    fn member_value(&self, node: Node<'t>, depth: usize) -> String {
        if let Some(key) = self.environment_key(node) {
            return placeholder(&key, None);
        }
        let Some(object) = syntax::field(node, "object") else { return self.unknown(node) };
        let key = self.key_of(node);
        // The host that a page came from: what is published beside the page on the same machine.
        if PAGE.contains(&self.of(object)) {
            match key {
                "hostname" => return "localhost".to_owned(),
                "protocol" => return "http:".to_owned(),
                _ => {}
            }
        }
        if let Some(field) = self.this_field(node) {
            return match self.field_bound(field) {
                Some(Bound::Value(value)) if value.kind() != "method_definition" => {
                    self.value_at(value, depth + 1)
                }
                _ => self.unknown(node),
            };
        }
        if let Some(value) = self.property(self.resolved(object, depth), key) {
            return self.value_at(value, depth + 1);
        }
        match self.configured(node) {
            Some(path) => placeholder(&path, None),
            None => self.unknown(node),
        }
    }

    /// The object a chain of members stands for: `config.redis` of `config.redis.host`.
    fn resolved(&self, node: Node<'t>, depth: usize) -> Node<'t> {
        let node = self.deref(node);
        if depth < DEPTH
            && matches!(node.kind(), "member_expression" | "subscript_expression")
            && let Some(object) = syntax::field(node, "object")
            && let Some(value) = self.property(self.resolved(object, depth + 1), self.key_of(node))
        {
            return self.deref(value);
        }
        node
    }

    fn name_value(&self, node: Node<'t>, depth: usize) -> String {
        match self.look_up(node) {
            Some(Bound::Value(value)) if !super::module::is_function(value) && value.id() != node.id() => {
                self.value_at(value, depth + 1)
            }
            Some(Bound::Member(value, member, default)) => {
                let default = default.map(|d| self.value_at(d, depth + 1));
                if self.is_environment(value) {
                    return placeholder(member, default.as_deref());
                }
                if let Some(found) = self.property(self.resolved(value, depth), member) {
                    return self.value_at(found, depth + 1);
                }
                match self.configured(value) {
                    Some(path) if path.is_empty() => placeholder(member, default.as_deref()),
                    Some(path) => placeholder(&format!("{path}.{member}"), default.as_deref()),
                    None => default.unwrap_or_else(|| self.unknown(node)),
                }
            }
            Some(Bound::Package(package, member)) if is_configuration(package) && !member.is_empty() => {
                placeholder(member, None)
            }
            _ => self.unknown(node),
        }
    }

    fn call_value(&self, node: Node<'t>, depth: usize) -> String {
        let arguments = self.arguments(node);
        let called = self.called(node);
        if node.kind() == "new_expression" && called == "URL" && arguments.len() == 2 {
            let base = self.value_at(arguments[1], depth + 1);
            let path = self.value_at(arguments[0], depth + 1);
            return format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/'));
        }
        if let Some(key) = self.looked_up_key(node) {
            let default =
                arguments.get(1).map(|d| self.value_at(*d, depth + 1)).filter(|d| !d.starts_with('{'));
            return placeholder(&key, default.as_deref());
        }
        if let Some((object, name)) = self.method(node) {
            if TRANSPARENT.contains(&name) {
                let value = self.value_at(object, depth + 1);
                if name == "default" {
                    let default = arguments.first().map(|d| self.value_at(*d, depth + 1)).unwrap_or_default();
                    return either(value, default);
                }
                return value;
            }
            if name == "join" && self.deref(object).kind() == "array" {
                let parts: Vec<String> = syntax::children(self.deref(object))
                    .iter()
                    .take(16)
                    .map(|p| self.value_at(*p, depth + 1))
                    .collect();
                let by = arguments.first().map_or_else(|| ",".to_owned(), |a| self.value_at(*a, depth + 1));
                return parts.join(&by);
            }
        }
        if AROUND.contains(&called)
            && let Some(first) = arguments.first()
        {
            return self.value_at(*first, depth + 1);
        }
        self.unknown(node)
    }

    /// The key asked of configuration: `config.get('a.b')`, `getEnv('X')`, `env.get('X')`.
    fn looked_up_key(&self, call: Node<'t>) -> Option<String> {
        let first = *self.arguments(call).first()?;
        let key = self.string(first)?;
        let named = |text: &str| {
            let lower = text.to_ascii_lowercase();
            lower.contains("config") || lower.contains("env") || lower.contains("setting")
        };
        match self.method(call) {
            Some((object, "get" | "getOrThrow" | "getString" | "require" | "has")) => {
                let base = self.base(object).map_or("", |b| self.of(b));
                let typed = match self
                    .base(object)
                    .and_then(|b| self.this_field(b))
                    .and_then(|f| self.field_bound(f))
                {
                    Some(Bound::Typed(kind)) => self.of(kind),
                    _ => "",
                };
                (named(base) || named(typed) || base == "nconf").then(|| key.replace(':', "."))
            }
            Some(_) => None,
            None => {
                let called = self.called(call);
                let shouted = key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
                (shouted && named(called)).then(|| key.to_owned())
            }
        }
    }

    /// The variable of `process.env.X`, `import.meta.env.X`, or of a name that stands for the environment.
    pub(super) fn environment_key(&self, node: Node<'t>) -> Option<String> {
        let object = syntax::field(node, "object")?;
        if !self.is_environment(object) {
            return None;
        }
        let key = self.key_of(node);
        (!key.is_empty()).then(|| key.to_owned())
    }

    fn is_environment(&self, node: Node<'t>) -> bool {
        let text = self.of(node);
        if matches!(text, "process.env" | "import.meta.env" | "globalThis.process.env" | "Bun.env") {
            return true;
        }
        if node.kind() != "identifier" {
            return false;
        }
        match self.look_up(node) {
            Some(Bound::Value(value)) => {
                let text = self.of(value);
                text == "process.env"
                    || value.kind() == "call_expression" && text.len() < 4000 && text.contains("process.env")
            }
            Some(Bound::Member(value, "env", _)) => self.of(value) == "process",
            Some(Bound::Package("process" | "node:process", "env")) => true,
            _ => false,
        }
    }

    /// The way through a configuration file that is loaded from elsewhere: `redis.host` of `config.redis.host`.
    fn configured(&self, node: Node<'t>) -> Option<String> {
        let origin = self.origin(node)?;
        (is_configuration(origin.package) && !origin.path.contains('(')).then_some(origin.path)
    }

    fn key_of(&self, node: Node<'t>) -> &'t str {
        match node.kind() {
            "subscript_expression" => syntax::field(node, "index").and_then(|i| self.string(i)).unwrap_or(""),
            _ => syntax::field_text(node, "property", self.text).unwrap_or(""),
        }
    }

    /// A short name for what is not known.
    fn unknown(&self, node: Node<'t>) -> String {
        // `fastify.config.MONGODB_URL`, `this.env.API_URL`: names that are shouted are of the environment.
        if node.kind() == "member_expression" {
            let name = self.key_of(node);
            let shouted = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
            if shouted && name.contains('_') && name.len() > 4 {
                return placeholder(name, None);
            }
        }
        let name = match node.kind() {
            "member_expression" => syntax::field_text(node, "property", self.text).unwrap_or("value"),
            "identifier" | "shorthand_property_identifier" => self.of(node),
            "call_expression" => match self.called(node) {
                "" => "value",
                // `encodeURIComponent(id)` is about `id`.
                called => match self.arguments(node).first() {
                    Some(first) if first.kind() == "identifier" => self.of(*first),
                    _ => called,
                },
            },
            _ => "value",
        };
        format!("{{{name}}}")
    }

    /// A number: literals, products of them, constants.
    pub(super) fn number(&self, node: Node<'t>) -> Option<f64> {
        let node = self.deref(node);
        match node.kind() {
            "number" => self.of(node).replace('_', "").parse().ok(),
            "binary_expression" => {
                let mut product = 1.0;
                for part in self.of(node).split('*') {
                    product *= part.trim().replace('_', "").parse::<f64>().ok()?;
                }
                Some(product)
            }
            _ => {
                let value = self.value(node);
                let inside = value.strip_prefix("${")?.strip_suffix('}')?.split_once(':')?.1;
                inside.parse().ok()
            }
        }
    }
}

/// Whether a package or file holds configuration, by its name.
pub(super) fn is_configuration(package: &str) -> bool {
    if package == "config" {
        return true;
    }
    if !package.starts_with(['.', '@', '~', '#']) && !package.starts_with("src/") {
        return false;
    }
    let mut parts = package.rsplit('/').map(|p| p.split('.').next().unwrap_or(p));
    let last = parts.next().unwrap_or("").to_ascii_lowercase();
    let before = parts.next().unwrap_or("").to_ascii_lowercase();
    [
        "config",
        "conf",
        "configuration",
        "settings",
        "env",
        "environment",
        "constants",
        "secrets",
        "keys",
        "configs",
    ]
    .iter()
    .any(|w| last == *w || before == *w)
}

/// The first value, or the second where the first has none: `process.env.X || 'y'` is `${X:y}`.
fn either(first: String, second: String) -> String {
    if first.is_empty() || first.starts_with('{') && first.ends_with('}') {
        return if second.is_empty() { first } else { second };
    }
    match first.strip_prefix("${").and_then(|f| f.strip_suffix('}')) {
        Some(key) if !key.contains(['{', '}', ':']) && !second.is_empty() && !second.starts_with('{') => {
            placeholder(key, Some(&second))
        }
        _ => first,
    }
}
