//! Java as classes, methods and calls.

use tree_sitter::Node;

use crate::extract::java::code::{Annotation, Arm, Call, Class, Code, Expr, Field, Kind, Method};
use crate::syntax::{children, descendants, field, field_text, last_line, line, parse, text, unquoted};

/// Deepest expression that is followed.
const DEPTH: usize = 40;

/// Most calls of one method that are kept: beyond it the method is generated.
const CALLS: usize = 2000;

/// Reads a file.
pub(crate) fn read(source: &str) -> Option<Code> {
    let tree = parse(&tree_sitter_java::LANGUAGE.into(), source)?;
    let mut code = Code::default();
    for node in descendants(tree.root_node()) {
        match node.kind() {
            "import_declaration" => code.imports.extend(import(node, source)),
            "class_declaration" | "interface_declaration" | "record_declaration" | "enum_declaration" => {
                code.classes.push(class(node, source));
            }
            _ => {}
        }
    }
    Some(code)
}

fn import(node: Node<'_>, source: &str) -> Option<String> {
    let whole = text(node, source).trim_start_matches("import").trim();
    let name = whole.trim_start_matches("static").trim_end_matches(';').trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn class(node: Node<'_>, source: &str) -> Class {
    let mut class = Class {
        name: field_text(node, "name", source).unwrap_or("").to_owned(),
        kind: if node.kind() == "interface_declaration" { Kind::Interface } else { Kind::Class },
        annotations: annotations(node, source),
        line: line(node),
        last: last_line(node),
        ..Class::default()
    };
    for child in children(node) {
        match child.kind() {
            "superclass" | "super_interfaces" | "extends_interfaces" => {
                for ty in children(child) {
                    let list = if ty.kind() == "type_list" { children(ty) } else { vec![ty] };
                    class.supers.extend(list.into_iter().map(|t| text(t, source).to_owned()));
                }
            }
            "formal_parameters" => class.fields.extend(parameters(child, source)),
            _ => {}
        }
    }
    let body = field(node, "body").map(children).unwrap_or_default();
    // Members of an enum stand one level deeper.
    let members = body
        .into_iter()
        .flat_map(|m| if m.kind() == "enum_body_declarations" { children(m) } else { vec![m] });
    for member in members {
        match member.kind() {
            "field_declaration" | "constant_declaration" => class.fields.extend(fields(member, source, node)),
            "method_declaration" | "constructor_declaration" => class.methods.push(method(member, source)),
            "static_initializer" | "block" => class.methods.push(method(member, source)),
            _ => {}
        }
    }
    class
}

fn modifiers(node: Node<'_>) -> Option<Node<'_>> {
    children(node).into_iter().find(|c| c.kind() == "modifiers")
}

fn annotations(node: Node<'_>, source: &str) -> Vec<Annotation> {
    let Some(modifiers) = modifiers(node) else { return Vec::new() };
    children(modifiers).into_iter().filter_map(|c| annotation(c, source, 0)).collect()
}

fn annotation(node: Node<'_>, source: &str, depth: usize) -> Option<Annotation> {
    if !matches!(node.kind(), "marker_annotation" | "annotation") {
        return None;
    }
    let name = field_text(node, "name", source)?;
    let mut args = Vec::new();
    for arg in field(node, "arguments").map(children).unwrap_or_default() {
        match arg.kind() {
            "element_value_pair" => {
                let key = field_text(arg, "key", source).unwrap_or("value").to_owned();
                let value = field(arg, "value").map_or(Expr::Other, |v| expr(v, source, depth + 1));
                args.push((key, value));
            }
            "line_comment" | "block_comment" => {}
            _ => args.push(("value".to_owned(), expr(arg, source, depth + 1))),
        }
    }
    let name = name.rsplit('.').next().unwrap_or(name).to_owned();
    Some(Annotation { name, args, line: line(node) })
}

fn fields(node: Node<'_>, source: &str, class: Node<'_>) -> Vec<Field> {
    let ty = field_text(node, "type", source).unwrap_or("");
    let words = modifiers(node).map_or("", |m| text(m, source));
    let is_static =
        words.split_whitespace().any(|w| w == "static") || class.kind() == "interface_declaration";
    let declared = children(node).into_iter().filter(|c| c.kind() == "variable_declarator");
    declared
        .map(|d| Field {
            name: field_text(d, "name", source).unwrap_or("").to_owned(),
            ty: ty.to_owned(),
            annotations: annotations(node, source),
            value: field(d, "value").map(|v| expr(v, source, 0)),
            is_static,
            line: line(d),
        })
        .collect()
}

fn parameters(node: Node<'_>, source: &str) -> Vec<Field> {
    let params = children(node).into_iter().filter(|p| p.kind() == "formal_parameter");
    params
        .map(|p| Field {
            name: field_text(p, "name", source).unwrap_or("").to_owned(),
            ty: field_text(p, "type", source).unwrap_or("").to_owned(),
            annotations: annotations(p, source),
            line: line(p),
            ..Field::default()
        })
        .collect()
}

fn method(node: Node<'_>, source: &str) -> Method {
    let mut method = Method {
        name: field_text(node, "name", source).unwrap_or("").to_owned(),
        returns: field_text(node, "type", source).unwrap_or("").to_owned(),
        annotations: annotations(node, source),
        params: field(node, "parameters").map(|p| parameters(p, source)).unwrap_or_default(),
        line: line(node),
        last: last_line(node),
        ..Method::default()
    };
    let body = field(node, "body").or_else(|| (node.kind() != "method_declaration").then_some(node));
    if let Some(body) = body {
        method.has_body = true;
        method.body = text(body, source).to_owned();
        read_body(body, source, &mut method);
    }
    method
}

fn read_body(body: Node<'_>, source: &str, method: &mut Method) {
    let loops = loops(body, source);
    let arms = arms(body);
    for node in descendants(body) {
        match node.kind() {
            "method_invocation" | "object_creation_expression" if method.calls.len() < CALLS => {
                if let Expr::Call(mut call) = expr(node, source, 0) {
                    call.looped = loops.iter().any(|l| l.contains(&node.start_byte()));
                    call.at = node.start_byte();
                    let around = arms.iter().filter(|(bytes, _)| bytes.contains(&node.start_byte()));
                    call.arms = around.map(|(_, arm)| *arm).collect();
                    method.calls.push(*call);
                }
            }
            "local_variable_declaration" => method.locals.extend(fields(node, source, body)),
            "assignment_expression" => {
                if let (Some(left), Some(right)) = (field(node, "left"), field(node, "right"))
                    && let Expr::Name(name) = expr(left, source, 0)
                {
                    let value = Some(expr(right, source, 0));
                    method.locals.push(Field { name, value, line: line(node), ..Field::default() });
                }
            }
            "return_statement" => {
                method.results.extend(children(node).first().map(|value| expr(*value, source, 0)));
            }
            _ => {}
        }
    }
}

/// The arms of the conditions of a body, with their bytes.
fn arms(body: Node<'_>) -> Vec<(std::ops::Range<usize>, Arm)> {
    let mut out = Vec::new();
    for node in descendants(body) {
        let parts: Vec<Node<'_>> = match node.kind() {
            "if_statement" => {
                ["consequence", "alternative"].into_iter().filter_map(|name| field(node, name)).collect()
            }
            "switch_block" => children(node),
            "ternary_expression" => {
                ["consequence", "alternative"].into_iter().filter_map(|name| field(node, name)).collect()
            }
            _ => continue,
        };
        for (index, part) in parts.into_iter().enumerate() {
            let last = children(part).last().map_or(part.kind(), Node::kind);
            let leaves =
                [part.kind(), last].iter().any(|k| matches!(*k, "return_statement" | "throw_statement"));
            let arm = Arm { condition: node.start_byte(), end: node.end_byte(), index, leaves };
            out.push((part.byte_range(), arm));
        }
    }
    out
}

/// Methods that call the function they are given for each element.
const FOR_EACH: &[&str] = &["forEach", "map", "flatMap", "peek", "mapToObj", "forEachOrdered"];

/// The bytes of the bodies of loops. The list a loop runs over is asked for once and does not count.
fn loops(body: Node<'_>, source: &str) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    for node in descendants(body) {
        match node.kind() {
            "for_statement" | "enhanced_for_statement" | "while_statement" | "do_statement" => {
                out.extend(field(node, "body").map(|b| b.byte_range()));
            }
            "method_invocation"
                if field_text(node, "name", source).is_some_and(|n| FOR_EACH.contains(&n)) =>
            {
                // `Optional.map` and reactive `map` run at most once per call of the chain: only those over
                // streams and collections count.
                let chain = field_text(node, "object", source).unwrap_or("");
                let over_many = field_text(node, "name", source) == Some("forEach")
                    || chain.contains("stream()")
                    || chain.contains("Stream.")
                    || chain.contains("fromIterable");
                if over_many {
                    out.extend(field(node, "arguments").map(|a| a.byte_range()));
                }
            }
            _ => {}
        }
    }
    out
}

/// Reads an expression.
fn expr(node: Node<'_>, source: &str, depth: usize) -> Expr {
    if depth > DEPTH {
        return Expr::Other;
    }
    let next = |node: Node<'_>| expr(node, source, depth + 1);
    match node.kind() {
        "string_literal" | "text_block" => Expr::Text(string(node, source)),
        "decimal_integer_literal"
        | "decimal_floating_point_literal"
        | "true"
        | "false"
        | "character_literal"
        | "hex_integer_literal" => Expr::Literal(text(node, source).trim_matches('\'').to_owned()),
        "identifier" | "this" | "type_identifier" => Expr::Name(text(node, source).to_owned()),
        "field_access" | "scoped_identifier" | "scoped_type_identifier" => {
            let name = text(node, source);
            Expr::Name(name.strip_prefix("this.").unwrap_or(name).split_whitespace().collect())
        }
        "class_literal" => Expr::Name(text(node, source).trim_end_matches(".class").to_owned()),
        "parenthesized_expression" => children(node).first().map_or(Expr::Other, |n| next(*n)),
        "cast_expression" => field(node, "value").map_or(Expr::Other, next),
        "binary_expression" => binary(node, source, depth),
        "ternary_expression" => {
            let sides = [field(node, "consequence"), field(node, "alternative")];
            Expr::Either(sides.into_iter().flatten().map(next).collect())
        }
        "array_initializer" | "element_value_array_initializer" => {
            Expr::List(children(node).into_iter().map(next).collect())
        }
        "array_creation_expression" => field(node, "value").map_or(Expr::Other, next),
        "marker_annotation" | "annotation" => {
            annotation(node, source, depth + 1).map_or(Expr::Other, |a| Expr::Annotation(Box::new(a)))
        }
        "lambda_expression" => match field(node, "body") {
            Some(body) if body.kind() != "block" => next(body),
            _ => Expr::Other,
        },
        "method_invocation" => Expr::Call(Box::new(Call {
            on: field(node, "object").map(next),
            name: field_text(node, "name", source).unwrap_or("").to_owned(),
            args: arguments(node, source, depth),
            line: field(node, "name").map_or_else(|| line(node), line),
            ..Call::default()
        })),
        "object_creation_expression" => Expr::Call(Box::new(Call {
            name: field_text(node, "type", source).unwrap_or("").to_owned(),
            args: arguments(node, source, depth),
            creates: true,
            line: line(node),
            ..Call::default()
        })),
        _ => Expr::Other,
    }
}

fn arguments(node: Node<'_>, source: &str, depth: usize) -> Vec<Expr> {
    let args = field(node, "arguments").map(children).unwrap_or_default();
    let args = args.into_iter().filter(|a| !a.kind().ends_with("comment"));
    args.map(|a| expr(a, source, depth + 1)).collect()
}

/// `a + b + c` is one list, however long: the left side is followed in a loop.
fn binary(node: Node<'_>, source: &str, depth: usize) -> Expr {
    let mut parts = Vec::new();
    let mut at = node;
    while at.kind() == "binary_expression" && field_text(at, "operator", source) == Some("+") {
        let (Some(left), Some(right)) = (field(at, "left"), field(at, "right")) else { break };
        parts.push(expr(right, source, depth + 1));
        at = left;
    }
    if parts.is_empty() {
        return Expr::Other;
    }
    parts.push(expr(at, source, depth + 1));
    parts.reverse();
    Expr::Concat(parts)
}

fn string(node: Node<'_>, source: &str) -> String {
    let inner = unquoted(text(node, source));
    if inner.contains('\\') {
        inner.replace("\\\"", "\"").replace("\\\\", "\\").replace("\\n", "\n").replace("\\t", "\t")
    } else {
        inner.to_owned()
    }
}
