//! What one operation in C# shows: who may call it, whose objects it touches, how much one request costs.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use crate::extract::dotnet::csharp::{Call, Code};
use crate::extract::dotnet::declaration::Attribute;
use crate::source::Sightings;
use crate::syntax;

/// Words by which a body speaks of the caller.
const CALLER: &[&str] = &[
    "User.",
    "ClaimsPrincipal",
    "HttpContext.User",
    "GetUserId",
    "GetUserIdentity",
    "CurrentUser",
    "currentUser",
    "IAuthorizationService",
    "AuthorizeAsync(",
    "OwnerId",
    "ownerId",
    "TenantId",
    "BuyerId",
    "FindFirstValue(",
    "identityService",
    "userId",
];

/// Whether calls behind a mapping ask for a caller.
pub(crate) fn asked(after: &[Call<'_, '_>]) -> Option<bool> {
    let has = |name: &str| after.iter().any(|c| c.name == name);
    if has("AllowAnonymous") { Some(false) } else { has("RequireAuthorization").then_some(true) }
}

/// Whether attributes ask for a caller.
pub(crate) fn attributed(attributes: &[Attribute<'_, '_>]) -> Option<bool> {
    let has = |name: &str| attributes.iter().any(|a| a.name == name);
    if has("AllowAnonymous") {
        Some(false)
    } else {
        // Projects derive attributes of their own: `[AdminAuthorize]`.
        attributes.iter().any(|a| a.name.ends_with("Authorize")).then_some(true)
    }
}

/// Roles and policies that calls behind a mapping ask for.
pub(crate) fn roles_of<'t>(code: &Code<'_, 't>, after: &[Call<'_, 't>]) -> Vec<String> {
    let asking = after.iter().filter(|c| c.name == "RequireAuthorization");
    asking
        .flat_map(|c| &c.arguments)
        .map(|(_, a)| code.value(*a))
        .map(|role| role.trim_matches(['{', '}']).to_owned())
        .filter(|role| !role.is_empty() && role != "value")
        .collect()
}

/// Roles and policies that attributes ask for.
pub(crate) fn roles<'t>(code: &Code<'_, 't>, attributes: &[Attribute<'_, 't>]) -> Vec<String> {
    let mut roles = Vec::new();
    for attribute in attributes.iter().filter(|a| a.name.ends_with("Authorize")) {
        let named = [attribute.named("Roles"), attribute.named("Policy"), attribute.first()];
        for value in named.into_iter().flatten() {
            let value = code.value(value);
            let value = value.trim_matches(['{', '}']);
            roles.extend(value.split(',').map(|r| r.trim().to_owned()).filter(|r| !r.is_empty()));
        }
    }
    roles
}

/// What the body of an operation shows.
pub(crate) fn practices(
    code: &Code<'_, '_>,
    body: Node<'_>,
    method: Option<&str>,
    path: &str,
    asks: bool,
    out: &mut Sightings,
) {
    let text = code.text(body);
    let (line, until) = (syntax::line(body), syntax::last_line(body));
    let mut add = |aspect, state, detail: &str| {
        let seen = crate::sighting::PracticeSeen {
            of: None,
            aspect,
            state,
            subject: path.to_owned(),
            detail: detail.to_owned(),
        };
        out.span(line, until, crate::sighting::Seen::Practice(seen));
    };
    let speaks_of_caller = CALLER.iter().any(|w| text.contains(w));
    let by_id = path.split('/').any(|p| p.starts_with('{') && p.to_ascii_lowercase().contains("id"));
    let looks_up = ["Find(", "FindAsync(", "First", "Single", ".Where(", "GetById", "ById(", "Remove("]
        .iter()
        .any(|w| text.contains(w));
    if by_id && speaks_of_caller {
        add(Aspect::ObjectOwnership, State::Present, "the caller's identity is used with the object's");
    } else if by_id && looks_up && asks {
        add(Aspect::ObjectOwnership, State::Absent, "the object is looked up by its identifier alone");
    }
    let lists =
        ["ToListAsync(", "ToList(", "ToArrayAsync(", "AsAsyncEnumerable("].iter().any(|w| text.contains(w));
    if matches!(method, Some("GET") | None) {
        let limited = text.contains(".Take(") || text.contains("PageSize") || text.contains("pageSize");
        if limited {
            add(Aspect::PageLimit, State::Present, "Take");
        } else if lists && !path.contains('{') && !text.contains(".Where(") {
            add(Aspect::PageLimit, State::Absent, "the whole table is read into the answer");
        }
    }
    if text.contains("Idempotency-Key") || text.contains("IdempotencyKey") || text.contains("x-requestid") {
        add(Aspect::IdempotencyKey, State::Present, "a key of the request is read");
    }
    let caller_names_tenant = ["[FromHeader(Name = \"X-Tenant", "Headers[\"X-Tenant", "Headers[\"x-tenant"];
    if caller_names_tenant.iter().any(|w| text.contains(w)) {
        add(Aspect::TenantFromClient, State::Present, "the tenant is read from a header");
    }
    let signed = ["EventUtility.ConstructEvent", "Stripe-Signature", "X-Hub-Signature", "webhook-signature"];
    if signed.iter().any(|w| text.contains(w)) {
        add(Aspect::WebhookSignature, State::Present, "the signature of the call is verified");
    }
}
