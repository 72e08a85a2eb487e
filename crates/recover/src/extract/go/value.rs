//! Go expressions as templates.

use tree_sitter::Node;

use crate::extract::go::code::{Code, Value, inner, is_variable};
use crate::syntax;
use crate::template;

/// Deepest expression that is put together.
const DEPTH: usize = 24;

/// Longest value.
const LENGTH: usize = 1000;

impl Code {
    /// The value of an expression as a template; nothing when it is no text.
    pub(crate) fn value(&self, node: Node<'_>) -> Option<String> {
        self.evaluate(node, DEPTH).filter(|v| v.len() <= LENGTH)
    }

    /// A literal text without placeholders.
    pub(crate) fn literal(&self, node: Node<'_>) -> Option<String> {
        self.value(node).filter(|v| !v.contains('{'))
    }

    fn evaluate(&self, node: Node<'_>, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        let node = inner(node);
        match node.kind() {
            "interpreted_string_literal" | "raw_string_literal" => {
                Some(syntax::unquoted(self.text_of(node)).to_owned())
            }
            "int_literal" | "float_literal" => Some(self.text_of(node).to_owned()),
            "binary_expression" if self.field(node, "operator") == "+" => {
                let part = |name| syntax::field(node, name).map_or_else(String::new, |n| self.part(n, depth));
                Some(part("left") + &part("right"))
            }
            "unary_expression" => self.evaluate(syntax::field(node, "operand")?, depth),
            "identifier" => Some(self.named(node, depth)),
            "selector_expression" => Some(self.selected(node, depth)),
            "composite_literal" => {
                let body = syntax::field(node, "body")?;
                self.evaluate(body.named_child(0).filter(|c| c.kind() != "keyed_element")?, depth)
            }
            "type_conversion_expression" => self.evaluate(syntax::field(node, "operand")?, depth),
            "call_expression" => self.called(node, depth),
            _ => None,
        }
    }

    fn part(&self, node: Node<'_>, depth: usize) -> String {
        self.evaluate(node, depth).unwrap_or_else(|| unknown(self.text_of(node)))
    }

    fn named(&self, node: Node<'_>, depth: usize) -> String {
        let name = self.text_of(node);
        match name {
            "true" | "false" => return name.to_owned(),
            _ => {}
        }
        self.known(name, node, depth).unwrap_or_else(|| unknown(name))
    }

    fn selected(&self, node: Node<'_>, depth: usize) -> String {
        let method = match self.dotted(node).as_str() {
            "net/http.MethodGet" => "GET",
            "net/http.MethodPost" => "POST",
            "net/http.MethodPut" => "PUT",
            "net/http.MethodPatch" => "PATCH",
            "net/http.MethodDelete" => "DELETE",
            "net/http.MethodHead" => "HEAD",
            "net/http.MethodOptions" => "OPTIONS",
            _ => "",
        };
        if !method.is_empty() {
            return method.to_owned();
        }
        self.known(self.text_of(node), node, depth).unwrap_or_else(|| unknown(self.field(node, "field")))
    }

    /// The value of a name: what it got first, with what a condition gave it afterwards as its default.
    fn known(&self, name: &str, node: Node<'_>, depth: usize) -> Option<String> {
        let (first, second) = self.lookup(name, node)?;
        let first = self.resolve(first, node, depth)?;
        let second = second.and_then(|s| self.resolve(s, node, depth));
        Some(match second {
            Some(second) if is_lone(&first) && !second.contains('{') => with_default(&first, &second),
            Some(second) if is_lone(&second) && !first.contains('{') => with_default(&second, &first),
            Some(second) if first.is_empty() => second,
            _ => first,
        })
    }

    fn resolve(&self, value: &Value, from: Node<'_>, depth: usize) -> Option<String> {
        match value {
            Value::Variable(text) => Some(text.clone()),
            Value::Node(range) => {
                let node = self.node(range)?;
                if node.byte_range() == from.byte_range() { None } else { self.evaluate(node, depth) }
            }
        }
    }

    fn called(&self, node: Node<'_>, depth: usize) -> Option<String> {
        let callee = self.callee(node);
        let args = self.args(node);
        let first = || args.first().and_then(|a| self.evaluate(*a, depth));
        let short = callee.rsplit('.').next().unwrap_or(&callee);
        match callee.as_str() {
            "os.Getenv" | "os.LookupEnv" | "syscall.Getenv" => {
                return Some(template::placeholder(&first()?, None));
            }
            "fmt.Sprintf" | "fmt.Sprint" => {
                let format = first()?;
                let values: Vec<String> = args.iter().skip(1).map(|a| self.part(*a, depth)).collect();
                return Some(fill(&format, &values));
            }
            "strings.TrimSuffix"
            | "strings.TrimPrefix"
            | "strings.TrimSpace"
            | "strings.TrimRight"
            | "strings.Trim"
            | "strings.Split"
            | "strings.ToLower"
            | "strconv.Itoa"
            | "strconv.Atoi"
            | "os.ExpandEnv"
            | "strconv.Quote"
            | "string"
            | "github.com/segmentio/kafka-go.TCP"
            | "net/url.Parse"
            | "[]byte" => return first(),
            "net.JoinHostPort" => {
                let port = args.get(1).map(|p| self.part(*p, depth)).unwrap_or_default();
                return Some(format!("{}:{port}", first()?));
            }
            "net/url.JoinPath" | "path.Join" => {
                let parts: Vec<String> = args.iter().map(|a| self.part(*a, depth)).collect();
                return Some(parts.join("/"));
            }
            "cmp.Or" => {
                let second = args.get(1).and_then(|a| self.evaluate(*a, depth)).unwrap_or_default();
                return Some(with_default(&first()?, &second));
            }
            "flag.String" | "github.com/spf13/pflag.String" => {
                return args.get(1).and_then(|a| self.evaluate(*a, depth));
            }
            "github.com/spf13/viper.GetString" | "github.com/spf13/viper.GetStringSlice" => {
                return Some(template::placeholder(&first()?, None));
            }
            _ => {}
        }
        if short == "String" || short == "Error" {
            let operand = self.method(node)?.0;
            return self.evaluate(operand, depth);
        }
        if short == "GetString" || short == "MustString" {
            return Some(template::placeholder(&first()?, None));
        }
        // functions that read the environment, here or in another file
        let at = self.env_helper(short);
        let lower = short.to_ascii_lowercase();
        let looks = lower.contains("env") && !lower.contains("environment");
        let position =
            at.or_else(|| looks.then(|| args.iter().position(|a| self.literal_key(*a))).flatten())?;
        let key = self.evaluate(*args.get(position)?, depth)?;
        let default = args
            .get(position + 1)
            .and_then(|a| self.evaluate(*a, depth))
            .filter(|d| !d.is_empty() && !d.starts_with('{'));
        Some(template::placeholder(&key, default.as_deref()))
    }

    fn literal_key(&self, node: Node<'_>) -> bool {
        node.kind() == "interpreted_string_literal" && is_variable(syntax::unquoted(self.text_of(node)))
    }
}

/// Whether a text is one placeholder without a default.
fn is_lone(text: &str) -> bool {
    text.strip_prefix("${").and_then(|t| t.strip_suffix('}')).is_some_and(|k| !k.contains(['{', ':', '}']))
}

/// Gives a lone placeholder a default.
fn with_default(value: &str, default: &str) -> String {
    match value.strip_prefix("${").and_then(|v| v.strip_suffix('}')) {
        Some(key) if is_lone(value) && !default.is_empty() => template::placeholder(key, Some(default)),
        _ if value.is_empty() => default.to_owned(),
        _ => value.to_owned(),
    }
}

/// Something unknown, in braces, by its last name.
fn unknown(text: &str) -> String {
    let name: String =
        text.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.')).take(60).collect();
    format!("{{{}}}", name.rsplit('.').find(|p| !p.is_empty()).unwrap_or(""))
}

/// Fills the verbs of a format.
fn fill(format: &str, values: &[String]) -> String {
    let mut out = String::new();
    let mut values = values.iter();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        if chars.next_if_eq(&'%').is_some() {
            out.push('%');
            continue;
        }
        while chars.next_if(|c| matches!(c, '+' | '-' | '#' | '0'..='9' | '.' | '[' | ']')).is_some() {}
        chars.next();
        out.push_str(values.next().map_or("{}", String::as_str));
    }
    out
}
