//! HCL of Terraform and OpenTofu as plain values: variables and locals of the module written out, references to
//! deployed things as their names, what only running could tell as `{name}`.

use std::collections::BTreeMap;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use hcl_edit::structure::{Block, Body, Structure};
use hcl_edit::template::Element;

use super::cloud;
use crate::yaml::{self, Node, Value};

/// Longest text that is put together.
const LENGTH: usize = 20_000;

/// What names stand for in a module.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Defaults and values of variables.
    pub(super) variables: BTreeMap<String, Node>,
    /// Locals.
    pub(super) locals: BTreeMap<String, Node>,
}

/// A file while it is read.
pub(super) struct Reader<'a> {
    scope: &'a Scope,
    /// The bytes where lines begin.
    starts: Vec<usize>,
}

impl<'a> Reader<'a> {
    /// A reader of a text.
    pub(super) fn new(text: &str, scope: &'a Scope) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Self { scope, starts }
    }

    /// First and last line of something.
    pub(super) fn lines(&self, spanned: &impl Span) -> (usize, usize) {
        let line = |byte: usize| self.starts.partition_point(|s| *s <= byte).max(1);
        spanned.span().map_or((1, 1), |s| (line(s.start), line(s.end.saturating_sub(1))))
    }

    /// A body as a map: attributes, and blocks under their names (several of one name stand side by side).
    pub(super) fn body(&self, body: &Body, line: usize) -> Node {
        let pairs = body.iter().map(|structure| match structure {
            Structure::Attribute(attribute) => {
                let (line, _) = self.lines(attribute);
                (attribute.key.as_str().to_owned(), self.node(&attribute.value, line))
            }
            Structure::Block(block) => self.block(block),
        });
        Node { line, tag: None, value: Value::Map(pairs.collect()) }
    }

    fn block(&self, block: &Block) -> (String, Node) {
        let (line, _) = self.lines(block);
        // `dynamic "ingress" { content { … } }` is a block `ingress` for each element of a list.
        if block.ident.as_str() == "dynamic"
            && let Some(label) = block.labels.first()
            && let Some(content) = block.body.get_blocks("content").next()
        {
            return (label.as_str().to_owned(), self.body(&content.body, line));
        }
        (block.ident.as_str().to_owned(), self.body(&block.body, line))
    }

    /// An expression as a value.
    pub(super) fn node(&self, expression: &Expression, line: usize) -> Node {
        let line = expression.span().map_or(line, |_| self.lines(expression).0);
        let scalar = |text: String| Node { line, tag: None, value: Value::Scalar(text) };
        match expression {
            Expression::Null(_) => scalar(String::new()),
            Expression::Bool(yes) => scalar(yes.value().to_string()),
            Expression::Number(number) => scalar(number.value().to_string()),
            Expression::String(text) => scalar(text.value().clone()),
            Expression::Array(array) => {
                let list = array.iter().map(|e| self.node(e, line)).collect();
                Node { line, tag: None, value: Value::List(list) }
            }
            Expression::Object(object) => {
                let pairs = object.iter().map(|(key, value)| {
                    let name = match (key.as_ident(), key.as_expr()) {
                        (Some(ident), _) => ident.as_str().to_owned(),
                        (_, Some(expr)) => self.text(expr, line),
                        _ => String::new(),
                    };
                    (name, self.node(value.expr(), line))
                });
                Node { line, tag: None, value: Value::Map(pairs.collect()) }
            }
            Expression::StringTemplate(template) => scalar(self.template(template.iter(), line)),
            Expression::HeredocTemplate(heredoc) => scalar(self.template(heredoc.template.iter(), line)),
            Expression::Parenthesis(inner) => self.node(inner.inner(), line),
            Expression::Variable(name) => scalar(format!("{{{}}}", name.as_str())),
            Expression::Conditional(choice) => {
                let yes = self.node(&choice.true_expr, line);
                if is_null(&yes) { self.node(&choice.false_expr, line) } else { yes }
            }
            Expression::FuncCall(call) => {
                let arguments: Vec<Node> = call.args.iter().map(|a| self.node(a, line)).collect();
                function(call.name.name.as_str(), arguments, line)
            }
            Expression::Traversal(traversal) => self.traversal(traversal, line),
            Expression::UnaryOp(_) | Expression::BinaryOp(_) => scalar("{expression}".to_owned()),
            Expression::ForExpr(_) => scalar("{for}".to_owned()),
        }
    }

    fn text(&self, expression: &Expression, line: usize) -> String {
        match self.node(expression, line).value {
            Value::Scalar(text) => text,
            Value::List(_) => "{list}".to_owned(),
            Value::Map(_) => "{map}".to_owned(),
        }
    }

    fn template<'e>(&self, elements: impl Iterator<Item = &'e Element>, line: usize) -> String {
        let mut out = String::new();
        for element in elements {
            match element {
                Element::Literal(text) => out.push_str(text.as_str()),
                Element::Interpolation(inner) => out.push_str(&self.text(&inner.expr, line)),
                Element::Directive(_) => out.push_str("{directive}"),
            }
            if out.len() > LENGTH {
                break;
            }
        }
        out
    }

    fn traversal(&self, traversal: &Traversal, line: usize) -> Node {
        let mut path = match &traversal.expr {
            Expression::Variable(name) => vec![name.as_str().to_owned()],
            other => vec![self.text(other, line)],
        };
        for operator in &traversal.operators {
            match operator.value() {
                TraversalOperator::GetAttr(name) => path.push(name.as_str().to_owned()),
                TraversalOperator::Index(Expression::String(key)) => path.push(key.value().clone()),
                _ => {}
            }
        }
        let unknown = || Node { line, tag: None, value: Value::Scalar(format!("{{{}}}", path.join("."))) };
        let known = |map: &BTreeMap<String, Node>| {
            let first = map.get(path.get(1)?)?;
            let keys: Vec<&str> = path.iter().skip(2).map(String::as_str).collect();
            let mut found = first.at(&keys).filter(|n| !is_null(n))?.clone();
            // What stands elsewhere is told where it is used.
            every_line(&mut found, &|_| line);
            Some(found)
        };
        let found = match path.first().map(String::as_str) {
            Some("var") => known(&self.scope.variables),
            Some("local") => known(&self.scope.locals),
            _ => reference(&path).map(|name| Node { line, tag: None, value: Value::Scalar(name) }),
        };
        found.unwrap_or_else(unknown)
    }
}

/// The name of the deployed thing a path such as `aws_sqs_queue.orders.arn` or `module.db.endpoint` refers to.
fn reference(path: &[String]) -> Option<String> {
    let (kind, label) = (path.first()?, path.get(1)?);
    if kind == "data" {
        return None;
    }
    cloud::is_deployed(kind).then(|| cloud::name_of(kind, label))
}

fn is_null(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar(text) if text.is_empty())
}

/// What a function gives, for those that matter: the argument they pass on, or texts put together.
fn function(name: &str, mut arguments: Vec<Node>, line: usize) -> Node {
    let scalar = |text: String| Node { line, tag: None, value: Value::Scalar(text) };
    match name {
        "jsonencode" | "yamlencode" | "tostring" | "tonumber" | "tobool" | "toset" | "tolist" | "tomap"
        | "sensitive" | "nonsensitive" | "trimspace" | "base64encode" | "flatten" | "compact"
        | "distinct" | "lower" | "upper" | "one"
            if !arguments.is_empty() =>
        {
            arguments.swap_remove(0)
        }
        "jsondecode" | "yamldecode" => {
            arguments.pop().and_then(|n| inline(&n)).unwrap_or_else(|| scalar(format!("{{{name}()}}")))
        }
        "try" | "coalesce" => {
            let known = arguments.iter().position(|n| n.text().is_some_and(|t| !t.starts_with('{')));
            arguments.into_iter().nth(known.unwrap_or(0)).unwrap_or_else(|| scalar(String::new()))
        }
        "merge" => {
            let pairs = arguments.into_iter().flat_map(|n| match n.value {
                Value::Map(pairs) => pairs,
                _ => Vec::new(),
            });
            Node { line, tag: None, value: Value::Map(pairs.collect()) }
        }
        "concat" => {
            let list = arguments.into_iter().flat_map(|n| match n.value {
                Value::List(list) => list,
                _ => Vec::new(),
            });
            Node { line, tag: None, value: Value::List(list.collect()) }
        }
        "format" => scalar(formatted(&arguments)),
        "join" => {
            let separator = arguments.first().and_then(Node::text).unwrap_or("").to_owned();
            let parts = arguments.get(1).map(Node::list).unwrap_or_default();
            scalar(parts.iter().filter_map(Node::text).collect::<Vec<_>>().join(&separator))
        }
        _ => scalar(format!("{{{name}()}}")),
    }
}

/// `format("%s-%s", a, b)`.
fn formatted(arguments: &[Node]) -> String {
    let mut out = arguments.first().and_then(Node::text).unwrap_or("").to_owned();
    for argument in arguments.iter().skip(1) {
        let Some(at) = ["%s", "%d", "%v", "%q"].iter().filter_map(|v| out.find(v)).min() else { break };
        out.replace_range(at..at + 2, argument.text().unwrap_or("{value}"));
        if out.len() > LENGTH {
            break;
        }
    }
    out
}

/// A text of JSON as a value, on the lines of the text.
pub(super) fn inline(node: &Node) -> Option<Node> {
    let text = node.text()?;
    if !text.trim_start().starts_with(['[', '{']) {
        return None;
    }
    let mut found =
        yaml::document(&text.replace('\t', " ")).filter(|n| !matches!(n.value, Value::Scalar(_)))?;
    every_line(&mut found, &|line| line + node.line);
    Some(found)
}

/// Changes the lines of a value and of all inside.
fn every_line(node: &mut Node, change: &dyn Fn(usize) -> usize) {
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        node.line = change(node.line);
        match &mut node.value {
            Value::List(list) => stack.extend(list.iter_mut()),
            Value::Map(pairs) => stack.extend(pairs.iter_mut().map(|(_, v)| v)),
            Value::Scalar(_) => {}
        }
    }
}
