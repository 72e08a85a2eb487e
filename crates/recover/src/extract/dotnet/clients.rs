//! Clients of other processes in C#: HttpClient, Refit, RestSharp, gRPC, YARP, sign-in servers.

use loadcase_model::{Aspect, Role, State};
use tree_sitter::Node;

use crate::extract::dotnet::csharp::{Call, Code, arguments, has_unknown, time_span};
use crate::extract::dotnet::project::bounded_by_defaults;
use crate::sighting::{Plays, Reach, ReachKind, Seen};
use crate::source::Sightings;
use crate::syntax;

/// Methods of HTTP clients, and their HTTP method.
const REQUESTS: &[(&str, &str)] = &[
    ("GetAsync", "GET"),
    ("GetStringAsync", "GET"),
    ("GetStreamAsync", "GET"),
    ("GetByteArrayAsync", "GET"),
    ("GetFromJsonAsync", "GET"),
    ("GetFromJsonAsAsyncEnumerable", "GET"),
    ("GetJsonAsync", "GET"),
    ("PostAsync", "POST"),
    ("PostAsJsonAsync", "POST"),
    ("PostJsonAsync", "POST"),
    ("PutAsync", "PUT"),
    ("PutAsJsonAsync", "PUT"),
    ("PutJsonAsync", "PUT"),
    ("PatchAsync", "PATCH"),
    ("PatchAsJsonAsync", "PATCH"),
    ("DeleteAsync", "DELETE"),
    ("DeleteFromJsonAsync", "DELETE"),
];

/// Calls that name the address of a peer in an argument: method, place of the argument, protocol.
const ADDRESSED: &[(&str, usize, &str)] = &[
    ("ForAddress", 0, "grpc"),
    ("WithUrl", 0, "ws"),
    ("AddUrlGroup", 0, "http"),
    ("MapForwarder", 1, "http"),
];

/// Reads clients.
pub(crate) fn extract(code: &Code<'_, '_>, out: &mut Sightings) {
    for node in syntax::descendants(code.root) {
        match node.kind() {
            "assignment_expression" => assigned(code, node, out),
            "object_creation_expression" => created(code, node, out),
            _ => {}
        }
    }
    for call in &code.calls {
        registered(code, call, out);
        requested(code, call, out);
        addressed(code, call, out);
        plays(code, call, out);
    }
}

/// `client.BaseAddress = new Uri("http://orders")`, `o.Address = ...`, `options.Authority = ...`.
fn assigned<'t>(code: &Code<'_, 't>, node: Node<'t>, out: &mut Sightings) {
    let (Some(left), Some(right)) = (syntax::field(node, "left"), syntax::field(node, "right")) else {
        return;
    };
    let left = code.text(left);
    let name = left.rsplit('.').next().unwrap_or(left);
    let line = syntax::line(node);
    match name {
        "BaseAddress" | "BaseUrl" => call_to(code, right, line, "http", out),
        "Address" if inside_call(code, node, "AddGrpcClient") => call_to(code, right, line, "grpc", out),
        "Authority" | "MetadataAddress" => {
            let target = known(&code.value(right));
            // Shared code may set an authority from a setting that only some processes have; without it there is none.
            let kind =
                if target.starts_with("${") { ReachKind::Call } else { ReachKind::Client(Role::AuthServer) };
            out.add(line, Seen::Reach(Box::new(Reach::new(kind, target, "http"))));
        }
        "Timeout" => {
            let text = code.text(right);
            if text.contains("InfiniteTimeSpan") {
                out.practice(line, Aspect::Timeout, State::Absent, left, "no limit: InfiniteTimeSpan");
            } else if let Some(ms) = time_span(code, text) {
                out.practice(line, Aspect::Timeout, State::Present, left, format!("{ms} ms"));
            }
        }
        _ => {}
    }
}

/// Whether a node stands in the arguments of a call of a name.
fn inside_call(code: &Code<'_, '_>, node: Node<'_>, name: &str) -> bool {
    let mut at = node;
    for _ in 0..64 {
        let Some(outer) = syntax::ancestor(at, &["invocation_expression"]) else { return false };
        if crate::extract::dotnet::csharp::call(outer, code.source.text)
            .is_some_and(|c| c.name.starts_with(name))
        {
            return true;
        }
        at = outer;
    }
    false
}

/// An address without what the file does not know; empty when nothing is left.
fn known(value: &str) -> String {
    let value = value.replace("https+http://", "http://").replace("http+https://", "http://");
    if has_unknown(value.split("://").last().and_then(|r| r.split('/').next()).unwrap_or("")) {
        return String::new();
    }
    value
}

fn call_to<'t>(
    code: &Code<'_, 't>,
    node: Node<'t>,
    line: usize,
    protocol: &'static str,
    out: &mut Sightings,
) {
    let target = known(&code.value(node));
    if target.is_empty() || target.starts_with('/') {
        return;
    }
    hardcoded(&target, line, out);
    out.add(line, Seen::Reach(Box::new(Reach::new(ReachKind::Call, target, protocol))));
}

/// An address of one machine in code; names that the platform resolves are none.
fn hardcoded(target: &str, line: usize, out: &mut Sightings) {
    let host = target.split("://").nth(1).and_then(|r| r.split(['/', ':']).next()).unwrap_or("");
    let is_number = host.split('.').count() == 4 && host.chars().all(|c| c.is_ascii_digit() || c == '.');
    if is_number || host == "localhost" {
        out.practice(line, Aspect::HardcodedAddress, State::Present, target, "a literal in code");
    }
}

/// `AddHttpClient<T>(...)`, `AddRefitClient<T>()`, `AddGrpcClient<T>(...)` and what bounds their calls.
fn registered(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    let subject = call
        .types
        .last()
        .map_or_else(|| call.argument(0).map(|a| code.value(a)).unwrap_or_default(), |t| (*t).to_owned());
    let line = call.line();
    match call.name {
        "AddHttpClient" | "AddRefitClient" => {
            let whole = code.text(code.statement(call.node));
            if !whole.contains(".Timeout") {
                let detail = "HttpClient gives up after 100 s by default";
                out.practice(line, Aspect::Timeout, State::Present, subject, detail);
            }
        }
        "AddGrpcClient" | "AddCodeFirstGrpcClient"
            if !code.source.text.contains("deadline:") && !code.source.text.contains("Deadline") =>
        {
            let (state, detail) = if bounded_by_defaults(code.source) {
                (State::Present, "the standard resilience handler of all clients: 30 s in all")
            } else {
                (State::Absent, "a gRPC call without deadline waits for ever")
            };
            out.practice(line, Aspect::Timeout, state, subject, detail);
        }
        _ => {}
    }
}

/// A request: `http.GetAsync("http://orders/api/orders")`.
fn requested<'t>(code: &Code<'_, 't>, call: &Call<'_, 't>, out: &mut Sightings) {
    let Some((_, method)) = REQUESTS.iter().find(|(name, _)| *name == call.name) else { return };
    let Some(receiver) = call.receiver else { return };
    let owner = code.text(receiver).to_ascii_lowercase();
    let (line, until) = (syntax::line(call.node), syntax::last_line(call.node));
    // Flurl: the address itself is what is called on.
    let address = match receiver.kind() {
        "string_literal" | "interpolated_string_expression" => Some(receiver),
        _ => call.argument(0),
    };
    let Some(address) = address else { return };
    let is_client = ["http", "client", "api", "_remote"].iter().any(|p| owner.contains(p));
    let value = code.value(address);
    let looks = value.contains("://") || (value.starts_with("${") && is_client);
    if looks {
        let target = known(&value);
        if !target.is_empty() {
            hardcoded(&target, line, out);
            let mut reach = Reach::new(ReachKind::Call, target, "http");
            reach.method = Some((*method).to_owned());
            out.span(line, until, Seen::Reach(Box::new(reach)));
        }
    }
    if !looks && !is_client {
        return;
    }
    if let Some(place) = loop_around(call.node) {
        out.practice(line, Aspect::CallInLoop, State::Present, value.clone(), format!("inside the {place}"));
    }
    if chosen_by_caller(code, address) {
        out.practice(
            line,
            Aspect::UserControlledDestination,
            State::Present,
            value,
            "the address comes with the request",
        );
    }
}

/// The loop a node stands in, within its method.
pub(crate) fn loop_around(node: Node<'_>) -> Option<&'static str> {
    let mut at = node;
    while let Some(parent) = at.parent() {
        match parent.kind() {
            "foreach_statement" if syntax::field(parent, "body") == Some(at) => return Some("foreach"),
            "for_statement" if syntax::field(parent, "body") == Some(at) => return Some("for"),
            kind if kind.contains("method") || kind.contains("function") => return None,
            _ => {}
        }
        at = parent;
    }
    None
}

/// Whether an address is a field of what the caller sent.
fn chosen_by_caller(code: &Code<'_, '_>, node: Node<'_>) -> bool {
    let text = code.text(node);
    let lower = text.to_ascii_lowercase();
    let from_request = ["request.", "dto.", "command.", "model.", "input.", "body."]
        .iter()
        .any(|p| lower.split(['(', ' ', '{', '"']).any(|word| word.starts_with(p)));
    let is_address = ["url", "uri", "address", "host", "endpoint"]
        .iter()
        .any(|p| lower.trim_end_matches([')', ';', '}', '"']).ends_with(p));
    from_request && is_address
}

/// `new RestClient("http://x")`, `new HttpRequestMessage(HttpMethod.Get, url)`, `new SmtpClient("mail")`.
fn created<'t>(code: &Code<'_, 't>, node: Node<'t>, out: &mut Sightings) {
    let class = syntax::field_text(node, "type", code.source.text).unwrap_or("");
    let line = syntax::line(node);
    let arguments = arguments(node, code.source.text);
    match class.rsplit('.').next().unwrap_or(class) {
        "RestClient" | "GraphQLHttpClient" | "FlurlClient" => {
            if let Some((_, address)) = arguments.first() {
                call_to(code, *address, line, "http", out);
            }
        }
        "HttpRequestMessage" => {
            let Some((_, address)) = arguments.get(1) else { return };
            let target = known(&code.value(*address));
            if target.contains("://") || target.starts_with("${") {
                let method = arguments.first().map(|(_, m)| code.text(*m).rsplit('.').next().unwrap_or(""));
                let mut reach = Reach::new(ReachKind::Call, target, "http");
                reach.method = method.map(str::to_ascii_uppercase);
                out.add(line, Seen::Reach(Box::new(reach)));
            }
        }
        "SmtpClient" => {
            let host = arguments.first().map(|(_, a)| known(&code.value(*a))).unwrap_or_default();
            let reach = Reach::new(ReachKind::Client(Role::MailServer), host, "smtp");
            out.add(line, Seen::Reach(Box::new(reach)));
        }
        "HttpClient" => {
            let whole = code.text(node);
            if !whole.contains("Timeout") && !code.source.text.contains(".Timeout =") {
                let detail = "HttpClient gives up after 100 s by default";
                out.practice(line, Aspect::Timeout, State::Present, "HttpClient", detail);
            }
        }
        _ => {}
    }
}

fn addressed<'t>(code: &Code<'_, 't>, call: &Call<'_, 't>, out: &mut Sightings) {
    if call.name == "For" && call.receiver.is_some_and(|r| code.text(r).ends_with("RestService")) {
        if let Some(address) = call.argument(0) {
            call_to(code, address, call.line(), "http", out);
        }
        return;
    }
    let Some((_, at, protocol)) = ADDRESSED.iter().find(|(name, _, _)| *name == call.name) else { return };
    let Some(address) = call.argument(*at) else { return };
    if call.name == "MapForwarder" {
        let mut reach = Reach::new(ReachKind::Route, known(&code.value(address)), "http");
        reach.path = call.argument(0).and_then(|a| code.literal(a));
        if !reach.target.is_empty() {
            out.add(call.line(), Seen::Reach(Box::new(reach)));
        }
    } else if code.value(address).contains("://") || code.value(address).starts_with("${") {
        call_to(code, address, call.line(), protocol, out);
    }
}

/// Calls that make the process a gateway, a sign-in server, a registry's client, a user interface.
fn plays(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    let (role, technology) = match call.name {
        "AddReverseProxy" => (Role::Gateway, "yarp"),
        "AddOcelot" => (Role::Gateway, "ocelot"),
        "AddIdentityServer" => (Role::AuthServer, "identityserver"),
        "AddServer" if code.source.text.contains("AddOpenIddict") => (Role::AuthServer, "openiddict"),
        "AddRazorComponents"
        | "AddServerSideBlazor"
        | "AddRazorPages"
        | "AddSpaStaticFiles"
        | "UseMauiApp" => (Role::WebApplication, ""),
        "AddHealthChecksUI" => (Role::Dashboard, ""),
        "AddJwtBearer" => (Role::ResourceServer, ""),
        "AddConsul" | "AddEurekaServiceDiscovery" | "AddDiscoveryClient" => {
            let reach = Reach::new(ReachKind::Client(Role::Registry), "", "http");
            out.add(call.line(), Seen::Reach(Box::new(reach)));
            return;
        }
        "AddConfigServer" => {
            let reach = Reach::new(ReachKind::Client(Role::ConfigServer), "", "http");
            out.add(call.line(), Seen::Reach(Box::new(reach)));
            return;
        }
        _ => return,
    };
    let technology = (!technology.is_empty()).then(|| technology.to_owned());
    out.add(call.line(), Seen::Plays(Plays { role, of: None, technology }));
}
