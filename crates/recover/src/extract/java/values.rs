//! What an expression stands for, as a template: constants, fields, `@Value`, concatenation, URL builders.

use crate::extract::java::code::{Annotation, Call, Class, Code, Expr, Field, Method, annotated, simple};
use crate::template::placeholder;

/// Most steps from a name to its value and on.
const DEPTH: usize = 12;

/// Longest value.
const LENGTH: usize = 2000;

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// The file.
    pub(crate) code: &'a Code,
    /// The class.
    pub(crate) class: &'a Class,
    /// The method, when it stands in one.
    pub(crate) method: Option<&'a Method>,
}

/// The text in an annotation's `@Value("...")`.
fn value_of(annotations: &[Annotation]) -> Option<String> {
    let value = annotated(annotations, "Value").or_else(|| annotated(annotations, "ConfigProperty"));
    let annotation = value.or_else(|| annotated(annotations, "Property"))?;
    match annotation.arg(&["value", "name"])? {
        Expr::Text(text) if annotation.name == "Value" => {
            // Kotlin writes the dollar sign of a placeholder with a backslash.
            let text = text.replace("\\$", "$");
            Some(match text.strip_prefix("#{").and_then(|t| t.strip_suffix('}')) {
                Some(_) => return None,
                None => text,
            })
        }
        Expr::Text(key) => {
            let default = match annotation.arg(&["defaultValue"]) {
                Some(Expr::Text(default)) => Some(default.as_str()),
                _ => None,
            };
            Some(placeholder(key, default))
        }
        // An interpolated text of Kotlin whose dollar sign was not escaped.
        _ => None,
    }
}

/// `accountServiceUrl` as `account-service-url`.
pub(crate) fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

impl<'a> Scope<'a> {
    /// A scope outside of methods.
    pub(crate) fn of(code: &'a Code, class: &'a Class) -> Self {
        Self { code, class, method: None }
    }

    /// A scope in a method.
    pub(crate) fn inside(code: &'a Code, class: &'a Class, method: &'a Method) -> Self {
        Self { code, class, method: Some(method) }
    }

    /// The value of an expression. What is unknown stands as `{name}`.
    pub(crate) fn value(&self, expr: &Expr) -> Option<String> {
        let value = self.at(expr, 0)?;
        (value.len() <= LENGTH).then_some(value)
    }

    /// The values of a list.
    pub(crate) fn values(&self, expr: &Expr) -> Vec<String> {
        match expr {
            Expr::Name(name) if !name.contains('.') => {
                match self.class.field(name).and_then(|f| f.value.as_ref()) {
                    Some(Expr::List(items)) => items.iter().filter_map(|e| self.value(e)).collect(),
                    _ => self.value(expr).into_iter().collect(),
                }
            }
            other => other.items().iter().filter_map(|e| self.value(e)).collect(),
        }
    }

    fn at(&self, expr: &Expr, depth: usize) -> Option<String> {
        if depth > DEPTH {
            return None;
        }
        match expr {
            Expr::Text(text) => Some(text.clone()),
            Expr::Literal(literal) => Some(literal.trim_end_matches(['L', 'l', 'f', 'd']).to_owned()),
            Expr::Name(name) => Some(self.named(name, depth)),
            Expr::Concat(parts) => {
                let mut out = String::new();
                for part in parts {
                    out.push_str(&self.at(part, depth + 1).unwrap_or_else(|| "{}".to_owned()));
                    if out.len() > LENGTH {
                        return None;
                    }
                }
                Some(out)
            }
            Expr::Either(sides) => self.either(sides, depth),
            Expr::List(items) => items.first().and_then(|i| self.at(i, depth + 1)),
            Expr::Call(call) => self.call(call, depth),
            Expr::Annotation(_) | Expr::Other => None,
        }
    }

    /// `getenv("X") != null ? getenv("X") : "y"` and `getenv("X") ?: "y"`: the first known becomes a placeholder
    /// with the second as its default.
    fn either(&self, sides: &[Expr], depth: usize) -> Option<String> {
        let values: Vec<String> = sides.iter().filter_map(|s| self.at(s, depth + 1)).collect();
        let key = values.iter().find(|v| v.starts_with("${") && v.ends_with('}') && !v.contains(':'));
        let other = values.iter().find(|v| !v.starts_with("${") && !v.starts_with('{'));
        match (key, other) {
            (Some(key), Some(other)) => {
                Some(placeholder(key.trim_start_matches("${").trim_end_matches('}'), Some(other)))
            }
            (None, Some(other)) => Some(other.clone()),
            _ => values.into_iter().next(),
        }
    }

    fn named(&self, name: &str, depth: usize) -> String {
        if let Some(method) = self.method {
            if let Some(value) = self.local(method, name, depth) {
                return value;
            }
            if let Some(param) = method.params.iter().find(|p| p.name == name) {
                return value_of(&param.annotations).unwrap_or_else(|| format!("{{{name}}}"));
            }
        }
        if let Some(field) = self.class.field(name) {
            return self.field(self.class, field, depth).unwrap_or_else(|| format!("{{{name}}}"));
        }
        // `Other.CONSTANT`, of this file or of another one; `fields.base` is a variable's own.
        if let Some((owner, constant)) = name.rsplit_once('.') {
            let owner = owner.rsplit('.').next().unwrap_or(owner);
            let class = self.code.classes.iter().find(|c| c.name == owner);
            if let Some((class, field)) = class.and_then(|c| c.field(constant).map(|f| (c, f)))
                && let Some(value) = self.field(class, field, depth)
            {
                return value;
            }
            if owner.starts_with(|c: char| c.is_ascii_uppercase()) {
                return format!("${{{owner}.{constant}}}");
            }
        } else if name.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit()) {
            return self.constant(name);
        }
        format!("{{{}}}", name.rsplit('.').next().unwrap_or(name))
    }

    /// A constant that another class of this file, an import or a class above holds.
    fn constant(&self, name: &str) -> String {
        for class in &self.code.classes {
            if let Some(field) = class.field(name)
                && let Some(Expr::Text(text)) = &field.value
            {
                return text.clone();
            }
        }
        let imported = self.code.imports.iter().find(|i| i.rsplit('.').next() == Some(name));
        match imported.and_then(|i| i.rsplit('.').nth(1)) {
            Some(owner) => format!("${{{owner}.{name}}}"),
            None => format!("{{{name}}}"),
        }
    }

    /// The best of the values a variable is given: one that says where, before one that does not.
    fn local(&self, method: &'a Method, name: &str, depth: usize) -> Option<String> {
        let given = method.locals.iter().filter(|l| l.name == name);
        let values: Vec<String> =
            given.filter_map(|l| l.value.as_ref()).filter_map(|v| self.at(v, depth + 1)).collect();
        let known = values.iter().find(|v| !host(v).contains('{') || host(v).contains("${"));
        known.or(values.last()).cloned()
    }

    fn field(&self, class: &'a Class, field: &'a Field, depth: usize) -> Option<String> {
        if let Some(value) = value_of(&field.annotations) {
            return Some(value);
        }
        let scope = Scope { class, method: None, ..*self };
        if let Some(value) = &field.value
            && let Some(value) = scope.at(value, depth + 1)
        {
            return Some(value);
        }
        if let Some(value) = set_in(class, field) {
            return match value {
                Given::Value(value) => Some(value),
                Given::By(method, value) => {
                    Scope { class, method: Some(method), ..*self }.at(value, depth + 1)
                }
            };
        }
        let properties = annotated(&class.annotations, "ConfigurationProperties")
            .or_else(|| annotated(&class.annotations, "ConfigMapping"));
        match properties?.arg(&["value", "prefix"])? {
            Expr::Text(prefix) => Some(placeholder(&format!("{prefix}.{}", kebab(&field.name)), None)),
            _ => None,
        }
    }

    fn call(&self, call: &Call, depth: usize) -> Option<String> {
        let arg = |i: usize| call.args.get(i).and_then(|a| self.at(a, depth + 1));
        let on = || call.on.as_ref().and_then(|o| self.at(o, depth + 1));
        match call.name.as_str() {
            "getenv" if call.args.len() == 1 => Some(placeholder(&arg(0)?, None)),
            "getenv" | "getOrDefault" if call.args.len() == 2 => {
                Some(placeholder(&arg(0)?, arg(1).as_deref()))
            }
            "getProperty" | "getRequiredProperty" | "getConfigValue" | "getOptionalValue" => {
                let key = arg(0)?;
                let default = match call.args.last() {
                    Some(Expr::Text(_)) if call.args.len() > 1 => arg(call.args.len() - 1),
                    _ => None,
                };
                Some(placeholder(&key, default.as_deref()))
            }
            "orElse" | "ifEmpty" | "ifBlank" => {
                let inner = on()?;
                match inner.strip_prefix("${").and_then(|i| i.strip_suffix('}')) {
                    Some(key) if !key.contains(':') => Some(placeholder(key, arg(0).as_deref())),
                    _ => Some(inner),
                }
            }
            "format" if call.receiver() == Some("String") || call.receiver() == Some("MessageFormat") => {
                let args: Vec<String> =
                    (1..call.args.len()).map(|i| arg(i).unwrap_or_else(unknown)).collect();
                Some(formatted(&arg(0)?, &args))
            }
            "formatted" | "format" if call.on.is_some() => {
                let args: Vec<String> =
                    (0..call.args.len()).map(|i| arg(i).unwrap_or_else(unknown)).collect();
                Some(formatted(&on()?, &args))
            }
            "fromHttpUrl" | "fromUriString" | "fromUri" | "fromPath" | "create" | "parse" | "get" | "of"
            | "valueOf" | "ofNullable" | "requireNonNull" | "encode" | "fromOriginHeader"
                if call.on.as_ref().and_then(Expr::name).is_some_and(|n| URLS.contains(&n)) =>
            {
                arg(0)
            }
            "URI" | "URL" | "HttpGet" | "HttpPost" | "StringBuilder" | "DefaultUriBuilderFactory" | "Url"
                if call.creates =>
            {
                arg(0)
            }
            "scheme" | "host" | "port" if self.builds_url(call) => self.assembled(call, depth),
            "path" | "pathSegment" | "append" | "concat" | "resolve" | "addPathSegments" | "replacePath"
            | "addPathSegment" | "plus" => self.appended(call, depth),
            _ if PASSING.contains(&call.name.as_str()) && call.on.is_some() => on(),
            _ => self.own_method(call, depth),
        }
    }

    /// Whether a chain begins with a builder that takes scheme, host and port apart.
    fn builds_url(&self, call: &Call) -> bool {
        call.chain().any(|c| c.name == "newInstance" || c.name == "Builder" || c.name == "newBuilder")
    }

    /// `newInstance().scheme("http").host("x").port(80)`.
    fn assembled(&self, call: &Call, depth: usize) -> Option<String> {
        let part = |name: &str| {
            let found = call.chain().find(|c| c.name == name)?;
            self.at(found.args.first()?, depth + 1)
        };
        let scheme = part("scheme").unwrap_or_else(|| "http".to_owned());
        let host = part("host")?;
        Some(match part("port") {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        })
    }

    /// The value so far and what is added to it.
    fn appended(&self, call: &Call, depth: usize) -> Option<String> {
        let mut out = call.on.as_ref().and_then(|o| self.at(o, depth + 1)).unwrap_or_default();
        let segments = call.name.contains("egment");
        for arg in &call.args {
            let part = self.at(arg, depth + 1).unwrap_or_else(|| "{}".to_owned());
            if segments && !out.ends_with('/') && !part.starts_with('/') {
                out.push('/');
            }
            out.push_str(&part);
        }
        (out.len() <= LENGTH && !out.is_empty()).then_some(out)
    }

    /// What a method of the same class returns.
    fn own_method(&self, call: &Call, depth: usize) -> Option<String> {
        if call.creates || !matches!(call.receiver(), None | Some("this")) || call.before().is_some() {
            return None;
        }
        let method =
            self.class.methods.iter().find(|m| m.name == call.name && m.params.len() == call.args.len())?;
        let scope = Scope { method: Some(method), ..*self };
        let value = scope.at(method.results.last()?, depth + 1)?;
        // Parameters stand for what is passed.
        Some(method.params.iter().zip(&call.args).fold(value, |value, (param, arg)| {
            let hole = format!("{{{}}}", param.name);
            if value.contains(&hole) {
                value.replace(&hole, &self.at(arg, depth + 1).unwrap_or(hole.clone()))
            } else {
                value
            }
        }))
    }
}

/// Classes whose static methods take a URL apart or pass a text on.
const URLS: &[&str] = &[
    "UriComponentsBuilder",
    "URI",
    "HttpUrl",
    "UriBuilder",
    "ServletUriComponentsBuilder",
    "String",
    "Optional",
    "Objects",
    "URLEncoder",
    "Url",
    "URL",
    "HttpRequest",
    "Paths",
];

/// Methods that give what they are called on, as far as a URL goes.
const PASSING: &[&str] = &[
    "toString",
    "toUriString",
    "toUri",
    "build",
    "encode",
    "expand",
    "buildAndExpand",
    "trim",
    "queryParam",
    "queryParams",
    "toURL",
    "url",
    "uri",
    "toHttpUrl",
    "newBuilder",
    "normalize",
    "addQueryParameter",
    "queryParamIfPresent",
    "strip",
    "replaceAll",
    "replace",
    "toUpperCase",
    "toLowerCase",
    "intern",
    "get",
    "toASCIIString",
    "uriVariables",
    "replaceQueryParam",
    "cloneBuilder",
    "toExternalForm",
];

/// What stands for a value that nothing is known of.
fn unknown() -> String {
    "{}".to_owned()
}

/// How a field gets its value.
enum Given<'a> {
    /// The template itself.
    Value(String),
    /// An expression in a constructor or setter.
    By(&'a Method, &'a Expr),
}

/// What a constructor or setter gives a field.
fn set_in<'a>(class: &'a Class, field: &Field) -> Option<Given<'a>> {
    let constructors = class
        .methods
        .iter()
        .filter(|m| m.returns.is_empty() || m.name.starts_with("set") || m.name == "init");
    for method in constructors {
        for local in method.locals.iter().filter(|l| l.ty.is_empty()) {
            if local.name.trim_start_matches("this.") != field.name {
                continue;
            }
            let Some(value) = &local.value else { continue };
            let param = value.name().and_then(|n| method.params.iter().find(|p| p.name == n));
            match param {
                Some(param) => {
                    let of_setter = value_of(&method.annotations);
                    if let Some(value) = value_of(&param.annotations).or(of_setter) {
                        return Some(Given::Value(value));
                    }
                }
                None => return Some(Given::By(method, value)),
            }
        }
    }
    None
}

/// Puts arguments into `%s` and `{0}`.
fn formatted(pattern: &str, args: &[String]) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    let mut next = 0;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let letter = after.find(|c: char| c.is_ascii_alphabetic() || c == '%');
        match letter.and_then(|l| after.get(l..l + 1).map(|c| (l, c))) {
            Some((_, "%")) => {
                out.push('%');
                rest = after.get(1..).unwrap_or("");
            }
            Some((l, _)) => {
                out.push_str(args.get(next).map_or("{}", String::as_str));
                next += 1;
                rest = &after[l + 1..];
            }
            None => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    if next == 0 {
        for (i, arg) in args.iter().enumerate() {
            out = out.replace(&format!("{{{i}}}"), arg);
        }
    }
    out
}

/// The host of a URL, with its port.
pub(crate) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let mut depth = 0usize;
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '/' | '?' if depth == 0 => return &rest[..at],
            _ => {}
        }
    }
    rest
}

/// A URL as (address, path): `http://a:1/b?c` is `http://a:1` and `/b`.
pub(crate) fn split_url(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else {
        // A field or setting holds the address; the path begins at the first slash outside of braces.
        let head = host(url);
        let path = url.get(head.len()..).map(without_query).filter(|p| p.len() > 1);
        return (head.to_owned(), path.map(str::to_owned));
    };
    // `${X:http://y}/z` begins with a placeholder, not with a scheme.
    if scheme.contains(['{', '/']) {
        let head = host_of_template(url);
        let path = url.get(head.len()..).map(without_query).filter(|p| p.len() > 1);
        return (head.to_owned(), path.map(str::to_owned));
    }
    let host = host(url);
    let path = rest.get(host.len()..).map(without_query).filter(|p| p.len() > 1);
    (format!("{scheme}://{host}"), path.map(str::to_owned))
}

fn host_of_template(url: &str) -> &str {
    let mut depth = 0usize;
    for (at, c) in url.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => return &url[..at],
            _ => {}
        }
    }
    url
}

fn without_query(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}

/// Whether a type is one of the names.
pub(crate) fn is_type(ty: Option<&str>, names: &[&str]) -> bool {
    ty.is_some_and(|t| names.contains(&simple(t)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_fall_apart() {
        assert_eq!(split_url("http://a:1/b/{c}?d=1"), ("http://a:1".into(), Some("/b/{c}".into())));
        assert_eq!(split_url("${X:http://a/}b/c").0, "${X:http://a/}b");
        assert_eq!(split_url("${x.url}/b"), ("${x.url}".into(), Some("/b".into())));
        assert_eq!(formatted("http://%s:%d/x%%", &["a".into(), "80".into()]), "http://a:80/x%");
    }
}
