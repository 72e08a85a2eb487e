//! What a handler of requests does and leaves out: whose object it gives, how much, and to whom.

use loadcase_model::{Aspect, State};

use crate::extract::java::code::{Annotation, Class, Expr, Field, Method, annotated, has_any, simple};
use crate::source::Sightings;

/// Annotations that ask for a role.
const ROLES: &[&str] =
    &["PreAuthorize", "Secured", "RolesAllowed", "PostAuthorize", "RequiresRoles", "RequiresPermissions"];

/// The roles a method asks for, as written.
pub(crate) fn roles(class: &Class, method: &Method) -> Vec<String> {
    let asks = |annotations: &[Annotation]| -> Vec<String> {
        let asking = annotations.iter().filter(|a| ROLES.contains(&a.name.as_str()));
        let texts = asking.filter_map(|a| a.arg(&["value"])).flat_map(|e| e.items().to_vec());
        texts
            .filter_map(|e| match e {
                Expr::Text(text) => Some(text),
                Expr::Name(name) => Some(name),
                _ => None,
            })
            .collect()
    };
    let own = asks(&method.annotations);
    if own.is_empty() { asks(&class.annotations) } else { own }
}

/// Types of parameters that say who is calling.
const CALLERS: &[&str] = &[
    "Principal",
    "Authentication",
    "OAuth2Authentication",
    "Jwt",
    "UserDetails",
    "OAuth2User",
    "OidcUser",
    "JwtAuthenticationToken",
    "SecurityContext",
    "JsonWebToken",
    "KeycloakPrincipal",
];

/// Words of a body that ask who is calling.
const ASKING: &[&str] = &[
    "SecurityContextHolder",
    "getPrincipal",
    "getCurrentUser",
    "currentUser",
    "getUserPrincipal",
    "getAuthentication",
    "getRemoteUser",
    "getLoggedInUser",
    "getSubject(",
    "isOwner",
    "checkOwner",
];

/// Types of results that hold many.
const MANY: &[&str] =
    &["List", "Collection", "Iterable", "Set", "Flux", "Stream", "CollectionModel", "Multi"];

/// The practices of one handler.
pub(crate) fn practices(class: &Class, method: &Method, verb: Option<&str>, path: &str, out: &mut Sightings) {
    ownership(class, method, path, out);
    page_limit(method, verb, path, out);
    throttling(method, verb, path, out);
    forwarded(method, path, out);
    if method
        .params
        .iter()
        .any(|p| p.annotations.iter().any(|a| header(a).eq_ignore_ascii_case("idempotency-key")))
    {
        out.practice(method.line, Aspect::IdempotencyKey, State::Present, path, "Idempotency-Key header");
    }
    webhook(method, path, out);
}

fn header(annotation: &Annotation) -> &str {
    match annotation.arg(&["value", "name"]) {
        Some(Expr::Text(text)) if annotation.name == "RequestHeader" || annotation.name == "HeaderParam" => {
            text
        }
        _ => "",
    }
}

fn knows_caller(method: &Method) -> bool {
    method.params.iter().any(|p| {
        CALLERS.contains(&simple(&p.ty))
            || has_any(&p.annotations, &["AuthenticationPrincipal", "CurrentUser"])
    }) || ASKING.iter().any(|word| method.body.contains(word))
}

/// Whether a parameter takes the identifier of an object from the path.
fn is_object_id(param: &Field) -> bool {
    let of_path = has_any(&param.annotations, &["PathVariable", "PathParam"]);
    let name = param.name.to_ascii_lowercase();
    of_path
        && (name == "id"
            || name.ends_with("id")
            || name.ends_with("uuid")
            || name.ends_with("number")
            || name.contains("username"))
}

fn ownership(class: &Class, method: &Method, path: &str, out: &mut Sightings) {
    if !method.params.iter().any(is_object_id) {
        return;
    }
    let asks = roles(class, method).join(" ");
    let by_rule = asks.contains("principal")
        || asks.contains("authentication")
        || asks.contains('#')
        || asks.contains('@');
    if knows_caller(method) || by_rule {
        out.span(
            method.line,
            method.last,
            practice(Aspect::ObjectOwnership, State::Present, path, "the handler knows who is calling"),
        );
    } else {
        let detail = "the object is taken by its identifier alone; the handler never asks who is calling";
        out.span(method.line, method.last, practice(Aspect::ObjectOwnership, State::Absent, path, detail));
    }
}

/// A practice as something seen.
pub(crate) fn practice(aspect: Aspect, state: State, subject: &str, detail: &str) -> crate::sighting::Seen {
    crate::sighting::Seen::Practice(crate::sighting::PracticeSeen {
        of: None,
        aspect,
        state,
        subject: subject.to_owned(),
        detail: detail.to_owned(),
    })
}

fn page_limit(method: &Method, verb: Option<&str>, path: &str, out: &mut Sightings) {
    let ty = method.returns.as_str();
    if ty.starts_with("Page<") || ty.contains("<Page<") || ty.contains("PagedModel<") {
        out.practice(method.line, Aspect::PageLimit, State::Present, path, "a page is returned");
        return;
    }
    let many = MANY.iter().any(|m| ty.starts_with(&format!("{m}<")) || ty.contains(&format!("<{m}<")))
        || ty.ends_with("[]");
    if !many || !matches!(verb, None | Some("GET")) {
        return;
    }
    let limited = method.params.iter().any(|p| {
        let name = p.name.to_ascii_lowercase();
        simple(&p.ty) == "Pageable"
            || ["page", "limit", "size", "offset", "top", "max"].iter().any(|w| name.contains(w))
    });
    if limited {
        out.practice(method.line, Aspect::PageLimit, State::Present, path, "the caller asks for a page");
    } else if method.body.contains("findAll()") || method.params.is_empty() {
        out.practice(method.line, Aspect::PageLimit, State::Absent, path, "the whole list is returned");
    }
}

/// Words of paths and handlers where somebody proves who he is.
const SIGN_IN: &[&str] = &[
    "login",
    "signin",
    "sign-in",
    "sign_in",
    "authenticate",
    "otp",
    "reset-password",
    "resetpassword",
    "forgot-password",
    "forgotpassword",
    "forget-password",
    "verify-code",
    "verifycode",
    "2fa",
    "change-password",
];

/// Words of a handler that limits attempts.
const LIMITS: &[&str] = &[
    "Bucket",
    "attempt",
    "Attempt",
    "rateLimit",
    "RateLimit",
    "lockout",
    "tryConsume",
    "captcha",
    "Captcha",
    "throttl",
];

fn throttling(method: &Method, verb: Option<&str>, path: &str, out: &mut Sightings) {
    // `{loginId}` names an identifier, not what the path is for.
    let written: Vec<&str> = path.split('/').filter(|part| !part.starts_with('{')).collect();
    let at = format!("{} {}", written.join("/").to_ascii_lowercase(), method.name.to_ascii_lowercase());
    if !SIGN_IN.iter().any(|w| at.contains(w))
        || verb == Some("DELETE")
        || (verb == Some("GET") && method.params.is_empty())
    {
        return;
    }
    let limited = has_any(&method.annotations, &["RateLimiter", "RateLimit", "RateLimiting"])
        || LIMITS.iter().any(|w| method.body.contains(w));
    let (state, detail) = if limited {
        (State::Present, "attempts are limited in the handler")
    } else {
        (State::Absent, "the handler takes any number of attempts")
    };
    out.span(method.line, method.last, practice(Aspect::LoginThrottling, state, path, detail));
}

/// The inbound credential goes on when headers or the authorization header are passed to a call.
fn forwarded(method: &Method, path: &str, out: &mut Sightings) {
    let inbound: Vec<&str> = method
        .params
        .iter()
        .filter(|p| annotated(&p.annotations, "RequestHeader").is_some())
        .filter(|p| {
            simple(&p.ty) == "HttpHeaders"
                || p.annotations.iter().any(|a| header(a).eq_ignore_ascii_case("authorization"))
        })
        .map(|p| p.name.as_str())
        .collect();
    let passed =
        method.calls.iter().find(|c| c.args.iter().any(|a| a.name().is_some_and(|n| inbound.contains(&n))));
    if let Some(call) = passed {
        out.practice(
            call.line,
            Aspect::CredentialForwarded,
            State::Present,
            path,
            format!("passed to {}", call.name),
        );
    }
}

fn webhook(method: &Method, path: &str, out: &mut Sightings) {
    let at = path.to_ascii_lowercase();
    if !(at.contains("webhook") || at.contains("ipn") && at.contains("pay")) {
        return;
    }
    let verified = [
        "constructEvent",
        "HmacSHA",
        "Mac.getInstance",
        "verifySignature",
        "isValidSignature",
        "verifyHeader",
    ]
    .iter()
    .any(|w| method.body.contains(w));
    let (state, detail) = if verified {
        (State::Present, "the signature is checked in the handler")
    } else {
        (State::Absent, "the handler checks no signature")
    };
    out.span(method.line, method.last, practice(Aspect::WebhookSignature, state, path, detail));
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, see};

    #[test]
    fn handlers_without_owner_limit_or_throttle_are_seen() {
        let text = r#"@RestController class A {
            @GetMapping("/orders/{id}") Order one(@PathVariable Long id) { return repo.findById(id).get(); }
            @GetMapping("/mine/{id}") Order mine(@PathVariable Long id, Principal who) { return repo.of(id, who); }
            @GetMapping("/orders") List<Order> all() { return repo.findAll(); }
            @PreAuthorize("hasRole('ADMIN')") @GetMapping("/pages") Page<Order> pages(Pageable p) { return repo.findAll(p); }
            @PostMapping("/login") Token login(@RequestBody Credentials c) { return service.login(c); }
        }"#;
        assert_eq!(
            practices(&see("A.java", text)),
            [
                "ObjectOwnership Absent /orders/{id}",
                "ObjectOwnership Present /mine/{id}",
                "PageLimit Absent /orders",
                "PageLimit Present /pages",
                "Authorization Present /pages",
                "LoginThrottling Absent /login",
            ]
        );
    }
}
