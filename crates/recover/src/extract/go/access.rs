//! Who may call a handler and whose objects it touches; origins, limits, debugging pages, sign-in.

use std::sync::LazyLock;

use regex::Regex;
use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::go::code::{Code, inner};
use crate::extract::go::{is_go, repeat, route};
use crate::sighting::{PracticeSeen, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads access.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "go-access",
    reads: is_go,
    sees: &[
        Aspect::Authentication,
        Aspect::Authorization,
        Aspect::ObjectOwnership,
        Aspect::LoginThrottling,
        Aspect::RateLimit,
        Aspect::Cors,
        Aspect::DebugSurface,
        Aspect::HealthProbe,
        Aspect::BodyLimit,
        Aspect::IdempotencyKey,
        Aspect::WebhookSignature,
    ],
    extract,
};

static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(auth|jwt|token|login_?required|require_?(user|login|role|admin|session)|session_?required|api_?key|protected|verify_?(user|session)|casbin|is_?admin|permission)").expect("the pattern is fixed")
});

static BODY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)((verify|validate|parse|check|extract)_?(auth|token|jwt|session|credentials)|claims|get_?user_?from|current_?user|Get\("(user|user_?id|userID|claims|uid)"\)|Value\("?(user|userID|claims)|BasicAuth\(\)|StatusUnauthorized)"#).expect("the pattern is fixed")
});

static OPEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(log_?in|sign_?in|sign_?up|regist(er|ration)|log_?out|health|ready|live|ping|metrics|forgot|reset|refresh|oauth|callback|webhook|static|assets|favicon|robots|version|docs|swagger|csrf|token|home$)").expect("the pattern is fixed")
});

static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(^|[/.])(log_?in|sign_?in|authenticate|otp|reset-?password|forgot-?password)")
        .expect("the pattern is fixed")
});

static THROTTLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(limiter|ratelimit|rate_limit|throttle|httprate|tollbooth|attempts|lockout)")
        .expect("the pattern is fixed")
});

static DEBUG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(^|/)(_?debug|pprof|console|playground|dump|swagger)(/|$)")
        .expect("the pattern is fixed")
});

static MONEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(^|[/_.\-])(pay|payments?|charges?|refunds?|payouts?|transfers?|withdraw|deposits?|checkout)($|[/_.\-{])").expect("the pattern is fixed")
});

static OWNER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)(user_?id|owner(_?id)?|author(_?id)?|customer_?id|account_?id|tenant_?id|created_?by|claims|current_?user)"#).expect("the pattern is fixed")
});

/// Calls that fetch one object by a predicate.
static FETCH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(First|Take|FindOne|Find|QueryRow|QueryRowContext|Get|FindByID|GetByID|DeleteOne|UpdateOne|Delete|FindOneAndUpdate)$").expect("the pattern is fixed")
});

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() || source.name().ends_with(".pb.go") {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    whole(&code, out);
    let routes = route::routes(&code);
    let asked: Vec<bool> = routes.iter().map(|r| asks(&code, r)).collect();
    let neighbours = asked.iter().any(|a| *a);
    for (route, asked) in routes.iter().zip(&asked) {
        one(&code, route, *asked, neighbours, out);
        if let Some(body) = route.body {
            owned(&code, body, out);
            limits(&code, body, out);
        }
    }
    for function in route::loose(&code) {
        owned(&code, function, out);
        limits(&code, function, out);
    }
}

/// What holds for the whole process.
fn whole(code: &Code, out: &mut Sightings) {
    for import in syntax::of_kind(code.root(), "import_spec") {
        if syntax::unquoted(code.field(import, "path")) == "net/http/pprof" {
            out.practice(
                syntax::line(import),
                Aspect::DebugSurface,
                State::Present,
                "/debug/pprof",
                "profiles on the default mux",
            );
        }
    }
    for call in code.calls() {
        let callee = code.callee(call);
        let line = syntax::line(call);
        if let Some((_, "Use")) = code.method(call) {
            let text = syntax::field(call, "arguments").map_or("", |a| code.text_of(a));
            let top = !code.text_of(call).contains("Group(");
            if THROTTLE.is_match(text) && top {
                out.practice(line, Aspect::RateLimit, State::Present, "*", "limited before every request");
            }
        }
        let origin = code.arg(call, 0).and_then(|a| code.literal(a)).unwrap_or_default();
        let sets = callee.ends_with(".Set") || callee.ends_with(".Header") || callee.ends_with(".Add");
        if sets && origin.eq_ignore_ascii_case("access-control-allow-origin") {
            let value = code.arg(call, 1);
            let any = value.and_then(|v| code.value(v)).is_some_and(|v| v == "*")
                || value.is_some_and(|v| code.text_of(v).contains("Origin"));
            let (state, detail) =
                if any { (State::Weak, "any origin is allowed") } else { (State::Present, "one origin") };
            out.practice(line, Aspect::Cors, state, "*", detail);
        }
        if matches!(
            callee.as_str(),
            "github.com/gin-contrib/cors.Default"
                | "github.com/rs/cors.AllowAll"
                | "github.com/rs/cors.Default"
                | "github.com/gofiber/fiber/v2/middleware/cors.New"
        ) && code.args(call).is_empty()
        {
            out.practice(line, Aspect::Cors, State::Weak, "*", "any origin is allowed by default");
        }
        if callee.ends_with(".RegisterHealthServer") {
            out.practice(
                line,
                Aspect::HealthProbe,
                State::Present,
                "grpc.health.v1",
                "the health service of gRPC",
            );
        }
        if callee == "net/http.MaxBytesReader" {
            out.practice(line, Aspect::BodyLimit, State::Present, "", "a limit on the body");
        }
    }
    for element in syntax::of_kind(code.root(), "keyed_element") {
        let text = |i: u32| element.named_child(i).map_or("", |n| code.text_of(inner(n)));
        let (key, value) = (text(0), text(1));
        let line = syntax::line(element);
        match key {
            "AllowOrigins" | "AllowedOrigins" => {
                let any = value.contains("\"*\"");
                let (state, detail) = if any {
                    (State::Weak, "any origin is allowed")
                } else {
                    (State::Present, "a list of origins")
                };
                out.practice(line, Aspect::Cors, state, "*", detail);
            }
            "AllowAllOrigins" if value == "true" => {
                out.practice(line, Aspect::Cors, State::Weak, "*", "any origin is allowed");
            }
            _ => {}
        }
    }
}

/// Whether anything asks who is calling before or in a handler.
fn asks(code: &Code, route: &route::Route<'_>) -> bool {
    ASKS.is_match(&route.guards) || route.body.is_some_and(|b| BODY.is_match(code.text_of(b)))
}

fn say(node: Node<'_>, aspect: Aspect, state: State, subject: &str, detail: &str, out: &mut Sightings) {
    let seen =
        PracticeSeen { of: None, aspect, state, subject: subject.to_owned(), detail: detail.to_owned() };
    out.span(syntax::line(node), syntax::last_line(node), Seen::Practice(seen));
}

fn one(code: &Code, route: &route::Route<'_>, asked: bool, neighbours: bool, out: &mut Sightings) {
    let node = route.body.unwrap_or(route.at);
    let path = route.path.as_str();
    let text = code.text_of(node);
    if asked {
        say(node, Aspect::Authentication, State::Present, path, "asked before the handler", out);
    } else if !OPEN.is_match(path) && path != "/" {
        // the handler itself may ask in another file
        if route.body.is_some() || neighbours {
            let detail = if neighbours {
                "open to anybody, its neighbours ask who is calling"
            } else {
                "nothing here asks who is calling"
            };
            say(node, Aspect::Authentication, State::Absent, path, detail, out);
        }
    }
    let last = path.rsplit('/').find(|p| !p.is_empty()).unwrap_or("");
    if ["health", "healthz", "_healthz", "ready", "readyz", "live", "livez", "ping", "healthcheck", "status"]
        .contains(&last)
    {
        say(node, Aspect::HealthProbe, State::Present, path, "a health page", out);
    }
    if last == "metrics" {
        say(node, Aspect::Metrics, State::Present, path, "a page of metrics", out);
    }
    if DEBUG.is_match(path) {
        say(node, Aspect::DebugSurface, State::Present, path, "a debugging page", out);
    }
    let throttled = THROTTLE.is_match(&route.guards) || THROTTLE.is_match(text);
    if LOGIN.is_match(path) {
        let (state, detail) = if throttled {
            (State::Present, "attempts are limited")
        } else {
            (State::Absent, "attempts are not limited")
        };
        say(node, Aspect::LoginThrottling, state, path, detail, out);
    } else if throttled {
        say(node, Aspect::RateLimit, State::Present, path, "limited", out);
    }
    if path.split('/').any(|p| p.eq_ignore_ascii_case("admin")) {
        let role = Regex::new(r"(?i)(role|admin)").is_ok_and(|r| r.is_match(&route.guards));
        let (state, detail) = if role {
            (State::Present, "a role is asked for")
        } else {
            (State::Absent, "no role is asked for")
        };
        say(node, Aspect::Authorization, state, path, detail, out);
    }
    let lower = text.to_ascii_lowercase();
    if MONEY.is_match(path) && route.methods.iter().any(|m| m == "POST" || m == "PUT") && route.body.is_some()
    {
        let (state, detail) = if lower.contains("idempoten") {
            (State::Present, "a key of the request")
        } else {
            (State::Absent, "a repeated request happens twice")
        };
        say(node, Aspect::IdempotencyKey, state, path, detail, out);
    }
    if path.to_ascii_lowercase().contains("webhook") && route.body.is_some() {
        let signed = ["signature", "hmac", "constructevent", "verify"].iter().any(|w| lower.contains(w));
        let (state, detail) = if signed {
            (State::Present, "the signature is checked")
        } else {
            (State::Absent, "anybody may post an event")
        };
        say(node, Aspect::WebhookSignature, state, path, detail, out);
    }
}

/// Objects that are fetched by an identifier of the caller.
fn owned(code: &Code, function: Node<'_>, out: &mut Sightings) {
    let text = code.text_of(function);
    for call in syntax::of_kind(function, "call_expression") {
        let Some((operand, method)) = code.method(call) else { continue };
        let args = code.args(call);
        if !FETCH.is_match(method)
            || args.is_empty()
            || code.text_of(operand).contains("URL")
            || code.text_of(operand).ends_with("Header")
        {
            continue;
        }
        let whole = code.text_of(call);
        let database = ["db", "repo", "store", "coll", "tx", "gorm", "model", "mongo"]
            .iter()
            .any(|w| code.text_of(operand).to_ascii_lowercase().contains(w));
        if !database || !args.iter().any(|a| repeat::tainted(code, *a)) {
            continue;
        }
        let line = syntax::line(call);
        let subject: String = code.text_of(operand).chars().filter(|c| !c.is_control()).take(40).collect();
        if OWNER.is_match(whole) || OWNER.is_match(text) {
            out.practice(line, Aspect::ObjectOwnership, State::Present, subject, "its owner is asked for");
        } else {
            out.practice(
                line,
                Aspect::ObjectOwnership,
                State::Absent,
                subject,
                "fetched by an identifier of the caller, whoever owns it",
            );
        }
    }
}

/// Bodies that are read whole.
fn limits(code: &Code, function: Node<'_>, out: &mut Sightings) {
    for call in syntax::of_kind(function, "call_expression") {
        let reads = matches!(code.callee(call).as_str(), "io.ReadAll" | "io/ioutil.ReadAll");
        let body = code.arg(call, 0).map_or("", |a| code.text_of(a));
        if reads
            && (body == "r.Body" || body == "req.Body" || body == "c.Request.Body" || body == "request.Body")
            && !code.text_of(function).contains("MaxBytesReader")
        {
            out.practice(
                syntax::line(call),
                Aspect::BodyLimit,
                State::Absent,
                body,
                "a body of any size is read into memory",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, see};

    #[test]
    fn groups_ask_and_neighbours_do_not() {
        let text = "package main\nimport (\n\"net/http\"\n\"github.com/gin-gonic/gin\"\n_ \"net/http/pprof\"\n)\nfunc main() {\n r := gin.Default()\n a := r.Group(\"/a\", AuthMiddleware())\n a.GET(\"/x\", x)\n r.GET(\"/open\", x)\n r.POST(\"/login\", x)\n r.GET(\"/healthz\", func(c *gin.Context) {})\n w.Header().Set(\"Access-Control-Allow-Origin\", \"*\")\n}\n";
        let found = practices(&see("svc/main.go", text));
        for expected in [
            "Authentication Present /a/x",
            "Authentication Absent /open",
            "LoginThrottling Absent /login",
            "HealthProbe Present /healthz",
            "Cors Weak *",
            "DebugSurface Present /debug/pprof",
        ] {
            assert!(found.contains(&expected.to_owned()), "{expected}: {found:?}");
        }
    }
}
