//! The server on loopback HTTP: one path, a bearer token, no browser pages, bounded in connections, size and time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use loadcase_loopback::{Bounds, Door, DoorError, whole};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};

use super::handler::Server;

/// The path that answers.
const PATH: &str = "/mcp";
/// The usual bounds.
const BOUNDS: Bounds = Bounds { body: 4 * 1024 * 1024, connections: 64, time: Duration::from_secs(10) };
/// Shortest token.
const SHORTEST_TOKEN: usize = 16;

/// How the server is reached.
#[derive(Clone)]
pub struct HttpSettings {
    /// Address on loopback; port 0 takes any that is free.
    pub address: SocketAddr,
    /// What callers must present.
    pub token: String,
    /// Origins of browser pages that may call; none unless named.
    pub origins: Vec<String>,
    /// Longest time for the headers and body of a request.
    pub patience: Option<Duration>,
}

impl std::fmt::Debug for HttpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpSettings").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The token is too short.
    #[error("the token is shorter than {SHORTEST_TOKEN} characters")]
    ShortToken,
    /// The address cannot be had.
    #[error(transparent)]
    Door(#[from] DoorError),
}

/// What each request is checked against.
#[derive(Clone)]
struct Guard {
    token: blake3::Hash,
    origins: Arc<[String]>,
    bounds: Bounds,
}

/// Takes the address.
///
/// # Errors
/// When it is not on loopback, is taken, or the token is too short.
pub fn open(server: &Server, settings: &HttpSettings) -> Result<Door, HttpError> {
    if settings.token.len() < SHORTEST_TOKEN {
        return Err(HttpError::ShortToken);
    }
    let bounds = Bounds { time: settings.patience.unwrap_or(BOUNDS.time), ..BOUNDS };
    let guard = Guard {
        token: blake3::hash(settings.token.as_bytes()),
        origins: settings.origins.clone().into(),
        bounds,
    };
    Ok(Door::open(settings.address, bounds, || app(server, guard))?)
}

/// Where clients reach it.
#[must_use]
pub fn url(door: &Door) -> String {
    format!("http://{}{PATH}", door.address())
}

/// Every request stands alone: there are no sessions to run out of. The SDK checks Host and Origin as well.
fn app(server: &Server, guard: Guard) -> Router {
    let mut config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_max_request_body_bytes(guard.bounds.body)
        .enforce_origin_validation();
    let local = ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"].map(str::to_owned);
    config = config.with_allowed_origins(local.into_iter().chain(guard.origins.iter().cloned()));
    let server = server.clone();
    let service = StreamableHttpService::new(
        move || Ok(server.clone()),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    Router::new()
        .route_service(PATH, service)
        .fallback(|| async { refusal(StatusCode::NOT_FOUND, "The path that answers is /mcp.") })
        .layer(from_fn_with_state(guard, check))
}

/// Lets a request in that names this machine, comes from no foreign page, carries the token and arrives whole in
/// time.
async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response<Body> {
    if !host_is_local(request.headers()) {
        return refusal(StatusCode::FORBIDDEN, "The Host header does not name this machine.");
    }
    if !origin_is_allowed(request.headers(), &guard.origins) {
        return refusal(
            StatusCode::FORBIDDEN,
            "Pages of this origin may not call: start with --allow-origin.",
        );
    }
    if !token_is_right(request.headers(), &guard.token) {
        let mut response =
            refusal(StatusCode::UNAUTHORIZED, "Send the token of this server as Authorization: Bearer.");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        return response;
    }
    let (parts, body) = request.into_parts();
    let body = match whole(body, guard.bounds).await {
        Err((status, why)) => return refusal(status, why),
        Ok(body) => body,
    };
    next.run(Request::from_parts(parts, Body::from(body))).await
}

fn host_is_local(headers: &HeaderMap) -> bool {
    headers.get(header::HOST).and_then(|h| h.to_str().ok()).is_some_and(is_local_name)
}

/// Whether a host, with a port or without, is a name of this machine for itself.
fn is_local_name(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(v6) => v6.split_once(']').unwrap_or(("", "")),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let port_is_plain = port.is_empty() || port.strip_prefix(':').is_some_and(|p| p.parse::<u16>().is_ok());
    port_is_plain && ["localhost", "127.0.0.1", "::1"].contains(&name)
}

/// Programs send no origin; pages do: those of this machine may call, others must be named.
fn origin_is_allowed(headers: &HeaderMap, allowed: &[String]) -> bool {
    let is_local = |origin: &str| {
        origin.split_once("://").is_some_and(|(scheme, host)| scheme == "http" && is_local_name(host))
    };
    let mut origins = headers.get_all(header::ORIGIN).iter();
    origins
        .all(|o| o.to_str().is_ok_and(|o| is_local(o) || allowed.iter().any(|a| a.eq_ignore_ascii_case(o))))
}

/// Compares hashes: how long it takes tells nothing of the token.
fn token_is_right(headers: &HeaderMap, wanted: &blake3::Hash) -> bool {
    let Some(value) = headers.get(header::AUTHORIZATION).and_then(|h| h.to_str().ok()) else { return false };
    let Some((scheme, token)) = value.split_once(' ') else { return false };
    scheme.eq_ignore_ascii_case("bearer") && blake3::hash(token.trim().as_bytes()) == *wanted
}

fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    let body =
        serde_json::json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32600, "message": message}});
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a header"));
        headers
    }

    #[test]
    fn only_names_of_this_machine_are_taken() {
        for good in ["localhost", "localhost:80", "127.0.0.1:4000", "[::1]:80", "[::1]"] {
            assert!(host_is_local(&headers(header::HOST, good)), "{good}");
        }
        for bad in ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test:80", "10.0.0.1", "", "[::2]"] {
            assert!(!host_is_local(&headers(header::HOST, bad)), "{bad}");
        }
        assert!(!host_is_local(&HeaderMap::new()));
    }

    #[test]
    fn pages_of_other_machines_must_be_named() {
        let allowed = ["https://desk.test".to_owned()];
        assert!(origin_is_allowed(&HeaderMap::new(), &[]));
        for good in ["http://localhost:6274", "http://127.0.0.1:80", "http://[::1]:5000", "https://desk.test"]
        {
            assert!(origin_is_allowed(&headers(header::ORIGIN, good), &allowed), "{good}");
        }
        for bad in
            ["http://localhost.evil.test", "http://localhost@evil.test", "null", "https://evil.test", ""]
        {
            assert!(!origin_is_allowed(&headers(header::ORIGIN, bad), &allowed), "{bad}");
        }
    }

    #[test]
    fn the_token_must_be_whole() {
        let wanted = blake3::hash(b"0123456789abcdef");
        assert!(token_is_right(&headers(header::AUTHORIZATION, "Bearer 0123456789abcdef"), &wanted));
        for bad in ["Bearer 0123456789abcde", "0123456789abcdef", "Basic 0123456789abcdef", "Bearer", ""] {
            assert!(!token_is_right(&headers(header::AUTHORIZATION, bad), &wanted), "{bad}");
        }
    }
}
