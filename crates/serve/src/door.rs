//! The way in: the contract behind a socket on loopback.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Request as HttpRequest, Response, StatusCode};
use loadcase_loopback::{Bounds, Door, DoorError, whole};

use crate::mock::{Mock, Reply, Request, refuse};

/// The usual bounds.
pub const BOUNDS: Bounds = Bounds { body: 1_048_576, connections: 128, time: Duration::from_secs(10) };

/// Takes a port on loopback to answer on; port 0 takes any that is free.
///
/// # Errors
/// When the port is taken or the system refuses.
pub fn open(mock: Mock, port: u16, bounds: Bounds) -> Result<Door, DoorError> {
    let state = (Arc::new(Mutex::new(mock)), bounds);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Door::open(address, bounds, || Router::new().fallback(answer).with_state(state))
}

async fn answer(
    State((mock, bounds)): State<(Arc<Mutex<Mock>>, Bounds)>,
    request: HttpRequest<Body>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let reply = match whole(body, bounds).await {
        Err((status, why)) => refuse(status.as_u16(), why),
        Ok(body) => {
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
