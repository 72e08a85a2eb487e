//! Whose object a handler fetches: identifiers from the path or query against predicates on the owner.

use std::sync::LazyLock;

use regex::Regex;
use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::python::access::Handler;
use crate::extract::python::code::Code;
use crate::extract::python::{path, repeat};
use crate::source::Sightings;
use crate::syntax;

/// Words of predicates that tie an object to who is calling.
static OWNER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(\w+__)?(user|users|owner|owner_id|user_id|author|author_id|customer|customer_id|account|account_id|tenant|tenant_id|created_by|created_by_id|org_id|organization|member|profile|seller|buyer)\b\s*(=|==|:|\])").expect("the pattern is fixed")
});

/// Comparisons in the body that do the same.
static COMPARES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(\.(user|owner|author|customer|account|tenant|created_by|seller)(_id|\.id|\.pk|\.email|\.username)?\s*(==|!=|is not)|(==|!=)\s*\w+\.(user|owner|author|customer|tenant|created_by)(_id|\.id|\.pk)?\b|check_object_permissions|has_object_permission|has_perm\(|is_owner|owned_by|check_owner|assert_owner|current_user\.id\s*[!=]=|[!=]=\s*(current_user|request\.user|user|g\.user)\b)").expect("the pattern is fixed")
});

/// Methods that fetch or change one object by a predicate.
const FETCHES: &[&str] = &[
    "get",
    "filter",
    "filter_by",
    "get_or_404",
    "get_object_or_404",
    "find_one",
    "find_one_and_update",
    "find_one_and_delete",
    "delete_one",
    "update_one",
    "where",
    "get_by_id",
    "find_by_id",
    "get_item",
    "first_or_404",
];

/// Words of identifiers, so that names and pages are not taken for them.
fn is_identifier(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["id", "pk", "uuid", "slug", "number", "vin", "username", "email", "title", "name", "key", "guid", "code"]
        .iter()
        .any(|w| lower == *w || lower.ends_with(&format!("_{w}")) || (*w == "id" && name.ends_with("Id")))
}

/// Tells for each object that a handler fetches by the caller's identifier whether its owner is asked for.
pub(crate) fn check(code: &Code, handler: &Handler<'_>, out: &mut Sightings) {
    let text = code.text_of(handler.body);
    let in_path: Vec<String> = path_parameters(&handler.path);
    let parameters: Vec<String> = code
        .parameters(handler.body)
        .into_iter()
        .filter(|p| if handler.path.is_empty() { is_identifier(p) } else { in_path.contains(p) })
        .collect();
    let compares = COMPARES.is_match(text);
    let name = format!("{} {}", handler.path, handler.name).to_ascii_lowercase();
    // signing in and up fetch by what the caller says; that is their job
    if ["login", "signin", "signup", "register", "token", "forgot", "health"].iter().any(|w| name.contains(w))
    {
        reset(code, handler, text, out);
        return;
    }
    for call in syntax::of_kind(handler.body, "call") {
        let Some((object, arguments)) = fetch(code, call) else { continue };
        let by_caller = syntax::descendants(arguments).any(|n| match n.kind() {
            "identifier" => {
                let name = code.text_of(n);
                let is_keyword = n
                    .parent()
                    .is_some_and(|p| p.kind() == "keyword_argument" && syntax::field(p, "name") == Some(n));
                !is_keyword && (parameters.iter().any(|p| p == name) || named_input(code, n))
            }
            _ => false,
        });
        if !by_caller {
            continue;
        }
        let line = syntax::line(call);
        let whole = chain(call);
        if OWNER.is_match(code.text_of(whole)) && !only_identifier(code, arguments, &parameters) {
            out.practice(line, Aspect::ObjectOwnership, State::Present, object, "fetched with its owner");
        } else if compares {
            out.practice(line, Aspect::ObjectOwnership, State::Present, object, "its owner is compared");
        } else {
            out.practice(
                line,
                Aspect::ObjectOwnership,
                State::Absent,
                object,
                "fetched by an identifier of the caller, whoever owns it",
            );
        }
    }
    reset(code, handler, text, out);
}

/// Whether a name holds an identifier that was read from the query or the body: `id = request.GET["id"]`.
fn named_input(code: &Code, name: Node<'_>) -> bool {
    is_identifier(code.text_of(name))
        && code
            .lookup(code.text_of(name), name)
            .is_some_and(|(value, typed)| !typed && value.id() != name.id() && repeat::tainted(code, value))
}

/// Whether the predicate's owner-like word is the identifier itself: `get(user_id=user_id)`.
fn only_identifier(code: &Code, arguments: Node<'_>, parameters: &[String]) -> bool {
    let values: Vec<Node<'_>> = syntax::children(arguments);
    let [only] = values.as_slice() else { return false };
    let value = if only.kind() == "keyword_argument" { syntax::field(*only, "value") } else { Some(*only) };
    value.is_some_and(|v| {
        let side = syntax::children(v).last().copied().unwrap_or(v);
        parameters.iter().any(|p| p == code.text_of(v) || p == code.text_of(side))
    })
}

/// The whole chain of calls that a call is part of: `X.objects.filter(a).filter(b)`.
fn chain(call: Node<'_>) -> Node<'_> {
    let mut at = call;
    while let Some(parent) = at.parent().filter(|p| matches!(p.kind(), "attribute" | "call" | "await")) {
        at = parent;
    }
    at
}

/// The stored thing and the arguments of a call that fetches one.
fn fetch<'t>(code: &Code, call: Node<'t>) -> Option<(String, Node<'t>)> {
    let callee = code.callee(call);
    let short = callee.rsplit('.').next().unwrap_or(&callee);
    if !FETCHES.contains(&short) {
        return None;
    }
    let arguments = syntax::field(call, "arguments")?;
    let manager =
        callee.contains(".objects.") || callee.contains(".query.") || callee.contains("_default_manager");
    let of_manager = || {
        let head = callee.split(".objects").next()?.split(".query").next()?;
        head.rsplit('.').next().filter(|h| h.starts_with(char::is_uppercase)).map(str::to_owned)
    };
    let first = || {
        code.arg(call, Some(0), "klass").map(|a| code.text_of(a).rsplit('.').next().unwrap_or("").to_owned())
    };
    let object = if manager {
        of_manager()
    } else if short == "get_object_or_404" || (short == "get" && callee.contains("session")) {
        first().filter(|f| f.starts_with(char::is_uppercase))
    } else if matches!(short, "filter" | "filter_by" | "where" | "get") {
        // `session.query(X).filter(...)`, `select(X).where(...)`
        inner_query(code, call)
    } else if short.starts_with("find_one") || short.ends_with("_one") {
        callee.rsplit('.').nth(1).map(|c| c.trim_end_matches("()").to_owned())
    } else {
        None
    }?;
    Some((object, arguments))
}

/// The entity of `query(X)` or `select(X)` at the bottom of a chain.
fn inner_query(code: &Code, call: Node<'_>) -> Option<String> {
    let mut at = call;
    for _ in 0..12 {
        at = syntax::field(syntax::field(at, "function")?, "object")?;
        while at.kind() == "attribute" {
            at = syntax::field(at, "object")?;
        }
        if at.kind() != "call" {
            return None;
        }
        let callee = code.callee(at);
        if matches!(callee.rsplit('.').next(), Some("query" | "select")) {
            let entity = code.text_of(code.arg(at, Some(0), "")?).rsplit('.').next().unwrap_or("").to_owned();
            return entity.starts_with(char::is_uppercase).then_some(entity);
        }
    }
    None
}

/// The parameters of a path.
fn path_parameters(path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = path::braces(path, false);
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        found.push(name.to_owned());
        rest = behind.to_owned();
    }
    found
}

static SETS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(\.password\s*=[^=]|set_password\()").expect("the pattern is fixed"));

/// A password that is set for an account the caller names, with no proof that it is the caller's.
fn reset(code: &Code, handler: &Handler<'_>, text: &str, out: &mut Sightings) {
    let lower = format!("{} {}", handler.path, handler.name).to_ascii_lowercase();
    if !(lower.contains("reset") || lower.contains("forgot") || lower.contains("change"))
        || !lower.contains("pass")
        || !SETS.is_match(text)
    {
        return;
    }
    let proof = [
        "otp",
        "token",
        "code",
        "old_password",
        "current_password",
        "check_password",
        "current_user",
        "request.user",
    ];
    let proven = proof.iter().any(|w| text.to_ascii_lowercase().contains(w));
    let named = syntax::of_kind(handler.body, "call")
        .any(|c| fetch(code, c).is_some_and(|(_, a)| repeat::tainted(code, a)));
    if named && !proven {
        let detail = "the caller names the account whose password changes";
        let line = syntax::line(handler.body);
        out.practice(line, Aspect::Authorization, State::Absent, &handler.name, detail);
    }
}
