//! What guards each route: authentication, ownership, limits, call-backs.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use super::module::{Js, is_script, read};
use super::place::in_browser;
use super::routing::Route;
use super::words::{authenticates, authorizes, limits_rate};
use crate::extract::Extractor;
use crate::source::{Sightings, Source};

/// Reads them.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "javascript-guards",
    reads: is_script,
    sees: &[
        Aspect::Authentication,
        Aspect::Authorization,
        Aspect::ObjectOwnership,
        Aspect::RateLimit,
        Aspect::LoginThrottling,
        Aspect::PageLimit,
        Aspect::WebhookSignature,
        Aspect::WebhookDeduplication,
        Aspect::HealthProbe,
        Aspect::Metrics,
        Aspect::DebugSurface,
        Aspect::TenantFromClient,
        Aspect::DualWrite,
        Aspect::ResponseData,
    ],
    extract,
};

/// Paths by which a platform asks whether a process works.
const HEALTH: &[&str] = &[
    "health",
    "healthz",
    "ready",
    "readyz",
    "live",
    "livez",
    "liveness",
    "readiness",
    "healthcheck",
    "_health",
    "_healthz",
    "ping",
];

/// Paths of signing in.
const SIGN_IN: &[&str] = &[
    "login",
    "signin",
    "sign-in",
    "authenticate",
    "otp",
    "forgot",
    "reset-password",
    "verify-code",
    "2fa",
    "mfa",
];

/// Words of a handler that knows who is calling.
const IDENTITY: &[&str] = &[
    "req.user",
    "request.user",
    "ctx.state.user",
    "ctx.user",
    "req.session.user",
    "req.auth",
    "isauthenticated",
    "jwt.verify",
    "jwtverify",
    "getserversession",
    "getsession(",
    "currentuser",
    "req.userid",
    "req.decoded",
    "auth()",
    "c.get('jwtpayload')",
    "context.auth",
    "gettoken(",
    "request.auth",
];

/// Words of a write to a store.
const WRITES: &[&str] = &[
    ".save(",
    ".insertone(",
    ".insertmany(",
    ".updateone(",
    ".findbyidandupdate(",
    ".create(",
    ".update(",
    "insert into",
    ".findoneandupdate(",
    ".upsert(",
];

/// Words of a message that is published.
const PUBLISHES: &[&str] = &[
    "producer.send(",
    ".sendtoqueue(",
    "channel.publish(",
    "queue.add(",
    ".publish(",
    "publishcommand(",
    "sendmessagecommand(",
    "client.emit(",
    "eventbus.emit(",
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    read(source, |js| {
        if in_browser(source, js) {
            return;
        }
        let mut routes = super::routing::routes(js);
        routes.extend(super::nest::routes(js));
        let guarded = routes.iter().any(|r| r.before.iter().any(|b| authenticates(b)));
        for route in &routes {
            for path in &route.paths {
                practices(js, route, path, guarded, out);
            }
            if let Some(body) = route.body {
                of_body(js, route, body, out);
            }
        }
        mounted(js, out);
    });
}

fn practices(js: &Js<'_>, route: &Route<'_>, path: &str, guarded: bool, out: &mut Sightings) {
    let line = route.lines.0;
    let body = route.body.map(|b| js.lowered(b)).unwrap_or_default();
    let lower = path.to_ascii_lowercase();
    let last = lower.rsplit('/').find(|p| !p.is_empty() && !p.starts_with('{')).unwrap_or("");
    if HEALTH.contains(&last) && route.method.as_deref().is_none_or(|m| m == "GET") {
        out.practice(line, Aspect::HealthProbe, State::Present, path, "an endpoint for probes");
        return;
    }
    if matches!(last, "metrics" | "prometheus") {
        out.practice(line, Aspect::Metrics, State::Present, path, "an endpoint for metrics");
        return;
    }
    if lower
        .split('/')
        .any(|p| matches!(p, "debug" | "phpinfo" | "_debug" | "env" | "dump" | "swagger" | "api-docs"))
    {
        out.practice(line, Aspect::DebugSurface, State::Present, path, "a debugging or documentation path");
    }
    let open = route.before.iter().any(|b| {
        ["Public", "SkipAuth", "AllowAnonymous", "IsPublic", "Unprotected"].iter().any(|p| b.starts_with(p))
    });
    let by = route.before.iter().find(|b| authenticates(b) || authorizes(b)).filter(|_| !open);
    let inside = IDENTITY.iter().find(|w| body.contains(**w));
    let (state, detail) = match (by, inside) {
        (Some(by), _) => (State::Present, by.trim().chars().take(80).collect()),
        (_, Some(word)) if !open => (State::Present, format!("the handler reads {word}")),
        _ if open => (State::Absent, "marked as open to anybody".to_owned()),
        _ if guarded => {
            (State::Absent, "others in this file ask who is calling, this one does not".to_owned())
        }
        _ => (State::Absent, "nothing in this file asks who is calling".to_owned()),
    };
    out.practice(line, Aspect::Authentication, state, path, detail);
    if let Some(by) = route.before.iter().find(|b| authorizes(b)) {
        out.practice(
            line,
            Aspect::Authorization,
            State::Present,
            path,
            by.trim().chars().take(80).collect::<String>(),
        );
    } else if lower.split('/').any(|p| p == "admin" || p == "internal") {
        out.practice(line, Aspect::Authorization, State::Absent, path, "no role or scope is asked for");
    }
    let rate = route.before.iter().any(|b| limits_rate(b));
    let sign_in =
        route.method.as_deref().is_none_or(|m| m == "POST") && SIGN_IN.iter().any(|w| lower.contains(w));
    if rate {
        out.practice(line, Aspect::RateLimit, State::Present, path, "a limiter stands before the handler");
    }
    if sign_in {
        let locked = ["attempts", "lockout", "locked", "captcha"].iter().any(|w| body.contains(w));
        let state = if rate || locked { State::Present } else { State::Absent };
        let detail = if rate || locked { "limited" } else { "attempts are not limited in this file" };
        out.practice(line, Aspect::LoginThrottling, state, path, detail);
    }
    ownership(route, path, &body, out);
    webhook(js, route, &lower, &body, out);
}

fn ownership(route: &Route<'_>, path: &str, body: &str, out: &mut Sightings) {
    if !path.contains('{') || body.is_empty() {
        return;
    }
    let reads = ["params", "@param", "param("].iter().any(|w| body.contains(w));
    let looks_up =
        ["find", ".get(", "query(", "select ", "update", "delete", ".del(", "destroy", "getbyid", "remove"]
            .iter()
            .any(|w| body.contains(w));
    if !reads || !looks_up {
        return;
    }
    let owner = [
        "owner",
        "user.id",
        "user._id",
        "user.sub",
        "userid",
        "user_id",
        "customerid ===",
        "forbidden",
        "403",
        "ability",
        "isowner",
    ];
    let knows =
        IDENTITY.iter().any(|w| body.contains(w)) || body.contains("@currentuser") || body.contains("@user(");
    let state = if knows && owner.iter().any(|w| body.contains(w))
        || route.before.iter().any(|b| b.to_ascii_lowercase().contains("owner"))
    {
        State::Present
    } else {
        State::Absent
    };
    let detail = if state == State::Present {
        "compared with the caller"
    } else {
        "fetched by identifier, whoever asks"
    };
    out.practice(route.lines.0, Aspect::ObjectOwnership, state, path, detail);
}

fn webhook(js: &Js<'_>, route: &Route<'_>, path: &str, body: &str, out: &mut Sightings) {
    let is_callback = ["webhook", "/ipn", "callback/pay", "payment/callback", "stripe/events", "/hooks"]
        .iter()
        .any(|w| path.contains(w));
    if !is_callback || route.method.as_deref().is_some_and(|m| m != "POST") {
        return;
    }
    let file = js.whole().to_ascii_lowercase();
    let signed = [
        "constructevent",
        "createhmac",
        "timingsafeequal",
        "verifysignature",
        "verify_signature",
        "signature",
        "svix",
        "verifywebhook",
    ];
    let seen_body = if body.is_empty() { file.as_str() } else { body };
    let is_signed = signed.iter().any(|w| seen_body.contains(w))
        || route.before.iter().any(|b| b.to_ascii_lowercase().contains("signature"));
    let state = if is_signed { State::Present } else { State::Absent };
    let detail = if is_signed { "a signature is checked" } else { "nothing checks a signature" };
    out.practice(route.lines.0, Aspect::WebhookSignature, state, path, detail);
    let once = [
        "event.id",
        "eventid",
        "event_id",
        "processedevent",
        "processed_event",
        "idempot",
        "dedup",
        "alreadyprocessed",
        "on conflict",
        "setnx",
    ];
    let is_once = once.iter().any(|w| seen_body.contains(w));
    let state = if is_once { State::Present } else { State::Absent };
    let detail =
        if is_once { "the event's identifier is used" } else { "the event's identifier is not remembered" };
    out.practice(route.lines.0, Aspect::WebhookDeduplication, state, path, detail);
}

fn of_body<'t>(js: &Js<'t>, route: &Route<'t>, body: Node<'t>, out: &mut Sightings) {
    let text = js.lowered(body);
    let path = route.paths.first().map_or("", String::as_str);
    let line = route.lines.0;
    if route.method.as_deref() == Some("GET") {
        let lists = [".find()", ".find({", ".findall(", ".findmany(", ".toarray()", ".scan("]
            .iter()
            .any(|w| text.contains(w));
        let all = text.contains("select ")
            && text.contains(" from ")
            && !text.contains(" where ")
            && !text.contains("count(");
        let limited =
            ["limit", "take:", "take(", "skip", "page", "first:", "top "].iter().any(|w| text.contains(w));
        if lists || all {
            let state = if limited { State::Present } else { State::Absent };
            let detail = if limited { "a limit is set" } else { "everything is returned at once" };
            out.practice(line, Aspect::PageLimit, state, path, detail);
        }
    }
    let tenant = [
        "req.query.tenant",
        "req.body.tenant",
        "req.params.tenant",
        "headers['x-tenant",
        "headers[\"x-tenant",
        "header('x-tenant",
        "get('x-tenant",
    ];
    if let Some(from) = tenant.iter().find(|w| text.contains(**w)) {
        out.practice(line, Aspect::TenantFromClient, State::Present, path, format!("read from {from}"));
    }
    let write = WRITES.iter().filter_map(|w| text.find(w)).min();
    let publish = PUBLISHES.iter().filter_map(|w| text.find(w)).max();
    if let (Some(write), Some(publish)) = (write, publish)
        && write < publish
        && !js.whole().to_ascii_lowercase().contains("outbox")
    {
        out.practice(
            line,
            Aspect::DualWrite,
            State::Present,
            path,
            "a write is followed by a message, without an outbox",
        );
    }
    whole_record(js, body, path, out);
}

/// A record whose password is read in the handler goes out whole: `user.password` and `res.json(user)`.
fn whole_record<'t>(js: &Js<'t>, body: Node<'t>, path: &str, out: &mut Sightings) {
    let text = js.searched(body);
    for call in js.below(body).iter().copied().filter(|n| n.kind() == "call_expression") {
        let Some((_, "json" | "send")) = js.method(call) else { continue };
        let Some(first) = js.arguments(call).first().copied().filter(|a| a.kind() == "identifier") else {
            continue;
        };
        let name = js.of(first);
        if js.searched(body).is_empty() {
            return;
        }
        if text.contains(&format!("{name}.password")) && !text.contains(&format!("delete {name}.password")) {
            out.practice(
                super::client::line_of(js, call),
                Aspect::ResponseData,
                State::Present,
                path,
                "password",
            );
        }
    }
}

/// Middleware of whole paths and applications: `app.use('/admin', auth, router)`, `app.use(limiter)`.
fn mounted(js: &Js<'_>, out: &mut Sightings) {
    let mut limited = false;
    let mut server = None;
    for call in js.calls() {
        let origin = js.origin(call);
        if origin.as_ref().is_some_and(|o| {
            matches!(o.package, "express" | "fastify" | "hapi" | "koa" | "hono") && o.path == "()"
                || o.package == "@nestjs/core" && o.path.starts_with("NestFactory.create")
        }) {
            server = server.or(Some(crate::syntax::line(call)));
        }
        let Some((object, "use" | "register" | "addHook" | "useGlobalGuards")) = js.method(call) else {
            continue;
        };
        if !super::routing::is_server(js, object, false) {
            continue;
        }
        let arguments = js.arguments(call);
        let path = arguments.first().and_then(|a| js.string(*a)).filter(|p| p.starts_with('/'));
        let subject = path.map_or_else(|| "/**".to_owned(), |p| format!("{}/**", p.trim_end_matches('/')));
        let line = super::client::line_of(js, call);
        for argument in arguments.iter().filter(|a| !super::module::is_function(**a)) {
            let text: String = js.of(*argument).chars().take(120).collect();
            let is_router = text.to_ascii_lowercase().contains("route") || text.contains("Controller");
            if authenticates(&text)
                && !is_router
                && !text.starts_with(['\'', '"'])
                && !text.contains("initialize")
            {
                out.practice(line, Aspect::Authentication, State::Present, subject.clone(), text.clone());
            }
            if limits_rate(&text) {
                limited = true;
                out.practice(line, Aspect::RateLimit, State::Present, subject.clone(), text);
            }
        }
    }
    if let Some(line) = server.filter(|_| !limited && !limits_rate(js.text)) {
        out.practice(line, Aspect::RateLimit, State::Absent, "/**", "no limiter where the server is made");
    }
}
