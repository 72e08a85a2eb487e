//! Loops around calls: tries, and calls in loops over collections; and what comes from the request.

use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::python::code::Code;
use crate::source::Sightings;
use crate::syntax;

/// How a framework hands over what the client sent.
const INPUT: &[&str] = &[
    "request.data",
    "request.GET",
    "request.POST",
    "request.args",
    "request.json",
    "request.form",
    "request.get_json",
    "request.values",
    "request.query_params",
    "request.query",
    "request.body",
    "request.match_info",
    "request.path_params",
    "request.rel_url",
    "request.files",
    "self.get_argument",
    "self.get_body_argument",
    "request.get_data",
];

/// Names of loop variables and counters of tries.
const TRIES: &[&str] = &["attempt", "retry", "retries", "tries", "try_count", "repeat"];

/// Whether an expression holds something the client sent: directly, or through variables of the function.
pub(crate) fn tainted(code: &Code, node: Node<'_>) -> bool {
    let mut open = vec![node];
    for _ in 0..12 {
        let Some(at) = open.pop() else { return false };
        let text = code.text_of(at);
        if INPUT.iter().any(|i| text.contains(i)) {
            return true;
        }
        for name in syntax::descendants(at).filter(|n| n.kind() == "identifier") {
            match code.lookup(code.text_of(name), name) {
                Some((value, false)) if value.id() != name.id() => open.push(value),
                _ => {
                    if is_input_parameter(code, name) {
                        return true;
                    }
                }
            }
        }
    }
    false
}

/// Whether a name is a parameter that a framework fills from the query or body: a handler's `url`.
fn is_input_parameter(code: &Code, name: Node<'_>) -> bool {
    let Some(function) = code.around(name) else { return false };
    let text = code.text_of(name).to_ascii_lowercase();
    let speaks =
        ["url", "uri", "callback", "webhook", "endpoint", "target", "host"].iter().any(|w| text.contains(w));
    let routed = || {
        code.decorators(function).iter().any(|d| {
            let decorator = code.text_of(*d);
            decorator.contains(".route(")
                || [".get(", ".post(", ".put(", ".delete(", ".patch("].iter().any(|v| decorator.contains(v))
        })
    };
    speaks && code.parameters(function).iter().any(|p| p == code.text_of(name)) && routed()
}

/// What the loops around a call tell.
pub(crate) fn around(code: &Code, call: Node<'_>, subject: &str, out: &mut Sightings) {
    let mut at = call;
    while let Some(parent) = at.parent() {
        match parent.kind() {
            "function_definition" | "lambda" | "class_definition" => return,
            "for_statement" if inside(parent, "body", at) => {
                let over = code.field(parent, "right");
                let variable = code.field(parent, "left").to_ascii_lowercase();
                let counts = over.starts_with("range(")
                    || over.starts_with("itertools.count")
                    || over.starts_with("count(");
                if counts && is_try(code, parent, &variable) {
                    tries(code, parent, call, subject, out);
                } else if !counts {
                    in_loop(call, subject, over, out);
                }
                return;
            }
            "while_statement" if inside(parent, "body", at) => {
                if is_try(code, parent, "") {
                    tries(code, parent, call, subject, out);
                }
                return;
            }
            "list_comprehension"
            | "set_comprehension"
            | "dictionary_comprehension"
            | "generator_expression" => {
                in_loop(call, subject, "a comprehension", out);
                return;
            }
            _ => {}
        }
        at = parent;
    }
}

fn inside(parent: Node<'_>, field: &str, child: Node<'_>) -> bool {
    syntax::field(parent, field).is_some_and(|f| f.id() == child.id())
}

fn in_loop(call: Node<'_>, subject: &str, over: &str, out: &mut Sightings) {
    let over: String = over.chars().filter(|c| !c.is_control()).take(40).collect();
    out.practice(
        syntax::line(call),
        Aspect::CallInLoop,
        State::Present,
        subject,
        format!("once for each of {over}"),
    );
}

/// Whether a loop tries again: it catches failures or counts tries.
fn is_try(code: &Code, body: Node<'_>, variable: &str) -> bool {
    let counts = TRIES.iter().any(|t| variable.contains(t));
    let text = code.text_of(body).to_ascii_lowercase();
    let catches = syntax::of_kind(body, "except_clause").next().is_some();
    let leaves = text.contains("break") || text.contains("return");
    leaves && (counts || catches || TRIES.iter().any(|t| text.contains(t)))
}

fn tries(code: &Code, body: Node<'_>, call: Node<'_>, subject: &str, out: &mut Sightings) {
    let text = code.text_of(body);
    let line = syntax::line(body);
    let until = syntax::last_line(call);
    let bound = bounded_by_client(code, body);
    let sleeps = text.contains("sleep(");
    let grows = text.contains("**")
        || text.contains("backoff")
        || text.contains("* 2")
        || text.contains("*= 2")
        || text.contains("*2");
    let endless = body.kind() == "while_statement"
        && matches!(code.field(body, "condition"), "True" | "1")
        && !TRIES.iter().chain(&["count", "max"]).any(|t| text.to_ascii_lowercase().contains(t));
    let (state, detail) = if bound {
        (State::Weak, "the client says how often it is tried")
    } else if endless {
        (State::Weak, "tried without end")
    } else if !sleeps {
        (State::Weak, "tried again at once")
    } else if !grows {
        (State::Weak, "tried again after a fixed pause")
    } else {
        (State::Present, "tried again with growing pauses")
    };
    let seen = crate::sighting::PracticeSeen {
        of: None,
        aspect: Aspect::Retry,
        state,
        subject: subject.to_owned(),
        detail: detail.to_owned(),
    };
    out.span(line, until, crate::sighting::Seen::Practice(seen));
}

/// Whether what ends a loop is compared with something the client sent.
fn bounded_by_client(code: &Code, body: Node<'_>) -> bool {
    let over = syntax::field(body, "right").or_else(|| syntax::field(body, "condition"));
    over.is_some_and(|o| tainted(code, o))
        || syntax::of_kind(body, "if_statement").any(|i| {
            let leaves =
                syntax::descendants(i).any(|n| matches!(n.kind(), "break_statement" | "return_statement"));
            leaves
                && syntax::field(i, "condition").is_some_and(|c| {
                    c.kind() == "comparison_operator"
                        && syntax::children(c).iter().all(|s| s.kind() == "identifier")
                        && tainted(code, c)
                })
        })
}

/// Tries told by decorators and adapters: tenacity, backoff, urllib3's `Retry`.
pub(crate) fn decorated(code: &Code, out: &mut Sightings) {
    for call in code.calls() {
        let callee = code.callee(call);
        let line = syntax::line(call);
        let has = |keyword: &str| code.arg(call, None, keyword).is_some();
        match callee.as_str() {
            "tenacity.retry" => {
                let (state, detail) = match (has("stop"), has("wait")) {
                    (false, _) => (State::Weak, "tenacity tries without end unless it is told to stop"),
                    (true, false) => (State::Weak, "tried again at once"),
                    (true, true) => (State::Present, "bounded, with pauses"),
                };
                out.practice(line, Aspect::Retry, state, "", detail);
            }
            "retrying.retry" => {
                let bounded = has("stop_max_attempt_number") || has("stop_max_delay");
                let state =
                    if bounded && has("wait_exponential_multiplier") { State::Present } else { State::Weak };
                out.practice(
                    line,
                    Aspect::Retry,
                    state,
                    "",
                    if bounded { "bounded" } else { "tried without end" },
                );
            }
            "backoff.on_exception" | "backoff.on_predicate" => {
                let bounded = has("max_tries") || has("max_time");
                let state = if bounded { State::Present } else { State::Weak };
                let detail = if bounded { "bounded, with backoff" } else { "tried without end" };
                out.practice(line, Aspect::Retry, state, "", detail);
            }
            "urllib3.util.retry.Retry"
            | "urllib3.util.Retry"
            | "urllib3.Retry"
            | "requests.adapters.Retry" => {
                let state = if has("backoff_factor") { State::Present } else { State::Weak };
                let detail =
                    if has("backoff_factor") { "bounded, with backoff" } else { "tried again at once" };
                out.practice(line, Aspect::Retry, state, "", detail);
            }
            _ => {}
        }
    }
    for decorator in syntax::of_kind(code.root(), "decorator") {
        if decorator
            .named_child(0)
            .is_some_and(|d| d.kind() == "identifier" && code.dotted(d) == "tenacity.retry")
        {
            let detail = "tenacity tries without end unless it is told to stop";
            out.practice(syntax::line(decorator), Aspect::Retry, State::Weak, "", detail);
        }
    }
}
