//! The way in: a socket on loopback, bounded in connections, size and time.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Request as HttpRequest, Response, StatusCode};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};

use crate::mock::{Mock, Reply, Request, refuse};

/// Bounds of a server.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most bytes of a body.
    pub body: usize,
    /// Most connections at a time; others wait.
    pub connections: usize,
    /// Longest time for a request, its headers and its body.
    pub time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { body: 1_048_576, connections: 128, time: Duration::from_secs(10) }
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be had.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The runtime cannot be made.
    #[error("cannot start: {0}")]
    Start(std::io::Error),
}

/// A server that has its address and answers once it runs.
pub struct Door {
    runtime: tokio::runtime::Runtime,
    listener: TcpListener,
    address: SocketAddr,
    mock: Arc<Mutex<Mock>>,
    bounds: Bounds,
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

impl Door {
    /// Takes an address on loopback; port 0 takes any that is free.
    ///
    /// # Errors
    /// When the port is taken or the system refuses.
    pub fn open(mock: Mock, port: u16, bounds: Bounds) -> Result<Self, ServeError> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeError::Start)?;
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
            .map_err(|source| ServeError::Listen { port, source })?;
        let address = listener.local_addr().map_err(ServeError::Start)?;
        let (sender, receiver) = oneshot::channel();
        let mock = Arc::new(Mutex::new(mock));
        Ok(Self { runtime, listener, address, mock, bounds, stop: (Some(sender), receiver) })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What ends it from another thread; the first time only.
    pub fn stopper(&mut self) -> Option<Stop> {
        self.stop.0.take().map(Stop)
    }

    /// Answers until it is stopped or the process is interrupted.
    pub fn run(self) {
        let Self { runtime, listener, mock, bounds, stop: (sender, stopped), .. } = self;
        runtime.block_on(async move {
            // While nobody took the stopper, only an interrupt ends it.
            let _kept = sender;
            let app = Router::new().fallback(answer).with_state((mock, bounds));
            let free = Arc::new(Semaphore::new(bounds.connections));
            let accepting = async {
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
                        http.timer(TokioTimer::new()).header_read_timeout(bounds.time);
                        // What goes wrong on a connection is the client's to see.
                        let _ = http.serve_connection(TokioIo::new(stream), service).await;
                        drop(permit);
                    });
                }
            };
            tokio::select! {
                () = accepting => {}
                _ = tokio::signal::ctrl_c() => {}
                _ = stopped => {}
            }
        });
    }
}

async fn answer(
    State((mock, bounds)): State<(Arc<Mutex<Mock>>, Bounds)>,
    request: HttpRequest<Body>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let reply = match tokio::time::timeout(bounds.time, to_bytes(body, bounds.body)).await {
        Err(_) => refuse(408, "The body did not arrive in time."),
        Ok(Err(_)) => refuse(413, "The body is too large, or the connection broke."),
        Ok(Ok(body)) => {
            let headers = parts
                .headers
                .iter()
                .map(|(name, value)| {
                    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                })
                .collect();
            let request = Request {
                method: parts.method.as_str().to_owned(),
                path: parts.uri.path().to_owned(),
                query: parts.uri.query().unwrap_or_default().to_owned(),
                headers,
                body: body.to_vec(),
            };
            // A panic while answering would poison the lock; the data is still whole between requests.
            mock.lock().unwrap_or_else(PoisonError::into_inner).answer(&request)
        }
    };
    response(reply)
}

fn response(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
