//! Requests to others: RestTemplate, WebClient, RestClient, HttpClient, OkHttp, Apache, JAX-RS, gRPC, discovery.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::java::code::{self, Call, Class, Code, Expr, Method, has_any, simple};
use crate::extract::java::handler::practice;
use crate::extract::java::values::{Scope, host, is_type, split_url};
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};

/// Requests in code.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "java-calls",
    reads: code::reads,
    sees: &[Aspect::Timeout, Aspect::CallInLoop, Aspect::HardcodedAddress, Aspect::UserControlledDestination],
    extract,
};

/// Methods of RestTemplate with the HTTP method; `*` for those that say it in an argument.
const REST_TEMPLATE: &[(&str, &str)] = &[
    ("getForObject", "GET"),
    ("getForEntity", "GET"),
    ("postForObject", "POST"),
    ("postForEntity", "POST"),
    ("postForLocation", "POST"),
    ("patchForObject", "PATCH"),
    ("headForHeaders", "HEAD"),
    ("optionsForAllow", "OPTIONS"),
    ("exchange", "*"),
    ("execute", "*"),
    ("put", "PUT"),
    ("delete", "DELETE"),
];

/// Names of RestTemplate's methods that other classes have as well: the receiver decides.
const COMMON: &[&str] = &["exchange", "execute", "put", "delete"];

/// Types that RestTemplate's methods are called on.
const REST_TYPES: &[&str] = &[
    "RestTemplate",
    "RestOperations",
    "OAuth2RestTemplate",
    "OAuth2RestOperations",
    "TestRestTemplate",
    "AsyncRestTemplate",
];

/// Classes of Apache's client that are made for one request.
const APACHE: &[(&str, &str)] = &[
    ("HttpGet", "GET"),
    ("HttpPost", "POST"),
    ("HttpPut", "PUT"),
    ("HttpDelete", "DELETE"),
    ("HttpPatch", "PATCH"),
];

/// What a request of the file looks like.
struct Found<'a> {
    url: &'a Expr,
    method: Option<String>,
    client: &'static str,
    /// Whether the URL may be relative to a base that stands elsewhere.
    relative: bool,
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if code::is_test(source) {
        return;
    }
    let Some(code) = code::read(source) else { return };
    for class in &code.classes {
        if class.is_a("RouteLocator") {
            continue;
        }
        let base = base_url(&code, class);
        for method in &class.methods {
            for call in &method.calls {
                let scope = Scope::inside(&code, class, method);
                discovery(scope, call, out);
                grpc(scope, call, out);
                if let Some(found) = request(class, method, call) {
                    reach(scope, call, &found, base.as_deref(), out);
                }
            }
        }
        fields_with_base(&code, class, out);
        beans(class, out);
    }
}

/// The request a call makes.
fn request<'a>(class: &Class, method: &Method, call: &'a Call) -> Option<Found<'a>> {
    let first = call.args.first()?;
    let found = |method: Option<String>, client: &'static str, relative: bool| {
        Some(Found { url: first, method, client, relative })
    };
    if let Some((name, verb)) = REST_TEMPLATE.iter().find(|(n, _)| *n == call.name)
        && call.on.is_some()
        && (!COMMON.contains(name) || is_rest_template(class, method, call))
    {
        let verb = if *verb == "*" { named_verb(call) } else { Some((*verb).to_owned()) };
        return found(verb, "RestTemplate", true);
    }
    if call.creates {
        let verb = APACHE.iter().find(|(n, _)| *n == call.name).map(|(_, v)| (*v).to_owned());
        return if verb.is_some() { found(verb, "Apache HttpClient", false) } else { None };
    }
    match call.name.as_str() {
        "uri" if chain_verb(call).is_some() => found(chain_verb(call), "WebClient", true),
        "uri" if call.chain().any(|c| c.name == "newBuilder") => {
            found(body_verb(method), "java.net.http", false)
        }
        "newBuilder" if call.receiver() == Some("HttpRequest") => {
            found(body_verb(method), "java.net.http", false)
        }
        "url" if call.chain().any(|c| c.creates && c.name.ends_with("Builder")) => {
            found(body_verb(method), "OkHttp", false)
        }
        "openConnection" => None,
        "target" if is_jax_client(class, method, call) => found(None, "JAX-RS client", false),
        "get" | "post" | "put" | "delete" | "patch" if call.receiver() == Some("Unirest") => {
            found(Some(call.name.to_ascii_uppercase()), "Unirest", false)
        }
        "get" | "post" | "put" | "delete" | "patch" if is_ktor_client(class, method, call) => {
            found(Some(call.name.to_ascii_uppercase()), "Ktor client", false)
        }
        "connect" if call.receiver() == Some("Jsoup") => found(Some("GET".to_owned()), "Jsoup", false),
        _ => None,
    }
}

fn is_rest_template(class: &Class, method: &Method, call: &Call) -> bool {
    let by_name = |name: &str| {
        let lower = name.to_ascii_lowercase();
        lower.contains("resttemplate") || lower == "rest" || lower == "template" && !lower.contains("kafka")
    };
    match &call.on {
        Some(Expr::Name(name)) => match method.type_of(class, name) {
            Some(ty) => REST_TYPES.contains(&simple(ty)),
            None => by_name(name),
        },
        Some(Expr::Call(made)) => REST_TYPES.contains(&simple(&made.name)) || by_name(&made.name),
        _ => false,
    }
}

fn is_jax_client(class: &Class, method: &Method, call: &Call) -> bool {
    call.chain().any(|c| c.receiver() == Some("ClientBuilder"))
        || call.receiver().is_some_and(|r| is_type(method.type_of(class, r), &["Client"]))
}

fn is_ktor_client(class: &Class, method: &Method, call: &Call) -> bool {
    call.receiver().is_some_and(|r| {
        is_type(method.type_of(class, r), &["HttpClient"])
            || class
                .field(r)
                .and_then(|f| f.value.as_ref())
                .and_then(Expr::call)
                .is_some_and(|c| c.name == "HttpClient")
    }) && matches!(call.args.first(), Some(Expr::Text(_) | Expr::Concat(_) | Expr::Name(_)))
}

/// The method among the arguments: `HttpMethod.POST`.
fn named_verb(call: &Call) -> Option<String> {
    let names = call.args.iter().filter_map(Expr::name);
    let verb = names.filter_map(|n| n.strip_prefix("HttpMethod.").or(Some(n))).find(|n| VERBS.contains(n));
    verb.map(str::to_owned)
}

const VERBS: &[&str] = &["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

/// `client.post().uri(...)`, `client.method(HttpMethod.PUT).uri(...)`.
fn chain_verb(call: &Call) -> Option<String> {
    let before = call.before()?;
    match before.name.as_str() {
        "get" | "post" | "put" | "delete" | "patch" | "head" | "options" if before.args.is_empty() => {
            Some(before.name.to_ascii_uppercase())
        }
        "method" => named_verb(before),
        _ => None,
    }
}

/// Builders say the method after the address: the call of the same body that does.
fn body_verb(method: &Method) -> Option<String> {
    let verbs = method.calls.iter().filter(|c| c.before().is_some());
    let verb = verbs.map(|c| c.name.as_str()).find(|n| {
        matches!(*n, "POST" | "PUT" | "DELETE" | "GET" | "PATCH" | "post" | "put" | "delete" | "patch")
    });
    Some(verb.map_or_else(|| "GET".to_owned(), str::to_ascii_uppercase))
}

/// Calls that give a client the address its requests are relative to.
fn is_base(call: &Call) -> bool {
    match call.name.as_str() {
        "baseUrl" | "rootUri" | "baseURI" => true,
        "create" => matches!(call.receiver(), Some("WebClient" | "RestClient")) && !call.args.is_empty(),
        "DefaultUriBuilderFactory" | "RootUriTemplateHandler" => call.creates && !call.args.is_empty(),
        _ => false,
    }
}

/// The address the requests of a class are relative to, when exactly one is given.
fn base_url(code: &Code, class: &Class) -> Option<String> {
    let mut bases = Vec::new();
    for method in &class.methods {
        for call in method.calls.iter().filter(|c| is_base(c)) {
            let base = call.args.first().and_then(|a| Scope::inside(code, class, method).value(a));
            bases.extend(base.filter(|b| !bases.contains(b)));
        }
    }
    if bases.len() == 1 { bases.pop() } else { None }
}

/// Clients with a base address are reaches even when their requests stand in other files.
fn fields_with_base(code: &Code, class: &Class, out: &mut Sightings) {
    for method in &class.methods {
        for call in method.calls.iter().filter(|c| is_base(c)) {
            let scope = Scope::inside(code, class, method);
            let Some(base) = call.args.first().and_then(|a| scope.value(a)) else { continue };
            if base.starts_with('/') || !says_where(&base) {
                continue;
            }
            let (target, path) = split_url(&base);
            let reach = Reach { path, ..Reach::new(ReachKind::Call, target.clone(), "http") };
            out.add(call.line, Seen::Reach(Box::new(reach)));
            hardcoded(&target, call.line, out);
            out.span(method.line, method.last, timeout(method, "WebClient", &target));
        }
    }
}

/// Whether a value says whom it means: at least a host or a key of the settings.
fn says_where(url: &str) -> bool {
    let host = host(url);
    !host.is_empty()
        && (!host.starts_with('{') || host.starts_with("${"))
        && (url.contains("://") || url.starts_with("${"))
}

fn reach(scope: Scope<'_>, call: &Call, found: &Found<'_>, base: Option<&str>, out: &mut Sightings) {
    // `uri(b -> b.path("/x").build())` gives a path, `uri(b -> ...)` with a body nothing.
    let Some(mut url) = scope.value(found.url) else { return };
    let method = scope.method;
    if let Some(method) = method
        && starts_with_input(&url, method)
    {
        let subject = format!("{} {}", found.client, method.name);
        let detail = "the address begins with what the caller sent";
        out.add(call.line, practice(Aspect::UserControlledDestination, State::Present, &subject, detail));
        return;
    }
    if !says_where(&url) {
        match base.filter(|_| found.relative && (url.starts_with('/') || !url.contains("://"))) {
            Some(base) => url = format!("{}/{}", base.trim_end_matches('/'), url.trim_start_matches('/')),
            None => return,
        }
    }
    let (target, path) = split_url(&url);
    let reach =
        Reach { method: found.method.clone(), path, ..Reach::new(ReachKind::Call, target.clone(), "http") };
    out.add(call.line, Seen::Reach(Box::new(reach)));
    hardcoded(&target, call.line, out);
    if call.looped {
        out.add(
            call.line,
            practice(Aspect::CallInLoop, State::Present, &target, "a request for each element"),
        );
    }
    if let Some(method) = method
        && decides_timeout(scope.class, method, found.client)
    {
        out.add(call.line, timeout_of(scope.class, method, found.client, &target));
    }
}

/// Whether a URL begins with a parameter that comes from a request.
fn starts_with_input(url: &str, method: &Method) -> bool {
    let Some(name) = url.strip_prefix('{').and_then(|u| u.split('}').next()) else { return false };
    let from_request = ["RequestParam", "PathVariable", "RequestBody", "RequestHeader", "QueryParam"];
    let root = name.split('.').next().unwrap_or(name);
    method.params.iter().any(|p| p.name == root && has_any(&p.annotations, &from_request))
}

/// A literal address: a host with a dot, a port or of this machine. A name alone is looked up by discovery.
fn hardcoded(target: &str, line: usize, out: &mut Sightings) {
    let host = host(target);
    if target.contains("${") || host.contains('{') || !target.contains("://") {
        return;
    }
    if host.contains(':') || host.contains('.') || host == "localhost" {
        out.add(
            line,
            practice(Aspect::HardcodedAddress, State::Present, target, "the address stands in the code"),
        );
    }
}

/// A client that is made once, for all the calls of its unit.
fn beans(class: &Class, out: &mut Sightings) {
    for method in class.methods.iter().filter(|m| has_any(&m.annotations, &["Bean", "Produces"])) {
        if !matches!(simple(&method.returns), "RestTemplate" | "RestOperations") {
            continue;
        }
        // A request factory, a customizer or a client that is passed in decides elsewhere.
        let configured = limits(method)
            || method.calls.iter().any(|c| {
                matches!(c.name.as_str(), "setRequestFactory" | "requestFactory" | "detectRequestFactory")
                    || c.creates && REST_TYPES.contains(&simple(&c.name)) && !c.args.is_empty()
                    || c.name == "configure"
            });
        if configured {
            continue;
        }
        out.span(
            method.line,
            method.last,
            practice(Aspect::Timeout, State::Absent, "RestTemplate", default_of("RestTemplate")),
        );
    }
}

/// Calls that set a time limit.
const LIMITS: &[&str] = &[
    "setConnectTimeout",
    "setReadTimeout",
    "connectTimeout",
    "readTimeout",
    "responseTimeout",
    "callTimeout",
    "timeout",
    "setConnectionRequestTimeout",
    "setSocketTimeout",
    "setResponseTimeout",
    "requestTimeout",
    "block",
    "orTimeout",
    "withReadTimeout",
    "setConnectionTimeout",
    "writeTimeout",
];

fn limits(method: &Method) -> bool {
    method.calls.iter().any(|c| LIMITS.contains(&c.name.as_str()) && !c.args.is_empty())
}

/// Whether this file shows how the client of a call is made: only then the absence of a limit says anything.
fn decides_timeout(class: &Class, method: &Method, client: &str) -> bool {
    match client {
        "RestTemplate" => {
            class.methods.iter().chain([method]).any(|m| m.calls.iter().any(makes_template))
                || class
                    .fields
                    .iter()
                    .any(|f| f.value.as_ref().and_then(Expr::call).is_some_and(makes_template))
        }
        _ => true,
    }
}

fn makes_template(call: &Call) -> bool {
    call.creates && REST_TYPES.contains(&simple(&call.name))
        || call.name == "build"
            && call
                .on
                .as_ref()
                .and_then(Expr::root)
                .is_some_and(|r| r.to_ascii_lowercase().contains("resttemplate"))
}

fn timeout(method: &Method, client: &str, target: &str) -> Seen {
    if limits(method) {
        practice(Aspect::Timeout, State::Present, target, &format!("{client} with a time limit"))
    } else {
        practice(Aspect::Timeout, State::Absent, target, default_of(client))
    }
}

fn timeout_of(class: &Class, method: &Method, client: &str, target: &str) -> Seen {
    if limits(method) || class.methods.iter().any(limits) {
        return practice(Aspect::Timeout, State::Present, target, &format!("{client} with a time limit"));
    }
    match client {
        "OkHttp" => practice(Aspect::Timeout, State::Present, target, "OkHttp waits 10 s by default"),
        "Jsoup" => practice(Aspect::Timeout, State::Present, target, "Jsoup waits 30 s by default"),
        "Ktor client" | "Unirest" => {
            practice(Aspect::Timeout, State::Weak, target, "the client's default limit")
        }
        _ => practice(Aspect::Timeout, State::Absent, target, default_of(client)),
    }
}

/// What a client does that was told no limit.
fn default_of(client: &str) -> &'static str {
    match client {
        "RestTemplate" => "RestTemplate waits for ever by default",
        "WebClient" => "WebClient waits for an answer for ever by default",
        "Apache HttpClient" => "the client waits for an answer for minutes or for ever by default",
        "java.net.http" => "java.net.http waits for ever by default",
        _ => "no time limit is set",
    }
}

/// Calls that ask discovery for an instance by its name.
const DISCOVERY: &[&str] = &["choose", "getInstances", "getNextServerFromEureka", "getApplication"];

fn discovery(scope: Scope<'_>, call: &Call, out: &mut Sightings) {
    if !DISCOVERY.contains(&call.name.as_str()) {
        return;
    }
    let asked = call.on.as_ref().and_then(Expr::root).unwrap_or("").to_ascii_lowercase();
    if !["discovery", "balancer", "eureka", "registry"].iter().any(|w| asked.contains(w)) {
        return;
    }
    let Some(name) = call.args.first().and_then(|a| scope.value(a)).filter(|n| !n.starts_with('{')) else {
        return;
    };
    let reach = Reach::new(ReachKind::Call, format!("http://{name}"), "http");
    out.add(call.line, Seen::Reach(Box::new(reach)));
}

fn grpc(scope: Scope<'_>, call: &Call, out: &mut Sightings) {
    let builder = matches!(call.receiver(), Some("ManagedChannelBuilder" | "NettyChannelBuilder" | "Grpc"));
    if !builder || !matches!(call.name.as_str(), "forAddress" | "forTarget" | "newChannelBuilder") {
        return;
    }
    let value = |i: usize| call.args.get(i).and_then(|a| scope.value(a));
    let Some(mut target) = value(0) else { return };
    if call.name == "forAddress"
        && let Some(port) = value(1)
    {
        target = format!("{target}:{port}");
    }
    let reach =
        Reach { technology: Some("grpc".to_owned()), ..Reach::new(ReachKind::Call, target.clone(), "grpc") };
    out.add(call.line, Seen::Reach(Box::new(reach)));
    hardcoded(&format!("grpc://{target}"), call.line, out);
    let deadline = scope.class.methods.iter().flat_map(|m| &m.calls).any(|c| c.name == "withDeadlineAfter");
    if !deadline {
        out.add(
            call.line,
            practice(Aspect::Timeout, State::Absent, &target, "gRPC waits for ever without a deadline"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, reaches, see};

    #[test]
    fn addresses_come_from_fields_constants_and_methods() {
        let text = r#"class A {
            private static final String HOST = "http://stock:8080";
            @Value("${pay.url:http://pay}") private String pay;
            private final RestTemplate rest = new RestTemplate();
            String url() { String u; if (x) { u = String.format("http://%s:%s/a/", inst.getHost(), inst.getPort()); } else { u = String.format("http://%s/a/", name); } return u; }
            A(@Value("${name:cat}") String name) { this.name = name; }
            private String name;
            void go(long id) {
                rest.getForObject(HOST + "/items/" + id, Item.class);
                rest.exchange(pay + "/charge", HttpMethod.POST, null, X.class);
                rest.put(UriComponentsBuilder.fromHttpUrl("http://ship").path("/s").toUriString(), x);
                rest.delete(url() + id);
                map.put("a", "b");
            }
        }"#;
        let seen = see("A.java", text);
        let found = reaches(&seen);
        assert_eq!(
            found,
            [
                "Call http://stock:8080",
                "Call ${pay.url:http://pay}",
                "Call http://ship",
                "Call http://${name:cat}"
            ]
        );
        assert!(practices(&seen).contains(&"Timeout Absent http://stock:8080".to_owned()));
        assert!(practices(&seen).contains(&"HardcodedAddress Present http://stock:8080".to_owned()));
    }

    #[test]
    fn web_clients_grpc_and_discovery() {
        let text = r#"class B {
            void go(WebClient.Builder b, List<Long> ids) {
                b.build().get().uri("http://owners/o/{id}", id).retrieve();
                for (Long id : ids) { new OkHttpClient().newCall(new Request.Builder().url("https://api.example.com/r").build()); }
                ManagedChannelBuilder.forAddress("pets", 9090);
                loadBalancer.choose("VISITS");
            }
            @GetMapping("/proxy") String proxy(@RequestParam String url) { return new RestTemplate().getForObject(url, String.class); }
        }"#;
        let seen = see("B.java", text);
        assert_eq!(
            reaches(&seen),
            ["Call http://owners", "Call https://api.example.com", "Call pets:9090", "Call http://VISITS"]
        );
        let practices = practices(&seen);
        assert!(
            practices.contains(&"CallInLoop Present https://api.example.com".to_owned()),
            "{practices:?}"
        );
        assert!(practices.iter().any(|p| p.starts_with("UserControlledDestination Present")));
    }

    #[test]
    fn a_client_made_for_all_calls_needs_a_limit() {
        let text = r#"@Configuration class C {
            @Bean RestTemplate plain(RestTemplateBuilder builder) { return builder.build(); }
        }"#;
        assert_eq!(practices(&see("C.java", text)), ["Timeout Absent RestTemplate"]);
        let limited =
            text.replace("builder.build()", "builder.setReadTimeout(Duration.ofSeconds(1)).build()");
        assert!(practices(&see("C.java", &limited)).is_empty());
    }

    #[test]
    fn kotlin_calls() {
        let text = "class C(@Value(\"\\${inv.url:http://inv}\") private val inv: String, val rest: RestTemplate) {\n fun go(id: Long) = rest.getForObject(\"$inv/items/$id\", Item::class.java)\n}";
        assert_eq!(reaches(&see("C.kt", text)), ["Call ${inv.url:http://inv}"]);
    }
}
