//! Requests that code makes: HTTP clients, gRPC, GraphQL, proxies.

use tree_sitter::Node;

use super::module::{Bound, Js, Origin};
use crate::sighting::{Reach, ReachKind};
use crate::syntax;

/// A request, with what its limits were read from.
#[derive(Clone, Debug)]
pub(super) struct Request<'t> {
    /// The call.
    pub(super) call: Node<'t>,
    /// What it reaches.
    pub(super) reach: Reach,
    /// The library.
    pub(super) library: &'t str,
    /// The expression of the address.
    pub(super) address: Option<Node<'t>>,
    /// Whether a time limit is set, when it is not known how long.
    pub(super) limited: bool,
}

/// HTTP clients.
pub(super) const HTTP: &[&str] = &[
    "axios",
    "node-fetch",
    "cross-fetch",
    "isomorphic-fetch",
    "isomorphic-unfetch",
    "undici",
    "request",
    "request-promise",
    "request-promise-native",
    "got",
    "superagent",
    "needle",
    "ky",
    "ofetch",
    "http",
    "https",
    "@nestjs/axios",
    "bent",
    "phin",
    "wretch",
    "make-fetch-happen",
    "unfetch",
    "follow-redirects",
    "requestretry",
    "@fastify/reply-from",
    "typed-rest-client/RestClient",
    "urllib",
    "cross-undici-fetch",
    "node-fetch-native",
    "fetch-retry",
    "axios-retry",
];

const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "del", "head", "options"];

/// Keys of request options that hold the whole address.
const ADDRESS: &[&str] = &["url", "uri"];

/// Keys that hold a time limit.
const LIMITS: &[&str] =
    &["timeout", "signal", "headersTimeout", "response_timeout", "deadline", "timeoutMs", "bodyTimeout"];

/// The requests of a file.
pub(super) fn requests<'t>(js: &Js<'t>) -> Vec<Request<'t>> {
    js.calls().filter_map(|call| request(js, call)).collect()
}

fn request<'t>(js: &Js<'t>, call: Node<'t>) -> Option<Request<'t>> {
    if let Some(found) = grpc(js, call) {
        return Some(found);
    }
    let Some(origin) = js.origin(call) else { return global(js, call).or_else(|| named_client(js, call)) };
    if HTTP.contains(&origin.package) {
        return http(js, call, &origin);
    }
    other(js, call, &origin).or_else(|| named_client(js, call))
}

/// `fetch(...)` and the clients that pages load globally.
fn global<'t>(js: &Js<'t>, call: Node<'t>) -> Option<Request<'t>> {
    if call.kind() != "call_expression" {
        return None;
    }
    let callee = js.callee(call)?;
    match js.of(callee) {
        "fetch" | "globalThis.fetch" | "$fetch" if js.look_up(callee).is_none() => {
            shaped(js, call, "fetch", "fetch", None)
        }
        "WebSocket" => None,
        _ => {
            // `this.httpService.get(...)`, `axios.get(...)` where the client is handed in.
            let (object, name) = js.method(call)?;
            if !VERBS.contains(&name) && name != "request" {
                return None;
            }
            let base = js.base(object)?;
            let known = js.this_field(base).and_then(|f| js.field_bound(f)).or_else(|| js.look_up(base));
            let unknown = matches!(known, None | Some(Bound::Parameter));
            let lower = js.tail(object).to_ascii_lowercase();
            let last = lower.rsplit('.').next().unwrap_or(&lower);
            let is_client =
                matches!(last, "axios" | "httpservice" | "httpclient" | "axiosinstance" | "$http" | "$axios");
            (unknown && is_client).then(|| shaped(js, call, "axios", name, None)).flatten()
        }
    }
}

/// A call of a known HTTP client.
fn http<'t>(js: &Js<'t>, call: Node<'t>, origin: &Origin<'t>) -> Option<Request<'t>> {
    let path = origin.path.strip_suffix("()")?;
    let last = path.rsplit('.').next().unwrap_or(path);
    let creates =
        ["create()", "extend()", "defaults()", "instance()", "axiosRef", "HttpService()", "default()"];
    let instance = path.rsplit_once('.').map_or(path, |(before, _)| before);
    // A chain on a call, such as `.then(...)`, is no request of its own.
    let on_instance = path.contains("()") && creates.iter().any(|c| instance.ends_with(c));
    if path.contains("()") && !on_instance {
        let called_instance = creates.iter().any(|c| path.ends_with(c));
        if !called_instance {
            return None;
        }
    }
    let verb = match last {
        "" | "fetch" | "request" | "default" | "axios" | "got" | "ofetch" | "$fetch" | "raw" => last,
        verb if VERBS.contains(&verb) => verb,
        _ if on_instance || path.ends_with("()") => {
            return path
                .ends_with("()")
                .then(|| shaped(js, call, origin.package, "", js.callee(call).map(|c| js.deref(c))))
                .flatten();
        }
        _ => return None,
    };
    let maker = on_instance.then(|| js.method(call).map(|(object, _)| js.deref(object))).flatten();
    shaped(js, call, origin.package, verb, maker)
}

/// A request in one of the common shapes: `(url, options)`, `(options)`, `(url, body, options)`.
fn shaped<'t>(
    js: &Js<'t>,
    call: Node<'t>,
    library: &'t str,
    verb: &str,
    maker: Option<Node<'t>>,
) -> Option<Request<'t>> {
    let arguments = js.arguments(call);
    let first = *arguments.first()?;
    let whole = js.object(first);
    let mut options: Vec<Node<'t>> =
        arguments.iter().skip(1).copied().filter(|a| js.object(*a).is_some()).collect();
    let (address, target) = match whole {
        Some(object) => {
            options.push(object);
            match js.first_property(object, ADDRESS) {
                Some(url) => (Some(url), js.value(url)),
                None => parts(js, object)?,
            }
        }
        None => (Some(first), js.value(first)),
    };
    let instance = maker.and_then(|m| js.arguments(m).first().copied()).and_then(|o| js.object(o));
    let base = options
        .iter()
        .chain(instance.iter())
        .find_map(|o| js.first_property(*o, &["baseURL", "baseUrl", "prefixUrl"]));
    let target = match base.map(|b| js.value(b)) {
        Some(base) if !target.contains("://") => {
            super::routing::join(&base, &target).trim_start_matches('/').to_owned()
        }
        _ => target,
    };
    let method = options.iter().find_map(|o| js.property(*o, "method")).map(|m| js.value(m));
    let method = method.filter(|m| m.chars().all(char::is_alphabetic)).map(|m| m.to_ascii_uppercase());
    let method = method.or_else(|| match verb {
        "del" => Some("DELETE".to_owned()),
        verb if VERBS.contains(&verb) => Some(verb.to_ascii_uppercase()),
        "fetch" | "" | "request" if library != "needle" => Some("GET".to_owned()),
        _ => None,
    });
    let mut reach = Reach::new(ReachKind::Call, target, "http");
    reach.method = method;
    let limit = options.iter().chain(instance.iter()).find_map(|o| js.first_property(*o, LIMITS));
    let chained = chained_limit(js, call);
    reach.timeout_ms = limit.and_then(|l| milliseconds(js, l)).or(chained.and_then(|c| milliseconds(js, c)));
    let defaults = library == "axios" && js.whole().contains("defaults.timeout");
    let limited =
        limit.is_some() || chained.is_some() || defaults || raced(js, call) || event_limit(js, call, library);
    Some(Request { call, reach, library, address, limited })
}

/// `http.request({ host, port, path })`
fn parts<'t>(js: &Js<'t>, object: Node<'t>) -> Option<(Option<Node<'t>>, String)> {
    let host = js.first_property(object, &["hostname", "host"])?;
    let scheme = js.property(object, "protocol").map(|p| js.value(p).trim_end_matches(':').to_owned());
    let scheme = scheme.filter(|s| s.starts_with("http")).unwrap_or_else(|| "http".to_owned());
    let port = js.property(object, "port").map(|p| format!(":{}", js.value(p))).unwrap_or_default();
    let path = js.property(object, "path").map(|p| js.value(p)).unwrap_or_default();
    let host_value = js.value(host);
    Some((Some(host), format!("{scheme}://{host_value}{port}{path}")))
}

/// Superagent's `.timeout(1000)`, RxJS's `timeout(1000)` in a pipe.
fn chained_limit<'t>(js: &Js<'t>, call: Node<'t>) -> Option<Node<'t>> {
    for around in js.ancestors(call).take(12) {
        if super::module::is_function(around) {
            return None;
        }
        if around.kind() == "call_expression" {
            let arguments = js.arguments(around);
            match js.called(around) {
                "timeout" => return arguments.first().copied(),
                "pipe" => {
                    let inside = arguments.iter().find(|a| js.called(**a) == "timeout");
                    if let Some(inside) = inside {
                        return js.arguments(*inside).first().copied();
                    }
                }
                _ => {}
            }
        }
    }
    None
}

/// `Promise.race([fetch(...), deadline])`, `pTimeout(fetch(...))`
fn raced<'t>(js: &Js<'t>, call: Node<'t>) -> bool {
    js.ancestors(call).take(8).any(|n| {
        n.kind() == "call_expression"
            && matches!(js.called(n), "race" | "pTimeout" | "withTimeout" | "timeLimit")
    })
}

/// `req.setTimeout(1000)` after `const req = http.request(...)`
fn event_limit<'t>(js: &Js<'t>, call: Node<'t>, library: &str) -> bool {
    if !matches!(library, "http" | "https" | "follow-redirects") {
        return false;
    }
    let around = js.function_around(call).unwrap_or_else(|| js.root());
    js.searched(around).contains(".setTimeout(")
}

/// A limit in ms: a number, `AbortSignal.timeout(n)`, `{ request: n }`.
fn milliseconds<'t>(js: &Js<'t>, limit: Node<'t>) -> Option<f64> {
    let limit = js.deref(limit);
    if limit.kind() == "call_expression" && js.called(limit) == "timeout" {
        return js.arguments(limit).first().and_then(|a| js.number(*a));
    }
    if let Some(inside) = js.first_property(limit, &["request", "response", "deadline", "each"]) {
        return js.number(inside);
    }
    js.number(limit).filter(|n| *n > 0.0)
}

/// gRPC stubs are known by their credentials: `new proto.Cart(address, grpc.credentials.createInsecure())`.
fn grpc<'t>(js: &Js<'t>, call: Node<'t>) -> Option<Request<'t>> {
    if call.kind() != "new_expression" {
        return None;
    }
    let arguments = js.arguments(call);
    let [address, credentials, ..] = arguments.as_slice() else { return None };
    let text = js.searched(js.deref(*credentials));
    let is_stub = text.contains("credentials.create") || text.contains("ChannelCredentials.");
    if !is_stub {
        return None;
    }
    let mut reach = Reach::new(ReachKind::Call, js.value(*address), "grpc");
    // Deadlines are set at each call of the stub, anywhere in the file.
    let limited = js.whole().contains("deadline");
    reach.path = js.callee(call).map(|c| js.of(c).rsplit('.').next().unwrap_or("").to_owned());
    Some(Request { call, reach, library: "grpc", address: Some(*address), limited })
}

/// GraphQL clients, Connect transports, proxies, SOAP, sockets, mail.
fn other<'t>(js: &Js<'t>, call: Node<'t>, origin: &Origin<'t>) -> Option<Request<'t>> {
    let path = origin.path.strip_suffix("()")?;
    let (kind, protocol, keys): (ReachKind, &'static str, &[&str]) = match (origin.package, path) {
        ("graphql-request", "GraphQLClient" | "request" | "") => (ReachKind::Call, "graphql", &["url"]),
        (
            "@apollo/client" | "apollo-boost" | "apollo-link-http",
            "HttpLink" | "createHttpLink" | "ApolloClient" | "",
        ) => (ReachKind::Call, "graphql", &["uri"]),
        ("@urql/core" | "urql", "createClient" | "Client") => (ReachKind::Call, "graphql", &["url"]),
        ("@connectrpc/connect-node" | "@bufbuild/connect-node", _) => (ReachKind::Call, "grpc", &["baseUrl"]),
        ("@trpc/client", "httpBatchLink" | "httpLink") => (ReachKind::Call, "http", &["url"]),
        ("http-proxy-middleware", "createProxyMiddleware" | "" | "legacyCreateProxyMiddleware" | "proxy") => {
            (ReachKind::Route, "http", &["target"])
        }
        ("http-proxy", "createProxyServer" | "createServer" | "") => (ReachKind::Route, "http", &["target"]),
        ("express-http-proxy" | "koa-proxies", "") => (ReachKind::Route, "http", &["target"]),
        ("soap", "createClientAsync" | "createClient") => (ReachKind::Call, "soap", &["url"]),
        ("socket.io-client", "" | "io" | "connect") | ("ws", "" | "WebSocket") => {
            (ReachKind::Call, "ws", &["url"])
        }
        ("nodemailer", "createTransport") => {
            (ReachKind::Client(loadcase_model::Role::MailServer), "smtp", &["host", "url", "service"])
        }
        _ => return None,
    };
    let arguments = js.arguments(call);
    let address = arguments.iter().take(2).find_map(|a| match js.object(*a) {
        Some(object) => js.first_property(object, keys),
        None if js.deref(*a).kind().ends_with("function")
            || js.string(*a).is_some_and(|s| s.starts_with('/')) =>
        {
            None
        }
        None => Some(*a),
    })?;
    let mut reach = Reach::new(kind, js.value(address), protocol);
    reach.is_async = false;
    let limited = js.searched(call).contains("imeout") || !matches!(kind, ReachKind::Call | ReachKind::Route);
    Some(Request { call, reach, library: origin.package, address: Some(address), limited })
}

/// Clients of other services that are classes of the repository: `new OrdersApi(config.ordersUrl)`.
fn named_client<'t>(js: &Js<'t>, call: Node<'t>) -> Option<Request<'t>> {
    if call.kind() != "new_expression" {
        return None;
    }
    let name = js.called(call);
    let is_client = ["Api", "Client", "Service", "Gateway", "Proxy", "Sdk", "SDK", "Connector", "DataSource"]
        .iter()
        .any(|end| name.ends_with(end));
    if !is_client {
        return None;
    }
    let first = *js.arguments(call).first()?;
    let address = match js.object(first) {
        Some(object) => js.first_property(object, &["baseUrl", "baseURL", "basePath", "url", "endpoint"])?,
        None => first,
    };
    let target = js.value(address);
    let upper = target.to_ascii_uppercase();
    let by_key = target.starts_with("${")
        && ["URL", "URI", "HOST", "ADDR", "ENDPOINT", "SERVICE"].iter().any(|w| upper.contains(w))
        && !upper.contains("TABLE");
    if !(target.starts_with("http://") || target.starts_with("https://") || by_key && !target.contains("://"))
    {
        let inside =
            target.starts_with("${") && (target.contains(":http://") || target.contains(":https://"));
        if !inside {
            return None;
        }
    }
    let mut reach = Reach::new(ReachKind::Call, target, "http");
    reach.certain = false;
    Some(Request { call, reach, library: "", address: Some(address), limited: true })
}

/// The line of a request: of the called name, since a chain may have begun earlier.
pub(super) fn line_of<'t>(js: &Js<'t>, call: Node<'t>) -> usize {
    let property = js.callee(call).and_then(|c| syntax::field(c, "property"));
    property.map_or_else(|| syntax::line(call), syntax::line)
}
