//! Reading C#: calls with their receivers and arguments, attributes, and the values of expressions as templates.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::source::Source;
use crate::syntax;
use crate::template::placeholder;

/// How many names and nested expressions are followed to tell a value.
const DEPTH: usize = 12;

/// A C# file while it is read.
pub(crate) struct Code<'s, 't> {
    /// The file.
    pub(crate) source: &'s Source<'s>,
    /// The root of its syntax tree.
    pub(crate) root: Node<'t>,
    /// Expressions that variables, constants and fields of the file were given first.
    given: HashMap<&'s str, Vec<Node<'t>>>,
    /// Its calls, in the order of the text.
    pub(crate) calls: Vec<Call<'s, 't>>,
}

/// A call.
#[derive(Clone, Debug)]
pub(crate) struct Call<'s, 't> {
    /// The whole call.
    pub(crate) node: Node<'t>,
    /// The name of what is called, without type arguments.
    pub(crate) name: &'s str,
    /// What it is called on.
    pub(crate) receiver: Option<Node<'t>>,
    /// Type arguments as written.
    pub(crate) types: Vec<&'s str>,
    /// Arguments: name, expression.
    pub(crate) arguments: Vec<(Option<&'s str>, Node<'t>)>,
}

impl<'s, 't> Call<'s, 't> {
    /// The line of the name of what is called: calls of a chain stand on lines of their own.
    pub(crate) fn line(&self) -> usize {
        let name = syntax::field(self.node, "function").and_then(|f| syntax::field(f, "name").or(Some(f)));
        name.map_or_else(|| syntax::line(self.node), syntax::line)
    }

    /// An argument by its place.
    pub(crate) fn argument(&self, at: usize) -> Option<Node<'t>> {
        self.arguments.get(at).map(|(_, node)| *node)
    }

    /// An argument by its name.
    pub(crate) fn named(&self, name: &str) -> Option<Node<'t>> {
        self.arguments.iter().find(|(n, _)| *n == Some(name)).map(|(_, node)| *node)
    }
}

impl<'s, 't> Code<'s, 't> {
    /// Prepares a parsed file.
    pub(crate) fn new(source: &'s Source<'s>, root: Node<'t>) -> Self {
        let mut code = Self { source, root, given: HashMap::new(), calls: Vec::new() };
        for node in syntax::descendants(root) {
            match node.kind() {
                "invocation_expression" => code.calls.extend(call(node, source.text)),
                "variable_declarator" => {
                    let value = syntax::children(node).into_iter().skip(1).last();
                    code.give(syntax::field(node, "name"), value);
                }
                "property_declaration" => {
                    code.give(syntax::field(node, "name"), syntax::field(node, "value"));
                }
                "assignment_expression" => {
                    let left = syntax::field(node, "left").filter(|l| l.kind() == "identifier");
                    code.give(left, syntax::field(node, "right"));
                }
                _ => {}
            }
        }
        code
    }

    fn give(&mut self, name: Option<Node<'t>>, value: Option<Node<'t>>) {
        if let (Some(name), Some(value)) = (name, value) {
            self.given.entry(syntax::text(name, self.source.text)).or_default().push(value);
        }
    }

    /// The text of a node.
    pub(crate) fn text(&self, node: Node<'_>) -> &'s str {
        syntax::text(node, self.source.text)
    }

    /// The expression a variable was given first.
    pub(crate) fn given(&self, name: &str) -> Option<Node<'t>> {
        self.given.get(name).and_then(|all| all.first()).copied()
    }

    /// The expression a variable was given last before a place in the same method, else anywhere first.
    pub(crate) fn given_at(&self, name: &str, at: Node<'t>) -> Option<Node<'t>> {
        let all = self.given.get(name)?;
        let method = self.method(at);
        let near = all.iter().rev().find(|n| self.method(**n) == method && n.start_byte() < at.start_byte());
        near.or_else(|| all.first()).copied()
    }

    /// The calls of a name.
    pub(crate) fn called<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Call<'s, 't>> {
        self.calls.iter().filter(move |c| c.name == name)
    }

    /// The call an expression is, through `await` and brackets.
    pub(crate) fn call_of(&self, node: Node<'t>) -> Option<Call<'s, 't>> {
        let node = bare(node);
        if node.kind() == "invocation_expression" { call(node, self.source.text) } else { None }
    }

    /// The chain of calls an expression is made of, the outermost first, and what the chain begins with:
    /// `app.MapGroup("a").MapGet("b")` is `MapGet`, `MapGroup` and `app`.
    pub(crate) fn chain(&self, node: Node<'t>) -> (Vec<Call<'s, 't>>, Option<Node<'t>>) {
        let mut chain = Vec::new();
        let mut at = bare(node);
        while let Some(call) = self.call_of(at) {
            let receiver = call.receiver;
            chain.push(call);
            match receiver {
                Some(receiver) => at = bare(receiver),
                None => return (chain, None),
            }
        }
        (chain, Some(at))
    }

    /// The names of the calls that follow a call in its chain, with their calls: `RequireAuthorization` of
    /// `app.MapGet("/", F).RequireAuthorization()`.
    pub(crate) fn after(&self, node: Node<'t>) -> Vec<Call<'s, 't>> {
        let mut out = Vec::new();
        let mut at = node;
        while let Some(parent) = at.parent() {
            match parent.kind() {
                "member_access_expression" | "conditional_access_expression" => at = parent,
                "invocation_expression" if syntax::field(parent, "function") == Some(at) => {
                    out.extend(call(parent, self.source.text));
                    at = parent;
                }
                _ => break,
            }
        }
        out
    }

    /// The statement (or member) an expression stands in.
    pub(crate) fn statement(&self, node: Node<'t>) -> Node<'t> {
        syntax::ancestor(
            node,
            &[
                "expression_statement",
                "local_declaration_statement",
                "return_statement",
                "arrow_expression_clause",
                "field_declaration",
                "property_declaration",
                "global_statement",
            ],
        )
        .unwrap_or(node)
    }

    /// The method, constructor or local function a node stands in.
    pub(crate) fn method(&self, node: Node<'t>) -> Option<Node<'t>> {
        syntax::ancestor(node, METHODS)
    }

    /// Whether a node is only reached in the development environment.
    pub(crate) fn only_in_development(&self, node: Node<'t>) -> bool {
        let mut at = node;
        while let Some(check) = syntax::ancestor(at, &["if_statement"]) {
            let condition = syntax::field(check, "condition").map(|c| self.text(c)).unwrap_or("");
            let dense: String = condition.chars().filter(|c| !c.is_whitespace()).collect();
            let otherwise = syntax::field(check, "alternative").is_some_and(|a| is_inside(node, a));
            if dense.contains("Development") && !dense.starts_with('!') && !otherwise {
                return true;
            }
            at = check;
        }
        false
    }

    /// The method of a name.
    pub(crate) fn method_named(&self, name: &str) -> Option<Node<'t>> {
        syntax::descendants(self.root).find(|n| {
            METHODS.contains(&n.kind()) && syntax::field_text(*n, "name", self.source.text) == Some(name)
        })
    }

    /// The value of an expression as a template.
    pub(crate) fn value(&self, node: Node<'t>) -> String {
        self.value_at(node, 0)
    }

    /// The value when nothing of it is unknown to the file but configuration.
    pub(crate) fn literal(&self, node: Node<'t>) -> Option<String> {
        let value = self.value(node);
        (!has_unknown(&value)).then_some(value)
    }

    fn value_at(&self, node: Node<'t>, depth: usize) -> String {
        let node = bare(node);
        if depth > DEPTH {
            return "{value}".to_owned();
        }
        let of = |n: Node<'t>| self.value_at(n, depth + 1);
        match node.kind() {
            "string_literal" | "verbatim_string_literal" | "raw_string_literal" | "character_literal" => {
                syntax::unquoted(self.text(node)).to_owned()
            }
            "integer_literal" | "real_literal" | "boolean_literal" => self.text(node).to_owned(),
            "interpolated_string_expression" => self.interpolated(node, depth),
            "binary_expression" => self.binary(node, depth),
            "conditional_expression" => {
                let one = syntax::field(node, "consequence").map(of).unwrap_or_default();
                let other = syntax::field(node, "alternative").map(of).unwrap_or_default();
                if has_unknown(&one) { other } else { one }
            }
            "identifier" => match self.given_at(self.text(node), node) {
                Some(given) if given.id() != node.id() && !is_inside(node, given) => {
                    let value = of(given);
                    if value == "{value}" { unknown(self.text(node)) } else { value }
                }
                _ => self.passed(node, depth).unwrap_or_else(|| unknown(self.text(node))),
            },
            "member_access_expression" => {
                let name = syntax::field_text(node, "name", self.source.text).unwrap_or("");
                match (name, syntax::field(node, "expression")) {
                    ("Value" | "Uri" | "AbsoluteUri" | "OriginalString", Some(of_it)) => of(of_it),
                    _ => self.given(name).filter(|g| g.id() != node.id()).map_or_else(|| unknown(name), of),
                }
            }
            "element_access_expression" => self.indexed(node),
            "invocation_expression" => self.result(node, depth),
            "object_creation_expression" | "implicit_object_creation_expression" => {
                let arguments = arguments(node, self.source.text);
                match (arguments.first(), arguments.get(1)) {
                    (Some((_, base)), Some((_, rest))) if rest.kind().contains("string") => {
                        join_url(&of(*base), &of(*rest))
                    }
                    (Some((_, only)), _) => of(*only),
                    _ => "{value}".to_owned(),
                }
            }
            _ => "{value}".to_owned(),
        }
    }

    fn interpolated(&self, node: Node<'t>, depth: usize) -> String {
        let mut out = String::new();
        for part in syntax::children(node) {
            match part.kind() {
                "interpolation" => {
                    let inner = syntax::children(part)
                        .into_iter()
                        .find(|n| !n.kind().starts_with("interpolation") && n.kind() != "comment");
                    out.push_str(
                        &inner.map_or_else(|| "{value}".to_owned(), |n| self.value_at(n, depth + 1)),
                    );
                }
                "string_content" | "interpolated_string_text" | "interpolated_verbatim_string_text" => {
                    out.push_str(self.text(part));
                }
                "escape_sequence" => out.push_str(self.text(part)),
                _ => {}
            }
        }
        out
    }

    fn binary(&self, node: Node<'t>, depth: usize) -> String {
        let operator =
            |n: Node<'t>| syntax::field_text(n, "operator", self.source.text).unwrap_or("").to_owned();
        if operator(node) == "??" {
            let left = syntax::field(node, "left").map_or_else(String::new, |n| self.value_at(n, depth + 1));
            let right =
                syntax::field(node, "right").map_or_else(String::new, |n| self.value_at(n, depth + 1));
            return with_default(&left, &right);
        }
        // Long sums lean to the left: they are followed without recursion.
        let mut parts = Vec::new();
        let mut at = node;
        while at.kind() == "binary_expression" && operator(at) == "+" {
            if let Some(right) = syntax::field(at, "right") {
                parts.push(self.value_at(right, depth + 1));
            }
            match syntax::field(at, "left") {
                Some(left) => at = bare(left),
                None => break,
            }
        }
        if parts.is_empty() {
            return "{value}".to_owned();
        }
        parts.push(self.value_at(at, depth + 1));
        parts.reverse();
        parts.concat()
    }

    /// `Configuration["A:B"]`.
    fn indexed(&self, node: Node<'t>) -> String {
        let Some(of) = syntax::field(node, "expression") else { return "{value}".to_owned() };
        let key = syntax::field(node, "subscript")
            .or_else(|| syntax::children(node).into_iter().last())
            .and_then(|s| syntax::descendants(s).find(|n| n.kind().ends_with("string_literal")));
        let Some(key) = key.map(|k| syntax::unquoted(self.text(k))) else { return "{value}".to_owned() };
        let owner = self.text(of).to_ascii_lowercase();
        if !(owner.contains("config") || owner.contains("settings") || owner.contains("section")) {
            return "{value}".to_owned();
        }
        placeholder(&dotted(&format!("{}{key}", self.section(of))), None)
    }

    /// The section an expression of configuration stands in, with a colon at its end.
    fn section(&self, of: Node<'t>) -> String {
        let (chain, _) = self.chain(of);
        let mut names: Vec<String> = chain
            .iter()
            .filter(|c| matches!(c.name, "GetSection" | "GetRequiredSection"))
            .filter_map(|c| c.argument(0).and_then(|a| self.literal(a)))
            .collect();
        if names.is_empty() && bare(of).kind() == "identifier" {
            let given = self.given_at(self.text(bare(of)), of).and_then(|g| self.call_of(g));
            let section = given.filter(|c| matches!(c.name, "GetSection" | "GetRequiredSection"));
            names.extend(section.and_then(|c| c.argument(0)).and_then(|a| self.literal(a)));
        }
        names.reverse();
        names.into_iter().map(|n| n + ":").collect()
    }

    /// The result of a call, when it is a well-known one.
    fn result(&self, node: Node<'t>, depth: usize) -> String {
        let Some(call) = call(node, self.source.text) else { return "{value}".to_owned() };
        let first = call.argument(0).map(|a| self.value_at(a, depth + 1));
        let second = call.argument(1).map(|a| self.value_at(a, depth + 1)).filter(|v| !has_unknown(v));
        match (call.name, first) {
            ("GetConnectionString", Some(name)) => placeholder(&format!("ConnectionStrings.{name}"), None),
            ("GetEnvironmentVariable", Some(name)) => placeholder(&name, None),
            ("GetValue" | "GetRequiredValue" | "GetSection" | "GetRequiredSection", Some(name)) => {
                let section = call.receiver.map(|r| self.section(r)).unwrap_or_default();
                placeholder(&dotted(&format!("{section}{name}")), second.as_deref())
            }
            ("Format", Some(text))
                if call.receiver.is_some_and(|r| self.text(r).eq_ignore_ascii_case("string")) =>
            {
                text
            }
            ("ToString" | "TrimEnd" | "TrimStart" | "Trim" | "ToLower" | "ToLowerInvariant", _) => {
                call.receiver.map_or_else(|| "{value}".to_owned(), |r| self.value_at(r, depth + 1))
            }
            // `GetIp(host)`, `Resolve(host)`: a host by another name.
            (name, Some(value)) if is_look_up(name) && call.arguments.len() == 1 => value,
            (name, _) => unknown(name),
        }
    }

    /// The value that callers in the file pass for a parameter.
    fn passed(&self, node: Node<'t>, depth: usize) -> Option<String> {
        let name = self.text(node);
        let method = self.method(node)?;
        let parameters = syntax::children(syntax::field(method, "parameters")?);
        let at = parameters
            .iter()
            .filter(|p| p.kind() == "parameter")
            .position(|p| syntax::field_text(*p, "name", self.source.text) == Some(name))?;
        let called = syntax::field_text(method, "name", self.source.text)?;
        let argument = self.called(called).find_map(|c| c.argument(at))?;
        let value = self.value_at(argument, depth + 2);
        (!has_unknown(&value)).then_some(value)
    }
}

/// Whether a method by its name finds a host.
fn is_look_up(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["getip", "resolve", "gethost", "lookup"].iter().any(|part| name.contains(part))
}

/// The kinds of nodes that are methods.
pub(crate) const METHODS: &[&str] =
    &["method_declaration", "constructor_declaration", "local_function_statement"];

/// Reads a call.
pub(crate) fn call<'s, 't>(node: Node<'t>, source: &'s str) -> Option<Call<'s, 't>> {
    let function = syntax::field(node, "function")?;
    let (receiver, name) = match function.kind() {
        "member_access_expression" => {
            (syntax::field(function, "expression"), syntax::field(function, "name")?)
        }
        "conditional_access_expression" => {
            let binding = syntax::children(function).into_iter().last()?;
            let name =
                syntax::field(binding, "name").or_else(|| syntax::children(binding).into_iter().last())?;
            (
                syntax::field(function, "condition")
                    .or_else(|| syntax::children(function).into_iter().next()),
                name,
            )
        }
        _ => (None, function),
    };
    let mut types = Vec::new();
    let mut plain = name;
    if name.kind() == "generic_name" {
        let parts = syntax::children(name);
        plain = parts.first().copied().unwrap_or(name);
        if let Some(list) = parts.iter().find(|p| p.kind() == "type_argument_list") {
            types = syntax::children(*list).into_iter().map(|t| syntax::text(t, source)).collect();
        }
    }
    Some(Call {
        node,
        name: syntax::text(plain, source),
        receiver,
        types,
        arguments: arguments(node, source),
    })
}

/// The arguments of a call or creation.
pub(crate) fn arguments<'s, 't>(node: Node<'t>, source: &'s str) -> Vec<(Option<&'s str>, Node<'t>)> {
    let list = syntax::field(node, "arguments")
        .or_else(|| syntax::children(node).into_iter().find(|n| n.kind() == "argument_list"));
    let Some(list) = list else { return Vec::new() };
    syntax::children(list)
        .into_iter()
        .filter(|n| n.kind() == "argument")
        .filter_map(|n| {
            let name = syntax::field_text(n, "name", source);
            syntax::children(n).into_iter().last().map(|value| (name, value))
        })
        .collect()
}

/// An expression without the `await`, brackets, casts and exclamation marks around it.
pub(crate) fn bare(node: Node<'_>) -> Node<'_> {
    let mut at = node;
    loop {
        let inner = match at.kind() {
            "await_expression" | "parenthesized_expression" | "postfix_unary_expression" => {
                syntax::children(at).into_iter().next()
            }
            "cast_expression" | "as_expression" => {
                syntax::field(at, "value").or_else(|| syntax::field(at, "left"))
            }
            _ => None,
        };
        match inner {
            Some(inner) => at = inner,
            None => return at,
        }
    }
}

/// Whether a node stands inside another.
fn is_inside(node: Node<'_>, other: Node<'_>) -> bool {
    node.start_byte() >= other.start_byte() && node.end_byte() <= other.end_byte()
}

/// A part of a value that the file does not tell.
fn unknown(name: &str) -> String {
    format!("{{{name}}}")
}

/// Whether a value holds parts that the file does not tell: braces that are no placeholder of configuration.
pub(crate) fn has_unknown(value: &str) -> bool {
    let mut before = ' ';
    value.chars().any(|c| {
        let found = c == '{' && before != '$';
        before = c;
        found
    })
}

/// A placeholder with a default.
fn with_default(value: &str, default: &str) -> String {
    let inside = value.strip_prefix("${").and_then(|v| v.strip_suffix('}'));
    match inside {
        Some(key) if !key.contains([':', '}', '{']) && !has_unknown(default) => {
            placeholder(key, Some(default))
        }
        Some(_) => value.to_owned(),
        None if has_unknown(value) => default.to_owned(),
        None => value.to_owned(),
    }
}

/// A key of .NET's configuration with dots.
fn dotted(key: &str) -> String {
    key.replace("__", ".").replace(':', ".")
}

/// Joins an address and what is relative to it.
pub(crate) fn join_url(base: &str, rest: &str) -> String {
    if rest.contains("://") {
        return rest.to_owned();
    }
    format!("{}/{}", base.trim_end_matches('/'), rest.trim_start_matches('/'))
}

/// Milliseconds of `TimeSpan.FromSeconds(30)`.
pub(crate) fn time_span(code: &Code<'_, '_>, text: &str) -> Option<f64> {
    let text = text.trim();
    let (unit, rest) = text.split_once("TimeSpan.From")?.1.split_once('(')?;
    let number = rest.split([')', ',']).next()?.trim().replace('_', "");
    let number = number.parse::<f64>().ok().or_else(|| {
        let given = code.given(&number)?;
        code.text(given).replace('_', "").parse::<f64>().ok()
    })?;
    let factor = match unit.trim() {
        "Milliseconds" => 1.0,
        "Seconds" => 1000.0,
        "Minutes" => 60_000.0,
        "Hours" => 3_600_000.0,
        _ => return None,
    };
    Some(number * factor)
}
