//! Expressions of templates: fields, variables, literals, pipelines.

use crate::yaml::Node;

use super::call::call;
use super::chart::scalar;
use super::render::{Filler, Scope};

/// Deepest nesting of parentheses.
const DEPTH: usize = 16;

/// Most operands of one function.
const OPERANDS: usize = 64;

/// A word of an expression.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A literal.
    Literal(String),
    /// A path from the dot, a variable or the root: `.a.b`, `$x.y`.
    Path(String),
    /// A function.
    Name(String),
    Open,
    /// A closing parenthesis, with the path that follows it without a gap.
    Close(String),
    Pipe,
}

/// The value of an expression; nothing when it cannot be told.
pub(super) fn value(expression: &str, scope: &Scope, filler: &mut Filler<'_>) -> Option<Node> {
    let tokens = tokens(expression);
    filler.spend(expression.len());
    let mut at = 0;
    pipeline(&tokens, &mut at, scope, filler, 0)
}

fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or("");
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '-' | '+' | '/');
        let taken = match c {
            '"' | '`' => {
                let (literal, used) = quoted(after, c);
                out.push(Token::Literal(literal));
                used + 1
            }
            '(' => {
                out.push(Token::Open);
                1
            }
            ')' => {
                let path: String =
                    after.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.')).collect();
                let path = if path.starts_with('.') { path } else { String::new() };
                let used = path.len() + 1;
                out.push(Token::Close(path));
                used
            }
            '|' => {
                out.push(Token::Pipe);
                1
            }
            c if is_word(c) => {
                let word: String = rest.chars().take_while(|c| is_word(*c)).collect();
                let used = word.len();
                out.push(match c {
                    '.' | '$' => Token::Path(word),
                    c if c.is_ascii_digit() || c == '-' => Token::Literal(word),
                    _ if matches!(word.as_str(), "true" | "false") => Token::Literal(word),
                    _ if word == "nil" => Token::Literal(String::new()),
                    _ => Token::Name(word),
                });
                used
            }
            other => other.len_utf8(),
        };
        rest = rest.get(taken..).unwrap_or("").trim_start();
    }
    out
}

/// A quoted text and how many bytes it took, the closing quote included.
fn quoted(text: &str, quote: char) -> (String, usize) {
    let mut out = String::new();
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        if escaped {
            out.push(match c {
                'n' => '\n',
                't' => '\t',
                other => other,
            });
            escaped = false;
        } else if c == '\\' && quote == '"' {
            escaped = true;
        } else if c == quote {
            return (out, i + 1);
        } else {
            out.push(c);
        }
    }
    (out, text.len())
}

fn pipeline(
    tokens: &[Token],
    at: &mut usize,
    scope: &Scope,
    filler: &mut Filler<'_>,
    depth: usize,
) -> Option<Node> {
    let mut piped: Option<Option<Node>> = None;
    loop {
        let result = command(tokens, at, piped.take(), scope, filler, depth);
        match tokens.get(*at) {
            Some(Token::Pipe) => {
                *at += 1;
                piped = Some(result);
            }
            _ => return result,
        }
    }
}

fn command(
    tokens: &[Token],
    at: &mut usize,
    piped: Option<Option<Node>>,
    scope: &Scope,
    filler: &mut Filler<'_>,
    depth: usize,
) -> Option<Node> {
    let mut name: Option<String> = None;
    let mut operands: Vec<Option<Node>> = Vec::new();
    let mut first = true;
    while let Some(token) = tokens.get(*at) {
        match token {
            Token::Pipe | Token::Close(_) => break,
            Token::Name(word) if first => name = Some(word.clone()),
            Token::Name(word) => operands.push(call(word, &[], scope, filler)),
            Token::Literal(text) => operands.push(Some(scalar(text.clone()))),
            // What is left unread costs nothing: every operand is a copy of what it names.
            Token::Path(_) if operands.len() >= OPERANDS || filler.is_spent() => {}
            Token::Path(path) => {
                let found = follow(path, scope);
                filler.spend(found.as_ref().map_or(0, Node::size) + scope.variables.len());
                operands.push(found);
            }
            Token::Open => {
                *at += 1;
                let inner = if depth < DEPTH {
                    pipeline(tokens, at, scope, filler, depth + 1)
                } else {
                    skip(tokens, at)
                };
                let path = match tokens.get(*at) {
                    Some(Token::Close(path)) => path.as_str(),
                    _ => "",
                };
                operands.push(inner.map(|n| below(&n, path)));
            }
        }
        first = false;
        *at += 1;
    }
    operands.extend(piped);
    match name {
        Some(name) => call(&name, &operands, scope, filler),
        // A method with arguments, such as `.Capabilities.APIVersions.Has "x"`, is not known.
        None if operands.len() > 1 => None,
        None => operands.into_iter().next().flatten(),
    }
}

/// Goes to the closing parenthesis of what is nested too deeply.
fn skip(tokens: &[Token], at: &mut usize) -> Option<Node> {
    let mut open = 0usize;
    while let Some(token) = tokens.get(*at) {
        match token {
            Token::Open => open += 1,
            Token::Close(_) if open == 0 => break,
            Token::Close(_) => open -= 1,
            _ => {}
        }
        *at += 1;
    }
    None
}

/// The value at a path; what is missing is null.
fn follow(path: &str, scope: &Scope) -> Option<Node> {
    if let Some(rest) = path.strip_prefix('$') {
        let (name, fields) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
        if name.is_empty() {
            let root = scope.variables.iter().find(|(n, _)| n == "$").and_then(|(_, v)| v.as_ref());
            return Some(below(root.unwrap_or(&scope.dot), fields));
        }
        let variable = scope.variables.iter().rev().find(|(n, _)| n.strip_prefix('$') == Some(name));
        return variable.and_then(|(_, v)| v.as_ref()).map(|n| below(n, fields));
    }
    if path.starts_with(".Capabilities") || path.starts_with(".Files") || path.starts_with(".Template") {
        return None;
    }
    Some(below(&scope.dot, path))
}

fn below(node: &Node, path: &str) -> Node {
    let mut at = node;
    for key in path.split('.').filter(|k| !k.is_empty()) {
        match at.get(key) {
            Some(next) => at = next,
            None => return scalar(""),
        }
    }
    at.clone()
}
