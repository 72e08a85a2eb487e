//! Writes that can be lost, doubled or overtaken: two stores in one method, changes without a guard, state in the
//! process, tasks without order.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::java::code::{self, Call, Class, Code, Expr, Kind, Method, annotated, has_any, simple};
use crate::extract::java::handler::practice;
use crate::extract::java::values::{Scope, host};
use crate::source::{Sightings, Source};

/// Writes and state.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "java-writes",
    reads: code::reads,
    sees: &[
        Aspect::DualWrite,
        Aspect::DistributedWrite,
        Aspect::ConcurrencyGuard,
        Aspect::BalanceInPlace,
        Aspect::StateInProcess,
        Aspect::UnorderedTasks,
        Aspect::Outbox,
    ],
    extract,
};

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if code::is_test(source) {
        return;
    }
    let Some(code) = code::read(source) else { return };
    for class in &code.classes {
        outbox(class, out);
        state(class, out);
        for method in class.methods.iter().filter(|m| m.has_body) {
            dual(class, method, out);
            distributed(&code, class, method, out);
            changes(class, method, out);
            tasks(method, out);
            started(method, out);
            task(class, method, out);
        }
    }
}

/// Methods that write a store.
const STORE: &[&str] =
    &["save", "saveAll", "saveAndFlush", "insert", "persist", "merge", "update", "delete", "deleteById"];

/// What a call is made on: the type of the name, else the name.
fn target<'a>(class: &'a Class, method: &'a Method, call: &'a Call) -> &'a str {
    let name = call.receiver().unwrap_or("");
    method.type_of(class, name).map_or(name, simple)
}

fn writes_store(class: &Class, method: &Method, call: &Call) -> bool {
    let on = target(class, method, call).to_ascii_lowercase();
    STORE.contains(&call.name.as_str())
        && [
            "repository",
            "repo",
            "dao",
            "mapper",
            "entitymanager",
            "jdbctemplate",
            "mongotemplate",
            "session",
        ]
        .iter()
        .any(|w| on.ends_with(w))
}

fn publishes(class: &Class, method: &Method, call: &Call) -> bool {
    let on = target(class, method, call).to_ascii_lowercase();
    let sends = matches!(
        call.name.as_str(),
        "send" | "convertAndSend" | "publish" | "emit" | "sendMessage" | "basicPublish"
    );
    sends
        && [
            "kafkatemplate",
            "rabbittemplate",
            "amqptemplate",
            "jmstemplate",
            "streambridge",
            "producer",
            "messagechannel",
            "sqstemplate",
            "snstemplate",
            "eventpublisher",
            "emitter",
        ]
        .iter()
        .any(|w| on.ends_with(w))
        && on != "applicationeventpublisher"
}

/// A store is written and a message goes out in the same method.
fn dual(class: &Class, method: &Method, out: &mut Sightings) {
    let Some(written) = method.calls.iter().position(|c| writes_store(class, method, c)) else { return };
    let sent = method.calls.iter().skip(written).find(|c| publishes(class, method, c));
    if let Some(sent) = sent
        && !method.body.to_ascii_lowercase().contains("outbox")
    {
        let detail = "a store is written and then a message sent; a crash between loses the message";
        out.span(sent.line, sent.line, practice(Aspect::DualWrite, State::Present, &method.name, detail));
    }
}

/// Words of paths and methods that only ask, whatever the HTTP method: many pass their question in a body.
const ASKS: &[&str] = &[
    "get",
    "query",
    "find",
    "search",
    "list",
    "check",
    "calculate",
    "fetch",
    "count",
    "is",
    "has",
    "read",
    "load",
    "lookup",
    "validate",
    "verify",
    "compute",
    "estimate",
    "preview",
    "login",
    "left",
    "select",
    "by",
    "cheapest",
    "quickest",
    "info",
    "information",
    "travel",
    "available",
    "token",
];

/// Words of paths that change something even when they are asked for with GET.
const CHANGES: &[&str] = &[
    "refund", "drawback", "withdraw", "pay", "charge", "transfer", "cancel", "create", "update", "delete",
    "remove", "add", "modify", "confirm", "book", "approve", "deduct", "reserve", "release",
];

/// The words of a name or path: `getById/all-items` has five.
fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if (!c.is_alphanumeric() || c.is_uppercase()) && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    out.extend(Some(word).filter(|w| !w.is_empty()));
    out
}

/// The last two parts of a path that are written out, without version and name of the service.
fn tail(url: &str) -> Vec<String> {
    let path =
        url.split_once("://").map_or(url, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let parts = path.split('/').filter(|p| {
        !p.is_empty() && !p.contains('{') && !p.to_ascii_lowercase().ends_with("service") && *p != "api"
    });
    let parts: Vec<&str> = parts.collect();
    parts.iter().rev().take(2).flat_map(|p| words(p)).collect()
}

/// Whom a call changes: the host of another service, empty when it is not known.
fn changed(scope: Scope<'_>, call: &Call) -> Option<String> {
    let verb = match call.name.as_str() {
        "postForObject" | "postForEntity" | "postForLocation" => "POST",
        "patchForObject" => "PATCH",
        "getForObject" | "getForEntity" => "GET",
        "exchange" => call.args.iter().filter_map(Expr::name).find_map(|n| n.strip_prefix("HttpMethod."))?,
        _ => return None,
    };
    let url = call.args.first().and_then(|a| scope.value(a)).unwrap_or_default();
    let tail = tail(&url);
    let any = |list: &[&str]| tail.iter().any(|w| list.contains(&w.as_str()));
    let changes = match verb {
        "PUT" | "PATCH" | "DELETE" => true,
        "POST" => !any(ASKS) || any(CHANGES) && !tail.iter().any(|w| w == "get" || w == "query" || w == "by"),
        _ => any(CHANGES) && !any(ASKS),
    };
    changes.then(|| host(&url).to_owned())
}

/// The services that a method changes, itself or through methods of its class.
fn changes_of(code: &Code, class: &Class, method: &Method, depth: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for call in &method.calls {
        out.extend(changes_through(code, class, method, call, depth));
    }
    out.sort();
    out.dedup();
    out
}

/// The services that one call of a method changes.
fn changes_through(code: &Code, class: &Class, method: &Method, call: &Call, depth: usize) -> Vec<String> {
    if let Some(host) = changed(Scope::inside(code, class, method), call) {
        return vec![host];
    }
    let own = call.on.is_none() || call.receiver() == Some("this");
    if call.creates || !own || depth == 0 || call.name == method.name {
        return Vec::new();
    }
    let called = class.methods.iter().find(|m| m.name == call.name && m.params.len() == call.args.len());
    called.map(|m| changes_of(code, class, m, depth - 1)).unwrap_or_default()
}

/// How deep methods of the same class are followed.
const FOLLOWED: usize = 2;

/// Changes to two other services in one method, itself or through methods of its class.
fn distributed(code: &Code, class: &Class, method: &Method, out: &mut Sightings) {
    if words(&method.name).first().is_some_and(|w| ASKS.contains(&w.as_str()) && w != "login") {
        return;
    }
    let writes: Vec<(&Call, Vec<String>)> = method
        .calls
        .iter()
        .map(|c| (c, changes_through(code, class, method, c, FOLLOWED)))
        .filter(|(_, hosts)| !hosts.is_empty())
        .collect();
    let others = |a: &[String], b: &[String]| a.iter().any(|x| b.iter().any(|y| x != y || x.is_empty()));
    let pair = writes.iter().enumerate().find_map(|(i, (first, a))| {
        let second = writes.iter().skip(i + 1).find(|(c, b)| others(a, b) && !first.excludes(c))?;
        Some((*first, second.0))
    });
    let Some((first, second)) = pair else { return };
    let undone = has_any(&method.annotations, &["GlobalTransactional", "Compensable"])
        || method.body.to_ascii_lowercase().contains("compensat");
    let mut hosts: Vec<&str> = writes.iter().flat_map(|(_, h)| h).map(String::as_str).collect();
    hosts.retain(|h| !h.is_empty());
    hosts.sort_unstable();
    hosts.dedup();
    if hosts.len() < 2 {
        hosts.push("another service");
    }
    let detail = format!("changes {} one after the other", hosts.join(", "));
    let line = first.line.min(second.line);
    out.span(line, method.last, practice(Aspect::DistributedWrite, State::Present, &method.name, &detail));
    if undone {
        out.add(
            line,
            practice(Aspect::Compensation, State::Present, &method.name, "steps are undone on failure"),
        );
    }
}

/// Types of results that come later.
const LATER: &[&str] = &["Future", "CompletableFuture", "ListenableFuture", "CompletionStage"];

/// Methods of another object that are started side by side: their results come later, and none is waited for before
/// the next begins.
fn started(method: &Method, out: &mut Sightings) {
    let mut tasks: Vec<(&str, &str, usize)> = Vec::new();
    for local in method.locals.iter().filter(|l| LATER.contains(&simple(&l.ty))) {
        let Some(call) = local.value.as_ref().and_then(Expr::call) else { continue };
        if call.on.is_some()
            && !LATER.contains(&call.receiver().unwrap_or(""))
            && !call.name.ends_with("Async")
        {
            tasks.push((&local.name, &call.name, local.line));
        }
    }
    let waited = |name: &str, before: usize| {
        method.calls.iter().any(|c| {
            matches!(c.name.as_str(), "get" | "join" | "toCompletableFuture" | "thenCompose")
                && c.receiver() == Some(name)
                && c.line < before
        })
    };
    let Some((_, _, last)) = tasks.last().copied() else { return };
    tasks.retain(|(name, _, line)| *line == last || !waited(name, last));
    if let [(_, first, line), _, ..] = tasks.as_slice() {
        let mut names: Vec<&str> = tasks.iter().map(|(_, name, _)| *name).collect();
        names.dedup();
        let detail = format!("started with {first}, none waited for before the next");
        out.span(
            *line,
            method.last,
            practice(Aspect::UnorderedTasks, State::Weak, &names.join(", "), &detail),
        );
    }
}

/// A method that runs as a task of its own and changes something.
fn task(class: &Class, method: &Method, out: &mut Sightings) {
    if !has_any(&method.annotations, &["Async", "Asynchronous"]) {
        return;
    }
    let remote = |c: &Call| {
        matches!(c.name.as_str(), "postForObject" | "postForEntity" | "put" | "patchForObject" | "delete")
            || c.name == "exchange" && !c.args.iter().filter_map(Expr::name).any(|n| n == "HttpMethod.GET")
    };
    let written = method.calls.iter().find(|c| {
        writes_store(class, method, c)
            || remote(c) && target(class, method, c).to_ascii_lowercase().contains("rest")
    });
    if let Some(call) = written {
        let detail = "a task of its own changes something here";
        out.add(call.line, practice(Aspect::UnorderedTasks, State::Weak, &method.name, detail));
    }
}

/// Properties that two requests must not change at once.
const GUARDED: &[&str] = &[
    "balance",
    "stock",
    "quantity",
    "inventory",
    "amount",
    "credit",
    "points",
    "available",
    "seats",
    "money",
    "count",
];

/// `x.setStock(x.getStock() - n)`: read, changed and written.
fn changes(class: &Class, method: &Method, out: &mut Sightings) {
    for call in &method.calls {
        let Some(property) = call.name.strip_prefix("set") else { continue };
        let lower = property.to_ascii_lowercase();
        if !GUARDED.iter().any(|g| lower.ends_with(g)) || call.args.len() != 1 {
            continue;
        }
        let getter = format!("get{property}");
        let reads = method.calls.iter().any(|c| {
            c.name == getter
                && c.on.as_ref().and_then(Expr::root) == call.on.as_ref().and_then(Expr::root)
                && c.line <= call.line
                && call.line - c.line < 12
        });
        let stores = method.calls.iter().any(|c| writes_store(class, method, c))
            || annotated(&method.annotations, "Transactional").is_some();
        if !reads || !stores {
            continue;
        }
        let locked = ["PESSIMISTIC", "ForUpdate", "forUpdate", "tryLock", "redisson"]
            .iter()
            .any(|w| method.body.contains(w));
        let (state, detail) = if locked {
            (State::Present, "the row is locked")
        } else if method.body.contains("synchronized") {
            (State::Weak, "guarded within one process only")
        } else {
            (State::Absent, "read, changed and written without lock, version or condition in sight")
        };
        out.add(call.line, practice(Aspect::ConcurrencyGuard, state, property, detail));
        if lower.ends_with("balance") || lower.ends_with("money") {
            out.add(
                call.line,
                practice(Aspect::BalanceInPlace, State::Present, property, "the balance is overwritten"),
            );
        }
        return;
    }
}

/// Annotations of classes that live as long as the process.
const SINGLETONS: &[&str] = &[
    "Service",
    "Component",
    "RestController",
    "Controller",
    "Repository",
    "ApplicationScoped",
    "Singleton",
    "Path",
];

/// Types that hold many values or a number that changes.
const HOLDERS: &[&str] = &[
    "Map",
    "HashMap",
    "ConcurrentHashMap",
    "ConcurrentMap",
    "List",
    "ArrayList",
    "Set",
    "HashSet",
    "AtomicInteger",
    "AtomicLong",
    "MutableMap",
    "MutableList",
];

/// Methods that change them.
const CHANGE: &[&str] = &[
    "put",
    "add",
    "remove",
    "clear",
    "incrementAndGet",
    "getAndIncrement",
    "computeIfAbsent",
    "putIfAbsent",
    "set",
    "merge",
];

fn state(class: &Class, out: &mut Sightings) {
    if has_any(&class.annotations, SINGLETONS) {
        for field in class.fields.iter().filter(|f| HOLDERS.contains(&simple(&f.ty)) && f.value.is_some()) {
            let changed = class
                .methods
                .iter()
                .filter(|m| m.name != class.name && !has_any(&m.annotations, &["PostConstruct"]))
                .flat_map(|m| &m.calls)
                .any(|c| CHANGE.contains(&c.name.as_str()) && c.receiver() == Some(field.name.as_str()));
            if changed {
                let subject = format!("{}.{}", class.name, field.name);
                out.add(
                    field.line,
                    practice(
                        Aspect::StateInProcess,
                        State::Present,
                        &subject,
                        "kept in the memory of one process",
                    ),
                );
            }
        }
    }
    for method in &class.methods {
        if let Some(scheduled) = annotated(&method.annotations, "Scheduled") {
            let locked = has_any(&method.annotations, &["SchedulerLock"]);
            let (state, detail) = if locked {
                (State::Absent, "the schedule is locked across copies")
            } else {
                (State::Present, "every copy runs the schedule")
            };
            out.span(
                scheduled.line,
                method.last,
                practice(Aspect::StateInProcess, state, &method.name, detail),
            );
        }
        if method.params.iter().any(|p| simple(&p.ty) == "HttpSession") {
            out.add(
                method.line,
                practice(Aspect::StateInProcess, State::Present, &method.name, "HTTP session"),
            );
        }
    }
}

/// Tasks that run side by side in one method.
fn tasks(method: &Method, out: &mut Sightings) {
    let starts = |c: &&Call| {
        matches!(c.name.as_str(), "runAsync" | "supplyAsync") && c.receiver() == Some("CompletableFuture")
            || matches!(c.name.as_str(), "submit" | "execute")
                && c.receiver().is_some_and(|r| {
                    r.to_ascii_lowercase().contains("executor") || r.to_ascii_lowercase().contains("pool")
                })
    };
    let started: Vec<&Call> = method.calls.iter().filter(starts).collect();
    let ordered = ["thenCompose", "thenApply", "thenRun"].iter().any(|w| method.body.contains(w));
    if let Some(first) = started.first().filter(|_| started.len() > 1 && !ordered) {
        let detail = format!("{} tasks are started side by side", started.len());
        out.span(
            first.line,
            method.last,
            practice(Aspect::UnorderedTasks, State::Present, &method.name, &detail),
        );
    }
}

fn outbox(class: &Class, out: &mut Sightings) {
    let named = class.name.to_ascii_lowercase().contains("outbox");
    let stored = has_any(&class.annotations, &["Entity", "Document", "Table"]);
    if named && stored && class.kind == Kind::Class {
        out.span(class.line, class.last, practice(Aspect::Outbox, State::Present, &class.name, "rows"));
    }
    let relay = class.methods.iter().find(|m| {
        has_any(&m.annotations, &["Scheduled"]) && (named || m.body.to_ascii_lowercase().contains("outbox"))
    });
    if let Some(relay) = relay {
        out.span(relay.line, relay.last, practice(Aspect::Outbox, State::Present, &class.name, "relay"));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, see};

    #[test]
    fn writes_without_guard_are_seen() {
        let text = r#"@Service class W {
            private final Map<String, Cart> carts = new ConcurrentHashMap<>();
            OrderRepository orderRepository; KafkaTemplate<String, Order> kafka;
            void place(Order o) { carts.put(o.id, o.cart); orderRepository.save(o); kafka.send("orders", o); }
            void take(Item i, int n) { i.setStock(i.getStock() - n); orderRepository.save(i); }
            void both() { rest.postForObject("http://a/x", 1, X.class); rest.exchange("http://b/y", HttpMethod.PUT, e, X.class); }
            void steps(Order o) { if (o.open()) { close(o); if (back(o)) { log(); } } }
            private void close(Order o) { rest.exchange("http://a/orders", HttpMethod.PUT, o, X.class); }
            boolean back(Order o) { return rest.exchange("http://p/refund/" + o.id, HttpMethod.GET, null, X.class).ok(); }
            void either(Order o) { if (o.fast()) { rest.put("http://a/x", o); rest.postForObject("http://a/x", o, X.class); } else { rest.postForObject("http://b/x", o, X.class); } }
            void leaves(Order o) { if (o.fast()) { rest.postForObject("http://a/x", o, X.class); return; } rest.postForObject("http://b/x", o, X.class); }
            void asks() { rest.postForObject("http://a/orders/getById", 1, X.class); rest.postForObject("http://b/routes/search", 1, X.class); }
            @Async Future<X> cancel(Order o) { return restTemplate.postForObject("http://a/x", o, X.class); }
            void start(Order o) { Future<X> a = task.refund(o); Future<X> b = task.cancel(o); while (!a.isDone()) {} }
            void waits(Order o) { Future<X> a = task.first(o);
                a.get();
                Future<X> b = task.second(o); }
            void async() { CompletableFuture.runAsync(() -> a()); CompletableFuture.runAsync(() -> b()); }
        }"#;
        let found = practices(&see("W.java", text));
        for wanted in [
            "StateInProcess Present W.carts",
            "DualWrite Present place",
            "ConcurrencyGuard Absent Stock",
            "DistributedWrite Present both",
            "UnorderedTasks Present async",
            "DistributedWrite Present steps",
            "UnorderedTasks Weak cancel",
            "UnorderedTasks Weak refund, cancel",
        ] {
            assert!(found.iter().any(|f| f == wanted), "{wanted}: {found:?}");
        }
        for unwanted in [
            "DistributedWrite Present either",
            "DistributedWrite Present leaves",
            "DistributedWrite Present asks",
            "UnorderedTasks Weak first, second",
        ] {
            assert!(!found.iter().any(|f| f == unwanted), "{unwanted}: {found:?}");
        }
    }
}
