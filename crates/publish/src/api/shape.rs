//! What an endpoint takes and gives, read from its method, its path and the rows it touches.

use loadcase_model::{AccessKind, Entity, FieldType, Id, OperationKind};

use crate::data::columns::{Column, Role, columns};
use crate::view::{Endpoint, View};

/// What comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer<'a> {
    /// A page of rows.
    Page(&'a Id),
    /// One row.
    One(&'a Id),
    /// A row that was made.
    Created(&'a Id),
    /// A count.
    Count(&'a Id),
    /// Nothing but success.
    Nothing,
    /// Work that is done later.
    Accepted,
    /// Events as they happen.
    Stream,
}

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body<'a> {
    None,
    /// All fields of a row that a caller may set.
    Whole(&'a Id),
    /// Some of them.
    Part(&'a Id),
    /// Words to search for.
    Search,
    /// A message of another system.
    Event,
}

/// An endpoint understood.
pub(crate) struct Shape<'a> {
    pub(crate) endpoint: Endpoint<'a>,
    /// The path without its version, parameters in braces.
    pub(crate) path: String,
    /// Names of the parameters in the path.
    pub(crate) parameters: Vec<String>,
    pub(crate) answer: Answer<'a>,
    pub(crate) body: Body<'a>,
    /// The entity it is about, for parameter types and filters.
    pub(crate) subject: Option<&'a Id>,
}

impl<'a> Shape<'a> {
    pub(crate) fn new(view: &View<'a>, endpoint: Endpoint<'a>) -> Self {
        let path = clean_path(endpoint.path);
        let parameters = parameters(&path);
        let subject = subject(endpoint, &path);
        let (answer, body) = understood(view, endpoint, &path, subject);
        Self { endpoint, path, parameters, answer, body, subject }
    }

    /// Whether the caller must send a key that makes repetition harmless.
    pub(crate) fn needs_key(&self) -> bool {
        let unsafe_method = matches!(self.endpoint.method, "POST" | "PATCH");
        self.endpoint.operation.critical
            && unsafe_method
            && self.endpoint.operation.kind == OperationKind::Request
    }
}

/// The path in the characters a path may have: the version is the server's, braces only around whole segments.
fn clean_path(path: &str) -> String {
    let mut out = String::new();
    for (n, segment) in path.split('/').filter(|s| !s.is_empty()).enumerate() {
        let inner = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}'));
        let word = |text: &str| -> String {
            text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~')).collect()
        };
        let text = word(inner.unwrap_or(segment));
        if text.is_empty() || n == 0 && is_version(&text) {
            continue;
        }
        out.push('/');
        out.push_str(&if inner.is_some() {
            format!("{{{}}}", text.replace(['-', '.', '~'], "_"))
        } else {
            text
        });
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

fn parameters(path: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for segment in path.split('/') {
        if let Some(name) = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}'))
            && !found.contains(&name.to_owned())
        {
            found.push(name.to_owned());
        }
    }
    found
}

/// The entity an endpoint is about: the one its path names last, else the one it reads or writes most.
fn subject<'a>(endpoint: Endpoint<'a>, path: &str) -> Option<&'a Id> {
    let accesses = &endpoint.operation.accesses;
    let named = path
        .rsplit('/')
        .filter(|s| !s.starts_with('{'))
        .find_map(|segment| accesses.iter().map(|a| &a.entity).find(|id| names(segment, id.as_str())));
    let writes =
        |kind: AccessKind| matches!(kind, AccessKind::Insert | AccessKind::Update | AccessKind::Delete);
    let main = accesses.iter().filter(|a| !is_bookkeeping(&a.entity)).max_by(|a, b| {
        let weight = |x: &loadcase_model::Access| {
            let asked =
                endpoint.method != "GET" && writes(x.kind) || endpoint.method == "GET" && !writes(x.kind);
            (asked, x.kind == AccessKind::ReadMany)
        };
        weight(a).cmp(&weight(b))
    });
    named.or(main.map(|a| &a.entity))
}

/// Whether a segment of a path is the plural of an entity's name, or the name itself.
fn names(segment: &str, entity: &str) -> bool {
    let segment = segment.replace('_', "-");
    let stem = entity.strip_suffix('y').map(|s| format!("{s}ies"));
    segment == entity
        || segment == format!("{entity}s")
        || segment == format!("{entity}es")
        || stem.is_some_and(|plural| plural == segment)
}

/// Rows that protocols need and callers do not ask for.
fn is_bookkeeping(entity: &Id) -> bool {
    ["idempotency", "outbox", "audit", "job"].iter().any(|word| entity.as_str().contains(word))
}

fn understood<'a>(
    view: &View<'a>,
    endpoint: Endpoint<'a>,
    path: &str,
    subject: Option<&'a Id>,
) -> (Answer<'a>, Body<'a>) {
    let operation = endpoint.operation;
    match operation.kind {
        OperationKind::Stream => return (Answer::Stream, Body::None),
        OperationKind::Webhook => return (Answer::Nothing, Body::Event),
        _ => {}
    }
    let subject = subject.filter(|id| view.blueprint().entities.contains_key(*id));
    let has =
        |kind: AccessKind| operation.accesses.iter().any(|a| Some(&a.entity) == subject && a.kind == kind);
    let Some(id) = subject else {
        let answer = if endpoint.method == "GET" || endpoint.method == "DELETE" {
            Answer::Nothing
        } else {
            Answer::Accepted
        };
        return (answer, Body::None);
    };
    match endpoint.method {
        "GET" if path.ends_with('}') && has(AccessKind::ReadOne) => (Answer::One(id), Body::None),
        "GET" if has(AccessKind::ReadMany) => (Answer::Page(id), Body::None),
        "GET" if has(AccessKind::ReadOne) => (Answer::One(id), Body::None),
        "GET" if has(AccessKind::Aggregate) => (Answer::Count(id), Body::None),
        "GET" => (Answer::Nothing, Body::None),
        "DELETE" => (Answer::Nothing, Body::None),
        "PATCH" => (Answer::One(id), Body::Part(id)),
        "PUT" if has(AccessKind::Delete) => (Answer::Nothing, Body::None),
        "PUT" => (Answer::One(id), Body::Whole(id)),
        _ if has(AccessKind::Insert) => (Answer::Created(id), Body::Whole(id)),
        _ if has(AccessKind::Update) => (Answer::One(id), Body::None),
        _ if has(AccessKind::Delete) => (Answer::Nothing, Body::None),
        _ if has(AccessKind::ReadMany) => (Answer::Page(id), Body::Search),
        _ if has(AccessKind::ReadOne) => (Answer::One(id), Body::None),
        _ => (Answer::Accepted, Body::None),
    }
}

/// Columns a caller may read: no secrets, and not the tenant, who is known from the caller.
pub(crate) fn readable(entity: &Entity) -> Vec<Column> {
    columns(entity).into_iter().filter(|c| !c.is_secret() && c.role != Role::Tenant).collect()
}

/// Columns a caller may set. References in the path and the caller's own account are known already; counters are
/// the server's.
pub(crate) fn settable(view: &View<'_>, shape_parameters: &[String], entity: &Entity) -> Vec<Column> {
    let mut own = true;
    readable(entity)
        .into_iter()
        .filter(|c| c.listed && c.role == Role::Plain)
        .filter(|c| !shape_parameters.contains(&c.name))
        .filter(|c| !c.name.ends_with("_count"))
        .filter(|c| {
            // The first reference to an account is the caller; a second one is somebody else.
            let caller =
                own && c.kind == FieldType::Ref && c.to.as_ref().is_some_and(|to| is_account(view, to));
            own &= !caller;
            !caller
        })
        .collect()
}

/// Whether an entity is what people sign in to: it holds a unique e-mail address.
pub(crate) fn is_account(view: &View<'_>, id: &Id) -> bool {
    let entity = view.blueprint().entities.get(id);
    entity.is_some_and(|e| e.fields.iter().any(|f| f.kind == FieldType::Email && f.unique))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned() {
        let cases = [
            ("/v1/posts/{post_id}", "/posts/{post_id}"),
            ("/v1/posts/{post-id}/..//x y", "/posts/{post_id}/../xy"),
            ("/{}/a{b}c", "/abc"),
            ("/v1", "/"),
            ("/v1/v2/x", "/v2/x"),
        ];
        for (path, clean) in cases {
            assert_eq!(clean_path(path), clean, "{path}");
        }
        assert_eq!(parameters("/a/{b}/{b}/{c}"), ["b", "c"]);
    }
}
