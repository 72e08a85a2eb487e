//! Kotlin as classes, methods and calls.

use tree_sitter::Node;

use crate::extract::java::code::{Annotation, Call, Class, Code, Expr, Field, Kind, Method};
use crate::syntax::{ancestor, children, descendants, field, field_text, last_line, line, parse, text};

/// Deepest expression that is followed.
const DEPTH: usize = 40;

/// Most calls of one function that are kept.
const CALLS: usize = 2000;

/// Reads a file.
pub(crate) fn read(source: &str) -> Option<Code> {
    let tree = parse(&tree_sitter_kotlin_ng::LANGUAGE.into(), source)?;
    let root = tree.root_node();
    let mut code = Code::default();
    let mut alone = Class { line: 1, last: last_line(root), ..Class::default() };
    for node in descendants(root) {
        match node.kind() {
            "import" => {
                let name = text(node, source).trim_start_matches("import").trim();
                code.imports.push(name.split(" as ").next().unwrap_or(name).trim().to_owned());
            }
            "class_declaration" | "object_declaration" | "companion_object" => {
                code.classes.push(class(node, source));
            }
            "function_declaration" if ancestor(node, &["class_body"]).is_none() => {
                alone.methods.push(method(node, source));
            }
            "property_declaration" if node.parent().is_some_and(|p| p.kind() == "source_file") => {
                alone.fields.extend(property(node, source, true));
            }
            _ => {}
        }
    }
    if !(alone.methods.is_empty() && alone.fields.is_empty()) {
        code.classes.push(alone);
    }
    Some(code)
}

fn class(node: Node<'_>, source: &str) -> Class {
    let interface = {
        let mut cursor = node.walk();
        node.children(&mut cursor).any(|c| c.kind() == "interface")
    };
    let name = field_text(node, "name", source).unwrap_or("Companion");
    let mut class = Class {
        name: name.to_owned(),
        kind: if interface { Kind::Interface } else { Kind::Class },
        annotations: annotations(node, source),
        line: line(node),
        last: last_line(node),
        ..Class::default()
    };
    for child in children(node) {
        match child.kind() {
            "delegation_specifiers" => {
                let supers = children(child).into_iter().map(|s| {
                    let whole = text(s, source);
                    whole.split('(').next().unwrap_or(whole).trim().to_owned()
                });
                class.supers.extend(supers);
            }
            "primary_constructor" => {
                let params = descendants(child).filter(|p| p.kind() == "class_parameter");
                class.fields.extend(params.map(|p| parameter(p, source)));
            }
            "class_body" => members(child, source, node.kind() != "class_declaration", &mut class),
            _ => {}
        }
    }
    // What a companion holds is used as if it were the class's own.
    let companion = children(node)
        .into_iter()
        .filter(|c| c.kind() == "class_body")
        .flat_map(children)
        .find(|c| c.kind() == "companion_object");
    if let Some(body) = companion.and_then(|c| children(c).into_iter().find(|b| b.kind() == "class_body")) {
        let properties = children(body).into_iter().filter(|p| p.kind() == "property_declaration");
        class.fields.extend(properties.filter_map(|p| property(p, source, true)));
    }
    class
}

fn members(body: Node<'_>, source: &str, is_static: bool, class: &mut Class) {
    for member in children(body) {
        match member.kind() {
            "property_declaration" => class.fields.extend(property(member, source, is_static)),
            "function_declaration" | "anonymous_initializer" | "secondary_constructor" => {
                class.methods.push(method(member, source));
            }
            _ => {}
        }
    }
}

fn annotations(node: Node<'_>, source: &str) -> Vec<Annotation> {
    let holders =
        children(node).into_iter().filter(|c| matches!(c.kind(), "modifiers" | "parameter_modifiers"));
    let inside = holders.flat_map(children).chain(children(node));
    inside.filter(|c| c.kind() == "annotation").filter_map(|c| annotation(c, source)).collect()
}

fn annotation(node: Node<'_>, source: &str) -> Option<Annotation> {
    let kids = children(node);
    let made = kids.iter().find(|c| c.kind() == "constructor_invocation");
    let (name, args) = match made {
        Some(made) => {
            let parts = children(*made);
            let name = text(*parts.first()?, source);
            let args = parts.iter().find(|p| p.kind() == "value_arguments").copied();
            (name, args.map(|a| named_arguments(a, source, 0)).unwrap_or_default())
        }
        None => (text(*kids.iter().find(|k| k.kind() != "use_site_target")?, source), Vec::new()),
    };
    let name = name.rsplit('.').next().unwrap_or(name).to_owned();
    Some(Annotation { name, args, line: line(node) })
}

/// Arguments with their names; `value` where there is none.
fn named_arguments(node: Node<'_>, source: &str, depth: usize) -> Vec<(String, Expr)> {
    let args = children(node).into_iter().filter(|a| a.kind() == "value_argument");
    let mut out: Vec<(String, Expr)> = Vec::new();
    for arg in args {
        let parts = children(arg);
        let Some(last) = parts.last() else { continue };
        let named = parts.len() > 1 && parts.first().is_some_and(|p| p.kind() == "identifier");
        let key = if named { parts.first().map_or("value", |p| text(*p, source)) } else { "value" };
        out.push((key.to_owned(), expr(*last, source, depth + 1)));
    }
    // `@GetMapping("/a", "/b")` is a list.
    if out.len() > 1 && out.iter().all(|(k, _)| k == "value") {
        return vec![("value".to_owned(), Expr::List(out.into_iter().map(|(_, v)| v).collect()))];
    }
    out
}

fn type_of<'s>(node: Node<'_>, source: &'s str) -> &'s str {
    let kids = children(node);
    let ty =
        kids.iter().find(|c| matches!(c.kind(), "user_type" | "nullable_type" | "function_type" | "type"));
    ty.map_or("", |t| text(*t, source).trim_end_matches('?'))
}

fn parameter(node: Node<'_>, source: &str) -> Field {
    let kids = children(node);
    let name = kids.iter().find(|c| c.kind() == "identifier").map_or("", |n| text(*n, source));
    let value = kids.last().filter(|l| is_value(l.kind())).map(|v| expr(*v, source, 0));
    Field {
        name: name.to_owned(),
        ty: type_of(node, source).to_owned(),
        annotations: annotations(node, source),
        value,
        line: line(node),
        ..Field::default()
    }
}

/// Whether a child of a declaration is its value.
fn is_value(kind: &str) -> bool {
    !matches!(
        kind,
        "identifier"
            | "modifiers"
            | "parameter_modifiers"
            | "user_type"
            | "nullable_type"
            | "function_type"
            | "type"
            | "variable_declaration"
            | "getter"
            | "setter"
            | "type_parameters"
            | "multi_variable_declaration"
            | "line_comment"
            | "block_comment"
    )
}

fn property(node: Node<'_>, source: &str, is_static: bool) -> Option<Field> {
    let kids = children(node);
    let declared = kids.iter().find(|c| c.kind() == "variable_declaration")?;
    let name = children(*declared).into_iter().find(|c| c.kind() == "identifier")?;
    let value = kids.iter().rev().find(|c| is_value(c.kind())).map(|v| expr(*v, source, 0));
    Some(Field {
        name: text(name, source).to_owned(),
        ty: type_of(*declared, source).to_owned(),
        annotations: annotations(node, source),
        value,
        is_static,
        line: line(node),
    })
}

fn method(node: Node<'_>, source: &str) -> Method {
    let mut method = Method {
        name: field_text(node, "name", source).unwrap_or("").to_owned(),
        returns: type_of(node, source).to_owned(),
        annotations: annotations(node, source),
        line: line(node),
        last: last_line(node),
        ..Method::default()
    };
    for child in children(node) {
        match child.kind() {
            "function_value_parameters" => parameters(child, source, &mut method.params),
            "function_body" | "block" => {
                method.has_body = true;
                method.body = text(child, source).to_owned();
                let first = children(child).into_iter().next();
                if let Some(value) = first.filter(|f| child.kind() == "function_body" && f.kind() != "block")
                {
                    method.results.push(expr(value, source, 0));
                }
                read_body(child, source, &mut method);
            }
            _ => {}
        }
    }
    method
}

/// Modifiers stand before the parameter they belong to.
fn parameters(node: Node<'_>, source: &str, out: &mut Vec<Field>) {
    let mut waiting = Vec::new();
    for child in children(node) {
        match child.kind() {
            "parameter_modifiers" => {
                waiting = children(child).into_iter().filter_map(|c| annotation(c, source)).collect();
            }
            "parameter" => {
                let mut param = parameter(child, source);
                param.annotations.append(&mut waiting);
                out.push(param);
            }
            _ => {}
        }
    }
}

fn read_body(body: Node<'_>, source: &str, method: &mut Method) {
    let loops = loops(body, source);
    for node in descendants(body) {
        match node.kind() {
            "call_expression" if method.calls.len() < CALLS => {
                if let Expr::Call(mut call) = expr(node, source, 0) {
                    call.looped = loops.iter().any(|l| l.contains(&node.start_byte()));
                    method.calls.push(*call);
                }
            }
            "property_declaration" => method.locals.extend(property(node, source, false)),
            "assignment" => {
                if let (Some(left), Some(right)) = (field(node, "left"), field(node, "right"))
                    && let Expr::Name(name) = expr(left, source, 0)
                {
                    let value = Some(expr(right, source, 0));
                    method.locals.push(Field { name, value, line: line(node), ..Field::default() });
                }
            }
            "return_expression" => {
                method.results.extend(children(node).last().map(|value| expr(*value, source, 0)));
            }
            _ => {}
        }
    }
}

/// The bytes of the bodies of loops.
fn loops(body: Node<'_>, source: &str) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    for node in descendants(body) {
        match node.kind() {
            "for_statement" | "while_statement" | "do_while_statement" => {
                out.extend(children(node).last().map(Node::byte_range));
            }
            "call_expression" => {
                let kids = children(node);
                let called = kids.first().map_or("", |c| text(*c, source));
                if called.ends_with(".forEach") {
                    out.extend(kids.iter().skip(1).map(Node::byte_range));
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
        "string_literal" | "multiline_string_literal" => string(node, source, depth),
        "number_literal" | "boolean_literal" | "character_literal" => {
            Expr::Literal(text(node, source).to_owned())
        }
        "identifier" | "this_expression" | "user_type" => Expr::Name(text(node, source).to_owned()),
        "navigation_expression" => navigation(node, source),
        "parenthesized_expression" | "as_expression" | "value_argument" => {
            children(node).first().map_or(Expr::Other, |n| next(*n))
        }
        "collection_literal" => Expr::List(children(node).into_iter().map(next).collect()),
        "callable_reference" => {
            let name = text(node, source);
            Expr::Name(name.split("::").next().unwrap_or(name).to_owned())
        }
        "binary_expression" => binary(node, source, depth),
        "call_expression" => call(node, source, depth),
        "lambda_literal" | "annotated_lambda" => children(node).last().map_or(Expr::Other, |n| next(*n)),
        _ => Expr::Other,
    }
}

/// `a.b.c` as a name; a call inside keeps only what comes before.
fn navigation(node: Node<'_>, source: &str) -> Expr {
    let name = text(node, source);
    if name.contains('(') {
        return Expr::Other;
    }
    let name: String = name.split_whitespace().collect();
    let name = name.replace("?.", ".").replace("!!", "");
    let name = name.trim_end_matches("::class.java").trim_end_matches("::class");
    Expr::Name(name.strip_prefix("this.").unwrap_or(name).to_owned())
}

fn binary(node: Node<'_>, source: &str, depth: usize) -> Expr {
    let mut parts = Vec::new();
    let mut at = node;
    while at.kind() == "binary_expression" {
        let (Some(left), Some(right)) = (field(at, "left"), field(at, "right")) else { break };
        let between = source.get(left.end_byte()..right.start_byte()).unwrap_or("").trim();
        if between == "?:" && parts.is_empty() {
            return Expr::Either(vec![expr(left, source, depth + 1), expr(right, source, depth + 1)]);
        }
        if between != "+" {
            break;
        }
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

fn call(node: Node<'_>, source: &str, depth: usize) -> Expr {
    let kids = children(node);
    let Some(called) = kids.first() else { return Expr::Other };
    let mut args = Vec::new();
    for kid in kids.iter().skip(1) {
        match kid.kind() {
            "value_arguments" => {
                args.extend(named_list(*kid, source, depth));
            }
            "annotated_lambda" => args.push(expr(*kid, source, depth + 1)),
            _ => {}
        }
    }
    let (on, name) = match called.kind() {
        "navigation_expression" => {
            let parts = children(*called);
            let name = parts.last().map_or("", |n| text(*n, source));
            (parts.first().filter(|_| parts.len() > 1).map(|o| expr(*o, source, depth + 1)), name)
        }
        _ => (None, text(*called, source)),
    };
    if matches!(name, "listOf" | "arrayOf" | "setOf" | "arrayListOf") {
        return Expr::List(args);
    }
    // Classes are created without a keyword; by custom only they begin with a capital letter.
    let creates = on.is_none() && name.starts_with(|c: char| c.is_ascii_uppercase());
    let line = line(*kids.last().unwrap_or(called)).max(line(*called));
    Expr::Call(Box::new(Call { on, name: name.to_owned(), args, creates, line, ..Call::default() }))
}

fn named_list(node: Node<'_>, source: &str, depth: usize) -> Vec<Expr> {
    let args = children(node).into_iter().filter(|a| a.kind() == "value_argument");
    args.filter_map(|a| children(a).last().map(|v| expr(*v, source, depth + 1))).collect()
}

/// A text with what stands between.
fn string(node: Node<'_>, source: &str, depth: usize) -> Expr {
    let mut parts = Vec::new();
    let mut plain = String::new();
    for child in children(node) {
        match child.kind() {
            "string_content" => plain.push_str(text(child, source)),
            kind => {
                names(&plain, &mut parts);
                plain.clear();
                if kind == "escape_sequence" {
                    let whole = text(child, source);
                    parts.push(Expr::Text(whole.strip_prefix('\\').unwrap_or(whole).to_owned()));
                } else if kind == "interpolation" {
                    let inner = children(child);
                    parts.push(inner.first().map_or(Expr::Other, |e| expr(*e, source, depth + 1)));
                }
            }
        }
    }
    names(&plain, &mut parts);
    if parts.iter().all(|p| matches!(p, Expr::Text(_))) {
        let texts = parts.iter().map(|p| if let Expr::Text(t) = p { t.as_str() } else { "" });
        return Expr::Text(texts.collect());
    }
    Expr::Concat(parts)
}

/// The grammar leaves `$name` in the text: it is taken apart here.
fn names(plain: &str, parts: &mut Vec<Expr>) {
    let mut rest = plain;
    while let Some(at) = rest.find('$') {
        let after = &rest[at + 1..];
        let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(after.len());
        if end == 0 {
            parts.push(Expr::Text(rest[..=at].to_owned()));
        } else {
            parts.push(Expr::Text(rest[..at].to_owned()));
            parts.push(Expr::Name(after[..end].to_owned()));
        }
        rest = &after[end..];
    }
    if !rest.is_empty() {
        parts.push(Expr::Text(rest.to_owned()));
    }
}
