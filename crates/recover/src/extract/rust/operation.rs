//! What one handler in Rust shows: who may call it, whose objects it touches, how much one request costs.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use crate::extract::rust::code::Code;
use crate::sighting::{PracticeSeen, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Words of extractors and guards that ask for a caller.
const CALLER: &[&str] = &[
    "Claims",
    "AuthUser",
    "AuthenticatedUser",
    "CurrentUser",
    "BearerAuth",
    "BasicAuth",
    "Authorization<",
    "AuthSession",
    "AuthGuard",
    "LoggedUser",
    "Authenticated",
    "Identity",
    "UserId",
    "JwtAuth",
    "ApiKey",
    "AdminUser",
    "ReqData<",
];

/// Files in which routers are put together.
const STARTS: &[&str] = &[
    "main.rs",
    "lib.rs",
    "app.rs",
    "router.rs",
    "routes.rs",
    "server.rs",
    "startup.rs",
    "routes/mod.rs",
    "api/mod.rs",
];

/// Whether the text of a layer or middleware asks callers who they are.
pub(crate) fn is_guard(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["auth", "jwt", "require_login", "login_required", "require_user"].iter().any(|w| lower.contains(w))
        && !lower.contains("authority")
}

/// Whether any router of the crate stands behind a guard: then what seems open may not be.
pub(crate) fn guarded(source: &Source<'_>) -> bool {
    let folder = source.folder();
    let root = match folder.rfind("src") {
        Some(at) => folder.get(..at + 3).unwrap_or(folder),
        None => folder,
    };
    STARTS.iter().any(|name| {
        let path = if root.is_empty() { (*name).to_owned() } else { format!("{root}/{name}") };
        let text = source.read(&path).unwrap_or_default();
        let layers = [".layer(", ".route_layer(", ".wrap(", "wrap_fn("];
        text.lines().any(|l| layers.iter().any(|p| l.contains(p)) && is_guard(l))
    })
}

/// Whether a handler takes the caller's identity.
pub(crate) fn asks(code: &Code<'_, '_>, function: Node<'_>) -> bool {
    let parameters = syntax::field_text(function, "parameters", code.source.text).unwrap_or("");
    // `Option<Identity>` lets callers through who have none.
    CALLER.iter().any(|w| parameters.contains(w))
        && !CALLER.iter().any(|w| parameters.contains(&format!("Option<{w}")))
}

/// What the body of a handler shows.
pub(crate) fn practices(
    code: &Code<'_, '_>,
    function: Node<'_>,
    method: Option<&str>,
    path: &str,
    asks: bool,
    out: &mut Sightings,
) {
    let text = code.text(function);
    let (line, until) = (syntax::line(function), syntax::last_line(function));
    let mut add = |aspect, state, detail: &str| {
        let (subject, detail) = (path.to_owned(), detail.to_owned());
        out.span(line, until, Seen::Practice(PracticeSeen { of: None, aspect, state, subject, detail }));
    };
    let by_id = path.split('/').any(|p| p.starts_with('{') && p.to_ascii_lowercase().contains("id"));
    let caller =
        ["user_id", "owner_id", "claims.sub", "user.id", "tenant_id"].iter().any(|w| text.contains(w));
    if by_id && caller && asks {
        add(Aspect::ObjectOwnership, State::Present, "the caller's identity is used with the object's");
    } else if by_id
        && asks
        && (text.contains("where id") || text.contains("WHERE id") || text.contains("find_by_id"))
    {
        add(Aspect::ObjectOwnership, State::Absent, "the object is looked up by its identifier alone");
    }
    let lower = text.to_ascii_lowercase();
    if method == Some("GET") {
        if lower.contains("limit ") || lower.contains(".limit(") || lower.contains("paginat") {
            add(Aspect::PageLimit, State::Present, "limit");
        } else if !path.contains('{') && (text.contains(".fetch_all(") || text.contains("find().all(")) {
            add(Aspect::PageLimit, State::Absent, "the whole result is read into the answer");
        }
    }
}
