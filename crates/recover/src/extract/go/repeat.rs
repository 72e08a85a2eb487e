//! Loops around calls, and what comes from the request.

use std::sync::LazyLock;

use regex::Regex;
use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::go::code::{Code, FUNCTIONS, Value};
use crate::sighting::{PracticeSeen, Seen};
use crate::source::Sightings;
use crate::syntax;

/// How frameworks hand over what the client sent.
static INPUT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(\.URL\.Query\(\)|\.FormValue\(|\.PostFormValue\(|\bc\.(Query|Param|PostForm|DefaultQuery|QueryParam|FormValue|Params|GetRawData)\(|ctx\.(Query|Param|Params|QueryParam|FormValue)\(|mux\.Vars\(|chi\.URLParam\(|\.PathValue\(|r\.Body\b|req\.Body\b)").expect("the pattern is fixed")
});

/// Whether an expression holds something the client sent: directly, or through variables of the function.
pub(crate) fn tainted(code: &Code, node: Node<'_>) -> bool {
    let mut open = vec![node];
    for _ in 0..10 {
        let Some(at) = open.pop() else { return false };
        if INPUT.is_match(code.text_of(at)) {
            return true;
        }
        for name in syntax::descendants(at).filter(|n| n.kind() == "identifier") {
            if let Some((Value::Node(range), _)) = code.lookup(code.text_of(name), name)
                && let Some(value) = code.node(range)
                && !value.byte_range().contains(&name.start_byte())
            {
                open.push(value);
            }
        }
    }
    false
}

/// What the loops around a call tell.
pub(crate) fn around(code: &Code, call: Node<'_>, subject: &str, out: &mut Sightings) {
    let mut at = call;
    while let Some(parent) = at.parent() {
        if FUNCTIONS.contains(&parent.kind()) {
            return;
        }
        if parent.kind() == "for_statement"
            && syntax::field(parent, "body").is_some_and(|b| b.id() == at.id())
        {
            let clause = syntax::children(parent).into_iter().find(|c| c.kind() == "range_clause");
            match clause.map(|c| code.field(c, "right")) {
                Some(over) if !over.chars().all(|c| c.is_ascii_digit()) => {
                    let over: String = over.chars().filter(|c| !c.is_control()).take(40).collect();
                    let detail = format!("once for each of {over}");
                    out.practice(syntax::line(call), Aspect::CallInLoop, State::Present, subject, detail);
                }
                _ => tries(code, parent, call, subject, out),
            }
            return;
        }
        at = parent;
    }
}

/// A loop that is left when the call succeeds.
fn tries(code: &Code, body: Node<'_>, call: Node<'_>, subject: &str, out: &mut Sightings) {
    let text = code.text_of(body);
    let head: String = text.split('{').next().unwrap_or("").to_owned();
    let leaves = text.contains("return") || text.contains("break");
    if !leaves || !text.contains("err") {
        return;
    }
    let endless = head.trim() == "for";
    let sleeps = text.contains("time.Sleep") || text.contains("time.After") || text.contains("NewTimer");
    let grows = text.contains("<<")
        || text.contains("* 2")
        || text.contains("*= 2")
        || text.contains("math.Pow")
        || text.to_ascii_lowercase().contains("backoff");
    let (state, detail) = if endless && !text.contains("max") && !text.contains("attempt") {
        (State::Weak, "tried without end")
    } else if !sleeps {
        (State::Weak, "tried again at once")
    } else if !grows {
        (State::Weak, "tried again after a fixed pause")
    } else {
        (State::Present, "tried again with growing pauses")
    };
    let seen = PracticeSeen {
        of: None,
        aspect: Aspect::Retry,
        state,
        subject: subject.to_owned(),
        detail: detail.to_owned(),
    };
    out.span(syntax::line(body), syntax::last_line(call), Seen::Practice(seen));
}
