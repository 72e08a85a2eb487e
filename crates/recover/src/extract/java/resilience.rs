//! Resilience and bookkeeping in code: retries, breakers, limits, logs, metrics, traces.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::java::code::{self, Annotation, Call, Code, Expr, Method};
use crate::extract::java::handler::practice;
use crate::source::{Sightings, Source};

/// Resilience and bookkeeping.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "java-resilience",
    reads: code::reads,
    sees: &[Aspect::Retry, Aspect::CircuitBreaker, Aspect::RateLimit, Aspect::SensitiveLog, Aspect::Logging],
    extract,
};

/// Annotations that show a practice of what they stand on.
const ANNOTATIONS: &[(&str, Aspect, &str)] = &[
    ("HystrixCommand", Aspect::CircuitBreaker, "Hystrix"),
    ("CircuitBreaker", Aspect::CircuitBreaker, "a breaker by annotation"),
    ("Bulkhead", Aspect::CircuitBreaker, "a bulkhead by annotation"),
    ("SentinelResource", Aspect::CircuitBreaker, "Sentinel"),
    ("TimeLimiter", Aspect::Timeout, "a time limit by annotation"),
    ("Timeout", Aspect::Timeout, "a time limit by annotation"),
    ("RateLimiter", Aspect::RateLimit, "a rate limit by annotation"),
    ("Timed", Aspect::Metrics, "Micrometer"),
    ("Counted", Aspect::Metrics, "Micrometer"),
    ("NewSpan", Aspect::Tracing, "spans by annotation"),
    ("WithSpan", Aspect::Tracing, "spans by annotation"),
    ("Observed", Aspect::Tracing, "spans by annotation"),
    ("Audited", Aspect::Audit, "revisions of entities"),
    ("GlobalTransactional", Aspect::Compensation, "a distributed transaction"),
    ("Compensable", Aspect::Compensation, "a compensation by annotation"),
    ("Saga", Aspect::Compensation, "a saga"),
    ("SagaEventHandler", Aspect::Compensation, "a saga"),
    ("ControllerAdvice", Aspect::ErrorFormat, "one handler of errors"),
    ("RestControllerAdvice", Aspect::ErrorFormat, "one handler of errors"),
];

/// Annotations of Lombok that bring a logger.
const LOGGERS: &[&str] = &["Slf4j", "Log4j2", "Log4j", "Log", "CommonsLog", "XSlf4j", "Flogger", "JBossLog"];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if code::is_test(source) {
        return;
    }
    let Some(code) = code::read(source) else { return };
    logging(&code, out);
    for class in &code.classes {
        for annotation in &class.annotations {
            annotated_span(annotation, class.line, class.last, &class.name, out);
        }
        for method in &class.methods {
            for annotation in &method.annotations {
                annotated_span(annotation, method.line, method.last, &method.name, out);
                retryable(annotation, method.line, method.last, &method.name, out);
            }
            again(method, out);
            for call in &method.calls {
                called(call, out);
                sensitive(call, out);
            }
        }
    }
}

fn annotated_span(annotation: &Annotation, line: usize, last: usize, subject: &str, out: &mut Sightings) {
    if let Some((_, aspect, detail)) = ANNOTATIONS.iter().find(|(n, ..)| *n == annotation.name) {
        out.span(line, last, practice(*aspect, State::Present, subject, detail));
    }
}

fn retryable(annotation: &Annotation, line: usize, last: usize, subject: &str, out: &mut Sightings) {
    let (state, detail) = match annotation.name.as_str() {
        "Retryable" if annotation.arg(&["backoff"]).is_some() => {
            (State::Present, "Spring Retry with backoff")
        }
        "Retryable" => (State::Weak, "Spring Retry: three tries, a second apart, no jitter"),
        "Retry" => (State::Present, "by annotation; its settings say how"),
        _ => return,
    };
    out.span(line, last, practice(Aspect::Retry, state, subject, detail));
}

/// Words of names that tell a repetition from a schedule.
const REPEATS: &[&str] = &["retry", "retries", "attempt", "tries", "maxtry"];

/// A request that is tried again in a loop after a pause that is always the same.
fn again(method: &Method, out: &mut Sightings) {
    let lower = method.body.to_ascii_lowercase();
    let pause = method.calls.iter().find(|c| {
        c.looped
            && c.name == "sleep"
            && matches!(c.receiver(), Some("Thread" | "TimeUnit.SECONDS" | "TimeUnit.MILLISECONDS"))
    });
    let Some(pause) = pause.filter(|_| REPEATS.iter().any(|w| lower.contains(w))) else { return };
    // The pause grows when it is computed from something that changes in the loop.
    let fixed = match pause.args.first() {
        Some(Expr::Literal(_)) => true,
        Some(Expr::Name(name)) => method.locals.iter().filter(|l| l.name == *name).count() <= 1,
        _ => false,
    };
    let asks = |c: &&Call| {
        c.looped
            && (matches!(
                c.name.as_str(),
                "getForObject"
                    | "getForEntity"
                    | "postForObject"
                    | "postForEntity"
                    | "exchange"
                    | "call"
                    | "execute"
            ) || matches!(c.name.as_str(), "send" | "retrieve" | "newCall"))
    };
    if let Some(call) = method.calls.iter().find(asks) {
        let (state, detail) = if fixed {
            (State::Weak, "tried again after a pause that is always the same")
        } else {
            (State::Present, "tried again after a growing pause")
        };
        out.span(call.line.min(pause.line), pause.line, practice(Aspect::Retry, state, &method.name, detail));
    }
}

fn called(call: &Call, out: &mut Sightings) {
    let root = call.on.as_ref().and_then(Expr::root).unwrap_or("");
    let lower = root.to_ascii_lowercase();
    let seen = match call.name.as_str() {
        "RetryTemplate" if call.creates => Some((Aspect::Retry, State::Present, "RetryTemplate")),
        "retry" if call.on.is_some() && call.args.is_empty() && call.before().is_some() => {
            Some((Aspect::Retry, State::Weak, "endless, without a pause"))
        }
        "retry" if call.before().is_some() && matches!(call.args.first(), Some(Expr::Literal(_))) => {
            Some((Aspect::Retry, State::Weak, "at once, without a pause"))
        }
        "retryWhen" => Some((Aspect::Retry, State::Present, "retryWhen")),
        "create" | "decorateSupplier" | "decorateCallable" if lower.contains("circuitbreaker") => {
            Some((Aspect::CircuitBreaker, State::Present, "a breaker in code"))
        }
        "tryConsume" | "tryAcquire" if lower.contains("bucket") || lower.contains("limiter") => {
            Some((Aspect::RateLimit, State::Present, "a limit in code"))
        }
        "counter" | "timer" | "gauge" | "summary" if lower.contains("registry") || root == "Metrics" => {
            Some((Aspect::Metrics, State::Present, "Micrometer"))
        }
        "nextSpan" | "startSpan" | "spanBuilder" | "startScopedSpan" => {
            Some((Aspect::Tracing, State::Present, "spans in code"))
        }
        "AuditEvent" | "AuditApplicationEvent" if call.creates => {
            Some((Aspect::Audit, State::Present, "audit events"))
        }
        "ThreadPoolExecutor" | "LinkedBlockingQueue" | "newCachedThreadPool" | "newFixedThreadPool" => {
            queue(call)
        }
        _ => None,
    };
    if let Some((aspect, state, detail)) = seen {
        out.add(call.line, practice(aspect, state, root, detail));
    }
}

/// Queues and pools with or without a bound.
fn queue(call: &Call) -> Option<(Aspect, State, &'static str)> {
    match call.name.as_str() {
        "LinkedBlockingQueue" if call.creates && call.args.is_empty() => {
            Some((Aspect::Backpressure, State::Absent, "the queue has no bound"))
        }
        "LinkedBlockingQueue" if call.creates => {
            Some((Aspect::Backpressure, State::Present, "the queue has a bound"))
        }
        "newCachedThreadPool" => Some((Aspect::Backpressure, State::Absent, "the pool grows without bound")),
        "newFixedThreadPool" => Some((Aspect::Backpressure, State::Weak, "the pool's queue has no bound")),
        _ => None,
    }
}

fn logging(code: &Code, out: &mut Sightings) {
    for class in &code.classes {
        let by_annotation = class.annotations.iter().find(|a| LOGGERS.contains(&a.name.as_str()));
        let by_field = class.fields.iter().find(|f| {
            matches!(f.ty.as_str(), "Logger" | "Log" | "KLogger")
                || f.value.as_ref().and_then(Expr::call).is_some_and(|c| c.name == "getLogger")
        });
        let line = by_annotation.map(|a| a.line).or_else(|| by_field.map(|f| f.line));
        if let Some(line) = line {
            out.add(line, practice(Aspect::Logging, State::Present, &class.name, "a logger"));
            return;
        }
    }
}

/// Words in names of values that do not belong in a log.
const SENSITIVE: &[&str] = &[
    "password",
    "passwd",
    "secret",
    "cardnumber",
    "creditcard",
    "cvv",
    "ssn",
    "apikey",
    "accesstoken",
    "jwttoken",
    "authorization",
    "pincode",
    "otp",
];

fn sensitive(call: &Call, out: &mut Sightings) {
    let level = matches!(
        call.name.as_str(),
        "info" | "debug" | "warn" | "error" | "trace" | "println" | "printf" | "log"
    );
    let receiver = call.receiver().unwrap_or("");
    let logs = level
        && (receiver.eq_ignore_ascii_case("log")
            || receiver.eq_ignore_ascii_case("logger")
            || receiver == "System.out");
    if !logs {
        return;
    }
    let mut open: Vec<&Expr> = call.args.iter().collect();
    for _ in 0..200 {
        let Some(at) = open.pop() else { return };
        let name = match at {
            Expr::Concat(parts) | Expr::List(parts) | Expr::Either(parts) => {
                open.extend(parts);
                continue;
            }
            Expr::Name(name) => name.rsplit('.').next().unwrap_or(name),
            Expr::Call(inner) => {
                open.extend(&inner.args);
                inner.name.as_str()
            }
            _ => continue,
        };
        let plain = name.to_ascii_lowercase().replace('_', "");
        if SENSITIVE.iter().any(|s| plain.ends_with(s)) || plain == "gettoken" || plain == "token" {
            out.add(
                call.line,
                practice(Aspect::SensitiveLog, State::Present, name, "the value goes to the log"),
            );
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, see};

    #[test]
    fn repetition_with_the_same_pause_is_weak() {
        let text = "class R { boolean go() { int maxRetry = 9; for (int i = 0; i < maxRetry; i++) { if (rest.postForObject(\"http://a/x\", 1, X.class).ok()) { return true; } Thread.sleep(5000); } return false; } }";
        assert!(practices(&see("R.java", text)).contains(&"Retry Weak go".to_owned()));
        let poll = text.replace("maxRetry", "rounds");
        assert!(!practices(&see("R.java", &poll)).contains(&"Retry Weak go".to_owned()));
    }

    #[test]
    fn retries_breakers_and_logs() {
        let text = r#"@Slf4j class R {
            @Retryable void a() { log.info("login {} {}", user, user.getPassword()); }
            @HystrixCommand(fallbackMethod = "c") void b() { client.get().uri("/x").retrieve().bodyToMono(X.class).retry(); }
        }"#;
        assert_eq!(
            practices(&see("R.java", text)).iter().filter(|p| !p.starts_with("Timeout")).collect::<Vec<_>>(),
            [
                "Logging Present R",
                "Retry Weak a",
                "SensitiveLog Present getPassword",
                "CircuitBreaker Present b",
                "Retry Weak client",
            ]
        );
    }
}
