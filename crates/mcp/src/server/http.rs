//! The server on loopback HTTP: one path, a bearer token, no browser pages, bounded in connections, size and time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};

use super::handler::Server;

/// The path that answers.
const PATH: &str = "/mcp";
/// Most bytes of a body.
const LARGEST: usize = 4 * 1024 * 1024;
/// Most connections at a time; others wait.
const CONNECTIONS: usize = 64;
/// Longest time for the headers and body of a request.
const PATIENCE: Duration = Duration::from_secs(10);
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
pub enum DoorError {
    /// The address is not on this machine alone.
    #[error(
        "{0} is not a loopback address: use 127.0.0.1 or [::1], and a reverse proxy with TLS in front of it"
    )]
    NotLoopback(SocketAddr),
    /// The token is too short.
    #[error("the token is shorter than {SHORTEST_TOKEN} characters")]
    ShortToken,
    /// The address cannot be had.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The runtime cannot be made.
    #[error("cannot start: {0}")]
    Start(std::io::Error),
}

/// A server that has its address and answers once it runs.
pub struct Door {
    runtime: tokio::runtime::Runtime,
    listener: TcpListener,
    address: SocketAddr,
    app: Router,
    patience: Duration,
    stop: (Option<oneshot::Sender<()>>, oneshot::Receiver<()>),
}

/// Ends a server from another thread.
pub struct Stop(oneshot::Sender<()>);

impl Stop {
    /// Ends it.
    pub fn now(self) {
        // A server that ended already needs nothing.
        let _ = self.0.send(());
    }
}

/// What each request is checked against.
#[derive(Clone)]
struct Guard {
    token: blake3::Hash,
    origins: Arc<[String]>,
    patience: Duration,
}

impl Door {
    /// Takes the address.
    ///
    /// # Errors
    /// When it is not on loopback, is taken, or the token is too short.
    pub fn open(server: &Server, settings: &HttpSettings) -> Result<Self, DoorError> {
        if !settings.address.ip().is_loopback() {
            return Err(DoorError::NotLoopback(settings.address));
        }
        if settings.token.len() < SHORTEST_TOKEN {
            return Err(DoorError::ShortToken);
        }
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(DoorError::Start)?;
        let listener = runtime
            .block_on(TcpListener::bind(settings.address))
            .map_err(|e| DoorError::Listen(settings.address, e))?;
        let address = listener.local_addr().map_err(DoorError::Start)?;
        let (sender, receiver) = oneshot::channel();
        let patience = settings.patience.unwrap_or(PATIENCE);
        let guard = Guard {
            token: blake3::hash(settings.token.as_bytes()),
            origins: settings.origins.clone().into(),
            patience,
        };
        let app = runtime.block_on(async { app(server, guard) });
        Ok(Self { runtime, listener, address, app, patience, stop: (Some(sender), receiver) })
    }

    /// Where clients reach it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// What ends it from another thread; the first time only.
    pub fn stopper(&mut self) -> Option<Stop> {
        self.stop.0.take().map(Stop)
    }

    /// Answers until it is stopped or the process is interrupted.
    pub fn run(self) {
        let Self { runtime, listener, app, patience, stop: (sender, stopped), .. } = self;
        runtime.block_on(async move {
            // While nobody took the stopper, only an interrupt ends it.
            let _kept = sender;
            tokio::select! {
                () = accept(listener, app, patience) => {}
                _ = tokio::signal::ctrl_c() => {}
                _ = stopped => {}
            }
        });
        runtime.shutdown_timeout(Duration::from_millis(200));
    }
}

async fn accept(listener: TcpListener, app: Router, patience: Duration) {
    let free = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&free).acquire_owned().await else { return };
        // A connection that fails to open concerns only its client; a pause keeps errors from spinning.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let service = TowerToHyperService::new(app.clone());
        tokio::spawn(async move {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(patience);
            // What goes wrong on a connection is the client's to see.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
            drop(permit);
        });
    }
}

/// Every request stands alone: there are no sessions to run out of. The SDK checks Host and Origin as well.
fn app(server: &Server, guard: Guard) -> Router {
    let mut config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_max_request_body_bytes(LARGEST)
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
    let body: Bytes = match tokio::time::timeout(guard.patience, to_bytes(body, LARGEST)).await {
        Err(_) => return refusal(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time."),
        Ok(Err(_)) => {
            return refusal(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large, or the connection broke.");
        }
        Ok(Ok(body)) => body,
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
