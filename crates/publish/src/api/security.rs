//! How callers prove who they are, as security schemes.

use loadcase_model::{Operation, OperationKind};
use serde_json::{Map, Value, json};

use crate::view::View;

/// A way to prove who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scheme {
    Session,
    StrongSession,
    ApiKey,
    Bearer,
    MutualTls,
    Signature,
}

impl Scheme {
    const ALL: [Self; 6] =
        [Self::Session, Self::StrongSession, Self::ApiKey, Self::Bearer, Self::MutualTls, Self::Signature];

    /// The scheme behind a word such as `oidc-session`; `None` for `none`.
    pub(crate) fn of(word: &str) -> Option<Self> {
        let has = |part: &str| word.contains(part);
        match () {
            () if word == "none" => None,
            () if has("session") && has("strong") => Some(Self::StrongSession),
            () if has("session") || has("cookie") => Some(Self::Session),
            () if has("api-key") || has("write-key") => Some(Self::ApiKey),
            () if has("webhook") || has("signature") => Some(Self::Signature),
            () if has("mutual-tls") || has("mtls") || has("certificate") => Some(Self::MutualTls),
            () => Some(Self::Bearer),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::StrongSession => "strongSession",
            Self::ApiKey => "apiKey",
            Self::Bearer => "bearer",
            Self::MutualTls => "mutualTls",
            Self::Signature => "webhookSignature",
        }
    }

    /// What it is, in a sentence.
    pub(crate) const fn about(self) -> &'static str {
        match self {
            Self::Session => {
                "Session cookie, set after sign-in: Secure, HttpOnly, SameSite=Lax. Requests that change something also carry the header X-CSRF-Token."
            }
            Self::StrongSession => {
                "Session cookie of somebody who signed in with a second factor a short time ago; otherwise like the session."
            }
            Self::ApiKey => {
                "Key of a machine, sent in a header only. Kept as a hash, limited in scope, replaceable."
            }
            Self::Bearer => {
                "Short-lived access token (JWT), checked as RFC8725 says: algorithm fixed, issuer, audience and expiry verified."
            }
            Self::MutualTls => "Client certificate, bound to the caller's identity.",
            Self::Signature => {
                "Signature over the raw body and a timestamp, made with a shared secret. Old timestamps and repeated events are refused."
            }
        }
    }

    fn object(self) -> Value {
        let about = self.about();
        match self {
            Self::Session => {
                json!({"type": "apiKey", "in": "cookie", "name": "__Host-session", "description": about})
            }
            Self::StrongSession => {
                json!({"type": "apiKey", "in": "cookie", "name": "__Host-strong-session", "description": about})
            }
            Self::ApiKey => {
                json!({"type": "apiKey", "in": "header", "name": "X-API-Key", "description": about})
            }
            Self::Bearer => {
                json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": about})
            }
            Self::MutualTls => json!({"type": "mutualTLS", "description": about}),
            Self::Signature => {
                json!({"type": "apiKey", "in": "header", "name": "Webhook-Signature", "description": about})
            }
        }
    }
}

/// The schemes the actors of a design use; a bearer token when nothing is said.
pub(crate) fn schemes(view: &View<'_>) -> Vec<Scheme> {
    let actors = view.blueprint().actors.values();
    let mut found: Vec<Scheme> =
        actors.filter_map(|a| Scheme::of(a.authenticates_by.as_ref()?.as_str())).collect();
    if view.blueprint().operations.values().any(|o| o.kind == OperationKind::Webhook) {
        found.push(Scheme::Signature);
    }
    if found.iter().all(|s| *s == Scheme::Signature) {
        found.push(Scheme::Bearer);
    }
    Scheme::ALL.into_iter().filter(|s| found.contains(s)).collect()
}

/// The schemes as an object of the contract.
pub(crate) fn components(view: &View<'_>) -> Value {
    let schemes = schemes(view);
    Value::Object(schemes.into_iter().map(|s| (s.name().to_owned(), s.object())).collect::<Map<_, _>>())
}

/// Which schemes an operation accepts, and whether it accepts callers without one.
pub(crate) fn accepted(view: &View<'_>, operation: &Operation) -> (Vec<Scheme>, bool) {
    if operation.kind == OperationKind::Webhook {
        return (vec![Scheme::Signature], false);
    }
    let all: Vec<Scheme> = schemes(view).into_iter().filter(|s| *s != Scheme::Signature).collect();
    if operation.roles.is_empty() {
        return (all, true);
    }
    let actors = &view.blueprint().actors;
    let mut found = Vec::new();
    let mut anonymous = false;
    for role in &operation.roles {
        match actors.get(role).and_then(|a| a.authenticates_by.as_ref()) {
            Some(word) => match Scheme::of(word.as_str()) {
                Some(scheme) => found.push(scheme),
                None => anonymous = true,
            },
            None => found.extend(&all),
        }
    }
    let kept: Vec<Scheme> = Scheme::ALL.into_iter().filter(|s| found.contains(s)).collect();
    if kept.is_empty() { (all, anonymous) } else { (kept, anonymous) }
}

/// The requirement of an operation: one of its schemes, or none where anybody may call.
pub(crate) fn requirement(view: &View<'_>, operation: &Operation) -> Value {
    let (schemes, anonymous) = accepted(view, operation);
    let mut list: Vec<Value> = schemes.into_iter().map(|s| json!({s.name(): []})).collect();
    if anonymous {
        list.insert(0, json!({}));
    }
    Value::Array(list)
}
