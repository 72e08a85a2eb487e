//! Writes that can be lost, doubled or overtaken: two stores in one method, changes without a guard, state in the
//! process, tasks without order.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::java::code::{self, Call, Class, Expr, Kind, Method, annotated, has_any, simple};
use crate::extract::java::handler::practice;
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
            distributed(method, out);
            changes(class, method, out);
            tasks(method, out);
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

/// Two writes to other services in one method.
fn distributed(method: &Method, out: &mut Sightings) {
    let writes = |c: &&Call| {
        matches!(c.name.as_str(), "postForObject" | "postForEntity" | "postForLocation" | "patchForObject")
            || matches!(c.name.as_str(), "exchange")
                && c.args.iter().filter_map(Expr::name).any(|n| {
                    matches!(
                        n,
                        "HttpMethod.POST" | "HttpMethod.PUT" | "HttpMethod.DELETE" | "HttpMethod.PATCH"
                    )
                })
    };
    let lines: Vec<usize> = method.calls.iter().filter(writes).map(|c| c.line).collect();
    if lines.len() < 2 {
        return;
    }
    let undone = has_any(&method.annotations, &["GlobalTransactional", "Compensable"])
        || method.body.to_ascii_lowercase().contains("compensat");
    out.span(
        lines[0],
        method.last,
        practice(
            Aspect::DistributedWrite,
            State::Present,
            &method.name,
            &format!("{} writes to other services", lines.len()),
        ),
    );
    if undone {
        out.add(
            lines[0],
            practice(Aspect::Compensation, State::Present, &method.name, "steps are undone on failure"),
        );
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
            void async() { CompletableFuture.runAsync(() -> a()); CompletableFuture.runAsync(() -> b()); }
        }"#;
        let found = practices(&see("W.java", text));
        for wanted in [
            "StateInProcess Present W.carts",
            "DualWrite Present place",
            "ConcurrencyGuard Absent Stock",
            "DistributedWrite Present both",
            "UnorderedTasks Present async",
        ] {
            assert!(found.iter().any(|f| f == wanted), "{wanted}: {found:?}");
        }
    }
}
