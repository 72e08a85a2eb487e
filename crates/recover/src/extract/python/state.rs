//! State that lives in the process, writes that meet, and writes that go to two places.

use std::sync::LazyLock;

use regex::Regex;
use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::python::code::Code;
use crate::extract::python::entity::is_money;
use crate::extract::python::{is_python, is_test};
use crate::sighting::{PracticeSeen, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads state.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "python-state",
    reads: is_python,
    sees: &[
        Aspect::StateInProcess,
        Aspect::ConcurrencyGuard,
        Aspect::BalanceInPlace,
        Aspect::DualWrite,
        Aspect::Outbox,
        Aspect::MoneyAsFloat,
    ],
    extract,
};

/// Words in names of what is counted and runs out.
static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(balance|credit|stock|quantity|inventory|wallet|points|seats|quota|remaining|available|funds)",
    )
    .expect("the pattern is fixed")
});

static BALANCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)(balance|credit|wallet|funds|points)").expect("the pattern is fixed"));

static GUARD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(select_for_update|with_for_update|FOR UPDATE|\bF\(|\.lock\(|Lock\(|version|\$inc|atomic_add|compare_and)").expect("the pattern is fixed")
});

static WRITES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(\.save\(|\.commit\(|objects\.create\(|insert_one\(|insert_many\(|update_one\(|bulk_create\(|put_item\()").expect("the pattern is fixed")
});

/// Methods that send a message.
const SENDS: &[&str] = &[
    "delay",
    "apply_async",
    "basic_publish",
    "produce",
    "send_and_wait",
    "publish",
    "send_task",
    "send_message",
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if is_test(source) || source.path.contains("/migrations/") {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    in_process(&code, out);
    for function in syntax::of_kind(code.root(), "function_definition") {
        counted(&code, function, out);
        dual(&code, function, out);
    }
    for class in syntax::of_kind(code.root(), "class_definition") {
        if code.field(class, "name").to_ascii_lowercase().contains("outbox") {
            out.practice(
                syntax::line(class),
                Aspect::Outbox,
                State::Present,
                code.field(class, "name"),
                "messages are kept beside the data",
            );
        }
    }
    for call in code.calls().filter(|c| code.callee(*c) == "float") {
        let Some(argument) = code.arg(call, Some(0), "") else { continue };
        let money = syntax::descendants(argument).find_map(|n| match n.kind() {
            "identifier" => Some(code.text_of(n)).filter(|t| is_money(t)),
            "attribute" => Some(code.field(n, "attribute")).filter(|t| is_money(t)),
            _ => None,
        });
        if let Some(name) = money {
            out.practice(
                syntax::line(call),
                Aspect::MoneyAsFloat,
                State::Present,
                name,
                "made a binary float",
            );
        }
    }
}

/// Tables and lists of the module that functions change.
fn in_process(code: &Code, out: &mut Sightings) {
    for statement in syntax::children(code.root()) {
        let Some(assign) = statement.named_child(0).filter(|a| a.kind() == "assignment") else { continue };
        let Some(value) = syntax::field(assign, "right") else { continue };
        let name = code.field(assign, "left");
        let is_container = match value.kind() {
            "dictionary" | "list" | "set" => true,
            "call" => matches!(
                code.callee(value).as_str(),
                "dict"
                    | "list"
                    | "set"
                    | "collections.defaultdict"
                    | "collections.deque"
                    | "collections.OrderedDict"
                    | "cachetools.TTLCache"
                    | "cachetools.LRUCache"
            ),
            "integer" => true,
            _ => false,
        };
        if is_container
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
            && changed(code, name, value.kind() == "integer")
        {
            out.practice(
                syntax::line(assign),
                Aspect::StateInProcess,
                State::Present,
                name,
                "changed by requests, kept in the process",
            );
        }
    }
    for call in code.calls() {
        let callee = code.callee(call);
        if callee.ends_with("BackgroundScheduler") || callee.ends_with("AsyncIOScheduler") {
            out.practice(
                syntax::line(call),
                Aspect::StateInProcess,
                State::Present,
                "scheduler",
                "each replica runs the schedule",
            );
        }
    }
}

fn changed(code: &Code, name: &str, only_global: bool) -> bool {
    syntax::of_kind(code.root(), "function_definition").any(|function| {
        let is_global = syntax::of_kind(function, "global_statement")
            .any(|g| syntax::children(g).iter().any(|n| code.text_of(*n) == name));
        if is_global {
            return true;
        }
        if only_global {
            return false;
        }
        let local = code.parameters(function).iter().any(|p| p == name);
        !local
            && syntax::descendants(function).any(|n| match n.kind() {
                "assignment" | "augmented_assignment" => syntax::field(n, "left")
                    .is_some_and(|l| l.kind() == "subscript" && code.field(l, "value") == name),
                "call" => syntax::field(n, "function").is_some_and(|f| {
                    f.kind() == "attribute"
                        && code.field(f, "object") == name
                        && matches!(
                            code.field(f, "attribute"),
                            "append"
                                | "add"
                                | "update"
                                | "pop"
                                | "remove"
                                | "setdefault"
                                | "insert"
                                | "extend"
                                | "discard"
                                | "clear"
                        )
                }),
                "delete_statement" => code.text_of(n).contains(&format!("{name}[")),
                _ => false,
            })
    })
}

/// Values that are read, changed and written back.
fn counted(code: &Code, function: Node<'_>, out: &mut Sightings) {
    let text = code.text_of(function);
    let saves = WRITES.is_match(text);
    for node in syntax::descendants(function) {
        let left = match node.kind() {
            "augmented_assignment" => syntax::field(node, "left"),
            // `x.stock = x.stock - 1`
            "assignment" => syntax::field(node, "left").filter(|l| {
                let right = syntax::field(node, "right");
                right.is_some_and(|r| {
                    r.kind() == "binary_operator" && code.text_of(r).contains(code.text_of(*l))
                })
            }),
            _ => continue,
        };
        let Some(left) = left.filter(|l| l.kind() == "attribute") else { continue };
        let name = code.field(left, "attribute");
        if !COUNTED.is_match(name) || !saves {
            continue;
        }
        let line = syntax::line(node);
        let guarded = GUARD.is_match(text);
        let (state, detail) = if guarded {
            (State::Present, "read under a lock, a version or changed in the database")
        } else {
            (State::Absent, "read, changed and written back without a lock or version")
        };
        out.practice(line, Aspect::ConcurrencyGuard, state, name, detail);
        if BALANCE.is_match(name) {
            out.practice(line, Aspect::BalanceInPlace, State::Present, name, "changed in place");
        }
    }
}

/// A message that is sent after a write.
fn dual(code: &Code, function: Node<'_>, out: &mut Sightings) {
    let calls: Vec<Node<'_>> = syntax::of_kind(function, "call").collect();
    let write = calls.iter().find(|c| WRITES.is_match(&format!("{}(", code.field(**c, "function"))));
    let Some(write) = write else { return };
    let send = calls.iter().find(|c| {
        let callee = code.callee(**c);
        let short = callee.rsplit('.').next().unwrap_or("");
        let is_kafka = short == "send" && callee.to_ascii_lowercase().contains("producer");
        c.start_byte() > write.start_byte() && callee.contains('.') && (SENDS.contains(&short) || is_kafka)
    });
    let Some(send) = send else { return };
    if code.text_of(function).to_ascii_lowercase().contains("outbox")
        || code.text_of(function).contains("on_commit")
    {
        return;
    }
    let seen = PracticeSeen {
        of: None,
        aspect: Aspect::DualWrite,
        state: State::Present,
        subject: code.field(*send, "function").chars().take(60).collect(),
        detail: "published after a write, without an outbox".to_owned(),
    };
    out.span(syntax::line(*send), syntax::last_line(*send), Seen::Practice(seen));
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, see};

    #[test]
    fn what_lives_in_the_process_and_what_meets() {
        let text = "sessions = {}\ndef login(request):\n    sessions[request.id] = 1\ndef buy(user, p):\n    user.available_credit -= float(p.price)\n    user.save()\n    mail.delay(user.id)\n";
        let found = practices(&see("svc/a.py", text));
        for expected in [
            "StateInProcess Present sessions",
            "ConcurrencyGuard Absent available_credit",
            "BalanceInPlace Present available_credit",
            "DualWrite Present mail.delay",
            "MoneyAsFloat Present price",
        ] {
            assert!(found.contains(&expected.to_owned()), "{expected}: {found:?}");
        }
    }
}
