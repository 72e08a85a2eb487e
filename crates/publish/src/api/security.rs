//! How callers prove who they are, as security schemes.

use std::collections::BTreeMap;

use loadcase_model::{Blueprint, Operation, OperationKind};
use serde_json::{Map, Value, json};

use super::contract::{Access, Contract};
use crate::view::View;

/// A way to prove who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    /// A cookie set after sign-in.
    Session,
    /// A cookie of somebody who used a second factor.
    StrongSession,
    /// An OAuth 2 access token with scopes.
    OAuth,
    /// A key of a machine.
    ApiKey,
    /// A short-lived token of the system's own.
    Bearer,
    /// A client certificate.
    MutualTls,
    /// A signature over a message.
    Signature,
}

impl Scheme {
    const ALL: [Self; 7] = [
        Self::Session,
        Self::StrongSession,
        Self::OAuth,
        Self::ApiKey,
        Self::Bearer,
        Self::MutualTls,
        Self::Signature,
    ];

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

    /// The name in contracts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OAuth => "oauth2",
            Self::Session => "session",
            Self::StrongSession => "strongSession",
            Self::ApiKey => "apiKey",
            Self::Bearer => "bearer",
            Self::MutualTls => "mutualTls",
            Self::Signature => "webhookSignature",
        }
    }

    /// Whether browsers send it by themselves.
    pub(crate) const fn is_cookie(self) -> bool {
        matches!(self, Self::Session | Self::StrongSession)
    }

    /// Whether whoever has this proof may show the other: tokens are got for a session, or by a machine that no row
    /// of a key stands for.
    pub(crate) fn stands_for(self, other: Self, keys_are_rows: bool) -> bool {
        let gets_tokens = self == Self::Session || self == Self::ApiKey && !keys_are_rows;
        self == other || other == Self::OAuth && gets_tokens
    }

    /// What it is, in a sentence.
    pub(crate) const fn about(self) -> &'static str {
        match self {
            Self::OAuth => {
                "OAuth 2 access token (JWT): authorization code with PKCE for people, client credentials for machines that have no key of their own. Short-lived, checked as RFC8725 says, good for its scopes only."
            }
            Self::Session => {
                "Session cookie, set after sign-in: Secure, HttpOnly, SameSite=Lax. Requests that change something also carry the header X-CSRF-Token: the value of the cookie `__Host-csrf`, which comes with the session's and which scripts may read."
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
                "The sender's signature over the raw body, in the header and the form that the sender documents; `Provider-Signature` stands for that header until the sender is chosen. An adapter for each sender checks it."
            }
        }
    }

    fn object(self, contract: &Contract) -> Value {
        let about = self.about();
        let key = |place: &str, name: &str| json!({"type": "apiKey", "in": place, "name": name, "description": about});
        match self {
            Self::Session => key("cookie", "__Host-session"),
            Self::StrongSession => key("cookie", "__Host-strong-session"),
            Self::ApiKey => key("header", "X-API-Key"),
            Self::Signature => key("header", "Provider-Signature"),
            Self::Bearer => {
                json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": about})
            }
            Self::MutualTls => json!({"type": "mutualTLS", "description": about}),
            Self::OAuth => {
                let at = |path: &str| format!("https://auth.{}.invalid/oauth2/{path}", contract.slug);
                let token = at("token");
                let mut flows = json!({
                    "authorizationCode": {"authorizationUrl": at("authorize"), "tokenUrl": token, "refreshUrl": token, "scopes": contract.scopes},
                });
                if !contract.keys_are_rows {
                    flows["clientCredentials"] =
                        json!({"tokenUrl": token, "refreshUrl": token, "scopes": contract.scopes});
                }
                json!({"type": "oauth2", "description": about, "flows": flows})
            }
        }
    }
}

/// The schemes the actors of a blueprint use; a bearer token when nothing is said.
pub(crate) fn schemes_of(blueprint: &Blueprint, tokens: bool) -> Vec<Scheme> {
    let actors = blueprint.actors.values();
    let mut found: Vec<Scheme> =
        actors.filter_map(|a| Scheme::of(a.authenticates_by.as_ref()?.as_str())).collect();
    if blueprint.operations.values().any(|o| o.kind == OperationKind::Webhook) {
        found.push(Scheme::Signature);
    }
    if found.iter().all(|s| *s == Scheme::Signature) {
        found.push(Scheme::Bearer);
    }
    with_tokens(&mut found, tokens, keys_are_rows(blueprint));
    in_order(&found)
}

/// Schemes in their order, each once.
pub(crate) fn in_order(found: &[Scheme]) -> Vec<Scheme> {
    Scheme::ALL.into_iter().filter(|s| found.contains(s)).collect()
}

/// Whether keys of machines are rows: they are made, listed and taken back there, which no token would know of.
pub(crate) fn keys_are_rows(blueprint: &Blueprint) -> bool {
    blueprint.entities.values().any(|e| e.fields.iter().any(|f| f.name == *"key_hash"))
}

/// Where the sign-in decision brings access tokens, they stand for people's sessions, and for machines without keys.
fn with_tokens(found: &mut Vec<Scheme>, tokens: bool, keys_are_rows: bool) {
    if tokens && found.iter().any(|s| s.stands_for(Scheme::OAuth, keys_are_rows)) {
        found.push(Scheme::OAuth);
    }
}

/// Which schemes an operation accepts, and whether it accepts callers without one.
pub(crate) fn accepted_by(blueprint: &Blueprint, operation: &Operation, tokens: bool) -> (Vec<Scheme>, bool) {
    if operation.kind == OperationKind::Webhook {
        return (vec![Scheme::Signature], false);
    }
    let all: Vec<Scheme> =
        schemes_of(blueprint, tokens).into_iter().filter(|s| *s != Scheme::Signature).collect();
    if operation.roles.is_empty() {
        return (all, true);
    }
    let mut found = Vec::new();
    let mut anonymous = false;
    for role in &operation.roles {
        match blueprint.actors.get(role).and_then(|a| a.authenticates_by.as_ref()) {
            Some(word) => match Scheme::of(word.as_str()) {
                Some(scheme) => found.push(scheme),
                None => anonymous = true,
            },
            None => found.extend(&all),
        }
    }
    with_tokens(&mut found, tokens, keys_are_rows(blueprint));
    let kept = in_order(&found);
    if kept.is_empty() { (all, anonymous) } else { (kept, anonymous) }
}

/// The ways into an operation: each scheme with each of the roles that prove themselves by it.
pub(crate) fn ways_of(
    blueprint: &Blueprint,
    operation: &Operation,
    schemes: &[Scheme],
) -> Vec<(Scheme, Vec<String>)> {
    let mut ways = Vec::new();
    for scheme in schemes {
        let shows = |role: &&loadcase_model::Id| {
            let word = blueprint.actors.get(*role).and_then(|a| a.authenticates_by.as_ref());
            word.is_none_or(|w| {
                Scheme::of(w.as_str()).is_some_and(|own| own.stands_for(*scheme, keys_are_rows(blueprint)))
            })
        };
        let roles: Vec<_> = operation.roles.iter().filter(shows).collect();
        if roles.is_empty() || *scheme == Scheme::Signature {
            ways.push((*scheme, Vec::new()));
        }
        ways.extend(roles.into_iter().map(|r| (*scheme, vec![r.as_str().to_owned()])));
    }
    ways
}

/// Whether the sign-in decision of a design brings access tokens.
pub(crate) fn has_tokens(view: &View<'_>) -> bool {
    view.uses("jwt-access-tokens")
}

/// The word for how an actor proves who it is: what the sign-in decision does not bring is left out.
pub(crate) fn spoken(view: &View<'_>, word: &str) -> String {
    let word = crate::text::words(word);
    let bare = word.strip_prefix("oidc ").filter(|_| !view.uses("oidc") && !view.uses("oidc-login"));
    bare.map_or_else(|| word.clone(), str::to_owned)
}

/// The schemes of a design.
pub(crate) fn schemes(view: &View<'_>) -> Vec<Scheme> {
    schemes_of(view.blueprint(), has_tokens(view))
}

/// Which schemes an operation of a design accepts, and whether it accepts callers without one.
pub(crate) fn accepted(view: &View<'_>, operation: &Operation) -> (Vec<Scheme>, bool) {
    accepted_by(view.blueprint(), operation, has_tokens(view))
}

/// The schemes as an object of an OpenAPI document.
pub(crate) fn components(contract: &Contract) -> Value {
    Value::Object(
        contract.schemes.iter().map(|s| (s.name().to_owned(), s.object(contract))).collect::<Map<_, _>>(),
    )
}

/// The requirement of a call: one of its schemes with the scopes it needs, or none where anybody may call.
pub(crate) fn requirement(access: &Access) -> Value {
    let mut list: Vec<Value> = Vec::new();
    for (scheme, roles) in &access.ways {
        // Where a scheme has no scopes, its list holds the roles that whoever shows it must all have.
        let needed = if *scheme == Scheme::OAuth { &access.scopes } else { roles };
        let one = json!(BTreeMap::from([(scheme.name(), needed)]));
        if !list.contains(&one) {
            list.push(one);
        }
    }
    if access.anonymous {
        list.insert(0, json!({}));
    }
    Value::Array(list)
}
