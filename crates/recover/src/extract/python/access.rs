//! Who may call a handler, whose objects it touches, and what it lets a caller ask for.

use std::sync::LazyLock;

use regex::Regex;
use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::python::code::Code;
use crate::extract::python::{handler, is_python, is_test, owner, route};
use crate::sighting::{PracticeSeen, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads access.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "python-access",
    reads: is_python,
    sees: &[
        Aspect::Authentication,
        Aspect::Authorization,
        Aspect::ObjectOwnership,
        Aspect::LoginThrottling,
        Aspect::RateLimit,
        Aspect::PageLimit,
        Aspect::BodyLimit,
        Aspect::DebugSurface,
        Aspect::WebhookSignature,
        Aspect::IdempotencyKey,
        Aspect::TenantFromClient,
    ],
    extract,
};

/// A handler.
pub(crate) struct Handler<'t> {
    /// Its function.
    pub(crate) body: Node<'t>,
    /// The class it stands in.
    pub(crate) class: Option<Node<'t>>,
    /// Path, when this file tells it.
    pub(crate) path: String,
    /// HTTP method, when it is known.
    pub(crate) method: Option<String>,
    /// Guards of the route and its router.
    pub(crate) guards: String,
    /// Its name, with its class.
    pub(crate) name: String,
}

/// The handlers of a file.
pub(crate) fn handlers<'t>(source: &Source<'_>, code: &'t Code) -> Vec<Handler<'t>> {
    let mut found: Vec<Handler<'t>> = Vec::new();
    for route in route::routes(code) {
        let Some(body) = route.body.filter(|b| b.kind() == "function_definition") else { continue };
        if found.iter().any(|h| h.body.id() == body.id()) {
            continue;
        }
        let class = syntax::ancestor(body, &["class_definition", "function_definition"])
            .filter(|a| a.kind() == "class_definition");
        let (path, method, guards, name) = (route.path, route.method, route.guards, route.handler);
        found.push(Handler { body, class, path, method, guards, name });
    }
    for (body, class, method) in handler::loose(source, code) {
        let own = code.field(body, "name");
        let name = class.map_or_else(|| own.to_owned(), |c| format!("{}.{own}", code.field(c, "name")));
        found.push(Handler { body, class, path: String::new(), method, guards: String::new(), name });
    }
    found
}

/// Words in decorators, dependencies, permissions and mixins that ask who is calling.
static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(auth|login_?required|LoginRequired|logged_?in|jwt|token|current_?user|permission|IsAuthenticated|IsAdmin|requires?_(user|role|scope|admin|login|api|key)|roles?_(required|accepted)|admin_only|admin_required|UserPassesTest|Security\(|api_?key|verify_(user|session|request)|has_role|protected|authorize)").expect("the pattern is fixed")
});

/// Words in a body that ask who is calling.
static BODY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(is_authenticated|current_user|get_jwt|verify_jwt|jwt\.decode|decode_(auth_)?token|(verify|validate|check|require)_(auth|token|jwt|user|session|login|credentials|api_key)|token_(validator|required|is_valid)|authenticate\(|session(\.get\(|\[)\W*(user|logged|uid|account)|not in session|request\.user\b|check_permission|has_permission|check_object_permissions|\.has_role|abort\(401|HTTP_401|compare_digest)").expect("the pattern is fixed")
});

/// Words that ask for a role.
static ROLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(is_?admin\b|\.admin\b|IsAdminUser|is_staff|is_superuser|has_role|roles?_(required|accepted)|permission_required|require_(role|admin|scope)|admin_required|admin_only|SecurityScopes|scopes\s*=|\.role\b|DjangoModelPermissions|user_passes_test|has_perm\()").expect("the pattern is fixed")
});

/// Names of what is open by design.
static OPEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(log_?in|sign_?in|sign_?up|regist(er|ration)|log_?out|health|ready|live|ping|metrics|forgot|reset|refresh|oauth|callback|webhook|static|favicon|robots|version|docs|openapi|csrf|verify|token|otp|captcha|^index$|^home$|^root$)").expect("the pattern is fixed")
});

static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(^|[/_.\-])(log_?in|sign_?in|authenticate|otp|verify_?(code|otp)|check_?otp|reset_?password|forgot_?password|token)($|[/_.\-]|user|view)").expect("the pattern is fixed")
});

static THROTTLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(limiter|ratelimit|rate_limit|throttle|failed_?(login|attempt)|attempts|lockout|locked_until|too_many)").expect("the pattern is fixed")
});

static TENANT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)request\.(headers|args|GET|json|data|query_params|form|POST|META)\W{1,3}(get\W{1,3})?\w*(tenant|organi[sz]ation|workspace|org_id)"#).expect("the pattern is fixed")
});

static MOVES_MONEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(^|[/_.\-])(pay|payments?|charges?|refunds?|payouts?|transfers?|withdraw(al)?s?|deposits?|checkout|topup|top_up)($|[/_.\-{])").expect("the pattern is fixed")
});

static DEBUG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(^|[/_])(_?debug|actuator|phpinfo|__debug__|profiler|dump|console|playground|graphiql)($|[/_{])").expect("the pattern is fixed")
});

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if is_test(source) {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    whole(&code, out);
    let handlers = handlers(source, &code);
    let asked: Vec<Option<String>> = handlers.iter().map(|h| asks(&code, h)).collect();
    let neighbours = asked.iter().any(Option::is_some);
    for (handler, asked) in handlers.iter().zip(&asked) {
        one(&code, handler, asked.as_deref(), neighbours, out);
    }
}

/// What holds for every handler of the process.
fn whole(code: &Code, out: &mut Sightings) {
    for function in syntax::of_kind(code.root(), "function_definition") {
        let decorators = code.decorators(function);
        let before = decorators.iter().any(|d| {
            let text = code.text_of(*d);
            text.contains("before_request")
                || text.contains("before_app_request")
                || text.contains(".middleware(")
                || text.contains("web.middleware")
        });
        if !before {
            continue;
        }
        let text = code.text_of(function);
        let lower = text.to_ascii_lowercase();
        if lower.contains("authorization") || BODY.is_match(text) {
            out.practice(
                syntax::line(function),
                Aspect::Authentication,
                State::Present,
                "*",
                "asked before every request",
            );
        }
        if THROTTLE.is_match(text) {
            out.practice(
                syntax::line(function),
                Aspect::RateLimit,
                State::Present,
                "*",
                "limited before every request",
            );
        }
    }
    for call in code.calls() {
        let callee = code.callee(call);
        let short = callee.rsplit('.').next().unwrap_or("");
        let line = syntax::line(call);
        if matches!(short, "FastAPI" | "Starlette") {
            let guards = code.arg(call, None, "dependencies").or_else(|| code.arg(call, None, "middleware"));
            if guards.is_some_and(|g| ASKS.is_match(code.text_of(g))) {
                out.practice(line, Aspect::Authentication, State::Present, "*", "asked before every request");
            }
        } else if short == "add_middleware" {
            let what = code.arg(call, Some(0), "middleware_class").map_or("", |m| code.text_of(m));
            if what.contains("Auth") {
                out.practice(line, Aspect::Authentication, State::Present, "*", what);
            } else if what.contains("RateLimit") || what.contains("SlowAPI") || what.contains("Throttl") {
                out.practice(line, Aspect::RateLimit, State::Present, "*", what);
            }
        } else if matches!(short, "Limiter")
            && (callee.starts_with("flask_limiter") || callee.starts_with("slowapi"))
        {
            let default =
                code.arg(call, None, "default_limits").or_else(|| code.arg(call, None, "application_limits"));
            if default.is_some_and(|d| !code.text_of(d).trim_matches(['[', ']']).is_empty()) {
                out.practice(line, Aspect::RateLimit, State::Present, "*", "default limits");
            }
        }
    }
}

/// What asks who is calling before or in a handler; nothing when nothing does.
fn asks(code: &Code, handler: &Handler<'_>) -> Option<String> {
    let short = |text: &str| text.chars().filter(|c| !c.is_control()).take(60).collect::<String>();
    for decorator in code.decorators(handler.body) {
        let text = code.text_of(decorator);
        // the route itself is no question, its dependencies are below
        let head = text.split('(').next().unwrap_or(text);
        let is_route = head
            .rsplit('.')
            .next()
            .is_some_and(|v| route::VERBS.contains(&v) || v == "route" || v == "action");
        if !is_route
            && ASKS.is_match(text)
            && !text.contains("AllowAny")
            && !head.contains("exempt")
            && !head.contains("optional")
        {
            return Some(short(head));
        }
    }
    if !handler.guards.is_empty() && ASKS.is_match(&handler.guards) {
        return Some(short(&handler.guards));
    }
    if let Some(parameters) = syntax::field(handler.body, "parameters") {
        for parameter in syntax::children(parameters) {
            let text = code.text_of(parameter);
            let depends = text.contains("Depends(") || text.contains("Security(");
            if depends && ASKS.is_match(text)
                || text.contains("CurrentUser")
                || text.contains("HTTPAuthorizationCredentials")
            {
                return Some(short(text));
            }
        }
    }
    if let Some(class) = handler.class {
        for attribute in [
            "permission_classes",
            "authentication_classes",
            "decorators",
            "method_decorators",
            "dependencies",
        ] {
            let Some(value) = code.attribute(class, attribute) else { continue };
            let text = code.text_of(value);
            if ASKS.is_match(text)
                && !text.contains("AllowAny")
                && !(attribute == "authentication_classes"
                    && code.attribute(class, "permission_classes").is_some())
            {
                return Some(short(text));
            }
        }
        if let Some(mixin) = code.bases(class).into_iter().find(|b| {
            b.contains("LoginRequired") || b.contains("PermissionRequired") || b.contains("UserPassesTest")
        }) {
            return Some(mixin);
        }
        if code.decorators(class).iter().any(|d| ASKS.is_match(code.text_of(*d))) {
            return Some("a decorator of the class".to_owned());
        }
    }
    let body = syntax::field(handler.body, "body").map_or("", |b| code.text_of(b));
    BODY.find(body).map(|found| short(found.as_str()))
}

/// A practice of a handler, on its lines.
fn say(
    handler: &Handler<'_>,
    aspect: Aspect,
    state: State,
    subject: &str,
    detail: &str,
    out: &mut Sightings,
) {
    let seen =
        PracticeSeen { of: None, aspect, state, subject: subject.to_owned(), detail: detail.to_owned() };
    out.span(
        syntax::line(route::decorated(handler.body)),
        syntax::last_line(handler.body),
        Seen::Practice(seen),
    );
}

fn one(code: &Code, handler: &Handler<'_>, asked: Option<&str>, neighbours: bool, out: &mut Sightings) {
    let subject = if handler.path.is_empty() { handler.name.as_str() } else { handler.path.as_str() };
    let text = code.text_of(route::decorated(handler.body));
    let class_text = handler.class.map_or("", |c| code.text_of(c));
    let open = OPEN.is_match(subject) || OPEN.is_match(&handler.name) || subject == "/";
    match asked {
        Some(how) => say(handler, Aspect::Authentication, State::Present, subject, how, out),
        None if open => {}
        None => {
            let detail = if neighbours {
                "open to anybody, its neighbours ask who is calling"
            } else {
                "nothing in this file asks who is calling"
            };
            say(handler, Aspect::Authentication, State::Absent, subject, detail, out);
        }
    }
    if let Some(found) = ROLE.find(text) {
        say(handler, Aspect::Authorization, State::Present, subject, found.as_str(), out);
    } else if subject
        .to_ascii_lowercase()
        .split(['/', '_', '.'])
        .any(|p| p.starts_with("admin") || p == "internal")
    {
        say(handler, Aspect::Authorization, State::Absent, subject, "no role is asked for", out);
    }
    owner::check(code, handler, out);
    let throttled = THROTTLE.is_match(text) || class_text.contains("throttle_classes");
    if LOGIN.is_match(subject) || LOGIN.is_match(&handler.name) {
        let (state, detail) = if throttled {
            (State::Present, "attempts are limited")
        } else {
            (State::Absent, "attempts are not limited")
        };
        say(handler, Aspect::LoginThrottling, state, subject, detail, out);
    }
    if throttled {
        say(handler, Aspect::RateLimit, State::Present, subject, "limited", out);
    }
    if TENANT.is_match(text) {
        say(
            handler,
            Aspect::TenantFromClient,
            State::Present,
            subject,
            "the tenant is read from the request",
            out,
        );
    }
    if DEBUG.is_match(subject) {
        say(handler, Aspect::DebugSurface, State::Present, subject, "a debugging page", out);
    }
    bounds(code, handler, subject, text, out);
    payments(handler, subject, text, out);
}

/// Lists without pages and uploads without limit.
fn bounds(code: &Code, handler: &Handler<'_>, subject: &str, text: &str, out: &mut Sightings) {
    let is_get = handler.method.as_deref().is_none_or(|m| m == "GET");
    let lists = text.contains(".objects.all()")
        || text.contains(".query.all()")
        || text.contains(".find()")
        || text.contains(".find({})")
        || text.contains(").all()");
    if is_get && lists {
        let paged = ["paginat", "limit", "page", "[:", "per_page", "first("].iter().any(|w| text.contains(w))
            || handler.class.is_some_and(|c| code.attribute(c, "pagination_class").is_some());
        let (state, detail) = if paged {
            (State::Present, "the list is paged")
        } else {
            (State::Absent, "everything is returned")
        };
        say(handler, Aspect::PageLimit, state, subject, detail, out);
    }
    if text.contains("UploadFile") || text.contains("request.files") || text.contains("request.FILES") {
        let limited = ["size", "content_length", "MAX_", "max_"].iter().any(|w| text.contains(w))
            || code.text.contains("MAX_CONTENT_LENGTH");
        let (state, detail) = if limited {
            (State::Present, "the size is checked")
        } else {
            (State::Absent, "an upload of any size")
        };
        say(handler, Aspect::BodyLimit, state, subject, detail, out);
    }
}

/// Money that moves, and calls back from providers.
fn payments(handler: &Handler<'_>, subject: &str, text: &str, out: &mut Sightings) {
    let lower = text.to_ascii_lowercase();
    let changes = handler.method.as_deref().is_some_and(|m| m == "POST" || m == "PUT");
    if changes && (MOVES_MONEY.is_match(subject) || MOVES_MONEY.is_match(&handler.name))
        || lower.contains("idempotency")
    {
        let (state, detail) = if lower.contains("idempoten") {
            (State::Present, "a key of the request")
        } else {
            (State::Absent, "a repeated request happens twice")
        };
        say(handler, Aspect::IdempotencyKey, state, subject, detail, out);
    }
    let is_hook = subject.to_ascii_lowercase().contains("webhook")
        || handler.name.to_ascii_lowercase().contains("webhook");
    if is_hook && handler.method.as_deref().is_none_or(|m| m == "POST") {
        let signed = ["signature", "hmac", "construct_event", "verify"].iter().any(|w| lower.contains(w));
        let (state, detail) = if signed {
            (State::Present, "the signature is checked")
        } else {
            (State::Absent, "anybody may post an event")
        };
        say(handler, Aspect::WebhookSignature, state, subject, detail, out);
        let remembered =
            ["event_id", "event.id", "['id']", "[\"id\"]", "already", "processed", "get_or_create"]
                .iter()
                .any(|w| lower.contains(w));
        let (state, detail) = if remembered {
            (State::Present, "events are remembered")
        } else {
            (State::Absent, "an event that comes twice is handled twice")
        };
        say(handler, Aspect::WebhookDeduplication, state, subject, detail, out);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, see};

    #[test]
    fn the_handler_nobody_guards_is_told() {
        let text = "from rest_framework.views import APIView\nfrom utils import jwt_auth_required\nclass Orders(APIView):\n    @jwt_auth_required\n    def post(self, request, user=None):\n        return 1\n    def get(self, request, order_id=None):\n        order = Order.objects.get(id=order_id)\n        return order\n";
        let found = practices(&see("app/views.py", text));
        assert!(found.contains(&"Authentication Present Orders.post".to_owned()), "{found:?}");
        assert!(found.contains(&"Authentication Absent Orders.get".to_owned()), "{found:?}");
        assert!(found.contains(&"ObjectOwnership Absent Order".to_owned()), "{found:?}");
    }

    #[test]
    fn dependencies_ask_and_owners_are_checked() {
        let text = "from fastapi import APIRouter, Depends\nrouter = APIRouter()\n@router.get('/notes/{note_id}')\ndef one(note_id: int, user=Depends(get_current_user), db=Depends(get_db)):\n    return db.query(Note).filter(Note.id == note_id, Note.owner_id == user.id).first()\n@router.post('/login')\ndef login(form): pass\n";
        let found = practices(&see("app/notes.py", text));
        assert!(found.contains(&"Authentication Present /notes/{note_id}".to_owned()), "{found:?}");
        assert!(found.contains(&"ObjectOwnership Present Note".to_owned()), "{found:?}");
        assert!(found.contains(&"LoginThrottling Absent /login".to_owned()), "{found:?}");
        assert!(!found.iter().any(|p| p.starts_with("Authentication Absent")), "{found:?}");
    }
}
