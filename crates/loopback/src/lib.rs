//! The way in for whatever answers HTTP on this machine: a socket on loopback, bounded in connections and time, that
//! another thread or an interrupt ends. What answers is the caller's.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::StatusCode;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};

/// How long work that goes on may take to end after the server did.
const LAST: Duration = Duration::from_millis(200);

/// Bounds of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Most bytes of a body.
    pub body: usize,
    /// Most connections at a time; others wait.
    pub connections: usize,
    /// Longest time for the headers of a request, and for its body.
    pub time: Duration,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The address is not on this machine alone.
    #[error(
        "{0} is not a loopback address: use 127.0.0.1 or [::1], and a reverse proxy with TLS in front of it"
    )]
    NotLoopback(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on {0}: {1}; port 0 takes any that is free")]
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
    /// Takes an address on loopback, where port 0 is any that is free; `app` makes what answers there.
    ///
    /// # Errors
    /// When the address is not on loopback or is taken, or the system refuses.
    pub fn open(
        address: SocketAddr,
        bounds: Bounds,
        app: impl FnOnce() -> Router,
    ) -> Result<Self, DoorError> {
        if !address.ip().is_loopback() {
            return Err(DoorError::NotLoopback(address));
        }
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(DoorError::Start)?;
        let listener =
            runtime.block_on(TcpListener::bind(address)).map_err(|e| DoorError::Listen(address, e))?;
        let address = listener.local_addr().map_err(DoorError::Start)?;
        let app = {
            let _inside = runtime.enter();
            app()
        };
        let (sender, receiver) = oneshot::channel();
        Ok(Self { runtime, listener, address, app, bounds, stop: (Some(sender), receiver) })
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
        let Self { runtime, listener, app, bounds, stop: (sender, stopped), .. } = self;
        runtime.block_on(async move {
            // While nobody took the stopper, only an interrupt ends it.
            let _kept = sender;
            tokio::select! {
                () = accept(listener, app, bounds) => {}
                _ = tokio::signal::ctrl_c() => {}
                _ = stopped => {}
            }
        });
        runtime.shutdown_timeout(LAST);
    }
}

async fn accept(listener: TcpListener, app: Router, bounds: Bounds) {
    let free = Arc::new(Semaphore::new(bounds.connections));
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
}

/// Reads a body whole.
///
/// # Errors
/// The status and the sentence to refuse with, when it is late or too large.
pub async fn whole(body: Body, bounds: Bounds) -> Result<Bytes, (StatusCode, &'static str)> {
    match tokio::time::timeout(bounds.time, to_bytes(body, bounds.body)).await {
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time.")),
        Ok(Err(_)) => Err((StatusCode::PAYLOAD_TOO_LARGE, "The body is too large, or the connection broke.")),
        Ok(Ok(bytes)) => Ok(bytes),
    }
}
