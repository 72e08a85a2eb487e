//! Whether a caller proves who they are. The mock knows one value for each scheme, and the same with `-forbidden`
//! for somebody who lacks the permission.

use loadcase_publish::contracts::{Call, Scheme};

use super::{Reply, Request, refuse};

/// What a caller sends, by scheme: header and value.
pub(crate) const CREDENTIALS: &[(&str, &str)] = &[
    ("Authorization", "Bearer mock-token"),
    ("Cookie", "__Host-session=mock-session; __Host-strong-session=mock-session"),
    ("X-API-Key", "mock-key"),
    ("Provider-Signature", "bW9jaw=="),
];

/// What a proof turned out to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proof {
    Missing,
    Wrong,
    Forbidden,
    Right,
}

fn judged(value: Option<&str>, right: &str) -> Proof {
    match value {
        None => Proof::Missing,
        Some(v) if v == right => Proof::Right,
        Some(v) if v.strip_suffix("-forbidden") == Some(right) => Proof::Forbidden,
        Some(_) => Proof::Wrong,
    }
}

fn cookie<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let cookies = request.headers.iter().filter(|(n, _)| n == "cookie").flat_map(|(_, v)| v.split(';'));
    cookies.filter_map(|c| c.trim().split_once('=')).find(|(n, _)| *n == name).map(|(_, v)| v)
}

fn proof(scheme: Scheme, request: &Request) -> Proof {
    let bearer = || request.header("authorization").map(|v| v.strip_prefix("Bearer ").unwrap_or(v));
    match scheme {
        Scheme::Session => judged(cookie(request, "__Host-session"), "mock-session"),
        Scheme::StrongSession => judged(cookie(request, "__Host-strong-session"), "mock-session"),
        Scheme::OAuth | Scheme::Bearer => judged(bearer(), "mock-token"),
        Scheme::ApiKey => judged(request.header("x-api-key"), "mock-key"),
        Scheme::Signature => judged(request.header("provider-signature"), "bW9jaw=="),
        // Certificates belong to the connection, and loopback has none to show.
        Scheme::MutualTls => Proof::Right,
    }
}

/// Refuses callers without a proof that the call takes.
pub(crate) fn check(call: &Call, request: &Request) -> Result<(), Reply> {
    let found: Vec<Proof> = call.access.schemes.iter().map(|s| proof(*s, request)).collect();
    let has = |proof: Proof| found.contains(&proof);
    match () {
        () if has(Proof::Right) || call.access.schemes.is_empty() => Ok(()),
        () if has(Proof::Forbidden) => {
            Err(refuse(403, "The credentials lack a permission that the operation needs."))
        }
        () if call.access.anonymous && !has(Proof::Wrong) => Ok(()),
        () => {
            let mut reply =
                refuse(401, "The credentials are missing or wrong; the mock prints those it takes.");
            reply.headers.push(("WWW-Authenticate", "Bearer".to_owned()));
            Err(reply)
        }
    }
}
