//! Requests, with what guards them.

use loadcase_model::{Aspect, Role, State};
use tree_sitter::Node;

use super::client::{Request, line_of, requests};
use super::module::{Bound, Js, is_function, is_script, read};
use super::place::in_browser;
use crate::extract::Extractor;
use crate::sighting::{Plays, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads them.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "javascript-calls",
    reads: is_script,
    sees: &[
        Aspect::Timeout,
        Aspect::Retry,
        Aspect::CircuitBreaker,
        Aspect::CallInLoop,
        Aspect::UserControlledDestination,
        Aspect::CredentialForwarded,
        Aspect::HardcodedAddress,
    ],
    extract,
};

/// Clients that give up on their own, and when.
const FINITE: &[(&str, &str)] = &[("ky", "ky gives up after 10 s by default")];

/// Clients that try again on their own.
const RETRYING: &[(&str, &str)] = &[
    ("got", "got tries idempotent requests again twice, with growing pauses, by default"),
    ("ky", "ky tries idempotent requests again twice, with growing pauses, by default"),
    ("ofetch", "ofetch tries again once by default"),
];

/// Packages that try again.
const RETRIES: &[&str] = &[
    "axios-retry",
    "retry",
    "async-retry",
    "p-retry",
    "fetch-retry",
    "requestretry",
    "promise-retry",
    "exponential-backoff",
    "retry-axios",
    "ts-retry-promise",
    "cockatiel",
];

/// Packages that are circuit breakers.
const BREAKERS: &[&str] =
    &["opossum", "cockatiel", "brakes", "hystrixjs", "levee", "mollitia", "@hystrix/core"];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    read(source, |js| {
        let browser = in_browser(source, js);
        let mut found: Vec<Request<'_>> =
            requests(js).into_iter().filter(|r| is_remote(&r.reach.target)).collect();
        // A page calls where it came from unless it says otherwise.
        found.retain(|r| !browser || r.reach.target.contains("://") || r.reach.target.contains("${"));
        for request in &found {
            let line = line_of(js, request.call);
            let until = syntax::last_line(request.call);
            let mut reach = request.reach.clone();
            reach.target = crate::secret::masked(&reach.target);
            out.span(line, until, Seen::Reach(Box::new(reach)));
            if !browser && request.reach.certain {
                practices(js, request, line, out);
            }
        }
        if !browser {
            whole(js, &found, out);
        }
    });
}

/// Whether a target can be something else than the server the page came from.
fn is_remote(target: &str) -> bool {
    !target.is_empty() && !target.starts_with('/') && !target.starts_with('.') && !target.starts_with("data:")
}

fn practices<'t>(js: &Js<'t>, request: &Request<'t>, line: usize, out: &mut Sightings) {
    let target = crate::secret::masked(&request.reach.target);
    timeout(request, &target, line, out);
    if let Some((_, detail)) = RETRYING.iter().find(|(p, _)| *p == request.library) {
        out.practice(line, Aspect::Retry, State::Present, target.clone(), *detail);
    }
    if let Some(kind) = in_loop(js, request.call) {
        out.practice(line, Aspect::CallInLoop, State::Present, target.clone(), format!("inside {kind}"));
    }
    if let Some(from) = request.address.and_then(|a| user_controlled(js, a)) {
        let detail = format!("the address comes from {from}");
        out.practice(line, Aspect::UserControlledDestination, State::Present, target.clone(), detail);
    }
    if forwards_credential(js, request.call) {
        let detail = "the authorization header of the request is sent on";
        out.practice(line, Aspect::CredentialForwarded, State::Present, target.clone(), detail);
    }
    if target.contains("://") && !target.contains("${") {
        let host = target.split("://").nth(1).unwrap_or("");
        if !host.starts_with('{') {
            out.practice(line, Aspect::HardcodedAddress, State::Present, target.clone(), "literal in code");
        }
    }
}

fn timeout(request: &Request<'_>, target: &str, line: usize, out: &mut Sightings) {
    if !matches!(request.reach.kind, ReachKind::Call)
        || matches!(request.library, "ws" | "socket.io-client" | "")
    {
        return;
    }
    if request.limited {
        let detail =
            request.reach.timeout_ms.map_or_else(|| "set at the call".to_owned(), |ms| format!("{ms} ms"));
        out.practice(line, Aspect::Timeout, State::Present, target, detail);
        return;
    }
    if let Some((_, detail)) = FINITE.iter().find(|(p, _)| *p == request.library) {
        out.practice(line, Aspect::Timeout, State::Present, target, *detail);
        return;
    }
    let detail = match request.library {
        "grpc" => "no deadline: gRPC waits for ever by default".to_owned(),
        "fetch" | "undici" | "node-fetch" => {
            format!("{} without AbortSignal has no limit of its own", request.library)
        }
        library => format!("{library} waits for ever by default"),
    };
    out.practice(line, Aspect::Timeout, State::Absent, target, detail);
}

/// What kind of loop over a collection a call stands in.
fn in_loop<'t>(js: &Js<'t>, call: Node<'t>) -> Option<&'static str> {
    let mut inside = call;
    for around in js.ancestors(call) {
        match around.kind() {
            "for_in_statement" | "for_statement" => {
                let body = syntax::field(around, "body")
                    .is_some_and(|b| b.byte_range().contains(&call.start_byte()));
                if body {
                    return Some("a for loop");
                }
            }
            "call_expression" if is_function(inside) || inside.kind() == "arguments" => {
                if let Some((_, "map" | "forEach" | "flatMap" | "reduce" | "filter" | "some" | "every")) =
                    js.method(around)
                {
                    return Some("a callback over a collection");
                }
            }
            "function_declaration" | "method_definition" => return None,
            _ => {}
        }
        inside = around;
    }
    None
}

/// What of the request decides where an address points: the leading part of it.
fn user_controlled<'t>(js: &Js<'t>, address: Node<'t>) -> Option<String> {
    let mut at = address;
    for _ in 0..12 {
        at = js.deref(at);
        at = match at.kind() {
            "template_string" => leading_of_template(js, at)?,
            "binary_expression" => {
                let (left, right) = (syntax::field(at, "left")?, syntax::field(at, "right")?);
                match js.string(left) {
                    Some("http://" | "https://") => right,
                    Some(_) => return None,
                    None => left,
                }
            }
            "new_expression" | "call_expression"
                if matches!(js.called(at), "URL" | "String" | "decodeURIComponent" | "toString") =>
            {
                match js.arguments(at).as_slice() {
                    [one] => *one,
                    [_, base] => *base,
                    _ => return None,
                }
            }
            _ => return from_request(js, at),
        };
    }
    None
}

fn leading_of_template<'t>(js: &Js<'t>, template: Node<'t>) -> Option<Node<'t>> {
    let first = syntax::children(template).into_iter().find(|c| c.kind() == "template_substitution")?;
    let before = js.text.get(template.start_byte() + 1..first.start_byte())?;
    matches!(before, "" | "http://" | "https://").then(|| first.named_child(0)).flatten()
}

/// Whether an expression is of the inbound request: `req.body.url`, `const { url } = req.query`, `@Body() dto`.
pub(super) fn from_request<'t>(js: &Js<'t>, node: Node<'t>) -> Option<String> {
    let text = js.of(node);
    if is_request_text(text) {
        return Some(text.chars().take(60).collect());
    }
    let base = js.base(node)?;
    match js.look_up(base)? {
        Bound::Member(value, member, _) if is_request_text(js.of(value)) => {
            Some(format!("{}.{member}", js.of(value)))
        }
        Bound::Member(value, member @ ("body" | "query" | "params"), _)
            if matches!(js.of(value), "req" | "request" | "ctx") =>
        {
            Some(format!("{}.{member}", js.of(value)))
        }
        Bound::Value(value) if is_request_text(js.of(value)) => Some(js.of(value).chars().take(60).collect()),
        Bound::Typed(kind) => {
            let parameter = js.parent(kind)?;
            let decorated = syntax::children(parameter).into_iter().find(|c| c.kind() == "decorator")?;
            let name = js.of(decorated);
            ["@Body", "@Query", "@Param", "@Headers"]
                .iter()
                .any(|d| name.starts_with(d))
                .then(|| name.to_owned())
        }
        _ => None,
    }
}

fn is_request_text(text: &str) -> bool {
    let text = text.strip_prefix("(await ").unwrap_or(text).strip_prefix("await ").unwrap_or(text);
    [
        "req.body",
        "req.query",
        "req.params",
        "request.body",
        "request.query",
        "request.params",
        "ctx.request.body",
        "ctx.query",
        "ctx.params",
        "request.payload",
        "req.param(",
        "request.json()",
        "req.json()",
        "c.req.query(",
        "event.queryStringParameters",
        "req.headers",
        "request.headers",
    ]
    .iter()
    .any(|w| text.starts_with(w))
}

/// Whether the inbound authorization header stands in the call.
fn forwards_credential<'t>(js: &Js<'t>, call: Node<'t>) -> bool {
    let inbound = |text: &str| {
        [
            "req.headers.authorization",
            "request.headers.authorization",
            "ctx.headers.authorization",
            "headers['authorization']",
            "headers[\"authorization\"]",
            "header('authorization')",
            "header(\"authorization\")",
            "headers.get('authorization')",
            "headers.cookie",
        ]
        .iter()
        .any(|w| text.contains(w))
    };
    let inside = |node: Node<'t>| inbound(&js.lowered(node));
    js.arguments(call).iter().any(|a| {
        if is_function(*a) {
            return false;
        }
        if inside(*a) {
            return true;
        }
        // `headers: { Authorization: token }` with `token` read from the header before.
        js.below(*a)
            .iter()
            .filter(|n| matches!(n.kind(), "identifier" | "shorthand_property_identifier"))
            .take(40)
            .any(|n| match js.look_up(*n) {
                Some(Bound::Value(v)) if !is_function(v) && v.byte_range().len() < 400 => inside(v),
                Some(Bound::Member(v, "authorization", _)) => js.of(v).ends_with("headers"),
                _ => false,
            })
    })
}

/// Retries, breakers and proxies of the whole file.
fn whole(js: &Js<'_>, found: &[Request<'_>], out: &mut Sightings) {
    for (node, package) in js.loads() {
        let line = syntax::line(node);
        if RETRIES.contains(&package) {
            let text = js.whole();
            let bounded = ["retries", "maxAttempts", "times", "numOfAttempts", "attempts"]
                .iter()
                .any(|w| text.contains(w));
            let paced =
                ["minTimeout", "factor", "exponential", "Backoff", "backoff", "retryDelay", "interval"]
                    .iter()
                    .any(|w| text.contains(w))
                    || matches!(
                        package,
                        "async-retry" | "p-retry" | "retry" | "promise-retry" | "exponential-backoff"
                    );
            let state = if paced { State::Present } else { State::Weak };
            let detail = match (bounded, paced) {
                (_, false) => format!("{package} without a growing pause"),
                (true, true) => format!("{package}, bounded"),
                (false, true) => format!("{package} with its own bounds"),
            };
            out.practice(line, Aspect::Retry, state, package, detail);
        }
        if BREAKERS.contains(&package) {
            out.practice(line, Aspect::CircuitBreaker, State::Present, package, "circuit breaker library");
        }
    }
    endless_retries(js, out);
    let calls =
        found.iter().filter(|r| r.reach.kind == ReachKind::Call && r.reach.certain && !r.library.is_empty());
    if !js.packages().any(|p| BREAKERS.contains(&p)) {
        for request in calls {
            let target = crate::secret::masked(&request.reach.target);
            let line = line_of(js, request.call);
            out.practice(
                line,
                Aspect::CircuitBreaker,
                State::Absent,
                target,
                "no circuit breaker in this file",
            );
        }
    }
    let routed: Vec<&Request<'_>> = found.iter().filter(|r| r.reach.kind == ReachKind::Route).collect();
    if let Some(first) = routed.first().filter(|_| routed.len() > 1) {
        let plays = Plays { role: Role::Gateway, of: None, technology: None };
        out.add(line_of(js, first.call), Seen::Plays(plays));
    }
}

/// `setTimeout(connect, 2000)` inside the failure branch of `connect`: it is tried for ever at a fixed pace.
fn endless_retries(js: &Js<'_>, out: &mut Sightings) {
    for call in js.calls() {
        if js.callee(call).is_none_or(|c| js.of(c) != "setTimeout") {
            continue;
        }
        let Some(first) = js.arguments(call).first().copied().filter(|a| a.kind() == "identifier") else {
            continue;
        };
        let name = js.of(first);
        let around = js.ancestors(call).find(|n| {
            n.kind() == "function_declaration" && syntax::field_text(*n, "name", js.text) == Some(name)
        });
        let fails = js
            .ancestors(call)
            .take(12)
            .any(|n| n.kind() == "catch_clause" || n.kind() == "call_expression" && js.called(n) == "catch");
        if around.is_some() && fails {
            let detail = "tried again for ever after a fixed pause";
            out.practice(syntax::line(call), Aspect::Retry, State::Weak, name, detail);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, reaches, see};

    #[test]
    fn targets_follow_constants_and_the_environment() {
        let seen = see(
            "svc/client.js",
            "const axios = require('axios');\nconst HOST = process.env.STOCK_HOST || 'stock';\n\
             const api = axios.create({ baseURL: `http://${HOST}:8080`, timeout: 2 * 1000 });\n\
             async function one(sku) {\n  return api.get('/items/' + sku);\n}\n\
             async function all(ids) {\n  for (const id of ids) {\n    await fetch(`${process.env.PRICE_URL}/prices/${id}`);\n  }\n}\n",
        );
        assert_eq!(
            reaches(&seen),
            ["Call http://${STOCK_HOST:stock}:8080/items/{sku}", "Call ${PRICE_URL}/prices/{id}"]
        );
        let practices = practices(&seen);
        assert!(
            practices.contains(&"Timeout Present http://${STOCK_HOST:stock}:8080/items/{sku}".to_owned())
        );
        assert!(practices.contains(&"Timeout Absent ${PRICE_URL}/prices/{id}".to_owned()), "{practices:?}");
        assert!(practices.contains(&"CallInLoop Present ${PRICE_URL}/prices/{id}".to_owned()));
    }

    #[test]
    fn the_caller_chooses_the_destination() {
        let seen = see(
            "svc/proxy.js",
            "const express = require('express');\nconst app = express();\napp.post('/preview', async (req, res) => {\n  \
             const { url } = req.body;\n  const r = await fetch(url, { headers: { authorization: req.headers.authorization } });\n\
             res.send(await r.text());\n});\n",
        );
        let practices = practices(&seen);
        assert!(
            practices.iter().any(|p| p.starts_with("UserControlledDestination Present")),
            "{practices:?}"
        );
        assert!(practices.iter().any(|p| p.starts_with("CredentialForwarded Present")), "{practices:?}");
    }

    #[test]
    fn pages_call_only_what_they_name() {
        let seen = see(
            "web/src/App.jsx",
            "import React from 'react';\nfetch('/api/orders');\nfetch(process.env.REACT_APP_API + '/x');\n",
        );
        assert_eq!(reaches(&seen), ["Call ${REACT_APP_API}/x"]);
        assert!(practices(&seen).is_empty());
    }
}
