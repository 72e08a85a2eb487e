//! Requests to others: requests, httpx, urllib, urllib3, aiohttp, Tornado's client, http.client; how long they wait,
//! how often they try, whom the caller may choose.

use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::python::code::Code;
use crate::extract::python::{is_python, is_test, repeat, route};
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads requests.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "python-call",
    reads: is_python,
    sees: &[
        Aspect::Timeout,
        Aspect::Retry,
        Aspect::CircuitBreaker,
        Aspect::CallInLoop,
        Aspect::UserControlledDestination,
        Aspect::CredentialForwarded,
        Aspect::HardcodedAddress,
        Aspect::TlsVerification,
    ],
    extract,
};

/// How a client waits when nothing is written.
#[derive(Clone, Copy, PartialEq)]
enum Waits {
    Forever,
    Seconds(f64),
}

/// Clients by the dotted name that makes or holds them, with what they do without a time limit.
const CLIENTS: &[(&str, Waits)] = &[
    ("requests", Waits::Forever),
    ("requests.Session", Waits::Forever),
    ("requests.session", Waits::Forever),
    ("requests.sessions.Session", Waits::Forever),
    ("httpx", Waits::Seconds(5.0)),
    ("httpx.Client", Waits::Seconds(5.0)),
    ("httpx.AsyncClient", Waits::Seconds(5.0)),
    ("aiohttp.ClientSession", Waits::Seconds(300.0)),
    ("aiohttp", Waits::Seconds(300.0)),
    ("urllib3.PoolManager", Waits::Forever),
    ("urllib3", Waits::Forever),
    ("tornado.httpclient.AsyncHTTPClient", Waits::Seconds(20.0)),
    ("tornado.httpclient.HTTPClient", Waits::Seconds(20.0)),
    ("urllib.request.urlopen", Waits::Forever),
    ("urllib2.urlopen", Waits::Forever),
    ("http.client.HTTPConnection", Waits::Forever),
    ("http.client.HTTPSConnection", Waits::Forever),
    ("requests_html.HTMLSession", Waits::Forever),
    ("cloudscraper.create_scraper", Waits::Forever),
];

/// A request in code.
struct Request<'t> {
    call: Node<'t>,
    /// What made the client, with its arguments.
    client: String,
    made: Option<Node<'t>>,
    waits: Waits,
    method: Option<String>,
    url: Option<Node<'t>>,
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if is_test(source) {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    for call in code.calls() {
        if let Some(request) = request(&code, call) {
            reach(&code, &request, out);
            controls(&code, &request, out);
        }
        unverified(&code, call, out);
        breaker(&code, call, out);
    }
    repeat::decorated(&code, out);
}

/// Whether a call is a request, and which.
fn request<'t>(code: &'t Code, call: Node<'t>) -> Option<Request<'t>> {
    let callee = code.callee(call);
    let (object, method) = code.method(call);
    let lookup = |name: &str| CLIENTS.iter().find(|(c, _)| *c == name).map(|(c, w)| ((*c).to_owned(), *w));
    if callee.ends_with("urlopen") && (callee.starts_with("urllib") || callee == "urlopen") {
        let (client, waits) = lookup("urllib.request.urlopen")?;
        return Some(Request {
            call,
            client,
            made: None,
            waits,
            method: None,
            url: code.arg(call, Some(0), "url"),
        });
    }
    let (client, waits) = lookup(&object).or_else(|| {
        // `from requests import get`
        let (module, _) = callee.rsplit_once('.')?;
        lookup(module).filter(|_| code.import(code.field(call, "function")).is_some())
    })?;
    if client.starts_with("http.client") && method != "request" {
        return None;
    }
    let made = maker(code, call);
    let method = method.rsplit('.').next().unwrap_or(&method).to_owned();
    let (verb, url) = match method.as_str() {
        "request" | "stream" | "urlopen" | "request_encode_body" | "ws_connect" => {
            let verb = code.arg(call, Some(0), "method").and_then(|m| code.literal(m));
            (verb, code.arg(call, Some(1), "url"))
        }
        "fetch" if client.starts_with("tornado") => {
            (code.arg(call, None, "method").and_then(|m| code.literal(m)), code.arg(call, Some(0), "request"))
        }
        verb if route::VERBS.contains(&verb) => (Some(verb.to_owned()), code.arg(call, Some(0), "url")),
        _ => return None,
    };
    Some(Request { call, client, made, waits, method: verb.map(|v| v.to_ascii_uppercase()), url })
}

/// The call that made the client of a request.
fn maker<'t>(code: &'t Code, call: Node<'t>) -> Option<Node<'t>> {
    let object = syntax::field(syntax::field(call, "function")?, "object")?;
    if object.kind() == "call" {
        return Some(object);
    }
    let (value, _) = code.lookup(code.text_of(object), call)?;
    let value = if value.kind() == "await" { value.named_child(0)? } else { value };
    (value.kind() == "call").then_some(value)
}

/// The address of a request: with the base of its client, and through `urllib.request.Request`.
fn target(code: &Code, request: &Request<'_>) -> Option<String> {
    if request.client.starts_with("http.client") {
        let made = request.made?;
        let host = code.arg(made, Some(0), "host").and_then(|h| code.value(h))?;
        let port = code
            .arg(made, Some(1), "port")
            .and_then(|p| code.value(p))
            .map(|p| format!(":{p}"))
            .unwrap_or_default();
        let scheme = if request.client.contains("HTTPS") { "https" } else { "http" };
        let path = request.url.and_then(|u| code.value(u)).unwrap_or_default();
        return Some(format!("{scheme}://{host}{port}{path}"));
    }
    let url = request.url?;
    let inner = inner_request(code, url);
    let text = code.value(inner.unwrap_or(url))?;
    let base = request.made.and_then(|m| code.arg(m, None, "base_url")).and_then(|b| code.value(b));
    Some(match base {
        Some(base) if !text.contains("://") => {
            format!("{}/{}", base.trim_end_matches('/'), text.trim_start_matches('/'))
        }
        _ => text,
    })
}

/// The address inside `Request(url=...)`, directly or through a variable.
fn inner_request<'t>(code: &'t Code, url: Node<'t>) -> Option<Node<'t>> {
    let made = match url.kind() {
        "call" => Some(url),
        _ => code.lookup(code.text_of(url), url).map(|(v, _)| v).filter(|v| v.kind() == "call"),
    }?;
    let callee = code.callee(made);
    callee.ends_with("Request").then(|| code.arg(made, Some(0), "url")).flatten()
}

fn reach(code: &Code, request: &Request<'_>, out: &mut Sightings) {
    let Some(target) = target(code, request) else { return };
    let (line, until) = (syntax::line(request.call), syntax::last_line(request.call));
    let mut add = |line: usize, until: usize, target: String| {
        let mut reach = Reach::new(ReachKind::Call, target, "http");
        reach.method.clone_from(&request.method);
        reach.timeout_ms = timeout(code, request).filter(|s| *s > 0.0).map(|s| s * 1000.0);
        out.span(line, until, Seen::Reach(Box::new(reach)));
    };
    if is_address(&target) {
        if target.starts_with("http")
            && !host(&target).contains(['{', '$'])
            && host(&target).contains(|c: char| c.is_alphabetic())
        {
            let detail = "the address of a peer is a literal";
            add(line, until, target.clone());
            out.practice(line, Aspect::HardcodedAddress, State::Present, host(&target), detail);
        } else {
            add(line, until, target);
        }
        return;
    }
    // the address is a parameter: those who call the function tell it
    for (call, value) in callers(code, request.url, request.call) {
        if is_address(&value) {
            add(syntax::line(call), syntax::last_line(call), value);
        }
    }
}

/// Values that calls of this file give to the parameter that an expression begins with.
pub(crate) fn callers<'t>(
    code: &'t Code,
    expression: Option<Node<'t>>,
    at: Node<'t>,
) -> Vec<(Node<'t>, String)> {
    let Some(function) = code.around(at) else { return Vec::new() };
    let Some(expression) = expression else { return Vec::new() };
    let name = code.field(function, "name");
    let mut parameters = code.parameters(function);
    if matches!(parameters.first().map(String::as_str), Some("self" | "cls")) {
        parameters.remove(0);
    }
    let origin = match code.lookup(code.text_of(expression), expression) {
        Some((value, false)) => value,
        _ => expression,
    };
    let Some(position) = syntax::of_kind(origin, "identifier")
        .find_map(|i| parameters.iter().position(|p| p == code.text_of(i)))
    else {
        return Vec::new();
    };
    let Some(pattern) = code.value(expression) else { return Vec::new() };
    let Some(parameter) = parameters.get(position).cloned() else { return Vec::new() };
    let hole = format!("{{{parameter}}}");
    let calls = code.calls().filter(|c| code.field(*c, "function").trim_start_matches("self.") == name);
    let value = |c: Node<'t>| code.arg(c, Some(position), &parameter).and_then(|a| code.value(a));
    calls.filter_map(|c| Some((c, pattern.replacen(&hole, &value(c)?, 1)))).collect()
}

/// Whether a text says whom it reaches: it begins with a host or a variable that is known outside.
fn is_address(target: &str) -> bool {
    let after = target.split_once("://").map_or(target, |(_, rest)| rest);
    (target.contains("://") && !after.starts_with('{'))
        || target.starts_with("${")
        || target.starts_with("//")
}

/// The host of an address.
fn host(target: &str) -> &str {
    let after = target.split_once("://").map_or(target, |(_, rest)| rest);
    after.split(['/', '?']).next().unwrap_or(after)
}

/// The time limit in seconds: negative when it is written but not a number.
fn timeout(code: &Code, request: &Request<'_>) -> Option<f64> {
    let own =
        code.arg(request.call, None, "timeout").or_else(|| code.arg(request.call, None, "request_timeout"));
    let made = request.made.and_then(|m| code.arg(m, None, "timeout"));
    let mut node = own.or(made)?;
    for _ in 0..4 {
        match node.kind() {
            "none" => return None,
            "tuple" => node = node.named_child(node.named_child_count().saturating_sub(1) as u32)?,
            "call" => match code.arg(node, Some(0), "total").or_else(|| code.arg(node, None, "timeout")) {
                Some(inner) => node = inner,
                None => return Some(-1.0),
            },
            _ => break,
        }
    }
    Some(code.value(node).and_then(|v| v.parse().ok()).unwrap_or(-1.0))
}

fn controls(code: &Code, request: &Request<'_>, out: &mut Sightings) {
    let line = syntax::line(request.call);
    let name = target(code, request).map(|t| host(&t).to_owned()).unwrap_or_default();
    let client = request.client.split('.').next().unwrap_or("").to_owned();
    let explicit = timeout(code, request);
    let is_none = code.arg(request.call, None, "timeout").is_some_and(|t| t.kind() == "none");
    match (explicit, request.waits) {
        (Some(seconds), _) => {
            let detail = if seconds > 0.0 { format!("{seconds} s") } else { "a time limit".to_owned() };
            out.practice(line, Aspect::Timeout, State::Present, &name, detail);
        }
        (None, _) if is_none => {
            out.practice(line, Aspect::Timeout, State::Absent, &name, "the time limit is switched off");
        }
        (None, Waits::Seconds(seconds)) => {
            out.practice(
                line,
                Aspect::Timeout,
                State::Present,
                &name,
                format!("{client} waits {seconds} s by default"),
            );
        }
        (None, Waits::Forever) if !code.splats(request.call) => {
            out.practice(
                line,
                Aspect::Timeout,
                State::Absent,
                &name,
                format!("{client} waits for ever by default"),
            );
        }
        _ => {}
    }
    chosen(code, request, &name, out);
    forwarded(code, request, &name, out);
    repeat::around(code, request.call, &name, out);
}

/// Whether the caller chooses the address.
fn chosen(code: &Code, request: &Request<'_>, name: &str, out: &mut Sightings) {
    let Some(url) = request.url else { return };
    let url = inner_request(code, url).unwrap_or(url);
    let Some(value) = code.value(url) else {
        if repeat::tainted(code, url) {
            taint(request, name, out);
        }
        return;
    };
    let after = value.split_once("://").map_or(value.as_str(), |(_, rest)| rest);
    if !after.starts_with('{') {
        return;
    }
    let first = leading(code, url);
    if repeat::tainted(code, first) {
        taint(request, name, out);
    }
}

fn taint(request: &Request<'_>, name: &str, out: &mut Sightings) {
    let line = syntax::line(request.call);
    let detail = "the address comes from the request";
    out.practice(line, Aspect::UserControlledDestination, State::Present, name, detail);
}

/// The part of an address that tells the host.
fn leading<'t>(code: &'t Code, url: Node<'t>) -> Node<'t> {
    let mut at = url;
    for _ in 0..8 {
        let next = match at.kind() {
            "binary_operator" => syntax::field(at, "left"),
            "string" => syntax::children(at)
                .into_iter()
                .find(|c| c.kind() == "interpolation")
                .and_then(|i| syntax::field(i, "expression")),
            "identifier" => {
                code.lookup(code.text_of(at), at).filter(|(v, t)| !t && v.id() != at.id()).map(|(v, _)| v)
            }
            _ => None,
        };
        match next {
            Some(next) if !repeat::tainted(code, at) => at = next,
            _ => break,
        }
    }
    at
}

/// Whether the caller's credential goes on with the request.
fn forwarded(code: &Code, request: &Request<'_>, name: &str, out: &mut Sightings) {
    for keyword in ["headers", "cookies"] {
        let Some(value) = code.arg(request.call, None, keyword) else { continue };
        let value = match code.lookup(code.text_of(value), value) {
            Some((inner, false)) => inner,
            _ => value,
        };
        let text = code.text_of(value);
        let lower = text.to_ascii_lowercase();
        let inbound = text.contains("request.headers")
            || text.contains("request.META")
            || text.contains("request.cookies")
            || text.contains("request.COOKIES");
        let credential =
            lower.contains("authorization") || lower.contains("cookie") || lower.contains("token");
        if inbound && (credential || text.ends_with("request.headers") || text.ends_with("headers)")) {
            let detail = format!("{keyword} of the inbound request are passed on");
            out.practice(syntax::line(value), Aspect::CredentialForwarded, State::Present, name, detail);
        }
    }
}

/// Certificate checks that are switched off, wherever that is written.
fn unverified(code: &Code, call: Node<'_>, out: &mut Sightings) {
    let off = |k: &str| code.arg(call, None, k).is_some_and(|v| matches!(v.kind(), "false"));
    let none = |k: &str| {
        code.arg(call, None, k).is_some_and(|v| {
            code.text_of(v).ends_with("CERT_NONE")
                || code.text_of(v).contains("'CERT_NONE'")
                || code.text_of(v).contains("\"CERT_NONE\"")
        })
    };
    let callee = code.callee(call);
    let (object, _) = code.method(call);
    let is_client = |n: &str| {
        ["requests", "httpx", "aiohttp", "urllib3", "boto3", "elasticsearch", "opensearch"]
            .iter()
            .any(|c| n.starts_with(c))
    };
    let what = if off("verify") && (is_client(&callee) || is_client(&object)) {
        "verify=False"
    } else if off("verify_ssl") || off("verify_certs") || off("ssl_verify") {
        "certificate checks are off"
    } else if off("ssl") && (is_client(&callee) || is_client(&object)) {
        "ssl=False"
    } else if none("cert_reqs") || none("ssl_cert_reqs") {
        "CERT_NONE"
    } else if callee.ends_with("ssl._create_unverified_context") {
        "an unverified context"
    } else if off("validate_cert") {
        "validate_cert=False"
    } else {
        return;
    };
    let at = syntax::children(syntax::field(call, "arguments").unwrap_or(call)).into_iter().find(|a| {
        a.kind() == "keyword_argument"
            && matches!(
                code.field(*a, "name"),
                "verify" | "ssl" | "verify_ssl" | "cert_reqs" | "verify_certs"
            )
    });
    let line = at.map_or_else(|| syntax::line(call), syntax::line);
    out.practice(line, Aspect::TlsVerification, State::Absent, code.field(call, "function"), what);
}

/// Circuit breakers: `pybreaker.CircuitBreaker(...)`, `@circuit`.
fn breaker(code: &Code, call: Node<'_>, out: &mut Sightings) {
    let callee = code.callee(call);
    if matches!(
        callee.as_str(),
        "pybreaker.CircuitBreaker"
            | "circuitbreaker.CircuitBreaker"
            | "circuitbreaker.circuit"
            | "aiobreaker.CircuitBreaker"
    ) {
        out.practice(syntax::line(call), Aspect::CircuitBreaker, State::Present, "", callee);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, reaches, see};

    #[test]
    fn targets_come_from_the_environment_formats_and_callers() {
        let text = "import os, requests\nUSER = os.getenv('USER_HOST', 'user')\ndef check(id):\n    return requests.get('http://{user}:8080/check/{id}'.format(user=USER, id=id))\ndef ask(url):\n    return requests.post(url, timeout=2)\ndef go():\n    ask(f'http://{USER}/x')\n    requests.get('http://orders:80/y', timeout=(1, 5))\n";
        let seen = see("svc/app.py", text);
        assert_eq!(
            reaches(&seen),
            [
                "Call http://${USER_HOST:user}:8080/check/{id}",
                "Call http://${USER_HOST:user}/x",
                "Call http://orders:80/y"
            ]
        );
        let found = practices(&seen);
        assert!(found.contains(&"Timeout Absent ${USER_HOST:user}:8080".to_owned()), "{found:?}");
        assert!(found.contains(&"Timeout Present orders:80".to_owned()), "{found:?}");
        assert!(found.contains(&"HardcodedAddress Present orders:80".to_owned()), "{found:?}");
    }

    #[test]
    fn clients_with_a_base_wait_as_long_as_they_say() {
        let text = "import httpx\nfrom app.config import settings\nclass C:\n    def __init__(self):\n        self.c = httpx.AsyncClient(base_url=settings.pay_url, timeout=3)\n    async def pay(self, id):\n        return await self.c.post(f'/pay/{id}')\n";
        let seen = see("svc/c.py", text);
        assert_eq!(reaches(&seen), ["Call ${PAY_URL}/pay/{id}"]);
        assert_eq!(practices(&seen), ["Timeout Present ${PAY_URL}"]);
    }

    #[test]
    fn the_caller_chooses_address_credential_and_tries() {
        let text = "import requests\nfrom rest_framework.views import APIView\nclass V(APIView):\n    def post(self, request):\n        data = request.data\n        times = data.get('times', 1)\n        n = 0\n        while True:\n            url = data['api']\n            try:\n                r = requests.get(url, headers={'Authorization': request.META.get('HTTP_AUTHORIZATION')}, verify=False)\n                break\n            except Exception:\n                if n == times:\n                    break\n                n += 1\n                continue\n";
        let found = practices(&see("svc/views.py", text));
        for expected in [
            "UserControlledDestination Present",
            "CredentialForwarded Present",
            "TlsVerification Absent",
            "Retry Weak",
            "Timeout Absent",
        ] {
            assert!(found.iter().any(|p| p.starts_with(expected)), "{expected}: {found:?}");
        }
    }
}
