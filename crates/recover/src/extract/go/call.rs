//! Requests to others: net/http, resty, gRPC; how long they wait, how often they try, whom the caller may choose; and
//! variables that name others.

use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::go::code::{Code, env_tag, inner};
use crate::extract::go::is_go;
use crate::extract::go::repeat;
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;
use crate::template;

/// Reads requests.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "go-call",
    reads: is_go,
    sees: &[
        Aspect::Timeout,
        Aspect::Retry,
        Aspect::CircuitBreaker,
        Aspect::CallInLoop,
        Aspect::UserControlledDestination,
        Aspect::CredentialForwarded,
        Aspect::HardcodedAddress,
        Aspect::TlsVerification,
        Aspect::Tls,
    ],
    extract,
};

/// Functions of net/http's default client.
const DEFAULTS: &[(&str, &str)] = &[
    ("net/http.Get", "GET"),
    ("net/http.Post", "POST"),
    ("net/http.PostForm", "POST"),
    ("net/http.Head", "HEAD"),
];

/// Calls that connect to a gRPC server, with the position of the address.
const CHANNELS: &[(&str, usize)] = &[
    ("google.golang.org/grpc.Dial", 0),
    ("google.golang.org/grpc.NewClient", 0),
    ("google.golang.org/grpc.DialContext", 1),
];

/// Packages of circuit breakers and of tries.
const BREAKERS: &[&str] = &[
    "github.com/sony/gobreaker",
    "github.com/afex/hystrix-go",
    "github.com/eapache/go-resiliency",
    "github.com/failsafe-go/failsafe-go",
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() || source.name().ends_with(".pb.go") {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    for call in code.calls() {
        let callee = code.callee(call);
        if let Some((_, method)) = DEFAULTS.iter().find(|(c, _)| *c == callee) {
            let detail = "the default client waits for ever";
            request(
                &code,
                call,
                code.arg(call, 0),
                Some(method),
                Some((State::Absent, detail.to_owned())),
                out,
            );
        } else if callee == "net/http.NewRequest" || callee == "net/http.NewRequestWithContext" {
            let at = usize::from(callee.ends_with("Context"));
            let method = code.arg(call, at).and_then(|m| code.literal(m));
            request(&code, call, code.arg(call, at + 1), method.as_deref(), None, out);
        } else if let Some((_, at)) = CHANNELS.iter().find(|(c, _)| *c == callee) {
            channel(&code, call, code.arg(call, *at), out);
        } else {
            sent(&code, call, out);
            stub(&code, call, &callee, out);
        }
        if BREAKERS.iter().any(|b| callee.starts_with(b)) {
            out.practice(syntax::line(call), Aspect::CircuitBreaker, State::Present, "", callee.clone());
        }
    }
    unverified(&code, out);
    forwarded(&code, out);
    variables(&code, out);
}

/// Where a request goes, and what it allows the caller.
fn request(
    code: &Code,
    call: Node<'_>,
    url: Option<Node<'_>>,
    method: Option<&str>,
    limit: Option<(State, String)>,
    out: &mut Sightings,
) {
    let line = syntax::line(call);
    let value = url.and_then(|u| code.value(u)).unwrap_or_default();
    let host = host(&value).to_owned();
    let mut add = |at: Node<'_>, target: String| {
        let mut reach = Reach::new(ReachKind::Call, target, "http");
        reach.method = method.map(str::to_ascii_uppercase);
        out.span(syntax::line(at), syntax::last_line(at), Seen::Reach(Box::new(reach)));
    };
    if is_address(&value) {
        add(call, value.clone());
        let literal = value.starts_with("http") && !host.contains(['{', '$']);
        if literal && host.contains(|c: char| c.is_alphabetic()) {
            out.practice(
                line,
                Aspect::HardcodedAddress,
                State::Present,
                &host,
                "the address of a peer is a literal",
            );
        }
    } else {
        for (at, target) in callers(code, url, call) {
            if is_address(&target) {
                add(at, target);
            }
        }
    }
    if let Some((state, detail)) = limit {
        out.practice(line, Aspect::Timeout, state, &host, detail);
        repeat::around(code, call, &host, out);
    }
    let after = value.split_once("://").map_or(value.as_str(), |(_, rest)| rest);
    if let Some(url) = url
        && (after.starts_with('{') || value.is_empty())
        && repeat::tainted(code, url)
    {
        let detail = "the address comes from the request";
        out.practice(line, Aspect::UserControlledDestination, State::Present, &host, detail);
    }
}

/// Whether a text says whom it reaches.
fn is_address(target: &str) -> bool {
    let after = target.split_once("://").map_or(target, |(_, rest)| rest);
    (target.contains("://") && !after.starts_with('{')) || target.starts_with("${")
}

/// The host of an address.
fn host(target: &str) -> &str {
    let after = target.split_once("://").map_or(target, |(_, rest)| rest);
    after.split(['/', '?']).next().unwrap_or(after)
}

/// Values that calls of this file give to the parameter an expression depends on.
fn callers<'t>(code: &'t Code, expression: Option<Node<'t>>, at: Node<'t>) -> Vec<(Node<'t>, String)> {
    let (Some(function), Some(expression)) = (code.declared(at), expression) else { return Vec::new() };
    let name = code.field(function, "name");
    let Some(pattern) = code.value(expression) else { return Vec::new() };
    let parameters = code.parameters(function);
    let position = parameters.iter().position(|(p, _)| pattern.contains(&format!("{{{p}}}")));
    let Some((position, (parameter, _))) = position.and_then(|i| Some((i, parameters.get(i)?))) else {
        return Vec::new();
    };
    let hole = format!("{{{parameter}}}");
    code.calls()
        .filter(|c| code.callee(*c).rsplit('.').next() == Some(name))
        .filter_map(|c| Some((c, pattern.replacen(&hole, &code.value(code.arg(c, position)?)?, 1))))
        .collect()
}

/// `client.Do(req)`, `client.Get(url)`: how long the client waits.
fn sent(code: &Code, call: Node<'_>, out: &mut Sightings) {
    let Some((operand, method)) = code.method(call) else { return };
    let verb = match method {
        "Do" => None,
        "Get" => Some("GET"),
        "Post" | "PostForm" => Some("POST"),
        "Head" => Some("HEAD"),
        _ => return,
    };
    let client = code.composite(operand).filter(|c| code.field(*c, "type").ends_with("http.Client"));
    let is_default = code.dotted(operand) == "net/http.DefaultClient";
    if client.is_none() && !is_default {
        return;
    }
    let function = code.declared(call).map_or("", |f| code.text_of(f));
    let limited = client.and_then(|c| code.keyed(c, "Timeout"));
    let by_context = function.contains("context.WithTimeout") || function.contains("context.WithDeadline");
    let (state, detail) = match limited {
        Some(limit) => (State::Present, code.text_of(limit).to_owned()),
        None if by_context => (State::Present, "a deadline of the context".to_owned()),
        None => (State::Absent, "the client has no Timeout and waits for ever".to_owned()),
    };
    match verb {
        Some(verb) => request(code, call, code.arg(call, 0), Some(verb), Some((state, detail)), out),
        None => {
            let made = code.arg(call, 0).and_then(|r| code.made_by(r));
            let url = made.and_then(|m| code.arg(m, 1 + usize::from(code.callee(m).ends_with("Context"))));
            let name = url.and_then(|u| code.value(u)).map(|v| host(&v).to_owned()).unwrap_or_default();
            out.practice(syntax::line(call), Aspect::Timeout, state, &name, detail);
            repeat::around(code, call, &name, out);
        }
    }
}

fn channel(code: &Code, call: Node<'_>, target: Option<Node<'_>>, out: &mut Sightings) {
    let line = syntax::line(call);
    let value = target.and_then(|t| code.value(t)).unwrap_or_default();
    let values = if value.starts_with('{') { callers(code, target, call) } else { vec![(call, value)] };
    for (at, value) in values.into_iter().filter(|(_, v)| !v.is_empty() && !v.starts_with('{')) {
        let reach = Reach::new(ReachKind::Call, value, "grpc");
        out.span(syntax::line(at), syntax::last_line(at), Seen::Reach(Box::new(reach)));
    }
    let options = syntax::field(call, "arguments").map_or("", |a| code.text_of(a));
    if options.contains("WithInsecure") || options.contains("insecure.NewCredentials") {
        out.practice(line, Aspect::Tls, State::Absent, "grpc", "a channel without encryption");
    }
}

/// `pb.NewCartClient(conn).Get(ctx, ...)`, or a variable of such a client: whether a deadline is set.
fn stub(code: &Code, call: Node<'_>, callee: &str, out: &mut Sightings) {
    let Some((operand, method)) = code.method(call) else { return };
    let Some(made) = code.made_by(operand).filter(|m| m.id() != call.id()) else { return };
    let constructor = code.callee(made);
    let short = constructor.rsplit('.').next().unwrap_or("");
    let is_stub = short.starts_with("New")
        && short.ends_with("Client")
        && constructor.contains('.')
        && code.args(made).len() == 1;
    let is_grpc = is_stub
        && !constructor.starts_with("net/")
        && code
            .arg(call, 0)
            .is_some_and(|a| code.text_of(a).starts_with("ctx") || code.text_of(a).contains("ontext"));
    if !is_grpc || !method.starts_with(char::is_uppercase) || callee.starts_with("google.golang.org/grpc.") {
        return;
    }
    let function = code.declared(call).map_or("", |f| code.text_of(f));
    let limited = function.contains("context.WithTimeout") || function.contains("context.WithDeadline");
    let (state, detail) = if limited {
        (State::Present, "a deadline of the context")
    } else {
        (State::Absent, "no deadline is set: gRPC waits for ever by default")
    };
    let subject = short.trim_start_matches("New").trim_end_matches("Client");
    let line = syntax::line(call).max(syntax::line(syntax::field(call, "arguments").unwrap_or(call)));
    out.practice(line, Aspect::Timeout, state, subject, detail);
    repeat::around(code, call, subject, out);
}

/// Certificate checks that are switched off.
fn unverified(code: &Code, out: &mut Sightings) {
    for element in syntax::of_kind(code.root(), "keyed_element") {
        let text = |i: u32| element.named_child(i).map_or("", |n| code.text_of(inner(n)));
        if text(0) == "InsecureSkipVerify" && text(1) == "true" {
            out.practice(
                syntax::line(element),
                Aspect::TlsVerification,
                State::Absent,
                "tls.Config",
                "InsecureSkipVerify: true",
            );
        }
    }
    for assign in syntax::of_kind(code.root(), "assignment_statement") {
        if code.field(assign, "left").ends_with(".InsecureSkipVerify")
            && code.field(assign, "right") == "true"
        {
            out.practice(
                syntax::line(assign),
                Aspect::TlsVerification,
                State::Absent,
                "tls.Config",
                "InsecureSkipVerify = true",
            );
        }
    }
}

/// The caller's credential sent on: `req.Header.Set("Authorization", r.Header.Get("Authorization"))`.
fn forwarded(code: &Code, out: &mut Sightings) {
    for call in code.calls() {
        let Some((operand, "Set" | "Add")) = code.method(call) else { continue };
        let name = code.arg(call, 0).and_then(|a| code.literal(a)).unwrap_or_default();
        let credential = name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("cookie");
        let value = code.arg(call, 1).map_or("", |v| code.text_of(v));
        let from = value.contains(".Header.Get(")
            || value.contains(".GetHeader(")
            || value.contains("Header().Get(");
        if credential && from && code.text_of(operand).ends_with("Header") {
            out.practice(
                syntax::line(call),
                Aspect::CredentialForwarded,
                State::Present,
                &name,
                "the inbound header is passed on",
            );
        }
    }
}

/// Endings of variables that name others.
const NAMES: &[&str] = &[
    "_ADDR",
    "_ADDRESS",
    "_URL",
    "_URI",
    "_HOST",
    "_ENDPOINT",
    "_SERVICE",
    "_DSN",
    "_BROKERS",
    "_SERVERS",
    "_BROKER",
];

/// Variables that name the process itself.
const OWN: &[&str] = &[
    "LISTEN",
    "BIND",
    "PUBLIC",
    "BASE_URL",
    "CALLBACK",
    "REDIRECT",
    "SELF",
    "FRONTEND_URL",
    "SERVER_HOST",
    "APP_HOST",
    "APP_URL",
    "HTTP_HOST",
    "GRPC_HOST",
    "METRICS",
];

/// Whether a variable names another component.
pub(crate) fn names_other(key: &str) -> bool {
    NAMES.iter().any(|n| key.ends_with(n)) && !OWN.iter().any(|o| key.contains(o))
}

/// Variables that name others, wherever they are read: the use of the value may stand in another file.
fn variables(code: &Code, out: &mut Sightings) {
    let mut seen: Vec<String> = Vec::new();
    let mut add = |line: usize, key: &str, default: Option<&str>, out: &mut Sightings| {
        if names_other(key) && !seen.iter().any(|s| s == key) {
            seen.push(key.to_owned());
            let mut reach = Reach::new(ReachKind::Unknown, template::placeholder(key, default), "tcp");
            reach.certain = false;
            out.add(line, Seen::Reach(Box::new(reach)));
        }
    };
    for call in code.calls() {
        let Some(value) = code.value(call) else { continue };
        let Some(inside) = value.strip_prefix("${").and_then(|v| v.strip_suffix('}')) else { continue };
        if !inside.contains('{') && !code.callee(call).starts_with("fmt.") {
            let (key, default) = inside.split_once(':').map_or((inside, None), |(k, d)| (k, Some(d)));
            add(syntax::line(call), key, default, out);
        }
    }
    for field in syntax::of_kind(code.root(), "field_declaration") {
        if let Some((key, default)) = env_tag(code.field(field, "tag")) {
            add(syntax::line(field), &key, default.as_deref(), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, reaches, see};

    #[test]
    fn grpc_addresses_come_through_helpers() {
        let text = "package main\nimport (\n\"os\"\n\"context\"\n\"google.golang.org/grpc\"\npb \"example.com/pb\"\n)\ntype server struct {\n cartAddr string\n cartConn *grpc.ClientConn\n}\nfunc main() {\n svc := new(server)\n mapEnv(&svc.cartAddr, \"CART_SERVICE_ADDR\")\n connect(&svc.cartConn, svc.cartAddr)\n}\nfunc mapEnv(target *string, key string) {\n *target = os.Getenv(key)\n}\nfunc connect(conn **grpc.ClientConn, addr string) {\n *conn, _ = grpc.NewClient(addr, grpc.WithInsecure())\n}\nfunc (s *server) get(ctx context.Context) {\n pb.NewCartClient(s.cartConn).Get(ctx, 1)\n}\n";
        let seen = see("svc/main.go", text);
        assert_eq!(reaches(&seen), ["Call ${CART_SERVICE_ADDR}", "Unknown ${CART_SERVICE_ADDR}"]);
        let found = practices(&seen);
        assert!(found.contains(&"Timeout Absent Cart".to_owned()), "{found:?}");
        assert!(found.contains(&"Tls Absent grpc".to_owned()), "{found:?}");
    }

    #[test]
    fn http_clients_and_their_patience() {
        let text = "package a\nimport (\n\"fmt\"\n\"net/http\"\n\"os\"\n\"time\"\n\"crypto/tls\"\n)\nvar slow = &http.Client{}\nvar quick = &http.Client{Timeout: 3 * time.Second}\nfunc a() {\n host := os.Getenv(\"USERS\")\n if host == \"\" {\n  host = \"users\"\n }\n http.Get(fmt.Sprintf(\"http://%s/a\", host))\n quick.Get(\"http://b/x\")\n req, _ := http.NewRequest(\"PUT\", \"http://\"+host+\"/c\", nil)\n slow.Do(req)\n _ = tls.Config{InsecureSkipVerify: true}\n}\n";
        let seen = see("svc/a.go", text);
        assert_eq!(
            reaches(&seen),
            ["Call http://${USERS:users}/a", "Call http://b/x", "Call http://${USERS:users}/c"]
        );
        let found = practices(&seen);
        for expected in [
            "Timeout Absent ${USERS:users}",
            "Timeout Present b",
            "TlsVerification Absent tls.Config",
            "HardcodedAddress Present b",
        ] {
            assert!(found.contains(&expected.to_owned()), "{expected}: {found:?}");
        }
    }
}
